#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A client on the balancer finds a smaller MTU to the server.
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

load_sluice
setup_balancer 1
python_cases <<'EOP'
from sluicetest import *

ROUTED = {4: '10.9.9.9', 6: 'fd09::9'}
EMSGSIZE = 90
HEADERS = {4: 28, 6: 48}

route_mtu(B, 'br0', 1300, '10.0.2.0/24', 'fd00:2::/64')
for v in VERSIONS:
    run(B, 'ip', 'route', 'add', ROUTED[v], 'dev', 'c0')
    for vip, where in ((VIP[v], 'VIP local'), (ROUTED[v], 'VIP routed')):
        service('tcp', vip, 80, [(server(v, 0), 80)])
        service('udp', vip, 53, [(server(v, 0), 53)])
        servers = Servers(v, 'tcp', 80)
        client, accepted, _ = pair(servers, vip, 80, name=B)
        check(f'IPv{v}, {where}: much data by TCP', bulk(client, accepted) and
              bulk(accepted, client))
        for x in (client, accepted, servers):
            x.close()

        servers = Servers(v, 'udp', 53)
        client = make_socket(B, v, 'udp')
        client.setsockopt(*MTU_DISCOVER[v], DONT_FRAGMENT)
        client.connect((vip, 53))
        largest = 1300 - HEADERS[v]
        # By what TCP has learned, or by this.
        number = 0
        for _ in range(2):
            try:
                client.send(b'x' * (largest + 1))
            except OSError as error:
                number = error.errno
        check_eq(f'IPv{v}, {where}: too large a datagram is refused as that', EMSGSIZE, number)
        check(f'IPv{v}, {where}: and does not arrive', servers.quiet())
        client.send(b'x' * largest)
        check_eq(f'IPv{v}, {where}: what fits arrives', largest, len(servers.receive()[1]))
        client.close()
        servers.close()
EOP

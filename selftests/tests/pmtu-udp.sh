#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A large UDP datagram that must not be fragmented gets the right ICMP error, either way.
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

. "${0%/*}/lib/topology.sh"

load_sluice
setup_balancer 1
add_router
python_cases <<'EOP'
from sluicetest import *

usual('udp', 53)
route_mtu(B, 'br0', 1300, '10.0.2.0/24', 'fd00:2::/64')
route_mtu(ROUTER, 'c0', 1400, '10.0.3.0/24', 'fd00:3::/64')
# errno and what the error is: frag-needed, packet too big
EMSGSIZE = 90
KIND = {4: (3, 4), 6: (2, 0)}
HEADERS = {4: 28, 6: 48}

for v in VERSIONS:
    servers = Servers(v, 'udp', 53)
    at_server = servers.sockets[0]
    client = make_socket(C, v, 'udp')
    for s in (client, at_server):
        s.setsockopt(*MTU_DISCOVER[v], DONT_FRAGMENT)
        s.setsockopt(*RECVERR[v], 1)
    largest = 1300 - HEADERS[v]
    client.connect((VIP[v], 53))
    check(f'IPv{v}: what fits the MTU to the server arrives',
          client.send(b'x' * largest) and len(servers.receive()[1]) == largest)
    client.send(b'x' * (largest + 1))
    check_eq(f'IPv{v}: one byte more: the client is told the MTU', [(EMSGSIZE, *KIND[v], 1300)],
             until(10, lambda: errors(client)))
    check(f'IPv{v}: and the datagram does not arrive', servers.quiet())

    client.send(b'hello')
    _, _, peer = servers.receive()
    largest = 1400 - HEADERS[v]
    at_server.sendto(b'x' * largest, peer)
    check_eq(f'IPv{v}: what fits the MTU to the client arrives', largest, len(client.recv(65536)))
    at_server.sendto(b'x' * (largest + 1), peer)
    check_eq(f'IPv{v}: one byte more: the server is told the MTU', [(EMSGSIZE, *KIND[v], 1400)],
             until(10, lambda: errors(at_server)))
    client.settimeout(0.2)
    try:
        check(f'IPv{v}: and the datagram does not arrive', False, client.recv(65536))
    except TimeoutError:
        check(f'IPv{v}: and the datagram does not arrive', True)
    client.close()
    servers.close()
EOP

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A client on the balancer itself reaches its services, and a server there serves them.
# Targets: qemu-6.12 uml-debug qemu-7
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

load_sluice
setup_balancer 1
python_cases <<'EOP'
from sluicetest import *

ROUTED = {4: '10.9.9.9', 6: 'fd09::9'}


def try_all(case, v, vip, servers_in, address, name, source=None):
    """TCP and UDP from a client in namespace NAME to a VIP whose server listens at ADDRESS."""
    service('tcp', vip, 80, [(address, 8080)])
    service('udp', vip, 53, [(address, 5353)])
    servers = Servers(v, 'tcp', 8080, [servers_in])
    try:
        client, accepted, _ = pair(servers, vip, 80, name=name)
        check(f'{case}: TCP works', works(client, accepted))
        check(f'{case}: with much data', bulk(client, accepted) and bulk(accepted, client))
        check_eq(f'{case}: the server sees the client\'s own address', client.getsockname()[:2],
                 accepted.getpeername()[:2])
        if source:
            check_eq(f'{case}: as it is expected', source, accepted.getpeername()[0])
        p = client.getsockname()[1]
        client.close()
        accepted.close()
        check_eq(f'{case}: and ends in order', 'time-wait', wait_state(p, 'time-wait'))
    except OSError as error:
        check(f'{case}: TCP works', False, error)
    servers.close()
    check_eq(f'{case}: TCP to a closed port is refused', True,
             refused(connect, v, vip, 80, name=name))

    servers = Servers(v, 'udp', 5353, [servers_in], address)
    client = make_socket(name, v, 'udp')
    # Connected: it takes answers from the VIP alone.
    client.connect((vip, 53))
    client.send(b'hello')
    try:
        _, data, peer = servers.receive()
        servers.sockets[0].sendto(b're:' + data, peer)
        check_eq(f'{case}: UDP works', b're:hello', client.recv(100))
    except OSError as error:
        check(f'{case}: UDP works', False, error)
    servers.close()
    client.send(b'hello')
    check_eq(f'{case}: UDP to a closed port is refused', True, refused(client.recv, 10))
    client.close()
    adm('-C')


for v in VERSIONS:
    run(B, 'ip', 'route', 'add', ROUTED[v], 'dev', 'c0')
    for vip, where in ((VIP[v], 'VIP local'), (ROUTED[v], 'VIP routed')):
        case = f'IPv{v}, {where}'
        try_all(f'{case}, client here', v, vip, S[0], server(v, 0), B)
        try_all(f'{case}, server here', v, vip, B, INSIDE[v], C, CLIENT[v])
        try_all(f'{case}, both here', v, vip, B, INSIDE[v], B)
EOP

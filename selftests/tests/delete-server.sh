#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A deleted server keeps its TCP connections, loses its UDP flows and is gone from the list.
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

load_sluice
setup_balancer 2
python_cases <<'EOP'
from sluicetest import *


def servers_of(protocol, v, port):
    return [s['address'] for s in listing('-L', '-n', option(protocol), endpoint(VIP[v], port))[0]['servers']]


for v in VERSIONS:
    for protocol, port in (('tcp', 80), ('udp', 53)):
        service(protocol, VIP[v], port, [(server(v, i), port) for i in range(2)])
    to, uto = ('-t', endpoint(VIP[v], 80)), ('-u', endpoint(VIP[v], 53))
    tcp, udp = Servers(v, 'tcp', 80), Servers(v, 'udp', 53)
    held = [pair(tcp, VIP[v], 80) for _ in range(2)]
    client, accepted, gone = held[0]
    other = held[1]
    p = client.getsockname()[1]

    adm('-d', *to, '-r', endpoint(server(v, gone), 80))
    check_eq(f'IPv{v}: the deleted server is not listed', [server(v, 1 - gone)],
             servers_of('tcp', v, 80))
    check(f'IPv{v}: its connection goes on', works(client, accepted))
    check(f'IPv{v}: with much data', bulk(accepted, client))
    c = [c for c in connections() if c['client-port'] == p]
    check_eq(f'IPv{v}: and is listed, without a pool', [('established', server(v, gone), False)],
             [(x['state'], x['server-address'], 'pool' in x) for x in c])
    check_eq(f'IPv{v}: new connections go to the other server', [1 - gone] * 3,
             chosen(tcp, 3))
    # A server of the same address is another one, and the old connection is not its.
    adm('-a', *to, '-r', endpoint(server(v, gone), 80))
    again = [s for s in listing('-L', '-n', *to)[0]['servers'] if s['address'] == server(v, gone)][0]
    check_eq(f'IPv{v}: added again it begins at zero', (0, 0, 0, 0),
             (again['active'], again['inactive'], again['stats']['connections'],
              again['stats']['in-packets']))
    check(f'IPv{v}: the old connection goes on beside it', works(client, accepted))
    check(f'IPv{v}: the other server was never touched', works(*other[:2]))
    client.close()
    accepted.close()
    check_eq(f'IPv{v}: the old connection ends in order', 'time-wait', wait_state(p, 'time-wait'))

    # UDP: with its next packet the flow moves.
    client = make_socket(C, v, 'udp')
    p = client.getsockname()[1]
    where = [ask(udp, client, (VIP[v], 53))[0] for _ in range(3)]
    check_eq(f'IPv{v}: a UDP flow stays with its server', [where[0]] * 3, where)
    adm('-d', *uto, '-r', endpoint(server(v, where[0]), 53))
    check_eq(f'IPv{v}: and moves to another one when that is deleted',
             [(1 - where[0], (VIP[v], 53))] * 2,
             [ask(udp, client, (VIP[v], 53)) for _ in range(2)])
    check_eq(f'IPv{v}: one entry, of the new server', [server(v, 1 - where[0])],
             [c['server-address'] for c in connections() if c['client-port'] == p])
    client.close()
    adm('-D', *to)
    adm('-D', *uto)
    tcp.close()
    udp.close()
    for x in other[:2]:
        x.close()
EOP

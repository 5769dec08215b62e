#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Namespaces with the same addresses and services do not know of each other.
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

load_sluice
setup_balancer 1
export OTHER_C=$C OTHER_B=$B OTHER_S=$S1
setup_balancer 1
python_cases <<'EOP'
from sluicetest import *

OTHER = tuple(os.environ[f'OTHER_{role}'] for role in 'CBS')
MINE = (C, B, S[0])
for v in VERSIONS:
    for _, balancer, _ in (MINE, OTHER):
        service('tcp', VIP[v], 80, [(server(v, 0), 80)], at=balancer)
        service('udp', VIP[v], 53, [(server(v, 0), 53)], at=balancer)
    servers = {side: Servers(v, 'tcp', 80, [side[2]]) for side in (MINE, OTHER)}
    udp = {side: Servers(v, 'udp', 53, [side[2]]) for side in (MINE, OTHER)}
    # The same four numbers in both.
    held = {side: pair(servers[side], VIP[v], 80, name=side[0], source_port=4444)
            for side in (MINE, OTHER)}
    flows = {side: make_socket(side[0], v, 'udp', port=4444) for side in (MINE, OTHER)}
    for side, case in ((MINE, 'one'), (OTHER, 'the other')):
        check(f'IPv{v}: TCP in {case}', works(*held[side][:2]))
        check(f'IPv{v}: UDP in {case}', ask(udp[side], flows[side], (VIP[v], 53)))
        check_eq(f'IPv{v}: {case} lists its own', [('tcp', 4444), ('udp', 4444)],
                 sorted((c['protocol'], c['client-port']) for c in connections(at=side[1])
                        if c['virtual-address'] == VIP[v]))
        check_eq(f'IPv{v}: {case} counts its own', 1,
                 listing('-L', '-n', '-t', endpoint(VIP[v], 80), at=side[1])[0]['stats']['connections'])
    settings('connections-max=7', 'udp=5s')
    check_eq(f'IPv{v}: settings are of one', (1048576, 300000), (lambda s: (
        s['connections-max'], s['timeouts']['udp']))(json.loads(
            adm('settings', 'show', '--json', at=OTHER[1]))))
    adm('-C')
    check_eq(f'IPv{v}: services are of one', [0, 2 if v == 4 else 4],
             [info(at=B)['services'], info(at=OTHER[1])['services']])
    flows[MINE].connect((VIP[v], 53))
    flows[MINE].send(b'hello')
    check_eq(f'IPv{v}: without them the one refuses', True, refused(flows[MINE].recv, 10))
    check(f'IPv{v}: and the other goes on', works(*held[OTHER][:2]) and
          ask(udp[OTHER], flows[OTHER], (VIP[v], 53)))
    for x in (*held[MINE][:2], *held[OTHER][:2], *servers.values(), *udp.values(), *flows.values()):
        x.close()
EOP

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Weight 0, draining, down: no new connection, the old ones kept, UDP leaves what is down.
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

load_sluice
setup_balancer 2
python_cases <<'EOP'
from sluicetest import *

WAYS = {'weight 0': ('-w', '0'), 'draining': ('--state', 'draining'), 'down': ('--state', 'down')}
BACK = {'weight 0': ('-w', '1'), 'draining': ('--state', 'up'), 'down': ('--state', 'up')}

usual('tcp', 80)
usual('udp', 53)
for v in VERSIONS:
    tcp, udp = Servers(v, 'tcp', 80), Servers(v, 'udp', 53)

    def edit(index, words):
        for protocol, port in (('-t', 80), ('-u', 53)):
            adm('-e', protocol, endpoint(VIP[v], port), '-r', endpoint(server(v, index), port), *words)

    for way, words in WAYS.items():
        client, accepted, where = pair(tcp, VIP[v], 80)
        flow = make_socket(C, v, 'udp')
        while ask(udp, flow, (VIP[v], 53))[0] != where:
            flow.close()
            flow = make_socket(C, v, 'udp')
        edit(where, words)
        check_eq(f'IPv{v} {way}: no new connection', [1 - where] * 3, chosen(tcp, 3))
        check(f'IPv{v} {way}: the established one goes on', works(client, accepted))
        check_eq(f'IPv{v} {way}: the UDP flow ' + ('moves' if way == 'down' else 'stays'),
                 1 - where if way == 'down' else where, ask(udp, flow, (VIP[v], 53))[0])
        edit(where, BACK[way])
        check_eq(f'IPv{v} {way}: set back it gets connections again', [0, 1], sorted(chosen(tcp, 2)))
        for x in (client, accepted, flow):
            x.close()
    tcp.close()
    udp.close()
EOP

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A policy rule before the local table that refuses a client holds for it, also where nobody watches.
# Targets: uml uml-debug
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

load_sluice
setup_balancer 1
addr "$C" eth0 10.0.1.3/24
# IPv6 would choose it for the other client, too.
ip -n "$C" addr add fd00:1::3/64 dev eth0 preferred_lft 0 nodad
python_cases <<'EOP'
from fastpath import *

REFUSED = {4: '10.0.1.3', 6: 'fd00:1::3'}

usual('udp', 80)
slow = SlowPath()
for v in VERSIONS:
    # As VRFs want it: the local table is not asked first any more.
    ip(f'-{v}', 'rule', 'add', 'pref', '1000', 'lookup', 'local')
    ip(f'-{v}', 'rule', 'del', 'pref', '0')
for mode in MODES:
    watch(mode)
    for v in VERSIONS:
        case = f'{mode}, IPv{v}'
        flow = Flow(v, 'udp')
        check_warm(case, flow, slow)
        old, new = (make_socket(C, v, 'udp', REFUSED[v]) for _ in range(2))
        old.sendto(b'before', (VIP[v], 80))
        check_eq(f'{case}: a client is served', b'before', flow.servers.receive()[1])
        ip(f'-{v}', 'rule', 'add', 'pref', '100', 'from', REFUSED[v], 'prohibit')
        for s in (old, new):
            s.sendto(b'refused', (VIP[v], 80))
        # Another client's come behind them.
        for _ in range(3):
            flow.client.send(b'other')
        check_eq(f'{case}: and with a rule against it is not', [b'other'] * 3,
                 [flow.servers.receive()[1] for _ in range(3)])
        ip(f'-{v}', 'rule', 'del', 'pref', '100')
        for s in (old, new):
            s.sendto(b'after', (VIP[v], 80))
            check_eq(f'{case}: until the rule is gone', b'after', flow.servers.receive()[1])
            s.close()
        flow.close()
EOP

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The fast path comes after every ingress chain of a device: one of any priority sees and stops what would take it.
# Targets: uml uml-debug
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

load_sluice
setup_balancer 1
python_cases <<'EOP'
from fastpath import *

PORT = 80
COUNT = 5


def chain(priority, what):
    nft(f'''table netdev early
delete table netdev early
table netdev early {{
    counter seen {{}}
    chain c {{
        type filter hook ingress device c0 priority {priority}
        udp dport {PORT} counter name seen {what}
    }}
}}''')


def seen():
    found = json.loads(run(B, 'nft', '-j', 'list', 'counters', 'table', 'netdev', 'early'))
    return next(x['counter']['packets'] for x in found['nftables'] if 'counter' in x)


usual('udp', PORT)
slow = SlowPath()
for mode in MODES:
    watch(mode)
    for v in VERSIONS:
        flow = Flow(v, 'udp')
        for priority in (0, 301, 2 ** 31 - 1):
            case = f'{mode}, IPv{v}, priority {priority}'
            check_warm(case, flow, slow)
            chain(priority, '')
            check(f'{case}: messages go both ways', all([flow.talk() for _ in range(COUNT)]))
            check_eq(f'{case}: a counter counts each', COUNT, seen())
            # Of a flow that is new, too, which begins at ingress where nobody watches.
            new = make_socket(C, v, 'udp')
            chain(priority, 'drop')
            new.sendto(b'new', (VIP[v], PORT))
            flow.client.send(b'old')
            check_eq(f'{case}: what is to be dropped comes there', 2, until(
                20, lambda: (n := seen()) == 2 and n) or seen())
            nft('delete table netdev early')
            flow.client.send(b'last')
            check_eq(f'{case}: and no further', b'last', flow.servers.receive()[1])
            new.close()
        flow.close()
EOP

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Fragments of a fast flow take the slow path both ways, and what they were cut from arrives.
# Targets: qemu-6.12 uml-debug qemu-7
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

load_sluice
setup_balancer 1
python_cases <<'EOP'
from fastpath import *

usual('udp', 80)
slow = SlowPath()
for case, v, _ in each(('udp',)):
    flow = Flow(v, 'udp')
    check_warm(case, flow, slow)
    for s in (flow.client, flow.end()):
        s.setsockopt(*MTU_DISCOVER[v], MAY_FRAGMENT)
    for size in (1473, 5000, 30000):
        slow.take()
        data, answer = os.urandom(size), os.urandom(size)
        flow.client.send(data)
        _, got, peer = flow.servers.receive()
        flow.end().sendto(answer, peer)
        back = flow.client.recv(65536)
        check(f'{case}: {size} bytes arrive both ways', got == data and back == answer)
        cut = [p for p in slow.take() if p.fragment]
        check_eq(f'{case}: as fragments of {size} bytes, none of them fast',
                 2 * -(-(size + 8) // (1480 if v == 4 else 1448)), len(cut))
    check_eq(f'{case}: small ones are still fast', FAST, flow.ways(slow))
    flow.close()
EOP

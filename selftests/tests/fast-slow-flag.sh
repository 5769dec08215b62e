#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# With slow-path on, the firewall sees all packets of a service from the next one on; other services' not.
# Targets: qemu-6.12 uml-debug qemu-7
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

load_sluice
setup_balancer 1
python_cases <<'EOP'
from fastpath import *

usual('tcp', 80)
usual('udp', 80)
usual('udp', 81)
slow = SlowPath()
for case, v, protocol in each():
    to = (option(protocol), endpoint(VIP[v], 80))
    flow, other = Flow(v, protocol), Flow(v, 'udp', 81)
    check_warm(case, flow, slow)
    check_warm(f'{case}, other service', other, slow)

    adm('-E', *to, '--slow-path', 'on')
    slow.take()
    if case.startswith('watched'):
        watched(v)
    check_eq(f'{case}: switched on', SLOW, flow.ways(slow, 10))
    if case.startswith('watched'):
        there, back = watched(v)
        check(f'{case}: the firewall sees all packets', there >= 10 and back >= 10, (there, back))
    other.talk()
    check_eq(f'{case}: the other service is as before', FAST, other.ways(slow))
    # Whoever watches gets packets as they came, also where they are changed on their way.
    capture = Capture(B, 'c0')
    flow.talk()
    seen = {p.ttl for p in capture.packets() if flow.owns(p) and p.destination == VIP[v]}
    capture.close()
    check_eq(f'{case}: who watches sees them as they came', {64}, seen)
    # From the first packet on, too.
    new = Flow(v, protocol, servers=flow.servers)
    check_eq(f'{case}: a new connection', SLOW, new.ways(slow))
    shown = [s.get('slow-path') for s in listing('-L', '-n', *to)]
    check_eq(f'{case}: it is listed', [True], shown)

    adm('-E', *to, '--slow-path', 'off')
    check_warm(f'{case}: switched off', flow, slow)
    check_warm(f'{case}: switched off, the new one', new, slow)
    for x in (new, flow, other):
        x.close()
EOP

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Fast replies follow rules for the service's address, from the packet after the rule was made.
# Targets: qemu-6.12 uml-debug qemu-7
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

load_sluice
setup_balancer 1
link "$C" eth1 "$B" c1
addr "$C" eth1 10.0.5.2/24 fd00:5::2/64
addr "$B" c1 10.0.5.1/24 fd00:5::1/64
python_cases <<'EOP'
from fastpath import *

GATEWAY = {4: '10.0.5.2', 6: 'fd00:5::2'}
slow = SlowPath()
captures = {device: Capture(C, device) for device in ('eth0', 'eth1')}


def used(v):
    """The client's devices that replies came to since the last call."""
    found = [device for device, c in captures.items()
             if any(p.ports and p.version == v for p in c.packets())]
    for c in captures.values():
        c.clear()
    return found


def rule(v, what):
    ip(f'-{v}', 'rule', what, 'from', VIP[v], 'lookup', '100')


usual('tcp', 80)
usual('udp', 80)
for v in VERSIONS:
    ip(f'-{v}', 'route', 'add', 'default', 'via', GATEWAY[v], 'dev', 'c1', 'table', '100')
for mode in MODES:
    watch(mode)
    for v in VERSIONS:
        for protocol in ('tcp', 'udp'):
            case = f'{mode}, IPv{v}, {protocol.upper()}'
            flow = Flow(v, protocol)
            check_warm(case, flow, slow)
            used(v)
            check(f'{case}: talks', flow.talk())
            check_eq(f'{case}: without a rule', ['eth0'], used(v))
            rule(v, 'add')
            check(f'{case}: talks with a rule', flow.talk())
            check_eq(f'{case}: the next reply follows it', ['eth1'], used(v))
            check_warm(f'{case}: with a rule', flow, slow)
            check_eq(f'{case}: and the fast ones', ['eth1'], used(v))
            new = Flow(v, protocol, servers=flow.servers)
            check_warm(f'{case}: a new connection', new, slow)
            check_eq(f'{case}: all its replies do', ['eth1'], used(v))
            rule(v, 'del')
            check(f'{case}: talks without it', flow.talk())
            check_eq(f'{case}: the next reply goes as before', ['eth0'], used(v))
            check_warm(f'{case}: without a rule again', flow, slow)
            new.close()
            flow.close()
EOP

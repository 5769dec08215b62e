#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Packets with IPv4 options and IPv6 extension headers take the slow path, and arrive.
# Targets: qemu-6.12 uml-debug qemu-7
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

load_sluice
setup_balancer 1
python_cases <<'EOP'
from fastpath import *

# (name, level, option, value, the same for none)
PAD = bytes([0, 0, 1, 4, 0, 0, 0, 0])
KINDS = {4: [('no operation', 0, 4, b'\1\1\1\1', b''),
             ('record route', 0, 4, bytes([7, 11, 4]) + bytes(8) + b'\0', b'')],
         6: [('destination options', 41, 59, PAD, b''), ('hop-by-hop options', 41, 54, PAD, b'')]}

usual('tcp', 80)
usual('udp', 80)
slow = SlowPath()
for case, v, protocol in each():
    flow = Flow(v, protocol)
    check_warm(case, flow, slow)
    at_server, at_client = Capture(S[0], 'eth0'), Capture(C, 'eth0')
    for name, level, number, value, none in KINDS[v]:
        for end in (flow.client, flow.end()):
            end.setsockopt(level, number, value)
        check_eq(f'{case}: {name}', SLOW, flow.ways(slow))
        for who, capture in (('server', at_server), ('client', at_client)):
            got = [p for p in capture.packets() if p.protocol in (0, 60) or p.header_length == 20 +
                   len(value) and p.header_is_right()]
            check(f'{case}: {name} are still there at the {who}', len(got) >= 5,
                  '\n'.join(map(str, capture.packets())))
            capture.clear()
        for end in (flow.client, flow.end()):
            end.setsockopt(level, number, none)
        check_warm(f'{case}: without {name} again', flow, slow)
        for capture in (at_server, at_client):
            capture.clear()
    for x in (flow, at_server, at_client):
        x.close()
EOP

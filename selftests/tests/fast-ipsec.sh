#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# With an IPsec policy between balancer and server, packets are encrypted from the next one on.
# Targets: qemu-6.12 uml-debug qemu-7
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

load_sluice
need_module xfrm_user esp4 esp6
setup_balancer 1
python_cases <<'EOP'
from fastpath import *

ESP = 50
KEY = ('enc', 'cbc(aes)', '0x' + '11' * 16, 'auth', 'hmac(sha256)', '0x' + '22' * 32)
LENGTH = {4: '/32', 6: '/128'}

usual('tcp', 80)
usual('udp', 80)
slow = SlowPath()
at_server = Capture(S[0], 'eth0')


def xfrm(name, *words):
    run(name, 'ip', 'xfrm', *words)


def states(v):
    for name in (B, S[0]):
        for i, (source, destination) in enumerate(((INSIDE[v], server(v, 0)),
                                                   (server(v, 0), INSIDE[v]))):
            xfrm(name, 'state', 'add', 'src', source, 'dst', destination, 'proto', 'esp',
                 'spi', str(0x1000 + v * 16 + i), 'mode', 'tunnel', *KEY)


def policies(v, what):
    """From the balancer to the server and back, whatever goes inside, between client and server."""
    client, end = CLIENT[v] + LENGTH[v], server(v, 0) + LENGTH[v]
    # A reply's source is the service when it is forwarded.
    service_ = VIP[v] + LENGTH[v]
    there = ('src', INSIDE[v], 'dst', server(v, 0), 'proto', 'esp', 'mode', 'tunnel')
    back = ('src', server(v, 0), 'dst', INSIDE[v], 'proto', 'esp', 'mode', 'tunnel')
    for name, direction, ends, template in (
            (S[0], 'in', (client, end), there), (B, 'fwd', (service_, client), back),
            (S[0], 'out', (end, client), back), (B, 'out', (client, end), there)):
        xfrm(name, 'policy', what, 'src', ends[0], 'dst', ends[1], 'dir', direction,
             *(('tmpl', *template) if what == 'add' else ()))


def seen(v):
    """What came to the server since the last call: {protocol: packets}."""
    found = {}
    for p in at_server.packets():
        if p.version == v and p.protocol != 58:
            found[p.protocol] = found.get(p.protocol, 0) + 1
    at_server.clear()
    return found


for v in VERSIONS:
    states(v)
for case, v, protocol in each():
    number = {'tcp': 6, 'udp': 17}[protocol]
    flow = Flow(v, protocol)
    check_warm(case, flow, slow)
    seen(v)
    check(f'{case}: talks', flow.talk())
    check_eq(f'{case}: in clear', {number}, set(seen(v)))
    policies(v, 'add')
    seen(v)
    check_eq(f'{case}: with a policy packets take the slow path', 'slow', flow.ways(slow)[0])
    # The server's own capture shows what was inside as well.
    got = seen(v)
    check(f'{case}: and all are encrypted', got.get(ESP, 0) >= 5 and got.get(number, 0) <= got[ESP], got)
    outside = Capture(B, 's1')
    check(f'{case}: talks on', flow.talk() and flow.talk())
    both = [p.protocol for way in (True, False) for p in outside.packets(way)
            if p.version == v and p.protocol != 58]
    check(f'{case}: both ways, on the link', len(both) >= 4 and set(both) == {ESP}, both)
    outside.close()
    if protocol == 'tcp':
        check(f'{case}: much data', bulk(flow.client, flow.accepted, 300000) and
              bulk(flow.accepted, flow.client, 300000))
    policies(v, 'delete')
    seen(v)
    check(f'{case}: without the policy it talks', flow.talk())
    check_warm(f'{case}: without the policy', flow, slow)
    check_eq(f'{case}: in clear', {number}, set(seen(v)))
    flow.close()
EOP

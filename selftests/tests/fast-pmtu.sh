#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A sender whose packets do not fit the next link is told; what fits then takes the fast path.
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

load_sluice
setup_balancer 1
python_cases <<'EOP'
from fastpath import *

TOO_BIG = {4: (3, 4), 6: (2, 0)}
MTUS = {'client': 1400, 'server': 1300}

usual('tcp', 80)
usual('udp', 80)
slow = SlowPath()
route_mtu(B, 'br0', MTUS['server'], '10.0.2.0/24', 'fd00:2::/64')
route_mtu(B, 'c0', MTUS['client'], '10.0.1.0/24', 'fd00:1::/64')
captures = {'client': Capture(C, 'eth0'), 'server': Capture(S[0], 'eth0')}

for case, v, protocol in each():
    headers = (28 if v == 4 else 48)
    forget_paths(C, S[0])
    flow = Flow(v, protocol)
    check_warm(case, flow, slow)
    if protocol == 'udp':
        ends = {'client': (flow.client, flow.to), 'server': (flow.end(),
                                                             (flow.client_address, flow.client_port))}
        for who, (s, to) in ends.items():
            other = 'server' if who == 'client' else 'client'
            mtu = MTUS[other]
            s.setsockopt(*MTU_DISCOVER[v], DONT_FRAGMENT)
            for c in captures.values():
                c.clear()
            slow.take()
            s.sendto(bytes(mtu - headers), to)
            check(f'{case}: what just fits arrives from the {who}', captures[other].wait(
                lambda p, mtu=mtu: p.ports and p.length == mtu))
            check_eq(f'{case}: by the fast path', [], [str(p) for p in slow.take()])
            s.sendto(bytes(mtu - headers + 1), to)
            told = captures[who].wait(lambda p: p.icmp == TOO_BIG[v])
            check_eq(f'{case}: a byte more, and the {who} is told, about its packet',
                     (True, mtu + 1, (CLIENT[v], VIP[v]) if who == 'client' else (server(v, 0), CLIENT[v])),
                     told and (told.checksum_is_right(), told.inner.length,
                               (told.inner.source, told.inner.destination)))
            check(f'{case}: the MTU', told and struct.unpack(
                '!HH' if v == 4 else '!I', told.payload[4:8])[-1] == mtu)
            check_eq(f'{case}: it took the slow path', 1, len(slow.take()))
            check(f'{case}: and went no further', all(p.length <= mtu
                                                     for p in captures[other].packets() if p.ports))
    else:
        for who, sender, receiver in (('client', flow.client, flow.accepted),
                                      ('server', flow.accepted, flow.client)):
            mtu = MTUS['server' if who == 'client' else 'client']
            check(f'{case}: much data from the {who}', bulk(sender, receiver))
            check_eq(f'{case}: which knows the MTU now', mtu, sender.getsockopt(*MTU[v]))
            slow.take()
            check(f'{case}: more of it', bulk(sender, receiver))
            check_eq(f'{case}: by the fast path', (0, 0), slow.count(flow))
    flow.close()
EOP

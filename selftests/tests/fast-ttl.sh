#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The fast path counts the TTL down, and a packet whose TTL ends here is answered.
# Targets: qemu-6.12 uml-debug qemu-7
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

load_sluice
setup_balancer 1
python_cases <<'EOP'
from fastpath import *

# IP_TTL, IPV6_UNICAST_HOPS
TTL = {4: (0, 2), 6: (41, 16)}
EXCEEDED = {4: (11, 0), 6: (3, 0)}

usual('udp', 80)
slow = SlowPath()
for case, v, _ in each(('udp',)):
    flow = Flow(v, 'udp')
    check_warm(case, flow, slow)
    at_server, at_client = Capture(S[0], 'eth0'), Capture(C, 'eth0')
    for ttl in (200, 64, 2):
        flow.client.setsockopt(*TTL[v], ttl)
        flow.end().setsockopt(*TTL[v], ttl)
        check_eq(f'{case}: TTL {ttl}', FAST, flow.ways(slow, 3))
        for name, capture in (('server', at_server), ('client', at_client)):
            check_eq(f'{case}: TTL {ttl} is one less at the {name}', {ttl - 1},
                     {p.ttl for p in capture.packets() if p.ports})
            check(f'{case}: with right checksums at the {name}',
                  all(p.header_is_right() for p in capture.packets() if p.ports))
            capture.clear()
    for ttl in (1,):
        slow.take()
        flow.client.setsockopt(*TTL[v], ttl)
        flow.client.send(b'too far')
        told = at_client.wait(lambda p: p.icmp == EXCEEDED[v])
        check(f'{case}: the client is told that the TTL ended, about its own packet',
              told and told.inner.destination == VIP[v] and
              told.inner.ports == (flow.client_port, 80) and told.inner.ttl == 1 and
              told.checksum_is_right(), told)
        check_eq(f'{case}: by the slow path', (1, 0), slow.count(flow))
        flow.end().setsockopt(*TTL[v], ttl)
        flow.end().sendto(b'too far', (flow.client_address, flow.client_port))
        told = at_server.wait(lambda p: p.icmp == EXCEEDED[v])
        check(f'{case}: the server is told, about the packet to the client',
              told and told.inner.destination == flow.client_address and
              told.inner.source == server(v, 0) and told.inner.ports == (80, flow.client_port) and
              told.checksum_is_right(), told)
        check_eq(f'{case}: by the slow path', (0, 1), slow.count(flow))
        check_eq(f'{case}: neither has got any further', [], [
            str(p) for c in (at_server, at_client) for p in c.packets() if p.ports])
    flow.client.setsockopt(*TTL[v], 64)
    flow.end().setsockopt(*TTL[v], 64)
    check_eq(f'{case}: other packets stay fast', FAST, flow.ways(slow))
    for x in (flow, at_server, at_client):
        x.close()
EOP

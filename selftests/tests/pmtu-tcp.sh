#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# TCP finds a smaller MTU on either side of the balancer and all data arrives intact.
# Targets: qemu-6.12 uml-debug qemu-7
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

. "${0%/*}/lib/topology.sh"

load_sluice
setup_balancer 1
add_router
python_cases <<'EOP'
from sluicetest import *

usual('tcp', 80)
devices = ((C, 'eth0'), (ROUTER, 'c0'), (ROUTER, 'eth0'), (B, 'c0'), (B, 's1'), (S[0], 'eth0'))
route_mtu(B, 'br0', 1300, '10.0.2.0/24', 'fd00:2::/64')
route_mtu(ROUTER, 'c0', 1400, '10.0.3.0/24', 'fd00:3::/64')

for value in ('on', 'off'):
    offloads(value, *devices)
    for v in VERSIONS:
        case = f'IPv{v}, offloads {value}'
        forget_paths(C, S[0])
        servers = Servers(v, 'tcp', 80)
        seen = {C: Capture(C, 'eth0'), S[0]: Capture(S[0], 'eth0')}
        client, accepted, _ = pair(servers, VIP[v], 80)
        check(f'{case}: much data to the server', bulk(client, accepted))
        check_eq(f'{case}: the client knows the MTU to the server', 1300, client.getsockopt(*MTU[v]))
        check(f'{case}: much data to the client', bulk(accepted, client))
        check_eq(f'{case}: the server knows the MTU to the client', 1400,
                 accepted.getsockopt(*MTU[v]))
        check(f'{case}: and to the server again', bulk(client, accepted))
        told = seen[C].wait(lambda p: p.inner, 0)
        check(f'{case}: the balancer told the client once, about the packet to the VIP',
              told and told.inner.source == FAR_CLIENT[v] and told.inner.destination == VIP[v] and
              told.inner.ports == (client.getsockname()[1], 80) and told.checksum_is_right(), told)
        told = seen[S[0]].wait(lambda p: p.inner, 0)
        check(f'{case}: the router told the server, about the packet that this one sent',
              told and told.inner.source == server(v, 0) and told.inner.destination == FAR_CLIENT[v]
              and told.inner.ports == (80, client.getsockname()[1]) and told.checksum_is_right(), told)
        if value == 'off':
            largest = max(p.length for p in seen[S[0]].packets() if p.ports)
            check_eq(f'{case}: no packet of more than the MTU got to the server', 1300, largest)
        for x in (client, accepted, servers, *seen.values()):
            x.close()
EOP

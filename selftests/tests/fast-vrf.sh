#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Traffic in a VRF with the same addresses as clients and servers goes its own way beside fast connections.
# Targets: qemu-6.12 uml-debug qemu-7
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

load_sluice
need_module vrf
setup_balancer 1
# In the VRF: somebody with the client's addresses, and somebody with the server's.
setup_ns ROUTER S2
ip -n "$B" -batch - <<-EOB || fatal "cannot set up the VRF"
	link add red type vrf table 100
	link set red up
	link add r0 type veth peer name eth0 netns $ROUTER
	link add r1 type veth peer name eth0 netns $S2
	link set r0 master red up
	link set r1 master red up
EOB
addr "$B" r0 10.0.1.1/24 fd00:1::1/64
addr "$B" r1 10.0.2.1/24 fd00:2::1/64
balancer_peer "$ROUTER" 10.0.1.2/24 fd00:1::2/64 10.0.1.1 fd00:1::1
balancer_peer "$S2" 10.0.2.11/24 fd00:2::11/64 10.0.2.1 fd00:2::1
python_cases <<'EOP'
from fastpath import *

for v in VERSIONS:
    ip('route', 'add', VIP[v], 'via', OUTSIDE[v], at=ROUTER)
    for protocol in ('tcp', 'udp'):
        service(protocol, VIP[v], 80, [(server(v, 0), 80)])
slow = SlowPath()
for case, v, protocol in each():
    servers = Servers(v, protocol, 80, S[:1])
    flow = Flow(v, protocol, servers=servers)
    check_warm(case, flow, slow)
    # To the server's own address and port, past the service.
    inside = Servers(v, protocol, 80, S[1:])
    other = Flow(v, protocol, address=server(v, 0), name=ROUTER, servers=inside)
    check_eq(f'{case}: in the VRF', SLOW, other.ways(slow))
    check_eq(f'{case}: beside it', FAST, flow.ways(slow))
    if protocol == 'tcp':
        check(f'{case}: much data in the VRF', bulk(other.client, other.accepted) and
              bulk(other.accepted, other.client))
        check(f'{case}: and beside it', bulk(flow.client, flow.accepted) and
              bulk(flow.accepted, flow.client))
    # The same addresses and ports as those of the fast connection.
    if protocol == 'udp':
        stray = make_socket(ROUTER, v, 'udp', None, flow.client_port)

        def leaves_it():
            slow.take()
            stray.sendto(b'stray', (VIP[v], 80))
            return until(5, lambda: any(p.data.endswith(b'stray') for p in slow.take()))

        # More than one: a device gets its hook after the first packet that could have used it.
        check(f'{case}: packets in the VRF do not take the path of the connection beside it', all(
            [leaves_it() for _ in range(10)]))
        check_eq(f'{case}: which stays fast', FAST, flow.ways(slow))
        stray.close()
    for x in (other, inside, flow, servers):
        x.close()
EOP

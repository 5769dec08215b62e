#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Clients and servers in VLANs of one trunk are balanced by the fast path.
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"
. "${0%/*}/lib/topology.sh"

load_sluice
need_module 8021q
setup_ns C B S1 SWITCH
forwarding "$B"
# The switch: clients untagged in VLAN 10, servers in 20, both tagged for the balancer.
ip -n "$SWITCH" -batch - <<-EOB || fatal "cannot set up the switch"
	link add br10 type bridge stp_state 0 forward_delay 0
	link add br20 type bridge stp_state 0 forward_delay 0
	link add p1 type veth peer name eth0 netns $C
	link add p2 type veth peer name eth0 netns $S1
	link add p3 type veth peer name trunk netns $B
	link add link p3 name p3.10 type vlan id 10
	link add link p3 name p3.20 type vlan id 20
	link set p3 up
	link set p1 master br10 up
	link set p3.10 master br10 up
	link set p2 master br20 up
	link set p3.20 master br20 up
	link set br10 up
	link set br20 up
EOB
ip -n "$B" -batch - <<-EOB || fatal "cannot set up the balancer"
	link set trunk up
	link add link trunk name c0 type vlan id 10
	link add link trunk name s0 type vlan id 20
	link set c0 up
	link set s0 up
EOB
usual_addresses s0
python_cases <<'EOP'
from fastpath import *

usual('tcp', 80)
usual('udp', 80)
slow = SlowPath()
for offload in ('on', 'off'):
    run(B, 'ethtool', '-K', 'trunk', 'rxvlan', offload, 'txvlan', offload)
    for case, v, protocol in each(modes=MODES if offload == 'on' else ('unwatched',)):
        case = f'{case}, VLAN offload {offload}'
        flow = Flow(v, protocol)
        check_warm(case, flow, slow)
        tags = Capture(C, 'eth0')
        check_eq(f'{case}: stays there', FAST, flow.ways(slow, 10))
        got = [p for p in tags.packets() if p.ports]
        check(f'{case}: the client gets all, from the service', len(got) >= 10 and
              {p.source for p in got} == {VIP[v]}, '\n'.join(map(str, got)))
        if protocol == 'tcp':
            check(f'{case}: much data', bulk(flow.client, flow.accepted) and
                  bulk(flow.accepted, flow.client))
            check_eq(f'{case}: by the fast path', (0, 0), slow.count(flow))
        tags.close()
        flow.close()
EOP

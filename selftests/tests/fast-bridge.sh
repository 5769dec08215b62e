#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Ports that are bridges take the fast path; what br_netfilter looks at does not.
# Targets: uml uml-debug qemu-7
# Exclusive: yes
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"
. "${0%/*}/lib/topology.sh"

load_sluice
at_exit modprobe -r br_netfilter
setup_ns C B S1
forwarding "$B"
# Two ports for the client: it may move.
ip -n "$B" -batch - <<-EOB || fatal "cannot set up the balancer"
	link add c0 type bridge stp_state 0 forward_delay 0
	link add br0 type bridge stp_state 0 forward_delay 0
	link add p1 type veth peer name eth0-a netns $C
	link add p2 type veth peer name eth0-b netns $C
	link add s1 type veth peer name eth0 netns $S1
	link set p1 master c0 up
	link set p2 master c0 up
	link set s1 master br0 up
	link set c0 up
	link set br0 up
EOB
ip -n "$C" -batch - <<-EOB || fatal "cannot set up the client"
	link add eth0 type bridge stp_state 0 forward_delay 0 ageing_time 100000
	link set eth0-a master eth0 up
	link set eth0-b master eth0
	link set eth0 up
EOB
usual_addresses br0
python_cases <<'EOP'
from fastpath import *

usual('tcp', 80)
usual('udp', 80)
slow = SlowPath()
for case, v, protocol in each():
    flow = Flow(v, protocol)
    check_warm(case, flow, slow)
    if protocol == 'tcp':
        check(f'{case}: much data', bulk(flow.client, flow.accepted) and bulk(flow.accepted, flow.client))
        check_eq(f'{case}: by the fast path', (0, 0), slow.count(flow))
    for old, new in (('eth0-a', 'eth0-b'), ('eth0-b', 'eth0-a')):
        ip(f'link set {old} down\nlink set {new} up', at=C)
        check(f'{case}: the client is at another port', until(10, flow.talk))
        # The bridge was without carrier, too, between the two: what is watched is slow once for that.
        carriers_known('p1', 'p2', 'c0')
        check(f'{case}: and known to be there', flow.talk())
        check_eq(f'{case}: and stays fast', FAST, flow.ways(slow))
    flow.close()

try:
    run('', 'modprobe', 'br_netfilter')
except RuntimeError as error:
    print('skip', f'br_netfilter ({error})')
    raise SystemExit
sysctl('net.bridge.bridge-nf-call-iptables=1', 'net.bridge.bridge-nf-call-ip6tables=1')
for case, v, protocol in each():
    flow = Flow(v, protocol)
    check_eq(f'{case}: with br_netfilter', True, until(10, flow.talk))
    check_eq(f'{case}: by the slow path', SLOW, flow.ways(slow))
    if protocol == 'tcp':
        check(f'{case}: much data', bulk(flow.client, flow.accepted) and bulk(flow.accepted, flow.client))
    flow.close()
run('', 'modprobe', '-r', 'br_netfilter')
EOP

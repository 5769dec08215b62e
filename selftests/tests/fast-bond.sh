#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Ports that are bonds take the fast path, and go on when a link of the bond goes down.
# Targets: qemu-6.12 uml-debug qemu-7
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"
. "${0%/*}/lib/topology.sh"

load_sluice
need_module bonding
setup_ns C B S1
forwarding "$B"
# bond NS DEVICE PEER_NS PEER_DEVICE: a bond of two links to a bridge at the other end.
bond() {
	ip -n "$1" -batch - <<-EOB || fatal "cannot set up the bond $2"
		link add $2 type bond mode active-backup miimon 10
		link add $2-a type veth peer name $4-a netns $3
		link add $2-b type veth peer name $4-b netns $3
		link set $2-a master $2
		link set $2-b master $2
		link set $2 up
	EOB
	ip -n "$3" -batch - <<-EOB || fatal "cannot set up the end of the bond $4"
		link add $4 type bridge stp_state 0 forward_delay 0
		link set $4-a master $4 up
		link set $4-b master $4 up
		link set $4 up
	EOB
}
bond "$B" c0 "$C" eth0
bond "$B" s0 "$S1" eth0
usual_addresses s0
python_cases <<'EOP'
from fastpath import *

usual('tcp', 80)
usual('udp', 80)
slow = SlowPath()


def active(name):
    return json.loads(run(B, 'ip', '-d', '-j', 'link', 'show', name))[0]['linkinfo']['info_data'].get(
        'active_slave')


for case, v, protocol in each():
    until(20, lambda: active('c0') and active('s0'))
    flow = Flow(v, protocol)
    check_warm(case, flow, slow)
    if protocol == 'tcp':
        check(f'{case}: much data', bulk(flow.client, flow.accepted) and bulk(flow.accepted, flow.client))
        check_eq(f'{case}: by the fast path', (0, 0), slow.count(flow))
    for name, peer, end in (('c0', C, 'eth0'), ('s0', S[0], 'eth0')):
        old = active(name)
        ip('link', 'set', f'{end}-{old[-1]}', 'down', at=peer)
        check(f'{case}: {name} has changed to its other link',
              until(10, lambda: active(name) not in (None, old)), active(name))
        check(f'{case}: by it traffic goes on', flow.talk())
        check_eq(f'{case}: by the fast path', FAST, flow.ways(slow))
        ip('link', 'set', f'{end}-{old[-1]}', 'up', at=peer)
    flow.close()
EOP

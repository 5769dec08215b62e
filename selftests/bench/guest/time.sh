#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# In a UML guest: what packets cost in time, native and on one CPU.
#   time.sh RUNS
# All modes take turns, RUNS times. Prints lines 'CASE MODE VALUE [SENT ARRIVED]' (nanoseconds, gigabits
# a second, bytes).
set -eu

here=$(dirname "$(readlink -f "$0")")
. "$here/links.sh"
. "$here/memory.sh"
runs=$1 packets=10000 bulk_runs=15
modes='wire route ipvs sluice'
# A cycle of ports and one of addresses that have no common factor make a flow of each pair.
million=1000x1001 flows=1001000

say() { echo "bench: $*" >&2; }

# turn CASE out|back SPREAD [FLAG]: all modes once.
turn() {
	local mode ns arrived
	for mode in $modes; do
		read -r ns arrived <<<"$(pg_send "$mode" "$2" $packets "$3" "${4:-}")"
		echo "$1 $mode $ns $packets $arrived"
	done
}

# links_make MODE: as it is before it is configured.
links_make() {
	links_up "$1"
	links_pktgen "$1"
	links_sink "$1" on
}

# fill MODE: load the module, so that its tables count, and make a million connections.
fill() {
	memory_before "$1"
	case $1 in
	ipvs)
		modprobe ip_vs conn_tab_bits=21
		modprobe ip_vs_rr
		;;
	sluice) modprobe sluice ;;
	esac
	links_configure "$1"
	case $1 in
	ipvs) ip netns exec balancer-ipvs ipvsadm --set 0 0 3600 ;;
	sluice) ip netns exec balancer-sluice sluiceadm settings set udp=1h udp-new=1h ;;
	esac
	pg_send "$1" out $flows $million >/dev/null
	case $1 in ipvs | sluice) memory_after "$1" memory $flows ;; esac
}

# bulk: TCP by iperf3, gigabits a second. Segments leave the client one by one; the balancer's ports
# put them together again (GRO).
bulk() {
	local run mode to
	for mode in route ipvs sluice; do
		links_sink "$mode" off
		ip netns exec "client-$mode" ethtool -K c1 tso off gso off >/dev/null
		ip netns exec "balancer-$mode" ethtool -K c0 gro on >/dev/null
		ip netns exec "balancer-$mode" ethtool -K s0 gro on >/dev/null
		ip netns exec "server-$mode" iperf3 -s -D >/dev/null
	done
	for mode in route ipvs sluice; do
		until [ "$(ip netns exec "server-$mode" ss -Htnl 'sport = 5201' | wc -l)" -gt 0 ]; do
			sleep 0.1
		done
	done
	for ((run = 0; run < bulk_runs; run++)); do
		for mode in route ipvs sluice; do
			to=$VIP4
			[ "$mode" != route ] || to=$SERVER4
			ip netns exec "client-$mode" iperf3 -c $to -t 1 -J |
				jq -r ".end.sum_received.bits_per_second / 1e9 | \"tcp-bulk $mode \\(.)\""
		done
	done
}

modprobe -a pktgen act_mirred act_gact cls_matchall sch_ingress
for mode in $modes; do
	links_make "$mode"
done
say "a million connections, in turn with 1,000 (usually 40 s)"
for mode in $modes; do
	fill "$mode"
	pg_send "$mode" out 2000 1000 >/dev/null
	pg_send "$mode" back 2000 1000 >/dev/null
done
for ((run = 0; run < runs; run++)); do
	turn flows-1000000 out $million 'UDPSRC_RND;flag IPSRC_RND'
	turn flows-1000 out 1000 UDPSRC_RND
done
say "1,000 flows, both directions (usually 30 s)"
for ((run = 0; run < runs; run++)); do
	turn udp-nat-out out 1000
	turn udp-nat-back back 1000
done
say "the same without the million (usually 30 s)"
for mode in $modes; do
	for ns in client balancer server; do
		ip netns del "$ns-$mode"
	done
	links_make "$mode"
	links_configure "$mode"
	pg_send "$mode" out 2000 1000 >/dev/null
	pg_send "$mode" back 2000 1000 >/dev/null
done
for ((run = 0; run < runs; run++)); do
	turn alone-out out 1000
	turn alone-back back 1000
done
say "TCP in bulk (usually 1 minute)"
bulk

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# In a guest: what one UDP packet costs on its way through a balancer, in nanoseconds of the guest's
# clock. Under the rig's --icount that is the number of instructions.
#   packet-cost.sh PACKETS FLOWS MODE...
# Prints "MODE NANOSECONDS DELIVERED" for each mode. A mode has namespaces of its own: a client whose
# pktgen sends, a balancer, and a server that drops and counts what arrives.
set -eu

packets=$1 flows=$2
shift 2
modprobe -a pktgen veth act_mirred act_gact cls_matchall sch_ingress ip_vs ip_vs_rr sluice

# The MAC address of a device.
mac() {
	ip -n "$1" -j link show "$2" | sed 's/.*"address":"\([^"]*\)".*/\1/'
}

topology() {
	ip netns add client
	ip netns add balancer
	ip netns add server
	ip link add c1 netns client type veth peer name c0 netns balancer
	ip link add s1 netns server type veth peer name s0 netns balancer
	ip -n client addr add 10.0.1.2/24 dev c1
	ip -n balancer addr add 10.0.1.1/24 dev c0
	ip -n balancer addr add 10.0.1.100/32 dev c0
	ip -n balancer addr add 10.0.2.1/24 dev s0
	for device in "client c1" "balancer c0" "balancer s0" "server s1"; do
		# shellcheck disable=SC2086
		ip -n ${device% *} link set ${device#* } up
	done
	ip -n server link set s1 promisc on
	ip netns exec balancer sysctl -qw net.ipv4.ip_forward=1
	ip -n balancer neigh replace 10.0.2.2 dev s0 lladdr "$(mac server s1)" nud permanent
	ip -n balancer neigh replace 10.0.1.2 dev c0 lladdr "$(mac client c1)" nud permanent
	tc -n server qdisc add dev s1 clsact
	tc -n server filter add dev s1 ingress protocol ip matchall action drop
}

# The balancer's configuration, and where the client sends to.
configure() {
	destination=10.0.1.100
	case $1 in
	wire)
		tc -n balancer qdisc add dev c0 clsact
		tc -n balancer filter add dev c0 ingress protocol ip matchall \
			action mirred egress redirect dev s0
		;;
	route) destination=10.0.2.2 ;;
	ipvs)
		ip netns exec balancer ipvsadm -A -u 10.0.1.100:80 -s rr
		ip netns exec balancer ipvsadm -a -u 10.0.1.100:80 -r 10.0.2.2:80 -m
		;;
	sluice)
		ip netns exec balancer sluiceadm -A -u 10.0.1.100:80 -s rr
		ip netns exec balancer sluiceadm -a -u 10.0.1.100:80 -r 10.0.2.2:80 -m
		;;
	esac
}

# Send so many packets; print the time of one.
send() {
	ip netns exec client bash -eu -c '
		pg() { echo "$2" >"/proc/net/pktgen/$1"; }
		pg kpktgend_0 rem_device_all
		pg kpktgend_0 "add_device c1"
		for option in "count '"$1"'" "clone_skb 0" "pkt_size 60" "delay 0" \
			"dst '"$destination"'" "dst_mac '"$(mac balancer c0)"'" \
			"src_min 10.0.1.2" "src_max 10.0.1.2" \
			"udp_src_min 1024" "udp_src_max '$((1024 + flows - 1))'" \
			"udp_dst_min 80" "udp_dst_max 80"; do
			pg c1 "$option"
		done
		pg pgctrl start
		grep -o "[0-9]*pps" /proc/net/pktgen/c1'
}

received() {
	ip -n server -j -s link show s1 | sed 's/.*"rx":{"bytes":[0-9]*,"packets":\([0-9]*\).*/\1/'
}

for mode in "$@"; do
	topology
	configure "$mode"
	send $((flows * 2)) >/dev/null
	before=$(received)
	pps=$(send "$packets")
	for _ in $(seq 50); do
		[ $(($(received) - before)) -lt "$packets" ] || break
		sleep 0.05
	done
	echo "$mode $((1000000000 / ${pps%pps})) $(($(received) - before))"
	for ns in client balancer server; do ip netns del "$ns"; done
done

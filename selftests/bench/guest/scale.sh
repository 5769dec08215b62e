#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# In a UML guest: very many connections, and what their end does to those that go on.
#   scale.sh TOOLS MODE...
# Prints lines 'CASE MODE VALUE...'.
set -eu

here=$(dirname "$(readlink -f "$0")")
. "$here/links.sh"
. "$here/memory.sh"
tools=$1
shift
delay=50

say() { echo "bench: $*" >&2; }

# in_use MODE: connections there are.
in_use() {
	case $1 in
	sluice) ip netns exec balancer-sluice sluiceadm info --json | jq .connections ;;
	ipvs) sed 's/ .*//' /sys/kernel/slab/ip_vs_conn/objects ;;
	esac
}

# timeout MODE SECONDS: how long an unanswered UDP flow is kept that begins from now on.
timeout_set() {
	case $1 in
	sluice) ip netns exec balancer-sluice sluiceadm settings set "udp=$2s" "udp-new=$2s" ;;
	ipvs) ip netns exec balancer-ipvs ipvsadm --set 0 0 "$2" ;;
	esac
}

cpu_ticks() { awk '$1 == "cpu" { print $2 + $3 + $4 + $7 + $8 }' /proc/stat; }

load() {
	modprobe -a pktgen act_mirred act_gact cls_matchall sch_ingress sch_netem
	case $1 in
	ipvs)
		# As many buckets as the table of ours grows to.
		modprobe ip_vs conn_tab_bits=22
		modprobe ip_vs_rr
		;;
	sluice) modprobe sluice ;;
	esac
}

# Ten million: are they there, what do they take, what does a packet of any of them take.
ten_million() {
	local mode=$1 n=10007000 many=1000x10007 start slab used what when bytes object ns arrived i
	local -A before=() after=()
	say "$mode: ten million connections (usually 90 s)"
	timeout_set "$mode" 3600
	[ "$mode" != sluice ] ||
		ip netns exec balancer-sluice sluiceadm settings set connections-max=11000000
	pg_send "$mode" out 2000 1000 >/dev/null
	while read -r what when bytes object; do before[$what]=$bytes; done <<<"$(memory_report before "$2")"
	for ((i = 0; i < 10; i++)); do
		read -r ns arrived <<<"$(pg_send "$mode" out 50000 1000 UDPSRC_RND)"
		echo "scale-flows-1000 $mode $ns 50000 $arrived"
	done
	read -r ns arrived <<<"$(pg_send "$mode" out $n $many)"
	echo "scale-new $mode $ns $n $arrived"
	echo "scale-connections $mode $(in_use "$mode")"
	while read -r what when bytes object; do after[$what]=$bytes; done <<<"$(memory_report after "$2")"
	echo "scale-memory-slab $mode $((after[slab] - before[slab])) $n"
	echo "scale-memory-used $mode $((after[used] - before[used])) $n"
	for ((i = 0; i < 10; i++)); do
		read -r ns arrived <<<"$(pg_send "$mode" out 50000 $many 'UDPSRC_RND;flag IPSRC_RND')"
		echo "scale-flows-10000000 $mode $ns 50000 $arrived"
	done
}

# A million that expire while a packet is on its way every millisecond.
expiry() {
	local mode=$1 n=1001000 begin ticks now count first='' last=''
	say "$mode: expiry of a million connections (usually 60 s)"
	timeout_set "$mode" 15
	ip -n "client-$mode" link set c1 txqueuelen 10000
	tc -n "client-$mode" qdisc add dev c1 root netem delay ${delay}ms limit 10000
	# The far end drops the flood, but the probe's datagrams are to reach its socket.
	links_sink "$mode" off
	tc -n "server-$mode" filter add dev s1 ingress protocol ip prio 1 u32 \
		match ip dport $NAT_SERVER 0xffff action drop
	begin=$(date +%s%N)
	pg_send "$mode" out $n 1000x1001 >/dev/null
	echo "expiry-created $mode $(in_use "$mode") $((($(date +%s%N) - begin) / 1000000))"
	ip netns exec "client-$mode" "$tools/probe" "/run/netns/server-$mode" $VIP4 53 53 $delay 40 \
		>/tmp/probe &
	begin=$(date +%s%N)
	ticks=$(cpu_ticks)
	for ((i = 0; i < 80; i++)); do
		count=$(in_use "$mode")
		now=$((($(date +%s%N) - begin) / 1000000))
		echo "expiry-count $mode $now $count $(($(cpu_ticks) - ticks))"
		sleep 0.5
	done
	wait
	sed "s/^/expiry-probe $mode /" /tmp/probe
	tc -n "client-$mode" qdisc del dev c1 root
	tc -n "server-$mode" filter del dev s1 ingress
}

# All of it at once: the namespace goes.
forget() {
	local mode=$1 start
	say "$mode: forgetting them all (usually 10 s)"
	start=$(date +%s%N)
	ip netns del "balancer-$mode"
	while [ "$(sed 's/ .*//' "/sys/kernel/slab/$2/objects")" -gt 10000 ]; do
		sleep 0.1
	done
	echo "scale-forget $mode $((($(date +%s%N) - start) / 1000000))"
	ip netns del "client-$mode"
	ip netns del "server-$mode"
}

for mode; do
	cache=sluice_conn
	[ "$mode" = sluice ] || cache=ip_vs_conn
	load "$mode"
	links_up "$mode"
	links_sink "$mode" on
	links_configure "$mode"
	ip netns exec "balancer-$mode" "$([ "$mode" = ipvs ] && echo ipvsadm || echo sluiceadm)" -R <<-EOR
		-A -u $VIP4:53 -s rr
		-a -u $VIP4:53 -r $SERVER4:53 -m
	EOR
	expiry "$mode"
	links_sink "$mode" on
	ten_million "$mode" $cache
	forget "$mode" $cache
done

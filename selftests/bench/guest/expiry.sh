#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# In a guest under --icount: a million connections expire while a packet is on its way every millisecond.
#   expiry.sh TOOLS MODE
# Prints lines 'CASE MODE VALUE...': expiry-count has milliseconds and connections, expiry-probe what the
# probe says. The clock counts instructions.
set -eu

here=$(dirname "$(readlink -f "$0")")
. "$here/links.sh"
tools=$1 mode=$2
delay=50 seconds=50 timeout=15 n=1001000

case $mode in
ipvs)
	modprobe ip_vs conn_tab_bits=20
	modprobe ip_vs_rr
	;;
sluice) modprobe sluice ;;
esac
modprobe -a pktgen act_mirred act_gact cls_matchall cls_u32 sch_ingress sch_netem
links_up "$mode"
links_pktgen "$mode"
links_sink "$mode" on
links_configure "$mode"
# For the probe, whose datagrams are to reach its socket at the server.
ip netns exec "balancer-$mode" "$([ "$mode" = ipvs ] && echo ipvsadm || echo sluiceadm)" -R <<-EOR
	-A -u $VIP4:53 -s rr
	-a -u $VIP4:53 -r $SERVER4:53 -m
EOR
links_timeout "$mode" $timeout
tc -n "server-$mode" filter del dev s1 ingress
tc -n "server-$mode" filter add dev s1 ingress protocol ip prio 1 u32 \
	match ip dport $NAT_SERVER 0xffff action drop
tc -n "client-$mode" qdisc add dev c1 root netem delay ${delay}ms limit 10000

read -r ns arrived <<<"$(pg_send "$mode" out $n 1000x1001)"
echo "expiry-new $mode $ns $n $arrived"
start=$(date +%s%N)
ip netns exec "client-$mode" "$tools/probe" "/run/netns/server-$mode" $VIP4 53 53 $delay $seconds \
	>/tmp/probe &
while [ -d /proc/$! ]; do
	count=$(links_connections "$mode")
	echo "expiry-count $mode $((($(date +%s%N) - start) / 1000000)) $count"
	sleep 1
done
wait
sed "s/^/expiry-probe $mode /" /tmp/probe

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# In a guest under --icount: routing by the first bytes of a connection, by Sluice and by HAProxy.
#   sniff.sh CONNECTIONS PINGS
# Prints what sniff.py does, for each mode in turn.
set -eu

here=$(dirname "$(readlink -f "$0")")
. "$here/links.sh"

# Each end takes the other for its router.
mode_wire() {
	links_configure wire
	ip -n client-wire neigh replace 10.0.1.1 lladdr "$(mac server-wire s1)" dev c1
	ip -n server-wire neigh replace 10.0.2.1 lladdr "$(mac client-wire c1)" dev s1
}

mode_route() { :; }

mode_flow() {
	ip netns exec balancer-flow sluiceadm -R <<-EOR
		-A -t $VIP4:80 -s rr
		-a -t $VIP4:80 -r $SERVER4:8080
		-A -t $VIP4:443 -s rr
		-a -t $VIP4:443 -r $SERVER4:8080
	EOR
}

mode_sniff() { ip netns exec balancer-sniff sluiceadm -R <"$here/sniff.rules"; }

mode_haproxy() {
	ip netns exec balancer-haproxy haproxy -D -f "$here/sniff.haproxy" >/dev/null
}

modprobe sluice
connections=$1 pings=$2
for mode in wire route flow sniff haproxy; do
	links_up $mode
	mode_$mode
	to=$VIP4 http=80 tls=443
	case $mode in
	wire | route) to=$SERVER4 http=8080 tls=8080 ;;
	esac
	packets=$pings
	[ $mode != haproxy ] || packets=0
	python3 "$here/sniff.py" $mode client-$mode server-$mode $to $http http "$connections" "$packets"
	python3 "$here/sniff.py" $mode client-$mode server-$mode $to $tls tls "$connections" 0
done
pkill haproxy

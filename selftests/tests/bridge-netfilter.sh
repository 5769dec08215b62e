#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Servers behind a bridge that br_netfilter watches are balanced like any other.
# Targets: uml uml-debug qemu-7
# Exclusive: yes
. "${0%/*}/../lib/lib.sh"

# It would watch the bridges of every test that comes after.
need_module br_netfilter
at_exit modprobe -r br_netfilter
load_sluice
setup_balancer 2
in_ns "$B" sysctl -qw net.bridge.bridge-nf-call-iptables=1 net.bridge.bridge-nf-call-ip6tables=1
serve_http "$S1" 80 one
serve_http "$S2" 80 two

for case in '10.0.1.100 10.0.2.1' '[fd00:1::100] [fd00:2::1'; do
	vip=${case% *} server=${case#* }
	end=${server:+]}
	[[ $server = \[* ]] || end=''
	in_ns "$B" sluiceadm -A -t "$vip:80" -s rr
	in_ns "$B" sluiceadm -a -t "$vip:80" -r "${server}1$end:80" -m
	in_ns "$B" sluiceadm -a -t "$vip:80" -r "${server}2$end:80" -m
	check_eq "$vip: a client on another host is answered" "one two" \
		"$(in_ns "$C" curl -s -m 20 -H 'Connection: close' "http://$vip/?[1-2]" | xargs)"
	check_eq "$vip: a client on the balancer is answered" "one two" \
		"$(in_ns "$B" curl -s -m 20 -H 'Connection: close' "http://$vip/?[1-2]" | xargs)"
done
check_eq "frames between two servers pass the bridge" two \
	"$(in_ns "$S1" curl -s -m 20 http://10.0.2.12/)"

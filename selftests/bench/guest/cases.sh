#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# In a guest: the cases that are measured in instructions. Sourced after ports.sh and modes.sh, with
# 'tools' set to the folder of inject.

# So few new ones that whether a table grows meanwhile is not left to chance: Sluice's does at 16,384
# connections.
FLOWS=${FLOWS:-1000} ROUNDS=${ROUNDS:-20} NEW_FLOWS=${NEW_FLOWS:-4000}

# case_ends MODE CASE: what the packets are to look like before and after, as far as it depends on
# the mode. Sets client, to, port, server, server_port, and out_to, out_port, back_from, back_port.
case_ends() {
	local v=4
	case $2 in *6-*) v=6 ;; esac
	local -n vip=VIP$v client_=CLIENT$v server_=SERVER$v
	client=$client_ server=$server_
	to=$vip port=$NAT server_port=$NAT_SERVER
	case $2 in
	udp-dr*) port=$DR server_port=$DR ;;
	udp-tunnel*) port=$TUNNEL server_port=$TUNNEL ;;
	esac
	out_to=$server out_port=$server_port back_from=$vip back_port=$port
	case $1 in
	wire*) out_to=$to out_port=$port back_from=$server back_port=$server_port ;;
	route*) to=$server port=$server_port back_from=$server back_port=$server_port ;;
	esac
}

# inject OPTIONS... -- KIND...
inject() {
	local options=()
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	shift
	"$tools/inject" "${options[@]}" "$client" "$to" "$port" "$server" "$server_port" "$@"
}

# match PROTOCOL FROM FROM-PORT TO TO-PORT: one port is given, the other is the flow's, '-'.
match() {
	local ip=ip port="$2 sport $3" words
	case $2 in *:*) ip=ip6 ;; esac
	words="match $ip protocol $1 0xff match $ip src $2 match $ip dst $4"
	[ "$3" = - ] && words+=" match $ip dport $5 0xffff" || words+=" match $ip sport $3 0xffff"
	[ $ip = ip6 ] && echo "ipv6 $words" || echo "ip $words"
}

# expect DEVICE CASE: count what is right there.
expect() {
	local protocol=17
	case $2 in tcp*) protocol=6 ;; esac
	case $1-$2-$mode in
	s0-udp-dr*) set -- s0 "$(match 17 "$client" - "$to" "$port")" ;;
	s0-udp-tunnel*-route* | s0-udp-tunnel*-wire*)
		set -- s0 "$(match 17 "$client" - "$out_to" "$out_port") match u32 0 0 at 0" ;;
	s0-udp-tunnel*)
		# IP in IP: the outer destination, then the inner addresses and port.
		set -- s0 "ip match ip protocol 4 0xff match ip dst $server $(at 32 "$client") $(at 36 "$to") \
			match u16 $(printf 0x%x "$port") 0xffff at 42" ;;
	s0-*) set -- s0 "$(match $protocol "$client" - "$out_to" "$out_port")" ;;
	c0-*) set -- c0 "$(match $protocol "$back_from" "$back_port" "$client" -)" ;;
	esac
	# shellcheck disable=SC2086 # words
	ports_expect "$1" $2
}

# at OFFSET ADDRESS: match an address there.
at() {
	# shellcheck disable=SC2086 # four numbers
	printf 'match u32 0x%02x%02x%02x%02x 0xffffffff at %d' ${2//./ } "$1"
}

# measure CASE OPTIONS... -- KIND...: count at both ends, print the result.
measure() {
	local case=$1 delivered ns packets sent
	shift
	expect s0 "$case"
	expect c0 "$case"
	sleep 1
	read -r ns packets sent <<<"$(inject -m "$@")"
	delivered=$(($(ports_counted s0) + $(ports_counted c0)))
	ports_forget s0
	ports_forget c0
	echo "$case $mode $ns $packets $sent $delivered"
}

# case_applies CASE MODE: can it be asked of that mode at all.
case_applies() {
	case $2-$1 in
	nft*-*dr | nft*-*tunnel | nft*-*6-*) return 1 ;;
	esac
}

# case_run CASE MODE
case_run() {
	local established=(-f "$FLOWS" -w 2 -r "$ROUNDS")
	local new=(-f "$NEW_FLOWS" -p 10000)
	local kind=${1#udp-}
	kind=${kind%%-*}
	case_ends "$2" "$1"
	if [ -n "${UNAVAILABLE[$kind]:-}" ]; then
		echo "$1 $2 unavailable ${UNAVAILABLE[$kind]}"
		return
	fi
	case $1 in
	# Seen from both sides once, a flow is established for whoever keeps states.
	udp-nat-out | udp6-nat-out)
		inject -f "$FLOWS" -- udp udp-reply >/dev/null
		measure "$1" "${established[@]}" -- udp
		;;
	udp-nat-back | udp6-nat-back) measure "$1" "${established[@]}" -- udp-reply ;;
	tcp-nat-out | tcp6-nat-out)
		inject -f "$FLOWS" -- syn syn-ack ack >/dev/null
		measure "$1" "${established[@]}" -- data
		;;
	tcp-nat-back | tcp6-nat-back) measure "$1" "${established[@]}" -- data-reply ;;
	udp-dr | udp-tunnel)
		# Servers answer past a balancer, but not past a router.
		case $2 in route*) inject -f "$FLOWS" -- udp udp-reply >/dev/null ;; esac
		measure "$1" "${established[@]}" -- udp
		;;
	udp-nat-new) measure "$1" "${new[@]}" -- udp ;;
	tcp-nat-new) measure "$1" "${new[@]}" -- syn syn-ack ack data ;;
	esac
}

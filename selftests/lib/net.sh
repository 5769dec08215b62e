#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Network namespaces, links and servers for tests. Everything made here goes at the end of the test.
# Sourced by lib.sh.

# A pipe in which nothing comes: to wait for it is to sleep without a process.
exec {NOTHING}<> <(:)

# busywait MS COMMAND...: until the command succeeds; fails when the time is over. Its last output is
# the output. Emulated guests are slow: be generous, time that is not needed is not used.
busywait() {
	local end=$((${EPOCHREALTIME/./} + $1 * 1000)) pause=20 output
	shift
	while :; do
		if output=$("$@" 2>&1); then
			printf '%s' "${output:+$output
}"
			return 0
		fi
		if [ "${EPOCHREALTIME/./}" -ge "$end" ]; then
			printf '%s' "${output:+$output
}"
			return 1
		fi
		# Most things happen at once; what takes longer is not to be asked for all the time.
		printf -v output '0.%03d' "$pause"
		read -rt "$output" -u "$NOTHING" _ || true
		pause=$((pause < 200 ? pause * 3 / 2 : 300))
	done
}

# setup_ns VARIABLE...: a new namespace for each, its random name in the variable, loopback up.
# The names start with the test's own, so that the runner knows who left one behind. Processes are
# dear in an emulated guest: here and below one does the work of many.
setup_ns() {
	local role name new=()
	for role; do
		name=sl-$TEST_NAME-${role,,}-$(printf '%04x' $RANDOM)
		printf -v "$role" '%s' "$name"
		new+=("$name")
	done
	[ ${#NAMESPACES[@]} -gt 0 ] || at_exit remove_namespaces
	NAMESPACES+=("${new[@]}")
	printf 'netns add %s\n' "${new[@]}" | ip -batch - || fatal "cannot add namespaces ${new[*]}"
	# No address waits for duplicate address detection: until the link-local one is there, a router
	# finds no neighbour.
	sl-netns net/ipv6/conf/all/accept_dad=0 net/ipv6/conf/default/accept_dad=0 \
		net/ipv4/conf/all/rp_filter=0 net/ipv4/conf/default/rp_filter=0 "${new[@]}" ||
		fatal "cannot set up namespaces ${new[*]}"
}

# Who is in them must end before the namespaces can.
NAMESPACES=()
remove_namespaces() {
	local pid ns
	for pid in /proc/[0-9]*; do
		for ns in "${NAMESPACES[@]}"; do
			[ ! "$pid/ns/net" -ef "/run/netns/$ns" ] || kill -KILL "${pid#/proc/}"
		done
	done
	printf 'netns del %s\n' "${NAMESPACES[@]}" | ip -force -batch -
}

# in_ns NAMESPACE COMMAND...: the command sees that network, and all else as it is (/sys too, which
# has the interfaces of this namespace).
in_ns() { sl-in "$@"; }

# link NS1 DEVICE1 NS2 DEVICE2: a veth pair, both ends up.
link() {
	ip -n "$1" link add "$2" type veth peer name "$4" netns "$3" || fatal "cannot link $1 and $3"
	ip -n "$1" link set "$2" up
	ip -n "$3" link set "$4" up
}

# addr NS DEVICE ADDRESS/LEN...: of either family, usable at once.
addr() {
	local ns=$1 dev=$2 a
	shift 2
	for a; do
		case $a in
		*:*) ip -n "$ns" addr add "$a" dev "$dev" nodad ;;
		*) ip -n "$ns" addr add "$a" dev "$dev" ;;
		esac
	done
}

# route NS DESTINATION GATEWAY: of either family; DESTINATION may be 'default'.
route() {
	case $3 in
	*:*) ip -n "$1" -6 route replace "$2" via "$3" ;;
	*) ip -n "$1" route replace "$2" via "$3" ;;
	esac
}

# forwarding NS: this namespace routes.
forwarding() {
	sl-netns net/ipv4/ip_forward=1 net/ipv6/conf/all/forwarding=1 "$1"
}

# setup_balancer [N]: client, balancer and N servers (3), in both families; sets C, B, S1..SN.
#   client     10.0.1.2     fd00:1::2      default route to the balancer
#   balancer   10.0.1.1     fd00:1::1      client side, c0
#              10.0.2.1     fd00:2::1      server side, a bridge br0
#              10.0.1.100   fd00:1::100    the virtual addresses, on c0
#   server I   10.0.2.1I    fd00:2::1I     I+10; default route to the balancer
setup_balancer() {
	local n=${1:-3} i role roles=(C B)
	for ((i = 1; i <= n; i++)); do roles+=("S$i"); done
	setup_ns "${roles[@]}"
	forwarding "$B"
	balancer_links "$n" | ip -n "$B" -batch - || fatal "cannot set up the balancer"
	balancer_peer "$C" 10.0.1.2/24 fd00:1::2/64 10.0.1.1 fd00:1::1
	for ((i = 1; i <= n; i++)); do
		role=S$i
		balancer_peer "${!role}" "10.0.2.$((10 + i))/24" "fd00:2::$((10 + i))/64" 10.0.2.1 fd00:2::1
	done
}

# balancer_links N: commands for ip -batch in the balancer: both ends of its links, and its addresses.
balancer_links() {
	local i role
	echo "link add c0 type veth peer name eth0 netns $C"
	echo "link add br0 type bridge stp_state 0 forward_delay 0"
	for ((i = 1; i <= $1; i++)); do
		role=S$i
		echo "link add s$i type veth peer name eth0 netns ${!role}"
		echo "link set s$i master br0 up"
	done
	printf 'link set %s up\n' c0 br0
	printf 'addr add %s dev c0\n' 10.0.1.1/24 10.0.1.100/32
	printf 'addr add %s dev c0 nodad\n' fd00:1::1/64 fd00:1::100/128
	echo 'addr add 10.0.2.1/24 dev br0'
	echo 'addr add fd00:2::1/64 dev br0 nodad'
}

# balancer_peer NS ADDRESS4 ADDRESS6 GATEWAY4 GATEWAY6
balancer_peer() {
	ip -n "$1" -batch - <<-EOB || fatal "cannot set up namespace $1"
		link set eth0 up
		addr add $2 dev eth0
		addr add $3 dev eth0 nodad
		route add default via $4
		route add default via $5
	EOB
}

# listening NS PROTOCOL PORT: something there listens on it (protocol tcp or udp).
listening() { in_ns "$1" ss -Hln"${2:0:1}" "sport = :$3" | grep -q .; }

# wait_listening NS PROTOCOL PORT
wait_listening() {
	busywait 20000 listening "$@" || fatal "nothing listens on $2 port $3 in $1"
}

# serve_http NS PORT TEXT: nginx in both families, answers every request with TEXT.
# Its access log, one client address a line: $TEST_DIR/http-NS-PORT.log
serve_http() {
	local conf=$TEST_DIR/http-$1-$2.conf
	cat >"$conf" <<-EOC
		daemon off; master_process off; pid $conf.pid; error_log $conf.err;
		events { worker_connections 1024; }
		http {
			log_format short '\$remote_addr';
			access_log ${conf%.conf}.log short;
			client_body_temp_path $conf.body; proxy_temp_path $conf.proxy;
			fastcgi_temp_path $conf.fcgi; uwsgi_temp_path $conf.uwsgi; scgi_temp_path $conf.scgi;
			server { listen $2; listen [::]:$2; location / { return 200 "$3\n"; } }
		}
	EOC
	in_ns "$1" nginx -e "$conf.err" -c "$conf" >"$conf.out" 2>&1 &
	disown
	wait_listening "$1" tcp "$2"
}

# serve_tcp NS PORT TEXT: answers each connection with TEXT and closes it.
serve_tcp() {
	in_ns "$1" socat "TCP6-LISTEN:$2,fork,reuseaddr,ipv6-v6only=0,backlog=128" "SYSTEM:echo $3" 2>/dev/null &
	disown
	wait_listening "$1" tcp "$2"
}

# echo_tcp NS PORT: sends back what it gets, for as long as the connection lasts.
echo_tcp() {
	in_ns "$1" socat "TCP6-LISTEN:$2,fork,reuseaddr,ipv6-v6only=0,backlog=128" PIPE 2>/dev/null &
	disown
	wait_listening "$1" tcp "$2"
}

# serve_udp NS PORT TEXT: answers each datagram with TEXT.
serve_udp() {
	in_ns "$1" socat "UDP6-RECVFROM:$2,fork,ipv6-v6only=0" "SYSTEM:echo $3" 2>/dev/null &
	disown
	wait_listening "$1" udp "$2"
}

# get NS ADDRESS PORT: one HTTP request, the body on standard output. IPv6 without brackets.
get() {
	local host=$2
	[[ $host != *:* ]] || host="[$host]"
	in_ns "$1" curl -sS --max-time 10 "http://$host:$3/"
}

# ask_udp NS ADDRESS PORT [TEXT]: one datagram from a new port, the answer on standard output.
ask_udp() { ask udp "$@"; }

# ask_tcp NS ADDRESS PORT [TEXT]: one line in a new connection, the first line of the answer.
ask_tcp() { ask tcp "$@"; }

# ask PROTOCOL NS ADDRESS PORT [TEXT]: fails if no answer comes in ten seconds.
ask() {
	# The inner shell expands these, its own parameters. Not its 'read', which takes single bytes
	# and loses the rest of a datagram.
	# shellcheck disable=SC2016
	in_ns "$2" timeout 10 bash -c 'exec 3<>"/dev/$0/$1/$2" && echo "$3" >&3 && head -n 1 <&3' \
		"$1" "$3" "$4" "${5:-hello}" | grep .
}

# spread N COMMAND...: run it N times; how often each output came, as 'TEXT=COUNT' words in order.
spread() {
	local n=$1
	shift
	for ((; n > 0; n--)); do "$@" || echo error; done 2>/dev/null | sort | uniq -c |
		awk '{ printf "%s%s=%s", sep, $2, $1; sep = " " } END { print "" }'
}

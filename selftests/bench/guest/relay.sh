#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# In a guest under --icount: requests over kept-alive connections through Sluice's strata and its peers.
#   relay.sh TOOLS CASES MODE...
# Prints a line 'CASE MODE REQUESTS TLS' for each, TLS being what the client's OpenSSL had of the section
# that the emulator's plugin counted.
set -eu

here=$(dirname "$(readlink -f "$0")")
. "$here/links.sh"

# case_run CASE MODE: cases are those of report/cases.py.
case_run() {
	local to="$VIP4 443" options=(-s) words
	case $1 in
	clear-*) to="$VIP4 80" options=() ;;
	esac
	[ "$2" != wire ] || to="$SERVER4 8080" options=()
	case $1 in
	*-small) options+=(-c 16 -n 100) words=128 ;;
	*-1MB) options+=(-c 4 -n 10) words=1000000 ;;
	esac
	# shellcheck disable=SC2086 # words
	ip netns exec "client-$2" "$tools/bench-rounds" "${options[@]}" $to $words |
		sed -n "s/.*\"requests\": \([0-9]*\), \"tls\": \([0-9]*\).*/$1 $2 \1 \2/p"
}

# Each end takes the other for its router.
wire_up() {
	links_configure wire
	ip -n client-wire neigh replace 10.0.1.1 lladdr "$(mac server-wire s1)" dev c1
	ip -n server-wire neigh replace 10.0.2.1 lladdr "$(mac client-wire c1)" dev s1
}

tools=$1 cases=$2
shift 2
# As udev does for the processor.
modprobe -a aesni_intel ghash_clmulni_intel
# The processor is shared by tasks. By sessions, a thread of the kernel would be on its own: it would be let go before
# each single answer of the server, and proxies, which are in the session of client and server, would not.
echo 0 >/proc/sys/kernel/sched_autogroup_enabled
modprobe -a sluice tls
modprobe sluice_ktls
for mode in "$@"; do
	links_up "$mode"
	# It takes no turn that the proxy would not give: elsewhere it is another machine.
	ip netns exec "server-$mode" chrt --batch 0 "$tools/bench-origin" 8080 >/dev/null &
	origin=$!
	if [ "$mode" = wire ]; then
		wire_up
	else
		coproc device { ip netns exec "balancer-$mode" python3 "$here/relay_device.py" \
			"$mode" $VIP4 $SERVER4:8080 /tmp/relay-"$mode"; }
		# shellcheck disable=SC2154 # which coproc sets
		read -r -u "${device[0]}" _
	fi
	for case in $cases; do
		case_run "$case" "$mode"
	done
	if [ "$mode" != wire ]; then
		eval "exec ${device[1]}>&-"
		# shellcheck disable=SC2154 # which coproc sets
		wait "$device_PID"
	fi
	kill $origin
	wait $origin || true
done

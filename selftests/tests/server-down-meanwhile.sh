#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# While connections leave servers again and again: servers deleted, links pulled, the namespace and the module gone.
# Targets: uml uml-debug
# Timeout: 150
# Exclusive: yes
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/load.sh"

rounds=$(long_or 100 4)
# One processor sees less than the debug kernel's two, which have the time.
[ "$SLUICE_TARGET" != uml ] || rounds=$(long_or 100 2)
# Milliseconds between two requests: what traffic leaves of the processors is for the changes, the sooner done.
pause=$(long_or 1 5)
load_sluice
setup_balancer 2
serve_echo "$S1" 8001
serve_echo "$S2" 8001
TARGETS=("tcp,10.0.1.100,80" "tcp,fd00:1::100,80" "udp,10.0.1.100,80")

rules() {
	cat <<-EOR
		pool add web4 --family inet -s rr --on-down reset
		pool add web6 --family inet6 -s rr --on-down rebalance --on-drain rebalance
		-a --pool web4 -r 10.0.2.11:8001
		-a --pool web4 -r 10.0.2.12:8001
		-a --pool web6 -r [fd00:2::11]:8001
		-a --pool web6 -r [fd00:2::12]:8001
		-A -t 10.0.1.100:80 --pool web4
		-A -u 10.0.1.100:80 --pool web4
		-A -t [fd00:1::100]:80 --pool web6
	EOR
}

# Servers go down, drain and come back, and some are deleted, until it is killed.
shake() {
	local i address state
	# What has been pulled away is refused in some of these.
	exec 2>/dev/null
	for ((i = 0; ; i++)); do
		address=10.0.2.1$((i % 2 + 1)):8001
		for state in down up 'draining --deadline 5ms' up 'draining --deadline 0' up; do
			echo "-e --pool web4 -r $address --state $state"
			echo "-e --pool web6 -r [fd00:2::1$((i % 2 + 1))]:8001 --state $state"
		done | while read -r line; do
			# shellcheck disable=SC2086 # words
			sl-in "$B" sluiceadm $line
		done
		sl-in "$B" sluiceadm -d --pool web4 -r "$address"
		sl-in "$B" sluiceadm -a --pool web4 -r "$address"
		sl-in "$B" sluiceadm pool set web4 --on-down "$([ $((i % 2)) = 0 ] && echo rebalance || echo reset)"
	done
}

# busy: traffic and shaking, which are there when it returns.
busy() {
	rules | in_ns "$B" sluiceadm -R || fatal "cannot configure"
	start_load keep -k -p 4 -i "$pause" -w 500 "${TARGETS[@]}"
	start_load short -p 2 -i "$pause" -w 500 "${TARGETS[@]}"
	busywait 20000 has_traffic >/dev/null || not_ok "there is traffic"
	shake &
	SHAKER=$!
	disown
	busywait 20000 resets >/dev/null || not_ok "connections are reset"
}

resets() { in_ns "$B" sluiceadm -L -c -n | grep -q CLOSE; }

calm() {
	kill -KILL "$SHAKER" 2>/dev/null
	stop_load keep
	stop_load short
}

for ((round = 1; round <= rounds; round++)); do
	busy
	case $((round % 2)) in
	1)
		ip -n "$B" link set s1 down
		ip -n "$B" link set s1 up
		# A listing may hold the module for a moment.
		busywait 20000 rmmod sluice >/dev/null || not_ok "round $round: unloaded"
		calm
		busywait 20000 modprobe sluice >/dev/null
		;;
	0)
		busywait 2000 false >/dev/null
		calm
		in_ns "$B" sluiceadm -C
		;;
	esac
done
rules | in_ns "$B" sluiceadm -R
check "all works afterwards" all_work "all that"
ok "it was unloaded, and links pulled, $(((rounds + 1) / 2)) times meanwhile"

# And the namespace itself.
in_ns "$B" sluiceadm -C
busy
ip netns del "$B"
calm
check "the namespace has gone meanwhile" test ! -e "/run/netns/$B"
ip netns add "$B"

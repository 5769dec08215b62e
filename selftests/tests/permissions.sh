#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Without CAP_NET_ADMIN nothing is done; a user namespace's root rules its own network alone.
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

load_sluice
setup_ns B
in_ns "$B" sluiceadm -A -t 192.0.2.1:80 -s rr || fatal "cannot make a service"
before=$(in_ns "$B" sluiceadm -S)
DENIED='permission denied: CAP_NET_ADMIN is needed \(run as root\)'

# As root without the capability, and as a user who has all of them in a user namespace that does not
# own this network.
powerless() { in_ns "$B" setpriv --bounding-set -net_admin --inh-caps -net_admin "$@"; }
stranger() { in_ns "$B" setpriv --reuid 65534 --regid 65534 --clear-groups unshare -U -r "$@"; }

# Run by them: all commands of standard input, each with its status and what it said.
attempts() {
	local argv output
	while read -ra argv; do
		output=$(sluiceadm "${argv[@]}" 2>&1 </dev/null)
		printf '%s\0' "${argv[*]}" $? "$output"
	done
}
export -f attempts

for who in powerless stranger; do
	$who bash -c attempts >"$TEST_DIR/$who" <<-'EOW'
		-A -t 192.0.2.2:80
		-E -t 192.0.2.1:80 -s wrr
		-D -t 192.0.2.1:80
		-a -t 192.0.2.1:80 -r 192.0.2.3
		-L
		-L -c
		-C
		-Z
		-S
		pool add web --family inet
		route add -t 192.0.2.1:80 a reject
		route set -t 192.0.2.1:80 a reject
		route move -t 192.0.2.1:80 a
		route del -t 192.0.2.1:80 a
		route show
		settings show
		settings set udp=1s
		info
	EOW
	tried=0
	while IFS= read -rd '' words && IFS= read -rd '' status && IFS= read -rd '' output; do
		tried=$((tried + 1))
		if [ "$status" -ne 0 ] && [[ $output =~ $DENIED && $output != *$'\n'* ]]; then
			ok "$who: $words"
		else
			note "status $status: $output"
			not_ok "$who: $words: refused in one line"
		fi
	done <"$TEST_DIR/$who"
	check_eq "$who: all were tried" 18 $tried
	check_fails "$who: monitor" "$DENIED" timeout 10 sl-in "$B" \
		setpriv --bounding-set -net_admin --inh-caps -net_admin sluiceadm monitor
done
check_eq "nothing has changed" "$before" "$(in_ns "$B" sluiceadm -S)"

# A network of one's own needs no privilege outside.
own=$(setpriv --reuid 65534 --regid 65534 --clear-groups unshare -U -r -n bash -c '
	sluiceadm -A -t 192.0.2.9:80 -s rr && sluiceadm -a -t 192.0.2.9:80 -r 192.0.2.3 && sluiceadm -S' 2>&1)
check_eq "a user configures a network of its own" \
	"-A -t 192.0.2.9:80 -s rr/-a -t 192.0.2.9:80 -r 192.0.2.3:80 -m -w 1" \
	"$(grep '^-' <<<"$own" | paste -sd/)"
check_eq "which nobody else sees" "$before" "$(in_ns "$B" sluiceadm -S)"
bounded=$(setpriv --reuid 65534 --regid 65534 --clear-groups unshare -U -r -n bash -c '
	sluiceadm settings set held-max=64M && sluiceadm settings set held-max=65M' 2>&1)
check_eq "and cannot have the host hold more than it does by default" \
	"sluiceadm: settings: to hold more than 67108864 bytes takes CAP_NET_ADMIN of the host (sniff.held-max)" \
	"$bounded"
bounded=$(setpriv --reuid 65534 --regid 65534 --clear-groups unshare -U -r -n bash -c '
	sluiceadm settings set relay-clients-max=262144 && sluiceadm settings set relay-clients-max=262145' 2>&1)
check_eq "nor have more clients of stratum relay" \
	"sluiceadm: settings: more than 262144 clients of stratum relay take CAP_NET_ADMIN of the host (relay-clients-max)" \
	"$bounded"

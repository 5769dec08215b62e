#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The demo's last act: a server is taken out in the middle of traffic. Sourced by demo.sh.

# removal: sets ASKED.
removal() {
	local web_before dns_before scheduled kept gone family
	web_before=$(sum "$(web_served)")
	dns_before=$(sum "$(dns_served)")
	say "Five clients start now and work until the end: three make $KEPT_ROUND web requests over each" \
		'connection, one opens a connection for each request, one asks for names.' ''
	traffic_start

	say 'First, weight 0: server-2 gets no new connections. Those it has go on.' ''
	for family in 4 6; do
		show balancer "sluiceadm -e -t $(vip $family):80 -r $(server2 $family):80 -m -w 0"
		show balancer "sluiceadm -e -u $(vip $family):53 -r $(server2 $family):53 -m -w 0"
	done
	scheduled=$(server2_scheduled) || fail 'server-2 is not in the table'
	kept=$(only 2 "$(web_served)")
	show balancer "sluiceadm -L -n -t $VIP4:80"
	wait_until 'server-2 had no active web connection' server2_idle
	kept=$(($(only 2 "$(web_served)") - kept))
	say '' "Until its connections ended, server-2 answered $kept more web requests over them." ''
	expect 'server-2 got no new web connection' "$(server2_scheduled)" "$scheduled"

	say '' 'Then, as it is idle, it is deleted.' ''
	for family in 4 6; do
		show balancer "sluiceadm -d -t $(vip $family):80 -r $(server2 $family):80"
		show balancer "sluiceadm -d -u $(vip $family):53 -r $(server2 $family):53"
	done
	gone="$(only 2 "$(web_served)") web requests, $(only 2 "$(dns_served)") queries"
	more_answers 40 'without server-2'
	traffic_stop
	show balancer 'sluiceadm -L -n'

	results
	expect 'the web servers logged each request once' \
		$(($(sum "$(web_served)") - web_before)) "$(asked "${KEPT[@]}" opened)"
	expect 'the DNS servers logged each query once' \
		$(($(sum "$(dns_served)") - dns_before)) "$(asked dns)"
	expect 'server-2 is in no table any more' \
		"$(in_ns "$B" sluiceadm -L -n | grep -cE '10\.0\.2\.12:|fd00:2::12\]')" 0
	expect 'server-2 got nothing after it was deleted' \
		"$(only 2 "$(web_served)") web requests, $(only 2 "$(dns_served)") queries" "$gone"
}

# vip FAMILY, server2 FAMILY: addresses as in a command.
vip() { if [ "$1" = 4 ]; then echo "$VIP4"; else echo "[$VIP6]"; fi; }
server2() { if [ "$1" = 4 ]; then echo 10.0.2.12; else echo '[fd00:2::12]'; fi; }

# server2_column N: sum of that column over server-2's web lines of a listing on standard input. Fails
# without such lines.
server2_column() {
	awk -v "n=$1" '
		$1 == "->" && $2 ~ /(\.12|::12\]):80$/ { sum += $n; lines++ }
		END { if (!lines) exit 1; print sum }
	'
}
server2_scheduled() { in_ns "$B" sluiceadm -L -n --stats | server2_column 3; }
server2_active() { in_ns "$B" sluiceadm -L -n | server2_column 5; }
server2_idle() { [ "$(server2_active)" = 0 ]; }

# more_answers COUNT WHEN: wait until the clients have had that many more in all.
more_answers() {
	wait_until "the clients had $1 more answers $2" have_answers $(($(answers "${ALL[@]}") + $1)) \
		"${ALL[@]}"
}

# results: what the clients have to say.
results() {
	ASKED=$(asked "${ALL[@]}")
	say '' 'What the clients saw:' ''
	printf '  %-30s %8s %9s %7s %12s\n' '' requests answered failed connections
	result "web, $KEPT_ROUND requests each connection" "${KEPT[@]}"
	result 'web, 1 request each connection' opened
	result 'DNS' dns
	say ''
	expect 'every request was answered' "$(answers "${ALL[@]}")" "$ASKED"
	expect 'no connection broke' "$(connections "${KEPT[@]}" opened)" \
		$(($(asked "${KEPT[@]}") / KEPT_ROUND + $(asked opened)))
}

# result TITLE NAME...: a line of the table.
result() {
	local title=$1 asked answers connections
	shift
	asked=$(asked "$@") answers=$(answers "$@") connections=$(connections "$@")
	[ "$connections" -gt 0 ] || connections=-
	printf '  %-30s %8d %9d %7d %12s\n' "$title" "$asked" "$answers" $((asked - answers)) "$connections"
}

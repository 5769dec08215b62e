#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Clients that work in the background until they are told to stop. Sourced by demo.sh.
#
# Each has a file of its own, with 'asked N' as it asks and a line for each answer. Nothing is asked
# again after an error, so no error can hide.

KEPT=(kept-1 kept-2 kept-3)
ALL=("${KEPT[@]}" opened dns)
KEPT_ROUND=24
TRAFFIC=$TEST_DIR/traffic

# traffic_start: a DNS client, a web client that opens a connection for each request, over IPv6, and
# three web clients that make KEPT_ROUND requests over each connection, over IPv4. The three start at
# the same time and last, so that each has a connection to another server when this returns.
traffic_start() {
	local name
	mkdir "$TRAFFIC"
	touch "$TRAFFIC/go"
	at_exit rm -f "$TRAFFIC/go"
	ask_names >"$TRAFFIC/dns" 2>&1 &
	rounds open_connections opened &
	wait_until 'two clients had answers' each_answered dns opened
	for name in "${KEPT[@]}"; do
		rounds keep_connection "$name" &
	done
	wait_until 'all clients had answers' each_answered "${KEPT[@]}"
}

# traffic_stop: all clients finish what they have begun.
traffic_stop() {
	rm "$TRAFFIC/go"
	wait
}

going_on() { [ -e "$TRAFFIC/go" ]; }

# rounds FUNCTION NAME
rounds() {
	while going_on; do
		"$1" "$2"
	done >"$TRAFFIC/$2" 2>&1
}

keep_connection() {
	echo "asked $KEPT_ROUND"
	client_curl --rate 4/s --output /dev/null "http://$VIP4/$1?[1-$KEPT_ROUND]"
}

open_connections() {
	echo 'asked 12'
	client_curl --rate 5/s --header 'Connection: close' --output /dev/null "http://[$VIP6]/$1?[1-12]"
}

# client_curl ARGUMENT...: a line for each request: its status (000 without an answer), how many
# connections were opened for it, the error. To standard error, which is not buffered.
client_curl() {
	in_ns "$C" curl --silent --max-time 10 \
		--write-out '%{stderr}%{http_code} %{num_connects} %{errormsg}\n' "$@"
}

# One dig that is given names one by one; each query comes from another port.
ask_names() {
	while going_on; do
		echo 'asked 2' >&2
		printf 'whoami.example TXT @%s\n' "$VIP4" "$VIP6"
		sleep 0.5
	done | in_ns "$C" dig +short +tries=1 +timeout=10 -f -
}

# Sums over the named clients so far: requests begun, answers had, connections opened.
# shellcheck disable=SC2016 # awk's $
asked() { total '$1 == "asked" { n += $2 }' "$@"; }
answers() { total '/^200 |^"server-[123]"$/ { n++ }' "$@"; }
# shellcheck disable=SC2016
connections() { total '/^[0-9]+ [0-9]/ { n += $2 }' "$@"; }

# total AWK NAME...
total() {
	local program=$1
	shift
	(cd "$TRAFFIC" && awk "$program END { print n + 0 }" "$@")
}

# have_answers COUNT NAME...: in all.
have_answers() {
	local count=$1
	shift
	[ "$(answers "$@")" -ge "$count" ]
}

# each_answered NAME...
each_answered() {
	local name
	for name; do
		[ -s "$TRAFFIC/$name" ] && have_answers 1 "$name" || return
	done
}

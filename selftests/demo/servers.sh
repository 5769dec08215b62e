#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The demo's servers, each with its own log, and what they say they served. Sourced by demo.sh.

# servers_start: nginx and dnsmasq on each; both answer with the server's name.
servers_start() {
	local i ns
	for i in 1 2 3; do
		ns=S$i
		serve_http "${!ns}" 80 "server-$i"
		serve_dns "${!ns}" "server-$i"
		WEB_LOGS+=("$TEST_DIR/http-${!ns}-80.log")
		DNS_LOGS+=("$TEST_DIR/dns-${!ns}.log")
	done
}
WEB_LOGS=() DNS_LOGS=()

# serve_dns NS TEXT: dnsmasq, whose TXT record of whoami.example is TEXT. It returns when it listens.
serve_dns() {
	in_ns "$1" dnsmasq --conf-file=/dev/null --user=root --pid-file="$TEST_DIR/dns-$1.pid" \
		--no-resolv --no-hosts --no-poll --log-queries --log-facility="$TEST_DIR/dns-$1.log" \
		--txt-record="whoami.example,$2" || fail "dnsmasq did not start in $1"
}

# web_served [CLIENT], dns_served [CLIENT]: how many requests or queries the logs of the three servers
# have, of that client address or of all. A server writes its log as it answers, so what a client
# has an answer to is in it.
web_served() { served "^${1:-.*}$" "${WEB_LOGS[@]}"; }
dns_served() { served "query.TXT. whoami.example from ${1:-.*}$" "${DNS_LOGS[@]}"; }

# served PATTERN LOG1 LOG2 LOG3
served() {
	awk -v "pattern=$1" '
		$0 ~ pattern { n[FILENAME]++ }
		END { printf "%d %d %d\n", n[ARGV[1]], n[ARGV[2]], n[ARGV[3]] }
	' "${@:2}"
}

# only I "A B C", sum "A B C"
only() { cut -d' ' -f"$1" <<<"$2"; }
sum() { echo $((${1// /+})); }

# spread_title, spread WHAT "A B C": a table of what was served.
spread_title() { printf '  %-28s %9s %9s %9s\n' "in the servers' own logs" server-1 server-2 server-3; }
spread() {
	local numbers
	read -ra numbers <<<"$2"
	printf '  %-28s %9d %9d %9d\n' "$1" "${numbers[@]}"
}

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A server can be taken out of kept-alive HTTP traffic and no request fails.
# Targets: uml uml-debug
. "${0%/*}/../lib/lib.sh"

load_sluice
setup_balancer 3
for i in 1 2 3; do
	server=S$i
	serve_http "${!server}" 80 "server$i"
done
for i in 1 2 3; do
	printf -- '-a --pool web4 -r 10.0.2.1%d:80\n-a --pool web6 -r [fd00:2::1%d]:80\n' "$i" "$i"
done | { printf 'pool add %s -s rr\n' "web4 --family inet" "web6 --family inet6"; cat; cat <<'EOR'
-A -t 10.0.1.100:80 --pool web4
-A -t [fd00:1::100]:80 --pool web6
EOR
} | in_ns "$B" sluiceadm -R || fatal "cannot make the services"

# clients URL COUNT: that many requests, 50 at a time, over connections that are kept; one line each:
# what was answered and what went wrong, nothing is 0.
clients() {
	in_ns "$C" curl -sS --no-progress-meter --parallel --parallel-immediate --parallel-max 50 --max-time 60 \
		-w '%{http_code} %{exitcode} %{num_connects}\n' -o /dev/null "$1/[1-$2]" 2>&1
}

log_lines() { cat "$TEST_DIR/http-$1-80.log" | wc -l; }
over() { [ "$(log_lines "$1")" -ge "$2" ]; }

for vip in 10.0.1.100 '[fd00:1::100]'; do
	pool=web4 server=10.0.2.12:80
	[ "$vip" = 10.0.1.100 ] || pool=web6 server='[fd00:2::12]:80'
	start=$(log_lines "$S2")
	clients "http://$vip" 1500 >"$TEST_DIR/answers" &
	curl=$!
	busywait 20000 over "$S2" $((start + 30)) >/dev/null || not_ok "$vip: no traffic at the second server"
	in_ns "$B" sluiceadm -e --pool "$pool" -r "$server" -w 0
	kill -0 $curl || not_ok "$vip: the traffic had ended before"
	in_ns "$B" sluiceadm -d --pool "$pool" -r "$server"
	wait $curl
	check_eq "$vip: all requests were answered, whatever became of the server" "1500 200 0" \
		"$(awk '{ print $1, $2 }' "$TEST_DIR/answers" | sort | uniq -c | awk '{ print $1, $2, $3 }')"
	check_range "$vip: connections were kept" 1 200 \
		"$(awk '{ n += $3 } END { print n }' "$TEST_DIR/answers")"
	in_ns "$B" sluiceadm -a --pool "$pool" -r "$server"
done

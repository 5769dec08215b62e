#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# sluiced reloads ten times a second under traffic, and is killed and started again: no request fails, the kernel has what the file says.
# Targets: uml uml-debug
# Timeout: 200
# Long: 900
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/load.sh"

load_sluice
setup_balancer 3
for s in "$S1" "$S2" "$S3"; do serve_echo "$s" 81 82; done
# The soak runs a build with AddressSanitizer, which tells at the end of what was not freed.
sluiced=sluiced
[ -z "${SLUICE_LONG:-}" ] || sluiced=/src/build/asan/sluiced
SECONDS_LONG=300
seconds=$(long_or $SECONDS_LONG 8)
chmod 755 "$TEST_DIR"
install -d -o nobody "$TEST_DIR/run"
file=$TEST_DIR/site.yaml control=$TEST_DIR/run/control
export SLUICED_CONTROL=$control

# site A B: the servers of a pool, by their last numbers; the other pools and services stay. What is
# different each time: a server, a weight, a route and a whole service.
site() {
	cat <<-EOC
		version: 1
		settings: {control: $control, user: nobody, log: {level: error}}
		checks: {c: {type: tcp, interval: 1s, timeout: 1s, fall: 3}}
		pools:
		  same: {servers: ["10.0.2.11:81", "10.0.2.12:81", "[fd00:2::11]:81", "[fd00:2::12]:81"], check: c}
		  other:
		    scheduler: wrr
		    servers: [{address: "10.0.2.$1:82", weight: $2}, "10.0.2.13:82", {address: "[fd00:2::$1]:82"}, "[fd00:2::13]:82"]
		    check: c
		services:
		  same: {address: ["10.0.1.100:81", "[fd00:1::100]:81"], pool: same}
		  same-udp: {address: ["10.0.1.100:81", "[fd00:1::100]:81"], protocol: udp, pool: same}
		  other: {address: ["10.0.1.100:82", "[fd00:1::100]:82"], pool: other}
		  web:
		    address: 10.0.1.100:83
		    parse: http
		    decide: connection
		    routes: [{name: r$1, match: {prefix: /$2}, pool: same}, {name: rest, pool: other}]
		  new-$1: {address: 10.0.1.100:$((1000 + $1)), pool: other}
	EOC
}

# put A B: the file is the old one or the new one, whenever it is read.
put() {
	[ -e "$file-$1-$2" ] || site "$@" >"$file-$1-$2"
	ln -sfn "$file-$1-$2" "$file"
}

# pause SECONDS, without a process, of which one takes long on the debug kernel.
exec {nothing}<> <(:)
pause() { read -r -t "$1" -u "$nothing" || true; }

daemon=
start() {
	sl-in "$B" "$sluiced" -f "$file" >>"$TEST_DIR/sluiced.log" 2>&1 &
	daemon=$!
	busywait 30000 answers
}
answers() { in_ns "$B" sluiceadm daemon show >/dev/null 2>&1; }

# ends WHAT: it does when it is told to, with nothing to say, and with nothing that was not freed.
ends() {
	local status
	kill -TERM "$daemon"
	wait "$daemon"
	status=$?
	check_eq "$1 ends, and has nothing to say" 0: "$status:$(cat "$TEST_DIR/sluiced.log")"
}

# table: all that the kernel has. Its order tells what was made first, but for routes it is what they mean.
table() {
	local all
	all=$(in_ns "$B" sluiceadm -S) || return
	sort <<<"$all"
	grep '^route ' <<<"$all"
}

# fresh WHICH: keep what the kernel has of a file that it is told without having had another; no check
# has failed yet, or none does any more.
declare -A FRESH=()
fresh() {
	busywait 30000 all_up || note "$(table)"
	FRESH[$1]=$(table)
}
all_up() { [[ $(table) != *--state* ]]; }

# has WHICH: the kernel has what it has of that file, and nothing else.
has() { [ "$(table)" = "${FRESH[$1]}" ]; }

# has_or_tell WHICH: the same, or what is different, after a while.
has_or_tell() {
	busywait 30000 has "$1" && return
	diff <(echo "${FRESH[$1]}") <(table)
	return 1
}

resident() { awk '$1 == "VmRSS:" { print $2 }' "/proc/$daemon/status"; }

# taken: no SIGHUP waits for the daemon, so that another one is not merged with it.
taken() {
	local key value
	while read -r key value; do
		if [ "$key" = ShdPnd: ]; then
			[ $((16#$value & 1)) = 0 ]
			return
		fi
	done 2>/dev/null <"/proc/$daemon/status"
	return 1
}

# counts: reloads that were applied, and those that were refused.
counts() {
	in_ns "$B" sluiceadm daemon show --json |
		jq -r '.daemon | "\(.["reloads-applied"]) \(.["reloads-refused"])"'
}
has_counted() {
	local applied refused
	read -r applied refused < <(counts) && [ $((applied + refused)) -ge $reloads ]
}

put 12 3
start || fatal "the daemon does not start: $(head -5 "$TEST_DIR/sluiced.log")"
fresh 12
ends "a daemon"
in_ns "$B" sluiceadm -C
put 11 1
start
check "the daemon runs" answers
fresh 11
start_load all -p 4 -i 2 -w 3000 tcp,10.0.1.100,81 udp,10.0.1.100,81 tcp,fd00:1::100,81 udp,fd00:1::100,81 \
	tcp,10.0.1.100,82 tcp,fd00:1::100,82
busywait 20000 has_traffic

# The kernel is told all of a file, or nothing. Ten times a second, or as often as the daemon can.
reloads=0 next=0
again() {
	local left
	put "$1" "$2"
	left=$((next - ${EPOCHREALTIME/./}))
	printf -v left '0.%06d' $((left > 0 ? left : 0))
	pause "$left"
	while ! taken; do
		[ -e "/proc/$daemon" ] || return
		pause 0.01
	done
	next=$((${EPOCHREALTIME/./} + 100000))
	kill -HUP "$daemon"
	reloads=$((reloads + 1))
}
began=$SECONDS early=
while [ $((SECONDS - began)) -lt "$seconds" ] || [ $reloads -lt 30 ]; do
	again $((11 + reloads % 2)) $((1 + reloads % 5)) || break
	[ $reloads -ne 20 ] || early=$(resident)
done
again 12 3
note "$reloads reloads in $((SECONDS - began)) s"
busywait 60000 has_counted
check_eq "all reloads were applied, and none refused" "$reloads 0" "$(counts)"
check "the kernel has the last, and nothing else" has_or_tell 12
late=$(resident)
note "memory: ${early:-?} kB after 20 reloads, $late kB after all"
# The sanitizer keeps what was freed.
if [ "$sluiced" = sluiced ]; then
	check "memory does not grow" test "$late" -lt $((${early:-$late} + 4096))
fi
# A daemon that is killed does not say what it has not freed.
ends "the daemon that took them all"
start
check "another one runs" answers

# Killed at any moment.
kills=0 wrong=0
end=$((SECONDS + seconds / 2))
while [ $SECONDS -lt $end ] || [ $kills -lt 6 ]; do
	which=$((11 + kills % 2))
	put $which $((which == 11 ? 1 : 3))
	kill -HUP "$daemon"
	pause "0.0$((RANDOM % 10))"
	disown "$daemon"
	kill -KILL "$daemon"
	busywait 20000 test ! -e "/proc/$daemon"
	kills=$((kills + 1))
	if ! start || ! different=$(has_or_tell $which); then
		note "after kill $kills: ${different:-}"
		wrong=$((wrong + 1))
	fi
done
check_eq "killed $kills times, and started again with what a fresh start has" 0 "$wrong"
stop_load all
note "$(load_sum all)"
check_eq "no request failed" "" "$(load_failures all)"
ends "the last daemon"
check "and takes its socket away" test ! -e "$control"

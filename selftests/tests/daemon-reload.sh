#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# sluiced reloads ten times a second under traffic, and is killed and started again: no request fails, the kernel has what the file says.
# Targets: uml uml-debug qemu-7
# Timeout: 120
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
	disown
	busywait 30000 answers
}
answers() { in_ns "$B" sluiceadm daemon show >/dev/null 2>&1; }

# has A B: the kernel has what the file says of what changes.
has() {
	local table
	table=$(in_ns "$B" sluiceadm -S)
	[[ $table == *"--pool other -r 10.0.2.$1:82 -m -w $2"* && $table == *"-t 10.0.1.100:$((1000 + $1)) "* &&
		$table == *"route add -t 10.0.1.100:83 r$1 prefix /$2 "* ]]
}

resident() { awk '$1 == "VmRSS:" { print $2 }' "/proc/$daemon/status"; }

put 11 1
start
check "the daemon runs" answers
start_load all -p 4 -i 2 -w 3000 tcp,10.0.1.100,81 udp,10.0.1.100,81 tcp,fd00:1::100,81 udp,fd00:1::100,81 \
	tcp,10.0.1.100,82 tcp,fd00:1::100,82
busywait 20000 has_traffic

# The kernel is told all of a file, or nothing; a wrong one in between changes nothing.
reloads=0
again() {
	local which=$((11 + reloads % 2)) weight=$((1 + reloads % 5))
	put $which $weight
	kill -HUP "$daemon"
	reloads=$((reloads + 1))
	pause 0.1
}
end=$((SECONDS + seconds)) early=
while [ $SECONDS -lt $end ]; do
	again
	[ $reloads -ne 20 ] || early=$(resident)
done
put 12 3
kill -HUP "$daemon"
check "$reloads reloads, and the kernel has the last" busywait 20000 has 12 3
late=$(resident)
note "memory: ${early:-?} kB after 20 reloads, $late kB after all"
# The sanitizer keeps what was freed.
if [ "$sluiced" = sluiced ]; then
	check "memory does not grow" test "$late" -lt $((${early:-$late} + 4096))
fi

# Killed at any moment.
kills=0 wrong=0
end=$((SECONDS + seconds / 2))
while [ $SECONDS -lt $end ] || [ $kills -lt 5 ]; do
	which=$((11 + kills % 2)) weight=$((1 + kills % 7))
	put $which $weight
	kill -HUP "$daemon"
	pause "0.0$((RANDOM % 10))"
	kill -KILL "$daemon"
	busywait 20000 test ! -e "/proc/$daemon"
	kills=$((kills + 1))
	start && busywait 20000 has $which $weight || wrong=$((wrong + 1))
done
check_eq "killed $kills times, and started again with what the file says" 0 "$wrong"
stop_load all
note "$(load_sum all)"
check_eq "no request failed" "" "$(load_failures all)"
kill -TERM "$daemon"
check "it ends" busywait 60000 test ! -e "/proc/$daemon"
check "and takes its socket away" test ! -e "$control"
check_eq "it has nothing to say" "" "$(cat "$TEST_DIR/sluiced.log")"

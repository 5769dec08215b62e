#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Traffic in the background: sl-load in the client, sl-echo in the servers (selftests/helpers).
#   . "${0%/*}/lib/load.sh"         after ../lib/lib.sh

declare -A LOADS=()

# serve_echo NS PORT...: answers requests of sl-load, TCP and UDP.
serve_echo() {
	local ns=$1
	shift
	sl-in "$ns" sl-echo "$@" 2>"$TEST_DIR/echo-$ns.err" &
	disown
	wait_listening "$ns" tcp "$1"
}

# start_load NAME ARGUMENT...: sl-load in the client's namespace (LOAD_NS, or C) until stop_load NAME.
start_load() {
	local name=$1
	shift
	sl-in "${LOAD_NS:-$C}" sl-load "$@" >"$TEST_DIR/load-$name" 2>&1 &
	LOADS[$name]=$!
}

# stop_load NAME: its figures are there afterwards.
stop_load() {
	kill -TERM "${LOADS[$1]}"
	wait "${LOADS[$1]}"
	unset "LOADS[$1]"
}

# load_sum NAME [KEY]: over all its targets: requests, failures or again; without KEY all of it.
load_sum() {
	if [ $# -gt 1 ]; then
		jq -s "[.[].$2] | add" "$TEST_DIR/load-$1"
	else
		jq -sc '{ requests: ([.[].requests] | add), failures: ([.[].failures] | add),
			again: ([.[].again] | add), errors: [.[].error] }' "$TEST_DIR/load-$1"
	fi
}

# load_failures NAME: the lines of targets that had any, or no answer at all; nothing is not enough.
load_failures() {
	jq -cs 'if . == [] then "no report" else .[] | select(.failures > 0 or .requests == 0) end' \
		"$TEST_DIR/load-$1" 2>&1
}

# For tests that break something again and again under traffic, to the targets in TARGETS.
#   begin_round                 traffic, which is there when it returns; IDLE_ROUNDS counts failures
#   end_round WHAT              ends it; succeeds if all works afterwards as before
TARGETS=() ROUND=0 IDLE_ROUNDS=0
begin_round() {
	ROUND=$((ROUND + 1))
	start_load "round-$ROUND" -p 3 -i 2 -w 500 "${TARGETS[@]}"
	busywait 10000 has_traffic || IDLE_ROUNDS=$((IDLE_ROUNDS + 1))
}

end_round() {
	stop_load "round-$ROUND"
	all_work "$1"
}

# connection_count: how many connections the balancer has.
connection_count() {
	[[ $(in_ns "$B" sluiceadm info --json) =~ \"connections\":([0-9]+) ]] && echo "${BASH_REMATCH[1]}"
}

# has_traffic: the balancer has connections.
has_traffic() { [[ $(connection_count) = [1-9]* ]]; }

# all_work WHAT: within a minute no request to any of TARGETS fails.
all_work() {
	busywait 60000 no_request_fails && return
	note "after $1: $(load_sum works)"
	return 1
}

no_request_fails() {
	sl-in "$C" sl-load -t 1 -w 2000 "${TARGETS[@]}" >"$TEST_DIR/load-works" &&
		[ -z "$(load_failures works)" ]
}

# check_slab_empty CACHE: a case, on kernels that keep the cache apart from others of its size.
check_slab_empty() {
	local name="no object is left in $1"
	if [ ! -d "/sys/kernel/slab/$1" ] || [ -L "/sys/kernel/slab/$1" ] ||
		! [[ " $(cat /proc/cmdline) " =~ \ slab_debug= ]]; then
		skip "$name" "the kernel does not count them exactly"
		return
	fi
	# Tests that run beside this one have objects, too; the rig looks for leaks when all have ended.
	if [ -z "${SLUICE_LONG:-}" ]; then
		skip "$name" "other tests may be running"
		return
	fi
	check "$name" busywait 20000 slab_is_empty "$1"
}

slab_is_empty() {
	# KASAN keeps what was freed for a while.
	echo 1 >"/sys/kernel/slab/$1/shrink"
	awk -v c="$1" '$1 == c { print; exit $2 > 0 }' /proc/slabinfo
}

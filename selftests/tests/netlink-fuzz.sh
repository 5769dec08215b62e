#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# 100,000 malformed and random messages are each answered (20,000 on 7.x); no invalid one changes anything or leaks.
# Targets: uml uml-debug qemu-7
# Timeout: 180
# Long: 1800
. "${0%/*}/../lib/lib.sh"

# SEED=N does the same again.
SEED=${SEED:-$RANDOM$RANDOM}
invalid=$(long_or 2000000 80000)
random=$(long_or 1000000 20000)
# The debug kernel sees what is wrong at the first.
case $SLUICE_TARGET in uml-debug | qemu-7) invalid=$(long_or 2000000 16000) random=$(long_or 1000000 4000) ;; esac

adm() { in_ns "$N" sluiceadm "$@"; }

# What sl-fuzz expects to be there.
configure() {
	adm -R <<-EOR
		-A -t 192.0.2.1:80 -s rr
		-a -t 192.0.2.1:80 -r 198.51.100.1:8080
		pool add web --family inet
		-a --pool web -r 198.51.100.1:8080 -w 3
		pool add six --family inet6 -s lc
		-A -u [2001:db8::1]:53 --pool six
		pool add px --family inet
		pool add py --family inet
		-A -t 192.0.2.8:80 --stratum sniff --parse http
		route add -t 192.0.2.8:80 old header X-A=b source 10.0.0.0/8 pool px
		route add -t 192.0.2.8:80 other proxy 8080
		-A -t 192.0.2.7:80 --stratum relay
		relay set -t 192.0.2.7:80 timeout-head=1000000 retries=1
	EOR
}

dump() { adm -S; adm relay show; adm -L -n --json; adm pool show --json; adm server show --json; adm route show; adm info; }

# result NAME: of the last run.
result() { awk -v n="$1" '$1 == n { print $2 }' "$TEST_DIR/out"; }

# fuzz [relay] WHAT [COUNT]: in case of failure its output tells which message it was.
fuzz() {
	local name=$1
	[ "$name" != relay ] || name="relay $2"
	if ! in_ns "$N" sl-fuzz "$@" $((SEED + seeds++)) >"$TEST_DIR/out" 2>&1; then
		note "$(cat "$TEST_DIR/out")"
		not_ok "$name: as it should be"
	else
		ok "$name: as it should be"
	fi
	note "$name: $(grep -v '^#' "$TEST_DIR/out" | paste -sd,)"
}

# relay_stat NAME: a counter of stratum relay.
relay_stat() { adm relay stats --json | jq ".$1"; }

# Kilobytes of kernel memory that cannot be reclaimed.
unreclaimable() { awk '/^SUnreclaim|^Percpu|^KernelStack/ { n += $2 } END { print n }' /proc/meminfo; }

load_sluice
load_ktls
setup_ns N
note "seed $SEED"
seeds=0

# The faults below are faults of these requests, which must therefore be right; what is in them is random.
accepted=0
for _ in 1 2 3 4 5; do
	configure || fatal "cannot configure"
	fuzz bases
	accepted=$((accepted + $(result accepted)))
done
check_eq "every request that faults are put into is right" $((5 * 31)) "$accepted"
configure || fatal "cannot configure"
accepted=0
for _ in 1 2 3 4 5; do
	fuzz relay bases
	accepted=$((accepted + $(result accepted)))
done
check_eq "and those of stratum relay" $((5 * 7)) "$accepted"
adm -C

configure || fatal "cannot configure again"
dump >"$TEST_DIR/before"
fuzz invalid 5000
memory=$(unreclaimable)
fuzz invalid "$invalid"
check_eq "every invalid message is refused" "$invalid" "$(result refused)"
check_eq "every invalid message is answered" 0 "$(result unanswered)"
check_eq "every refusal of the module says why" 0 "$(result without-text)"
handed=$(relay_stat accepted)
fuzz relay invalid $((invalid / 4))
check_eq "every invalid message to stratum relay is refused" $((invalid / 4)) "$(result refused)"
check_eq "every one of them is answered" 0 "$(result unanswered)"
check_eq "and every refusal says why" 0 "$(result without-text)"
check_eq "none of them hands a client over, but that which they are about" $((handed + 1)) "$(relay_stat accepted)"
dump >"$TEST_DIR/after"
check "no invalid message changed anything" diff "$TEST_DIR/before" "$TEST_DIR/after"
grown() { [ $(($(unreclaimable) - memory)) -lt 8000 ]; }
check "the kernel's memory has not grown by $((8000000 / invalid)) bytes a message" busywait 10000 grown

fuzz lengths 2000
check "the socket goes on after a length that is a lie" test "$(result accepted)" = 20
fuzz relay lengths 2000
check "that of stratum relay, too" test "$(result accepted)" = 20

# Valid ones among them change everything, from two sides at once.
in_ns "$N" sl-fuzz random $((random / 2)) $((SEED + 100)) >"$TEST_DIR/out2" &
other=$!
in_ns "$N" sl-fuzz relay random $((random / 4)) $((SEED + 200)) >"$TEST_DIR/out3" &
third=$!
fuzz random $((random / 2))
wait $other || { not_ok "the other one, too"; note "$(cat "$TEST_DIR/out2")"; }
check_eq "every random message is answered" 0 "$(result unanswered)"
check_range "some of them were valid" $((random / 200)) "$random" "$(result accepted)"
check_range "and most were not" $((random / 20)) "$random" "$(result refused)"
wait $third || { not_ok "those to stratum relay, too"; note "$(cat "$TEST_DIR/out3")"; }
note "relay random: $(grep -v '^#' "$TEST_DIR/out3" | paste -sd,)"
check "what is there can be listed" dump
configure 2>/dev/null
fuzz relay random $((random / 4))
check_eq "every random message to stratum relay is answered" 0 "$(result unanswered)"
check_range "some of them were valid" $((random / 1000)) "$random" "$(result accepted)"
check_range "and most were not" $((random / 40)) "$random" "$(result refused)"
no_client() { [ "$(relay_stat clients)" = 0 ]; }
check "no client is left" busywait 30000 no_client
adm -C
check_eq "what is there can be deleted" '{"services":[]}' "$(adm -L -n --json | tr -d ' \n')"

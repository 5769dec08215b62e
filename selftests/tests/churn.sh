#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# While everything around it is changed at once, a service that nobody touches loses no request.
# Targets: uml uml-debug
# Timeout: 300
# Long: 900
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/load.sh"

SECONDS_LONG=300
seconds=$(long_or $SECONDS_LONG 8)
# One processor sees less than the debug kernel's two, which have the time.
[ "$SLUICE_TARGET" != uml ] || seconds=$(long_or $SECONDS_LONG 4)
# Milliseconds between two requests: what traffic leaves of the processors is for the changes, the sooner done.
pause=$(long_or 0 20)

# steady and long have servers of their own, which no command touches.
STEADY=("tcp,10.0.1.100,81" "udp,10.0.1.100,81" "tcp,fd00:1::100,81" "udp,fd00:1::100,81")
HELD=("tcp,10.0.1.100,83" "udp,10.0.1.100,83" "tcp,fd00:1::100,83" "udp,fd00:1::100,83")
ABUSED=("tcp,10.0.1.100,82" "udp,10.0.1.100,82" "tcp,fd00:1::100,82" "udp,fd00:1::100,82")

adm() { in_ns "$B" sluiceadm "$@"; }
info() { adm info --json | jq "$1"; }

# service PORT SERVER-PORT: in both families and protocols, with three servers.
service() {
	local vip option net i
	for option in -t -u; do
		for net in 10.0.2. fd00:2::; do
			vip=10.0.1.100
			[ $net = 10.0.2. ] || vip='[fd00:1::100]'
			echo "-A $option $vip:$1 -s rr"
			for i in 11 12 13; do
				if [ $net = 10.0.2. ]; then
					echo "-a $option $vip:$1 -r $net$i:$2"
				else
					echo "-a $option $vip:$1 -r [$net$i]:$2"
				fi
			done
		done
	done
}

# What goes on in the balancer beside the traffic; each until it is told to stop. Commands that come
# too late, because another worker was faster, are refused: that is not what is tested here.
cat >"$TEST_DIR/work.sh" <<'EOW'
what=$1 option=$2 vip=$3 server=$4 dir=$5
scheds=(rr wrr lc wlc) states=(up up draining down) ops=0 bad=0
trap 'stop=1' TERM
pick() { local -n of=$1; picked=${of[RANDOM % ${#of[@]}]}; }
one() { printf "$server" $((11 + RANDOM % 3)); }
# A line for each: somebody may wait for a number of them.
did() { ops=$((ops + 1)); echo >>"$dir/did-$what"; }
while [ -z "${stop:-}" ]; do
	case $what in
	servers)
		# The lines of one call are that many commands in a row.
		for _ in 1 2 3 4 5 6 7 8; do
			r=$(one)
			pick states
			case $((RANDOM % 4)) in
			0) echo "-d $option $vip -r $r"; echo "-a $option $vip -r $r -w $((RANDOM % 4))" ;;
			1) echo "-e $option $vip -r $r --state $picked" ;;
			2) echo "-e $option $vip -r $r -w $((RANDOM % 4))" ;;
			3) pick scheds; echo "-E $option $vip -s $picked" ;;
			esac
		done | sluiceadm -R && did
		# Nobody is to be left without a server for long.
		for i in 11 12 13; do
			sluiceadm -a $option $vip -r "$(printf "$server" $i)"
			sluiceadm -e $option $vip -r "$(printf "$server" $i)" -w 1 --state up
		done
		;;
	services)
		sluiceadm -D $option $vip && did
		pick scheds
		{
			echo "-A $option $vip -s $picked"
			for i in 11 12 13; do echo "-a $option $vip -r $(printf "$server" $i)"; done
		} | sluiceadm -R && did
		sleep 0.2
		;;
	list)
		for args in "-Lnc" "-Ln --stats" "-Lnc --json" "-Ln --json" "server show --json" info "-S"; do
			[ -z "${stop:-}" ] || break
			did
			# shellcheck disable=SC2086
			if ! sluiceadm $args >"$dir/listing" 2>"$dir/listing.err"; then
				bad=$((bad + 1))
				echo "sluiceadm $args: $(cat "$dir/listing.err")" >&3
			elif [[ $args = *json* ]] && ! jq -e . "$dir/listing" >/dev/null; then
				bad=$((bad + 1))
				echo "sluiceadm $args: no JSON" >&3
			fi
		done
		;;
	settings)
		sluiceadm settings set tcp-time-wait=$((100 + RANDOM % 200)) tcp-close=$((100 + RANDOM % 200)) && did
		sluiceadm -Z $option $vip
		;;
	esac 2>>"$dir/refused"
done 3>>"$dir/bad"
echo "$ops $bad" >"$dir/work-$what$option"
EOW

# start_work WHAT OPTION VIP SERVER: SERVER has %d where its number goes.
workers=()
start_work() {
	sl-in "$B" bash "$TEST_DIR/work.sh" "$@" "$TEST_DIR" &
	workers+=($!)
}

load_sluice
setup_balancer 3
in_ns "$C" sysctl -qw net.ipv4.tcp_tw_reuse=1 net.ipv4.ip_local_port_range="10000 60999"
for s in "$S1" "$S2" "$S3"; do
	serve_echo "$s" 8001 8002 8003
done
{ service 81 8001; service 82 8002; service 83 8003; } | adm -R || fatal "cannot configure"
# Long enough for a slow machine, short enough that the collector always has work.
adm settings set tcp-established=30s tcp-fin-wait=4s tcp-close-wait=4s tcp-last-ack=4s tcp-syn-sent=4s \
	tcp-syn-recv=4s udp=4s udp-new=4s tcp-time-wait=200 tcp-close=200

sl-in "$B" sluiceadm monitor --json >"$TEST_DIR/events" 2>&1 &
monitor=$!
start_load steady -p 2 -i "$pause" "${STEADY[@]}"
start_load held -k -i 20 "${HELD[@]}"
start_load abused -p 4 -i "$pause" -w 1500 "${ABUSED[@]}"
start_work servers -t 10.0.1.100:82 '10.0.2.%d:8002'
start_work servers -u '[fd00:1::100]:82' '[fd00:2::%d]:8002'
start_work services -u 10.0.1.100:82 '10.0.2.%d:8002'
start_work services -t '[fd00:1::100]:82' '[fd00:2::%d]:8002'
start_work list -t any any
start_work settings -t 10.0.1.100:82 any
sleep "$seconds"
# A busy machine needs longer for what is asked for below.
done_at_least() {
	local lines=()
	[ ! -e "$TEST_DIR/did-$1" ] || mapfile -t lines <"$TEST_DIR/did-$1"
	[ ${#lines[@]} -ge "$2" ]
}
busywait 60000 done_at_least servers 2
busywait 60000 done_at_least services 4
kill "${workers[@]}"
wait "${workers[@]}"
stop_load steady

while read -r name ops bad; do
	note "$name: $ops operations, $bad failed"
done < <(cd "$TEST_DIR" && grep -H . work-* | tr ':' ' ')
check_eq "steady: no request failed" "" "$(load_failures steady)"
check_range "steady: requests were made" 40 100000000 "$(load_sum steady requests)"
check_range "the servers were changed while they were in use" 2 1000000 \
	"$(awk '{ n += $1 } END { print n }' "$TEST_DIR"/work-servers*)"
check_range "services were made anew while they were in use" 4 1000000 \
	"$(awk '{ n += $1 } END { print n }' "$TEST_DIR"/work-services*)"
check_eq "every listing was complete" "" "$(cat "$TEST_DIR/bad")"
declare -A counts=()
while read -r target counted; do
	counts[$target]=$counted
done < <(adm -L -n --json | jq -r '.services[] | "\(.protocol),\(.address),\(.port) \(.stats.connections)"')
checked=0
while read -r target made reused again; do
	checked=$((checked + 1))
	# A SYN from the port of a connection that was reset just now stays with its entry, and so does a datagram
	# from the port of an earlier flow, which no client ends. One that is sent again may find its flow expired.
	check_range "$target: as many connections were counted as made" \
		$((made - reused)) $((made + again)) "${counts[$target]:-}"
done < <(jq -r '"\(.target) \(.requests) \(.reused) \(.again)"' "$TEST_DIR/load-steady")
check_eq "of all targets" ${#STEADY[@]} $checked

# At the limit new connections are refused, those that are there go on.
adm settings set connections-max=12
sleep "$(long_or 20 3)"
check_range "at the limit connections are refused" 1 1000000000 "$(info .refusals.limit)"
# Two CPUs may take the last place at once.
check_range "the limit holds" 1 14 "$(busywait 20000 eval '[ "$(info .connections)" -le 14 ] && info .connections')"
stop_load abused
adm settings set connections-max=100000
stop_load held
check_eq "held connections: no request failed" "" "$(load_failures held)"
check_range "held connections: requests were made" 40 100000000 "$(load_sum held requests)"
check_range "abused: most requests were answered" 40 100000000 "$(load_sum abused requests)"

kill $monitor
wait $monitor 2>/dev/null
check_range "events were told" 8 1000000000 "$(grep -c '"event"' "$TEST_DIR/events")"
check "all of them are JSON" jq -e -s 'length > 0' "$TEST_DIR/events"

gone() { [ "$(connection_count)" = 0 ]; }
check "all connections expire" busywait 60000 gone
check_eq "no server counts a connection" "0" \
	"$(adm server show --json | jq '[.servers[] | .active + .inactive] | add')"
check_eq "no connection was refused for memory" 0 "$(info .refusals.memory)"
check_slab_empty sluice_conn4
check_slab_empty sluice_conn6
adm -C

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The module is loaded and unloaded 50 times (10 on the debug kernel) in the middle of traffic, dumps, events and dying namespaces.
# Targets: uml uml-debug
# Timeout: 360
# Long: 1800
# Exclusive: yes
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/load.sh"

rounds=$(long_or 500 50)
# The debug kernel takes ten times as long for each, and sees what is wrong at the first.
[ "$SLUICE_TARGET" != uml-debug ] || rounds=$(long_or 500 10)

rules() {
	local option
	for option in -t -u; do
		cat <<-EOR
			-A $option 10.0.1.100:81 -s rr
			-a $option 10.0.1.100:81 -r 10.0.2.11:8001
			-a $option 10.0.1.100:81 -r 10.0.2.12:8001
			-A $option [fd00:1::100]:81 -s wlc
			-a $option [fd00:1::100]:81 -r [fd00:2::11]:8001
			-a $option [fd00:1::100]:81 -r [fd00:2::12]:8001
		EOR
	done
}

loaded() { [ -d /sys/module/sluice ]; }

# A dump or a socket that is being closed may hold the module for a moment.
unload() { ! loaded || rmmod sluice 2>"$TEST_DIR/rmmod" || ! loaded; }

setup_balancer 2
in_ns "$C" sysctl -qw net.ipv4.tcp_tw_reuse=1 net.ipv4.ip_local_port_range="10000 60999"
serve_echo "$S1" 8001
serve_echo "$S2" 8001
rules >"$TEST_DIR/rules"
targets=("tcp,10.0.1.100,81" "udp,10.0.1.100,81" "tcp,fd00:1::100,81" "udp,fd00:1::100,81")
# Most requests fail while there is no module: short ones and long ones. As many as an emulated guest can make
# would leave little of it for what is tested.
processes=3 pause=5
case $SLUICE_TARGET in qemu-*) processes=2 pause=$(long_or 5 20) ;; esac
start_load short -p $processes -i "$pause" -w 700 "${targets[@]}"
start_load long -k -p 1 -i 10 -w 700 "${targets[@]}"

idle=0 refused=0 unconfigured=0 deleted=0
for ((i = 1; i <= rounds; i++)); do
	modprobe sluice || { note "round $i: cannot load"; break; }
	if ! in_ns "$B" sluiceadm -R <"$TEST_DIR/rules" 2>"$TEST_DIR/restore"; then
		note "round $i: $(cat "$TEST_DIR/restore")"
		unconfigured=$((unconfigured + 1))
	fi
	# This load of the module has connections.
	busywait 20000 has_traffic || idle=$((idle + 1))
	beside=() monitor=
	case $((i % 5)) in
	1)
		# A listener and dumps at the moment of unloading.
		sl-in "$B" sluiceadm monitor >/dev/null 2>&1 &
		monitor=$!
		sl-in "$B" sluiceadm -Lnc --json >/dev/null 2>&1 &
		beside+=($!)
		;;
	2)
		# Another namespace that has services, deleted at the same time.
		ip netns add "sl-reload-x-$i"
		ip -n "sl-reload-x-$i" link set lo up
		in_ns "sl-reload-x-$i" sluiceadm -R <"$TEST_DIR/rules" || unconfigured=$((unconfigured + 1))
		ip netns del "sl-reload-x-$i" &
		beside+=($!)
		deleted=$((deleted + 1))
		;;
	3)
		# Everything is deleted first, what is established goes on.
		in_ns "$B" sluiceadm -C
		;;
	esac
	if ! busywait 20000 unload; then
		note "round $i: $(cat "$TEST_DIR/rmmod")"
		refused=$((refused + 1))
		break
	fi
	[ -z "$monitor" ] || { kill "$monitor"; wait "$monitor"; } 2>/dev/null
	[ ${#beside[@]} -eq 0 ] || wait "${beside[@]}"
	# A dump that came late may have loaded it again.
	busywait 20000 unload
done
stop_load short
stop_load long

check_eq "the module was loaded and unloaded $rounds times" $((rounds + 1)) "$i"
check_eq "each time it could be unloaded at once" 0 "$refused"
check_eq "each time the services could be made" 0 "$unconfigured"
check_eq "each time there was traffic" 0 "$idle"
check_range "namespaces died meanwhile" 1 1000 "$deleted"
check_range "requests were answered" "$rounds" 100000000 "$(load_sum short requests)"
check_range "requests failed while there was no module" 1 100000000 "$(load_sum short failures)"
note "short: $(load_sum short), long: $(load_sum long)"

# Nothing of it is left, and the last load is as good as the first.
check_eq "no cache is left" "" "$(grep -s ^sluice /proc/slabinfo)"
modprobe sluice
check "it can be configured again" in_ns "$B" sluiceadm -R <"$TEST_DIR/rules"
start_load after "${targets[@]}" -t 1
wait "${LOADS[after]}"
check_eq "and no request fails" "" "$(load_failures after)"
rmmod sluice

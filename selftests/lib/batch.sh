#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Run tests in this guest: three at a time, then those that must be alone. Started by run-tests.
#   batch.sh PREFIX NAME...
# One line for each on standard output as it ends, with the output of one that failed. For run-tests,
# /share/started has the names begun and /share/results has "RESULT<TAB>NAME<TAB>SECONDS" lines.

. /src/selftests/lib/headers.sh
. /src/selftests/rig/lib/complaints.sh

prefix=$1
shift
scale=1
[ "$SLUICE_TARGET" != uml-debug ] || scale=$DEBUG_SCALE

# report RESULT NAME SECONDS [OUTPUT]: the line and the record, at once, so that two do not mix.
report() {
	{
		flock 9
		printf '%s\t%s\t%s\n' "$1" "$2" "$3" >>/share/results
		printf '%-4s %s %-28s %6s s\n' "$1" "$prefix" "$2" "$3"
		[ -z "${4:-}" ] || sed "s/^/     $prefix | /" "$4"
	} 9>/run/report.lock
}

# What the kernel complained about since a line of its log that has this text.
complaints_since() {
	local lines
	lines=$(dmesg | complaints "$1")
	lines=${lines##*"$1"}
	printf '%s' "${lines#$'\n'}"
}

seconds_since() {
	local ms=$(((${EPOCHREALTIME/./} - ${1/./}) / 1000))
	printf '%d.%d' $((ms / 1000)) $((ms % 1000 / 100))
}

# namespaces_of NAME: those of a test, and not of one whose name begins with this one.
namespaces_of() {
	local path ns known
	for path in "/run/netns/sl-$1-"*; do
		[ -e "$path" ] || continue
		ns=${path##*/}
		for known in "${names[@]}"; do
			[[ $known != "$1-"* || $ns != "sl-$known-"* ]] || continue 2
		done
		echo "$ns"
	done
}

run_test() {
	local name=$1 path start log=/share/$1.log mark limit rc result left
	path=/src/selftests/tests/$name.sh
	limit=$(($(test_limit "$path") * scale))
	mark="sluice-test: $name starts"
	echo "$name" >>/share/started
	echo "$mark" >/dev/kmsg
	start=$EPOCHREALTIME
	# A group of its own, so that whatever it leaves running can be found.
	(
		echo "$BASHPID" >"$GROUPS_OF_TESTS/$name/cgroup.procs"
		exec setsid -w timeout -k 5 "$limit" "$path"
	) >"$log" 2>&1 </dev/null
	rc=$?
	echo 1 >"$GROUPS_OF_TESTS/$name/cgroup.kill"
	case $rc in
	0) result=ok ;;
	4) result=skip ;;
	124 | 137)
		result=FAIL
		echo "# stopped by the runner: time limit of $limit s" >>"$log"
		;;
	*) result=FAIL ;;
	esac
	# A test that says 'not ok' has failed whatever its status.
	! grep -q '^not ok' "$log" || result=FAIL
	left=$(namespaces_of "$name")
	if [ -n "$left" ]; then
		result=FAIL
		echo "# it left namespaces behind:" "${left//$'\n'/ }" >>"$log"
		for ns in $left; do
			ip netns pids "$ns" | xargs -r kill -KILL
			ip netns del "$ns"
		done
	fi
	left=$(complaints_since "$mark")
	if [ -n "$left" ]; then
		result=FAIL
		printf '# the kernel complained while it ran:\n%s\n' "$left" >>"$log"
	fi
	case $result in
	ok) report ok "$name" "$(seconds_since "$start")" ;;
	skip)
		grep -m1 SKIP "$log" >"$log.skip"
		report skip "$name" "$(seconds_since "$start")" "$log.skip"
		;;
	*) report FAIL "$name" "$(seconds_since "$start")" "$log" ;;
	esac
}

# KUnit's cases are in the kernel's log once the module that has them is loaded: each is a test.
run_kunit() {
	local start=$EPOCHREALTIME mark="sluice-test: kunit starts" log=/share/kunit.log suite=
	local cases=0 bad=0 line name
	echo kunit >>/share/started
	echo "$mark" >/dev/kmsg
	if ! modprobe sluice_kunit >"$log" 2>&1; then
		report FAIL kunit "$(seconds_since "$start")" "$log"
		return
	fi
	dmesg | awk -v mark="$mark" 'index($0, mark) { on = 1; next } on' |
		sed -E 's/^\[ *[0-9.]+\] ?//' >"$log"
	while IFS= read -r line; do
		case $line in
		'    # Subtest: '*) suite=${line#*: } ;;
		'    ok '* | '    not ok '*)
			name=$suite.$(sed -E 's/^ *(not )?ok [0-9]+ (- )?([^ ]+).*/\3/' <<<"$line")
			cases=$((cases + 1))
			case $line in
			*'# SKIP'*) printf 'skip\tkunit:%s\t0\n' "$name" ;;
			'    ok '*) printf 'ok\tkunit:%s\t0\n' "$name" ;;
			*)
				bad=$((bad + 1))
				printf 'FAIL\tkunit:%s\t0\n' "$name"
				;;
			esac >>/share/results
			;;
		esac
	done <"$log"
	complaints <"$log" >"$log.complaints"
	if [ $cases -eq 0 ] || [ -s "$log.complaints" ]; then
		report FAIL kunit "$(seconds_since "$start")" "$log"
	elif [ $bad -gt 0 ]; then
		# Its cases are in the results: the line is for whoever watches.
		printf 'FAIL %s kunit: %d of %d cases\n' "$prefix" $bad $cases
		sed "s/^/     $prefix | /" "$log"
	else
		printf 'ok   %s kunit: %d cases %16s s\n' "$prefix" $cases "$(seconds_since "$start")"
	fi
	modprobe -r sluice_kunit
	echo kunit >>/share/kunit-done
}

# What tests wait for there are grace periods, more than anything else.
[ "$SLUICE_TARGET" != uml-debug ] || echo 1 >/sys/kernel/rcu_expedited
mapfile -t names < <(longest_first /src/selftests/tests "$@")
GROUPS_OF_TESTS=/sys/fs/cgroup/sluice
mkdir -p "${names[@]/#/$GROUPS_OF_TESTS/}"

alone=() running=0
for name in "${names[@]}"; do
	if [ "$name" = kunit ]; then
		run_kunit
		continue
	fi
	if test_exclusive "/src/selftests/tests/$name.sh"; then
		alone+=("$name")
		continue
	fi
	if [ $running -eq 3 ]; then
		wait -n
		running=2
	fi
	run_test "$name" &
	running=$((running + 1))
done
wait
for name in "${alone[@]}"; do
	run_test "$name"
done
exit 0

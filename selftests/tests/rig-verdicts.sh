#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The rig fails a guest that complains, leaks, hangs or dies, and keeps and names its log; batch.sh a test that does.
# Targets: host
# Timeout: 300
. "${0%/*}/../lib/lib.sh"

RIG=$LIB/../rig
# The tests for batch.sh have no long form.
long=${SLUICE_LONG:-}
unset SLUICE_LONG
. "$RIG/lib/complaints.sh"

# guest NAME [OPTION]... -- COMMAND...: in the background; NAME.rc, NAME.out and NAME.err are what became of it.
guest() {
	local name=$1
	shift
	while [ "$(jobs -rp | wc -l)" -ge 3 ]; do wait -n; done
	{
		rc=0
		"$RIG/run" uml --mem 512 "$@" >"$TEST_DIR/$name.out" 2>"$TEST_DIR/$name.err" || rc=$?
		echo $rc >"$TEST_DIR/$name.rc"
	} &
}

# passes NAME STATUS OUTPUT: it ended so, and no log was kept.
passes() {
	check_eq "$1: the status is the command's" "$2" "$(cat "$TEST_DIR/$1.rc")"
	check_eq "$1: its output arrives" "$3" "$(cat "$TEST_DIR/$1.out")"
	check_eq "$1: no log is kept" "" "$(grep 'log kept' "$TEST_DIR/$1.err")"
}

# says NAME FILE TEXT...: each is in it.
says() {
	local name=$1 file=$2 text
	shift 2
	for text; do
		if grep -aqF -- "$text" "$file"; then
			ok "$name: '$text'"
		else
			note "$(tail -n 30 "$file")"
			not_ok "$name: '$text'"
		fi
	done
}

# fails NAME STATUS VERDICT TEXT...: so, with a log that has the verdict, the command and each TEXT.
fails() {
	local name=$1 status=$2 verdict=$3 log
	shift 3
	check_eq "$name: the status says so" "$status" "$(cat "$TEST_DIR/$name.rc")"
	says "$name, said at once" "$TEST_DIR/$name.err" ": $verdict"
	log=$(sed -n 's/^rig: log kept in //p' "$TEST_DIR/$name.err")
	if [ ! -s "$log" ]; then
		note "$(cat "$TEST_DIR/$name.err")"
		not_ok "$name: a log is kept and named"
		return
	fi
	ok "$name: a log is kept and named"
	says "$name, in the log" "$log" "verdict: $verdict" "command: sh -c" "$@"
	rm -f "$log"
}

# What kernels say, each line by itself.
while IFS= read -r line; do
	check_eq "a complaint: ${line:0:60}" "$line" "$(complaints <<<"$line")"
done <<'EOL'
[   12.345678] WARNING: CPU: 0 PID: 77 at kmod/conn.c:120 sluice_conn_free+0x1c/0x80 [sluice]
[   12.345678] WARNING: possible circular locking dependency detected
[   12.345678] WARNING: suspicious RCU usage
[   12.345678] BUG: kernel NULL pointer dereference, address: 0000000000000008
[   12.345678] BUG: KASAN: slab-use-after-free in sluice_conn_put+0x3f/0xa0 [sluice]
[   12.345678] BUG: sleeping function called from invalid context at mm/slab.h:300
[   12.345678] BUG: scheduling while atomic: nginx/812/0x00000002
[   12.345678] BUG: workqueue lockup - pool cpus=0 node=0 flags=0x0 nice=0 stuck for 31s!
[   12.345678] kernel BUG at kmod/table.c:88!
[   12.345678] Oops: general protection fault, probably for non-canonical address: 0000 [#1] PREEMPT SMP
[   12.345678] Kernel panic - not syncing: Fatal exception in interrupt
[   12.345678] UBSAN: array-index-out-of-bounds in kmod/sched_wrr.c:40:12
[   12.345678] BUG: KFENCE: use-after-free read in sluice_server_put+0x1c/0x80
[   12.345678] refcount_t: underflow; use-after-free.
[   12.345678] unregister_netdevice: waiting for eth0 to become free. Usage count = 2
[   12.345678] ref_tracker: net notrefcnt@00000000 has 1/1 users, leaked reference.
[   12.345678] watchdog: BUG: soft lockup - CPU#1 stuck for 26s! [sluiced:411]
[   12.345678] INFO: task modprobe:90 blocked for more than 120 seconds.
[   12.345678] rcu: INFO: rcu_preempt self-detected stall on CPU
[   12.345678] list_del corruption. prev->next should be ffff888004c5d0c0, but was dead000000000100
[   12.345678] ODEBUG: free active (active state 0) object: 0000000061a12345 object type: timer_list
[   12.345678] sluiceadm[411]: segfault at 8 ip 0000000040001234 sp 0000007fbf4 error 4 in sluiceadm
EOL
while IFS= read -r line; do
	check_eq "none: ${line:0:60}" "" "$(complaints <<<"$line")"
done <<'EOL'
[    0.100000] Linux version 6.12.0 (gcc, warnings on) debugging enabled
[    3.000000] sluice: loading out-of-tree module taints kernel.
[    3.100000] TCP: request_sock_TCP: Possible SYN flooding on port 10.0.1.100:80. Sending cookies.
[    3.200000] IPv6: ADDRCONF(NETDEV_CHANGE): veth0: link becomes ready
EOL
check_eq "what comes ahead of the command is the kernel's own" "after" \
	"$(printf '%s\n' "WARNING: before" "[ 1.0] $RIG_MARK" after | after_mark)"
check_eq "a log without a mark counts whole" "WARNING: early" "$(echo "WARNING: early" | after_mark)"

if ! "$RIG/run" uml --build-only >"$TEST_DIR/build" 2>&1; then
	note "$(cat "$TEST_DIR/build")"
	fatal "what the guests need is built"
fi

# Those that take longest come first. Where objects leak kmemleak lists them; only the debug kernel has it, so
# here is one that lists what it says, and takes no commands.
guest leaks -- sh -c 'mount -t tmpfs debug /sys/kernel/debug && cd /sys/kernel/debug &&
	echo "unreferenced object 0x68bd2e00 (size 512):" >kmemleak && cd / && mount -o remount,ro /sys/kernel/debug'
guest stays -- sh -c 'modprobe sluice && printf "#!/bin/sh\necho modprobe: in use >&2\nexit 1\n" >/usr/local/sbin/modprobe &&
	chmod +x /usr/local/sbin/modprobe'
# Found again by its size of memory.
megabytes=$((600 + RANDOM % 400))
guest hangs --mem $megabytes --timeout 5 -- sh -c 'echo begun; sleep 1000'

# The tests that batch.sh finds, in place of ours.
mkdir -p "$TEST_DIR/share/tests"
make_test() {
	local path=$TEST_DIR/share/tests/$1.sh
	printf '#!/bin/bash\n# SPDX-License-Identifier: GPL-2.0-or-later\n# Title.\n# Timeout: %s\n' "$2" >"$path"
	cat >>"$path"
	chmod +x "$path"
}
with_lib=". \"\${0%/*}/../lib/lib.sh\""
make_test passed 100 <<<"$with_lib; ok one"
make_test skipped 100 <<<"$with_lib; skip_all 'there is none'"
make_test case-failed 100 <<<"$with_lib; ok one; not_ok two"
make_test said-so 100 <<<"echo not ok 1 one"
make_test no-case 100 <<<"$with_lib"
make_test half-way 100 <<<"$with_lib; ok one; exit 1"
make_test too-long 1 <<<"echo ok 1 one; sleep 1000"
make_test namespace-left 100 <<<"ip netns add sl-namespace-left-b-1234; echo ok 1 one"
# Alone, for what the kernel says is held against all tests that run.
make_test complained 100 <<<"# Exclusive: yes
echo 'BUG: KASAN: slab-use-after-free in rig_test' >/dev/kmsg; echo ok 1 one"
guest batch --share "$TEST_DIR/share" -- sh -c 'mount --bind /share/tests /src/selftests/tests &&
	cd /share/tests && exec /src/selftests/lib/batch.sh uml $(printf "%s\n" *.sh | sed "s/\.sh$//")'

guest ends -- sh -c 'echo out; echo err >&2'
guest refuses -- sh -c 'exit 7'
guest complains -- sh -c 'printf "%s\n" "WARNING: CPU: 0 PID: 7 at rig_test" >/dev/kmsg
	printf "%s\n" "BUG: KASAN: slab-out-of-bounds in rig_test" >/dev/kmsg
	printf "%s\n" "BUG: kernel NULL pointer dereference in rig_test" >/dev/kmsg'
# A flag that the kernel sets with each warning, here without one that could be read.
guest tainted -- sh -c 'echo 512 >/proc/sys/kernel/tainted; exit 7'
guest panics -- sh -c 'echo c >/proc/sysrq-trigger; sleep 1000'
guest goes -- sh -c 'busybox poweroff -f; sleep 1000'
wait

passes ends 0 "$(printf 'out\nerr')"
passes refuses 7 ""
fails complains 125 "the kernel complained (the command's status was 0)" "==== dmesg ====" \
	"WARNING: CPU: 0 PID: 7 at rig_test" "BUG: KASAN: slab-out-of-bounds in rig_test" \
	"BUG: kernel NULL pointer dereference in rig_test"
says "complains, said at once" "$TEST_DIR/complains.err" "WARNING: CPU: 0 PID: 7 at rig_test" \
	"BUG: KASAN: slab-out-of-bounds in rig_test" "BUG: kernel NULL pointer dereference in rig_test"
fails tainted 125 "the kernel complained (the command's status was 7)" "==== problems ====" "the kernel is tainted: 512"
fails leaks 125 "the kernel complained (the command's status was 0)" "kmemleak: 1 objects leaked" \
	"==== leaks ====" "unreferenced object 0x68bd2e00 (size 512):"
fails stays 125 "the kernel complained (the command's status was 0)" \
	"module sluice cannot be unloaded: modprobe: in use"
fails panics 125 "the guest died" "==== console.log ====" "Kernel panic - not syncing: sysrq triggered crash"
says "panics, said at once" "$TEST_DIR/panics.err" "Kernel panic - not syncing: sysrq triggered crash"
fails goes 125 "the guest died"
fails hangs 124 "time limit of 5 s reached"
check_eq "hangs: nothing of it runs on" "" "$(pgrep -f "^/kernel/linux mem=${megabytes}M ")"

check_eq "batch.sh: what becomes of each test" \
	"FAIL case-failed, FAIL complained, FAIL half-way, FAIL namespace-left, FAIL no-case, FAIL said-so, FAIL too-long, ok passed, skip skipped" \
	"$(cut -f1,2 --output-delimiter=' ' "$TEST_DIR/share/results" | sort | paste -sd, | sed 's/,/, /g')"
says "batch.sh says why" "$TEST_DIR/batch.out" "time limit of 1 s" "namespaces behind: sl-namespace-left-b-1234" \
	"the kernel complained while it ran" "no case was run" "ended with status 1 before its end"
fails batch 125 "the kernel complained (the command's status was 0)" "BUG: KASAN: slab-use-after-free in rig_test"

# The long form: what the debug kernel itself finds. By the rig of a checkout that has one module, which errs.
if [ -n "$long" ]; then
	mkdir -p "$TEST_DIR/erring/selftests"
	cp -R "$RIG" "$LIB/../helpers" "$TEST_DIR/erring/selftests"
	cp -R "$LIB/../../include" "$TEST_DIR/erring"
	mv "$TEST_DIR/erring/selftests/rig/erring" "$TEST_DIR/erring/kmod"
	echo 'obj-m := kmod/' >"$TEST_DIR/erring/Kbuild"
	# errs HOW TEXT...: in a guest of the debug kernel, whose log says so; that module is there in place of ours.
	errs() {
		local name="errs-in-$1"
		"$TEST_DIR/erring/selftests/rig/run" uml-debug -- \
			sh -c "modprobe erring how=$1 && modprobe -r erring" \
			>"$TEST_DIR/$name.out" 2>"$TEST_DIR/$name.err"
		echo $? >"$TEST_DIR/$name.rc"
		fails "$name" 125 "the kernel complained (the command's status was 0)" "${@:2}"
	}
	errs locks "WARNING: possible circular locking dependency detected"
	errs rcu "WARNING: suspicious RCU usage"
	errs overrun "BUG: KASAN: slab-out-of-bounds in erring_init"
	errs warning "erring_init"
	errs leak "kmemleak: 1 objects leaked" "unreferenced object"
fi

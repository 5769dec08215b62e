#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Cases in Python, for tests that need sockets of many namespaces at once, or packets made by hand:
# one process has them all, which spares hundreds of processes in an emulated guest.
#   . "${0%/*}/lib/python.sh"       after ../lib/lib.sh

# Where it is compiled once for all tests; they may run at the same time.
PYTHON_LIB=/tmp/sluicetest
if [ ! -e $PYTHON_LIB ]; then
	mkdir "$TEST_DIR/lib"
	cp "${BASH_SOURCE[0]%/*}/"*.py "$TEST_DIR/lib"
	# Another test may have been first.
	mv -T "$TEST_DIR/lib" $PYTHON_LIB 2>/dev/null || [ -e $PYTHON_LIB/sluicetest.py ] ||
		fatal "cannot make $PYTHON_LIB"
fi

# python_cases: run the program on standard input, with sluicetest.py at hand. It knows the namespaces
# of setup_balancer, and what is exported; its cases are cases of this test.
python_cases() {
	local line variables=() i name program=$TEST_DIR/cases-$RANDOM.py
	cat >"$program"
	for name in C B ROUTER; do
		[ -z "${!name:-}" ] || variables+=("$name=${!name}")
	done
	for ((i = 1; i <= 16; i++)); do
		name=S$i
		[ -z "${!name:-}" ] || variables+=("$name=${!name}")
	done
	while IFS= read -r line; do
		case $line in
		'ok '*) ok "${line#ok }" ;;
		'not ok '*) not_ok "${line#not ok }" ;;
		'skip '*) skip "${line#skip }" "the kernel cannot do it" ;;
		'# '*) note "${line#\# }" ;;
		*) note "$line" ;;
		esac
	done < <(env "${variables[@]}" TEST_DIR="$TEST_DIR" PYTHONPATH="$PYTHON_LIB" \
		PYTHONUNBUFFERED=1 python3 -s -S "$program" 2>&1)
	wait $! || not_ok "the Python program ended with status $?"
}

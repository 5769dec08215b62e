#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the head of a test says about it (selftests/README). Sourced on the host and in guests.

# The debug kernel is several times slower: so much more time is given.
DEBUG_SCALE=4

# test_header FILE FIELD DEFAULT; without a process, which is dear in a guest.
test_header() {
	local lines line
	mapfile -t -n 15 lines <"$1"
	for line in "${lines[@]}"; do
		[[ $line =~ ^"# $2:"[[:space:]]*(.+) ]] || continue
		echo "${BASH_REMATCH[1]}"
		return
	done
	echo "$3"
}

test_targets() { test_header "$1" Targets "qemu-6.12 uml-debug"; }

test_limit() {
	if [ -n "${SLUICE_LONG:-}" ]; then test_header "$1" Long 1800; else test_header "$1" Timeout 180; fi
}

test_exclusive() { [ "$(test_header "$1" Exclusive no)" = yes ]; }

test_title() { sed -n '3s/^# *//p' "$1"; }

# longest_first FOLDER NAME...: the tests that may take long come first, so that none is left to run alone at the
# end; KUnit's, which has no file, before them.
longest_first() {
	local folder=$1 name limit
	shift
	for name; do
		limit=1000000
		[ "$name" = kunit ] || limit=$(test_limit "$folder/$name.sh")
		echo "$limit $name"
	done | sort -k1,1nr -s | cut -d' ' -f2
}

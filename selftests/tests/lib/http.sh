#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Cases of selftests/http, in a namespace of their own: stratum proxy needs no module.
#   . "${0%/*}/lib/http.sh"         after ../lib/lib.sh

# http_cases PROGRAM [ARGUMENT...]: its cases are cases of this test.
http_cases() {
	local line program=$LIB/../http/$1 inside=()
	shift
	# On target native, the test as a whole is in one.
	if [ "$SLUICE_TARGET" != native ]; then
		setup_ns P
		inside=(in_ns "$P")
	fi
	while IFS= read -r line; do
		case $line in
		'ok '*) ok "${line#ok }" ;;
		'not ok '*) not_ok "${line#not ok }" ;;
		*) note "${line#\# }" ;;
		esac
	done < <("${inside[@]}" env PYTHONDONTWRITEBYTECODE=1 python3 -s "$program" "$@" 2>&1)
	# With a case that failed, it has said so.
	wait $! || [ "$KTAP_FAIL" -gt 0 ] || not_ok "${program##*/} ended before its end"
}

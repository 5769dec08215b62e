#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Bodies larger than the daemon's memory pass stratum proxy, whole, with slow peers, and many at once.
# Targets: uml native
# Timeout: 240
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/http.sh"

# The long form, with 10 GB, is make soak-proxy-body, without a guest. AddressSanitizer is for the ways that bodies take.
if [ "$SLUICE_TARGET" = native ]; then
	http_cases body.py 5 2 1 2
else
	http_cases body.py
fi

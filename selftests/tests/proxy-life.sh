#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Stratum proxy under load, with a reload each second and one daemon after another: no request fails, nothing leaks.
# Targets: uml native
# Timeout: 240
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/http.sh"

# The long form is make soak-proxy-life, with AddressSanitizer and without a guest.
if [ "$SLUICE_TARGET" = native ]; then
	http_cases life.py 7 3
else
	http_cases life.py 20 6
fi

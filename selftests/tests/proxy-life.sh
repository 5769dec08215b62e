#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Stratum proxy under load, with a reload each second and one daemon after another: no request fails, nothing leaks.
# Targets: native
# Timeout: 240
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/http.sh"

# Four upgrades. The long form is make soak-proxy-life.
http_cases life.py 9 2

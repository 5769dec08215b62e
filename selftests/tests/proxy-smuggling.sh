#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Requests and answers that two programs may take for two things are refused by stratum proxy, or passed on as one.
# Targets: native
# Timeout: 240
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/http.sh"

http_cases smuggling.py sluice

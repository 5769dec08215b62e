#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Requests and answers that two programs may take for two things are refused by stratum relay, or passed on as one.
# Targets: uml
# Timeout: 300
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/http.sh"

load_sluice
load_ktls
http_cases smuggling.py --address 192.0.2.1 relay
# The daemon serves whom it cannot hand over, with the same verdicts: see who did.
accepted=$(in_ns "$P" sluiceadm relay stats | sed -n 's/^accepted: //p')
check_range "the kernel had these clients" 300 1000 "${accepted:-0}"

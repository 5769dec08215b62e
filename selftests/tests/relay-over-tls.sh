#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What relay-smuggling sends in clear has the same verdicts over TLS.
# Targets: uml uml-debug
# Timeout: 600
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/http.sh"

need_module tls
load_sluice
load_ktls
http_cases smuggling.py --tls --address 192.0.2.1 relay
# The daemon serves whom it cannot hand over, with the same verdicts: see who did.
accepted=$(in_ns "$P" sluiceadm relay stats | sed -n 's/^accepted: //p')
check_range "the kernel had these clients" 300 1000 "${accepted:-0}"

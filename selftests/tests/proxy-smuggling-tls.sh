#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What proxy-smuggling sends in clear has the same verdicts over TLS.
# Targets: native
# Timeout: 180
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/http.sh"

http_cases smuggling.py --tls sluice

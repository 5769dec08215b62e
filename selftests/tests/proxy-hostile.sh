#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Clients and servers that are slow, silent or broken cost stratum proxy little, and others nothing.
# Targets: uml native
# Timeout: 240
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/http.sh"

http_cases hostile.py sluice

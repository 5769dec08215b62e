#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A browser loads a page through stratum proxy: fetch, WebSocket, events, cookies, over TLS, in both families.
# Targets: native
# Timeout: 180
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/http.sh"

http_cases browser.py

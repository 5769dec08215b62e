#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# WebSocket through stratum proxy, in clear and over TLS: frames, closing, 200 tunnels through reloads and an upgrade.
# Targets: native
# Timeout: 180
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/http.sh"

http_cases websocket.py

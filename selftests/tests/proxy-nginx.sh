#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# curl and HAProxy in front of stratum proxy, nginx behind it: requests, proxies, TLS, failures, in both families.
# Targets: native
# Timeout: 180
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/http.sh"

need_command curl nginx haproxy
http_cases nginx.py

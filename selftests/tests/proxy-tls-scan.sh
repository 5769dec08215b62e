#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# testssl.sh finds nothing of severity LOW or worse in TLS as stratum proxy has it by default.
# Targets: native
# Timeout: 480
# Long: 600
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/http.sh"

need_command testssl
# shellcheck disable=SC2046 # no option, or one
http_cases testssl.py $(long_or --full "")

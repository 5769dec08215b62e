#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The daemon's memory, with keys of TLS in it, is in no core dump and closed to others of its user.
# Targets: uml
# Timeout: 60
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/http.sh"

http_cases core.py

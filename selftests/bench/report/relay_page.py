#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The page of stratum relay's benchmark, from what was measured last.

    relay_page.py BUILD PAGE-FOLDER

BUILD is build/bench. Writes relay.md."""

import os
import sys

import cases
import text
from pages import load, machine, number, table, write

WHOLE = 'cost of a request above the wire'


def rows(entries):
    """Of each case: ours, then the peers."""
    for case, (title, _, _) in cases.RELAY.items():
        own = [e for e in entries if e['case'] == case]
        peers = list(dict.fromkeys(e['peer_name'] for e in own))
        for name in (cases.RELAY_NAMES['relay'], *peers):
            side = 'peer' if name in peers else 'ours'
            found = [e for e in own if name in (e['peer_name'], cases.RELAY_NAMES['relay'])]
            values = {e['metric']: e for e in found}
            whole = values[WHOLE]
            digits = 3 if whole['unit'].endswith('byte') else 0
            ratio = whole['ours'] / whole['peer']
            verdict = ''
            if side == 'peer' and 'goal' in whole:
                verdict = f'{whole["goal"]:.1f}: ' + ('reached' if ratio <= whole['goal'] else 'missed')
            yield [f'{title}, {whole["unit"]}', name, *(number(e[side], digits) for e in values.values()),
                   f'{ratio:.2f}' if side == 'peer' else '', verdict]


def main():
    build, folder = sys.argv[1:]
    os.makedirs(folder, exist_ok=True)
    entries = load(os.path.join(build, 'relay.json'))
    kinds = list(dict.fromkeys(e['metric'].removeprefix('of it: ') for e in entries if e['metric'] != WHOLE))
    out = [text.RELAY.format(**machine(os.path.join(build, 'raw', 'relay-machine')))]
    out += table(['', 'through', 'above the wire', *kinds, 'relay beside it', 'goal'], list(rows(entries)))
    out.append(text.RELAY_END)
    write(os.path.join(folder, 'relay.md'), out)


main()

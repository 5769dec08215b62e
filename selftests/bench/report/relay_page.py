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


def parts(profiles):
    """Small requests by what the instructions are for: one table for each way they come."""
    for case in ('tls-small', 'clear-small'):
        own = [e for e in profiles if e['case'] == case]
        titles = sorted({title for e in own for title in e['parts']}, key=lambda t: -max(e['parts'].get(t, 0) for e in own[:1]))
        yield f'\n{cases.RELAY[case][0]}, instructions of a request above the wire:\n'
        yield from table(['', *titles, 'in all'],
                         [[cases.RELAY_NAMES[e['mode']], *(number(e['parts'].get(t, 0)) for t in titles), number(e['total'])] for e in own])


def functions(profiles):
    """The most expensive ones of stratum relay over TLS."""
    for case, (title, size, goal) in cases.RELAY.items():
        found = next((e for e in profiles if (e['case'], e['mode']) == (case, 'relay')), None)
        if not goal or not found:
            continue
        per, digits = (size, 3) if size > 100000 else (1, 0)
        unit = 'a byte' if size > 100000 else 'a request'
        yield f'\n{title}, instructions {unit} by function:\n'
        yield from table(['function', 'of', 'instructions', 'share'],
                         [[f'`{name}`' if name != 'user space' else name, module or 'kernel', number(count / per, digits),
                           f'{100 * count / found["total"]:.1f} %'] for name, module, count in found['functions']])


def main():
    build, folder = sys.argv[1:]
    os.makedirs(folder, exist_ok=True)
    entries = load(os.path.join(build, 'relay.json'))
    kinds = list(dict.fromkeys(e['metric'].removeprefix('of it: ') for e in entries if e['metric'] != WHOLE))
    out = [text.RELAY.format(**machine(os.path.join(build, 'raw', 'relay-machine')))]
    out += table(['', 'through', 'above the wire', *kinds, 'relay beside it', 'goal'], list(rows(entries)))
    out.append(text.RELAY_END)
    profiles = load(os.path.join(build, 'relay-profile.json'))
    if profiles:
        out += [text.RELAY_PROFILE, *parts(profiles), *functions(profiles)]
    write(os.path.join(folder, 'relay.md'), out)


main()

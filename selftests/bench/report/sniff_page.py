#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The page of stratum sniff's benchmark, from what was measured last.

    sniff_page.py BUILD PAGE-FOLDER

BUILD is build/bench. Writes sniff.md and its plot."""

import os
import sys

import cases
import plot
import text
from pages import load, machine, number, table, write

PEERS = ('flow', 'route', 'haproxy')


def rows(entries):
    """(title, cost by mode, whom the goal compares with, ratio, goal) of each case."""
    for case, (title, with_whom, goal) in cases.SNIFF.items():
        own = {e['peer_name']: e for e in entries if e['case'] == case}
        if not own:
            continue
        values = {mode: own[cases.NAMES[mode]]['peer'] for mode in PEERS if cases.NAMES[mode] in own}
        ratio = own[cases.NAMES[with_whom]]['ratio']
        yield title, {'sniff': next(iter(own.values()))['ours'], **values}, with_whom, ratio, goal


def main():
    build, folder = sys.argv[1:]
    os.makedirs(folder, exist_ok=True)
    found = list(rows(load(os.path.join(build, 'sniff.json'))))
    names = {mode: cases.NAMES[mode] for mode in ('sniff', *PEERS)}
    chart = [(title, values, None) for title, values, *_ in found if 'haproxy' in values]
    with open(os.path.join(folder, 'sniff.svg'), 'w', encoding='utf-8') as file:
        file.write(plot.bars('Instructions of a short connection above the wire', chart, names))
    out = [text.SNIFF.format(**machine(os.path.join(build, 'raw', 'sniff-machine')))]
    out += table(['instructions above the wire', *names.values(), 'ratio', 'goal', ''],
                 [[title, *(number(values.get(mode)) for mode in names),
                   f'{ratio:.2f} of {names[with_whom].removeprefix("Sluice, stratum ")}', f'{goal:.2f}',
                   'reached' if ratio <= goal else 'missed']
                  for title, values, with_whom, ratio, goal in found])
    write(os.path.join(folder, 'sniff.md'), out)


main()

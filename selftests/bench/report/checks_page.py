#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The page of the health checks' benchmark, from what was measured last.

    checks_page.py BUILD PAGE-FOLDER

BUILD is build/bench. Writes checks.md."""

import os
import sys

import text
from pages import load, machine, number, table, write

TITLES = {'tcp': 'TCP: a connection', 'http': 'HTTP: a request and an answer with status 200'}


def row(title, entries):
    """Of one kind of check."""
    spent, inside, share, rate = (entries[metric] for metric in (
        'CPU time of a check', 'of it in user space', 'share of a core at 10,000 checks a second', 'checks a second'))
    return [title, number(spent['ours'], 1), number(spent['peer'], 1), f'{spent["ratio"]:.2f}',
            number(inside['ours'], 1), number(share['ours'], 2),
            'reached' if share['ours'] < share['peer'] else 'missed',
            f'{number(rate["ours"])}, {number(rate["peer"])}']


def main():
    build, folder = sys.argv[1:]
    os.makedirs(folder, exist_ok=True)
    entries = load(os.path.join(build, 'checks.json'))
    found = [row(title, {e['metric']: e for e in entries if e['case'] == case}) for case, title in TITLES.items()]
    out = [text.CHECKS.format(**machine(os.path.join(build, 'raw', 'checks-machine')))]
    out += table(['', 'Sluice, \u00b5s a check', 'HAProxy, \u00b5s a check', 'ratio', 'of ours in user space, \u00b5s',
                  'cores at 10,000 a second', 'goal: less than 0.5', 'checks a second, Sluice and HAProxy'], found)
    write(os.path.join(folder, 'checks.md'), out)


main()

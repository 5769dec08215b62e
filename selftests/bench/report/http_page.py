#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The page of stratum proxy's benchmark, from what was measured last.

    http_page.py BUILD PAGE-FOLDER

BUILD is build/bench. Writes http.md."""

import os
import sys

import text
from pages import load, machine, number, table, write

TITLES = {
    'keep-alive': 'kept-alive, 128 bytes',
    'close': 'a connection each, 128 bytes',
    '100kB': 'kept-alive, 100 kB',
    '10MB': 'kept-alive, 10 MB',
    'tls-keep-alive': 'TLS, kept-alive, 128 bytes',
    'tls-full': 'TLS, a full handshake each',
    'tls-resumed': 'TLS, a resumed handshake each',
    'latency': 'half load',
    'tls-latency': 'TLS, half load',
    'idle': 'idle',
    'tls-idle': 'TLS, idle',
}


def digits(value):
    """As many as mean something."""
    return 0 if value is None or value >= 1000 else 1


def cell(value, extremes):
    """A median and how far apart rounds were."""
    if value is None:
        return ''
    return f'{number(value, digits(value))} ({" to ".join(number(v, digits(v)) for v in extremes)})'


def rows(entries, peers):
    """Lines of the table, in the order in which they were measured."""
    lines = dict.fromkeys((e['case'], e['metric']) for e in entries)
    for case, metric in lines:
        found = {e['peer_name']: e for e in entries if (e['case'], e['metric']) == (case, metric)}
        some = next(iter(found.values()))
        goal = next((e for name, e in found.items() if name.startswith('goal')), None)
        beside = [found[peer] for peer in peers if peer in found]
        best = min((e['peer'] for e in beside if e['peer']), default=None)
        ratio = some['ours'] / best if best and some['ours'] is not None else None
        verdict = '' if not goal or ratio is None else 'reached' if ratio <= 0.8 else 'missed'
        yield [f'{TITLES.get(case, case)}: {metric}, {some["unit"]}',
               cell(some['ours'], some['ours_range']),
               *(cell(found[p]['peer'], found[p]['peer_range']) if p in found else '' for p in peers),
               number(ratio, 2), verdict]


def profile(found):
    """The profile's part of the page: cases by columns."""
    columns = list(next(iter(found.values()))['shares'])
    yield text.HTTP_PROFILE
    yield from table(['', *columns], (
        [TITLES.get(case, case), *(number(100 * entry['shares'][name], 1) for name in columns)]
        for case, entry in found.items()))
    own = [100 * entry['shares']['the daemon'] for case, entry in found.items()
           if not case.startswith('tls')]
    yield text.HTTP_PROFILE_SAYS.format(own_least=number(min(own)), own_most=number(max(own)))


def main():
    build, folder = sys.argv[1:]
    os.makedirs(folder, exist_ok=True)
    entries = load(os.path.join(build, 'http.json'))
    peers = list(dict.fromkeys(e['peer_name'] for e in entries if not e['peer_name'].startswith('goal')))
    out = [text.HTTP.format(**machine(os.path.join(build, 'raw', 'http-machine')))]
    out += table(['', 'Sluice', *peers, 'of the better', 'goal 0.8'], rows(entries, peers))
    found = load(os.path.join(build, 'http-profile.json'))
    if found:
        out += profile(found)
    write(os.path.join(folder, 'http.md'), out)


main()

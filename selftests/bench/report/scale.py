# SPDX-License-Identifier: GPL-2.0-or-later
"""The results of scale.sh: objects, and their part of the page."""

import collections
import statistics

import cases
import results

PEERS = ('ipvs',)


def expiry(found, mode):
    """What the end of a million connections looked like from outside."""
    counts = found['expiry-count'].get(mode, [])
    probe = [row for row in found['expiry-probe'].get(mode, []) if row[0] != 'lost']
    lost = [int(row[1]) for row in found['expiry-probe'].get(mode, []) if row[0] == 'lost']
    if not counts or not probe:
        return {}
    points = [(int(ms) / 1000, int(n)) for ms, n in counts]
    most = max(n for _, n in points)
    begin = max((t for t, n in points if n > 0.99 * most), default=0)
    end = next((t for t, n in points if t > begin and n < 0.01 * most), None)
    if end is None:
        return {}
    seconds = {int(s): (float(median) / 1000, float(high) / 1000) for s, _, median, high in probe}
    idle = [v for s, v in seconds.items() if 1 <= s < begin - 1]
    busy = [v for s, v in seconds.items() if begin - 1 <= s <= end + 1]
    if not idle or not busy:
        return {}
    return {
        'expiry-time': end - begin, 'expiry-lost': sum(lost),
        'expiry-idle-max': max(high for _, high in idle),
        'expiry-idle-median': statistics.median(median for median, _ in idle),
        'expiry-max': max(high for _, high in busy),
        'expiry-median': statistics.median(median for median, _ in busy)}


# title, metric, unit, digits
CASES = {
    'scale-connections': ('ten million connections', 'held', 'connections', 0),
    'scale-memory-slab': ('ten million connections', 'memory of a connection', 'bytes', 0),
    'scale-new': ('ten million connections', 'time to make one, with the packet', 'ns', 0),
    'scale-flows-1000': ('1,000 connections', 'time of a packet, with the wire', 'ns', 0),
    'scale-flows-10000000': ('ten million connections', 'time of a packet, with the wire', 'ns', 0),
    'scale-forget': ('ten million connections', 'time to forget them with their namespace', 'ms', 0),
    'expiry-new': ('a million connections', 'cost to make one, with the wire', 'instructions', 0),
    'expiry-time': ('a million connections expire', 'from the first to the last', 's', 1),
    'expiry-idle-median': ('a million connections expire', 'a packet before, median',
                           'thousand instructions', 1),
    'expiry-median': ('a million connections expire', 'a packet meanwhile, median',
                      'thousand instructions', 1),
    'expiry-idle-max': ('a million connections expire', 'a packet before, longest',
                        'thousand instructions', 1),
    'expiry-max': ('a million connections expire', 'a packet meanwhile, longest',
                   'thousand instructions', 1),
    'expiry-lost': ('a million connections expire', 'packets lost of one a millisecond', 'packets', 0),
}


def entries(path):
    """Objects as in l4.json."""
    found = collections.defaultdict(lambda: collections.defaultdict(list))
    for case, mode, *rest in results.lines(path):
        found[case][mode].append(rest)
    values = {mode: expiry(found, mode) for mode in ('sluice', *PEERS)}
    for case in CASES:
        for mode, rows in found[case].items():
            if 'memory' in case:
                numbers = [float(row[0]) / int(row[1]) for row in rows]
            else:
                numbers = [float(row[0]) for row in rows if len(row) < 3 or row[1] == row[2]]
            values[mode][case] = statistics.median(numbers) if numbers else 'packets were lost'
    for case, (_, metric, unit, digits) in CASES.items():
        for peer in PEERS:
            if case in values['sluice'] or case in values[peer]:
                yield results.entry(case, metric, unit, values['sluice'].get(case, 'not measured'),
                                    values[peer].get(case, 'not measured'), peer, digits)


def section(objects):
    """Lines of Markdown."""
    rows = []
    for entry in objects:
        if entry['case'] not in CASES:
            continue
        title, metric, unit, digits = CASES[entry['case']]
        rows.append([f'{title}: {metric}', unit] +
                    ['' if v is None else f'{v:,.{digits}f}' for v in (entry['ours'], entry['peer'])])
    if rows:
        yield '| | unit | Sluice | IPVS |\n| --- | --- | ---: | ---: |'
        for row in rows:
            yield '| ' + ' | '.join(row) + ' |'


def show(objects):
    """For a terminal."""
    print(f'{"on UML":76}{"unit":12}{cases.NAMES["sluice"]:>14}{cases.NAMES["ipvs"]:>14}')
    for entry in objects:
        title, metric, unit, digits = CASES[entry['case']]
        numbers = ['-' if v is None else f'{v:,.{digits}f}' for v in (entry['ours'], entry['peer'])]
        print(f'{title + ": " + metric:76}{unit:12}{numbers[0]:>14}{numbers[1]:>14}')

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Print the table of bench-sniff and write its objects.

    sniff.py RESULTS JSON"""

import json
import sys

import cases
import results

def main():
    path, out = sys.argv[1:]
    cost = {}
    for case, mode, spent, count in results.lines(path):
        cost.setdefault(case, {})[mode] = int(spent) / int(count)
    entries = []
    print(f'{"instructions above the wire":40}{"sniff":>10}{"flow":>10}{"routing":>10}{"HAProxy":>10}'
          f'{"ratio":>8}{"goal":>6}')
    for case, (title, with_whom, goal) in cases.SNIFF.items():
        above = {mode: value - cost[case]['wire'] for mode, value in cost[case].items()}
        what = 'packet' if case == 'packet' else 'connection'
        for peer in ('flow', 'route', 'haproxy'):
            if peer in above:
                entries.append({
                    'case': case, 'metric': f'cost of a {what} above the wire', 'unit': 'instructions',
                    'ours': round(above['sniff']), 'peer': round(above[peer]), 'peer_name': cases.NAMES[peer],
                    'ratio': round(above['sniff'] / above[peer], 3) if above[peer] else None,
                    **({'goal': goal} if peer == with_whom else {})})
        ratio = above['sniff'] / above[with_whom]
        row = ''.join(f'{above[mode]:10,.0f}' if mode in above else f'{"":10}'
                      for mode in ('sniff', 'flow', 'route', 'haproxy'))
        print(f'{title:40}{row}{ratio:8.3f}{goal:6.2f} {"reached" if ratio <= goal else "missed"}')
    with open(out, 'w', encoding='utf-8') as file:
        file.write('[\n' + ',\n'.join(json.dumps(e) for e in entries) + '\n]\n')


main()

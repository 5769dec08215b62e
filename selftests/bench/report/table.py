#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Print the table and write the objects.

    table.py COST TIME JSON"""

import json
import sys

import cases
import results


def number(value, digits=0):
    """For people."""
    return '-' if value is None else f'{value:,.{digits}f}'


def cost_table(entries):
    """Sluice beside its peers and the goal."""
    modes = ('ipvs', 'nft', 'route')
    print(f'{"instructions above the wire":44} {"Sluice":>8} {"goal":>8} {"":8}'
          + ''.join(f'{cases.NAMES[mode]:>15}' for mode in modes))
    for case, (title, _, _) in cases.COST.items():
        own = {e['peer_name'].split(':')[0]: e for e in entries
               if e['case'] == case and e['unit'] == 'instructions'}
        if not own:
            continue
        goal = own['goal']
        met = ''
        if None not in (goal['ours'], goal['peer']):
            met = 'reached' if goal['ours'] <= goal['peer'] else 'missed'
        row = f'{title:44} {number(goal["ours"]):>8} {number(goal["peer"]):>8} {met:8}'
        row += ''.join(f'{number(own[m]["peer"]) if m in own else "":>15}' for m in modes)
        print(row)
        note = goal.get('note')
        if note:
            print(f'    {note}')


def time_table(entries):
    """The same for the rest."""
    print(f'\n{"on UML, all modes in turn":84}{"Sluice":>10}{"IPVS":>10}{"plain routing":>15}')
    for case, (title, metric, unit, _, digits) in cases.OTHER.items():
        own = {e['peer_name']: e for e in entries if e['case'] == case and e['unit'] == unit}
        if not own:
            continue
        first = next(iter(own.values()))
        for ours, peer, what in (('ours', 'peer', f'{title}: {metric}'),
                                 ('ours_best', 'peer_best', '    of the least disturbed run')):
            if ours not in first:
                continue
            row = f'{what:72}{unit:12}{number(first[ours], digits):>10}'
            for name, width in (('ipvs', 10), ('route', 15)):
                row += f'{number(own[name][peer], digits) if name in own else "":>{width}}'
            print(row)


def main():
    cost, time, out = sys.argv[1:]
    entries = list(results.cost_entries(cost)) + list(results.time_entries(time))
    if any(e['unit'] == 'instructions' for e in entries):
        cost_table(entries)
    if any(e['unit'] != 'instructions' for e in entries):
        time_table(entries)
    with open(out, 'w', encoding='utf-8') as file:
        file.write('[\n' + ',\n'.join(json.dumps(e) for e in entries) + '\n]\n')


main()

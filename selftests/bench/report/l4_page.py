#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The page of layer 4's benchmarks, from what was measured last.

    l4_page.py BUILD PAGE-FOLDER

BUILD is build/bench. Writes l4.md and its plots."""

import os
import sys

import cases
import plot
import scale
import text
from pages import load, machine, number, table, write

TOP = 25


def cost_rows(entries):
    """(case, title, values by mode, goal, note) of what is counted in instructions."""
    for case, (title, _, _) in cases.COST.items():
        own = [e for e in entries if e['case'] == case and e['unit'] == 'instructions']
        if not own:
            continue
        values = {e['peer_name']: e['peer'] for e in own if not e['peer_name'].startswith('goal')}
        goal = next(e for e in own if e['peer_name'].startswith('goal'))
        yield case, title, {'sluice': goal['ours'], **values}, goal['peer'], goal.get('note')


def cost_section(entries, folder):
    """Table and plots of instructions."""
    rows, notes = [], []
    for _, title, values, goal, note in cost_rows(entries):
        met = ''
        if values['sluice'] is not None and goal is not None:
            met = 'reached' if values['sluice'] <= goal else 'missed'
        rows.append([title, number(values['sluice']), number(goal), met]
                    + [number(values.get(mode)) for mode in cases.NAT])
        if note:
            notes.append(f'{title}: {note}.')
    if not rows:
        return
    names = {mode: cases.NAMES[mode] for mode in ('sluice', *cases.NAT)}
    for name, title, chosen in (
            ('l4-packet', 'Instructions of a packet above the wire',
             lambda case: 'firewall' not in case and 'new' not in case),
            ('l4-firewall', 'The same with conntrack and twenty rules',
             lambda case: 'firewall' in case and 'new' not in case),
            ('l4-new', 'Instructions of a new connection above the wire', lambda case: 'new' in case)):
        chart = [(title_, values, goal) for case, title_, values, goal, _ in cost_rows(entries)
                 if chosen(case)]
        with open(os.path.join(folder, name + '.svg'), 'w', encoding='utf-8') as file:
            file.write(plot.bars(title, chart, names))
        yield f'![{title}]({name}.svg)\n'
    yield from table(['instructions above the wire', 'Sluice', 'goal', '', 'IPVS', 'nftables DNAT',
                      'plain routing'], rows)
    yield ''
    yield from notes


# Parts of the kernel by module; what is in none of these is the kernel's own.
PARTS = (('rules', ('nf_tables',)), ('conntrack', ('nf_conntrack', 'nf_defrag_ipv4')),
         ('balancer', ('sluice', 'ip_vs', 'ip_vs_rr')))


def new_section(entries, profiles):
    """New connections behind a firewall: by part, and why a goal was missed."""
    found = {(e['case'], e['mode']): e for e in profiles}
    goals = {case: (title, values, goal) for case, title, values, goal, _ in cost_rows(entries)}
    rows, reasons = [], []
    for case in ('udp-nat-new', 'tcp-nat-new'):
        title, values, goal = goals.get(case + '+firewall', ('', {}, None))
        for mode in ('sluice', 'ipvs', 'route'):
            entry = found.get((case, mode + '+firewall'))
            if not entry:
                continue
            counts = [sum(f['above_wire'] for f in entry['functions'] if f['module'] in modules)
                      for _, modules in PARTS]
            rows.append([cases.COST[case][0], cases.NAMES[mode], *map(number, counts),
                         number(entry['above_wire'] - sum(counts)), number(entry['above_wire'])])
        alone, routed = (found.get((case, mode)) for mode in ('sluice', 'route'))
        if goal and alone and routed and values['sluice'] > goal and values.get('route'):
            added = values['route'] - routed['above_wire']
            reasons.append(text.NEW_REASON.format(
                title=title, goal=number(goal), added=number(added), left=number(goal - added),
                alone=number(alone['above_wire'])))
    if rows:
        yield text.NEW_BEHIND
        yield from table(['instructions above the wire', '', *(name for name, _ in PARTS),
                          'the rest of the kernel', 'in all'], rows)
    yield from reasons
    if reasons:
        yield text.NEW_TRIED


def time_section(entries, folder):
    """Table and plot of what was timed."""
    rows, chart = [], []
    for case, (title, metric, unit, peers, digits) in cases.OTHER.items():
        own = {e['peer_name']: e for e in entries if e['case'] == case and e['unit'] == unit}
        if not own:
            continue
        first = next(iter(own.values()))

        def cell(entry, whose, digits=digits):
            text_ = number(entry[whose], digits)
            low_high = [number(q, digits) for q in entry.get(whose + '_quartiles', [])]
            if low_high:
                text_ += f' ({" to ".join(low_high)}); {number(entry[whose + "_best"], digits)}'
            return text_

        rows.append([f'{title}: {metric}', unit, cell(first, 'ours')]
                    + [cell(own[peer], 'peer') if peer in own else '' for peer in ('ipvs', 'route')])
        if unit == 'ns':
            peers_too = {name: e['peer_best'] for name, e in own.items()}
            chart.append((title, {'sluice': first['ours_best'], **peers_too}, None))
    if chart:
        names = {mode: cases.NAMES[mode] for mode in ('sluice', 'ipvs', 'route')}
        with open(os.path.join(folder, 'l4-time.svg'), 'w', encoding='utf-8') as file:
            file.write(plot.bars('Nanoseconds of a packet above the wire, least disturbed run', chart, names))
        yield '![Nanoseconds of a packet above the wire](l4-time.svg)\n'
    if rows:
        yield from table(['median (quartiles); least disturbed', 'unit', 'Sluice', 'IPVS', 'plain routing'], rows)


def goal_rows(entries):
    """What is to be reached of that, what was, and the verdict; by the least disturbed runs."""
    for case, peer, goal in cases.OTHER_GOALS:
        title, metric, unit, _, digits = cases.OTHER[case]
        own = {e['peer_name']: e for e in entries if e['case'] == case and e['unit'] == unit}
        entry = own.get(peer) if peer else next(iter(own.values()), None)
        value = entry and entry.get('ours_best', entry['ours'])
        base = (entry and entry.get('peer_best', entry['peer'])) if peer else 1
        if not value or not base:
            continue
        value, digits = value / base, 2 if peer else digits
        rate = case in cases.RATES
        met = value >= goal if rate else value <= goal
        yield [f'{title}: {metric}' + (f', times {cases.NAMES[peer]}' if peer else ''),
               f'at {"least" if rate else "most"} {number(goal, digits)}', number(value, digits),
               'reached' if met else f'missed by {100 * abs(value / goal - 1):.0f} %']


def goals_section(entries):
    """Verdicts on what was timed, and why the one of a packet is as it is."""
    rows = list(goal_rows(entries))
    if not rows:
        return
    yield text.TIME_GOALS
    yield from table(['', 'goal', 'measured', 'verdict'], rows)
    best = {e['case']: e for e in entries if e['peer_name'] == 'route' and e['unit'] == 'ns'}
    many, few = best.get('udp-nat-out'), best.get('alone-out')
    # The reason is said where the figures bear it out.
    if many and few and few['ours'] / few['peer'] < many['ours'] / many['peer']:
        yield text.TIME_REASON.format(
            many=number(many['ours']), few=number(few['ours']),
            routed_many=number(many['peer']), routed_few=number(few['peer']),
            ratio_many=number(many['ours'] / many['peer'], 2),
            ratio_few=number(few['ours'] / few['peer'], 2))


def profile_section(profiles):
    """Where the instructions of ours go."""
    for entry in profiles:
        if entry['mode'] != 'sluice' or entry['case'] not in ('udp-nat-out', 'udp-nat-back',
                                                              'tcp-nat-out', 'udp-nat-new'):
            continue
        title = cases.COST[entry['case']][0]
        yield f'\n### {title}\n'
        yield (f'{number(entry["above_wire"])} {entry["unit"]} above the wire, '
               f'{number(entry["total"])} in all.\n')
        own = [f for f in entry['functions'] if f['above_wire'] > 0]
        rows = [[f'`{f["function"]}`', f['module'] or 'kernel', number(f['above_wire']),
                 f'{100 * f["share"]:.1f} %'] for f in own[:TOP]]
        for what, part in (('all others', own[TOP:]),
                           ('less what only the wire needs', [f for f in entry['functions']
                                                              if f['above_wire'] < 0])):
            count = sum(f['above_wire'] for f in part)
            rows.append([what, '', number(count), f'{100 * count / entry["above_wire"]:.1f} %'])
        yield '| function | module | above the wire | share |\n| --- | --- | ---: | ---: |'
        for row in rows:
            yield '| ' + ' | '.join(row) + ' |'


def main():
    build, folder = sys.argv[1:]
    os.makedirs(folder, exist_ok=True)
    facts = machine(os.path.join(build, 'raw', 'machine'))
    entries = load(os.path.join(build, 'l4.json'))
    out = [text.HEAD.format(**facts)]
    profiles = load(os.path.join(build, 'l4-profile.json'))
    out += [text.COST, *cost_section(entries, folder), *new_section(entries, profiles)]
    out += [text.TIME, *time_section(entries, folder), *goals_section(entries)]
    found = list(scale.section(load(os.path.join(build, 'l4-scale.json'))))
    if found:
        out += [text.SCALE, *found]
    out += [text.PROFILE, *profile_section(profiles)]
    write(os.path.join(folder, 'l4.md'), out)


main()

# SPDX-License-Identifier: GPL-2.0-or-later
"""From what guests printed to objects as in build/bench/l4.json."""

import collections
import os
import statistics

import cases


def lines(path):
    """Words of each line; none where there is no such file."""
    if not os.path.exists(path):
        return
    with open(path, encoding='utf-8') as file:
        for line in file:
            if line.strip():
                yield line.split()


def read_cost(path):
    """Instructions a packet or connection by case and mode; a string says why there are none."""
    found = collections.defaultdict(dict)
    for case, mode, *rest in lines(path):
        mode, _, firewall = mode.partition('+')
        if firewall:
            found[case + '+' + firewall]['wire'] = found[case].get('wire')
            case += '+' + firewall
        if rest[0] == 'unavailable':
            found[case][mode] = 'not available: ' + ' '.join(rest[1:])
            continue
        ns, packets, sent, delivered = map(int, rest)
        if sent != delivered:
            found[case][mode] = f'{delivered} of {sent} packets arrived'
            continue
        found[case][mode] = ns * (4 if case.startswith('tcp-nat-new') else 1) / packets
    return found


def entry(case, metric, unit, ours, peer, peer_name, digits=0, **more):
    """One object; a string instead of a number says why there is none."""
    result = {'case': case, 'metric': metric, 'unit': unit}
    for name, value in (('ours', ours), ('peer', peer)):
        known = isinstance(value, (int, float))
        result[name] = (round(value, digits) if digits else round(value)) if known else None
        if not known:
            result['note'] = f'{cases.NAMES["sluice"] if name == "ours" else peer_name}: {value}'
    result['peer_name'] = peer_name
    known = None not in (result['ours'], result['peer']) and peer
    result['ratio'] = round(ours / peer, 3) if known else None
    return {**result, **more}


def above_wire(values, mode):
    """A mode's figure less the wire's."""
    value, wire = values.get(mode, 'not measured'), values.get('wire')
    if isinstance(value, str):
        return value
    return value - wire if isinstance(wire, float) else 'no wire to compare with'


def goal_of(goal, case, cost):
    """The number that is to be reached, and what it is called."""
    if not isinstance(goal, tuple):
        return goal, 'goal'
    what, times = goal
    if what in cases.COST:
        value = above_wire(cost.get(what, {}), 'sluice')
        name = f'goal: {times} times without the firewall'
    else:
        value = above_wire(cost.get(case, {}), what)
        name = f'goal: {times} times {cases.NAMES[what]}'
    return value if isinstance(value, str) else value * times, name


def cost_entries(path):
    """Objects of the cases that are counted in instructions."""
    cost = read_cost(path)
    for case, (_, peers, goal) in cases.COST.items():
        if case not in cost:
            continue
        metric = 'cost of a connection' if case.endswith('-new') else 'cost of a packet'
        metric += ' above the wire'
        ours = above_wire(cost[case], 'sluice')
        yield entry(case, metric, 'instructions', ours, *goal_of(goal, case, cost))
        for peer in peers:
            if peer in cost[case]:
                yield entry(case, metric, 'instructions', ours, above_wire(cost[case], peer), peer)


def series(path):
    """Values by case and mode, in the order of the runs, and packets that did not arrive."""
    found, lost = collections.defaultdict(lambda: collections.defaultdict(list)), 0
    for words in lines(path):
        case, mode, value, *rest = words
        if len(rest) == 2:
            lost += max(int(rest[0]) - int(rest[1]), 0)
            if rest[0] != rest[1]:
                # A run in which packets were lost has no time of a packet.
                value = 'nan'
        if len(rest) == 1:
            value = float(value) / int(rest[0])
        found[case][mode].append(float(value))
    return found, lost


def spread(values):
    """Median and quartiles of those that are numbers."""
    values = sorted(value for value in values if value == value)
    if len(values) < 2:
        middle = values[0] if values else 'no valid run'
        return middle, [middle, middle]
    quartiles = statistics.quantiles(values, n=4, method='inclusive')
    return statistics.median(values), [quartiles[0], quartiles[2]]


def paired(one, other):
    """Differences of runs of the same turn."""
    return [a - b for a, b in zip(one, other)]


def best(case, metric, found, mode):
    """What the least disturbed run says: of a busy machine, the nearest to the truth."""
    least = {key: min((v for v in runs if v == v), default=None) for key, runs in found[case].items()}
    if case in cases.RATES:
        return max(found[case][mode])
    if case == 'flows-ratio':
        least = [min((v for v in found[flows][mode] if v == v), default=None)
                 for flows in ('flows-1000000', 'flows-1000')]
        return None if None in least else least[0] / least[1]
    base = 0
    if metric == 'time above the wire':
        base = least['wire']
    elif case == 'flows-1000000':
        base = min((v for v in found['flows-1000'][mode] if v == v), default=None)
    return None if None in (base, least[mode]) else least[mode] - base


def time_entries(path):
    """Objects of the cases that were timed, or are memory."""
    found, _ = series(path)
    for mode, runs in found.get('flows-1000000', {}).items():
        found['flows-ratio'][mode] = [a / b for a, b in zip(runs, found['flows-1000'][mode])]
    for case, (_, metric, unit, peers, digits) in cases.OTHER.items():
        if case not in found:
            continue
        values, least = {}, {}
        for mode, runs in found[case].items():
            if metric == 'time above the wire':
                runs = paired(runs, found[case]['wire'])
            elif case == 'flows-1000000':
                runs = paired(runs, found['flows-1000'][mode])
            values[mode] = spread(runs)
            least[mode] = best(case, metric, found, mode)
        ours, quartiles = values.get('sluice', ('not measured', []))
        for peer in peers:
            theirs, their_quartiles = values.get(peer, ('not measured', []))
            more = {}
            if unit != 'bytes':
                more = {'ours_quartiles': [round(q, 2) for q in quartiles],
                        'peer_quartiles': [round(q, 2) for q in their_quartiles],
                        'ours_best': least.get('sluice'), 'peer_best': least.get(peer)}
                more = {key: round(v, 2) if isinstance(v, float) else v for key, v in more.items()}
            yield entry(case, metric, unit, ours, theirs, peer, digits, **more)

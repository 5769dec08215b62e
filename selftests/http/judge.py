# SPDX-License-Identifier: GPL-2.0-or-later
"""What became of a case, and whether it should have."""

import collections

from messages import agree, read_requests, readings

# @said: in a word or two, for the table; @danger: nobody may ever do this; @wrong: not as the case wants
# @danger: a list of these, @short for the table
Danger = collections.namedtuple('Danger', 'short why')
Verdict = collections.namedtuple('Verdict', 'said danger wrong')


def told(statuses, ended):
    """What a client saw."""
    if statuses:
        return ' '.join(str(status) for status in statuses)
    return {'end': 'closed', 'reset': 'reset', None: 'silence'}[ended]


def judge_request(case, raw_target, at_server, statuses, ended):
    """@at_server: bytes of each connection there."""
    found = [(data, readings(data)) for data in at_server if data]
    most = sum(len(each['strict'][0]) for _, each in found)
    danger = []
    if most > case.sent:
        danger.append(Danger(f'{most} requests for {case.sent}',
                             f'{most} requests at the server where {case.sent} was sent'))
    for data, each in found:
        if not agree(each):
            ways = {name: f'{len(firsts)} {rest}'.strip() for name, (firsts, rest) in each.items()}
            danger.append(Danger('ambiguous', f'{ways}: {data[:300]!r}'))
    requests = [request for data, _ in found for request in read_requests(data)[0]]
    hidden = [r.first for r in requests if b'/smuggled' in r.first]
    if hidden:
        danger.append(Danger('the hidden request', f'the server was asked for {hidden[0]!r}'))
    said = told(statuses, ended)
    if found:
        # A proxy that passes content on as it comes finds out late what is wrong with it.
        said += {0: ', not whole at the server', 1: ', passed on'}.get(most, f', {most} passed on')
    wrong = [why for expect in case.expect
             for why in [unexpected(expect, raw_target, requests, statuses, ended)]]
    return Verdict(said, danger, [] if None in wrong else wrong[:1])


def unexpected(expect, target, requests, statuses, ended):
    """Why it is not what was expected, or None."""
    if hasattr(expect, 'method'):
        return not_passed(expect, target, requests, statuses)
    if requests:
        return f'passed on, where {one_of(expect.statuses)} was expected'
    if (statuses[:1] or [0])[0] not in expect.statuses:
        return f'{told(statuses, ended)}, where {one_of(expect.statuses)} was expected'
    if len(statuses) > 1:
        return 'more than one answer'
    if not ended:
        return 'refused, but the connection stays open'
    return None


def not_passed(expect, target, requests, statuses):
    """The same of a request that should reach the server."""
    if tuple(statuses) != expect.statuses:
        return f'{told(statuses, None)}, where {one_of(expect.statuses)} was expected'
    if not requests:
        return 'not passed on'
    first = requests[0]
    method, its_target = first.first.split()[:2]
    if method.decode() != expect.method or its_target.partition(b'?')[0].rstrip(b'/') not in (
            target, b'*', target + b'/%C3%A4', target + b'/\xc3\xa4'):
        return f'passed on as {first.first!r}'
    if first.content != expect.content:
        return f'passed on with content {first.content!r}'
    head = b'\r\n'.join([first.first] + [name + b': ' + value for name, value in first.fields]).lower()
    for text in expect.has:
        if text not in head:
            return f'passed on without {text!r}'
    for text in expect.lacks:
        if text in head:
            return f'passed on with {text!r}'
    return None


def one_of(statuses):
    """In words."""
    return ' or '.join(str(status) if status else 'the end' for status in statuses)

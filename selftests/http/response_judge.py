# SPDX-License-Identifier: GPL-2.0-or-later
"""Run a case of response_cases.py, and say what became of it."""

from judge import Danger, Verdict
from messages import agree, read_responses, response_readings, status_of

PATIENCE = 5


def outcome(client, method):
    """What a client makes of its first answer."""
    found, rest = read_responses(client.data, [method], client.ended == 'end')
    final = [response for response in found if status_of(response) >= 200]
    if final:
        status, content = status_of(final[0]), final[0].content.decode('latin-1')
        # Content of a proxy's own errors is its own affair.
        return f'{status} {content}' if content and status < 400 else str(status)
    if client.data.startswith(b'HTTP/1.') and rest == 'incomplete' and b'\r\n\r\n' in client.data:
        status = client.data.split()[1].decode('latin-1')
        return f'{status} cut' if client.ended else f'{status} and silence'
    return {'end': 'closed', 'reset': 'reset', None: 'silence'}[client.ended]


def request(method, target, version='1.1', fields=''):
    """As bytes."""
    return f'{method} {target} HTTP/{version}\r\nHost: www.example.com\r\n{fields}\r\n'.encode()


def follow_up(bed, client):
    """Another request of a client: what is wrong with its answer, if anything."""
    target = bed.target()
    client.data, client.methods = b'', []
    if not client.send(request('GET', target)):
        return None, None
    responses = client.read(PATIENCE, linger=0.02)
    if client.ended and not client.data:
        return None, None
    if not responses:
        return None, 'the next request was not answered'
    content = responses[0].content
    if status_of(responses[0]) >= 500:
        return None, f'the next request got {status_of(responses[0])}'
    if content != f'GET {target} HTTP/1.1 0'.encode():
        return Danger('the next request got this answer', f'{content[:80]!r} for {target}'), None
    return None, None


def run_response(bed, case):
    """What became of it."""
    early = case.method == 'POST'
    target = ('/early' if early else '') + bed.target()
    bed.origin.scripts[target] = case.steps
    client = bed.client()
    client.send(request(case.method, target, case.version,
                        'Content-Length: 100000\r\n' if early else '')
                + (b'0123456789' if early else b''), [case.method])
    client.read(PATIENCE, linger=0.15)
    danger, wrong = [], []
    said = outcome(client, case.method)
    if said not in case.expect:
        wrong.append(f"'{said}', where '{' or '.join(case.expect)}' was expected")
    ways = response_readings(client.data, [case.method], client.ended == 'end')
    if not agree(ways) and not said.endswith(('cut', 'silence')):
        danger.append(Danger('ambiguous', f'{ways}: {client.data[:300]!r}'))
    if ways['strict'][1] == 'garbage':
        danger.append(Danger('more than one answer' if ways['strict'][0] else 'garbage passed on',
                             f'{client.data[:300]!r}'))
    if early and not client.ended:
        # What it still sends is content, and no request.
        client.data, client.methods = b'', []
        client.send(request('GET', '/smuggled'))
        if any(status_of(response) == 200 for response in client.read(0.5)):
            danger.append(Danger('content was taken for a request', '/smuggled was answered'))
        client.close()
    other = bed.client()
    for each in (other, other) if early or client.ended else (other, client, other):
        bad, strange = follow_up(bed, each)
        danger += [bad] if bad else []
        wrong += [strange] if strange else []
    client.close()
    other.close()
    bed.origin.take()
    return Verdict(said, danger, wrong)

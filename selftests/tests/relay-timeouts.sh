#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Each time-out of stratum relay ends its own phase and no other, not before its time; who is silent or refuses is replaced as often as may be; requests of a connection are as many as may be.
# Targets: uml uml-debug
# Timeout: 120
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

load_sluice
load_ktls
setup_balancer 3
python_cases <<'EOP'
from sluicetest import *
from relay import *

GET = b'GET / HTTP/1.1\r\nHost: a.test\r\n\r\n'
POST = b'POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 10\r\n\r\n'
LOW, LONG = 300, 1000000
# A tick or two, by which a timer may be early.
EARLY = 0.03
SILENT, CLOSED, GOOD, HELD = 8009, 8008, 8000, 8001
family = Family()
servers = {}
for v in VERSIONS:
    for i in range(3):
        Origin(S[i], v, GOOD).label = f's{i}'
    servers[v] = listen(S[0], v, HELD)
    relay_service(VIP[v], 80, pools=[
        (f'held-{v}', [(server(v, 0), HELD)]), (f'one-{v}', [(server(v, 0), SILENT)]),
        (f'some-{v}', [(server(v, 0), SILENT), (server(v, 1), GOOD)]), (f'all-{v}', [(server(v, i), SILENT) for i in range(3)]),
        (f'closed-{v}', [(server(v, i), CLOSED) for i in range(3)]),
        (f'open-{v}', [(server(v, 0), CLOSED), (server(v, 1), GOOD)]), (f'good-{v}', [(server(v, 2), GOOD)])],
        routes=['nil prefix /nil reject 404'] + [f'{name} prefix /{name} pool {name}-{v}' for name in ('one', 'some', 'all', 'closed', 'open', 'good')] + [f'rest pool held-{v}'])
for s in S:
    run(s, 'nft', f'add table inet t; add chain inet t i {{ type filter hook input priority 0; }}; add rule inet t i tcp dport {SILENT} drop')


def come(v, **settings):
    """A client for whom all but these is long."""
    times = {name: LONG for name in ('head', 'idle', 'body', 'connect', 'response', 'tunnel')}
    check_eq('it is configured', (0, ''), family.config(VIP[v], 80, **{**times, 'listen': 1, 'websocket': 1, 'retries': 0, 'requests_max': 0, **settings}))
    c = client(v)
    c.sock.settimeout(60)
    return c


def accept(v):
    s, _ = servers[v].accept()
    s.settimeout(60)
    s = Reader(s)
    s.head()
    return s


def end(reader):
    """How a connection ends, and what came before."""
    try:
        while reader.more():
            pass
        return 'closed', reader.data
    except ConnectionResetError:
        return 'reset', reader.data


def counted(before):
    return {name: value - before[name] for name, value in family.stats().items() if name != 'clients' and value != before[name]}


def waited(began, limit):
    took = time.monotonic() - began
    return took > limit / 1000 - EARLY


def status(data):
    return data.split(b' ')[1:2]


for v in VERSIONS:
    def case(name, passed, why=''):
        check(f'IPv{v}: {name}', passed, why)

    began = time.monotonic()
    c = come(v, head=LOW)
    got = end(c)
    case('who says nothing is closed without an answer', got == ('closed', b'') and waited(began, LOW), got)

    for path, answer in (('/good', 200), ('/nil', 404)):
        c = come(v, idle=LOW)
        began = time.monotonic()
        got = ask(c, path), end(c)
        case(f'{path}: between two requests', got[0] and got[0][0] == answer and got[1] == ('closed', b'') and waited(began, LOW), got)

    before, began = family.stats(), time.monotonic()
    c = come(v, body=LOW)
    c.sock.sendall(POST + b'12345')
    s = accept(v)
    got = end(c), end(s), counted(before)
    case('a content that does not go on is answered 408', status(got[0][1]) == [b'408'] and got[0][0] == 'closed' and waited(began, LOW), got)
    case('and its server reset', got[1] == ('reset', b'12345'), got)
    case('which is counted', got[2].get('timeouts') == 1, got)

    before, began = family.stats(), time.monotonic()
    c = come(v, body=LOW)
    c.sock.sendall(GET)
    s = accept(v)
    s.sock.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345')
    got = end(c), end(s), counted(before)
    case('a response that does not go on is cut off', got[0][0] == 'reset' and got[0][1].endswith(b'\r\n\r\n12345') and waited(began, LOW), got)
    case('on both sides', got[1] == ('reset', b'') and got[2].get('timeouts') == 1, got)

    before, began = family.stats(), time.monotonic()
    c = come(v, response=LOW)
    c.sock.sendall(GET)
    s = accept(v)
    got = c.response(), end(s), counted(before)
    case('a server that does not answer: 504', got[0] and got[0][0] == 504 and waited(began, LOW), got)
    case('and it is reset', got[1] == ('reset', b'') and got[2].get('timeouts') == 1, got)
    c.sock.close()

    c = come(v, response=LOW)
    c.sock.sendall(b'POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n')
    s = accept(v)
    s.until(b'12345')
    # What is said next comes by itself, and has no bytes.
    began = time.monotonic()
    c.sock.sendall(b'0\r\n\r\n')
    got = c.response(), end(s)
    case('one that has got the last chunk and does not answer: 504', got[0] and got[0][0] == 504 and waited(began, LOW), got)
    c.sock.close()

    c = come(v, body=LOW)
    c.sock.sendall(b'GET / HTTP/1.1\r\nHost: a.test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n')
    s = accept(v)
    s.sock.sendall(b'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n')
    got = c.response()
    began = time.monotonic()
    c.sock.shutdown(socket.SHUT_WR)
    got = got, end(c)
    case('a tunnel of which one side ends and the other does not is cut off', got[0] and got[0][0] == 101 and got[1] == ('reset', b'') and waited(began, LOW), got)
    s.sock.close()

    before, began = family.stats(), time.monotonic()
    c = come(v, tunnel=LOW)
    c.sock.sendall(b'GET / HTTP/1.1\r\nHost: a.test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n')
    s = accept(v)
    s.sock.sendall(b'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nhello')
    got = c.response(), end(c), end(s), counted(before)
    case('a tunnel where nothing moves is cut off', got[0] and got[0][0] == 101 and got[1] == ('reset', b'hello') and waited(began, LOW), got)
    case('on both sides', got[2] == ('reset', b'') and got[3].get('timeouts') == 1, got)

    # Silent servers.
    for path, retries, answer, tried in (('/one', 0, 504, 1), ('/one', 5, 504, 1), ('/all', 0, 504, 1), ('/all', 1, 504, 2), ('/closed', 2, 502, 3)):
        before, began = family.stats(), time.monotonic()
        c = come(v, connect=LOW, retries=retries)
        got = ask(c, path)
        counts = counted(before)
        limit = 0 if answer == 502 else tried * LOW
        case(f'{path}, {retries} retries: {answer}', got and got[0] == answer and waited(began, limit), got)
        case(f'{path}, {retries} retries: {tried} tried', (counts.get('connects'), counts.get('errors')) == (tried, tried), counts)
        case(f'{path}, {retries} retries: time-outs', counts.get('timeouts', 0) == (tried if limit else 0), counts)
        case(f'{path}, {retries} retries: the next request of the connection is answered', (ask(c, '/good') or [0])[0] == 200)
        c.sock.close()
    for path in ('/some', '/open'):
        before = family.stats()
        for _ in range(2):
            c = come(v, connect=LOW, retries=1)
            got = ask(c, path)
            case(f'{path}: another server answers', got and (got[0], got[1]['x-server']) == (200, ['s1']), got)
            c.sock.close()
        counts = counted(before)
        # The first one of the pool has its turn once at least.
        case(f'{path}: it was tried again', counts.get('retries', 0) >= 1 and counts.get('answers', 0) == 0, counts)

    # Requests of a connection.
    for path, answer in (('/good', 200), ('/nil', 404)):
        c = come(v, requests_max=3)
        c.sock.sendall(5 * f'GET {path} HTTP/1.1\r\nHost: a.test\r\n\r\n'.encode())
        got = [c.response() for _ in range(3)]
        case(f'{path}: as many requests as may be', [each and (each[0], each[1].get('connection')) for each in got] ==
             [(answer, None), (answer, None), (answer, ['close'])], got)
        rest = end(c)
        case(f'{path}: and no more', rest[1] == b'', rest)
        c.sock.close()
check('nobody is left', until(20, lambda: family.stats()['clients'] == 0), family.stats())
EOP

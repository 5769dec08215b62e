#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Clients that stratum relay keeps at their servers: cookies in requests and responses, whatever is in them; numbers of requests.
# Targets: uml uml-debug
# Timeout: 120
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

load_sluice
load_ktls
setup_balancer 3
python_cases <<'EOP'
import base64
import hmac
import ipaddress

from netlink import CMD, DUMP
from sluicetest import *
from relay import *

KEY, OTHER = bytes(range(32)), bytes(range(128, 160))
ATTRIBUTES = '; Path=/; HttpOnly; SameSite=Lax'
COOKIE, POOL, REQUEST_ID, KEYED, STICKY_KEY = 13, 14, 13, 14, 15


def value(version, i, key=KEY, pool='web', port=8000):
    """The cookie of server I, made another way."""
    number = 14695981039346656037
    for byte in ipaddress.ip_address(server(version, i)).packed + struct.pack('!H', port):
        number = (number ^ byte) * 1099511628211 & (1 << 64) - 1
    said = b'sluice sticky cookie 1\0' + pool.encode() + b'\0' + struct.pack('!Q', number)
    return base64.urlsafe_b64encode(struct.pack('!Q', number) + hmac.digest(key, said, 'sha256')[:16]).decode()


def get(reader, *cookies, target='/', fields='', method='GET', body=b''):
    """Who answers a request with these fields of cookies, and what cookies it sets."""
    got = ask(reader, target, method, fields=''.join(f'Cookie: {c}\r\n' for c in cookies) + fields, body=body)
    return got and (got[1].get('x-server', [str(got[0])])[0], got[1].get('set-cookie', []))


def loses(version, cookie, name):
    """Whether another server answers; its connections end at that moment, too."""
    try:
        got = get(client(version), cookie)
    except OSError:
        return False
    return got and got[0] != name


def new(version, i, **how):
    return f's{i}', [f'SID={value(version, i, **how)}{ATTRIBUTES}']


def case(name):
    return f'IPv{v}: {name}'


def configure(v, key=None, port=80, **settings):
    data = service_key(1, VIP[v], port) + (attr(STICKY_KEY, key) if key is not None else b'')
    for name, setting in settings.items():
        data += attr(CONFIG[name], struct.pack('=' + SIZES.get(name, 'I'), setting))
    error = family.ask(CONFIG_SET, data)[0]
    return error, family.said if error else ''


def set_server(v, i, *words):
    adm('server', 'set', '--pool', f'web-{v}', '-r', endpoint(server(v, i), 8000), *words)


family = Family()
origins = {}
for v in VERSIONS:
    for i in range(3):
        origins[v, i] = Origin(S[i], v, 8000)
        origins[v, i].label = f's{i}'
    servers = [(server(v, i), 8000) for i in range(3)]
    relay_service(VIP[v], 80, pools=[(f'web-{v}', servers), (f'plain-{v}', servers)],
                  routes=[f'plain prefix /plain pool plain-{v}', f'all pool web-{v}'])
    adm('pool', 'set', f'web-{v}', '-s', 'rr', '--sticky', 'SID:web')
    check_eq(case('it listens'), (0, ''), configure(v, KEY, listen=1, websocket=1))
    adm('relay', 'set', '-t', endpoint(VIP[v], 80), 'request-id=X-Number', 'add=x-forwarded,request-id')

for v in VERSIONS:
    # Who has none gets one, and stays.
    c = client(v)
    first = get(c)
    check(case('a client without cookie gets one'), first in [new(v, i) for i in range(3)], first)
    i = int(first[0][1])
    check_eq(case('with it the client stays, and gets no other'), [(f's{i}', [])] * 9,
             [get(c, f'SID={value(v, i)}') for _ in range(9)])
    check_eq(case('also on other connections'), [(f's{n % 3}', []) for n in range(9)],
             [get(client(v), f'SID={value(v, n % 3)}') for n in range(9)])
    check_eq(case('among others, in whatever field, quoted'), [('s1', [])] * 4,
             [get(c, f'a=b; SID={value(v, 1)}; SID=x'), get(c, 'a=b', f'x; SID = "{value(v, 1)}"'),
              get(c, f'SIDE=1;;SID={value(v, 1)}'), get(c, f'SID={value(v, 1)}', f'SID={value(v, 2)}')])
    check_eq(case('without a cookie all get their share'), {'s0', 's1', 's2'}, {get(c)[0] for _ in range(6)})
    check_eq(case('a route to a pool without does not'), [], get(c, target='/plain')[1])
    got = ask(c, '/chunks/1000/3', fields=f'Cookie: SID={value(v, 2)}\r\n')
    check_eq(case('content comes whole'), ('s2', pattern(1000) * 3), got and (got[1]['x-server'][0], got[2]))
    got = get(c, method='PUT', target='/up', fields='Expect: 100-continue\r\nContent-Length: 5\r\n', body=b'12345')
    check(case('an interim response has no cookie, what follows has'), c.interim == [100] and len(got[1]) == 1, (c.interim, got))

    # What is none of ours.
    good = value(v, 1)
    swap = {'A': 'B'}
    hostile = ['', 'x', good[:-1], good + 'A', 'A' * 32, good[:-1] + swap.get(good[-1], 'A'), swap.get(good[0], 'A') + good[1:],
               good.replace(good[5], '!'), f'"{good}', f"'{good}'", 'x' * 8000, value(v, 1, key=OTHER), value(v, 1, pool='we'),
               value(v, 1, pool=f'web-{v}'), value(v, 1, port=8001), value(10 - v, 1), good.lower()]
    for bad in hostile:
        got = get(c, f'SID={bad}')
        check(case(f'no cookie of ours: {bad[:40]}'), got and len(got[1]) == 1 and got[0] in ('s0', 's1', 's2'), got)
    raw = b'GET / HTTP/1.1\r\nHost: a\r\nCookie: SID=\x80\xff' + good.encode()[2:] + b'\r\nCookie: =;=;SID\r\n\r\n'
    c.sock.sendall(raw)
    got = c.response()
    check(case('bytes of all kinds'), got and got[0] == 200 and len(got[1].get('set-cookie', [])) == 1, got)
    check(case('only the first one counts'), len(get(c, 'SID=x', f'SID={good}')[1]) == 1)
    got = get(c, *['SID' * 20] * 60)
    check(case('many fields'), got and len(got[1]) == 1, got)

    # Servers come and go.
    set_server(v, 1, '--state', 'draining')
    check_eq(case('a server that drains keeps its clients'), [('s1', [])] * 4, [get(client(v), f'SID={good}') for _ in range(4)])
    check(case('and gets no others'), 's1' not in {get(client(v))[0] for _ in range(6)})
    set_server(v, 1, '--weight', '0', '--state', 'up')
    check_eq(case('one without weight does, too'), ('s1', []), get(client(v), f'SID={good}'))
    set_server(v, 1, '--weight', '1', '--state', 'down')
    got = [get(client(v), f'SID={good}') for _ in range(4)]
    check(case('one that is down loses them'), all(g in (new(v, 0), new(v, 2)) for g in got), got)
    set_server(v, 1, '--state', 'draining', '--deadline', '100ms')
    check(case('one past its deadline, too'), until(10, lambda: loses(v, f'SID={good}', 's1')))
    set_server(v, 1, '--state', 'up')
    check_eq(case('up again, it has those that have its cookie'), ('s1', []), get(client(v), f'SID={good}'))
    adm('server', 'del', '--pool', f'web-{v}', '-r', endpoint(server(v, 1), 8000))
    got = get(client(v), f'SID={good}')
    check(case('one that was removed loses them'), got in (new(v, 0), new(v, 2)), got)
    adm('server', 'add', '--pool', f'web-{v}', '-r', endpoint(server(v, 1), 8000))
    check_eq(case('added again, it has the same cookie'), ('s1', []), get(client(v), f'SID={good}'))
    adm('server', 'add', '--pool', f'web-{v}', '-r', endpoint(server(v, 1), 8001))
    got = get(client(v), f'SID={value(v, 1, port=8001)}')
    check(case('one that refuses gives way to another one'), got and got[0] != '502' and
          got in [new(v, i) for i in range(3)], got)
    for i in range(3):
        set_server(v, i, '--state', 'draining')
    adm('server', 'set', '--pool', f'web-{v}', '-r', endpoint(server(v, 1), 8001), '--state', 'down')
    check_eq(case('where all drain, only those that are kept are served'), [('s1', []), ('503', [])],
             [get(client(v), f'SID={good}'), get(client(v))])
    for i in range(3):
        set_server(v, i, '--state', 'up')
    adm('server', 'del', '--pool', f'web-{v}', '-r', endpoint(server(v, 1), 8001))

    # The key, the pool.
    c = client(v)
    check_eq(case('before'), ('s2', []), get(c, f'SID={value(v, 2)}'))
    check_eq(case('another key'), (0, ''), configure(v, OTHER))
    got = get(c, f'SID={value(v, 2)}')
    check(case('holds for clients that are there, too'), got in [new(v, i, key=OTHER) for i in range(3)], got)
    check_eq(case('and its cookies'), ('s2', []), get(c, f'SID={value(v, 2, key=OTHER)}'))
    check_eq(case('something else is said'), (0, ''), configure(v, retries=3))
    check_eq(case('the key stays'), ('s0', []), get(c, f'SID={value(v, 0, key=OTHER)}'))
    for length in (0, 31, 33):
        check(case(f'a key of {length} bytes is refused'), configure(v, bytes([7] * length))[0] in (22, 34), family.said)
    shown = listing('relay', 'show', '-t', endpoint(VIP[v], 80))[0]
    check_eq(case('it is told that there is one'), (True, 'X-Number'), (shown['keyed'], shown['request-id']))
    error, told, _ = family.ask(CONFIG_GET, flags=DUMP)
    check(case('but not which'), not error and len(told) > 100 and OTHER not in told and OTHER[:8] not in told)
    check(case('also in words'), ' keyed\n' in adm('relay', 'show', '-t', endpoint(VIP[v], 80)))
    check_eq(case('back'), (0, ''), configure(v, KEY))
    pool = listing('pool', 'show', f'web-{v}')[0]
    check_eq(case('the pool is shown'), ('SID', 'web'), (pool['sticky-cookie'], pool['sticky-pool']))
    adm('pool', 'set', f'web-{v}', '--sticky', 'Other')
    got = get(c, f'SID={value(v, 2)}')
    check_eq(case('another cookie, and the name of the pool in it'), [f'Other={value(v, int(got[0][1]), pool=f"web-{v}")}{ATTRIBUTES}'],
             got[1])
    adm('pool', 'set', f'web-{v}', '--sticky', 'off')
    check_eq(case('none'), [], get(c, f'SID={value(v, 2)}')[1])
    check(case('and that is shown'), 'sticky-cookie' not in listing('pool', 'show', f'web-{v}')[0])
    adm('pool', 'set', f'web-{v}', '--sticky', 'SID:web')

    # Upgrades, and numbers of requests.
    origins[v, 0].handle = lambda reader, first, fields, n: (
        reader.sock.sendall(b'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n'
                            b'x-number: theirs\r\n\r\n'), False)[1]
    got = ask(c, fields=f'Cookie: SID={value(v, 0)}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n')
    check(case('an upgrade of a client that stays'), got and got[0] == 101 and 'set-cookie' not in got[1] and
          len(got[1].get('x-number', [])) == 1 and re.fullmatch('[0-9a-f]{32}', got[1]['x-number'][0]), got)
    origins[v, 0].handle = origins[v, 0].usual
    c, seen = client(v), set()
    for _ in range(3):
        got = ask(c, fields=f'Cookie: SID={value(v, 0)}\r\nX-Number: mine\r\nx_number: mine\r\nX-Request-Id: kept\r\n')
        fields = origins[v, 0].requests[-1][1]
        seen.add(got[1]['x-number'][0])
        check_eq(case('the number of a request, for server and client'),
                 (got[1]['x-number'], None, ['kept']), (fields.get('x-number'), fields.get('x_number'), fields.get('x-request-id')))
    check(case('each has its own'), len(seen) == 3 and all(re.fullmatch('[0-9a-f]{32}', s) for s in seen), seen)

# What is refused says why, and changes nothing.
saved = adm('-S')
check('saved', "pool add --family inet -s rr --sticky SID:web web-4" in saved and 'request-id=X-Number' in saved, saved)
adm('-C')
adm('-R', stdin=saved)
check_eq('-S, -C, -R gives the same -S', saved, adm('-S'))
nl = Netlink(B)
for what, more, said in (
        ('a cookie with a blank', attr(COOKIE, b'a b\0'), "the name of a cookie has letters, digits and !#$%&'*+-.^_`|~ only"),
        ('with a semicolon', attr(COOKIE, b'a;b\0'), "the name of a cookie has letters, digits and !#$%&'*+-.^_`|~ only"),
        ('a pool alone', attr(POOL, b'web\0'), 'sticky-pool is given together with sticky-cookie'),
        ('a pool without name', attr(COOKIE, b'a\0') + attr(POOL, b'\0'),
         "a pool's name is 1 to 63 printable ASCII characters without blank")):
    error = nl.ask(CMD['pool_set'], attr(1, b'web-4\0') + more)[0]
    check_eq(what, (22, said), (error, nl.said))
check('a cookie with a long name', nl.ask(CMD['pool_set'], attr(1, b'web-4\0') + attr(COOKIE, b'a' * 256 + b'\0'))[0] != 0)
for name, said in (('Host', 'this field is written as the message needs it, take another one'),
                   ('content_length', 'this field is written as the message needs it, take another one'),
                   ('a b', "the name of a field is 1 to 63 letters, digits and !#$%&'*+-.^_`|~"),
                   ('', "the name of a field is 1 to 63 letters, digits and !#$%&'*+-.^_`|~")):
    error = family.ask(CONFIG_SET, service_key(1, VIP[4], 80) + attr(REQUEST_ID, name.encode() + b'\0'))[0]
    check_eq(f'a field {name!r}', (22, said), (error, family.said))
check_eq('nothing has changed', saved, adm('-S'))

# Without a key a random one of the namespace does.
adm('relay', 'del', '-t', endpoint(VIP[4], 80))
check_eq('no key', (0, ''), configure(4, listen=1))
c = client(4)
first = get(c)
check('a cookie of a key that nobody knows', first and len(first[1]) == 1 and first not in [new(4, i) for i in range(3)], first)
check_eq('it keeps its client', [(first[0], [])] * 4, [get(c, first[1][0].split(';')[0]) for _ in range(4)])
longest = 'c' * 255
adm('pool', 'set', 'web-4', '--sticky', longest)
got = get(c, 'x' * 10000)
check('the longest name', got and got[1] and got[1][0].startswith(longest + '='), got)
check_eq('does what others do', (got[0], []), get(c, got[1][0].split(';')[0]))
EOP

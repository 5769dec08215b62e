#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A server that goes while it has requests of stratum relay: they go on or are cut off, as its pool says; who was connecting gets another one. Routes by share take theirs.
# Targets: uml uml-debug
# Timeout: 300
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

load_sluice
load_ktls
setup_balancer 2
python_cases <<'EOP'
from sluicetest import *
from relay import *

SILENT, HELD = 8009, 8001
HALF = b'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n01234'
family = Family()
run(S[0], 'nft', f'add table inet t; add chain inet t i {{ type filter hook input priority 0; }}; add rule inet t i tcp dport {SILENT} drop')


def end(reader):
    """How a connection ends, and what came before."""
    try:
        while reader.more():
            pass
        return 'closed', reader.data
    except ConnectionResetError:
        return 'reset', reader.data


for v in VERSIONS:
    def case(name, passed, why=''):
        check(f'IPv{v}: {name}', passed, why)

    def set_server(index, port, *words, pool='held'):
        adm('server', 'set', '--pool', f'{pool}-{v}', '-r', endpoint(server(v, index), port), *words)

    def asked(path='/'):
        """A client, and the first server, which has its request."""
        c = client(v)
        c.sock.sendall(f'GET {path} HTTP/1.1\r\nHost: a.test\r\n\r\n'.encode())
        s, _ = held.accept()
        s = Reader(s)
        s.sock.settimeout(20)
        s.head()
        return c, s

    Origin(S[1], v, HELD).label = 's1'
    held = listen(S[0], v, HELD)
    relay_service(VIP[v], 80, pools=[(f'held-{v}', [(server(v, i), HELD) for i in range(2)]), (f'silent-{v}', [(server(v, 0), SILENT)])],
                  routes=[f'silent prefix /silent pool silent-{v}', f'rest pool held-{v}'])
    # Whatever ends here ends because of its server.
    family.config(VIP[v], 80, listen=1, retries=1, **{name: 1000000 for name in ('head', 'idle', 'body', 'connect', 'response')})

    for on_down in ('keep', 'reset'):
        adm('pool', 'set', '--on-down', on_down, f'held-{v}')
        for begun in (False, True):
            what = f'on-down {on_down}, {"half a response" if begun else "a request"}'
            set_server(1, HELD, '--state', 'down')
            c, s = asked()
            if begun:
                s.sock.sendall(HALF)
                case(f'{what} is there', c.until(b'01234'))
            set_server(1, HELD, '--state', 'up')
            set_server(0, HELD, '--state', 'down')
            if on_down == 'keep':
                s.sock.sendall(b'56789' if begun else HALF + b'56789')
                case(f'{what}: it goes on', c.until(b'56789'))
                got = ask(c)
                case(f'{what}: the next one goes to the other server', got and got[1].get('x-server') == ['s1'], got)
            else:
                got = end(c), end(s)
                case(f'{what}: it is cut off, on both sides', got == (('reset', b''), ('reset', b'')), got)
            c.sock.close()
            s.sock.close()
            set_server(0, HELD, '--state', 'up')

    # One that has no request any more.
    set_server(1, HELD, '--state', 'down')
    c, s = asked()
    s.sock.sendall(HALF + b'56789')
    case('on-down reset, a kept connection: it was answered', c.until(b'56789'))
    set_server(1, HELD, '--state', 'up')
    set_server(0, HELD, '--state', 'down')
    case('on-down reset, a kept connection: it ends', end(s)[1] == b'')
    got = ask(c)
    case('on-down reset, a kept connection: the client goes on', got and got[1].get('x-server') == ['s1'], got)
    s.sock.close()
    set_server(0, HELD, '--state', 'up')

    # Draining.
    set_server(1, HELD, '--state', 'down')
    c, s = asked()
    set_server(1, HELD, '--state', 'up')
    set_server(0, HELD, '--state', 'draining', '--deadline', '1h')
    s.sock.sendall(HALF + b'56789')
    case('draining: a request goes on', c.until(b'56789'))
    got = ask(c)
    case('draining: the next one goes to the other server', got and got[1].get('x-server') == ['s1'], got)
    set_server(0, HELD, '--state', 'up')
    set_server(1, HELD, '--state', 'down')
    s.sock.close()
    c, s = asked()
    set_server(0, HELD, '--state', 'draining', '--deadline', '100ms')
    got = end(c), end(s)
    case('draining: what is there at the deadline is cut off', got == (('reset', b''), ('reset', b'')), got)
    set_server(0, HELD, '--state', 'up')
    set_server(1, HELD, '--state', 'up')

    # While it is connected to.
    adm('pool', 'set', '--on-down', 'reset', f'silent-{v}')
    before = family.stats()
    c = client(v)
    c.sock.sendall(b'GET /silent HTTP/1.1\r\nHost: a.test\r\n\r\n')
    case('a silent server is waited for', until(20, lambda: family.phase('connecting')))
    adm('-a', '--pool', f'silent-{v}', '-r', endpoint(server(v, 1), HELD))
    set_server(0, SILENT, '--state', 'down', pool='silent')
    got = c.response()
    case('it goes down: another one answers', got and got[1].get('x-server') == ['s1'], got)
    case('that is a retry', family.stats()['retries'] == before['retries'] + 1)
    c.sock.close()
    c = client(v)
    set_server(0, SILENT, '--state', 'up', pool='silent')
    set_server(1, HELD, '--state', 'down', pool='silent')
    c.sock.sendall(b'GET /silent HTTP/1.1\r\nHost: a.test\r\n\r\n')
    case('again', until(20, lambda: family.phase('connecting')))
    set_server(0, SILENT, '--state', 'down', pool='silent')
    got = c.response()
    case('without another one: 503', got and got[0] == 503, got)
    c.sock.close()

# Shares are of sources, by a hash that is the same everywhere: what 200 of them get does not depend on chance.
Origin(S[0], 4, 8002).label = 'stable'
Origin(S[1], 4, 8002).label = 'canary'
relay_service(VIP[4], 81, pools=[('stable', [(server(4, 0), 8002)]), ('canary', [(server(4, 1), 8002)])],
              routes=['canary share 50% salt 1 pool canary', 'rest pool stable'])
listening = listen(B, 4, 81, VIP[4])


def come(source):
    """A client that is said to have this address."""
    c = Reader(connect(4, VIP[4], 81))
    near, _ = listening.accept()
    error, said = family.hand(near, VIP[4], 81, keys=attr(4, socket.inet_aton(source)))
    near.close()
    if error:
        raise OSError(said)
    return c


def taken():
    """The sources that the canary gets."""
    found = set()
    for i in range(200):
        c = come(f'198.51.100.{i}')
        got = ask(c)
        if got[1]['x-server'] == ['canary']:
            found.add(i)
        c.sock.close()
    return found


half = taken()
check('half of the sources: about half', 70 <= len(half) <= 130, len(half))
check_eq('the same ones each time', half, taken())
adm('route', 'set', '-t', endpoint(VIP[4], 81), 'canary', 'share', '20%', 'salt', '1')
some = taken()
check('a fifth of them: about a fifth, of those who were there before', 20 <= len(some) <= 60 and some < half, (len(some), some - half))
adm('route', 'set', '-t', endpoint(VIP[4], 81), 'canary', 'share', '100%', 'salt', '1')
check_eq('all of them', 200, len(taken()))
adm('route', 'set', '-t', endpoint(VIP[4], 81), 'canary', 'share', '0%', 'salt', '1')
check_eq('none of them', 0, len(taken()))
check('nobody is left', until(20, lambda: family.stats()['clients'] == 0), family.stats())
EOP

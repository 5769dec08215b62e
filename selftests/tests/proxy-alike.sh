#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The kernel and the daemon send every request the same way: routes and requests are random, services in sniff and proxy.
# Targets: uml
# Timeout: 240
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

load_sluice
setup_balancer 1
for i in {50..57}; do
	addr "$C" eth0 "10.0.1.$i/24" "fd00:1::$i/64"
done
python_cases <<'EOP'
import random
import threading

from sluicetest import *
from sluiced import *

SEED = int.from_bytes(os.urandom(4), 'big')
SITES, REQUESTS, POOLS = 6, 90, 6
SNIFF, PROXY = 80, 81
SOURCES = {4: [f'10.0.1.{i}' for i in range(50, 58)], 6: [f'fd00:1::{i}' for i in range(50, 58)]}
HOSTS = ['a.test', 'www.a.test', 'x.y.a.test', 'b.test', 'b-a.test', '192.0.2.1', '[2001:db8::1]']
PATHS = ['/', '/api', '/api/', '/apix', '/api/v1', '/API', '/a/../api', '/%61pi', '/api%2Fv1', '//api', '/./api/.',
         '/api/%2e%2e/b', '/b', '/b?', '/b;p=1', '/%7Eb', '/~b']
NAMES = ['k', 'K', 'beta', 'X-One']
VALUES = ['1', 'yes', 'yes-no', 'Yes', '', 'a b', '%31']
chosen = random.Random(SEED)


def some(values, most=2):
    return chosen.sample(values, chosen.randint(1, most))


def text(values):
    """As YAML, whatever is in them."""
    return json.dumps(values)


def conditions():
    """Of one field, parameter or cookie."""
    how = chosen.randrange(3)
    value = chosen.choice([v for v in VALUES if v and ' ' not in v])
    return {chosen.choice(NAMES): value if how == 0 else {'prefix': value[:2]} if how == 1 else {'present': True}}


def match():
    found = {}
    parts = {
        'host': lambda: some([h for h in HOSTS if h[0] != '['] + ['*.a.test', '*.test']),
        'path': lambda: chosen.choice(['/', '/api', '/b', '/api/v1', '/~b']),
        'prefix': lambda: chosen.choice(['/api', '/b', '/api/v1', '/a']),
        'method': lambda: some(['GET', 'POST', 'PURGE']),
        'query': conditions, 'header': conditions, 'cookie': conditions,
        'source': lambda: some(['10.0.1.50', '10.0.1.52/31', '10.0.1.0/24', 'fd00:1::50', 'fd00:1::/64']),
        'port': lambda: chosen.choice([8080, 443]),
        'share': lambda: f'{chosen.choice([10, 30, 50, 90])}%',
    }
    for name in some(list(parts), 3):
        if not (name in ('path', 'prefix') and ('path' in found or 'prefix' in found)):
            found[name] = parts[name]()
    if 'share' in found:
        found['salt'] = chosen.randrange(3)
    return found


def site():
    routes = []
    for i in range(chosen.randint(3, 14)):
        action = {'reject': 403} if chosen.random() < 0.25 else {'pool': f'p{chosen.randrange(POOLS)}'}
        routes.append({'name': f'r{i}', 'match': match(), **action})
    pools = {f'p{i}': {'servers': [endpoint(server(v, 0), 9000 + i) for v in VERSIONS]} for i in range(POOLS)}
    def service(port, **more):
        return {'address': [endpoint(VIP[v], port) for v in VERSIONS], 'parse': 'http', 'routes': routes, **more}
    return text({'version': 1, 'settings': {'control': f'{TEST_DIR}/run/control', 'user': 'nobody', 'threads': 1},
                 'pools': pools, 'services': {'kernel': service(SNIFF, stratum='sniff', decide='connection'),
                                              'daemon': service(PROXY, stratum='proxy')}})


def request():
    host = chosen.choice(HOSTS)
    host = chosen.choice([host, host, host.upper(), host + '.' if host[-1].isalpha() else host])
    host += chosen.choice(['', '', ':8080', ':443'])
    target = chosen.choice(PATHS)
    if chosen.random() < 0.6:
        pairs = [chosen.choice(NAMES) + chosen.choice(['', '=' + chosen.choice(VALUES).replace(' ', '+')])
                 for _ in range(chosen.randint(1, 3))]
        target += ('&' if '?' in target else '?') + '&'.join(pairs)
    if chosen.random() < 0.15:
        target = 'http://' + host + target
    lines = [f'{chosen.choice(["GET", "GET", "POST", "PURGE", "HEAD", "get"])} {target} HTTP/1.1', f'Host: {host}']
    for _ in range(chosen.randint(0, 3)):
        lines.append(f'{chosen.choice(NAMES + ["x-one"])}: {chosen.choice(VALUES)}')
    for _ in range(chosen.randint(0, 2)):
        lines.append('Cookie: ' + '; '.join(f'{chosen.choice(NAMES)}={chosen.choice(VALUES).replace(" ", "")}'
                                            for _ in range(chosen.randint(1, 3))))
    return '\r\n'.join([*lines, 'Connection: close', '', '']).encode()


def serve(listening, name):
    """Each connection is told which pool it came to, in a field, since HEAD has no content."""
    # Nobody may ask for a pool for as long as the test takes.
    listening.settimeout(None)
    while True:
        c, _ = listening.accept()
        c.settimeout(20)
        data = b''
        while b'\r\n\r\n' not in data:
            more = c.recv(65536)
            if not more:
                break
            data += more
        c.sendall(f'HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-Pool: {name}\r\nConnection: close\r\n\r\n'.encode())
        c.close()


def ask(version, port, source, raw):
    """Status and pool."""
    with connect(version, VIP[version], port, source=source) as c:
        c.settimeout(20)
        try:
            c.sendall(raw)
            data = b''
            while True:
                more = c.recv(65536)
                if not more:
                    break
                data += more
        except ConnectionResetError:
            data = data or b'reset'
    status = data.split(b' ')[1] if data.startswith(b'HTTP/') else data[:40]
    pool = re.search(rb'\r\nX-Pool: (\w+)', data, re.I)
    return status.decode('latin-1'), pool and pool.group(1).decode()


for i in range(POOLS):
    for v in VERSIONS:
        threading.Thread(target=serve, args=(listen(S[0], v, 9000 + i), f'p{i}'), daemon=True).start()
daemon = Daemon(site())
if not check('it starts', daemon.start()):
    note(daemon.log())
asked, different, seen = 0, 0, set()
for n in range(SITES):
    if n:
        daemon.write(site())
        status, said = daemon.adm('reload')
        if status:
            check(f'site {n} is taken', False, said)
            break
    for i in range(REQUESTS):
        raw, v = request(), VERSIONS[i % 2]
        source = chosen.choice(SOURCES[v])
        both = [ask(v, port, source, raw) for port in (SNIFF, PROXY)]
        asked += 1
        seen.add(both[0])
        if both[0] != both[1]:
            different += 1
            if different <= 5:
                note(f'site {n}: sniff {both[0]}, proxy {both[1]} from {source}: {raw}')
                note(open(daemon.file).read())
check('each request takes the same way', asked == SITES * REQUESTS and not different, f'{different} of {asked}, seed {SEED}')
check('ways of all kinds were taken', len(seen) > POOLS, sorted(map(str, seen)))
note(f'{asked} requests by {SITES} sites, {len(seen)} outcomes')
daemon.stop()
EOP

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Routes are made, changed, moved and deleted as they are listed, told of, and saved; 10,000, too.
# Targets: uml uml-debug
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

load_sluice
setup_ns B C
python_cases <<'EOP'
from sluicetest import *

ADDRESS = {4: ('192.0.2.1', '192.0.2.11'), 6: ('2001:db8::1', '2001:db8::11')}
# The debug kernel is slow, and what many routes cost is not about it.
MANY = 1000 if os.path.exists('/sys/kernel/debug/kmemleak') else 10000


def routes(*words):
    return listing('route', 'show', *words)


def words_of(*words):
    """The routes as they are shown in words: name, hits, match and action."""
    return [line.split(None, 3)[1:] for line in adm('route', 'show', *words).splitlines()[1:]]


def names(*words):
    return [r['name'] for r in routes(*words)]


for v in VERSIONS:
    vip, one = ADDRESS[v]
    family = 'inet' if v == 4 else 'inet6'
    to = ('-t', endpoint(vip, 80))
    source = '192.0.2.0/24' if v == 4 else '2001:db8::/32'
    adm('pool', 'add', 'web', '--family', family, '--proxy-protocol', 'v2')
    adm('pool', 'add', 'api', '--family', family)
    adm('service', 'add', *to, '--stratum', 'sniff', '--parse', 'http', '-s', 'rr')
    check_eq(f'IPv{v}: a service of stratum sniff', ('sniff', 'http', 0),
             tuple(listing('-L', '-n')[0][k] for k in ('stratum', 'parse', 'routes')))
    adm('route', 'add', *to, 'shop', 'host', '*.Example.com', 'prefix', '/shop/', 'header', 'X-A=a b',
        'header-prefix', 'User-Agent=curl', 'query', 'q', 'query', 'r=', 'cookie', 's=1', 'method', 'GET',
        'source', source, 'source', one, 'share', '12.5%', 'salt', '7', 'port', '8080',
        'pool', 'web', 'weight', '65535', 'pool', 'api')
    found = routes(*to)[0]
    check_eq(f'IPv{v}: a route with all that it may have', {
        'service': {'protocol': 'tcp', 'address': vip, 'port': 80}, 'name': 'shop', 'id': found['id'],
        'position': 1, 'match': {
            'host': '*.Example.com', 'port': 8080, 'path': '/shop/', 'path-how': 'prefix', 'condition': [
                {'what': 'header', 'how': 'exact', 'name': 'X-A', 'value': 'a b'},
                {'what': 'header', 'how': 'prefix', 'name': 'User-Agent', 'value': 'curl'},
                {'what': 'query', 'how': 'present', 'name': 'q'},
                {'what': 'query', 'how': 'exact', 'name': 'r'},
                {'what': 'cookie', 'how': 'exact', 'name': 's', 'value': '1'},
                {'what': 'method', 'how': 'exact', 'value': 'GET'}],
            'source': [{'address': source.split('/')[0], 'prefix-len': int(source.split('/')[1])},
                       {'address': one, 'prefix-len': 32 if v == 4 else 128}],
            'share': 1250, 'salt': 7},
        'action': 'pool', 'pool': [{'name': 'web', 'weight': 65535}, {'name': 'api', 'weight': 1}],
        'hits': 0}, found)
    check_eq(f'IPv{v}: and in words', [['shop', '0',
             'host *.Example.com port 8080 prefix /shop/ header "X-A=a b" header-prefix User-Agent=curl '
             f'query q query r= cookie s=1 method GET source {source} source {one} share 12.5% salt 7 '
             'pool web weight 65535 pool api']], words_of(*to))
    check_eq(f'IPv{v}: its pools and its service count it', ([1, 1, 0], 1),
             ([p['routes'] for p in listing('pool', 'show')], listing('-L', '-n')[0]['routes']))
    adm('route', 'add', *to, 'rest', 'pool', 'api')
    adm('route', 'add', *to, 'gone', 'path', '/old', 'reject', '404', 'before', 'rest')
    adm('route', 'add', *to, 'first', 'redirect', 'before', 'shop')
    adm('route', 'add', *to, 'local', 'proxy', '8080')
    check_eq(f'IPv{v}: each is where it was put',
             [('first', 1), ('shop', 2), ('gone', 3), ('rest', 4), ('local', 5)],
             [(r['name'], r['position']) for r in routes(*to)])
    check_eq(f'IPv{v}: actions', [('redirect', 308), ('reject', 404), ('proxy', None)],
             [(r['action'], r.get('status')) for r in routes(*to) if r['action'] != 'pool'])
    ids = {r['name']: r['id'] for r in routes(*to)}
    check_eq(f'IPv{v}: one by its name', ('local', 5, 8080),
             tuple(routes(*to, 'local')[k] if isinstance(routes(*to, 'local'), dict) else
                   routes(*to, 'local')[0][k] for k in ('name', 'position', 'proxy-port')))
    check_eq(f'IPv{v}: the pool of a local process is nobody\'s business', (3, 0),
             tuple(info()[k] for k in ('pools', 'servers')))
    adm('route', 'move', *to, 'first', 'before', 'local')
    check_eq(f'IPv{v}: moved back', ['shop', 'gone', 'rest', 'first', 'local'], names(*to))
    adm('route', 'move', *to, 'local', 'before', 'shop')
    check_eq(f'IPv{v}: moved forward', ['local', 'shop', 'gone', 'rest', 'first'], names(*to))
    adm('route', 'move', *to, 'shop')
    check_eq(f'IPv{v}: moved to the end', ['local', 'gone', 'rest', 'first', 'shop'], names(*to))
    adm('route', 'move', *to, 'gone', 'before', 'gone')
    check_eq(f'IPv{v}: before itself is where it is', ['local', 'gone', 'rest', 'first', 'shop'], names(*to))
    adm('route', 'set', *to, 'gone', 'reject')
    adm('route', 'set', *to, 'rest', 'host', 'a.test', 'share', '0%')
    adm('route', 'set', *to, 'local', 'host', 'b.test')
    adm('route', 'set', *to, 'first', 'host', 'c.test', 'proxy', '81')
    check_eq(f'IPv{v}: what is not given stays', [
        ['local', '0', 'host b.test proxy 8080'], ['gone', '0', 'path /old reject'],
        ['rest', '0', 'host a.test share 0% pool api'], ['first', '0', 'host c.test proxy 81']],
        words_of(*to)[:4])
    adm('route', 'set', *to, 'rest', 'any')
    adm('route', 'set', *to, 'first', 'pool', 'web')
    check_eq(f'IPv{v}: any is everything', [['rest', '0', 'pool api'], ['first', '0', 'host c.test pool web']],
             words_of(*to)[2:4])
    check_eq(f'IPv{v}: and numbers stay', ids, {r['name']: r['id'] for r in routes(*to)})
    check_eq(f'IPv{v}: pools follow', [('web', 2), ('api', 2)],
             [(p['name'], p['routes']) for p in listing('pool', 'show')][:2])
    saved = adm('-S')
    adm('-C')
    check_eq(f'IPv{v}: all go with their service', [], routes())
    adm('-R', stdin=saved)
    check_eq(f'IPv{v}: -S, -C, -R gives the same -S', saved, adm('-S'))
    check_eq(f'IPv{v}: in the same order', ['local', 'gone', 'rest', 'first', 'shop'], names(*to))
    for name in names(*to):
        adm('route', 'del', *to, name)
    check_eq(f'IPv{v}: and one by one', [], routes())
    adm('service', 'set', *to, '--parse', 'tls')
    adm('route', 'add', *to, 'h2', 'host', 'a.test', 'alpn', 'h2', 'reject')
    check_eq(f'IPv{v}: without routes it may read something else', ('tls', [['h2', '0', 'host a.test alpn h2 reject']]),
             (listing('-L', '-n')[0]['parse'], words_of()))
    adm('-D', *to)
    adm('pool', 'del', 'web')
    adm('pool', 'del', 'api')
    check_eq(f'IPv{v}: nothing is left', (0, 0, 0), tuple(info()[k] for k in ('services', 'pools', 'servers')))

# Settings.
settings('head-timeout=5s', 'connect-timeout=250ms', 'connect-retries=0', 'held-max=2M')
check_eq('settings of sniff', {'head-timeout': 5000, 'connect-timeout': 250, 'connect-retries': 0,
                               'held-max': 2 << 20}, json.loads(adm('settings', 'show', '--json'))['sniff'])
settings('held-max=128M')
check_eq('one alone leaves the others', {'head-timeout': 5000, 'connect-timeout': 250, 'connect-retries': 0,
                                         'held-max': 128 << 20},
         json.loads(adm('settings', 'show', '--json'))['sniff'])
saved = adm('-S')
settings('head-timeout=10s', 'connect-retries=16', 'held-max=64M')
adm('-R', stdin=saved)
check_eq('they are saved and restored', saved, adm('-S'))

# What is refused, and what is said of it.
adm('-R', stdin='''
pool add web --family inet
pool add dr --family inet
pool add px --family inet --proxy-protocol v2
pool add six --family inet6
pool add flow --family inet
-a --pool web -r 192.0.2.11:80
-a --pool dr -r 192.0.2.12:80 -g
-A -t 192.0.2.1:80 --stratum sniff --parse http
-A -t 192.0.2.1:443 --stratum sniff --parse tls
-A -t 192.0.2.1:81
-A -t 192.0.2.1:82 --pool flow
-A -t 192.0.2.1:83 --stratum sniff --parse tls --pool px
route add -t 192.0.2.1:80 a pool web
route add -t 192.0.2.1:443 a reject
''')
before = adm('-S') + adm('-L', '-n', '--nosort', '--json') + adm('route', 'show', '--json')
HTTP, TLS, FLOW = ('service tcp/192.0.2.1:%d: ' % port for port in (80, 443, 81))
CASES = '''
-A -t 192.0.2.9:80 --stratum sniff | service tcp/192.0.2.9:80: stratum sniff needs parse tls or http
-A -t 192.0.2.9:80 --stratum sniff --parse none | service tcp/192.0.2.9:80: stratum sniff needs parse tls or http (parse)
-A -t 192.0.2.9:80 --parse http | service tcp/192.0.2.9:80: stratum flow reads no first bytes, give stratum sniff (parse)
-A -u 192.0.2.9:80 --stratum sniff --parse http | service udp/192.0.2.9:80: stratum sniff is for TCP only (stratum)
-A -t 192.0.2.9:80 --stratum sniff --parse http --pool dr | service tcp/192.0.2.9:80: strata sniff and relay take nat only, the pool has 1 other server(s) (pool)
-A -t 192.0.2.9:80 --pool px | service tcp/192.0.2.9:80: the pool has proxy-protocol, which needs a service of stratum sniff or relay (pool)
-E -t 192.0.2.1:80 --pool dr | {HTTP}strata sniff and relay take nat only, the pool has 1 other server(s) (pool)
-E -t 192.0.2.1:81 --pool px | {FLOW}the pool has proxy-protocol, which needs a service of stratum sniff or relay (pool)
-E -t 192.0.2.1:80 --parse tls | {HTTP}the service has routes, which are for what it reads now: delete those first (parse)
-E -t 192.0.2.1:81 --parse tls | {FLOW}stratum flow reads no first bytes (parse)
-E -t 192.0.2.1:83 --parse none | service tcp/192.0.2.1:83: stratum sniff needs parse tls or http (parse)
-a -t 192.0.2.1:80 -r 192.0.2.13:80 -g | server 192.0.2.13:80 of {HTTP}the pool is one for strata sniff and relay, which take nat only (forward)
-a --pool web -r 192.0.2.13:80 -i | server 192.0.2.13:80 of pool web: the pool is one for strata sniff and relay, which take nat only (forward)
-a --pool px -r 192.0.2.13:80 -g | server 192.0.2.13:80 of pool px: the pool is one for strata sniff and relay, which take nat only (forward)
-e --pool web -r 192.0.2.11:80 -g | server 192.0.2.11:80 of pool web: the pool is one for strata sniff and relay, which take nat only (forward)
pool set dr --proxy-protocol v2 | pool dr: proxy-protocol takes nat only, the pool has 1 other server(s) (proxy-protocol)
pool set flow --proxy-protocol v2 | pool flow: a service of stratum flow uses the pool: proxy-protocol needs sniff or relay (proxy-protocol)
pool del web | pool web: the pool is in use by 1 route(s), delete those first
route show -t 192.0.2.9:80 | routes of service tcp/192.0.2.9:80: no such service (service)
route show -t 192.0.2.1:80 b | route b of {HTTP}the service has no route of this name (name)
route add -t 192.0.2.9:80 b reject | route b of service tcp/192.0.2.9:80: no such service (service)
route add -t 192.0.2.1:81 b reject | route b of {FLOW}a service of stratum flow has no routes, make it one of sniff or relay (service)
route add -t 192.0.2.1:80 a reject | route a of {HTTP}the service has a route of this name already (name)
route add -t 192.0.2.1:80 b reject before c | route b of {HTTP}the service has no route of this name (before)
route add -t 192.0.2.1:80 b pool none | route b of {HTTP}no pool of this name (pool.name)
route add -t 192.0.2.1:80 b pool tcp/192.0.2.1:80 | route b of {HTTP}this pool belongs to one service and cannot be shared (pool.name)
route add -t 192.0.2.1:80 b pool six | route b of {HTTP}pool and service are of different address families (pool.name)
route add -t 192.0.2.1:80 b pool web pool dr | route b of {HTTP}strata sniff and relay take nat only, the pool has 1 other server(s) (pool.name)
route add -t 192.0.2.1:80 b pool web weight 2 pool web | route b of {HTTP}the pool is given twice (pool.name)
route add -t 192.0.2.1:80 b reject 402 | route b of {HTTP}the status of a rejection is 400, 403, 404, 503, or 0 for a reset (status)
route add -t 192.0.2.1:80 b redirect 302 | route b of {HTTP}the status of a redirection is 301 or 308 (status)
route add -t 192.0.2.1:80 b proxy | route b of {HTTP}action proxy needs proxy-port
route add -t 192.0.2.1:80 b proxy 80 | route b of {HTTP}this is the port of the service itself (proxy-port)
route add -t 192.0.2.1:80 b alpn h2 reject | route b of {HTTP}the service reads HTTP, which has no alpn (match.condition)
route add -t 192.0.2.1:443 b path / reject | route b of {TLS}the service reads TLS, where no path is seen (match.path)
route add -t 192.0.2.1:443 b method GET reject | route b of {TLS}the service reads TLS, where only host, alpn and source are seen (match.condition)
route add -t 192.0.2.1:443 b alpn h2 header X reject | route b of {TLS}the service reads TLS, where only host, alpn and source are seen (match.condition)
route add -t 192.0.2.1:443 b redirect | route b of {TLS}the service reads TLS, where nothing can be redirected (action)
route add -t 192.0.2.1:443 b reject 403 | route b of {TLS}the service reads TLS, where a rejection is a reset: no status (status)
route set -t 192.0.2.1:80 b reject | route b of {HTTP}the service has no route of this name (name)
route set -t 192.0.2.1:80 a pool none | route a of {HTTP}no pool of this name (pool.name)
route del -t 192.0.2.1:80 b | route b of {HTTP}the service has no route of this name (name)
route move -t 192.0.2.1:80 b | route b of {HTTP}the service has no route of this name (name)
route move -t 192.0.2.1:80 a before b | route a of {HTTP}the service has no route of this name (before)
'''
for line in CASES.format(HTTP=HTTP, TLS=TLS, FLOW=FLOW).strip().splitlines():
    words, said = (part.strip() for part in line.split(' | '))
    with ns(B):
        done = subprocess.run(['sluiceadm', *words.split()], capture_output=True, text=True, check=False)
    check_eq(words, (1, '', f'sluiceadm: {said}\n'), (done.returncode, done.stdout, done.stderr))
check_eq('nothing has changed', before, adm('-S') + adm('-L', '-n', '--nosort', '--json') +
         adm('route', 'show', '--json'))
# What was refused is right as soon as what was in the way is gone.
adm('route', 'del', '-t', '192.0.2.1:80', 'a')
adm('-e', '--pool', 'web', '-r', '192.0.2.11:80', '-g')
adm('-d', '--pool', 'dr', '-r', '192.0.2.12:80')
adm('pool', 'set', 'dr', '--proxy-protocol', 'v2')
adm('route', 'add', '-t', '192.0.2.1:80', 'b', 'pool', 'dr')
adm('pool', 'del', 'web')
adm('-D', '-t', '192.0.2.1:82')
adm('pool', 'set', 'flow', '--proxy-protocol', 'v2')
adm('pool', 'set', 'flow', '--proxy-protocol', 'off')
adm('-E', '-t', '192.0.2.1:81', '--pool', 'flow')
check_eq('and what it was of is free again', [('dr', 2, 1), ('px', 2, 0), ('six', 0, 0), ('flow', 0, 0)],
         [(p['name'], p['proxy-protocol'], p['routes']) for p in listing('pool', 'show') if not p['owned']])
adm('-C')

# Events.
adm('-R', stdin='pool add web --family inet\n-A -t 192.0.2.1:80 --stratum sniff --parse http\n')
with ns(B):
    monitor = subprocess.Popen(['sluiceadm', 'monitor', '--json'], stdout=subprocess.PIPE)
os.set_blocking(monitor.stdout.fileno(), False)
told = b''


def events():
    """What was told of routes."""
    global told
    with contextlib.suppress(BlockingIOError):
        while more := os.read(monitor.stdout.fileno(), 1 << 20):
            told += more
    found = [json.loads(line) for line in told[:told.rfind(b'\n') + 1].splitlines()]
    return [(e['event'], e['route']['name'], e['route']['position'], e['route']['action'])
            for e in found if 'route' in e]


until(10, lambda: settings('udp-new=10s') or events() or told)
for words in ('add a pool web', 'add b reject before a', 'set a host x.test', 'move b', 'del a'):
    verb, *rest = words.split()
    adm('route', verb, '-t', '192.0.2.1:80', *rest)
big = [w for i in range(450) for w in ('source', f'2001:db8::{i:x}')]
adm('route', 'add', '-t', '192.0.2.1:80', 'big', *big, 'pool', 'web')
expected = [('route-ntf', 'a', 1, 'pool'), ('route-ntf', 'b', 1, 'reject'), ('route-ntf', 'a', 2, 'pool'),
            ('route-ntf', 'b', 2, 'reject'), ('route-del-ntf', 'a', 1, 'pool'),
            ('route-ntf', 'big', 2, 'pool')]
until(10, lambda: len(events()) >= len(expected))
check_eq('each change is told, a large one, too', expected, events())
monitor.kill()
monitor.wait()

# Sizes.
check_eq('a large route is listed whole', 450, len(routes('-t', '192.0.2.1:80', 'big')[0]['match']['source']))
check_eq('among others, too', [0, 450], [len(r['match']['source']) for r in routes()])
for count, why in ((600, 'the module says how much is too much'), (1500, 'and sluiceadm, of even more')):
    words = [w for i in range(count) for w in ('source', f'2001:db8::{i:x}')]
    with ns(B):
        done = subprocess.run(['sluiceadm', 'route', 'add', '-t', '192.0.2.1:80', 'huge', *words, 'reject'],
                              capture_output=True, text=True, check=False)
    check_eq(why, (1, 'sluiceadm: route huge of service tcp/192.0.2.1:80: a route takes at most 16384 bytes '
                   'in a message\n'), (done.returncode, done.stderr))
adm('-R', stdin=''.join(f'pool add --family inet p{i}\n' for i in range(257)))
words = [w for i in range(256) for w in ('pool', f'p{i}')]
adm('route', 'add', '-t', '192.0.2.1:80', 'spread', *words)
check_eq('256 pools', 256, len(routes('-t', '192.0.2.1:80', 'spread')[0]['pool']))
with ns(B):
    done = subprocess.run(['sluiceadm', 'route', 'add', '-t', '192.0.2.1:80', 'wide', *words, 'pool', 'p256'],
                          capture_output=True, text=True, check=False)
check_eq('and not one more', (1, 'sluiceadm: route wide of service tcp/192.0.2.1:80: action pool needs 1 to '
                              '256 pools\n'), (done.returncode, done.stderr))
adm('-C')

# Many.
adm('-R', stdin='pool add web --family inet\n-A -t 192.0.2.1:80 --stratum sniff --parse http\n'
    '-A -t [2001:db8::1]:443 --stratum sniff --parse tls\n'
    'route add -t [2001:db8::1]:443 last reject\n' +
    ''.join(f'route add -t 192.0.2.1:80 r{i} host h{i}.example.com prefix /p{i} pool web\n' for i in range(MANY)))
check_eq(f'{MANY} routes, listed in their order, and of another service', ([f'r{i}' for i in range(MANY)] + ['last']),
         names())
check_eq('those of one service', ['last'], names('-t', '[2001:db8::1]:443'))
check_eq('counted', (MANY, MANY), (listing('pool', 'show', 'web')[0]['routes'],
                                   listing('-L', '-n', '-t', '192.0.2.1:80')[0]['routes']))
adm('route', 'move', '-t', '192.0.2.1:80', f'r{MANY - 1}', 'before', 'r0')
adm('route', 'del', '-t', '192.0.2.1:80', f'r{MANY // 2}')
saved = adm('-S')
adm('-C')
adm('-R', stdin=saved)
check('-S, -C, -R gives the same -S', saved == adm('-S'))
check_eq('the first is the one that was moved', [f'r{MANY - 1}', 'r0', 'r1'], names()[:3])
# The rest goes with its namespace, in which nobody else sees it.
check_eq('another namespace has none', [], listing('route', 'show', at=C))
EOP

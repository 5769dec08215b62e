#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Clients of the daemon stay at their servers, whether stratum relay or proxy serves them, or one after the other; numbers of requests.
# Targets: uml uml-debug
# Timeout: 120
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

need_command openssl
need_module tls
load_sluice
load_ktls
setup_balancer 3
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$TEST_DIR/key" \
	-out "$TEST_DIR/cert" -subj /CN=a.test -addext subjectAltName=DNS:a.test -days 2 2>/dev/null ||
	fatal "no certificate"
cat "$TEST_DIR/cert" "$TEST_DIR/key" >"$TEST_DIR/a.pem"
chmod 755 "$TEST_DIR"
chmod 644 "$TEST_DIR/a.pem"
python_cases <<'EOP'
import base64
import hmac
import ipaddress
import ssl

from sluicetest import *
from sluiced import *
from relay import *

SECRET = {name: bytes([number]) * 40 for number, name in enumerate('ab')}


def site(key='a', first=''):
    def service(name, port, words, more=''):
        at = ', '.join(f'"{endpoint(VIP[v], port)}"' for v in VERSIONS)
        return (f'  {name}: {{address: [{at}], parse: http, pool: web, {words} http: {{request-id: X-Number{more}}}, '
                'routes: [{name: no, match: {path: /no}, reject: 403}, {name: one, match: {path: /one}, pool: one}%s]}\n' %
                (', {name: own, match: {path: /own}, answer: {status: 200, body: daemon}}' if 'stratum' in words else ''))

    def servers(*numbers):
        return ', '.join(f'{{address: "{endpoint(server(v, i), 8000)}"{first if i == 0 else ""}}}'
                         for v in VERSIONS for i in numbers)
    return (f'version: 1\nsettings: {{control: {TEST_DIR}/run/control, user: nobody, threads: 2, cookie-key: {TEST_DIR}/{key}.key}}\n'
            f'certificates: {{c: {{file: {TEST_DIR}/a.pem}}}}\npools:\n'
            f'  web: {{sticky: SID, scheduler: rr, servers: [{servers(0, 1, 2)}]}}\n'
            f'  one: {{sticky: ONE, servers: [{servers(1)}]}}\nservices:\n' +
            service('clear', 80, '') + service('secure', 443, 'tls: {certificates: c},') +
            service('logged', 82, '', ', access-log: json') +
            service('mixed', 84, 'stratum: relay,') + service('safe', 444, 'tls: {certificates: c}, stratum: relay,'))


def value(version, i, key='a', pool='web'):
    """The cookie of server I, made another way."""
    number = 14695981039346656037
    for byte in ipaddress.ip_address(server(version, i)).packed + struct.pack('!H', 8000):
        number = (number ^ byte) * 1099511628211 & (1 << 64) - 1
    said = b'sluice sticky cookie 1\0' + pool.encode() + b'\0' + struct.pack('!Q', number)
    secret = hashlib.sha256(SECRET[key]).digest()
    return base64.urlsafe_b64encode(struct.pack('!Q', number) + hmac.digest(secret, said, 'sha256')[:16]).decode()


def secure(v, port=443):
    context = ssl.create_default_context(cafile=f'{TEST_DIR}/cert')
    sock = context.wrap_socket(connect(v, VIP[v], port), server_hostname='a.test')
    sock.settimeout(30)
    return Reader(sock)


def get(reader, cookie='', target='/'):
    """Who answers, what cookies are set, and whether there is one number of the request."""
    got = ask(reader, target, fields=f'Cookie: {cookie}\r\n' if cookie else '')
    if not got:
        return None
    numbers = got[1].get('x-number', [])
    return ((got[1].get('x-server') or [got[2].decode()])[0], got[1].get('set-cookie', []),
            len(numbers) == 1 and bool(re.fullmatch('[0-9a-f]{32}', numbers[0])))


def new(v, i, more='', **how):
    return f's{i}', [f'SID={value(v, i, **how)}; Path=/; HttpOnly; SameSite=Lax{more}'], True


def of_proxy(*numbers, **how):
    """Whom the daemon may have chosen: it does not look at the family of the client."""
    return [new(version, i, **how) for version in VERSIONS for i in numbers]


def counts(name):
    return next(s for s in daemon.show()['services'] if s['name'] == name)['proxy']['relay']


for name, secret in SECRET.items():
    with open(f'{TEST_DIR}/{name}.key', 'wb') as file:
        file.write(secret)
    shutil.chown(f'{TEST_DIR}/{name}.key', 'nobody')
origins = {}
for v in VERSIONS:
    for i in range(3):
        origins[v, i] = Origin(S[i], v, 8000)
        origins[v, i].label = f's{i}'
family = Family()
daemon = Daemon(site())
check('it starts', daemon.start()) or note(daemon.log())
check_eq('where services run', {'clear': 'relay', 'secure': 'relay', 'logged': 'proxy', 'mixed': 'relay', 'safe': 'relay'},
         {s['name']: s['stratum'] for s in daemon.show()['services']})
saved = adm('-S')
check('the key is nowhere to be read', hashlib.sha256(SECRET['a']).hexdigest()[:16] not in saved and '--sticky SID:web' in saved, saved)

for v in VERSIONS:
    for name, begin, more in (('clear', lambda: client(v), ''), ('TLS', lambda: secure(v), '; Secure')):
        got = get(begin())
        check(f'IPv{v}, {name}: a client gets a cookie', got in [new(v, i, more) for i in range(3)], got)
        check_eq(f'IPv{v}, {name}: with it, it stays', [(f's{i % 3}', [], True) for i in range(6)],
                 [get(begin(), f'SID={value(v, i % 3)}') for i in range(6)])
        got = get(begin(), f'SID={value(v, 1)}', '/one')
        check_eq(f'IPv{v}, {name}: another pool has another one',
                 ('s1', [f'ONE={value(v, 1, pool="one")}; Path=/; HttpOnly; SameSite=Lax{more}'], True), got)
        check_eq(f'IPv{v}, {name}: what the kernel answers has a number, too', ('403 Forbidden\n', [], True), get(begin(), target='/no'))
    # Between the strata.
    got = get(client(v, 82))
    check(f'IPv{v}: stratum proxy gives the same', got in of_proxy(0, 1, 2), got)
    check_eq(f'IPv{v}: and takes them', [(f's{i % 3}', [], True) for i in range(6)],
             [get(client(v, 82), f'SID={value(v, i % 3)}') for i in range(6)])
    for name, begin, more in (('clear', lambda: client(v, 84), ''), ('TLS', lambda: secure(v, 444), '; Secure')):
        c = begin()
        before = get(c)
        cookie = before[1][0].split(';')[0]
        check_eq(f'IPv{v}, {name}: a client that is given back stays, too',
                 [(before[0], [], True)] * 3 + [('daemon', [], True)] + [(before[0], [], True)] * 3,
                 [get(c, cookie) for _ in range(3)] + [get(c, cookie, '/own')] + [get(c, cookie) for _ in range(3)])
        got = get(c)
        check(f'IPv{v}, {name}: one without cookie gets it there', got in of_proxy(0, 1, 2, more=more), got)
    fields = origins[v, 1].requests[-1][1]
    check(f'IPv{v}: servers are told the number', len(fields.get('x-number', [])) == 1, fields)
check_eq('all of it in the kernel, but for what was given back', [0, 0, 0, 2, 2],
         [counts(name)[what] for name, what in (('clear', 'kept'), ('secure', 'kept'), ('clear', 'returned'), ('mixed', 'returned'),
                                                ('safe', 'returned'))])

# A reload, a restart with the same key, and one with another.
held = {v: client(v) for v in VERSIONS}
check_eq('before', [('s0', [], True)] * 2, [get(held[v], f'SID={value(v, 0)}') for v in VERSIONS])
daemon.write(site(first=', state: draining'))
check_eq('a server drains', (0, ''), daemon.adm('reload'))
for name, begin in (('relay', client), ('proxy', lambda v: client(v, 82))):
    check_eq(f'{name}: it keeps its clients', [('s0', [], True)] * 2, [get(begin(v), f'SID={value(v, 0)}') for v in VERSIONS])
    check(f'{name}: and gets no others', 's0' not in [get(begin(v))[0] for v in VERSIONS for _ in range(4)])
check_eq('also those that there are', [('s0', [], True)] * 2, [get(held[v], f'SID={value(v, 0)}') for v in VERSIONS])
daemon.write(site(first=', state: down'))
check_eq('it goes down', (0, ''), daemon.adm('reload'))
for name, begin in (('relay', client), ('proxy', lambda v: client(v, 82))):
    got = [get(begin(v), f'SID={value(v, 0)}') for v in VERSIONS]
    check(f'{name}: it loses them', all(g in (of_proxy(1, 2) if name == 'proxy' else [new(v, 1), new(v, 2)])
                                        for g, v in zip(got, VERSIONS)), got)
daemon.write(site())
check_eq('it ends', 0, daemon.stop())
check('it starts again', daemon.start()) or note(daemon.log())
check_eq('clients stay', [('s2', [], True)] * 4,
         [get(begin(v), f'SID={value(v, 2)}') for begin in (client, lambda v: client(v, 82)) for v in VERSIONS])
daemon.write(site('b'))
check_eq('it ends', 0, daemon.stop())
check('it starts with another key', daemon.start()) or note(daemon.log())
for name, begin in (('relay', client), ('proxy', lambda v: client(v, 82))):
    got = [get(begin(v), f'SID={value(v, 2)}') for v in VERSIONS]
    check(f'{name}: old cookies are worth nothing', all(g in of_proxy(0, 1, 2, key='b') for g in got), got)
check_eq('it ends', 0, daemon.stop())
EOP

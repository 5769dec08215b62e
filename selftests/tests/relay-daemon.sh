#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Stratum relay with the daemon: handshakes there, requests in the kernel; what comes back is served, and nobody notices.
# Targets: uml uml-debug qemu-7
# Timeout: 120
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

need_command openssl
need_module tls
load_sluice
load_ktls
setup_balancer 2
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$TEST_DIR/key" \
	-out "$TEST_DIR/cert" -subj /CN=a.test -addext subjectAltName=DNS:a.test -days 2 2>/dev/null ||
	fatal "no certificate"
cat "$TEST_DIR/cert" "$TEST_DIR/key" >"$TEST_DIR/a.pem"
chmod 755 "$TEST_DIR"
chmod 644 "$TEST_DIR/a.pem"
python_cases <<'EOP'
import ssl
from sluicetest import *
from sluiced import *
from relay import *

RELAYED = '{name: one, match: {prefix: /one}, pool: one}'
# What only the daemon can do; the kernel cannot compare the second one, but for its host.
PROXIED = ("{name: own, match: {prefix: /own}, answer: {status: 200, body: daemon}}, "
           "{name: regex, match: {host: b.test, path-regex: '^/r[0-9]'}, answer: {status: 200, body: regex}}")
SUITES = {'TLS 1.3': (ssl.TLSVersion.TLSv1_3, None), 'AES-128': (ssl.TLSVersion.TLSv1_2, 'ECDHE-ECDSA-AES128-GCM-SHA256'),
          'AES-256': (ssl.TLSVersion.TLSv1_2, 'ECDHE-ECDSA-AES256-GCM-SHA384'),
          'ChaCha20': (ssl.TLSVersion.TLSv1_2, 'ECDHE-ECDSA-CHACHA20-POLY1305')}


def site(secure=RELAYED, more=''):
    def service(name, port, words):
        at = ', '.join(f'"{endpoint(VIP[v], port)}"' for v in VERSIONS)
        return f'  {name}: {{address: [{at}], parse: http, pool: zero, {words}}}\n'
    pools = ''.join('  %s: {servers: [%s]}\n' % (name, ', '.join(f'"{endpoint(server(v, i), 8000)}"' for v in VERSIONS))
                    for i, name in enumerate(('zero', 'one')))
    return (f'version: 1\nsettings: {{control: {TEST_DIR}/run/control, user: nobody, threads: 2}}\n'
            f'certificates: {{c: {{file: {TEST_DIR}/a.pem}}}}\npools:\n{pools}services:\n' +
            service('secure', 443, f'tls: {{certificates: c}}, routes: [{secure}]{more}') +
            service('clear', 80, f'routes: [{RELAYED}]') +
            service('mixed', 444, f'tls: {{certificates: c}}, stratum: relay, routes: [{PROXIED}, {RELAYED}]') +
            service('known', 81, f'accept-proxy-protocol: true, routes: [{RELAYED}]') +
            service('logged', 82, f'routes: [{RELAYED}], http: {{access-log: json}}'))


def secure(v, port=443, suite='TLS 1.3', session=None):
    context = ssl.create_default_context(cafile=f'{TEST_DIR}/cert')
    version, ciphers = SUITES[suite]
    context.minimum_version = context.maximum_version = version
    if ciphers:
        context.set_ciphers(ciphers)
    sock = context.wrap_socket(connect(v, VIP[v], port), server_hostname='a.test')
    sock.settimeout(30)
    return Reader(sock)


def way(reader, *targets):
    """Which server answered, or what was said."""
    got = [ask(reader, target) for target in targets]
    return [g and (g[1].get('x-server') or [g[2].decode()])[0] for g in got]


def check_counts(name, handed, returned=0):
    """Soon: a client may have been served, and come back, before the thread that handed it over goes on."""
    wanted = {'handed': handed, 'kept': 0, 'returned': returned}

    def now():
        return next(s for s in daemon.show()['services'] if s['name'] == name)['proxy']['relay']
    until(10, lambda: now() == wanted)
    check_eq(f'{name}: clients are counted', wanted, now())


origins = {}
for v in VERSIONS:
    for i in range(2):
        origins[v, i] = Origin(S[i], v, 8000)
        origins[v, i].label = f's{i}'
family = Family()
daemon = Daemon(site())
check('it starts', daemon.start()) or note(daemon.log())
check_eq('where services run', {'secure': 'relay', 'clear': 'relay', 'mixed': 'relay', 'known': 'relay', 'logged': 'proxy'},
         {s['name']: s['stratum'] for s in daemon.show()['services']})

for v in VERSIONS:
    for suite in SUITES:
        c = secure(v, suite=suite)
        check_eq(f'IPv{v}, {suite}: each request takes its route', ['s0', 's1', 's0'], way(c, '/', '/one/a', '/b'))
        body = pattern(300000)
        got = ask(c, '/up', 'POST', f'Content-Length: {len(body)}\r\n', body)
        check_eq(f'IPv{v}, {suite}: a body up', f's0 /up {hashlib.sha256(body).hexdigest()[:16]}', got and got[2].decode())
        got = ask(c, '/bytes/1000000')
        check(f'IPv{v}, {suite}: a body down', got and got[2] == pattern(1000000))
        fields = origins[v, 0].requests[-1][1]
        check_eq(f'IPv{v}, {suite}: the server is told', (['https'], [CLIENT[v]]),
                 (fields.get('x-forwarded-proto'), fields.get('x-forwarded-for')))
        c.sock.unwrap()
        c.sock.close()
    c = client(v)
    check_eq(f'IPv{v}: in clear', ['s0', 's1'], way(c, '/', '/one'))
    c = client(v, 81)
    c.sock.sendall(b'PROXY TCP4 192.0.2.7 192.0.2.8 1 2\r\n')
    check_eq(f'IPv{v}: with a header in front', ['s1'], way(c, '/one'))
    check_eq(f'IPv{v}: which says who the client is', ['192.0.2.7'], origins[v, 1].requests[-1][1].get('x-forwarded-for'))
# All were served in the kernel.
check_counts('secure', 8)
check_counts('clear', 2)
check('connections that ended are gone', until(20, lambda: family.stats()['clients'] <= 4)) or note(family.stats())

# Given back, in the middle of a connection; the daemon does not hand it over again.
for v in VERSIONS:
    for suite in ('TLS 1.3', 'AES-256'):
        c = secure(v, 444, suite)
        check_eq(f'IPv{v}, {suite}: what the kernel cannot do is done by the daemon', ['s0', 's1', 'daemon', 's0', 's1'],
                 way(c, '/', '/one', '/own/1', '/a', '/one'))
        body = pattern(300000)
        got = ask(c, '/up', 'POST', f'Content-Length: {len(body)}\r\n', body)
        check_eq(f'IPv{v}, {suite}: and a body after it', f's0 /up {hashlib.sha256(body).hexdigest()[:16]}', got and got[2].decode())
        got = ask(c, '/bytes/1000000')
        check(f'IPv{v}, {suite}: and down', got and got[2] == pattern(1000000))
        fields = origins[v, 0].requests[-1][1]
        check_eq(f'IPv{v}, {suite}: as before', (['https'], [CLIENT[v]]),
                 (fields.get('x-forwarded-proto'), fields.get('x-forwarded-for')))
        c.sock.unwrap()
        c = secure(v, 444, suite)
        c.sock.sendall(b''.join(f'GET /{path} HTTP/1.1\r\nHost: a.test\r\n\r\n'.encode() for path in ('own/2', 'one', 'own')))
        got = [c.response() for _ in range(3)]
        check_eq(f'IPv{v}, {suite}: requests that come together', [b'daemon', 's1', b'daemon'],
                 [g and (g[1].get('x-server') or [g[2]])[0] for g in got])
check_counts('mixed', 8, 8)
c = secure(4, 444)
check_eq('a request that may match is given back', [b's0 /r', b'regex', b'regex'],
         [ask(c, target, host=host)[2][:5] for target, host in (('/r1', 'a.test'), ('/r1', 'b.test'), ('/r2', 'b.test'))])
c = secure(4, 444)
check_eq('also if it does not', [b's0 /r', b's0 /r'], [ask(c, '/rx', host=host)[2][:5] for host in ('a.test', 'b.test')])

# A reload: routes of connections that the kernel has, and the stratum.
held = {v: secure(v) for v in VERSIONS}
check_eq('before', [['s1'], ['s1']], [way(held[v], '/one') for v in VERSIONS])
daemon.write(site('{name: none, match: {prefix: /one}, reject: 403}'))
check_eq('a reload', (0, ''), daemon.adm('reload'))
check_eq('holds for connections that there are', [403, 403], [ask(held[v], '/one')[0] for v in VERSIONS])
daemon.write(site(more=', http: {access-log: json}'))
check_eq('another stratum', (0, ''), daemon.adm('reload'))
check_eq('so, too', [['s1', 's0'], ['s1', 's0']], [way(held[v], '/one', '/') for v in VERSIONS])
daemon.write(site())
check_eq('and back', (0, ''), daemon.adm('reload'))

# Without a daemon, and with another one.
held = {v: secure(v, 444) for v in VERSIONS}
check_eq('before', [['s1'], ['s1']], [way(held[v], '/one') for v in VERSIONS])
daemon.kill()
check_eq('connections outlive the daemon', [['s0', 's1'], ['s0', 's1']], [way(held[v], '/', '/one') for v in VERSIONS])
check('it starts again', daemon.start()) or note(daemon.log())
check_eq('they go on, and come back to it', [['s1', 'daemon'], ['s1', 'daemon']], [way(held[v], '/one', '/own') for v in VERSIONS])
held = {v: secure(v, 444) for v in VERSIONS}
check_eq('before', [['s1'], ['s1']], [way(held[v], '/one') for v in VERSIONS])
first = daemon.process
with ns(B), open(daemon.out, 'a', encoding='utf-8') as out:
    daemon.process = subprocess.Popen(['sluiced', '-f', daemon.file, '--take-over'], stdout=out, stderr=out)
check('another one takes over', until(30, lambda: 'a new process has taken over' in daemon.log())) or note(daemon.log())
check_eq('and the first one ends', 0, first.wait(60))
check_eq('they come back to that', [['s1', 'daemon'], ['s1', 'daemon']], [way(held[v], '/one', '/own') for v in VERSIONS])
c = secure(4)
check_eq('new ones are served, too', ['s0'], way(c, '/'))
check_counts('secure', 1)
check_eq('it ends', 0, daemon.stop())
EOP

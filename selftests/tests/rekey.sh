#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A client of TLS changes its keys (KeyUpdate) wherever it likes: stratum relay goes on with new ones from the daemon, or ends the connection in order.
# Targets: uml uml-debug qemu-7
# Timeout: 300
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

need_command openssl
need_module tls
load_sluice
load_ktls
setup_balancer 1
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$TEST_DIR/key" \
	-out "$TEST_DIR/cert" -subj /CN=a.test -addext subjectAltName=DNS:a.test -days 2 2>/dev/null ||
	fatal "no certificate"
cat "$TEST_DIR/cert" "$TEST_DIR/key" >"$TEST_DIR/a.pem"
chmod 755 "$TEST_DIR"
chmod 644 "$TEST_DIR/a.pem"
python_cases <<'EOP'
from sluicetest import *
from sluiced import *
from relay import *
from tls_session import *

# From 6.14 on the kernel takes new keys.
ABLE = tuple(int(x) for x in re.match(r'(\d+)\.(\d+)', os.uname().release).groups()) >= (6, 14)
SUITES = ('TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256')
PART = 50000


class Echo(Origin):
    """Besides the usual: what is sent to /echo comes back at once, and what follows an upgrade."""

    def usual(self, reader, first, fields, n):
        if '/echo' in first:
            left = int(fields['content-length'][0])
            reader.sock.sendall(f'HTTP/1.1 200 OK\r\nContent-Length: {left}\r\n\r\n'.encode())
        elif 'upgrade' in fields:
            left = -1
            reader.sock.sendall(b'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n')
        else:
            return super().usual(reader, first, fields, n)
        while left and (reader.data or reader.more()):
            part, reader.data = reader.data, b''
            reader.sock.sendall(part)
            left -= len(part)
        return False


def site():
    at = ', '.join(f'"{endpoint(VIP[v], 443)}"' for v in VERSIONS)
    servers = ', '.join(f'"{endpoint(server(v, 0), 8000)}"' for v in VERSIONS)
    return (f'version: 1\nsettings: {{control: {TEST_DIR}/run/control, user: nobody, threads: 2}}\n'
            f'certificates: {{c: {{file: {TEST_DIR}/a.pem}}}}\npools:\n  web: {{servers: [{servers}]}}\nservices:\n'
            f'  secure: {{address: [{at}], parse: http, tls: {{certificates: c}}, stratum: relay, '
            'routes: [{name: all, match: {prefix: /}, pool: web, upgrade: [websocket]}]}\n')


def session(v, suite=None):
    return Reader(Session(connect(v, VIP[v], 443), suite))


def updates():
    return family.stats()['key_updates']


def digest(data):
    return hashlib.sha256(data).hexdigest()[:16]


def says(got):
    return got and got[2].decode()


def gone(reader):
    """How a connection ended: in order, with a reset, or what it said."""
    try:
        return reader.rest() or 'in order'
    except ConnectionResetError:
        return 'reset'


for v in VERSIONS:
    Echo(S[0], v, 8000).label = 's'
family = Family()
daemon = Daemon(site())
check('it starts', daemon.start()) or note(daemon.log())
BIG = pattern(20 * PART)
NONE = digest(b'')
note(f'{os.uname().release}: {"keys are changed" if ABLE else "the kernel cannot change keys"}')


def check_upload(c, name, chunked, requested):
    """Keys are changed every PART bytes, in a line with a size, and before the last byte."""
    how = 'Transfer-Encoding: chunked' if chunked else f'Content-Length: {len(BIG)}'
    c.sock.sendall(f'POST /up HTTP/1.1\r\nHost: a.test\r\n{how}\r\n\r\n'.encode())
    for at in range(0, len(BIG), PART):
        part = BIG[at:at + PART]
        if chunked:
            c.sock.sendall(b'%x' % PART)
            if at == PART:
                c.sock.update(requested)
            c.sock.sendall(b'\r\n')
        c.sock.sendall(part[:-1])
        if at % (5 * PART) == 0 or at + PART == len(BIG):
            c.sock.update(requested)
        c.sock.sendall(part[-1:] + (b'\r\n' if chunked else b''))
    if chunked:
        c.sock.update(requested)
        c.sock.sendall(b'0\r\n\r\n')
    check_eq(name, f's /up {digest(BIG)}', says(c.response()))


def check_all(v, suite, requested):
    case = f'IPv{v}, {suite}, {"both" if requested else "one"}'
    before, count = updates(), 0
    c = session(v, suite)
    check_eq(f'{case}: before', f's / {NONE}', says(ask(c)))
    for times in (1, 1, 3):
        for _ in range(times):
            c.sock.update(requested)
        count += times
        check_eq(f'{case}: {times} between two requests', f's /a {NONE}', says(ask(c, '/a')))
    c.sock.sendall(b'GET /in/the/he')
    c.sock.update(requested)
    count += 1
    c.sock.sendall(b'ad HTTP/1.1\r\nHost: a.test\r\n\r\n')
    check_eq(f'{case}: in a head', f's /in/the/head {NONE}', says(c.response()))
    check_eq(f'{case}: each of them gave new keys', (count, count if requested else 0), (updates() - before, c.sock.updates))
    c.sock.shutdown()
    check_eq(f'{case}: the end is in order', 'in order', gone(c))
    c.sock.close()

    before = updates()
    c = session(v, suite)
    check_upload(c, f'{case}: in an upload', False, requested)
    check_eq(f'{case}: with new keys', (5, 5 if requested else 0), (updates() - before, c.sock.updates))
    check_upload(c, f'{case}: in chunks', True, requested)
    check_eq(f'{case}: with new keys', (12, 12 if requested else 0), (updates() - before, c.sock.updates))
    c.sock.close()

    before = updates()
    c = session(v, suite)
    c.sock.sendall(f'GET /bytes/{len(BIG)} HTTP/1.1\r\nHost: a.test\r\n\r\n'.encode())
    head = c.head()
    start = c.exactly(len(BIG) // 2)
    c.sock.update(requested)
    check(f'{case}: in a download', head and start + c.exactly(len(BIG) - len(start)) == BIG)
    check_eq(f'{case}: and after it', f's /b {NONE}', says(ask(c, '/b')))
    check_eq(f'{case}: with new keys', (1, 1 if requested else 0), (updates() - before, c.sock.updates))
    c.sock.close()

    for target, fields in (('/echo', f'Content-Length: {len(BIG)}'), ('/chat', 'Upgrade: websocket\r\nConnection: Upgrade')):
        before, same, count = updates(), True, 0
        c = session(v, suite)
        c.sock.sendall(f'GET {target} HTTP/1.1\r\nHost: a.test\r\n{fields}\r\n\r\n'.encode())
        head = c.head()
        for at in range(0, len(BIG), PART):
            c.sock.sendall(BIG[at:at + PART // 2])
            if at % (2 * PART) == 0:
                c.sock.update(requested)
                count += 1
            c.sock.sendall(BIG[at + PART // 2:at + PART])
            same = same and c.exactly(PART) == BIG[at:at + PART]
        check(f'{case}: {target}, both ways at a time', head and same)
        check_eq(f'{case}: with new keys', (count, count if requested else 0), (updates() - before, c.sock.updates))
        c.sock.close()


def check_ended(v, requested, case):
    """Nobody has new keys."""
    before = updates()
    c = session(v)
    check_eq(f'{case}: before', f's / {NONE}', says(ask(c)))
    c.sock.update(requested)
    check_eq(f'{case}: between two requests it ends', 'in order', gone(c))
    c.sock.close()
    c = session(v)
    c.sock.sendall(f'GET /bytes/{len(BIG)} HTTP/1.1\r\nHost: a.test\r\n\r\n'.encode())
    head = c.head()
    start = c.exactly(len(BIG) // 2)
    c.sock.update(requested)
    check_eq(f'{case}: in a download it ends after that', (True, 'in order'),
             (head and start + c.exactly(len(BIG) - len(start)) == BIG, gone(c)))
    c.sock.close()
    c = session(v)
    c.sock.sendall(f'POST /up HTTP/1.1\r\nHost: a.test\r\nContent-Length: {len(BIG)}\r\n\r\n'.encode() + BIG[:PART])
    try:
        c.sock.update(requested)
        c.sock.sendall(BIG[PART:])
    except ConnectionResetError:
        pass
    check_eq(f'{case}: in an upload it ends by a reset', 'reset', gone(c))
    c.sock.close()
    check_eq(f'{case}: nobody has got keys', before, updates())


def check_flood(v):
    c = session(v)
    check_eq(f'IPv{v}: before', f's / {NONE}', says(ask(c)))
    before, sent = updates(), 0
    try:
        while sent < 100:
            c.sock.update()
            sent += 1
    except ConnectionResetError:
        pass
    check(f'IPv{v}: a flood of changes ends the connection', gone(c) in ('in order', 'reset'))
    check(f'IPv{v}: after some', 1 <= updates() - before <= 20, f'{updates() - before} of {sent}')
    c.sock.close()


for v in VERSIONS:
    for n, suite in enumerate(SUITES):
        for requested in (False, True):
            if ABLE:
                check_all(v, suite, requested)
    if ABLE:
        check_flood(v)
    else:
        for requested in (False, True):
            check_ended(v, requested, f'IPv{v}, {"both" if requested else "one"}')

if ABLE:
    # A new process has the secrets of its own clients only.
    held = {v: [session(v) for _ in range(2)] for v in VERSIONS}
    for v in VERSIONS:
        for c in held[v]:
            check_eq(f'IPv{v}: a client of before', f's / {NONE}', says(ask(c)))
    before = updates()
    daemon.kill()
    for v in VERSIONS:
        held[v][0].sock.update(True)
        check_eq(f'IPv{v}: without a daemon it ends', 'in order', gone(held[v][0]))
    check('it starts again', daemon.start()) or note(daemon.log())
    for v in VERSIONS:
        check_eq(f'IPv{v}: a client of before goes on', f's / {NONE}', says(ask(held[v][1])))
        held[v][1].sock.update(True)
        check_eq(f'IPv{v}: and ends where it changes its keys', 'in order', gone(held[v][1]))
        check_eq(f'IPv{v}: nobody has got keys', before, updates())
        c = session(v)
        c.sock.update(True)
        check_eq(f'IPv{v}: new clients do', (f's / {NONE}', 1), (says(ask(c)), c.sock.updates))
        before = updates()
        c.sock.close()
check('nobody is left', until(20, lambda: family.stats()['clients'] == 0), family.stats())
check_eq('it ends', 0, daemon.stop())
note(daemon.log())
EOP

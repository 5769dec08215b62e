#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Thousands of requests of 20 connections at once, over three pools, in clear and in kTLS: each is answered by the right server, in order, to the byte.
# Targets: uml
# Timeout: 600
# Long: 1800
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

need_command openssl
need_module tls
load_sluice
load_ktls
setup_balancer 3
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$TEST_DIR/key" -out "$TEST_DIR/cert" \
	-subj /CN=a.test -addext "subjectAltName=DNS:a.test" -days 30 2>/dev/null || fatal "no certificate"
export REQUESTS=500
[ -z "${SLUICE_LONG:-}" ] || REQUESTS=10000
python_cases <<'EOP'
import random

from sluicetest import *
from relay import *
from relay_tls import *

REQUESTS = int(os.environ['REQUESTS'])
CLIENTS, AT_ONCE = 4 if REQUESTS < 10000 else 20, 25
SEED = int.from_bytes(os.urandom(4), 'big')
NAMES = ('zero', 'one', 'two')
wrong, done = [], []
# All clients and servers are threads of one program, which may take a while until one has its turn.
PATIENT = {name: 200000 for name in ('head', 'idle', 'body', 'response')}


def served(reader, first, fields, n):
    """Which server, what was asked and what came with it, then as many bytes as the target says."""
    method, target, _ = first.split(' ')
    body = b''
    if 'transfer-encoding' in fields:
        body = reader.chunked()
    elif 'content-length' in fields:
        body = reader.exactly(int(fields['content-length'][0]))
    number, size, how = re.search(r'/(\d+)/(\d+)/(\w)$', target).groups()
    content = f'{fields["x-number"][0]} {len(body)} '.encode() + body + pattern(int(size))
    label = {9000 + i: name for i, name in enumerate(NAMES)}[reader.sock.getsockname()[1]]
    head = f'HTTP/1.1 200 OK\r\nX-Server: {label}\r\nX-Number: {number}\r\n'
    if method == 'HEAD':
        reader.sock.sendall(f'{head}Content-Length: {len(content)}\r\n\r\n'.encode())
    elif how == 'c':
        half = len(content) // 2
        reader.sock.sendall(f'{head}Transfer-Encoding: chunked\r\n\r\n'.encode() + b''.join(
            b'%x\r\n%s\r\n' % (len(part), part) for part in (content[:half], content[half:]) if part) + b'0\r\n\r\n')
    else:
        reader.sock.sendall(f'{head}Content-Length: {len(content)}\r\n\r\n'.encode() + content)
    return True


def make(chosen, number):
    """A request, and what its answer has to be."""
    name = chosen.choice(NAMES)
    size = chosen.choice((0, 1, 10, 100, 1000, 5000, 20000))
    method = chosen.choice(('GET', 'GET', 'HEAD', 'POST', 'PUT'))
    target = f'/{name}/{number}/{size}/{chosen.choice("lc")}'
    head = f'{method} {target} HTTP/1.1\r\nHost: a.test\r\nX-Number: {number}\r\n'
    if chosen.random() < 0.1:
        head += f'X-Large: {"x" * chosen.randint(3000, 9000)}\r\n'
    body = pattern(chosen.choice((0, 5, 300, 6000))) if method in ('POST', 'PUT') else b''
    if not body:
        raw = head.encode() + b'\r\n'
    elif chosen.random() < 0.5:
        raw = f'{head}Content-Length: {len(body)}\r\n\r\n'.encode() + body
    else:
        raw = f'{head}Transfer-Encoding: chunked\r\n\r\n'.encode() + b'%x\r\n%s\r\n0\r\n\r\n' % (len(body), body)
    content = f'{number} {len(body)} '.encode() + body + pattern(size)
    return method, raw, (name, str(number), b'' if method == 'HEAD' else content)


def talk(which):
    chosen = random.Random(SEED + which)
    v, tls = VERSIONS[which % 2], which // 2 % 2
    try:
        reader = tls_client(v) if tls else client(v)
        for start in range(0, REQUESTS // CLIENTS, AT_ONCE):
            wanted = [make(chosen, which * 100000 + start + i) for i in range(AT_ONCE)]
            reader.send(b''.join(raw for _, raw, _ in wanted))
            for method, _, answer in wanted:
                got = reader.response(method)
                if not got or got[0] != 200 or (got[1]['x-server'][0], got[1]['x-number'][0], got[2]) != answer:
                    wrong.append(f'client {which}: {got and (got[0], got[1], len(got[2]))} for {answer[:2]}')
                    return
                done.append(1)
    except OSError as e:
        wrong.append(f'client {which}: {e}')


family = Family()
for v in VERSIONS:
    for i, name in enumerate(NAMES):
        for s in S:
            Origin(s, v, 9000 + i, served)
    routes = [f'{name} prefix /{name} pool {name}-{v}' for name in NAMES]
    pools = [(f'{name}-{v}', [(server(v, k), 9000 + i) for k in range(3)]) for i, name in enumerate(NAMES)]
    relay_service(VIP[v], 80, pools=pools, routes=routes)
    relay_service(VIP[v], 443, routes=routes)
    check_eq(f'IPv{v}: it listens', (0, ''), family.config(VIP[v], 80, listen=1, **PATIENT))
    family.config(VIP[v], 443, **PATIENT)
serve_handshakes(443)
threads = [threading.Thread(target=talk, args=(which,), daemon=True) for which in range(CLIENTS)]
began = time.monotonic()
for thread in threads:
    thread.start()
for thread in threads:
    thread.join(250)
check('each was answered by the right server, in order, to the byte', not wrong and len(done) == REQUESTS,
      f'{len(done)} of {REQUESTS}, seed {SEED}\n' + '\n'.join(wrong[:5] + handshake_problems[:5]))
note(f'{time.monotonic() - began:.1f} s; {family.stats()}')
EOP

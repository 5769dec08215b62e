#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Stratum relay on kTLS: curl and openssl, TLS 1.2 and 1.3, each cipher; large contents, records that are no data, and the end of a connection.
# Targets: uml-debug qemu-6.12 qemu-7
# Timeout: 240
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

load_sluice
load_ktls
# What is encrypted is dear on emulated processors; more than the sockets hold at first it is all the same.
export BYTES
BYTES=3000000
case $SLUICE_TARGET in qemu-*) BYTES=$(long_or 3000000 300000) ;; esac
modprobe tls || fatal "cannot load tls.ko"
setup_balancer 2
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$TEST_DIR/key" -out "$TEST_DIR/cert" \
	-subj /CN=a.test -addext "subjectAltName=DNS:a.test" -days 30 2>/dev/null || fatal "no certificate"
python_cases <<'EOP'
from sluicetest import *
from relay import *
from relay_tls import *

family = Family()
for v in VERSIONS:
    for i in range(2):
        Origin(S[i], v, 8000).label = f's{i}'
    relay_service(VIP[v], 443, pools=[(f'p{i}-{v}', [(server(v, i), 8000)]) for i in range(2)],
                  routes=[f'one prefix /one pool p1-{v}', f'all pool p0-{v}'])
    check_eq(f'IPv{v}: it is configured', (0, ''), family.config(VIP[v], 443, websocket=1, add=7))
serve_handshakes(443)


def curl(version, *words, path='/'):
    address = endpoint(VIP[version], 443)
    with ns(C):
        done = subprocess.run(['curl', '-sS', '--max-time', '60', '--http1.1', '--cacert', f'{TEST_DIR}/cert', '--connect-to', f'::{address}',
                               *words, *(f'https://a.test{p}' for p in path.split())],
                              capture_output=True, check=False)
    return done.stdout if not done.returncode else f'status {done.returncode}: {done.stderr.decode()} {handshake_problems}'.encode()


EMPTY = hashlib.sha256().hexdigest()[:16]
SUITES = [(['--tls-max', '1.2', '--ciphers', f'ECDHE-ECDSA-{name}'], f'TLS 1.2, {name}')
          for name in ('AES128-GCM-SHA256', 'AES256-GCM-SHA384', 'CHACHA20-POLY1305')]
SUITES += [(['--tlsv1.3', '--tls13-ciphers', f'TLS_{name}'], f'TLS 1.3, {name}')
           for name in ('AES_128_GCM_SHA256', 'AES_256_GCM_SHA384', 'CHACHA20_POLY1305_SHA256')]
big = pattern(int(os.environ['BYTES']))
open(f'{TEST_DIR}/big', 'wb').write(big)
for n, (words, name) in enumerate(SUITES):
    v = VERSIONS[n % 2]
    check_eq(f'{name}: three requests of a connection, to two servers', f's0 / {EMPTY}s1 /one {EMPTY}s0 /x {EMPTY}',
             curl(v, *words, path='/ /one /x').decode())
    check(f'{name}: {len(big)} bytes down', curl(v, *words, path=f'/bytes/{len(big)}') == big)
    check_eq(f'{name}: as many up', f's0 /up {hashlib.sha256(big).hexdigest()[:16]}',
             curl(v, *words, '-T', f'{TEST_DIR}/big', '-X', 'POST', path='/up').decode())
    check_eq(f'{name}: and in chunks', f's0 /up {hashlib.sha256(big).hexdigest()[:16]}',
             curl(v, *words, '-T', f'{TEST_DIR}/big', '-X', 'POST', '-H', 'Transfer-Encoding: chunked', path='/up').decode())
check_eq('the socket was handed over each time', [], handshake_problems)


for v in VERSIONS:
    c = tls_client(v)
    got = ask(c, '/one/x')
    check_eq(f'IPv{v}: a request', (200, f's1 /one/x {EMPTY}'.encode()), got and (got[0], got[2]))
    got = ask(c, '/x', fields='X-Forwarded-Proto: http\r\n')
    check_eq(f'IPv{v}: and another one', 200, got and got[0])
    # close_notify of ours is answered by the relay's.
    raw = c.sock.unwrap()
    check_eq(f'IPv{v}: the end is said by both', b'', raw.recv(1))
    c = tls_client(v)
    c.sock.sendall(b'GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n')
    got = c.response()
    check_eq(f'IPv{v}: a last response, then close_notify', (200, b''), got and (got[0], c.rest()))
    c = tls_client(v)
    c.sock.sendall(b'GET / HTTP/1.1\nHost: a\n\n')
    got = c.response()
    check_eq(f'IPv{v}: a bad head is refused, then close_notify', (400, b''), got and (got[0], c.rest()))

# openssl s_client can send a KeyUpdate ("K" on a line), which nobody but the owner of the keys can follow. It takes what
# it reads in one go for one thing, and the end of what it reads for the end of all: so each step waits for the one before.
for words, name in (('-tls1_3', 'a KeyUpdate between two requests'),):
    records = family.stats()['records']
    with ns(C):
        program = subprocess.Popen(['openssl', 's_client', '-quiet', '-no_ign_eof', words, '-connect', f'{VIP[4]}:443', '-CAfile', f'{TEST_DIR}/cert'],
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    program.stdin.write(b'GET / HTTP/1.1\r\nHost: a.test\r\n\r\n')
    program.stdin.flush()
    said = b''
    while not said.endswith(EMPTY.encode()) and (more := os.read(program.stdout.fileno(), 65536)):
        said += more
    with contextlib.suppress(OSError):
        program.stdin.write(b'K\n')
        program.stdin.flush()
        check(f'{name}: the record came', until(60, lambda: family.stats()['records'] > records))
        program.stdin.write(b'GET / HTTP/1.1\r\nHost: a.test\r\n\r\n')
        program.stdin.close()
    said += program.stdout.read()
    check(f'{name}: the first was answered, nothing in clear, no garbage', said.count(b'HTTP/1.1 200 OK') >= 1, said)
    check(f'{name}: it ends', program.wait(60) is not None)
# A client that is still there is waited for, a while.
c.sock.close()
note(family.stats())
check('nobody is left', until(30, lambda: family.stats()['clients'] == 0), family.stats())
EOP

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Real programs around stratum relay: sluiced's handshakes, curl and openssl, nginx; each suite of TLS, large contents, a daemon that dies, sides that are slow.
# Targets: uml uml-debug qemu-7
# Timeout: 600
# Long: 1800
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

need_command openssl curl nginx
need_module tls
load_sluice
load_ktls
setup_balancer 2
for kind in "ec -pkeyopt ec_paramgen_curve:P-256" "rsa:2048"; do
	name=${kind%%[ :]*}
	# shellcheck disable=SC2086 # words of openssl
	openssl req -x509 -newkey $kind -nodes -keyout "$TEST_DIR/key-$name" -out "$TEST_DIR/cert-$name" -subj /CN=a.test \
		-addext subjectAltName=DNS:a.test -days 30 2>/dev/null || fatal "no certificate"
	cat "$TEST_DIR/cert-$name" "$TEST_DIR/key-$name" >"$TEST_DIR/$name.pem"
done
cat "$TEST_DIR"/cert-ec "$TEST_DIR"/cert-rsa >"$TEST_DIR/ca"
chmod 755 "$TEST_DIR"
chmod 644 "$TEST_DIR"/*.pem
mkdir "$TEST_DIR/files"
export MEGABYTES SLOW_SECONDS
MEGABYTES=$(long_or 100 5)
# What is encrypted is dear on emulated processors.
case $SLUICE_TARGET in qemu-*) MEGABYTES=$(long_or 100 2) ;; esac
SLOW_SECONDS=$(long_or 60 3)
# Both with the same files; uploads are kept, and what is POSTed is one, too.
for s in "$S1" "$S2"; do
	mkdir -p "$TEST_DIR/$s/upload"
	cat >"$TEST_DIR/$s/conf" <<-EOC
		daemon off; master_process off; user root; pid $TEST_DIR/$s/pid; error_log $TEST_DIR/$s/errors;
		events { worker_connections 1024; }
		http {
			access_log off; default_type text/plain; client_max_body_size 0; keepalive_requests 100000; sendfile on;
			keepalive_timeout 10m; send_timeout 10m; client_body_timeout 10m;
			client_body_temp_path $TEST_DIR/$s/body; proxy_temp_path $TEST_DIR/$s/proxy;
			fastcgi_temp_path $TEST_DIR/$s/fcgi; uwsgi_temp_path $TEST_DIR/$s/uwsgi; scgi_temp_path $TEST_DIR/$s/scgi;
			add_header X-Server $([ "$s" = "$S1" ] && echo s0 || echo s1) always;
			server {
				listen 8000; listen [::]:8000;
				root $TEST_DIR/files;
				location = /seen { return 200 "\$connection \$connection_requests \$http_x_forwarded_proto \$http_x_forwarded_for\n"; }
				location /text { gzip on; gzip_min_length 1; gzip_types *; }
				location /upload/ { root $TEST_DIR/$s; dav_methods PUT DELETE; }
				location = /post { proxy_method PUT; proxy_pass http://127.0.0.1:8000/upload/posted; }
			}
		}
	EOC
	in_ns "$s" nginx -e "$TEST_DIR/$s/errors" -c "$TEST_DIR/$s/conf" >"$TEST_DIR/$s/out" 2>&1 &
	disown
	wait_listening "$s" tcp 8000
done
python_cases <<'EOP'
import signal
import ssl
import threading
import zlib

from sluicetest import *
from sluiced import *
from relay import *

MEGABYTES, SLOW_SECONDS = int(os.environ['MEGABYTES']), int(os.environ['SLOW_SECONDS'])
SUITES = [(f'TLS 1.2, {name}', ['-tls1_2', '-cipher', name], ['--tls-max', '1.2', '--ciphers', name], name)
          for name in (f'ECDHE-{key}-{cipher}' for key in ('ECDSA', 'RSA')
                       for cipher in ('AES128-GCM-SHA256', 'AES256-GCM-SHA384', 'CHACHA20-POLY1305'))]
SUITES += [(f'TLS 1.3, {name}', ['-tls1_3', '-ciphersuites', name], ['--tlsv1.3', '--tls13-ciphers', name], name)
           for name in ('TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256')]
# What a connection whose both sides are slow may hold: what the kernel lets its two sockets have, and pieces on their way.
SOCKETS = sum(int(open(f'/proc/sys/net/ipv4/tcp_{name}', encoding='ascii').read().split()[2]) for name in ('rmem', 'wmem'))
BOUND = SOCKETS + (1 << 20)
LARGE = 8 * BOUND


def site():
    """One service, each of whose requests needs a route."""
    at = ', '.join(f'"{endpoint(VIP[v], 443)}"' for v in VERSIONS)
    pools = ''.join('  %s: {servers: [%s]}\n' % (name, ', '.join(f'"{endpoint(server(v, i), port)}"' for v in VERSIONS))
                    for name, i, port in (('zero', 0, 8000), ('one', 1, 8000), ('mute', 1, 8001)))
    return (f'version: 1\nsettings: {{control: {TEST_DIR}/run/control, user: nobody, threads: 2}}\n'
            f'certificates: {{ec: {{file: {TEST_DIR}/ec.pem}}, rsa: {{file: {TEST_DIR}/rsa.pem}}}}\npools:\n{pools}services:\n'
            f'  secure:\n    address: [{at}]\n    parse: http\n    tls: {{certificates: [ec, rsa]}}\n    http: {{body-timeout: 5m, idle-timeout: 5m}}\n    pool: zero\n    routes:\n'
            '      - {name: one, match: {prefix: /one}, pool: one}\n      - {name: mute, match: {prefix: /mute}, pool: mute}\n'
            '      - {name: posted, match: {path: /post}, pool: one}\n')


def digest(path):
    """Of a file, None if there is none."""
    try:
        with open(path, 'rb') as file:
            return hashlib.file_digest(file, 'sha256').hexdigest()
    except OSError as e:
        return str(e)


def curl_words(v, *words, paths='/'):
    return ['curl', '-sS', '-q', '--noproxy', '*', '--max-time', '600', '--http1.1', '--cacert', f'{TEST_DIR}/ca', '--connect-to',
            f'::{endpoint(VIP[v], 443)}', *words, *(f'https://a.test{path}' for path in paths.split())]


def curl(v, *words, paths='/'):
    """What it got, or what went wrong."""
    with ns(C):
        done = subprocess.run(curl_words(v, *words, paths=paths), capture_output=True, check=False)
    return done.stdout if not done.returncode else f'status {done.returncode}: {done.stderr.decode()}'.encode()


def start_curl(v, *words, paths='/'):
    """One that goes on beside this."""
    with ns(C):
        return subprocess.Popen(curl_words(v, *words, paths=paths), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def size(path):
    return os.stat(path).st_size if os.path.exists(path) else 0


def secure(v, newest=True, buffer=0):
    """A connection with Python's TLS; BUFFER is the most of it that is received unasked."""
    context = ssl.create_default_context(cafile=f'{TEST_DIR}/ca')
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_3 if newest else ssl.TLSVersion.TLSv1_2
    plain = make_socket(C, v, 'tcp')
    if buffer:
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, buffer)
    plain.connect((VIP[v], 443))
    sock = context.wrap_socket(plain, server_hostname='a.test')
    sock.settimeout(60)
    return Reader(sock)


def counts():
    """Clients of the service, as the daemon counts them."""
    return daemon.show()['services'][0]['proxy']['relay']


def counted(handed):
    """A client is counted behind handing it over, and may have its answer by then."""
    return until(60, lambda: counts()['handed'] == handed)


def seen(got):
    """Which server, how many requests of its connection there were, and what it was told."""
    return got and (got[0], got[1].get('x-server'), got[2].split()[1:])


big, files = f'{TEST_DIR}/files/big', f'{TEST_DIR}/files'
with open(big, 'wb') as file:
    for _ in range(MEGABYTES):
        file.write(os.urandom(1 << 20))
BIG = digest(big)
text = b''.join(b'%d bottles of beer\n' % i for i in range(20000))
for name, data in (('text', text), ('small', b'0123456789' * 100)):
    with open(f'{files}/{name}', 'wb') as file:
        file.write(data)
with open(f'{files}/large', 'wb') as file:
    file.truncate(LARGE)
os.mkdir(f'{files}/one')
os.link(f'{files}/small', f'{files}/one/small')

daemon = Daemon(site())
check('sluiced starts', daemon.start()) or note(daemon.log())
check_eq('the service is in stratum relay', ['relay'], [s['stratum'] for s in daemon.show()['services']])

# Each suite.
for n, (name, openssl_words, curl_suite, cipher) in enumerate(SUITES):
    v = VERSIONS[n % 2]
    with ns(C):
        done = subprocess.run(['openssl', 's_client', '-ign_eof', *openssl_words, '-connect', endpoint(VIP[v], 443), '-servername', 'a.test',
                               '-CAfile', f'{TEST_DIR}/ca', '-verify_return_error'], capture_output=True, check=False, timeout=200,
                              input=b'GET /seen HTTP/1.1\r\nHost: a.test\r\n\r\nGET /one/small HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n')
    said = done.stdout.decode('latin-1')
    check(f'{name}: openssl s_client, two requests to two servers', f'Cipher is {cipher}' in said and said.count('HTTP/1.1 200 OK') == 2 and
          re.search(rf'\d+ 1 https {re.escape(CLIENT[v])}\n', said) and '0123456789' * 100 in said, (said[-1500:], done.stderr[-500:]))
    path = f'{TEST_DIR}/down'
    got = curl(v, *curl_suite, '-o', path, '-w', '%{response_code}', paths='/big')
    check_eq(f'{name}: curl, {MEGABYTES} MB down', (b'200', BIG), (got, digest(path)))
    stored = f'{TEST_DIR}/{S[0]}/upload/put-{n}'
    got = curl(v, *curl_suite, '-T', big, '-w', '%{response_code}', paths=f'/upload/put-{n}')
    check_eq(f'{name}: and up', (b'201', BIG), (got, digest(stored)))
    got = curl(v, *curl_suite, '-X', 'DELETE', '-w', '%{response_code}', paths=f'/upload/put-{n}')
    check_eq(f'{name}: and deleted', (b'204', False), (got, os.path.exists(stored)))

# What HTTP/1.1 has, on one connection of each version.
for v in VERSIONS:
    for newest in (False, True):
        case = f'IPv{v}, TLS 1.{3 if newest else 2}'
        c = secure(v, newest)
        told = [b'https', CLIENT[v].encode()]
        check_eq(f'{case}: requests of a connection, and of that to the server', [(200, ['s0'], [str(i).encode(), *told]) for i in (1, 2, 3)],
                 [seen(ask(c, '/seen')) for _ in range(3)])
        head = ask(c, '/small', 'HEAD')
        check_eq(f'{case}: HEAD', (200, ['1000'], b''), head and (head[0], head[1].get('content-length'), head[2]))
        tag = head[1]['etag'][0]
        got = ask(c, '/small', fields=f'If-None-Match: {tag}\r\n')
        check_eq(f'{case}: 304', (304, b''), got and (got[0], got[2]))
        got = ask(c, '/small', fields='Range: bytes=95-104\r\n')
        check_eq(f'{case}: a range', (206, ['bytes 95-104/1000'], b'5678901234'), got and (got[0], got[1].get('content-range'), got[2]))
        got = ask(c, '/small', fields='Range: bytes=0-4,500-504\r\n')
        check(f'{case}: two of them', got and got[0] == 206 and got[2].count(b'01234') == 2 and
              'multipart/byteranges' in got[1]['content-type'][0], got)
        got = ask(c, '/text', fields='Accept-Encoding: gzip\r\n')
        check(f'{case}: compressed, in chunks', got and got[1].get('transfer-encoding') == ['chunked'] and
              zlib.decompress(got[2], 31) == text, got and got[:2])
        for name, fields, raw in (('with a length', f'Content-Length: {len(text)}\r\n', text),
                                  ('in chunks', 'Transfer-Encoding: chunked\r\n',
                                   b''.join(b'%x\r\n%s\r\n' % (len(text[i:i + 7000]), text[i:i + 7000])
                                            for i in range(0, len(text), 7000)) + b'0\r\n\r\n')):
            posted = f'{TEST_DIR}/{S[1]}/upload/posted'
            with contextlib.suppress(OSError):
                os.unlink(posted)
            got = ask(c, '/post', 'POST', fields, raw)
            check_eq(f'{case}: POST {name}', (201, hashlib.sha256(text).hexdigest()), (got and got[0], digest(posted)))
        got = ask(c, '/post', 'POST', f'Expect: 100-continue\r\nContent-Length: {len(text)}\r\n', text)
        check_eq(f'{case}: which waits for 100 Continue', (204, [100]), (got and got[0], c.interim))
        got = ask(c, '/nothing')
        check_eq(f'{case}: a status of the server', 404, got and got[0])
        c.send(b''.join(f'GET {path} HTTP/1.1\r\nHost: a.test\r\n\r\n'.encode() for path in ('/small', '/one/small') * 10))
        got = [c.response() for _ in range(20)]
        check_eq(f'{case}: requests that come together', [(200, ['s0'], 1000), (200, ['s1'], 1000)] * 10,
                 [g and (g[0], g[1].get('x-server'), len(g[2])) for g in got])
        c.sock.unwrap()
        c.sock.close()
handed = len(SUITES) * 4 + 4
counted(handed)
now = counts()
check_eq('all were served in the kernel', (handed, 0, 0), (now['handed'], now['kept'], now['returned']))

# The daemon dies in the middle.
held = {(v, newest): secure(v, newest) for v in VERSIONS for newest in (False, True)}
check('before', all(ask(each, '/seen')[0] == 200 for each in held.values()))
handed += len(held)
counted(handed)
paths = {v: f'{TEST_DIR}/down-{v}' for v in VERSIONS}
# However long it takes until all are in the middle, they stay there.
middle, downs, ups = [], {}, {}
rate = f'{MEGABYTES * 100}k'
for n, v in enumerate(VERSIONS):
    downs[v] = start_curl(v, '--limit-rate', rate, '-o', paths[v], paths='/big')
    middle.append(until(60, lambda: size(paths[v]) > 100000))
    downs[v].send_signal(signal.SIGSTOP)
    ups[v] = start_curl(v, '--limit-rate', rate, '-T', big, paths=f'/upload/killed-{v}')
    middle.append(counted(handed + 2 * n + 2))
    ups[v].send_signal(signal.SIGSTOP)
check('transfers are in the middle', all(middle) and all(size(path) < size(big) for path in paths.values()), middle)
daemon.kill()
for each in (*downs.values(), *ups.values()):
    each.send_signal(signal.SIGCONT)
check_eq('what goes on: requests of connections that there are', [200] * 4, [(ask(each, '/seen') or [None])[0] for each in held.values()])
for v in VERSIONS:
    said = downs[v].communicate()[0] + ups[v].communicate()[0]
    check_eq(f'IPv{v}: and transfers, down and up', (BIG, BIG), (digest(paths[v]), digest(f'{TEST_DIR}/{S[0]}/upload/killed-{v}'))) or note(said)
check('new ones have nobody', b'status 7' in curl(4, paths='/small'))
check('it starts again', daemon.start()) or note(daemon.log())
check_eq('new ones are served', [b'0123456789' * 100] * 2, [curl(v, paths='/small') for v in VERSIONS])
# The kernel may serve them before the daemon has counted that it handed them over.
check('in the kernel', until(20, lambda: (counts()['handed'], counts()['kept']) == (2, 0)), counts())
check_eq('old ones go on', [200] * 4, [(ask(each, '/seen') or [None])[0] for each in held.values()])
for each in held.values():
    each.sock.close()


# Sides that are slow.

def sockets():
    """Bytes that the balancer's sockets of clients and servers have waiting for being sent and read; and all that they account for."""
    queued, held_ = 0, 0
    for line in run(B, 'ss', '-Htnm').splitlines():
        if found := re.search(r'skmem:\(r(\d+),rb\d+,t(\d+),tb\d+,f\d+,w(\d+)', line):
            held_ += int(found[1]) + int(found[3])
        elif words := line.split():
            queued += int(words[1]) + int(words[2])
    return queued, held_


def mute(name, v):
    """A server that accepts connections and reads nothing of them."""
    listening = listen(name, v, 8001)
    kept = []

    def accept():
        while True:
            try:
                sock, _ = listening.accept()
            except TimeoutError:
                continue
            # It reads a head, and no more.
            kept.append((sock, sock.recv(100)))
    threading.Thread(target=accept, daemon=True).start()
    return kept


mutes = [mute(S[1], v) for v in VERSIONS]
began = sockets()[1]
readers = [secure(v, newest, 65536) for v in VERSIONS for newest in (False, True)]
for each in readers:
    each.sock.sendall(b'GET /large HTTP/1.1\r\nHost: a.test\r\n\r\n')
writers = [secure(v, newest, 65536) for v in VERSIONS for newest in (False, True)]
for each in writers:
    each.sock.sendall(f'PUT /mute HTTP/1.1\r\nHost: a.test\r\nContent-Length: {LARGE}\r\n\r\n'.encode())
    each.sock.setblocking(False)
read, written = [0] * len(readers), [0] * len(writers)
block, most = bytes(16384), 0
end = time.monotonic() + SLOW_SECONDS
served, rounds = 0, 0
other = secure(4)
while time.monotonic() < end or rounds < 10:
    rounds += 1
    for i, each in enumerate(readers):
        # About 100 kB a second.
        read[i] += len(each.sock.recv(10000))
    for i, each in enumerate(writers):
        with contextlib.suppress(ssl.SSLWantWriteError):
            while written[i] < LARGE:
                written[i] += each.sock.send(block)
    got = ask(other, '/one/small')
    served += bool(got and got[0] == 200 and len(got[2]) == 1000)
    most = max(most, sockets()[1] - began)
    time.sleep(0.1)
check('others are served meanwhile', served == rounds and curl(6, '-o', paths[6], paths='/big') == b'' and digest(paths[6]) == BIG, (served, rounds))
check('slow ones got some', min(read) > 30000 and min(written) > 30000, (read, written))
check('a reader that is slow holds its server back, a server its writer', max(written) < BOUND and most / (len(readers) + len(writers)) < BOUND,
      f'{written} written, {most} held by {len(readers) + len(writers)} connections, {BOUND} would be much')
note(f'{read} read, {written} written, {most // 1024} kB held at most by {len(readers) + len(writers)} connections; {rounds} rounds')
# It was no end: the rest comes if it is wanted.
for each in (readers[0], readers[-1]):
    each.sock.settimeout(60)
    left = sum(len(each.sock.recv(65536)) for _ in range(200))
    check('and goes on as soon as it is read', left > 200000, left)
for each in (*readers, *writers, other):
    each.sock.setblocking(True)
    reset(each.sock)
family = Family()
check('no client is left', until(60, lambda: family.stats()['clients'] == 0), family.stats())
check('nothing is held any more', until(60, lambda: sockets()[1] <= began + 65536), (began, sockets()))
check_eq('the daemon ends', 0, daemon.stop())
EOP

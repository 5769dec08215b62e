#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Delayed binding while some of its allocations fail: what is served is right, nothing is left of the rest, and then all works again.
# Targets: uml-debug
# Timeout: 90
# Long: 1800
# Exclusive: yes
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"
. "${0%/*}/lib/load.sh"

fault=/sys/kernel/debug/failslab
[ -d $fault ] || skip_all "this kernel injects no faults"

load_sluice
setup_balancer 1
# Only what may not wait fails, as in softirqs: no process of this test, unless it sends or receives.
echo 0 >$fault/verbose
echo N >$fault/task-filter
echo N >$fault/cache-filter
echo Y >$fault/ignore-gfp-wait
echo 1 >$fault/interval
echo -1 >$fault/times
at_exit eval "echo 0 >$fault/probability"
export SECONDS_OF_FAULTS
SECONDS_OF_FAULTS=$(long_or 900 10)
python_cases <<'EOP'
import errno
import hashlib
import ssl
import threading
from sluicetest import *

PROBABILITY = '/sys/kernel/debug/failslab/probability'


def hello():
    """The first bytes of a TLS client, for a.example."""
    out = ssl.MemoryBIO()
    client = ssl.create_default_context().wrap_bio(ssl.MemoryBIO(), out, server_hostname='a.example')
    with contextlib.suppress(ssl.SSLWantReadError):
        client.do_handshake()
    return out.read()


def get(host, path='/', more=b''):
    return b'GET %s HTTP/1.1\r\nHost: %s\r\n%s\r\n' % (path.encode(), host.encode(), more)


def pieces(data, count):
    size = len(data) // count + 1
    return [data[i:i + size] for i in range(0, len(data), size)]


def answer(data):
    """What the server says of what it has got."""
    return b'got ' + hashlib.sha256(data).hexdigest().encode()


HELLO = hello()
LONG = get('a.example', '/long', b'X-Long: ' + b'x' * 5000 + b'\r\n')
# Port, what is sent at a time, how what comes back begins.
KINDS = {
    'HTTP': (80, [get('a.example')], answer(get('a.example'))),
    'HTTP in pieces': (80, pieces(LONG, 4), answer(LONG)),
    'redirected': (80, [get('old.example')], b'HTTP/1.1 308'),
    'rejected': (80, [get('a.example', '/secret')], b'HTTP/1.1 403'),
    'TLS': (443, [HELLO], answer(HELLO)),
    'TLS in pieces': (443, pieces(HELLO, 3), answer(HELLO)),
}


def whole(data):
    """Whether a server has got all that it will get."""
    if data[:1] == b'\x16':
        return len(data) >= 5 + int.from_bytes(data[3:5], 'big')
    return data.endswith(b'\r\n\r\n')


class Server(threading.Thread):
    """Answers what it gets, for all ports and versions."""

    def __init__(self):
        super().__init__(daemon=True)
        self.listening = [listen(S[0], v, port) for v in VERSIONS for port in (80, 443)]
        self.got = {}

    def run(self):
        while True:
            for s in select.select(self.listening + list(self.got), [], [])[0]:
                try:
                    if s in self.listening:
                        self.got[s.accept()[0]] = b''
                        continue
                    more = s.recv(65536)
                    self.got[s] += more
                    if more and not whole(self.got[s]):
                        continue
                    s.sendall(answer(self.got[s]))
                except OSError:
                    # Memory that is missing, or a client that has given up.
                    if s in self.listening:
                        continue
                del self.got[s]
                s.close()


class Client:
    """One connection: what it sends, when the next piece is due, and what it got."""

    def __init__(self, v, kind):
        port, self.pieces, self.wanted = KINDS[kind]
        self.name = f'IPv{v}, {kind}'
        self.pieces = list(self.pieces)
        self.got = b''
        self.begun = time.monotonic()
        self.due = 0
        self.socket = make_socket(C, v, 'tcp')
        self.socket.setblocking(False)
        self.error = self.socket.connect_ex((VIP[v], port))
        if self.error == errno.EINPROGRESS:
            self.error = 0

    def wants_to_send(self, now):
        return self.pieces and now >= self.due

    def send(self, now):
        piece = self.pieces[0]
        self.pieces[0] = piece[self.socket.send(piece):]
        if not self.pieces[0]:
            del self.pieces[0]
            self.due = now + 0.05

    def receive(self):
        """Whether that was all."""
        more = self.socket.recv(65536)
        self.got += more
        return not more

    def result(self):
        """True if it got what it has to, None if it got an error or nothing; otherwise what it got."""
        if self.got.startswith(self.wanted):
            return True
        # What was cut off, by a reset, and what a service says that has no memory, or waited too long.
        if self.wanted.startswith(self.got) or self.got.startswith((b'HTTP/1.1 503', b'HTTP/1.1 408')):
            return None
        return f'{self.name}: {self.got[:100]}'


def clients(at_once, seconds, patience):
    """Clients of all kinds in turn for so long, or one of each: [(name, result)]."""
    kinds = [(v, kind) for v in VERSIONS for kind in KINDS]
    end = time.monotonic() + seconds
    begun, active, results = 0, {}, []
    while True:
        now = time.monotonic()
        while len(active) < at_once and (now < end or begun < len(kinds)):
            # Even a port to send from takes memory.
            with contextlib.suppress(OSError):
                client = Client(*kinds[begun % len(kinds)])
                active[client.socket] = client
            begun += 1
        if not active:
            return results
        readable, writable, _ = select.select(
            active, [s for s, c in active.items() if c.wants_to_send(now)], [], 0.02)
        for s, client in list(active.items()):
            over = bool(client.error) or time.monotonic() - client.begun > patience
            try:
                if s in writable:
                    client.send(now)
                if s in readable:
                    over = client.receive() or over
            except BlockingIOError:
                pass
            except OSError:
                over = True
            if over:
                results.append((client.name, client.result()))
                del active[s]
                reset(s)


def failing(percent):
    with open(PROBABILITY, 'w', encoding='ascii') as file:
        file.write(str(percent))


for v in VERSIONS:
    web, tls = (endpoint(VIP[v], port) for port in (80, 443))
    sniff_service(v, 80, 'http', [server(v, 0)])
    sniff_service(v, 443, 'tls', [server(v, 0)])
    adm('-R', stdin=f'route add -t {web} old host old.example redirect\n'
        f'route add -t {web} secret prefix /secret reject 403\n')
settings('head-timeout=5s', 'connect-timeout=1s', 'tcp-syn-sent=2s', 'tcp-syn-recv=2s', 'tcp-established=5s',
         'tcp-fin-wait=2s', 'tcp-close-wait=2s', 'tcp-last-ack=2s', 'tcp-time-wait=1s', 'tcp-close=1s')
Server().start()


def all_work(when):
    failed = [name for name, result in clients(4, 0, 15) if result is not True]
    check(f'{when}: every kind of request works', not failed, failed)


all_work('before')
failing(3)
results, counts, limit = [], {}, time.monotonic() + 120
try:
    # A busy machine needs longer until each kind has worked.
    while not counts or time.monotonic() < limit and not all(worked for worked, _ in counts.values()):
        results += clients(12, int(os.environ['SECONDS_OF_FAULTS']), 3)
        counts = {kind: [sum(r is True for n, r in results if n.endswith(kind)),
                         sum(n.endswith(kind) for n, _ in results)] for kind in KINDS}
finally:
    failing(0)
refused = info()['refusals']
note(f'{counts}, refused: {dict((k, n) for k, n in refused.items() if n)}')
check('allocations that fail: some requests of each kind work', all(worked for worked, _ in counts.values()), counts)
wrong = [r for _, r in results if r not in (True, None)]
check('none gets what is wrong', not wrong, wrong[:10])
check('allocations of the balancer did fail', refused['memory'] > 0, refused)
all_work('after')
check('no connection is left after its time-out', until(30, lambda: info()['connections'] == 0), connections())
EOP
if [ -d /sys/kernel/slab/sluice_hold ]; then
	check "nor a client that is held" busywait 20000 slab_is_empty sluice_hold
else
	skip "nor a client that is held" "the kernel does not count them"
fi

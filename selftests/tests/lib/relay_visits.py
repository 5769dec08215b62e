# SPDX-License-Identifier: GPL-2.0-or-later
"""Clients of stratum relay that come, ask and break off as it happens, and servers for them, each in processes of their own.

For programs that python_cases (python.sh) runs. Whatever is answered has to be right: what a client counts as wrong is a
response that nobody made for it.
"""

import contextlib
import hashlib
import json
import os
import random
import re
import signal
import socket
import threading
import time

import relay
from netlink import RELAY_NAME, Netlink, attr, attributes, text
from relay import BACK, Family, Origin, Reader, ask, number
from relay_tls import serve_handshakes, tls_client
from sluicetest import B, S, TEST_DIR, VERSIONS, VIP, connect, reset

LARGE = 1 << 20
_pattern = relay.pattern(LARGE + 10)
# What may be said of a request that cannot be passed on, by the relay or by who does what the daemon does.
REFUSALS = (404, 408, 501, 502, 503, 504)
TLS_PORTS = (443, 493)


def pattern(size):
    """As relay.pattern, which makes it each time."""
    return _pattern[:size]


def beside(function, *argv):
    """Run it in a process of its own; to be called before there are threads. The rig ends what is left of a test."""
    child = os.fork()
    if child:
        return child
    try:
        function(*argv)
        os._exit(0)
    except BaseException as e:
        print(f'# {function.__name__}: {e!r}', flush=True)
        os._exit(1)


def end(child, number_=signal.SIGTERM):
    """End a process of beside(). Return: whether it ended as it should."""
    os.kill(child, number_)
    return os.waitpid(child, 0)[1] in (0, number_)


# Servers.

def answer(origin, reader, first, fields, n):
    """As Origin does, and a tunnel that says everything once more."""
    if 'upgrade' not in fields:
        return Origin.usual(origin, reader, first, fields, n)
    reader.sock.sendall(b'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n' + reader.data)
    while data := reader.sock.recv(65536):
        reader.sock.sendall(data)
    return False


def serve(port):
    """Servers of all of S at PORT, until the process is ended."""
    relay.pattern = pattern
    for v in VERSIONS:
        for name in S:
            origin = Origin(name, v, port)
            origin.handle = lambda *argv, origin=origin: answer(origin, *argv)
            # What was asked is nobody's business here.
            origin.requests = _Nothing()
    while True:
        signal.pause()


class _Nothing:
    def append(self, item):
        """Forget it."""


# What the daemon does.

class Handing:
    """Hands clients over to a module that may be unloaded, and is another one then."""

    def __init__(self):
        self.family = Family()

    def hand(self, *argv, **words):
        """As Family.hand()."""
        error, said = self.family.hand(*argv, **words)
        if error == 2 and os.path.exists('/sys/module/sluice_ktls'):
            with contextlib.suppress(StopIteration):
                family = Family()
                self.family.close()
                self.family = family
        return error, said


def back_listener(at=B):
    """A socket that is told who is given back."""
    control = Netlink(at, RELAY_NAME)
    control.family = 16
    told = attributes(control.ask(3, text(2, RELAY_NAME))[1][4:])
    control.s.setsockopt(270, 1, number(attributes(next(iter(attributes(told[7]).values())))[2]))
    return control.s


def _take(chosen):
    """Take two of three clients that are given back, and answer them; for as long as the module is there."""
    family, monitor = Family(), back_listener()
    monitor.settimeout(1)
    while os.path.exists('/sys/module/sluice_ktls'):
        try:
            data = monitor.recv(65536)
        except OSError:
            continue
        if data[16] != BACK or not chosen.randrange(3):
            continue
        error, fd, _ = family.take(number(attributes(data[20:])[1]))
        if not error:
            with contextlib.suppress(OSError), socket.socket(fileno=fd) as sock:
                sock.settimeout(5)
                sock.sendall(b'HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')


def daemon(ports, seed, takes=True):
    """Handshakes for the services at PORTS of both versions, and whoever is given back, until the process is ended."""
    for port in ports:
        serve_handshakes(port, Handing())
    chosen = random.Random(seed)
    while True:
        if takes:
            with contextlib.suppress(OSError, StopIteration, KeyError):
                _take(chosen)
        time.sleep(0.2)


# Clients.

class Wrong(Exception):
    """A response that is not the one to what was asked."""


def judge(got, wanted):
    """Whether it was answered; not if it was refused, or cut."""
    judge.last = got
    if got is None:
        return False
    status, fields, body = got
    if status in REFUSALS and 'x-server' not in fields:
        return False
    # Where it breaks off it is to be seen that it did: not by an end in order, which is no body here.
    if status != 200 or body is None or not wanted(body):
        raise Wrong(f'{status} {fields} {None if body is None else (len(body), body[:60])}')
    return True


class Visitor:
    """One who asks: random, but for what is right."""

    KINDS = ('small', 'small', 'small', 'many', 'up', 'up_chunks', 'down', 'chunks', 'cut_up', 'cut_down', 'half_head', 'deaf', 'tunnel',
             'back', 'half_close')

    def __init__(self, seed, patience=60):
        self.chosen, self.patience = random.Random(seed), patience
        self.counts = {'connections': 0, 'answered': 0, 'cut': 0, 'stalled': 0}
        self.wrong, self.stalls = [], []
        self.number = 0

    def come(self, v, port):
        """A connection."""
        reader = tls_client(v, port) if port in TLS_PORTS else Reader(connect(v, VIP[v], port))
        reader.sock.settimeout(self.patience)
        return reader

    def is_gone(self, reader):
        """Whether the other end has gone: its reset, which is sent once, found no memory. Who says something is told again."""
        reader.sock.settimeout(5)
        try:
            reader.sock.send(b'\r\n')
            while reader.sock.recv(65536):
                pass
        except TimeoutError:
            return False
        except OSError:
            pass
        self.counts['cut'] += 1
        return True

    def target(self, more=''):
        """One that nobody else asks for."""
        self.number += 1
        return f'{self.chosen.choice(("", "/one", "/two"))}/{os.getpid()}-{threading.get_ident()}-{self.number}{more}'

    def visit(self, v, port):
        """Some requests on one connection, which ends somehow."""
        self.counts['connections'] += 1
        reader, kinds = None, []
        try:
            reader = self.come(v, port)
            for _ in range(self.chosen.randint(1, 6)):
                kind = self.chosen.choice(self.KINDS)
                kinds.append(kind)
                if not getattr(self, kind)(reader):
                    break
                self.counts['answered'] += 1
        except Wrong as e:
            self.wrong.append(f'IPv{v} port {port}, {kinds}: {e}')
        except TimeoutError:
            # Nothing came, and nothing said why.
            if reader and not self.is_gone(reader):
                self.counts['stalled'] += 1
                self.stalls.append(f'IPv{v} port {port}, {kinds}')
        except OSError:
            self.counts['cut'] += 1
        if reader:
            with contextlib.suppress(OSError):
                if self.chosen.randrange(2):
                    reset(reader.sock)
                else:
                    reader.sock.close()

    def small(self, reader):
        """One that is whole."""
        target = self.target()
        return judge(ask(reader, target), lambda body: f' {target} '.encode() in body)

    def many(self, reader):
        """Several at once."""
        targets = [self.target() for _ in range(self.chosen.randint(2, 10))]
        reader.send(b''.join(f'GET {target} HTTP/1.1\r\nHost: a.test\r\n\r\n'.encode() for target in targets))
        return all([judge(reader.response(), lambda body, t=target: f' {t} '.encode() in body) for target in targets])

    def _sent(self, reader, target, head, data, body):
        reader.send(f'POST {target} HTTP/1.1\r\nHost: a.test\r\n{head}\r\n'.encode() + data)
        wanted = f' {target} {hashlib.sha256(body).hexdigest()[:16]}'.encode()
        return judge(reader.response('POST'), lambda got: got.endswith(wanted))

    def up(self, reader):
        """Content."""
        body = pattern(self.chosen.choice((1, 700, 9000, 300000)))
        return self._sent(reader, self.target(), f'Content-Length: {len(body)}\r\n', body, body)

    def up_chunks(self, reader):
        """Content in chunks."""
        body, size = pattern(self.chosen.choice((10, 900, 70000))), self.chosen.choice((7, 400, 30000))
        if len(body) > 100 * size:
            size = 30000
        chunks = b''.join(b'%x\r\n%s\r\n' % (len(body[i:i + size]), body[i:i + size]) for i in range(0, len(body), size))
        return self._sent(reader, self.target(), 'Transfer-Encoding: chunked\r\n', chunks + b'0\r\n\r\n', body)

    def down(self, reader):
        """A large answer."""
        size = self.chosen.choice((1, 4000, 50000, 500000))
        return judge(ask(reader, self.target(f'/bytes/{size}')), lambda body: body == pattern(size))

    def chunks(self, reader):
        """An answer in chunks."""
        size, count = self.chosen.choice(((5, 200), (3000, 10), (100000, 3)))
        return judge(ask(reader, self.target(f'/chunks/{size}/{count}')), lambda body: body == pattern(size) * count)

    def cut_up(self, reader):
        """Content that breaks off."""
        reader.sock.sendall(f'PUT {self.target()} HTTP/1.1\r\nHost: a.test\r\nContent-Length: {LARGE}\r\n\r\n'.encode() +
                            pattern(self.chosen.choice((0, 1, 5000, 200000))))
        self._rest()
        return False

    def cut_down(self, reader):
        """An answer that is not wanted to its end."""
        reader.sock.sendall(f'GET {self.target(f"/bytes/{LARGE}")} HTTP/1.1\r\nHost: a.test\r\n\r\n'.encode())
        got = reader.head()
        if got and got[0].startswith('HTTP/1.1 200'):
            reader.exactly(self.chosen.choice((1, 3000, 400000)))
        return False

    def half_head(self, reader):
        """A head that breaks off."""
        head = f'GET {self.target()} HTTP/1.1\r\nHost: a.test\r\nX-Long: {"x" * self.chosen.choice((1, 6000))}'.encode()
        reader.sock.sendall(head[:self.chosen.randrange(1, len(head))])
        self._rest()
        return False

    def deaf(self, reader):
        """One who asks, and does not listen."""
        reader.sock.sendall(f'GET {self.target(f"/bytes/{LARGE}")} HTTP/1.1\r\nHost: a.test\r\n\r\n'.encode() * 2)
        self._rest()
        return False

    def tunnel(self, reader):
        """A WebSocket, or what looks like one."""
        reader.sock.sendall(f'GET {self.target()} HTTP/1.1\r\nHost: a.test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n'.encode())
        got = reader.response()
        if got is None or got[0] != 101:
            return False
        for _ in range(self.chosen.randint(1, 5)):
            data = pattern(self.chosen.choice((1, 500, 40000)))
            reader.send(data)
            back = reader.exactly(len(data))
            if back is None:
                return False
            if back != data:
                raise Wrong('of a tunnel')
        return False

    def back(self, reader):
        """What is given to the daemon, which answers or does not."""
        reader.sock.sendall(b'CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n')
        reader.sock.settimeout(self.chosen.choice((0.01, 0.3)))
        with contextlib.suppress(TimeoutError):
            reader.response()
        return False

    def half_close(self, reader):
        """The end of what is asked; of TLS it would be a cut."""
        target = self.target()
        reader.sock.sendall(f'GET {target} HTTP/1.1\r\nHost: a.test\r\n\r\n'.encode())
        if not hasattr(reader.sock, 'unwrap'):
            reader.sock.shutdown(socket.SHUT_WR)
            judge(reader.response(), lambda body: f' {target} '.encode() in body)
        return False

    def _rest(self):
        time.sleep(self.chosen.choice((0, 0, 0.01, 0.3)))


def until_told(function):
    """Call it, with the event that says so, until the process is told to end."""
    told = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: told.set())
    while not told.is_set():
        function(told)


def visits(name, ports, at_once, seed, patience=60):
    """Visitors of the services at PORTS, so many at once, until the process is told to end; what they saw is in a file."""
    visitors = [Visitor(seed + i, patience) for i in range(at_once)]
    told = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: told.set())

    def go_on(visitor):
        while not told.is_set():
            visitor.visit(visitor.chosen.choice(VERSIONS), visitor.chosen.choice(ports))
            # Where nobody listens, it would be all that is done.
            if visitor.counts['connections'] % 10 == 9:
                time.sleep(0.02)
    threads = [threading.Thread(target=go_on, args=(visitor,)) for visitor in visitors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    make_report(name, {key: sum(visitor.counts[key] for visitor in visitors) for key in visitors[0].counts},
            [wrong for visitor in visitors for wrong in visitor.wrong],
                [stall for visitor in visitors for stall in visitor.stalls])


def steady(name, ports, pause=0.02):
    """One client for each of PORTS and versions, which stays and asks again and again: nothing may ever fail."""
    visitor, wrong = Visitor(os.getpid()), []
    kinds = ('small', 'small', 'up', 'down', 'chunks')
    try:
        # Handshakes take long where the machine is busy: who came before would have said nothing for too long.
        readers = {(v, port): visitor.come(v, port) for port in sorted(ports, key=lambda port: port not in TLS_PORTS) for v in VERSIONS}
    except OSError as e:
        readers = {}
        wrong.append(f'cannot connect: {e}')

    def go_on(told):
        for (v, port), reader in readers.items():
            kind = visitor.chosen.choice(kinds)
            try:
                if getattr(visitor, kind)(reader):
                    visitor.counts['answered'] += 1
                    continue
                wrong.append(f'IPv{v} port {port}: {kind} was not answered, but {judge.last}')
            except (OSError, Wrong) as e:
                wrong.append(f'IPv{v} port {port}, {kind}: {e}')
            told.set()
        if not readers:
            told.set()
        time.sleep(pause)
    until_told(go_on)
    make_report(name, visitor.counts, wrong)


def all_kinds_work(v, port, seed=0):
    """What is wrong with some requests on one connection, and nothing is to be."""
    visitor, kind = Visitor(seed), 'come'
    try:
        reader = visitor.come(v, port)
        for kind in ('small', 'many', 'up', 'up_chunks', 'down', 'chunks'):
            if not getattr(visitor, kind)(reader):
                return f'{kind} is not answered'
        reader.sock.close()
    except (OSError, Wrong) as e:
        return f'{kind}: {e}'
    return None


def make_report(name, counts, wrong, stalls=()):
    """What report() tells."""
    with open(f'{TEST_DIR}/{name}.json.new', 'w', encoding='ascii') as file:
        json.dump({'counts': counts, 'wrong': wrong, 'stalls': stalls}, file)
    os.rename(f'{TEST_DIR}/{name}.json.new', f'{TEST_DIR}/{name}.json')


def report(name):
    """What make_report() was told in another process: counts, and what was wrong."""
    try:
        with open(f'{TEST_DIR}/{name}.json', encoding='ascii') as file:
            found = json.load(file)
        for stall in found['stalls']:
            print(f'# waited in vain: {stall}')
        return found['counts'], found['wrong']
    except OSError as e:
        return {}, [str(e)]

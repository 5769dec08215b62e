# SPDX-License-Identifier: GPL-2.0-or-later
"""Stratum relay under test: its family of netlink, servers that say what they got, clients.

For programs that python_cases (python.sh) runs, after sluicetest.
"""

import hashlib
import re
import selectors
import socket
import ssl
import struct
import threading
import time
from errno import EBUSY

from netlink import DUMP, Netlink, attr, nest
from sluicetest import S, VIP, VERSIONS, adm, connect, endpoint, listen, server

HAND, TAKE, CLIENTS, KILL, BACK, CONFIG_GET, CONFIG_SET, CONFIG_DEL, STATS, KEY_UPDATE, GONE, LEND, REKEY = range(1, 14)
CONFIG = {name: number + 2 for number, name in enumerate(
    'head idle body connect response tunnel requests_max retries add websocket listen'.split())}
# The kernel closes the descriptor of whom it is handed.
OWN = attr(20, b'\1')
PHASES = 'idle head connecting waiting body tunnel closing back'.split()
SIZES = {'retries': 'B', 'websocket': 'B', 'listen': 'B'}
COUNTERS = {name: number + 1 for number, name in enumerate(
    'clients accepted requests answers connects retries timeouts errors records returned key_updates'.split()) if name != 'returned'}


def service_key(kind, address, port):
    family = socket.AF_INET6 if ':' in address else socket.AF_INET
    return nest(kind, attr(1, b'\x06') + attr(2, socket.inet_pton(family, address)) +
                attr(3, struct.pack('!H', port)))


def attributes(data):
    """By number."""
    found, at = {}, 4
    while at + 4 <= len(data):
        length, kind = struct.unpack_from('=HH', data, at)
        found[kind & 0x3fff] = data[at + 4:at + length]
        at += (max(length, 4) + 3) & ~3
    return found


def number(data):
    return int.from_bytes(data, 'little')


class Family(Netlink):
    """The family sluice-relay."""

    def __init__(self, **where):
        super().__init__(name='sluice-relay', **where)

    def config(self, address, port, **settings):
        """Error and what was said; times in milliseconds."""
        data = service_key(1, address, port)
        for name, value in settings.items():
            data += attr(CONFIG[name], struct.pack('=' + SIZES.get(name, 'I'), value))
        error = self.ask(CONFIG_SET, data)[0]
        return error, self.said if error else ''

    def hand(self, sock, address, port, data=b'', tls=False, keys=b''):
        """Error and number of the client, whose socket here is closed then. KEYS: attributes."""
        words = (service_key(2, address, port) + attr(3, struct.pack('=i', sock.fileno())) + OWN + attr(5, bytes([tls])) +
                 (attr(6, data) if data else b'') + keys)
        for _ in range(500):
            error, reply, _ = self.ask(HAND, words)
            # A child that another thread has made, and that does not run its program yet, has the socket, too.
            if error != EBUSY:
                break
            time.sleep(0.01)
        if not error:
            sock.detach()
        return error, number(attributes(reply)[1]) if not error else self.said

    def take(self, ident):
        """Error, file descriptor and data."""
        error, reply, _ = self.ask(TAKE, attr(1, struct.pack('=Q', ident)))
        found = attributes(reply)
        return error, number(found[3]) if 3 in found else None, found.get(6, b'')

    def rekey(self, command, ident, *more):
        """Error and file descriptor of LEND or REKEY."""
        error, reply, _ = self.ask(command, attr(1, struct.pack('=Q', ident)) + b''.join(more))
        found = attributes(reply)
        return error, number(found[3]) if 3 in found else None

    def event(self):
        """Command and attributes of an event for this socket, which is for nothing else."""
        message = self.s.recv(1 << 16)
        return message[16], {kind: number(data) for kind, data in attributes(message[16:]).items()}

    def phase(self, name):
        """Whether any client is in it."""
        return self.ask(CLIENTS, attr(8, bytes([PHASES.index(name)])), DUMP)[1] != b''

    def stats(self):
        found = attributes(self.ask(STATS)[1])
        return {name: number(found[kind]) for name, kind in COUNTERS.items()}


def relay_service(address, port, routes=(), pools=(), at=None):
    """A service of stratum relay; POOLS: name and list of (address, port); ROUTES: words."""
    to = f'-t {endpoint(address, port)}'
    family = 'inet6' if ':' in address else 'inet'
    lines = []
    for name, servers in pools:
        lines.append(f'pool add {name} --family {family}')
        lines += [f'server add --pool {name} -r {endpoint(*each)}' for each in servers]
    lines.append(f'-A {to} --stratum relay --parse http')
    lines += [f'route add {to} {words}' for words in routes]
    adm('-R', stdin='\n'.join(lines) + '\n', **({'at': at} if at else {}))


class Reader:
    """Bytes of a socket, and messages in them."""

    def __init__(self, sock):
        self.sock, self.data = sock, b''

    def more(self):
        got = self.sock.recv(1 << 18)
        self.data += got
        return bool(got)

    def send(self, data):
        """All of DATA; what comes meanwhile is kept. One thread does both: a TLS socket may not be read and written at once."""
        patience = self.sock.gettimeout()
        self.sock.setblocking(False)
        try:
            while data:
                wants = selectors.EVENT_READ | selectors.EVENT_WRITE
                try:
                    data = data[self.sock.send(data[:16384]):]
                    wants = 0
                except (BlockingIOError, ssl.SSLWantWriteError):
                    pass
                except ssl.SSLWantReadError:
                    wants = selectors.EVENT_READ
                try:
                    if not self.more():
                        raise ConnectionResetError('the connection ended before all was sent')
                    wants = 0
                except (BlockingIOError, ssl.SSLWantReadError):
                    pass
                if wants:
                    with selectors.DefaultSelector() as selector:
                        selector.register(self.sock, wants)
                        if not selector.select(patience):
                            raise TimeoutError('nothing comes and nothing goes')
        finally:
            self.sock.settimeout(patience)

    def until(self, mark):
        """What comes up to MARK and with it, None if the connection ends before."""
        while mark not in self.data:
            if not self.more():
                return None
        at = self.data.index(mark) + len(mark)
        found, self.data = self.data[:at], self.data[at:]
        return found

    def exactly(self, size, digest=None):
        """SIZE bytes; with DIGEST they are only counted into it. None if the connection ends before."""
        if digest is None:
            while len(self.data) < size:
                if not self.more():
                    return None
            found, self.data = self.data[:size], self.data[size:]
            return found
        while size:
            part, self.data = self.data[:size], self.data[size:]
            digest.update(part)
            size -= len(part)
            if size and not self.more():
                return None
        return b''

    def chunked(self, digest=None):
        body = b''
        while True:
            line = self.until(b'\r\n')
            if line is None:
                return None
            size = int(line.split(b';')[0], 16)
            if not size:
                break
            part = self.exactly(size, digest)
            if part is None or self.exactly(2) != b'\r\n':
                return None
            body += part
        trailers = b''
        while (line := self.until(b'\r\n')) not in (b'\r\n', None):
            trailers += line
        self.trailers = trailers
        return None if line is None else body

    def rest(self):
        while self.more():
            pass
        found, self.data = self.data, b''
        return found

    def head(self):
        """First line and fields in lower case (a list of values each), or None."""
        text = self.until(b'\r\n\r\n')
        if text is None:
            return None
        first, *lines = text[:-4].decode('latin-1').split('\r\n')
        fields = {}
        for line in lines:
            name, _, value = line.partition(':')
            fields.setdefault(name.lower(), []).append(value.strip())
        return first, fields

    def body(self, fields, method='', status=200, digest=None):
        if method == 'HEAD' or status in (204, 304) or status < 200:
            return b''
        if 'transfer-encoding' in fields:
            return self.chunked(digest)
        if 'content-length' in fields:
            return self.exactly(int(fields['content-length'][0]), digest)
        return self.rest() if method == '' else b''

    def response(self, method='GET'):
        """Status, fields and body; interim responses are in self.interim."""
        self.interim = []
        while True:
            got = self.head()
            if got is None:
                return None
            status = int(got[0].split(' ')[1])
            if status >= 200 or status == 101:
                break
            self.interim.append(status)
        if status == 101:
            return status, got[1], b''
        if method != 'HEAD' and status not in (204, 304) and not {'transfer-encoding', 'content-length'} & set(got[1]):
            return status, got[1], self.rest()
        return status, got[1], self.body(got[1], method, status)


class Origin:
    """A server: each connection a thread. HANDLE(reader, first, fields, n) answers the nth request of it."""

    def __init__(self, name, version, port, handle=None):
        self.name, self.connections, self.requests = name, 0, []
        self.handle = handle or self.usual
        self.listening = listen(name, version, port)
        self.listening.settimeout(None)
        self.label = f'{name}'
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                sock, _ = self.listening.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self.serve, args=(sock,), daemon=True).start()

    def serve(self, sock):
        # It ends no connection that is kept: a request that may not be repeated could be on its way.
        sock.settimeout(1000)
        reader, n = Reader(sock), 0
        try:
            while (got := reader.head()) is not None:
                self.requests.append(got)
                if self.handle(reader, *got, n) is False:
                    break
                n += 1
        except OSError:
            pass
        sock.close()

    def usual(self, reader, first, fields, n):
        """Says which server it is, which connection and which request on it, and what content came."""
        method, target, _ = first.split(' ')
        digest = hashlib.sha256()
        if 'expect' in fields:
            reader.sock.sendall(b'HTTP/1.1 100 Continue\r\n\r\n')
        if 'transfer-encoding' in fields:
            if reader.chunked(digest) is None:
                return False
        elif 'content-length' in fields:
            if reader.exactly(int(fields['content-length'][0]), digest) is None:
                return False
        more = f'X-Server: {self.label}\r\nX-Connection: {self.connections}\r\nX-Request: {n}\r\n'
        if found := re.search(r'/status/(\d+)', target):
            reader.sock.sendall(f'HTTP/1.1 {found[1]} Some\r\n{more}\r\n'.encode())
            return True
        if found := re.search(r'/bytes/(\d+)', target):
            size = int(found[1])
            reader.sock.sendall(f'HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n{more}\r\n'.encode())
            if method != 'HEAD':
                reader.sock.sendall(pattern(size))
            return True
        if found := re.search(r'/chunks/(\d+)/(\d+)', target):
            size, count = int(found[1]), int(found[2])
            reader.sock.sendall(f'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n{more}\r\n'.encode())
            for i in range(count):
                reader.sock.sendall(b'%x%s\r\n%s\r\n' % (size, b'' if i else b';a="b"', pattern(size)))
            reader.sock.sendall(b'0\r\nX-Sum: 1\r\n\r\n')
            return True
        if '/close' in target:
            reader.sock.sendall(f'HTTP/1.1 200 OK\r\n{more}\r\nuntil the end'.encode())
            return False
        body = f'{self.label} {target} {digest.hexdigest()[:16]}'.encode()
        reader.sock.sendall(f'HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n{more}\r\n'.encode() +
                            (b'' if method == 'HEAD' else body))
        return True


def pattern(size):
    """Bytes that differ from place to place."""
    block = b''.join(struct.pack('=I', i * 2654435761 & 0xffffffff) for i in range(4096))
    return (block * (size // len(block) + 1))[:size]


def client(version, port=80, **how):
    sock = connect(version, VIP[version], port, **how)
    sock.settimeout(30)
    return Reader(sock)


def ask(reader, target='/', method='GET', fields='', body=b'', host='a.test', version='1.1'):
    """One request, and its response."""
    reader.sock.sendall(f'{method} {target} HTTP/{version}\r\nHost: {host}\r\n{fields}\r\n'.encode() + body)
    return reader.response(method)

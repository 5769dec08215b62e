# SPDX-License-Identifier: GPL-2.0-or-later
"""An origin server that keeps every byte it gets, and answers as it is told."""

import socket
import struct
import threading
import time

from messages import STRICT, Garbage, Incomplete, read_message

CLOSE, RESET, HOLD, READ_END = 'close', 'reset', 'hold', 'read-end'


def reset(sock):
    """The connection ends at once, with RST."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
    sock.close()


def target_of(request):
    """Of its first line."""
    return request.first.split()[1].decode('latin-1')


class Connection:
    """One that was accepted. @data: all that came; @ended: 'end' or 'reset' by the other side."""

    def __init__(self, sock):
        self.sock, self.data, self.ended = sock, bytearray(), None

    def read(self):
        """More of it; False at its end."""
        try:
            more = self.sock.recv(65536)
        except OSError:
            self.ended = 'reset'
            return False
        if not more:
            self.ended = 'end'
            return False
        self.data += more
        return True


class Origin:
    """In threads of its own. @scripts: for targets, steps in place of an answer: bytes to send,
    seconds to wait, CLOSE, RESET, HOLD (open, and silent) or READ_END (until the other side ends);
    a function is called with the connection."""

    def __init__(self, address='127.0.0.1', port=0):
        family = socket.AF_INET6 if ':' in address else socket.AF_INET
        self.listener = socket.socket(family)
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind((address, port))
        self.listener.listen(1024)
        self.port = self.listener.getsockname()[1]
        self.address = f'[{address}]:{self.port}' if ':' in address else f'{address}:{self.port}'
        self.scripts, self.first, self.connections = {}, None, []
        self.lock = threading.Lock()
        self.accepting = threading.Thread(target=self.accept, daemon=True)
        self.accepting.start()

    def accept(self):
        """Until the listener is shut down."""
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection = Connection(sock)
            with self.lock:
                self.connections.append(connection)
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        """Requests of a connection, as RFC 9112 reads them."""
        pos = 0
        try:
            # Steps that a connection begins with.
            if self.first and not self.follow(connection, self.first):
                return
            while True:
                try:
                    request = read_message(bytes(connection.data), pos, STRICT)
                except Incomplete:
                    early = self.early(connection, pos)
                    if early is False or not connection.read():
                        break
                    continue
                except Garbage:
                    connection.sock.sendall(b'HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n'
                                            b'Connection: close\r\n\r\n')
                    break
                pos = request.end
                if not self.answer(connection, request):
                    return
            connection.sock.close()
        except OSError:
            connection.ended = connection.ended or 'reset'
            connection.sock.close()

    def early(self, connection, pos):
        """Steps of a target that begins with /early are taken when its head is there. Content that
        is offered is asked for."""
        head, end, content = bytes(connection.data[pos:]).partition(b'\r\n\r\n')
        words = head.split(b' ')
        if end and not content and b'\r\nexpect: 100-continue' in head.lower():
            connection.sock.sendall(b'HTTP/1.1 100 Continue\r\n\r\n')
        if not end or len(words) < 2 or not words[1].startswith(b'/early'):
            return None
        steps = self.scripts.pop(words[1].decode('latin-1'), None)
        return self.follow(connection, steps) if steps else None

    def answer(self, connection, request):
        """Whether the connection goes on."""
        target = target_of(request)
        steps = self.scripts.get(target)
        if steps is not None:
            return self.follow(connection, steps)
        text = b'%s %d' % (request.first, len(request.content))
        head = request.first.startswith(b'HEAD ')
        connection.sock.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s'
                                % (len(text), b'' if head else text))
        return True

    @staticmethod
    def follow(connection, steps):
        """Whether the connection goes on."""
        for step in steps:
            if step == CLOSE:
                connection.sock.close()
                return False
            if step == RESET:
                reset(connection.sock)
                return False
            if step in (HOLD, READ_END):
                while connection.read():
                    pass
                connection.sock.close()
                return False
            if callable(step):
                step(connection)
            elif isinstance(step, bytes):
                connection.sock.sendall(step)
            else:
                time.sleep(step)
        return True

    def take(self):
        """Bytes of all connections since the last time; those are closed."""
        with self.lock:
            connections, self.connections = self.connections, []
        for connection in connections:
            try:
                connection.sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        return [bytes(connection.data) for connection in connections]

    def close(self):
        """No more connections."""
        # A thread that waits in accept() does so on the descriptor's number again after any signal, as of a child's
        # end, and that may be the next origin's listener by then.
        self.listener.shutdown(socket.SHUT_RDWR)
        self.accepting.join()
        self.listener.close()
        self.take()

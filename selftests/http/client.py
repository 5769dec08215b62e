# SPDX-License-Identifier: GPL-2.0-or-later
"""A client that sends bytes as they are, and keeps what comes back."""

import socket
import ssl
import time

from messages import read_responses, status_of


class Client:
    """A connection, over TLS with the certificate in file @tls. @data: all that came; @ended: None, 'end' or
    'reset'."""

    def __init__(self, address, port, patience=5.0, tls=None):
        self.sock = socket.create_connection((address, port), patience)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls:
            self.sock = ssl.create_default_context(cafile=tls).wrap_socket(self.sock,
                                                                           server_hostname='www.example.com')
        self.data, self.ended, self.methods = b'', None, []

    def send(self, data, methods=('GET',)):
        """Bytes; the methods of the requests that begin in them. Whether they were taken."""
        self.methods += methods
        try:
            self.sock.sendall(data)
        except OSError:
            return False
        return True

    def read_once(self, patience):
        """Whether something came, be it the end."""
        self.sock.settimeout(max(patience, 0.001))
        try:
            more = self.sock.recv(1 << 20)
        except TimeoutError:
            return False
        except OSError:
            self.ended = 'reset'
            return True
        if not more:
            self.ended = 'end'
        self.data += more
        return True

    def responses(self):
        """Those that are whole, without 1xx."""
        found, _ = read_responses(self.data, self.methods, self.ended == 'end')
        return [response for response in found if status_of(response) >= 200]

    def read(self, patience, count=None, linger=0.05):
        """Until as many responses came as requests were sent, and @linger without more."""
        end = time.monotonic() + patience
        while not self.ended and time.monotonic() < end:
            if len(self.responses()) >= (len(self.methods) if count is None else count):
                if not self.read_once(linger):
                    break
            else:
                self.read_once(end - time.monotonic())
        return self.responses()

    def read_end(self, patience):
        """How it ended, None if it did not; what comes is dropped but for its last part."""
        end = time.monotonic() + patience
        while not self.ended and time.monotonic() < end:
            self.read_once(end - time.monotonic())
        return self.ended

    def close(self):
        """Its end."""
        self.sock.close()


def statuses(responses):
    """Their numbers."""
    return [status_of(response) for response in responses]

# SPDX-License-Identifier: GPL-2.0-or-later
"""Connections whose server goes, for programs that python_cases (python.sh) runs."""

import threading

from sluicetest import *


def set_server(version, index, *words, port=80, protocol='tcp'):
    """Change a server of the VIP's own pool."""
    adm('-e', option(protocol), endpoint(VIP[version], port), '-r',
        endpoint(server(version, index), port), *words)


def shown(version, index, port=80, protocol='tcp'):
    """A server of the VIP's own pool as it is listed."""
    return next(s for s in listing('server', 'show', option(protocol), endpoint(VIP[version], port))
                if s['address'] == server(version, index))


def pair_with(servers, index, address, port):
    """A connection that has this server: (client's socket, server's socket)."""
    while True:
        client, accepted, where = pair(servers, address, port)
        if where == index:
            return client, accepted
        reset(client)
        accepted.close()


def is_open(s):
    """Whether something can be sent on a TCP connection."""
    try:
        s.send(b'x')
        return True
    except OSError:
        return False


def settled(*ends):
    """Wait until nothing is to be acknowledged any more, so that neither end says anything by itself."""
    def unacknowledged(s):
        return struct.unpack_from('=I', s.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104), 24)[0]
    return until(10, lambda: not any(unacknowledged(s) for s in ends))


def ended(s, seconds=10):
    """How a TCP connection ends that nothing more is sent on: 'reset', 'closed' or 'open'."""
    s.settimeout(seconds)
    try:
        while s.recv(65536):
            pass
        return 'closed'
    except ConnectionResetError:
        return 'reset'
    except TimeoutError:
        return 'open'
    finally:
        s.settimeout(20)


def check_reset(name, s):
    start = time.monotonic()
    how = ended(s)
    note(f'{name}: {how} after {time.monotonic() - start:.3f} s')
    return check_eq(name, 'reset', how)


class Worker:
    """Something that goes on beside the test; go() does it, and says how it ended."""

    def __init__(self, *argv):
        self.how = None
        self.thread = threading.Thread(target=self._run, args=argv, daemon=True)
        self.thread.start()

    def _run(self, *argv):
        try:
            self.how = self.go(*argv)
        except (ConnectionResetError, BrokenPipeError):
            self.how = 'reset'
        except OSError as error:
            self.how = str(error)

    def wait(self, seconds=10):
        """How it ended; None where it has not."""
        self.thread.join(seconds)
        return self.how


class Pump(Worker):
    """Sends on a socket as much as goes."""

    def go(self, s):
        while True:
            s.send(bytes(16384))


class Taker(Worker):
    """Reads from a socket until the end."""

    got = 0

    def go(self, s):
        while True:
            data = s.recv(262144)
            if not data:
                return 'closed'
            self.got += len(data)

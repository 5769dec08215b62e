# SPDX-License-Identifier: GPL-2.0-or-later
"""Cases of hostile.py: servers. A case returns what is wrong, or None."""

import socket
import time

from client import statuses
from hostile_clients import HELD_MAX, MEMORY_MAX, SOON, get, post, whole_requests
from origin import CLOSE, HOLD, RESET

WHOLE = b'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabcde'


def ask(bed, target, allowed, seconds=SOON):
    """What is wrong with the answer to a request."""
    client = bed.client()
    began = time.monotonic()
    client.send(get(target))
    responses = client.read(seconds, linger=0)
    took = time.monotonic() - began
    client.close()
    if len(responses) != 1 or statuses(responses)[0] not in allowed:
        return f'{statuses(responses) or client.ended or "silence"} after {took:.1f} s'
    return None


def script(bed, *steps):
    """A target that is answered so."""
    target = bed.target()
    bed.origin.scripts[target] = steps
    return target


def byte_by_byte(bed):
    """an answer in segments of one byte is passed on."""
    return ask(bed, script(bed, *[step for byte in WHOLE for step in (bytes([byte]), 0.001)]), (200,))


def silent(bed):
    """a server that does not answer: 504 in time, and its connection ends."""
    wrong = ask(bed, script(bed, HOLD), (504,))
    end = time.monotonic() + SOON
    while not wrong and not all(each.ended for each in bed.origin.connections):
        if time.monotonic() > end:
            return 'its connection is still open'
        time.sleep(0.05)
    return wrong


def stops(bed):
    """a server that stops in content: the client can tell, in time."""
    client = bed.client()
    client.send(get(script(bed, b'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabcde', HOLD)))
    if not client.read_end(SOON):
        return f'the client still waits after {SOON} s'
    return 'it got a whole answer' if client.responses() and \
        statuses(client.responses()) == [200] else None


def closes_idle(bed):
    """connections that the server closed while they were idle cost no request."""
    for _ in range(30):
        wrong = ask(bed, bed.target(), (200,))
        if wrong:
            return wrong
        bed.origin.take()
    return None


def closes_reused(bed):
    """a connection that the server closes when its second request comes costs no request."""
    seen = set()

    def steps(connection):
        first = connection not in seen
        seen.add(connection)
        if not first:
            connection.sock.shutdown(socket.SHUT_RDWR)
            raise OSError
        connection.sock.sendall(WHOLE)
    for _ in range(30):
        wrong = ask(bed, script(bed, steps), (200,))
        if wrong:
            return wrong
    return None


def closes_get(bed):
    """a server that takes a request and closes, always: 502, after a few attempts."""
    wrong = ask(bed, script(bed, CLOSE), (502, 503))
    attempts = len(whole_requests(bed))
    return wrong or (f'{attempts} attempts' if attempts > bed.site.retries + 1 else None)


def resets_get(bed):
    """a server that takes a request and resets, always: 502, after a few attempts."""
    wrong = ask(bed, script(bed, RESET), (502, 503))
    attempts = len(whole_requests(bed))
    return wrong or (f'{attempts} attempts' if attempts > bed.site.retries + 1 else None)


def closes_post(bed):
    """a POST that a server took is not sent again."""
    client = bed.client()
    target = script(bed, CLOSE)
    client.send(post(target, 5) + b'abcde', ['POST'])
    responses = client.read(SOON)
    client.close()
    attempts = len(whole_requests(bed))
    if statuses(responses) != [502]:
        return f'{statuses(responses)}'
    return None if attempts == 1 else f'{attempts} attempts'


def does_not_read(bed):
    """a server that does not read content holds the client back, costs little and is given up."""
    sent, memory, most = 0, bed.device.memory(), 0
    bed.origin.first = [lambda connection: time.sleep(SOON + 2)]
    client = bed.client()
    client.send(post('/unread', 1 << 30), ['POST'])
    end = time.monotonic() + SOON
    ended = False
    while time.monotonic() < end and sent < HELD_MAX and not ended:
        client.sock.settimeout(0.2)
        try:
            sent += client.sock.send(bytes(65536))
        except TimeoutError:
            most = max(most, bed.device.memory() - memory)
        except OSError:
            ended = True
        # What is sent behind the answer may be dropped.
        ended = ended or client.read_once(0)
    client.close()
    if sent >= HELD_MAX:
        return f'{sent >> 20} MB were taken of the client'
    if most > MEMORY_MAX:
        return f'its memory grew by {most >> 20} MB'
    return None if ended else f'the client still waits after {SOON} s'


def refuses(bed):
    """a server that nobody listens on: 502 or 503, at once."""
    return ask(bed, '/', (502, 503), 4)


def one_refuses(bed):
    """a server that nobody listens on beside one that answers: no request fails."""
    for _ in range(20):
        wrong = ask(bed, bed.target(), (200,))
        if wrong:
            return wrong
    return None


def deaf(bed):
    """a server that takes no connections: 503 or 504, in time."""
    return ask(bed, '/', (503, 504, 502), 2 * SOON)


def deaf_address():
    """A port that is listened on, and whose queue is full."""
    listener = socket.socket()
    listener.bind(('127.0.0.1', 0))
    listener.listen(0)
    others = [listener]
    for _ in range(3):
        other = socket.socket()
        other.setblocking(False)
        other.connect_ex(listener.getsockname())
        others.append(other)
    KEPT.extend(others)
    return f'127.0.0.1:{listener.getsockname()[1]}'


def closed_address():
    """A port that nobody listens on: it is bound."""
    sock = socket.socket()
    sock.bind(('127.0.0.1', 0))
    KEPT.append(sock)
    return f'127.0.0.1:{sock.getsockname()[1]}'


KEPT = []
GROUPS = [({}, [byte_by_byte, silent, stops, closes_idle, closes_reused, closes_get, resets_get,
                closes_post, does_not_read]),
          ({'servers': [closed_address()]}, [refuses]),
          ({'servers': [closed_address(), None]}, [one_refuses]),
          ({'servers': [deaf_address()]}, [deaf])]

# SPDX-License-Identifier: GPL-2.0-or-later
"""Cases of hostile.py: clients. A case returns what is wrong, or None."""

import random
import socket
import threading
import time

from client import statuses
from messages import read_requests
from origin import reset

HOST = b'Host: www.example.com\r\n'
# What a time-out of a second may become on a busy machine.
SOON = 6
# More than any proxy holds back for one connection, with what the kernel holds in sockets.
HELD_MAX = 32 << 20
MEMORY_MAX = 16 << 20


def get(target, fields=b''):
    """A request."""
    return b'GET ' + target.encode() + b' HTTP/1.1\r\n' + HOST + fields + b'\r\n'


def post(target, length):
    """The head of a request with content."""
    return b'POST %s HTTP/1.1\r\n%sContent-Length: %d\r\n\r\n' % (target.encode(), HOST, length)


def ends(client, seconds, allowed):
    """What is wrong with how it ends: within a time, with one of these statuses or none."""
    began = time.monotonic()
    if not client.read_end(seconds):
        return f'the connection is open after {seconds} s'
    found = statuses(client.responses())
    if found and (len(found) > 1 or found[0] not in allowed):
        return f'answered {found} after {time.monotonic() - began:.1f} s'
    return None


def whole_requests(bed):
    """First lines of the requests that the server got whole."""
    return [request.first for data in bed.origin.take() for request in read_requests(data)[0]]


def slow_head(bed):
    """a head that comes byte by byte is cut off in time."""
    client = bed.client()
    began = time.monotonic()
    for byte in get('/slow', b'X: ' + b'y' * 1000 + b'\r\n'):
        if not client.send(bytes([byte]), []) or client.read_once(0.05) and client.ended:
            break
        if time.monotonic() - began > SOON:
            return f'still open after {SOON} s'
    client.methods = ['GET']
    return ends(client, SOON, (408, 400)) or (bed.origin.take() != [] and 'the server saw it' or None)


def silent_client(bed):
    """a client that says nothing is cut off."""
    return ends(bed.client(), SOON, (408,))


def idle_client(bed):
    """a client that says nothing more is cut off."""
    client = bed.client()
    client.send(get('/idle'))
    client.read(5, linger=0)
    client.data, client.methods = b'', []
    return ends(client, SOON, (408,))


def beside_slow(bed):
    """What is wrong with the answer of one client beside 300 slow ones, and how long it took."""
    slow = [bed.client() for _ in range(300)]
    for client in slow:
        client.send(get('/slow')[:-4])
    client = bed.client()
    began = time.monotonic()
    client.send(get('/quick'))
    found = statuses(client.read(5, linger=0))
    took = time.monotonic() - began
    wrong = None if found == [200] else f'it got {found} after {took:.1f} s'
    for each in slow:
        wrong = wrong or ends(each, SOON, (408, 400))
        each.close()
    client.close()
    return wrong, took


def many_slow(bed):
    """300 slow clients do not keep another one from its answer."""
    for _ in range(3):  # A busy machine is slow by chance, a proxy that waits for the slow ones is so each time.
        wrong, took = beside_slow(bed)
        if wrong or took < 0.9:
            return wrong
    return f'it took {took:.1f} s'


def slow_body(bed):
    """content that stops half way is cut off, and is no request for the server."""
    client = bed.client()
    client.send(post('/stops', 100) + b'0123456789', ['POST'])
    wrong = ends(client, SOON, (408, 400, 504))
    whole = whole_requests(bed)
    return wrong or (whole and f'the server got {whole}') or None


def steady_body(bed):
    """content that comes slowly, but never stops for long, is passed on."""
    client = bed.client()
    client.send(post('/steady', 10000), ['POST'])
    for _ in range(10):
        client.send(bytes(1000), [])
        time.sleep(0.3)
    responses = client.read(5)
    return None if statuses(responses) == [200] else f'it got {statuses(responses)}'


def reset_in_head(bed):
    """a reset in a head."""
    client = bed.client()
    client.send(get('/reset')[:-4])
    reset(client.sock)
    time.sleep(0.2)
    return bed.origin.take() != [] and 'the server saw it' or None


def reset_in_body(bed):
    """a reset in content, of which the server learns."""
    client = bed.client()
    client.send(post('/reset', 100) + b'0123456789', ['POST'])
    time.sleep(0.3)
    connections = list(bed.origin.connections)
    reset(client.sock)
    end = time.monotonic() + SOON
    while time.monotonic() < end and not all(each.ended for each in connections):
        time.sleep(0.05)
    if not all(each.ended for each in connections):
        return 'its connection is still open'
    whole = whole_requests(bed)
    return whole and f'the server got {whole}' or None


def half_close(bed):
    """a client that closes its half behind the request gets its answer."""
    client = bed.client()
    client.send(get('/half'))
    client.sock.shutdown(socket.SHUT_WR)
    responses = client.read(5)
    return None if statuses(responses) == [200] else f'it got {statuses(responses)}'


def cut_short(bed, request):
    """A client that closes its half in content: what is wrong."""
    client = bed.client()
    client.send(request, ['POST'])
    client.sock.shutdown(socket.SHUT_WR)
    wrong = ends(client, SOON, (400, 408, 502))
    whole = whole_requests(bed)
    return wrong or (whole and f'the server got {whole}') or None


def half_close_in_length(bed):
    """a client that closes its half in content makes no whole request of it."""
    return cut_short(bed, post('/cut', 100) + b'0123456789')


def half_close_in_chunks(bed):
    """a client that closes its half between chunks makes no whole request of it."""
    return cut_short(bed, b'POST /cut HTTP/1.1\r\n' + HOST
                     + b'Transfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n')


def large(bed, sent):
    """Script of a target: 100 MB, counting what was taken."""
    def steps(connection):
        connection.sock.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n' % (100 << 20))
        try:
            for _ in range(1600):
                connection.sock.sendall(bytes(65536))
                sent.append(65536)
        except OSError:
            sent.append(0)
            raise
    target = bed.target()
    bed.origin.scripts[target] = [steps]
    return target


def no_reader(bed):
    """a client that does not read holds the server back, costs little and is cut off."""
    sent, memory = [], bed.device.memory()
    client = bed.client()
    client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
    client.send(get(large(bed, sent)))
    end = time.monotonic() + SOON
    most = 0
    while time.monotonic() < end and not (sent and sent[-1] == 0):
        most = max(most, bed.device.memory() - memory)
        time.sleep(0.05)
    client.close()
    if sum(sent) > HELD_MAX:
        return f'{sum(sent) >> 20} MB were taken of the server'
    if most > MEMORY_MAX:
        return f'its memory grew by {most >> 20} MB'
    if not sent or sent[-1] != 0:
        return f'the server still sends after {SOON} s'
    return None


def reset_in_answer(bed):
    """a reset in an answer, of which the server learns."""
    sent = []
    client = bed.client()
    client.send(get(large(bed, sent)))
    client.sock.recv(1000)
    reset(client.sock)
    end = time.monotonic() + SOON
    while time.monotonic() < end and not (sent and sent[-1] == 0):
        time.sleep(0.05)
    return None if sent and sent[-1] == 0 else 'the server still sends'


def endless_head(bed):
    """a head without end is refused before it is large."""
    client = bed.client()
    sent = client.send(b'GET /endless HTTP/1.1\r\n' + HOST) and 0
    while sent < 8 << 20 and not client.ended:
        if not client.send(b'X: yyyyyyyyyyyyyyyyyyyyyyyy\r\n' * 100, []):
            break
        sent += 2900
        client.read_once(0)
    client.methods = ['GET']
    if sent >= 8 << 20:
        return f'{sent >> 20} MB of it were taken'
    return ends(client, SOON, (431, 400))


def endless_trailers(bed):
    """trailers without end are refused, or dropped, in bounded memory and time."""
    memory, sent = bed.device.memory(), 0
    client = bed.client()
    client.send(b'POST /endless HTTP/1.1\r\n' + HOST + b'Transfer-Encoding: chunked\r\n\r\n0\r\n',
                ['POST'])
    while sent < 16 << 20 and not client.ended and not client.responses():
        if not client.send(b'X: yyyyyyyyyyyyyyyyyyyyyyyy\r\n' * 1000, []):
            break
        sent += 29000
        client.read_once(0)
    most = bed.device.memory() - memory
    client.close()
    return f'its memory grew by {most >> 20} MB' if most > MEMORY_MAX else None


def noise(bed):
    """bytes by chance are refused, and no request for the server."""
    chance = random.Random(6)
    for _ in range(30):
        client = bed.client()
        client.send(chance.randbytes(chance.randrange(1, 4000)))
        wrong = ends(client, SOON, (400, 408, 431, 501, 505, 414))
        client.close()
        if wrong:
            return wrong
    return bed.origin.take() != [] and 'the server saw some' or None


def single_bytes(bed):
    """a request in segments of one byte is served."""
    client = bed.client()
    for byte in get('/bytes'):
        client.send(bytes([byte]), [])
    client.methods = ['GET']
    responses = client.read(5)
    return None if statuses(responses) == [200] else f'it got {statuses(responses)}'


def pipeline(bed):
    """1,000 requests at once are answered in their order."""
    client = bed.client()
    targets = [bed.target() for _ in range(1000)]
    threading.Thread(target=client.sock.sendall, daemon=True,
                     args=(b''.join(get(target) for target in targets),)).start()
    wanted = b''.join(b'GET %s HTTP/1.1 0' % target.encode() for target in targets)
    end = time.monotonic() + 30
    got = b''
    while time.monotonic() < end and not client.ended and got != wanted:
        client.read_once(1)
        client.methods = ['GET'] * 1001
        if client.data.count(b' HTTP/1.1 0') >= len(targets):
            got = b''.join(response.content for response in client.responses())
            break
    return None if got == wanted else f'{client.data.count(b" HTTP/1.1 0")} answers, or not in order'


def pipeline_unread(bed):
    """requests without end from a client that reads no answer cost little."""
    memory, sent = bed.device.memory(), 0
    client = bed.client()
    client.sock.settimeout(0.5)
    many = get('/unread') * 500
    try:
        while sent < HELD_MAX:
            sent += client.sock.send(many)
    except OSError:
        pass
    most = bed.device.memory() - memory
    client.close()
    if sent >= HELD_MAX:
        return f'{sent >> 20} MB of requests were taken'
    return f'its memory grew by {most >> 20} MB' if most > MEMORY_MAX else None


def expect_later(bed):
    """content that waits for 100 Continue is asked for, and passed on."""
    client = bed.client()
    client.send(b'POST /later HTTP/1.1\r\n' + HOST
                + b'Expect: 100-continue\r\nContent-Length: 5\r\n\r\n', ['POST'])
    end = time.monotonic() + 1.5
    while time.monotonic() < end and b'100 Continue' not in client.data:
        client.read_once(0.1)
    asked = client.data.startswith(b'HTTP/1.1 100')
    client.send(b'abcde', [])
    responses = client.read(5)
    if statuses(responses) != [200]:
        return f'it got {statuses(responses)}'
    return None if asked else 'it was not asked for'


def silent_after_refusal(bed):
    """a client that goes on sending after it was refused does not lose the answer."""
    client = bed.client()
    client.send(b'GET / HTTP/1.1\r\nHost: a\r\nBad Name: x\r\n\r\n' + b'x' * 100000)
    wrong = ends(client, SOON, (400,))
    return wrong or (None if statuses(client.responses()) == [400] else 'the answer was lost')


GROUPS = [({}, [slow_head, silent_client, idle_client, many_slow, slow_body, steady_body, reset_in_head, reset_in_body,
                half_close, half_close_in_length, half_close_in_chunks, no_reader, reset_in_answer,
                endless_head, endless_trailers, noise, single_bytes, pipeline, pipeline_unread,
                expect_later, silent_after_refusal]),
          ({'address': '::1'}, [single_bytes, half_close])]

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Delayed binding, segment by segment: what clients and servers send in any order, and what they get.
# Targets: uml uml-debug
# Timeout: 200
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

load_sluice
setup_balancer 2
python_cases <<'EOP'
from rawtcp import *

setup_raw()
for v in VERSIONS:
    sniff_service(v, 80, 'http', [server(v, 0)])
HEAD = b'GET / HTTP/1.1\r\nHost: a.example\r\nX-Filler: ' + b'x' * 100 + b'\r\n\r\n'
# A server's own numbers are others than those that the client was promised.
servers = {v: Servers(v, 'tcp', 80, [S[0]]) for v in VERSIONS}


def accept(v, seconds=10):
    try:
        _, accepted, peer = servers[v].accept(seconds)
        return accepted, peer
    except TimeoutError as error:
        note(error)
        return None, None


def read(accepted, size):
    data = b''
    accepted.settimeout(10)
    try:
        while len(data) < size:
            more = accepted.recv(size - len(data))
            if not more:
                break
            data += more
    except OSError as error:
        note(error)
    return data


def finish(c, accepted, head):
    """The server answers HEAD, and both sides end: what the client got."""
    accepted.sendall(b'answer')
    got = c.collect(6)
    accepted.close()
    c.send(flags=FIN | ACK, seq=len(head), ack=6)
    c.receive(5, lambda s: s.flags & FIN)
    c.send(seq=len(head) + 1, ack=7)
    c.close()
    return got


def whole(name, v, c, head=HEAD, expected=None):
    """A server got all of the head and nothing else, and its answer arrives."""
    accepted, peer = accept(v)
    if not accepted:
        check(name, False)
        return
    c.next = len(head)
    got = read(accepted, len(expected or head))
    passed = (peer, got, finish(c, accepted, head)) == (
        (RAW_CLIENT[v], c.sport), expected or head, b'answer')
    check(name, passed, f'{peer} {got}')


def say_raw(c, accepted, seq):
    """One byte to the server, and one back."""
    c.send(b'x', seq=seq)
    if read(accepted, 1) != b'x':
        return False
    accepted.sendall(b'y')
    answer = c.receive(5, lambda s: s.data)
    return answer and answer.data == b'y'


def count(reason):
    return refusals().get(reason, 0)


for v in VERSIONS:
    def begin(**words):
        c = RawClient(v, 80, **words)
        c.answer = c.shake()
        return c

    c = begin()
    o = c.answer.options
    check(f'IPv{v}: a SYN with all options gets all of them',
          (o.get('sack'), o.get('stamp', (0, 0))[1]) == (True, 1000001) and
          o.get('scale', 0) > 0, c.answer)
    check_eq(f'IPv{v}: while no server is known, the MSS that every host takes',
             536 if v == 4 else 1220, o.get('mss'))
    c.send(HEAD, ACK | PSH)
    whole(f'IPv{v}: a head in one segment', v, c)
    c = begin()
    check_eq(f'IPv{v}: then that of the servers', 1460 if v == 4 else 1440,
             c.answer.options.get('mss'))
    c.send(HEAD)
    whole(f'IPv{v}: and all goes on', v, c)

    c = begin(stamps=False, scale=7, sack=True)
    check_eq(f'IPv{v}: without timestamps nothing but the MSS is agreed on', ['mss'],
             list(c.answer.options))
    c.send(HEAD)
    whole(f'IPv{v}: and a head arrives', v, c)

    c = begin()
    for i in range(0, len(HEAD), 7):
        c.send(HEAD[i:i + 7], seq=i)
    whole(f'IPv{v}: a head in many small segments', v, c)

    c = begin()
    pieces = [(i, HEAD[i:i + 40]) for i in range(0, len(HEAD), 40)]
    for i, piece in pieces[::-1]:
        c.send(piece, seq=i)
        c.send(piece, seq=i)
    whole(f'IPv{v}: in the wrong order, and each twice', v, c)

    c = begin()
    c.send(HEAD[50:100], seq=50)
    c.send(HEAD[:30])
    # What came first counts: this has other bytes where there are some already.
    c.send(HEAD[30:50] + b'!' * 50 + HEAD[100:], seq=30)
    whole(f'IPv{v}: overlapping ones, the first bytes count', v, c)

    c = begin()
    c.send(HEAD[:20])
    ack = c.receive(5, lambda s: s.ack == 20)
    check(f'IPv{v}: half a head is acknowledged after a while', ack and not ack.flags & (RST | FIN), ack)
    c.send(b'!' * 20)
    c.send(HEAD[20:], seq=20)
    whole(f'IPv{v}: and the rest after that', v, c)

    c = RawClient(v, 80)
    c.shake(HEAD[:60])
    c.send(HEAD)
    whole(f'IPv{v}: data with the SYN is not taken, and comes again', v, c)

    body = os.urandom(12000)
    post = b'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 12000\r\n\r\n' + body
    c = begin()
    for i in range(0, len(post), 1400):
        c.send(post[i:i + 1400], seq=i)
    whole(f'IPv{v}: a body close behind the head', v, c, post)

    # With a window of nothing there is no answer, until it opens.
    c = begin()
    c.send(HEAD, window=0)
    accepted, _ = accept(v)
    check(f'IPv{v}: a client without a window', accepted and read(accepted, len(HEAD)) == HEAD)
    accepted.sendall(b'answer')
    check(f'IPv{v}: gets nothing', not c.receive(0.3, lambda s: len(s.data) > 1))
    c.send(seq=len(HEAD))
    check_eq(f'IPv{v}: until it opens', b'answer', c.collect(6))
    accepted.close()
    c.close()

    # Selective acknowledgements are about the server's own numbers.
    c = begin()
    c.send(HEAD)
    accepted, _ = accept(v)
    read(accepted, len(HEAD))
    accepted.sendall(b'a' * 1000)
    accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    first = c.receive(5, lambda s: s.data)
    accepted.sendall(b'b' * 1000)
    second = c.receive(5, lambda s: s.data and s.seq > 0)
    c.send(seq=len(HEAD), ack=0, blocks=[(c.theirs + 1 + 1000, c.theirs + 1 + 2000)])
    check_eq(f'IPv{v}: the server takes a selective acknowledgement for its own', 1,
             until(10, lambda: struct.unpack_from(
                 'I', accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104), 8 + 4 * 7)[0]))
    c.next = len(HEAD)
    c.send(seq=len(HEAD), ack=2000)
    accepted.close()
    c.close()

    # A client that goes.
    before = count('closed')
    c = begin()
    c.send(HEAD[:30], FIN | ACK)
    answer = c.receive(5, lambda s: s.data or s.flags & RST)
    check(f'IPv{v}: half a head and the end: 400', answer and answer.data.startswith(b'HTTP/1.1 400 '), answer)
    check_eq(f'IPv{v}: and it is counted', before + 1, count('closed'))
    c.close()
    c = begin()
    c.send(HEAD[:30])
    c.send(flags=RST, seq=30)
    check_eq(f'IPv{v}: a reset in the middle of a head is counted, too', before + 2,
             until(5, lambda: count('closed') == before + 2 and before + 2) or count('closed'))
    c.close()
    c = begin()
    c.send(HEAD, FIN | ACK)
    accepted, _ = accept(v)
    check(f'IPv{v}: a whole head and the end arrive both',
          accepted and read(accepted, len(HEAD) + 1) == HEAD)
    accepted.sendall(b'answer')
    c.next = len(HEAD) + 1
    check_eq(f'IPv{v}: and the answer', b'answer', c.collect(6))
    accepted.close()
    c.close()

    # Numbers that are nobody's.
    c = begin()
    c.send(HEAD, seq=100000)
    c.send(HEAD, ack=12345)
    c.send(flags=RST, seq=40000)
    c.send(HEAD)
    whole(f'IPv{v}: segments and resets out of the window change nothing', v, c)

    c = RawClient(v, 80)
    c.theirs = 4711
    c.send(HEAD, stamp=(1, 1 << 31))
    answer = c.receive(5)
    check(f'IPv{v}: data without a handshake are reset', answer and answer.flags & RST, answer)
    c.close()

    c = begin()
    c.send(b'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n')
    answer = c.receive(5, lambda s: s.data)
    check(f'IPv{v}: an ambiguous head is refused: 400, and the end',
          answer and answer.data.startswith(b'HTTP/1.1 400 ') and answer.flags & FIN, answer)
    c.close()

    # A window that becomes smaller than what was sent into it.
    c = begin(stamps=False)
    c.send(b'GET / HTTP/1.1\r\n\r\n', window=1)
    first = c.receive(5, lambda s: s.data)
    c.send(seq=18, window=0)
    c.send(seq=18, window=0)
    more = c.receive(0.5, lambda s: s.data and s.seq)
    check(f'IPv{v}: a window that shrinks gets no more than the answer', first and first.data == b'H' and
          not more, f'{first}, then {more}')
    c.next = 18
    c.send(seq=18, ack=1)
    got = c.collect(1000, 1, have=first.data) if first else b''
    head, _, text = got.partition(b'\r\n\r\n')
    check_eq(f'IPv{v}: and then the rest of it', (b'HTTP/1.1 400 Bad Request', b'400 Bad Request\n'),
             (head.split(b'\r\n')[0], text))
    c.close()

    # Nobody shakes hands with a server but we: not on a connection that is, nor on one that was reset.
    c = begin()
    c.send(HEAD)
    accepted, _ = accept(v)
    read(accepted, len(HEAD))
    d = RawClient(v, 80, sport=c.sport)
    for _ in range(4):
        # As often as a client would: a server does not say everything twice in half a second.
        d.send(flags=SYN, seq=-1, **d.syn)
        answer = d.receive(3, lambda s: s.flags & SYN or s.flags == ACK)
        if answer:
            break
    check(f'IPv{v}: a SYN on a connection is told that there is one',
          answer and not answer.flags & SYN and servers[v].quiet(), answer)
    c.next = len(HEAD)
    check(f'IPv{v}: which goes on', say_raw(c, accepted, len(HEAD)))
    c.send(flags=RST, seq=len(HEAD) + 1)
    try:
        accepted.recv(1)
        check(f'IPv{v}: a reset gets through', False)
    except OSError as error:
        check_eq(f'IPv{v}: a reset gets through', 'Connection reset by peer', error.strerror)
    accepted.close()
    d = begin(sport=c.sport)
    check(f'IPv{v}: after it a SYN is answered here', d.answer and servers[v].quiet(), d.answer)
    d.send(HEAD)
    whole(f'IPv{v}: and a head is judged again', v, d)

    # A reset that is not exact, in the middle of it all.
    c = begin()
    c.send(HEAD[:30])
    c.send(flags=RST, seq=-1)
    c.send(flags=RST, seq=100)
    c.send(HEAD[30:], seq=30)
    whole(f'IPv{v}: resets that are not exact change nothing', v, c)

    # A new connection from the same port, while the first one is only begun.
    c = begin()
    c.send(HEAD[:30])
    d = begin(sport=c.sport)
    d.send(HEAD)
    whole(f'IPv{v}: a client that begins anew from the same port', v, d)

# All at once: they only wait, as long as even a busy machine needs to send half a head.
settings('head-timeout=3s')
before = count('head-timeout')
half, silent = ({v: RawClient(v, 80) for v in VERSIONS} for _ in range(2))
for c in half.values():
    c.shake()
    c.send(HEAD[:30])
for c in silent.values():
    c.shake()
for v in VERSIONS:
    answer = half[v].receive(10, lambda s: s.data)
    check(f'IPv{v}: who does not end gets 408', answer and answer.data.startswith(b'HTTP/1.1 408 '), answer)
    answer = silent[v].receive(10, lambda s: s.flags & RST)
    check(f'IPv{v}: who says nothing is reset after a while', answer, answer)
check_eq('all are counted', before + 4, count('head-timeout'))
for c in (*half.values(), *silent.values()):
    c.close()
for s in servers.values():
    s.close()
EOP

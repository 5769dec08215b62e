#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# TLS records that no client should send, at each moment of a request: what was not authentic reaches nobody, nothing is said in clear, it ends as documented or goes on, and others are served.
# Targets: uml uml-debug
# Timeout: 300
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

need_module tls
load_sluice
load_ktls
setup_balancer 2
python_cases <<'EOP'
from sluicetest import *
from relay import *
from tls_records import *

GET = b'GET / HTTP/1.1\r\nHost: a.test\r\n\r\n'
OK = b'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n'
# No server is to get it, nor the first half of it.
EVIL = b'Evil-Evil-'
family = Family()
VERSION = {3: 4, 2: 6}
listening, servers = {}, {}
for minor, v in VERSION.items():
    Origin(S[1], v, 8001).label = 'other'
    relay_service(VIP[v], 443, pools=[(f'p-{v}', [(server(v, 0), 8000)])], routes=[f'all pool p-{v}'])
    relay_service(VIP[v], 80, pools=[(f'q-{v}', [(server(v, 1), 8001)])], routes=[f'all pool q-{v}'])
    family.config(VIP[v], 80, listen=1)
    # Tests beside this one may keep the processor busy for as long as they last.
    family.config(VIP[v], 443, head=200000, idle=200000, body=200000)
    listening[v] = listen(B, v, 443, VIP[v])
    servers[v] = listen(S[0], v, 8000)


class Problem(Exception):
    """What was not as it has to be."""


def want(that, *why):
    if not that:
        raise Problem(' '.join(str(each) for each in why))


def come(minor):
    """A client whose keys are invented, in the kernel's hands."""
    v = VERSION[minor]
    c = Records(connect(v, VIP[v], 443), minor)
    near, _ = listening[v].accept()
    c.serve(near)
    error, said = family.hand(near, VIP[v], 443, tls=True)
    near.close()
    want(not error, 'not handed over:', said)
    return Reader(c)


def idle():
    """Nobody keeps a processor busy."""
    with open('/proc/stat', encoding='ascii') as file:
        return [sum(map(int, line.split()[4:6])) for line in file if re.match(r'cpu\d', line)]


def quiet():
    before = idle()
    return until(60, lambda: all(b > a for a, b in zip(before, idle())))


class Bench:
    """A client of TLS 1.MINOR that has come to a state; .first was said to come there, and has to be passed on at most."""

    def __init__(self, minor, state):
        self.state, self.v, self.server = state, VERSION[minor], None
        self.c = come(minor)
        self.t = self.c.sock
        self.first, self.whole, self.rest = STATES[state]
        self.passed = b''

    def accept(self):
        s, _ = servers[self.v].accept()
        s.settimeout(20)
        self.server = Reader(s)

    def ask(self):
        """A request, and its answer."""
        self.t.sendall(GET)
        self.answer()

    def answer(self, content=b''):
        if not self.server:
            self.accept()
        head = self.server.head()
        want(head, 'the server got no request')
        length = int(head[1].get('content-length', ['0'])[0])
        want(self.server.exactly(length) == content, 'the server got another content')
        self.server.sock.sendall(OK + b'0123456789')
        got = self.c.response()
        want(got and got[2] == b'0123456789', 'no answer:', got)

    def arrive(self):
        """Where it was said to come to, it is."""
        if self.state == 'head':
            want(until(20, lambda: family.phase('head')), 'part of a head was not read')
        elif self.state in ('body', 'chunk', 'response'):
            self.accept()
            want(self.server.until(b'\r\n\r\n'), 'the server got no head')
            wanted = {'body': b'abcdefghij', 'chunk': b'a\r\nabcdefghij', 'response': b''}[self.state]
            self.passed = self.server.exactly(len(wanted))
            want(self.passed == wanted, 'the server got', self.passed)
        if self.state == 'response':
            self.server.sock.sendall(OK + b'01234')
            want(self.c.head(), 'no head of a response')
            want(self.c.exactly(5) == b'01234', 'no response')

    def go_on(self):
        """All that is left of the request, and one more."""
        if self.state == 'response':
            self.server.sock.sendall(b'56789')
            want(self.c.exactly(5) == b'56789', 'the response does not go on')
        elif self.state in ('body', 'chunk'):
            self.t.sendall(self.rest)
            if not self.server:
                self.accept()
                want(self.server.until(b'\r\n\r\n'), 'the server got no head')
            end = self.whole[len(self.passed):]
            got = self.server.exactly(len(end))
            want(got == end, 'the server got', got)
            self.server.sock.sendall(OK + b'0123456789')
            got = self.c.response()
            want(got and got[2] == b'0123456789', 'no answer:', got)
        elif self.state == 'head':
            self.t.sendall(self.rest)
            self.answer()
        self.ask()

    def end(self):
        """How it ends for the client: 'in order', 'reset'; and what data came before."""
        data = self.c.data
        self.c.data = b''
        try:
            while got := self.t.recv(65536):
                data += got
            want(self.t.silent(), 'something came behind the end')
            return 'in order', data
        except (ConnectionResetError, BrokenPipeError):
            return 'reset', data
        except ConnectionAbortedError as e:
            return str(e), data
        except TimeoutError:
            return 'nothing', data

    def server_end(self):
        """How it ends for the server that has a request, and all it got; without one, None."""
        if not self.server:
            servers[self.v].settimeout(0)
            try:
                self.accept()
            except BlockingIOError:
                return None, b''
            finally:
                servers[self.v].settimeout(20)
        try:
            while self.server.more():
                pass
            return 'closed', self.server.data
        except ConnectionResetError:
            return 'reset', self.server.data

    def close(self):
        self.t.close()
        if self.server:
            self.server.sock.close()
        self.server = None


# What is said to come there; what the server gets of the content, if it goes on; what is said to go on.
STATES = {
    'idle': (b'', b'', b''),
    'kept': (b'', b'', b''),
    'head': (b'GET / HTTP/1.1\r\nHost: a.te', b'', b'st\r\n\r\n'),
    'body': (b'POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 20\r\n\r\nabcdefghij', b'abcdefghijklmnopqrst', b'klmnopqrst'),
    'chunk': (b'POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\na\r\nabcdefghij\r\na',
              b'a\r\nabcdefghij\r\na\r\nklmnopqrst\r\n0\r\n\r\n', b'\r\nklmnopqrst\r\n0\r\n\r\n'),
    'response': (GET, b'', b''),
}
RESET, FLOODED, ENDS, OVER, GOES_ON = 'reset', 'is reset', 'ends', 'over', 'goes on'
# How it is for the client: FLOODED is authentic, and too much; ENDS is a message that nobody can follow, OVER the end of what the client says.
IN_ORDER = {ENDS: ('idle', 'kept', 'head', 'response'), OVER: ('idle', 'kept', 'head', 'response')}


def play(minor, state, make, outcome, together):
    """One case; what is wrong, or ''."""
    records = family.stats()['records']
    b = Bench(minor, state)
    try:
        if state == 'kept':
            b.ask()
        first = b.t.seal(b.first) if b.first else b''
        bad = make(b.t)
        fin = bad.endswith(FIN)
        bad = bad.removesuffix(FIN)
        # Nobody is to read on behind what broke the connection.
        if outcome in (RESET, ENDS) and not fin:
            bad += b.t.seal(EVIL)
        if together:
            b.t.sock.sendall(first + bad)
        else:
            if first:
                b.t.sock.sendall(first)
            b.arrive()
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                b.t.sock.sendall(bad)
        if fin:
            b.t.sock.shutdown(socket.SHUT_WR)
        got = ask(others[b.v])
        want(got and got[0] == 200, 'another client is not served:', got)
        if outcome == GOES_ON:
            want(quiet(), 'a processor is busy')
            b.go_on()
            b.t.sock.sendall(b.t.seal(CLOSE_NOTIFY, ALERT))
            b.state = 'kept'
        elif state == 'response':
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                b.server.sock.sendall(b'56789')
        how, data = b.end()
        in_order = outcome == GOES_ON or state in IN_ORDER.get(outcome, ())
        want(how == ('in order' if in_order else 'reset'), f'it ended {how}, after', data)
        if state == 'response' and outcome != GOES_ON:
            want(data == b'56789' if in_order else b'56789'.startswith(data), 'the response was', data)
        else:
            want(data == b'', 'it got', data)
        how, data = b.server_end()
        want(b'vil' not in data, 'the server got', data)
        if outcome != GOES_ON:
            want((b.passed + data.partition(b'\r\n\r\n')[2] if not b.passed else b.passed + data).startswith(b.passed), data)
            if state in ('body', 'chunk'):
                want(how in ('reset', None), 'for the server it was', how)
        b.close()
        want(until(20, lambda: family.stats()['clients'] == len(others)), 'it is still there:', family.stats())
        return ''
    except (Problem, NotAuthentic, OSError) as e:
        b.close()
        # No other case is to get what is left of it.
        with contextlib.suppress(OSError):
            while b.server_end()[0]:
                b.close()
        return f'{type(e).__name__}: {e}'
    finally:
        b.close()


FIN = b'and FIN'


def handshake(kind, content, length=None):
    return bytes([kind]) + (len(content) if length is None else length).to_bytes(3, 'big') + content


def broken(record, at=-1):
    record = bytearray(record)
    record[at] ^= 1
    return bytes(record)


def repeated(t):
    """The same twice: what is right is right once."""
    record = t.seal(b'', DATA)
    return record + record


CASES = [
    # Alerts.
    ('a fatal alert', lambda t: t.seal(b'\2\50', ALERT), RESET),
    ('a warning', lambda t: t.seal(b'\1\144', ALERT), RESET),
    ('an alert of unknown level and kind', lambda t: t.seal(b'\7\143', ALERT), RESET),
    ('an alert of one byte', lambda t: t.seal(b'\1', ALERT), RESET),
    ('an alert in two records', lambda t: t.seal(b'\1', ALERT) + t.seal(b'\0', ALERT), RESET),
    ('an alert without bytes', lambda t: t.seal(b'', ALERT), RESET),
    ('a long alert', lambda t: t.seal(b'\2\50' + bytes(5000), ALERT), RESET),
    ('user_canceled', lambda t: t.seal(b'\1\132', ALERT), GOES_ON),
    ('close_notify', lambda t: t.seal(CLOSE_NOTIFY, ALERT), OVER),
    ('close_notify of unknown level', lambda t: t.seal(b'\7\0', ALERT), OVER),
    ('data behind close_notify', lambda t: t.seal(CLOSE_NOTIFY, ALERT) + t.seal(EVIL), OVER),
    ('an alert in clear', lambda t: b'\25\3\3\0\2\2\50', RESET),
    # Messages of the handshake.
    ('NewSessionTicket', lambda t: t.seal(handshake(4, bytes(200)), HANDSHAKE), ENDS),
    ('Finished', lambda t: t.seal(handshake(20, bytes(32)), HANDSHAKE), ENDS),
    ('ClientHello', lambda t: t.seal(handshake(1, bytes(16000)), HANDSHAKE), ENDS),
    ('a message without bytes', lambda t: t.seal(b'', HANDSHAKE), ENDS),
    ('half a message', lambda t: t.seal(handshake(20, b'', 32), HANDSHAKE), ENDS),
    ('KeyUpdate, for which there are no keys', lambda t: t.seal(handshake(24, b'\1'), HANDSHAKE), ENDS),
    ('KeyUpdate with another request', lambda t: t.seal(handshake(24, b'\2'), HANDSHAKE), ENDS),
    ('KeyUpdate without its byte', lambda t: t.seal(handshake(24, b''), HANDSHAKE), ENDS),
    ('KeyUpdate that is too long', lambda t: t.seal(handshake(24, b'\0\0'), HANDSHAKE), ENDS),
    ('KeyUpdate in two records', lambda t: t.seal(b'\30\0\0', HANDSHAKE) + t.seal(b'\1\0', HANDSHAKE), ENDS),
    ('KeyUpdate and more', lambda t: t.seal(2 * handshake(24, b'\0'), HANDSHAKE), ENDS),
    # Other records.
    ('a record of an unknown type', lambda t: t.seal(EVIL, 99), ENDS),
    ('ChangeCipherSpec', lambda t: t.seal(b'\1', 20), ENDS),
    ('a record without bytes', lambda t: t.seal(b''), GOES_ON),
    ('60 of them', lambda t: b''.join(t.seal(b'') for _ in range(60)), GOES_ON),
    ('hundreds of them', lambda t: b''.join(t.seal(b'') for _ in range(500)), FLOODED),
    # With the close_notify that follows there are as many as may be.
    ('63 alerts without use', lambda t: b''.join(t.seal(b'\1\132', ALERT) for _ in range(63)), GOES_ON),
    ('65 alerts without use', lambda t: b''.join(t.seal(b'\1\132', ALERT) for _ in range(65)), RESET),
    # What was not made with the keys, or is no record.
    ('a wrong tag', lambda t: broken(t.seal(EVIL)), RESET),
    ('a wrong byte', lambda t: broken(t.seal(EVIL), 15), RESET),
    ('a record twice', repeated, RESET),
    ('a record out of order', lambda t: (t.seal(EVIL), t.seal(EVIL))[1], RESET),
    ('a record that is too long', lambda t: t.seal(EVIL + bytes(16385)), RESET),
    ('a length that no record has', lambda t: b'\27\3\3\xff\xff' + EVIL, RESET),
    ('a record that is too short', lambda t: b'\27\3\3\0\3abc', RESET),
    ('a record of another version', lambda t: b'\27\3\1' + t.seal(EVIL)[3:], RESET),
    ('a request in clear', lambda t: GET, RESET),
    ('half a record and FIN', lambda t: t.seal(EVIL)[:-3] + FIN, OVER),
    ('half a head of a record and FIN', lambda t: t.seal(EVIL)[:3] + FIN, OVER),
    ('FIN', lambda t: FIN, OVER),
]
CASES_1_3 = [
    ('padding alone, with a type', lambda t: t.seal(b'', DATA, 1000), GOES_ON),
    ('zeros alone', lambda t: t.seal(b'', 0, 100), RESET),
]

others = {v: client(v) for v in VERSIONS}
for v in VERSIONS:
    ask(others[v])
# Where nothing was said before, and where it was answered, there is nothing to be together with.
PLAYS = [(state, together) for state in STATES for together in (False, True)[:2 if state in ('head', 'body', 'chunk') else 1]]
for minor, v in VERSION.items():
    for i, (name, make, outcome) in enumerate(CASES + (CASES_1_3 if minor == 3 else [])):
        wrong = []
        for state, together in PLAYS if minor == 3 else PLAYS[i % 2::2]:
            if problem := play(minor, state, make, outcome, together):
                wrong.append(f'{state}, {"together" if together else "apart"}: {problem}')
        check(f'TLS 1.{minor}: {name}: {outcome}', not wrong, '\n'.join(wrong))
note(family.stats())
EOP

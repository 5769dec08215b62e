#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Stratum relay without TLS: each request of a connection goes where its route says, framed anew, in order, whatever the content.
# Targets: uml uml-debug
# Timeout: 300
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

load_sluice
load_ktls
setup_balancer 3
python_cases <<'EOP'
from sluicetest import *
from relay import *

family = Family()
origins = {}
for v in VERSIONS:
    for i in range(3):
        origins[v, i] = Origin(S[i], v, 8000)
        origins[v, i].label = f's{i}'
    relay_service(VIP[v], 80, pools=[(f'p{i}-{v}', [(server(v, i), 8000)]) for i in range(3)], routes=[
        f'secret prefix /secret reject 403', f'old host old.test redirect 308', f'moved prefix /moved redirect 308',
        f'one prefix /one pool p1-{v}', f'two header x-two=yes pool p2-{v}', f'all pool p0-{v}'])
    check_eq(f'IPv{v}: it listens', (0, ''), family.config(VIP[v], 80, listen=1, websocket=1, add=7))


def case(name):
    return f'IPv{v}: {name}'


for v in VERSIONS:
    c = client(v)
    got = ask(c)
    check_eq(case('a request is answered by the server of its route'), (200, ['s0'], b's0 / e3b0c44298fc1c14'),
             got and (got[0], got[1].get('x-server'), got[2]))
    first, fields = origins[v, 0].requests[-1]
    check_eq(case('the server is told who asks'), ('GET / HTTP/1.1', [CLIENT[v]], ['http'], ['a.test'], 1),
             (first, fields.get('x-forwarded-for'), fields.get('x-forwarded-proto'), fields.get('host'),
              len(fields.get('x-request-id', []))))
    got = [ask(c, f'/{path}', fields=more) for path, more in
           (('one', ''), ('', ''), ('x', 'X-Two: yes\r\n'), ('one/b', ''), ('', ''))]
    check_eq(case('each request of a connection takes its own way'), ['s1', 's0', 's2', 's1', 's0'],
             [each and each[1]['x-server'][0] for each in got])
    check_eq(case('connections to servers are used again'), ['0', '1', '0', '1', '2'],
             [each and each[1]['x-request'][0] for each in got])
    ask(c, fields='X-Forwarded-For: 1.2.3.4\r\nx-forwarded-PROTO: https\r\nForwarded: for=1.2.3.4\r\nConnection: x-a\r\nX-A: b\r\n')
    fields = origins[v, 0].requests[-1][1]
    check_eq(case('what a client says of itself is not passed on'), ([CLIENT[v]], ['http'], None, None),
             (fields.get('x-forwarded-for'), fields.get('x-forwarded-proto'), fields.get('x-a'), fields.get('connection')))

    for size in (0, 1, 100, 5000, 70000, 3000000):
        body = pattern(size)
        wanted = hashlib.sha256(body).hexdigest()[:16]
        got = ask(c, '/up', 'POST', f'Content-Length: {size}\r\n', body)
        check_eq(case(f'{size} bytes up'), f's0 /up {wanted}', got and got[2].decode())
        chunks = b''.join(b'%x\r\n%s\r\n' % (len(body[i:i + 9999]), body[i:i + 9999]) for i in range(0, size, 9999))
        got = ask(c, '/up', 'POST', 'Transfer-Encoding: chunked\r\n', chunks + b'0\r\n\r\n')
        check_eq(case(f'{size} bytes up in chunks'), f's0 /up {wanted}', got and got[2].decode())
        got = ask(c, f'/bytes/{size}')
        check(case(f'{size} bytes down'), got and got[2] == body)
    got = ask(c, '/chunks/3/1000')
    check(case('1,000 small chunks down'), got and got[2] == pattern(3) * 1000)
    check_eq(case('and their trailer'), b'X-Sum: 1\r\n', c.trailers)
    # More than are moved in one turn.
    got = ask(c, '/up', 'POST', 'Transfer-Encoding: chunked\r\n', b''.join(b'1\r\n%c\r\n' % byte for byte in pattern(1000)) + b'0\r\n\r\n')
    check_eq(case('and up'), f's0 /up {hashlib.sha256(pattern(1000)).hexdigest()[:16]}', got and got[2].decode())
    got = ask(c, '/chunks/300000/5')
    check(case('five large chunks down'), got and got[2] == pattern(300000) * 5)

    got = ask(c, fields='X-Large: ' + 'b' * 12000 + '\r\n')
    check_eq(case('a large head'), (200, 12000), got and (got[0], len(origins[v, 0].requests[-1][1].get('x-large', [''])[0])))
    got = ask(c, '/bytes/1000', 'HEAD')
    check_eq(case('HEAD has a length and no content'), (200, ['1000'], b''), got and (got[0], got[1].get('content-length'), got[2]))
    check_eq(case('204 and 304 have none'), [204, 304], [ask(c, f'/status/{status}')[0] for status in (204, 304)])
    got = ask(c, '/up', 'PUT', 'Expect: 100-continue\r\nContent-Length: 5\r\n', b'12345')
    check_eq(case('100 Continue is passed on'), ([100], 200), (c.interim, got and got[0]))
    got = ask(c, '/secret/x')
    check_eq(case('a route that rejects'), (403, b'403 Forbidden\n'), got and (got[0], got[2]))
    got = ask(c, '/a?b=c', host='old.test')
    check_eq(case('a route that redirects'), (308, ['https://old.test/a?b=c']), got and (got[0], got[1].get('location')))
    check_eq(case('the connection goes on after these'), 200, ask(c)[0])

    c.sock.sendall(b''.join(f'GET /{path}/{i} HTTP/1.1\r\nHost: a.test\r\n\r\n'.encode()
                            for i in range(50) for path in ('one', 'zero')))
    got = [c.response() for _ in range(100)]
    check_eq(case('pipelined requests are answered in order'),
             [f's{1 - n % 2} /{("one", "zero")[n % 2]}/{n // 2} e3b0c44298fc1c14'.encode() for n in range(100)],
             [each and each[2] for each in got])

    c = client(v)
    check_eq(case('a response without length ends with the connection'), (200, b'until the end'),
             ask(c, '/close')[::2])
    c = client(v)
    got = ask(c, '/chunks/100/10', version='1.0')
    check_eq(case('HTTP/1.0 gets no chunks'), (200, pattern(100) * 10, None),
             got and (got[0], got[2], got[1].get('transfer-encoding')))
    c = client(v)
    c.sock.sendall(b'GET /moved?b=c HTTP/1.0\r\n\r\n')
    got = c.response()
    where = VIP[v] if v == 4 else f'[{VIP[v]}]'
    check_eq(case('HTTP/1.0 without a host is redirected to where it came to'), (308, [f'https://{where}/moved?b=c']),
             got and (got[0], got[1].get('location')))
    c = client(v)
    c.sock.sendall(b'GET /half HTTP/1.1\r\nHost: a.test\r\n\r\n')
    c.sock.shutdown(socket.SHUT_WR)
    got = c.response()
    check_eq(case('a client that ends its half gets its answer'), 200, got and got[0])
    check_eq(case('and the end'), b'', c.rest())

    bad = {'bare LF': b'GET / HTTP/1.1\nHost: a\n\n', 'both lengths': b'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
           'a bad chunk': b'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n0\r\n\r\n', 'no host': b'GET / HTTP/1.1\r\n\r\n',
           'a long head': b'GET / HTTP/1.1\r\nHost: a\r\nX: ' + b'y' * 20000}
    for name, data in bad.items():
        c = client(v)
        c.sock.sendall(data)
        got = c.response()
        check_eq(case(f'{name} is refused'), 431 if name == 'a long head' else 400, got and got[0])
        check_eq(case(f'{name}: and that is the end'), b'', c.rest())
    # For clients that come from now on.
    family.config(VIP[v], 80, head=2000)
    c = client(v)
    c.sock.sendall(b'GET / HT')
    got = c.response()
    check_eq(case('half a head is waited for, not for ever'), 408, got and got[0])
    family.config(VIP[v], 80, head=10000)

    c = client(v)
    origins[v, 0].handle = lambda reader, first, fields, n: (
        reader.sock.sendall(b'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nhello'),
        reader.sock.sendall(reader.exactly(5).upper()), False)[2]
    got = ask(c, '/chat', fields='Upgrade: websocket\r\nConnection: Upgrade\r\n')
    check_eq(case('WebSocket is switched to'), (101, ['websocket']), got and (got[0], got[1].get('upgrade')))
    c.sock.sendall(b'12abc')
    check_eq(case('and bytes go both ways'), b'hello12ABC', c.rest())
    origins[v, 0].handle = origins[v, 0].usual

    # As large a chunk as there may be, behind another one: its line is as long as any.
    raw = listen(S[0], v, 8200)
    relay_service(VIP[v], 82, pools=[(f'raw-{v}', [(server(v, 0), 8200)])], routes=[f'all pool raw-{v}'])
    family.config(VIP[v], 82, listen=1)
    sender = connect(v, VIP[v], 82)
    chunks = b'1\r\nA\r\n1000000000000000\r\nhello'
    sender.sendall(b'POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n' + chunks)
    accepted, _ = raw.accept()
    accepted.settimeout(10)
    got = b''
    while not got.endswith(b'hello'):
        more = accepted.recv(65536)
        if not more:
            break
        got += more
    check_eq(case('the line of a chunk of 2^60 bytes'), chunks, got.partition(b'\r\n\r\n')[2])
    for s in (sender, accepted, raw):
        s.close()
note(family.stats())
c.sock.close()
check('nobody is left', until(30, lambda: family.stats()['clients'] == 0), family.stats())
EOP

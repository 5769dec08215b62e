# SPDX-License-Identifier: GPL-2.0-or-later
"""Requests that two programs may take for two things, and what has to become of each.

TARGET in a case is replaced by a path of its own; a request that is hidden in another one asks for
/smuggled."""

import collections

# @raw: what the client sends; @expect: refused(), passed() or either(); @sent: so many requests, at most
Case = collections.namedtuple('Case', 'name raw expect sent')
# @statuses: of the answer; none: the connection may be closed without one
Refused = collections.namedtuple('Refused', 'statuses')
# @first: of the request at the server; @has, @lacks: in its head, in lower case; @statuses of answers
Passed = collections.namedtuple('Passed', 'method content has lacks statuses')

HOST = b'Host: www.example.com\r\n'
HIDDEN = b'GET /smuggled HTTP/1.1\r\nHost: www.example.com\r\n\r\n'


def refused(*statuses):
    """Nothing of it reaches the server."""
    return (Refused(statuses or (400,)),)


def passed(method='GET', content=b'', has=(), lacks=(), statuses=(200,)):
    """It is one request at the server."""
    return (Passed(method, content, has, lacks, statuses),)


def either(*statuses, **what):
    """One of both: programs may choose."""
    return refused(*statuses) + passed(**what)


def get(fields=b'', line=b'GET TARGET HTTP/1.1'):
    """A request without content."""
    return line + b'\r\n' + HOST + fields + b'\r\n'


def post(fields, content):
    """A request with content."""
    return b'POST TARGET HTTP/1.1\r\n' + HOST + fields + b'\r\n' + content


def chunked(coding, content=b'0\r\n\r\n', length=b''):
    """A request with a field Transfer-Encoding in whatever spelling."""
    return post(coding + b'\r\n' + length, content)


def chunks(body):
    """A request in these chunks."""
    return chunked(b'Transfer-Encoding: chunked', body)


def case(name, raw, expect, sent=1):
    """A line of the table."""
    return Case(name, raw, expect, sent)


def length(value, content=b'abcde'):
    """A request whose length is written in some way."""
    return post(b'Content-Length: ' + value + b'\r\n', content + HIDDEN)


NO_SMUGGLED = {'lacks': (b'/smuggled',)}
POSTED = {'method': 'POST', 'content': b'abcde'}

LENGTH_AND_CODING = [
    case('Content-Length and chunked, the rest hidden by the length',
         post(b'Content-Length: %d\r\nTransfer-Encoding: chunked\r\n' % (5 + len(HIDDEN)),
              b'0\r\n\r\n' + HIDDEN), refused()),
    case('chunked and Content-Length, the rest hidden by the length',
         post(b'Transfer-Encoding: chunked\r\nContent-Length: %d\r\n' % (5 + len(HIDDEN)),
              b'0\r\n\r\n' + HIDDEN), refused()),
    case('Content-Length and chunked, the rest hidden in a chunk',
         post(b'Content-Length: 4\r\nTransfer-Encoding: chunked\r\n',
              b'%x\r\n' % len(HIDDEN) + HIDDEN + b'\r\n0\r\n\r\n'), refused()),
    case('Content-Length and an unknown coding',
         post(b'Content-Length: 5\r\nTransfer-Encoding: xchunked\r\n', b'abcde'), refused(400, 501)),
    case('Content-Length: 0 and chunked',
         post(b'Content-Length: 0\r\nTransfer-Encoding: chunked\r\n', b'0\r\n\r\n'), refused()),
]

_HIDING = {'content': b'0\r\n\r\n' + HIDDEN, 'length': b'Content-Length: %d\r\n' % (5 + len(HIDDEN))}
CODINGS = [
    case('chunked twice', chunked(b'Transfer-Encoding: chunked, chunked'), refused()),
    case('chunked in two fields',
         chunked(b'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked'), refused()),
    case('chunked, then identity in a second field',
         chunked(b'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity', **_HIDING), refused()),
    case('chunked is not the last coding', chunked(b'Transfer-Encoding: chunked, gzip'), refused()),
    case('gzip, chunked', chunked(b'Transfer-Encoding: gzip, chunked'), refused(501, 400)),
    case('identity', chunked(b'Transfer-Encoding: identity', **_HIDING), refused(400, 501)),
    case('xchunked', chunked(b'Transfer-Encoding: xchunked', **_HIDING), refused(400, 501)),
    case('chunked in quotes', chunked(b'Transfer-Encoding: "chunked"', **_HIDING), refused(400, 501)),
    case('chunked with a parameter', chunked(b'Transfer-Encoding: chunked;a=b', **_HIDING),
         refused(400, 501)),
    case('an empty coding first', chunked(b'Transfer-Encoding: ,chunked'), either()),
    case('no coding', chunked(b'Transfer-Encoding:', **_HIDING), refused(400, 501)),
    case('chunked in capitals', chunked(b'TRANSFER-encoding: CHUNKED', b'5\r\nabcde\r\n0\r\n\r\n'),
         either(400, 501, **POSTED)),
    case('a space before the colon', chunked(b'Transfer-Encoding : chunked', **_HIDING), refused()),
    case('a tab before the value', chunked(b'Transfer-Encoding:\tchunked',
                                           b'5\r\nabcde\r\n0\r\n\r\n'), either(**POSTED)),
    case('a vertical tab before the value', chunked(b'Transfer-Encoding: \x0bchunked', **_HIDING),
         refused(400, 501)),
    case('NUL behind the value', chunked(b'Transfer-Encoding: chunked\x00', **_HIDING),
         refused(400, 501)),
    case('a control behind the name', chunked(b'Transfer-Encoding\x01: chunked', **_HIDING), refused()),
    case('folded', chunked(b'Transfer-Encoding:\r\n chunked', **_HIDING), refused(400, 501)),
    case('folded into another field', chunked(b'X: y\r\n Transfer-Encoding: chunked', **_HIDING),
         refused()),
    case('Transfer_Encoding', chunked(b'Transfer_Encoding: chunked', **_HIDING),
         either(400, method='POST', lacks=(b'transfer_encoding',), content=_HIDING['content'])),
    case('behind a bare LF', chunked(b'X: y\nTransfer-Encoding: chunked', **_HIDING), refused()),
    case('behind a bare CR', chunked(b'X: y\rTransfer-Encoding: chunked', **_HIDING), refused()),
    case('behind NUL', chunked(b'X: y\x00\r\nTransfer-Encoding: chunked', **_HIDING), refused()),
    case('chunked in HTTP/1.0',
         b'POST TARGET HTTP/1.0\r\n' + HOST + b'Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n' + HIDDEN,
         refused()),
    case('removed by Connection',
         post(b'Transfer-Encoding: chunked\r\nConnection: Transfer-Encoding\r\n', b'0\r\n\r\n'),
         either(method='POST')),
]

LENGTHS = [
    case('a length', length(b'5', b'abcde').replace(HIDDEN, b''), passed(**POSTED)),
    case('two lengths that differ',
         post(b'Content-Length: 5\r\nContent-Length: %d\r\n' % (5 + len(HIDDEN)), b'abcde' + HIDDEN),
         refused()),
    case('two lengths that differ, the first longer',
         post(b'Content-Length: %d\r\nContent-Length: 5\r\n' % (5 + len(HIDDEN)), b'abcde' + HIDDEN),
         refused()),
    case('two equal lengths',
         post(b'Content-Length: 5\r\nContent-Length: 5\r\n', b'abcde'), either(**POSTED)),
    case('a list of equal lengths', post(b'Content-Length: 5, 5\r\n', b'abcde'), refused()),
    case('a list of lengths that differ', length(b'5, 60'), refused()),
    case('a plus sign', length(b'+5'), refused()),
    case('a minus sign', length(b'-5'), refused()),
    case('minus zero', length(b'-0', b''), refused()),
    case('hexadecimal', length(b'0x5'), refused()),
    case('an underscore', length(b'5_0'), refused()),
    case('a space inside', length(b'5 0'), refused()),
    case('a point', length(b'5.0'), refused()),
    case('an exponent', length(b'5e0'), refused()),
    case('quotes', length(b'"5"'), refused()),
    case('empty', length(b'', b''), refused()),
    case('a word', length(b'five'), refused()),
    case('2^64 and more', length(b'18446744073709551621'), refused(400, 413)),
    case('2^63', length(b'9223372036854775808'), refused(400, 413)),
    case('zeros before it', length(b'0005', b'abcde').replace(HIDDEN, b''), either(**POSTED)),
    case('a space before its colon', post(b'Content-Length : 5\r\n', b'abcde' + HIDDEN), refused()),
    case('a tab in its name', post(b'Content-Length\t: 5\r\n', b'abcde' + HIDDEN), refused()),
    case('folded length', post(b'Content-Length:\r\n 5\r\n', b'abcde'), refused()),
    case('Content_Length', post(b'Content_Length: %d\r\nContent-Length: 5\r\n' % (5 + len(HIDDEN)),
                                b'abcde'),
         either(lacks=(b'content_length',), **POSTED)),
    case('removed by Connection, as a hop of its own',
         post(b'Content-Length: 5\r\nConnection: Content-Length\r\n', b'abcde'), either(**POSTED)),
    case('GET with content', get(b'Content-Length: %d\r\n' % len(HIDDEN)) + HIDDEN,
         either(400, content=HIDDEN)),
    case('a NUL behind the length', length(b'5\x00'), refused()),
    case('non-breaking space before the length', length(b'\xa05'), refused()),
]

CHUNKS = [
    case('chunks', chunks(b'5\r\nabcde\r\n0\r\n\r\n'), passed(**POSTED)),
    case('two chunks, digits of both cases',
         chunks(b'0A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n'),
         passed('POST', b'01234567890123456789')),
    case('an extension', chunks(b'5;a=b\r\nabcde\r\n0\r\n\r\n'), passed(**POSTED)),
    case('an extension in quotes', chunks(b'5;a="b;c"\r\nabcde\r\n0;x\r\n\r\n'), passed(**POSTED)),
    case('LF in an extension',
         chunks(b'5;a\nabcde\r\n%x\r\n' % len(HIDDEN) + HIDDEN + b'\r\n0\r\n\r\n'), refused()),
    case('CR in an extension', chunks(b'5;a\rb\r\nabcde\r\n0\r\n\r\n'), refused()),
    case('an extension with LF in quotes', chunks(b'5;a="\n"\r\nabcde\r\n0\r\n\r\n'), refused()),
    case('a size with 0x', chunks(b'0x5\r\nabcde\r\n0\r\n\r\n' + HIDDEN), refused()),
    case('a size with a sign', chunks(b'+5\r\nabcde\r\n0\r\n\r\n'), refused()),
    case('a negative size', chunks(b'-1\r\nabcde\r\n0\r\n\r\n'), refused()),
    case('a size with an underscore', chunks(b'0_5\r\nabcde\r\n0\r\n\r\n'), refused()),
    case('a space before the size', chunks(b' 5\r\nabcde\r\n0\r\n\r\n'), refused()),
    case('a space behind the size', chunks(b'5 \r\nabcde\r\n0\r\n\r\n'), either(**POSTED)),
    case('no size', chunks(b'\r\nabcde\r\n0\r\n\r\n'), refused()),
    case('a size of 2^64 and 5', chunks(b'10000000000000005\r\nabcde\r\n0\r\n\r\n' + HIDDEN),
         refused(400, 413)),
    case('a size that ends in LF', chunks(b'5\nabcde\r\n0\r\n\r\n'), refused()),
    case('a size that ends in CR', chunks(b'5\rabcde\r\n0\r\n\r\n'), refused()),
    case('data that end in LF', chunks(b'5\r\nabcde\n0\r\n\r\n'), refused()),
    case('data without an end', chunks(b'5\r\nabcde0\r\n\r\n'), refused()),
    case('more data than the size', chunks(b'5\r\nabcdefgh\r\n0\r\n\r\n'), refused()),
    case('the last chunk ends in LF', chunks(b'5\r\nabcde\r\n0\n\r\n'), refused()),
    case('the trailer section ends in LF', chunks(b'5\r\nabcde\r\n0\r\n\n'), refused()),
    case('a trailer', chunks(b'5\r\nabcde\r\n0\r\nX-Check: 1\r\n\r\n'), passed(**POSTED)),
    case('trailers that frame',
         chunks(b'5\r\nabcde\r\n0\r\nContent-Length: 60\r\nTransfer-Encoding: chunked\r\n\r\n'),
         either(lacks=(b'content-length: 60',), **POSTED)),
    case('a trailer that names a host', chunks(b'5\r\nabcde\r\n0\r\nHost: other.example\r\n\r\n'),
         either(lacks=(b'other.example',), **POSTED)),
    case('a trailer without colon', chunks(b'5\r\nabcde\r\n0\r\nGET /smuggled HTTP/1.1\r\n\r\n'),
         either(lacks=(b'/smuggled',), **POSTED)),
    case('a trailer with a space before its colon', chunks(b'5\r\nabcde\r\n0\r\nX : y\r\n\r\n'),
         either(lacks=(b'x : y',), **POSTED)),
    case('a folded trailer', chunks(b'5\r\nabcde\r\n0\r\nX: y\r\n z\r\n\r\n'),
         either(**POSTED)),
    case('an extension of 20 kB', chunks(b'5;' + b'a' * 20000 + b'\r\nabcde\r\n0\r\n\r\n'),
         either(400, 413, 431, **POSTED)),
    case('trailers of 100 kB', chunks(b'5\r\nabcde\r\n0\r\n' + b'X: y\r\n' * 17000 + b'\r\n'),
         either(400, 413, 431, **POSTED)),
]

HOSTS = [
    case('no Host', b'GET TARGET HTTP/1.1\r\nAccept: */*\r\n\r\n', refused()),
    case('no Host in HTTP/1.0', b'GET TARGET HTTP/1.0\r\n\r\n', passed()),
    case('two Hosts', get(b'Host: other.example\r\n'), refused()),
    case('two equal Hosts', get(HOST), refused()),
    case('an empty Host', b'GET TARGET HTTP/1.1\r\nHost:\r\n\r\n', either()),
    case('Host with a space before its colon', b'GET TARGET HTTP/1.1\r\nHost : a\r\n\r\n', refused()),
    case('Host folded', b'GET TARGET HTTP/1.1\r\nHost:\r\n www.example.com\r\n\r\n', refused()),
    case('a list in Host', b'GET TARGET HTTP/1.1\r\nHost: a.example, b.example\r\n\r\n', refused()),
    case('user information in Host', b'GET TARGET HTTP/1.1\r\nHost: a@b.example\r\n\r\n', refused()),
    case('a path in Host', b'GET TARGET HTTP/1.1\r\nHost: a.example/b\r\n\r\n', refused()),
    case('NUL in Host', b'GET TARGET HTTP/1.1\r\nHost: a\x00b\r\n\r\n', refused()),
    case('Host and absolute form are one',
         get(line=b'GET http://www.example.com/TARGET HTTP/1.1').replace(b'/TARGET', b'TARGET'),
         passed(lacks=(b'get http://',), has=(b'host: www.example.com',))),
    case('Host and absolute form differ',
         b'GET http://www.example.comTARGET HTTP/1.1\r\nHost: other.example\r\n\r\n',
         either(lacks=(b'other.example',))),
    case('absolute form with user information', get(line=b'GET http://a:b@www.example.comTARGET HTTP/1.1'),
         refused()),
    case('absolute form of another scheme', get(line=b'GET ftp://www.example.comTARGET HTTP/1.1'),
         refused()),
]

LINES = [
    case('bare LF everywhere', b'GET TARGET HTTP/1.1\nHost: www.example.com\n\n', refused()),
    case('bare LF behind the first line', b'GET TARGET HTTP/1.1\n' + HOST + b'\r\n', refused()),
    case('bare LF for the empty line', b'GET TARGET HTTP/1.1\r\n' + HOST + b'\nX: y\r\n\r\n', refused()),
    case('bare CR for the empty line', b'GET TARGET HTTP/1.1\r\n' + HOST + b'\rX: y\r\n\r\n', refused()),
    case('CR CR LF', get(b'X: y\r\r\n'), refused()),
    case('NUL in a value', get(b'X: a\x00b\r\n'), refused()),
    case('NUL in a name', get(b'X\x00Y: a\r\n'), refused()),
    case('NUL in the target', get(line=b'GET TARGET\x00 HTTP/1.1'), refused()),
    case('DEL in a value', get(b'X: a\x7f\r\n'), either()),
    case('folded field', get(b'X: a\r\n b\r\n'), refused()),
    case('white space before the first field', b'GET TARGET HTTP/1.1\r\n X: y\r\n' + HOST + b'\r\n',
         refused()),
    case('a field without colon', get(b'Foo\r\n'), refused()),
    case('a field without name', get(b': bar\r\n'), refused()),
    case('a space in a name', get(b'Foo bar: baz\r\n'), refused()),
    case('a bracket in a name', get(b'Foo[]: bar\r\n'), refused()),
    case('an empty line before', b'\r\n' + get(), passed()),
    case('two spaces in the first line', get(line=b'GET  TARGET HTTP/1.1'), refused()),
    case('a tab in the first line', get(line=b'GET\tTARGET HTTP/1.1'), refused()),
    case('a space behind the version', get(line=b'GET TARGET HTTP/1.1 '), refused()),
    case('a second version behind', get(line=b'GET TARGET HTTP/1.1 HTTP/1.1'), refused()),
    case('a fragment', get(line=b'GET TARGET#a HTTP/1.1'), refused()),
    case('bytes over 127 in the target', get(line=b'GET TARGET/\xc3\xa4 HTTP/1.1'), either()),
    case('HTTP/0.9', b'GET TARGET\r\n', refused(400, 505)),
    case('HTTP/1.2', get(line=b'GET TARGET HTTP/1.2'), either(505, 400)),
    case('HTTP/2.0', get(line=b'GET TARGET HTTP/2.0'), refused(505, 400)),
    case('http/1.1 in lower case', get(line=b'GET TARGET http/1.1'), refused()),
    case('the preface of HTTP/2', b'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', refused(400, 505, 0)),
    case('a TLS ClientHello', b'\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03' + bytes(512),
         refused(400, 0)),
    case('a method with a bracket', get(line=b'G[T TARGET HTTP/1.1'), refused()),
    case('a method in lower case', get(line=b'get TARGET HTTP/1.1'), either(400, 405, 501, method='get')),
    case('a method with digits', get(line=b'M-SEARCH2 TARGET HTTP/1.1'),
         either(400, 405, 501, method='M-SEARCH2')),
    case('bytes of no protocol', bytes(range(128, 256)) * 4 + b'\r\n\r\n', refused(400, 0)),
]

METHODS = [
    case('OPTIONS *', b'OPTIONS * HTTP/1.1\r\n' + HOST + b'\r\n', either(400, 405, method='OPTIONS')),
    case('GET *', b'GET * HTTP/1.1\r\n' + HOST + b'\r\n', refused()),
    case('CONNECT', b'CONNECT www.example.com:443 HTTP/1.1\r\nHost: www.example.com:443\r\n\r\n',
         refused(400, 403, 404, 405, 501)),
    case('CONNECT with a length', b'CONNECT www.example.com:443 HTTP/1.1\r\n'
         b'Host: www.example.com:443\r\nContent-Length: 5\r\n\r\nabcde', refused(400, 403, 405, 501)),
    case('HEAD', get(line=b'HEAD TARGET HTTP/1.1'), passed('HEAD')),
    case('HEAD with content', b'HEAD TARGET HTTP/1.1\r\n' + HOST + b'Content-Length: 5\r\n\r\nabcde',
         either(400, method='HEAD', content=b'abcde')),
    case('TRACE', get(line=b'TRACE TARGET HTTP/1.1'), either(400, 405, 501, method='TRACE')),
    case('HTTP/1.0 with content and keep-alive',
         b'POST TARGET HTTP/1.0\r\n' + HOST + b'Connection: keep-alive\r\nContent-Length: 5\r\n\r\nabcde',
         passed(**POSTED)),
]

CONNECTIONS = [
    case('two requests at once', get() + get(), passed(statuses=(200, 200)), 2),
    case('a request behind content', post(b'Content-Length: 5\r\n', b'abcde') + get(),
         passed(statuses=(200, 200), **POSTED), 2),
    case('a request behind chunks', chunks(b'5\r\nabcde\r\n0\r\n\r\n') + get(),
         passed(statuses=(200, 200), **POSTED), 2),
    case('a request behind Connection: close', get(b'Connection: close\r\n') + HIDDEN, passed()),
    case('a request behind close among others', get(b'Connection: foo, close\r\n') + HIDDEN, passed()),
    case('a request behind HTTP/1.0', b'GET TARGET HTTP/1.0\r\n' + HOST + b'\r\n' + HIDDEN, passed()),
    case('a request hidden in content', post(b'Content-Length: %d\r\n' % len(HIDDEN), HIDDEN),
         passed('POST', HIDDEN)),
    case('Connection removes a field', get(b'Connection: X-Secret\r\nX-Secret: 1\r\n'),
         passed(lacks=(b'x-secret',))),
    case('Connection removes Host', get(b'Connection: Host\r\n'), either(has=(b'host:',))),
    case('Connection removes Cookie', get(b'Connection: Cookie\r\nCookie: a=b\r\n'), either()),
    case('Keep-Alive, TE and Proxy-Connection stay here',
         get(b'Connection: keep-alive, TE\r\nKeep-Alive: timeout=5\r\nTE: trailers\r\n'
             b'Proxy-Connection: keep-alive\r\n'), passed(lacks=(b'proxy-connection', b'timeout=5'))),
    case('no token in Connection', get(b'Connection: clo se\r\n'), either()),
    case('Upgrade: h2c',
         get(b'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n'),
         passed(lacks=(b'h2c', b'http2-settings'))),
    case('Upgrade: websocket, not allowed here',
         get(b'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n'
             b'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n'),
         either(400, 403, 426, 501, lacks=(b'upgrade: websocket',))),
    case('Upgrade and a hidden request',
         get(b'Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: %d\r\n' % len(HIDDEN))
         + HIDDEN, either(400, content=HIDDEN)),
    case('Expect: 100-continue', post(b'Expect: 100-continue\r\nContent-Length: 5\r\n', b'abcde'),
         passed(**POSTED)),
    case('Expect: 100-continue in capitals',
         post(b'expect: 100-CONTINUE\r\nContent-Length: 5\r\n', b'abcde'), either(417, **POSTED)),
    case('an unknown expectation', post(b'Expect: 200-ok\r\nContent-Length: 5\r\n', b'abcde'),
         either(417, 400, **POSTED)),
    case('an expectation with a folded line',
         post(b'Expect: 100-continue\r\n Content-Length: 5\r\n', b'abcde'), refused(400, 417)),
    case('Expect without content', get(b'Expect: 100-continue\r\n'), passed()),
    case('Expect with a hidden request',
         post(b'Expect: 100-continue\r\nContent-Length: %d\r\n' % len(HIDDEN), HIDDEN),
         passed('POST', HIDDEN)),
]

SPOOFS = [
    case('X-Forwarded-For of a stranger', get(b'X-Forwarded-For: 10.9.8.7\r\n'),
         passed(lacks=(b'10.9.8.7',))),
    case('X_Forwarded_For', get(b'X_Forwarded_For: 10.9.8.7\r\n'), either(lacks=(b'10.9.8.7',))),
    case('Forwarded of a stranger', get(b'Forwarded: for=10.9.8.7\r\n'), passed(lacks=(b'10.9.8.7',))),
]

SIZES = [
    case('a head of 100 kB', get(b'X: ' + b'a' * 100000 + b'\r\n'), refused(431, 400)),
    case('a target of 100 kB', get(line=b'GET TARGET?' + b'a' * 100000 + b' HTTP/1.1'),
         refused(414, 400, 431)),
    case('1,000 fields', get(b'X: y\r\n' * 1000), refused(431, 400)),
    case('a method of 1 kB', get(line=b'A' * 1000 + b' TARGET HTTP/1.1'), refused(400, 405, 501)),
]

GROUPS = {
    'length and coding': LENGTH_AND_CODING, 'codings': CODINGS, 'lengths': LENGTHS, 'chunks': CHUNKS,
    'hosts': HOSTS, 'lines': LINES, 'methods': METHODS, 'connections': CONNECTIONS,
    'who the client is': SPOOFS, 'sizes': SIZES,
}

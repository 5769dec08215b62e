# SPDX-License-Identifier: GPL-2.0-or-later
"""Answers of a server that is broken or hostile, and what clients may get to see of them.

An outcome is a status and content, or '200 cut' where the client can tell that it is not whole. After
each, the next requests of this client and of another one get what is theirs."""

import collections

from origin import CLOSE, HOLD, RESET

# @steps: as in origin.py, for the answer; @expect: outcomes, of which any is right
Case = collections.namedtuple('Case', 'name steps expect method version')

BAD = ('502',)
WHOLE = ('200 abcde',)
OTHER = b'HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\npoisoned'


def case(name, steps, expect, method='GET', version='1.1'):
    """A line of the table; steps may be nothing but bytes."""
    return Case(name, steps if isinstance(steps, list) else [steps], expect, method, version)


def answer(fields, content=b'abcde', line=b'HTTP/1.1 200 OK'):
    """A response."""
    return line + b'\r\n' + fields + b'\r\n' + content


def with_length(text):
    """Content-Length written in some way."""
    return answer(b'Content-Length: ' + text + b'\r\n')


def chunks(content, coding=b'Transfer-Encoding: chunked\r\n'):
    """A response in chunks."""
    return answer(coding, content)


GOOD_CHUNKS = b'5\r\nabcde\r\n0\r\n\r\n'
LENGTH = b'Content-Length: 5\r\n'
CUT = ('200 cut', '502')

FRAMING = [
    case('a length', answer(LENGTH), WHOLE),
    case('chunks', chunks(GOOD_CHUNKS), WHOLE),
    case('until the end', [answer(b''), CLOSE], WHOLE),
    case('until the end, HTTP/1.0', [answer(b'', line=b'HTTP/1.0 200 OK'), CLOSE], WHOLE),
    case('length and chunked', chunks(GOOD_CHUNKS, LENGTH + b'Transfer-Encoding: chunked\r\n'), BAD),
    case('chunked and length', chunks(GOOD_CHUNKS, b'Transfer-Encoding: chunked\r\n' + LENGTH), BAD),
    case('two lengths that differ', answer(LENGTH + b'Content-Length: 6\r\n'), BAD),
    case('two lengths that differ, and another response in the longer',
         answer(LENGTH + b'Content-Length: %d\r\n' % (5 + len(OTHER)), b'abcde' + OTHER), BAD),
    case('two equal lengths', answer(LENGTH * 2), BAD + WHOLE),
    case('a list of lengths', with_length(b'5, 5'), BAD + WHOLE),
    case('a length with a sign', with_length(b'+5'), BAD),
    case('a negative length', with_length(b'-5'), BAD),
    case('a hexadecimal length', with_length(b'0x5'), BAD),
    case('a length with an underscore', with_length(b'0_5'), BAD),
    case('an empty length', with_length(b''), BAD),
    case('a length of 2^64 and 5', with_length(b'18446744073709551621'), BAD),
    case('a space before the colon of the length', answer(b'Content-Length : 5\r\n'), BAD + WHOLE),
    case('a folded length', answer(b'Content-Length:\r\n 5\r\n'), BAD + WHOLE),
    case('xchunked', chunks(GOOD_CHUNKS, b'Transfer-Encoding: xchunked\r\n'), BAD),
    case('chunked twice', chunks(GOOD_CHUNKS, b'Transfer-Encoding: chunked, chunked\r\n'), BAD),
    case('chunked and identity in two fields',
         chunks(GOOD_CHUNKS, b'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n'), BAD),
    case('a space before the colon of the coding', chunks(GOOD_CHUNKS, b'Transfer-Encoding : chunked\r\n'),
         BAD + WHOLE),
    case('a vertical tab before chunked', chunks(GOOD_CHUNKS, b'Transfer-Encoding: \x0bchunked\r\n'), BAD),
    case('chunks in HTTP/1.0', answer(b'Transfer-Encoding: chunked\r\n', GOOD_CHUNKS, b'HTTP/1.0 200 OK'),
         BAD),
    case('chunks for a client of HTTP/1.0', chunks(GOOD_CHUNKS), WHOLE, version='1.0'),
]

CHUNKS = [
    case('an end before the last chunk', [chunks(b'5\r\nabcde\r\n'), CLOSE], CUT),
    case('an end in a chunk', [chunks(b'9\r\nabcde'), CLOSE], CUT),
    case('a reset before the last chunk', [chunks(b'5\r\nabcde\r\n'), 0.1, RESET], CUT),
    case('a chunk with a sign', chunks(b'+5\r\nabcde\r\n0\r\n\r\n'), CUT),
    case('a chunk with 0x', chunks(b'0x5\r\nabcde\r\n0\r\n\r\n'), CUT),
    case('a chunk of 2^64 and 5', chunks(b'10000000000000005\r\nabcde\r\n0\r\n\r\n'), CUT),
    case('LF behind a size', chunks(b'5\nabcde\r\n0\r\n\r\n'), CUT),
    case('LF in an extension', chunks(b'5;a\nabc\r\nabcde\r\n0\r\n\r\n'), CUT),
    case('no end behind data', chunks(b'5\r\nabcde0\r\n\r\n'), CUT),
    case('no size', chunks(b'\r\nabcde\r\n0\r\n\r\n'), CUT),
    case('trailers that frame', chunks(b'5\r\nabcde\r\n0\r\nContent-Length: 9\r\n\r\n'), WHOLE + CUT),
    case('a second response behind the last chunk', chunks(GOOD_CHUNKS + OTHER), WHOLE),
]

MORE_OR_LESS = [
    case('two responses', answer(LENGTH) + OTHER, WHOLE),
    case('two responses, the second later', [answer(LENGTH), 0.1, OTHER], WHOLE),
    case('more than the length', answer(LENGTH, b'abcdefgh'), WHOLE),
    case('more than nothing', answer(b'Content-Length: 0\r\n', b'abcde'), ('200',)),
    case('less than the length', [answer(b'Content-Length: 9\r\n'), CLOSE], CUT),
    case('less than the length, and a reset', [answer(b'Content-Length: 9\r\n'), 0.1, RESET], CUT),
    case('less than the length, and silence', [answer(b'Content-Length: 9\r\n'), HOLD], CUT + ('504',)),
    case('a reset where the end is the end', [answer(b''), 0.1, RESET], CUT),
    case('Connection: close, and more behind', [answer(LENGTH + b'Connection: close\r\n') + OTHER, CLOSE],
         WHOLE),
    case('HEAD with content', answer(LENGTH), ('200',), 'HEAD'),
    case('HEAD with another response', answer(b'Content-Length: %d\r\n' % len(OTHER), OTHER), ('200',),
         'HEAD'),
    case('HEAD with chunks', chunks(GOOD_CHUNKS), ('200',), 'HEAD'),
    case('204 with content', answer(b'', OTHER, b'HTTP/1.1 204 No Content'), ('204', '502')),
    case('204 with a length', answer(b'Content-Length: %d\r\n' % len(OTHER), OTHER,
                                     b'HTTP/1.1 204 No Content'), ('204', '502')),
    case('204 with chunks', answer(b'Transfer-Encoding: chunked\r\n', GOOD_CHUNKS,
                                   b'HTTP/1.1 204 No Content'), ('204', '502')),
    case('304 with content', answer(b'', OTHER, b'HTTP/1.1 304 Not Modified'), ('304', '502')),
    case('304 with a length', answer(b'Content-Length: 5\r\n', b'', b'HTTP/1.1 304 Not Modified'),
         ('304',)),
    case('304 with a length and content', answer(b'Content-Length: %d\r\n' % len(OTHER), OTHER,
                                                 b'HTTP/1.1 304 Not Modified'), ('304', '502')),
]

INFORMATION = [
    case('100, then 200', b'HTTP/1.1 100 Continue\r\n\r\n' + answer(LENGTH), WHOLE),
    case('103 with fields, then 200', b'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n' + answer(LENGTH),
         WHOLE),
    case('100 with a length and content', b'HTTP/1.1 100 Continue\r\nContent-Length: 5\r\n\r\nabcde'
         + answer(LENGTH), BAD),
    case('101, which nobody asked for', [b'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n'
                                         b'Connection: Upgrade\r\n\r\n' + OTHER, HOLD], BAD),
    case('1,000 times 100, then 200', b'HTTP/1.1 100 Continue\r\n\r\n' * 1000 + answer(LENGTH),
         WHOLE + BAD),
    case('100 for ever', [lambda connection: flood(connection, b'HTTP/1.1 100 Continue\r\n\r\n')],
         BAD + ('504',)),
    case('199, then the end', [b'HTTP/1.1 199 x\r\n\r\n', CLOSE], BAD),
]

HEADS = [
    case('nothing, and the end', [CLOSE], BAD),
    case('nothing, and a reset', [RESET], BAD),
    case('half a head, and the end', [b'HTTP/1.1 200 OK\r\nContent-Le', CLOSE], BAD),
    case('half a head, and silence', [b'HTTP/1.1 200 OK\r\nContent-Le', HOLD], ('504', '502')),
    case('garbage', [bytes(range(128, 256)) * 4, 0.1, CLOSE], BAD),
    case('text', [b'hello, world\r\n\r\n', 0.1, CLOSE], BAD),
    case('a request', b'GET / HTTP/1.1\r\nHost: a\r\n\r\n', BAD),
    case('HTTP/2.0', answer(LENGTH, line=b'HTTP/2.0 200 OK'), BAD),
    case('HTTP/1.2', answer(LENGTH, line=b'HTTP/1.2 200 OK'), BAD + WHOLE),
    case('ICY', answer(LENGTH, line=b'ICY 200 OK'), BAD),
    case('a status of two digits', answer(LENGTH, line=b'HTTP/1.1 20 OK'), BAD),
    case('a status of four digits', answer(LENGTH, line=b'HTTP/1.1 2000 OK'), BAD),
    case('status 000', answer(LENGTH, line=b'HTTP/1.1 000 OK'), BAD),
    case('a status with a sign', answer(LENGTH, line=b'HTTP/1.1 +20 OK'), BAD),
    case('a status with letters', answer(LENGTH, line=b'HTTP/1.1 20x OK'), BAD),
    case('no reason phrase', answer(LENGTH, line=b'HTTP/1.1 200'), WHOLE + BAD),
    case('NUL in the reason phrase', answer(LENGTH, line=b'HTTP/1.1 200 a\x00b'), BAD),
    case('LF everywhere', b'HTTP/1.1 200 OK\nContent-Length: 5\n\nabcde', BAD + WHOLE),
    case('a length behind a bare CR', answer(b'X: y\rContent-Length: 5\r\nContent-Length: 5\r\n'), BAD),
    case('a coding behind a bare LF', chunks(GOOD_CHUNKS, b'X: y\nTransfer-Encoding: chunked\r\n'),
         BAD),
    case('NUL in a value', answer(b'X: a\x00b\r\n' + LENGTH), BAD),
    case('NUL in a name', answer(b'X\x00: y\r\n' + LENGTH), BAD),
    case('a folded field', answer(b'X: a\r\n b\r\n' + LENGTH), BAD + WHOLE),
    case('a field without colon', answer(b'Foo\r\n' + LENGTH), BAD),
    case('a space in a name', answer(b'Foo bar: x\r\n' + LENGTH), BAD),
    case('white space before the first field', answer(b' X: y\r\n' + LENGTH), BAD),
    case('a head of 100 kB', answer(b'X: ' + b'a' * 100000 + b'\r\n' + LENGTH), BAD),
    case('1,000 fields', answer(b'X: y\r\n' * 1000 + LENGTH), BAD),
    case('fields for ever', [b'HTTP/1.1 200 OK\r\n',
                             lambda connection: flood(connection, b'X: aaaaaaaaaaaaaaaaaaaa\r\n')], BAD),
]

# A client begins to send 100,000 bytes, of which ten come; see run_early().
EARLY = [
    case('413 before the content, then the end',
         [b'HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n', CLOSE],
         ('413',), 'POST'),
    case('200 before the content, and open', [b'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabcde', HOLD],
         WHOLE, 'POST'),
    case('a reset before the content', [RESET], BAD, 'POST'),
]

GROUPS = {
    'responses: framing': FRAMING, 'responses: chunks': CHUNKS, 'responses: more or less': MORE_OR_LESS,
    'responses: 1xx': INFORMATION, 'responses: heads': HEADS, 'responses: early': EARLY,
}


def flood(connection, text):
    """Until the other side has had enough, but no more than 200 MB."""
    for _ in range(200000000 // len(text * 1000)):
        connection.sock.sendall(text * 1000)

# SPDX-License-Identifier: GPL-2.0-or-later
"""HTTP/1.1 messages as several programs would read them.

What a proxy passes on has to mean the same to whoever reads it. So the bytes that arrive are read
in all the ways (STYLES) in which servers and clients are known to read: where two ways do not find
the same messages, the bytes are ambiguous, and somebody can be made to see one more."""

import collections
import re

Message = collections.namedtuple('Message', 'first fields content begin end')

# @end: regular expression of an end of line
# @fold: a line that begins with white space goes on with the one before, else it is one of its own
# @length_first: Content-Length counts where there is Transfer-Encoding as well
# @last: of several lengths the last counts
# @coding: any Transfer-Encoding with 'chunked' in it counts, its name in any spelling
# @number: digits are taken up to the first other character
Style = collections.namedtuple('Style', 'end fold length_first last coding number')

STYLES = {
    'strict': Style(rb'\r\n', True, False, False, False, False),
    'length first': Style(rb'\r\n', True, True, False, False, True),
    'last length': Style(rb'\r\n', True, True, True, False, True),
    'any coding': Style(rb'\r\n', True, False, False, True, True),
    'LF ends a line': Style(rb'\r?\n', True, False, False, False, True),
    'CR ends a line': Style(rb'\r\n|\r|\n', True, False, False, True, True),
    'no folding': Style(rb'\r?\n', False, False, False, True, True),
}
STRICT = STYLES['strict']


class Garbage(Exception):
    """No message."""


class Incomplete(Exception):
    """No message yet."""


def read_number(text, base, style):
    """A length, or the size of a chunk."""
    digits = rb'[0-9]+' if base == 10 else rb'[0-9a-fA-F]+'
    if not style.number:
        found = re.fullmatch(digits, text)
    else:
        found = re.match(rb'\s*[+-]?(?:0[xX])?(' + digits + rb')', text)
        if not found:
            return 0
        return int(found.group(1), base)
    if not found:
        raise Garbage('a number')
    return int(found.group(), base)


def read_fields(lines, style):
    """Names in lower case, and values."""
    fields = []
    for line in lines:
        if line[:1] in (b' ', b'\t') and fields and style.fold:
            fields[-1] = (fields[-1][0], fields[-1][1] + b' ' + line.strip())
            continue
        name, colon, value = line.partition(b':')
        if not style.number and (not colon or not re.fullmatch(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name)):
            raise Garbage('a field')
        if style.coding:
            name = re.sub(rb'[^a-zA-Z-]', b'', name.replace(b'_', b'-'))
        elif style.number:
            name = name.strip()
        fields.append((name.lower(), value.strip(b' \t')))
    return fields


def read_chunks(data, pos, style):
    """Content, and where the message ends."""
    content = b''
    ends = re.compile(style.end)
    while True:
        end = ends.search(data, pos)
        if not end:
            raise Incomplete
        size = data[pos:end.start()].partition(b';')[0]
        size = read_number(size if style.number else size.rstrip(b' \t'), 16, style)
        pos = end.end()
        if not size:
            break
        content += data[pos:pos + size]
        if len(data) < pos + size + 1:
            raise Incomplete
        pos += size
        end = ends.match(data, pos)
        if not end:
            if len(data) < pos + 2:
                raise Incomplete
            raise Garbage('what follows a chunk')
        pos = end.end()
    # Trailers.
    while True:
        end = ends.search(data, pos)
        if not end:
            raise Incomplete
        line, pos = data[pos:end.start()], end.end()
        if not line:
            return content, pos


def coded(fields, style):
    """Whether there are chunks."""
    codings = [value for name, value in fields if name == b'transfer-encoding']
    if not codings:
        return False
    if style.coding:
        return any(b'chunked' in value.lower() for value in codings)
    last = codings[-1].lower().split(b',')[-1].strip()
    if last != b'chunked' and not style.number:
        raise Garbage('a coding')
    return last == b'chunked'


def read_content(data, pos, fields, style, closed):
    """Content, and where the message ends; @closed is None for requests, which need a length."""
    lengths = [value for name, value in fields if name == b'content-length']
    chunked = coded(fields, style)
    if chunked and not (lengths and style.length_first):
        return read_chunks(data, pos, style)
    if not style.number and len(set(lengths)) > 1:
        raise Garbage('lengths')
    if lengths:
        length = read_number(lengths[-1 if style.last else 0], 10, style)
        if len(data) < pos + length:
            raise Incomplete
        return data[pos:pos + length], pos + length
    if closed is None:
        return b'', pos
    if closed:
        return data[pos:], len(data)
    raise Incomplete


def read_message(data, pos, style, method=None, closed=None):
    """One message. For responses: the method of the request, and whether the connection ended."""
    begin = pos
    while data[pos:pos + 1] in (b'\r', b'\n') and method is None:
        pos += 1
    end = re.compile(b'(?>' + style.end + b'){2}').search(data, pos)
    if not end:
        raise Incomplete
    lines = re.split(style.end, data[pos:end.start()])
    if method is None:
        good = re.fullmatch(rb'\S+ +\S+ +HTTP/\d\.\d', lines[0])
    else:
        good = re.match(rb'HTTP/\d\.\d +\d\d\d( |$)', lines[0])
    if not good:
        raise Garbage('a first line')
    fields = read_fields(lines[1:], style)
    if method is not None:
        status = int(lines[0].split()[1])
        if status < 200 or status in (204, 304) or method == 'HEAD':
            return Message(lines[0], fields, b'', begin, end.end())
    content, pos = read_content(data, end.end(), fields, style, closed)
    return Message(lines[0], fields, content, begin, pos)


def read_requests(data, style=STRICT):
    """Requests, and what follows them: nothing, 'incomplete' or 'garbage'."""
    found, pos = [], 0
    try:
        while data[pos:].strip(b'\r\n'):
            found.append(read_message(data, pos, style))
            pos = found[-1].end
    except Incomplete:
        return found, 'incomplete'
    except Garbage:
        return found, 'garbage'
    return found, ''


def read_responses(data, methods, closed, style=STRICT):
    """The same of responses; @methods are those of the requests, 1xx are additional."""
    found, pos, methods = [], 0, list(methods)
    try:
        while pos < len(data):
            if not methods:
                return found, 'garbage'
            found.append(read_message(data, pos, style, methods[0], closed))
            pos = found[-1].end
            if status_of(found[-1]) >= 200:
                methods.pop(0)
    except Incomplete:
        return found, 'incomplete'
    except Garbage:
        return found, 'garbage'
    return found, ''


def status_of(response):
    """Its number."""
    return int(response.first.split()[1])


def readings(data):
    """What each style finds in the bytes that a server got: first lines, and what follows."""
    return {name: ([message.first for message in found], rest)
            for name, style in STYLES.items() for found, rest in (read_requests(data, style),)}


def response_readings(data, methods, closed):
    """The same of what a client got: statuses, lengths of content, and what follows."""
    return {name: ([(status_of(message), len(message.content)) for message in found], rest)
            for name, style in STYLES.items()
            for found, rest in (read_responses(data, methods, closed, style),)}


def agree(found):
    """Whether all styles found the same."""
    return len({repr(reading) for reading in found.values()}) == 1

# SPDX-License-Identifier: GPL-2.0-or-later
"""Requests of curl, answered by nginx: routes, methods, ranges, framing, connections."""

import gzip
import hashlib
import os

FILE = 300_000


def write(path, data):
    """A file of nginx."""
    with open(path, 'wb') as file:
        file.write(data)


def read(path):
    """The same; None if there is none."""
    try:
        with open(path, 'rb') as file:
            return file.read()
    except OSError:
        return None


def routes(real, version):
    """Each to its pool."""
    ktap = real.ktap
    for path, host, want in (('/name', 'one.example.com', 'n1'), ('/name', 'ONE.example.com:8080', 'n1'),
                             ('/name', 'a.two.example.com', 'n2'), ('/three/name', 'www.example.com', 'n3'),
                             ('/x/../three/%6eame', 'www.example.com', 'n3')):
        answer = real.get(path, '--path-as-is', host=host, version=version)
        ktap.equal(f'IPv{version}: {host}{path}', (200, want, want),
                   (answer.status, answer.body.decode(), answer.fields.get('x-server')), answer)
    names = {real.get('/name', version=version).body for _ in range(12)}
    ktap.equal(f'IPv{version}: all take part in the pool of all', {b'n1', b'n2', b'n3'}, names)
    answer = real.get('/item/17', '-L', version=version)
    ktap.equal(f'IPv{version}: curl follows a redirect', (200, 1),
               (answer.status, answer.told.get('num_redirects')), answer)
    ktap.equal(f'IPv{version}: servers of IPv6', 200, real.get('/name', host='v6.example.com', version=version).status)
    ktap.equal(f'IPv{version}: a status of the server', 404, real.get('/nothing', version=version).status)


def contents(real, version):
    """HEAD, ranges, what was not changed, compressed."""
    ktap, data = real.ktap, read(f'{real.servers[0].files}/file')
    options = {'version': version, 'host': 'one.example.com'}
    answer = real.get('/file', **options)
    ktap.check(f'IPv{version}: a file, byte by byte', answer.status == 200 and answer.body == data, answer)
    tag = answer.fields.get('etag', '')
    head = real.get('/file', '-I', **options)
    ktap.equal(f'IPv{version}: HEAD has the length and no content', (200, str(FILE), b''),
               (head.status, head.fields.get('content-length'), head.body.partition(b'\r\n\r\n')[2]),
               head)
    for what, want in (('0-9', data[:10]), ('100000-', data[100000:]), ('-77', data[-77:])):
        answer = real.get('/file', '-r', what, **options)
        ktap.check(f'IPv{version}: range {what}', answer.status == 206 and answer.body == want, answer)
    answer = real.get('/file', '-r', '0-9,20-29', **options)
    ktap.check(f'IPv{version}: several ranges', answer.status == 206 and data[:10] in answer.body and
               data[20:30] in answer.body and
               answer.fields.get('content-type', '').startswith('multipart/byteranges'), answer)
    ktap.equal(f'IPv{version}: no such range', 416, real.get('/file', '-r', f'{FILE}-', **options).status)
    answer = real.get('/file', '-H', f'If-None-Match: {tag}', **options)
    ktap.equal(f'IPv{version}: 304 by If-None-Match', (304, b'', tag),
               (answer.status, answer.body, answer.fields.get('etag')), answer)
    answer = real.get('/file', '-r', '0-9', '-H', 'If-Range: "other"', **options)
    ktap.equal(f'IPv{version}: If-Range of another version gets it whole', (200, FILE),
               (answer.status, len(answer.body)), answer)


def compressed(real, version):
    """Content without a length, for clients of both versions of HTTP."""
    ktap, text = real.ktap, read(f'{real.servers[0].files}/text')
    options = {'version': version, 'host': 'one.example.com'}
    answer = real.get('/text', '-H', 'Accept-Encoding: gzip', **options)
    ktap.check(f'IPv{version}: compressed, in chunks', answer.fields.get('transfer-encoding') == 'chunked' and
               answer.fields.get('content-encoding') == 'gzip' and gzip.decompress(answer.body) == text, answer)
    answer = real.get('/text', '--http1.0', '-H', 'Accept-Encoding: gzip', **options)
    ktap.check(f'IPv{version}: the same for HTTP/1.0, without chunks', 'transfer-encoding' not in answer.fields and
               gzip.decompress(answer.body or gzip.compress(b'')) == text, answer)
    answer = real.get('/seen', '--http1.0', **options)
    ktap.equal(f'IPv{version}: a client of HTTP/1.0', (200, 'HTTP/1.1'),
               (answer.status, answer.seen().get('protocol')), answer)
    answer = real.get('/name', '--http1.0', '-H', 'Connection: keep-alive', **options)
    ktap.check(f'IPv{version}: which may keep its connection',
               answer.fields.get('connection', '').lower() == 'keep-alive', answer)


def uploads(real, version):
    """To files of nginx."""
    ktap, path = real.ktap, real.big
    options = {'version': version, 'host': 'one.example.com'}
    stored = f'{real.servers[0].folder}/upload'
    want = hashlib.sha256(read(path)).hexdigest()
    for name, words in (('with Expect', ['-H', 'Expect: 100-continue']), ('without', ['-H', 'Expect:']),
                        ('in chunks', ['-H', 'Transfer-Encoding: chunked'])):
        target = f'put-{version}-{len(words[1])}'
        answer = real.get(f'/upload/{target}', '-T', path, *words, **options)
        got = hashlib.sha256(read(f'{stored}/{target}') or b'').hexdigest()
        ktap.equal(f'IPv{version}: PUT of 20 MB {name}', (201, want), (answer.status, got), answer)
        answer = real.get(f'/upload/{target}', **options)
        ktap.equal(f'IPv{version}: and GET of the same', (200, want),
                   (answer.status, hashlib.sha256(answer.body).hexdigest()))
        ktap.equal(f'IPv{version}: and DELETE', 204, real.get(f'/upload/{target}', '-X', 'DELETE', **options).status)
    answer = real.get('/small/x', '-T', path, '-H', 'Expect: 100-continue', **options)
    ktap.check(f'IPv{version}: a server that refuses instead of 100 spares the content',
               answer.status == 413 and answer.told.get('size_upload') == 0, answer, answer.told)
    for name, words in (('one', []), ('one in chunks', ['-H', 'Transfer-Encoding: chunked'])):
        answer = real.get('/small/x', '-T', path, '-H', 'Expect:', *words, **options)
        ktap.equal(f'IPv{version}: {name} that refuses in the middle of it is heard', 413, answer.status, answer)
    answer = real.get('/file', '--data-binary', f'@{path}', **options)
    ktap.equal(f'IPv{version}: content that the server does not want', 405, answer.status, answer)


def connections(real, version):
    """Both sides keep theirs."""
    ktap = real.ktap
    seen = [real.get('/seen', host='one.example.com', version=version).seen() for _ in range(10)]
    most = max(int(each.get('requests', 0)) for each in seen)
    # Two threads have one each, if not more than one is needed.
    ktap.check(f'IPv{version}: connections to nginx are used again', most >= 5, seen)
    many = real.get('/[1-20]', '-I', host='one.example.com', version=version)
    ktap.equal(f'IPv{version}: so are those of curl, after answers without content', (404, 0),
               (many.status, many.told.get('num_connects')), many)


def run(real):
    """All of them, in both families."""
    write(f'{real.servers[0].files}/file', os.urandom(FILE))
    write(f'{real.servers[0].files}/text', b'What is said again and again. ' * 5000)
    for version in (4, 6):
        routes(real, version)
        contents(real, version)
        compressed(real, version)
        uploads(real, version)
        connections(real, version)

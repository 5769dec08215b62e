#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A browser, without a screen, loads a page through stratum proxy over TLS, whose script does what
applications do (browser.js). Prints KTAP."""

import asyncio
import base64
import contextlib
import gzip
import hashlib
import html
import http.server
import os
import re
import subprocess
import tempfile
import threading

from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed

from bed import prepare_network
from daemons import Daemons
from ktap import Ktap
from pki import Authority

HERE = os.path.dirname(os.path.abspath(__file__))
BROWSER = 'chromium-headless-shell'
LIMIT = 100
LISTEN = {4: '127.0.0.1', 6: '[::1]'}
PORT, SOCKETS = 8443, 9010
TEXT = b'What is said again and again. ' * 3000
WANT = {
    'get': f'200 {len(TEXT)}', 'compressed': f'gzip {len(TEXT)}', 'post': '200 true', 'many': 'true',
    'sticky': '1 server, ""', 'application_cookie': 'seen=yes SLUICE=..., seen=yes', 'redirect': 'true /text',
    'abort': '200', 'websocket': 'Grüße,200000 chat 4003 true', 'events': '0 1 2',
}


class Page(http.server.BaseHTTPRequestHandler):
    """The application: two servers of it, which differ in their name only."""
    protocol_version = 'HTTP/1.1'
    # The page's image comes when its script is done.
    done = threading.Event()

    def answer(self, body, kind='text/plain', *fields):
        """A whole response."""
        self.send_response(200)
        self.send_header('Content-Type', kind)
        self.send_header('Content-Length', str(len(body)))
        for name, value in fields:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def file(self, name, kind):
        """One that is beside this program."""
        with open(f'{HERE}/{name}', 'rb') as file:
            self.answer(file.read(), kind)

    def chunks(self, kind, parts):
        """A response that comes in parts, until they or the client end."""
        self.send_response(200)
        self.send_header('Content-Type', kind)
        self.send_header('Transfer-Encoding', 'chunked')
        self.end_headers()
        with contextlib.suppress(OSError):
            for part in parts:
                self.wfile.write(b'%x\r\n%b\r\n' % (len(part), part))
            self.wfile.write(b'0\r\n\r\n')

    def slow(self):
        """Until the client has seen enough."""
        while not self.done.wait(0.05):
            yield b'x' * 1000

    def do_GET(self):
        """By path."""
        path, _, query = self.path.partition('?')
        name = self.server.name.encode()
        if path == '/':
            self.file('browser.html', 'text/html')
        elif path == '/script.js':
            self.file('browser.js', 'text/javascript')
        elif path == '/image':
            self.done.wait(LIMIT)
            self.answer(b'<svg xmlns="http://www.w3.org/2000/svg"/>', 'image/svg+xml')
        elif path == '/text':
            self.answer(TEXT)
        elif path == '/compressed':
            self.answer(gzip.compress(TEXT), 'text/plain', ('Content-Encoding', 'gzip'))
        elif path == '/number':
            self.answer(query.encode())
        elif path == '/server':
            self.answer(name, 'text/plain', ('Cache-Control', 'no-store'))
        elif path == '/set-cookie':
            self.answer(b'', 'text/plain', ('Set-Cookie', 'seen=yes; Path=/; Secure'))
        elif path == '/cookies':
            self.answer(re.sub(r'SLUICE=[^;]+', 'SLUICE=...', self.headers.get('Cookie', ''))
                        .replace(';', ',').encode())
        elif path == '/slow':
            self.chunks('text/plain', self.slow())
        elif path == '/events':
            self.chunks('text/event-stream', (b'data: %d\n\n' % i for i in range(3)))
        else:
            self.send_error(404)

    def do_POST(self):
        """Echo; or the end."""
        body = self.rfile.read(int(self.headers.get('Content-Length', 0)))
        if self.path == '/done':
            self.done.set()
        self.answer(body, 'application/octet-stream')

    def log_message(self, *_):
        """Nothing."""


class Pages(http.server.ThreadingHTTPServer):
    """A server of them."""
    daemon_threads = True

    def __init__(self, number):
        super().__init__(('127.0.0.1', 9000 + number), Page)
        self.name = f'server-{number}'
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, *_):
        """Clients that go are nothing to tell."""


async def echo(connection):
    """WebSocket."""
    with contextlib.suppress(ConnectionClosed):
        async for message in connection:
            await connection.send(message)


def serve_sockets():
    """In a thread of its own."""
    async def run(ready):
        async with serve(echo, '127.0.0.1', SOCKETS, subprotocols=['chat']) as server:
            ready.set()
            await server.serve_forever()
    ready = threading.Event()
    threading.Thread(target=lambda: asyncio.run(run(ready)), daemon=True).start()
    ready.wait(LIMIT)


def config(daemons, certificate):
    """The daemon's file."""
    return daemons.settings() + f'''certificates: {{{certificate}}}
pools:
  web: {{servers: ["127.0.0.1:9001", "127.0.0.1:9002"], scheduler: rr, sticky: SLUICE}}
  sockets: {{servers: ["127.0.0.1:{SOCKETS}"]}}
services:
  web:
    address: ["{LISTEN[4]}:{PORT}", "{LISTEN[6]}:{PORT}"]
    parse: http
    tls: {{certificates: [www]}}
    pool: web
    routes:
      - {{name: old, match: {{path: /old}}, redirect: /text}}
      - {{name: sockets, match: {{path: /echo-socket}}, upgrade: websocket, pool: sockets}}
'''


def pin(path):
    """The key of a certificate, as the browser wants it."""
    key = subprocess.run(['openssl', 'x509', '-in', path, '-noout', '-pubkey'], stdout=subprocess.PIPE, check=True)
    der = subprocess.run(['openssl', 'pkey', '-pubin', '-outform', 'der'], input=key.stdout,
                         stdout=subprocess.PIPE, check=True)
    return base64.b64encode(hashlib.sha256(der.stdout).digest()).decode()


def browse(folder, address, *options):
    """What the page looks like at last, and what the browser says."""
    Page.done.clear()
    with open(f'{folder}/browser.log', 'wb') as log:
        # Root has no sandbox; nothing is fetched but the page.
        done = subprocess.run([BROWSER, '--no-sandbox', '--disable-gpu', '--disable-background-networking',
                               '--no-proxy-server', f'--user-data-dir={folder}/profile',
                               f'--host-resolver-rules=MAP www.example.com {address}', *options, '--dump-dom',
                               f'https://www.example.com:{PORT}/'], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=log, timeout=LIMIT, check=False,
                              env=os.environ | {'HOME': folder})
    with open(f'{folder}/browser.log', encoding='utf-8', errors='replace') as log:
        return done.stdout.decode('utf-8', 'replace'), log.read()


def results(dom):
    """By name."""
    return {name: html.unescape(value) for name, value in re.findall(r'<li id="(\w+)">(.*?)</li>', dom, re.S)}


def run(ktap, folder, daemons, certificate):
    """All of it."""
    for version, address in LISTEN.items():
        dom, said = browse(folder, address, f'--ignore-certificate-errors-spki-list={pin(certificate)}')
        found = results(dom)
        for name, want in WANT.items():
            ktap.equal(f'IPv{version}: {name.replace("_", " ")}', want, found.get(name), dom[:2000], said)
    dom, said = browse(folder, LISTEN[4])
    ktap.check('a certificate that the browser does not know is not accepted', not results(dom) and
               'CERT_AUTHORITY_INVALID' in dom + said, dom[:2000], said)
    ktap.equal('sluiced runs', None, daemons.last.poll())


def main():
    ktap = Ktap()
    prepare_network()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        daemons = Daemons(folder)
        entry = Authority(folder, 'ca').server('www', 'www.example.com')
        servers = [Pages(number) for number in (1, 2)]
        serve_sockets()
        daemons.write(config(daemons, entry))
        wrong = daemons.start()
        try:
            if ktap.check('sluiced starts', not wrong, wrong):
                run(ktap, folder, daemons, f'{folder}/www.pem')
        finally:
            ktap.equal('and ends as it should', [0], daemons.stop())
        del servers
    ktap.finish()


if __name__ == '__main__':
    main()

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""WebSocket through stratum proxy, by a library on both sides: frames, closing, many tunnels, reload
and upgrade. Prints KTAP."""

import asyncio
import contextlib
import logging
import os
import socket
import ssl
import struct
import tempfile

from websockets.asyncio.client import connect
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed, InvalidStatus

from bed import prepare_network
from daemons import Daemons
from ktap import Ktap
from pki import Authority

LIMIT = 60
MANY = 200
BIG = 1 << 20
LISTEN = {4: '127.0.0.1', 6: '[::1]'}
CLEAR, TLS = 8080, 8443


class Server:
    """Echoes; or does what the path says. @ended: how connections of a path ended: a list of codes, as
    the server sees them."""

    def __init__(self):
        self.ended, self.heads = {}, {}

    async def handle(self, connection):
        """One client."""
        path = connection.request.path
        self.heads[path] = connection.request.headers
        try:
            if path.startswith('/close'):
                await connection.recv()
                await connection.close(4002, 'that was all')
            elif path.startswith('/abort'):
                await connection.recv()
                connection.transport.abort()
            elif path.startswith('/fragments'):
                await self.fragments(connection)
            else:
                async for message in connection:
                    await connection.send(message)
        except ConnectionClosed:
            pass
        finally:
            await connection.wait_closed()
            self.ended.setdefault(path, []).append(connection.close_code)

    @staticmethod
    async def fragments(connection):
        """Says in how many parts a message came, and of what length they were."""
        while True:
            parts = [len(part) async for part in connection.recv_streaming()]
            await connection.send(repr(parts))

    @staticmethod
    def choose(_, offered):
        """A subprotocol, if there is one that is known."""
        return 'chat' if 'chat' in offered else None

    @staticmethod
    def refuse(connection, request):
        """Some get another answer."""
        if request.path.startswith('/refused'):
            return connection.respond(403, 'not you\n')
        return None


class Bed:
    """Servers in clear and with TLS, the daemon in front."""

    def __init__(self, folder):
        self.ktap, self.server, self.daemons = Ktap(), Server(), Daemons(folder)
        self.folder = folder
        self.authority = Authority(folder, 'ca')
        self.certificate = self.authority.server('www', 'www.example.com')
        self.client_tls = ssl.create_default_context(cafile=self.authority.certificate)
        self.server_tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.server_tls.load_cert_chain(f'{folder}/www.pem', f'{folder}/www.key')
        self.generation = 0

    def write(self):
        """The daemon's file, each time a little different."""
        self.generation += 1
        services = ''
        for name, port, tls in (('clear', CLEAR, ''), ('secure', TLS, '    tls: {certificates: [www]}\n')):
            services += f'''  {name}:
    address: ["{LISTEN[4]}:{port}", "{LISTEN[6]}:{port}"]
    stratum: proxy
    parse: http
{tls}    routes:
      - {{name: not-offered, match: {{prefix: /plain}}, pool: web}}
      - {{name: tls, match: {{prefix: /tls}}, strip-prefix: /tls, upgrade: websocket, pool: secure}}
      - {{name: web{self.generation}, upgrade: websocket, pool: web}}
'''
        self.daemons.write(self.daemons.settings(', threads: 2, shutdown: 8s') + f'''\
certificates: {{{self.certificate}}}
pools:
  web: {{servers: ["127.0.0.1:9001", "[::1]:9001"], scheduler: rr}}
  secure: {{servers: ["127.0.0.1:9002"], tls: {{ca: {self.authority.certificate}, sni: www.example.com}}}}
services:
{services}''')

    def connect(self, path, version=4, secure=False, **options):
        """A client, an asynchronous context."""
        options = {'compression': None, 'max_size': 2 * BIG, 'open_timeout': LIMIT, 'close_timeout': LIMIT,
                   'ping_interval': None, 'proxy': None} | options
        if secure:
            options |= {'ssl': self.client_tls, 'server_hostname': 'www.example.com'}
        return connect(f'{"wss" if secure else "ws"}://www.example.com:{TLS if secure else CLEAR}{path}',
                       host=LISTEN[version].strip('[]'), port=TLS if secure else CLEAR, **options)

    async def ended(self, path, limit=LIMIT):
        """The code that the server saw."""
        for _ in range(limit * 20):
            if path in self.server.ended:
                return self.server.ended[path][-1]
            await asyncio.sleep(0.05)
        return None


async def messages(bed, version, secure):
    """What goes through a tunnel comes out the same."""
    ktap, title = bed.ktap, f'IPv{version}, {"wss" if secure else "ws"}'
    text, data = 'Grüße, 世界 ' * 1000, os.urandom(70000)
    for path, options in (('/', {}), ('/tls/', {}), ('/compressed', {'compression': 'deflate'})):
        async with bed.connect(path, version, secure, **options) as client:
            got = []
            for message in ('', 'x', text, b'', data, 'y' * BIG, os.urandom(BIG)):
                await client.send(message)
                got.append(await client.recv() == message)
            ktap.check(f'{title}{path}: text, binary, empty ones, 1 MB', all(got), got)
            waiter = await client.ping(b'who is there')
            ktap.check(f'{title}{path}: a pong', await asyncio.wait_for(waiter, LIMIT) >= 0)
            if options:
                ktap.check(f'{title}{path}: extensions are agreed on through it', client.protocol.extensions)
            # Many at once, while the other side answers.
            await asyncio.gather(*(client.send(f'{i}' * 2000) for i in range(50)))
            ktap.check(f'{title}{path}: 50 in a row', [await client.recv() for _ in range(50)] ==
                       [f'{i}' * 2000 for i in range(50)])
    async with bed.connect('/fragments', version, secure) as client:
        await client.send(['a' * 5, 'b' * 70000, 'c'])
        # The library ends them with an empty one.
        ktap.equal(f'{title}: fragments are still the same', '[5, 70000, 1, 0]', await client.recv())


async def closing(bed, version, secure):
    """Codes both ways."""
    ktap, title = bed.ktap, f'IPv{version}, {"wss" if secure else "ws"}'
    path = f'/bye-{version}-{secure}'
    async with bed.connect(path, version, secure) as client:
        await client.close(4001, 'enough')
    ktap.equal(f'{title}: the server gets the code of the client', (4001, 4001),
               (await bed.ended(path), client.close_code))
    for path, want in (('/close', (4002, 'that was all')), ('/abort', (1006, ''))):
        async with bed.connect(path, version, secure) as client:
            await client.send('now')
            await asyncio.wait_for(client.wait_closed(), LIMIT)
        ktap.equal(f'{title}: the client gets the end of {path}', want, (client.close_code, client.close_reason))
    # By an end that is none of TLS or of WebSocket, and by a reset.
    for how, linger in (('end', 0), ('reset', 1)):
        path = f'/gone-{how}-{version}-{secure}'
        client = await bed.connect(path, version, secure)
        await client.send('x')
        await client.recv()
        client.transport.get_extra_info('socket').setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                                             struct.pack('ii', linger, 0))
        client.transport.abort()
        ktap.equal(f'{title}: the server hears at once that a client is gone, by its {how}', 1006,
                   await bed.ended(path, 20))


async def handshakes(bed, version, secure):
    """What does not become a tunnel, and what is passed on."""
    ktap, title = bed.ktap, f'IPv{version}, {"wss" if secure else "ws"}'
    for path, want in (('/refused', 403), ('/plain', 426)):
        try:
            async with bed.connect(path, version, secure):
                got = 101
        except InvalidStatus as error:
            got = error.response.status_code
        ktap.equal(f'{title}: {path} is answered {want}', want, got)
    path = f'/asked-{version}-{secure}'
    async with bed.connect(path, version, secure, subprotocols=['other', 'chat'], origin='https://www.example.com',
                           additional_headers={'Authorization': 'Bearer x'}) as client:
        head = bed.server.heads[path]
        ktap.equal(f'{title}: the handshake reaches the server', ('chat', 'https://www.example.com', 'Bearer x'),
                   (client.subprotocol, head.get('Origin'), head.get('Authorization')), head)
        ktap.equal(f'{title}: with what a proxy adds', ('https' if secure else 'http', LISTEN[version].strip('[]')),
                   (head.get('X-Forwarded-Proto'), head.get('X-Forwarded-For')), head)


class Chatter:
    """A tunnel that is used on and on. @wrong: what was not as it should be."""

    def __init__(self, bed, number):
        self.bed, self.number, self.count = bed, number, 0
        self.wrong, self.going, self.client = None, True, None

    async def run(self):
        """Until told to end."""
        try:
            self.client = await self.bed.connect(f'/many-{self.number}', (4, 6)[self.number % 2],
                                                 self.number % 4 > 1)
            while self.going:
                message = f'{self.number}:{self.count} ' * (1 + self.number % 50)
                await self.client.send(message)
                if await asyncio.wait_for(self.client.recv(), LIMIT) != message:
                    self.wrong = 'another message'
                    break
                self.count += 1
                await asyncio.sleep(0.1)
            await self.client.close()
        except (OSError, ConnectionClosed, TimeoutError, InvalidStatus) as error:
            self.wrong = repr(error)


async def progress(chatters):
    """All of them have said something more. Return: those that have not."""
    before = [each.count for each in chatters]
    for _ in range(LIMIT * 20):
        left = [each for each, count in zip(chatters, before) if each.count < count + 2]
        if not left:
            break
        await asyncio.sleep(0.05)
    return [f'{each.number}: {each.count}, {each.wrong}' for each in left]


async def many(bed):
    """At the same time, through reloads and an upgrade."""
    ktap = bed.ktap
    chatters = [Chatter(bed, number) for number in range(MANY)]
    tasks = [asyncio.create_task(each.run()) for each in chatters]
    left = await progress(chatters)
    ktap.check(f'{MANY} tunnels at once', not left, *left)
    for _ in range(3):
        bed.write()
        done = await asyncio.to_thread(bed.daemons.adm, 'reload')
        ktap.equal('a reload', (0, ''), done)
        left = await progress(chatters)
        ktap.check('all go on', not left, *left)
    old = bed.daemons.last
    wrong = await asyncio.to_thread(bed.daemons.start, '--take-over')
    ktap.check('another process takes over', not wrong, wrong)
    left = await progress(chatters)
    ktap.check('all go on in the process that lets go', not left and old.poll() is None, *left, old.returncode)
    async with bed.connect('/new') as client:
        await client.send('new')
        ktap.equal('a new one is served', 'new', await client.recv())
    # Half of them end by themselves, the others keep the old process until its time is over.
    for each in chatters[::2]:
        each.going = False
    await asyncio.wait(tasks[::2], timeout=LIMIT)
    wrong = [each.wrong for each in chatters[::2] if each.wrong]
    ktap.check('those that end meanwhile end in order', not wrong, *wrong)
    await asyncio.wait(tasks[1::2], timeout=LIMIT)
    ktap.check('those that do not are cut off when settings.shutdown is over',
               all(task.done() for task in tasks) and {each.client.close_code for each in chatters[1::2]} == {1006},
               {each.client.close_code for each in chatters[1::2]})
    for _ in range(LIMIT * 20):
        if old.poll() is not None:
            break
        await asyncio.sleep(0.05)
    ktap.equal('and the old process ends', 0, old.poll())


async def run(bed):
    """All of it."""
    # Of those that are refused on purpose it would tell, too.
    logging.getLogger('websockets').setLevel(logging.CRITICAL)
    options = {'compression': 'deflate', 'select_subprotocol': bed.server.choose, 'max_size': 2 * BIG, 'ping_interval': None,
               'process_request': bed.server.refuse, 'open_timeout': LIMIT, 'close_timeout': LIMIT}
    async with contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(serve(bed.server.handle, ['127.0.0.1', '::1'], 9001, **options))
        await stack.enter_async_context(serve(bed.server.handle, '127.0.0.1', 9002, ssl=bed.server_tls, **options))
        bed.write()
        wrong = await asyncio.to_thread(bed.daemons.start)
        if bed.ktap.check('sluiced starts', not wrong, wrong):
            for version in LISTEN:
                for secure in (False, True):
                    for cases in (messages, closing, handshakes):
                        await cases(bed, version, secure)
            await many(bed)


def main():
    prepare_network()
    with tempfile.TemporaryDirectory() as folder:
        bed = Bed(folder)
        try:
            asyncio.run(run(bed))
        finally:
            statuses = bed.daemons.stop()
        bed.ktap.equal('all daemons end as they should', {0}, set(statuses))
        bed.ktap.finish()


if __name__ == '__main__':
    main()

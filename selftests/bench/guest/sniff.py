#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""In a guest under --icount: what routing by a connection's first bytes costs, in instructions.

    sniff.py MODE CLIENT-NAMESPACE SERVER-NAMESPACE ADDRESS PORT PARSE CONNECTIONS PINGS

One process is client and server, so that nobody waits for anybody but for what is between them. Prints
a line 'CASE MODE INSTRUCTIONS COUNT' for short connections (connect, request, an answer of 1 kB, close)
and for packets of an established one, which go to and fro with one byte each. The clock counts
instructions; time in which the processor was idle is left out."""

import os
import select
import socket
import ssl
import sys
import time

BODY = b'x' * 1024
ANSWER = b'HTTP/1.1 200 OK\r\nContent-Length: 1024\r\nConnection: close\r\n\r\n' + BODY
NAME = 'b.example'


def hello():
    """What a TLS client of today says first."""
    context = ssl.create_default_context()
    context.set_alpn_protocols(['h2', 'http/1.1'])
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    try:
        context.wrap_bio(incoming, outgoing, server_hostname=NAME).do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outgoing.read()


REQUEST = {
    'http': f'GET /index.html HTTP/1.1\r\nHost: {NAME}\r\nUser-Agent: curl/8.14.1\r\nAccept: */*\r\n'
            'Connection: close\r\n\r\n'.encode(),
    'tls': hello(),
}


def enter(name):
    fd = os.open(f'/run/netns/{name}', os.O_RDONLY)
    os.setns(fd, os.CLONE_NEWNET)
    os.close(fd)


def new_socket():
    s = socket.socket()
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    s.settimeout(10)
    return s


def idle():
    """Nanoseconds that no process ran; a tick is the finest that is known."""
    with open('/proc/stat', encoding='ascii') as file:
        return int(file.readline().split()[4]) * 1000000000 // os.sysconf('SC_CLK_TCK')


def read(s, size):
    got = 0
    while got < size:
        more = len(s.recv(65536))
        if not more:
            raise RuntimeError('the connection ended')
        got += more


def connection(listener, to, request):
    """One short connection: the server reads all of the request, which HAProxy changes a little."""
    client = new_socket()
    client.connect(to)
    client.sendall(request)
    server, _ = listener.accept()
    server.settimeout(10)
    seen = b''
    while (b'\r\n\r\n' not in seen) if request.startswith(b'GET') else len(seen) < len(request):
        more = server.recv(65536)
        if not more:
            raise RuntimeError('the client is gone')
        seen += more
    server.sendall(ANSWER)
    server.close()
    # HAProxy writes heads anew.
    answer = b''
    while more := client.recv(65536):
        answer += more
    if not answer.endswith(BODY):
        raise RuntimeError('the answer is not complete')
    client.close()


def packets(listener, to, request, pings):
    """An established connection: one byte to and fro."""
    client = new_socket()
    client.connect(to)
    client.sendall(request)
    server, _ = listener.accept()
    server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    server.settimeout(10)
    read(server, len(request))

    def ping(count):
        for _ in range(count):
            client.send(b'x')
            server.recv(1)
            server.send(b'x')
            client.recv(1)

    ping(200)
    spent = measure(lambda: ping(pings))
    client.close()
    server.close()
    return spent


def measure(function):
    """Instructions of a call."""
    rest, start = idle(), time.monotonic_ns()
    function()
    return time.monotonic_ns() - start - (idle() - rest)


def main():
    mode, client_ns, server_ns, address, port, parse, connections, pings = sys.argv[1:]
    enter(server_ns)
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(('', 8080))
    listener.listen(1024)
    listener.settimeout(10)
    enter(client_ns)
    to, request, count = (address, int(port)), REQUEST[parse], int(connections)

    def many(number):
        for _ in range(number):
            connection(listener, to, request)

    many(50)
    spent = measure(lambda: many(count))
    print(f'{parse}-connection {mode} {spent} {count}', flush=True)
    if int(pings):
        print(f'packet {mode} {packets(listener, to, request, int(pings))} {2 * int(pings)}', flush=True)
    assert not select.select([listener], [], [], 0)[0]


main()

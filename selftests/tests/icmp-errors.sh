#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# ICMP errors about balanced packets reach whom they concern, about the packet that was sent.
# Targets: qemu-6.12 uml-debug qemu-7
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

. "${0%/*}/lib/topology.sh"

load_sluice
setup_balancer 1
add_router
python_cases <<'EOP'
from sluicetest import *

ROUTED = {4: '10.0.1.77', 6: 'fd00:1::77'}
PORT_UNREACHABLE = {4: (3, 3), 6: (1, 4)}
TIME_EXCEEDED = {4: (11, 0), 6: (3, 0)}
TTL = {4: (0, 2), 6: (41, 16)}
# What is quoted must have its checksum, then and not later.
for name in (C, S[0]):
    run(name, 'ethtool', '-K', 'eth0', 'tx', 'off')
for v in VERSIONS:
    run(ROUTER, 'ip', 'route', 'add', ROUTED[v], 'via', OUTSIDE[v])


def quotes(error, sent):
    """Whether an ICMP error is right in itself and is about a packet that was sent, byte for byte
    but for what routers change: its TTL, and with that the IPv4 header's checksum."""
    inner = error.inner
    length = min(len(inner.payload), len(sent.payload))
    return check_all(
        ('ICMP checksum', error.checksum_is_right()),
        ('outer header', error.header_is_right()),
        ('inner header', inner.header_is_right()),
        ('inner addresses', inner.raw_addresses == sent.raw_addresses),
        ('inner length', inner.length == sent.length),
        ('inner packet', length >= 8 and inner.payload[:length] == sent.payload[:length]))


def check_all(*facts):
    wrong = [name for name, right in facts if not right]
    if wrong:
        note('wrong: ' + ', '.join(wrong))
    return not wrong


for v in VERSIONS:
    for vip, where in ((VIP[v], 'VIP local'), (ROUTED[v], 'VIP routed')):
        case = f'IPv{v}, {where}'
        service('udp', vip, 53, [(server(v, 0), 5353)])
        service('tcp', vip, 80, [(server(v, 0), 8080)])
        seen, at_server = Capture(C, 'eth0'), Capture(S[0], 'eth0')

        # Of the server, for the client: nobody listens on the port.
        client = make_socket(C, v, 'udp')
        client.connect((vip, 53))
        client.send(b'hello, is there anybody?' * 10)
        check_eq(f'{case}: port unreachable of the server reaches the socket', True,
                 refused(client.recv, 10))
        sent = seen.wait(lambda p: p.ports, 0, incoming=False)
        error = seen.wait(lambda p: p.icmp == PORT_UNREACHABLE[v])
        check_eq(f'{case}: it comes from the VIP', vip, error and error.source)
        check(f'{case}: it is about what the client sent', error and quotes(error, sent),
              f'{error}; sent: {sent}')

        # Of the client, for the server: the client has closed its socket.
        servers = Servers(v, 'udp', 5353)
        client.send(b'hello')
        _, _, peer = servers.receive()
        client.close()
        at_server.clear()
        servers.sockets[0].connect(peer)
        servers.sockets[0].send(b'too late' * 10)
        check_eq(f'{case}: port unreachable of the client reaches the server\'s socket', True,
                 refused(servers.sockets[0].recv, 10))
        sent = at_server.wait(lambda p: p.ports, 0, incoming=False)
        error = at_server.wait(lambda p: p.icmp == PORT_UNREACHABLE[v])
        check_eq(f'{case}: it comes from the client', FAR_CLIENT[v], error and error.source)
        check(f'{case}: it is about what the server sent', error and quotes(error, sent),
              f'{error}; sent: {sent}')
        servers.close()

        # Of a router on the client's side, for the server, by TCP: a reply with few hops left.
        servers = Servers(v, 'tcp', 8080)
        client, accepted, _ = pair(servers, vip, 80)
        at_server.clear()
        accepted.setsockopt(*TTL[v], 2)
        accepted.send(b'these do not get there')
        error = at_server.wait(lambda p: p.icmp == TIME_EXCEEDED[v])
        router = {4: '10.0.1.2', 6: 'fd00:1::2'}[v]
        check_eq(f'{case}: time exceeded of a router comes from it', router, error and error.source)
        sent = at_server.wait(lambda p: p.ports and p.payload.endswith(b'there'), 0, incoming=False)
        check(f'{case}: it is about what the server sent', error and quotes(error, sent),
              f'{error}; sent: {sent}')
        accepted.setsockopt(*TTL[v], 64)
        check(f'{case}: and the connection goes on', client.recv(100) and works(client, accepted))

        # Of the balancer, for the client.
        seen.clear()
        client.setsockopt(*TTL[v], 2)
        client.send(b'these do not get there')
        error = seen.wait(lambda p: p.icmp == TIME_EXCEEDED[v])
        check_eq(f'{case}: time exceeded of the balancer comes from its address', True,
                 error is not None and error.source in (OUTSIDE[v], VIP[v]))
        sent = seen.wait(lambda p: p.ports and p.payload.endswith(b'there'), 0, incoming=False)
        check(f'{case}: it is about what the client sent', error and quotes(error, sent),
              f'{error}; sent: {sent}')
        client.setsockopt(*TTL[v], 3)
        check(f'{case}: one hop more is enough', accepted.recv(100) and works(client, accepted))

        # Of a router that quotes no more than it must: eight bytes of TCP, without a checksum.
        say(accepted, client, b'last words')
        sent = at_server.wait(lambda p: p.ports and p.payload.endswith(b'last words'), 5, incoming=False)
        quote = (socket.inet_pton(FAMILY[v], vip) + socket.inet_pton(FAMILY[v], FAR_CLIENT[v]) +
                 struct.pack('!HH', 80, client.getsockname()[1]) + sent.payload[4:8])
        if v == 4:
            header = sent.data[:10] + b'\0\0'
            header += quote[:8]
            header = header[:10] + struct.pack('!H', 0xffff - ones_sum(header)) + header[12:]
            quote = header + quote[8:]
        else:
            quote = sent.data[:8] + quote
        unreachable = (3, 1) if v == 4 else (1, 3)
        message = struct.pack('!BBHI', *unreachable, 0, 0) + quote
        if v == 4:
            message = message[:2] + struct.pack('!H', 0xffff - ones_sum(message)) + message[4:]
        with ns(ROUTER):
            raw = socket.socket(FAMILY[v], socket.SOCK_RAW, 1 if v == 4 else 58)
        raw.sendto(message, (vip, 0))
        error = at_server.wait(lambda p: p.icmp == unreachable)
        check(f'{case}: an error with a short quote is about what the server sent',
              error and error.source == router and error.inner.ports == sent.ports and
              error.inner.raw_addresses == sent.raw_addresses and error.inner.header_is_right() and
              error.checksum_is_right() and error.inner.payload == sent.payload[:8],
              f'{error}; sent: {sent}')
        raw.close()
        for x in (client, accepted, servers, seen, at_server):
            x.close()
EOP

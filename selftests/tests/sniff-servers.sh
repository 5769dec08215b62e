#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Delayed binding and servers that refuse, are silent, talk first or want the PROXY protocol; clients of this host; weights and shares.
# Targets: uml uml-debug qemu-7
# Timeout: 200
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

load_sluice
setup_balancer 2
python_cases <<'EOP'
from rawtcp import *

HEAD = b'GET /x HTTP/1.1\r\nHost: a.example\r\n\r\n'


def ask_http(v, port, data=HEAD, name=C, **words):
    """What comes back for DATA until the end, or the error."""
    try:
        with connect(v, VIP[v], port, name, **words) as s:
            s.sendall(data)
            got = b''
            while True:
                more = s.recv(65536)
                if not more:
                    return got
                got += more
    except OSError as error:
        return error


def status(answer):
    return answer.split(b'\r\n')[0] if isinstance(answer, bytes) else answer


def chosen_by(servers, v, port, **words):
    """Which server a new connection goes to."""
    with connect(v, VIP[v], port, **words) as s:
        s.sendall(HEAD)
        index, accepted, _ = servers.accept()
        accepted.recv(1000)
        accepted.close()
    return index


setup_raw()
settings('connect-timeout=1s', 'connect-retries=1')
for v in VERSIONS:
    # One refuses, the other one answers: whoever is asked first.
    sniff_service(v, 80, 'http', [server(v, 0), server(v, 1)])
    servers = Servers(v, 'tcp', 80, [S[1]])
    for i in range(3):
        s = connect(v, VIP[v], 80)
        s.sendall(HEAD)
        try:
            _, accepted, _ = servers.accept(10)
            check(f'IPv{v}: a server refuses, the next one is asked ({i})',
                  accepted.recv(1000) == HEAD and works(s, accepted))
            accepted.close()
        except TimeoutError as error:
            check(f'IPv{v}: a server refuses, the next one is asked ({i})', False, error)
        s.close()
    # And one that says nothing.
    run(S[0], 'nft', 'add table inet t; add chain inet t c { type filter hook input priority 0; };'
        'add rule inet t c tcp dport 80 drop')
    for i in range(2):
        s = connect(v, VIP[v], 80)
        s.sendall(HEAD)
        try:
            _, accepted, _ = servers.accept(10)
            check(f'IPv{v}: a server is silent, the next one is asked ({i})',
                  accepted.recv(1000) == HEAD and works(s, accepted))
            accepted.close()
        except TimeoutError as error:
            check(f'IPv{v}: a server is silent, the next one is asked ({i})', False, error)
        s.close()
    run(S[0], 'nft', 'flush ruleset')
    servers.close()
    check_eq(f'IPv{v}: none answers: 503', b'HTTP/1.1 503 Service Unavailable',
             status(ask_http(v, 80)))
    check_eq(f'IPv{v}: a request for nothing but the head gets nothing more', b'',
             ask_http(v, 80, HEAD.replace(b'GET', b'HEAD')).partition(b'\r\n\r\n')[2])

    # A server that talks first, as soon as somebody is there.
    servers = Servers(v, 'tcp', 80, S)
    s = connect(v, VIP[v], 80)
    s.sendall(HEAD)
    _, accepted, _ = servers.accept()
    accepted.sendall(b'hello, this is the server\r\n')
    check_eq(f'IPv{v}: a server that talks first is heard', b'hello, this is the server\r\n',
             s.recv(1000))
    check(f'IPv{v}: and hears', accepted.recv(1000) == HEAD and works(s, accepted))
    check(f'IPv{v}: a lot goes both ways', bulk(s, accepted) and bulk(accepted, s))
    accepted.close()
    s.close()
    # It ends with a reset.
    s = connect(v, VIP[v], 80)
    s.sendall(HEAD)
    _, accepted, _ = servers.accept()
    accepted.recv(1000)
    reset(accepted)
    try:
        check_eq(f'IPv{v}: a reset of the server arrives', 'a reset', s.recv(1000))
    except OSError as error:
        check_eq(f'IPv{v}: a reset of the server arrives', 'Connection reset by peer', error.strerror)
    s.close()
    # And one of the client.
    s = connect(v, VIP[v], 80)
    s.sendall(HEAD)
    _, accepted, _ = servers.accept()
    accepted.recv(1000)
    reset(s)
    try:
        check_eq(f'IPv{v}: a reset of the client arrives', 'a reset', accepted.recv(1000))
    except OSError as error:
        check_eq(f'IPv{v}: a reset of the client arrives', 'Connection reset by peer', error.strerror)
    accepted.close()

    # From this host.
    s = connect(v, VIP[v], 80, name=B)
    s.sendall(HEAD)
    _, accepted, _ = servers.accept()
    check(f'IPv{v}: a client on the balancer', accepted.recv(1000) == HEAD and works(s, accepted) and
          bulk(s, accepted) and bulk(accepted, s))
    accepted.close()
    s.close()
    servers.close()

    # A server without timestamps, selective acknowledgements and scaled windows.
    sniff_service(v, 81, 'http', [server(v, 0)])
    run(S[0], 'sysctl', '-qw', 'net.ipv4.tcp_timestamps=0', 'net.ipv4.tcp_sack=0',
        'net.ipv4.tcp_window_scaling=0')
    servers = Servers(v, 'tcp', 81, [S[0]])
    for i in range(2):
        s = connect(v, VIP[v], 81)
        s.sendall(HEAD)
        _, accepted, _ = servers.accept()
        check(f'IPv{v}: a server of the old kind ({i})', accepted.recv(1000) == HEAD and
              works(s, accepted) and bulk(s, accepted) and bulk(accepted, s))
        accepted.close()
        s.close()
    c = RawClient(v, 81)
    answer = c.shake()
    check(f'IPv{v}: later clients are offered no timestamps', 'stamp' not in answer.options, answer)
    c.close()
    run(S[0], 'sysctl', '-qw', 'net.ipv4.tcp_timestamps=1', 'net.ipv4.tcp_sack=1',
        'net.ipv4.tcp_window_scaling=1')
    servers.close()

    # The MSS that clients are told is not above that of the servers.
    sniff_service(v, 82, 'http', [server(v, 0)])
    run(S[0], 'ip', '-4' if v == 4 else '-6', 'route', 'replace', 'default', 'via',
        INSIDE[v], 'advmss', '1000')
    servers = Servers(v, 'tcp', 82, [S[0]])
    for i in range(2):
        c = RawClient(v, 82)
        answer = c.shake()
        c.send(HEAD + b'x' * 1300)
        _, accepted, _ = servers.accept()
        if i:
            check_eq(f'IPv{v}: the MSS of the servers is known from the second connection on', 1000,
                     answer.options['mss'])
        data = b''
        while len(data) < len(HEAD) + 1300:
            data += accepted.recv(10000)
        check_eq(f'IPv{v}: what is held goes in segments of its size', HEAD + b'x' * 1300, data)
        accepted.close()
        c.close()
    run(S[0], 'ip', '-4' if v == 4 else '-6', 'route', 'replace', 'default', 'via', INSIDE[v])
    servers.close()

    # Nor do segments arrive that are larger, where the client was told so before this server was known.
    to = ('-t', endpoint(VIP[v], 90))
    servers = Servers(v, 'tcp', 90)
    run(S[1], 'ip', '-4' if v == 4 else '-6', 'route', 'replace', 'default', 'via',
        INSIDE[v], 'advmss', '1000')
    offloads('off', (B, 's2'), (S[1], 'eth0'))
    run(B, 'ethtool', '-K', 's2', 'tx', 'off')
    largest = 1000 + {4: 40, 6: 60}[v]
    for offload in 'off', 'on':
        offloads(offload, (C, 'eth0'), (B, 'c0'))
        sniff_service(v, 90, 'http', [server(v, 0)])
        check_eq(f'IPv{v}, offload {offload}: the service knows one server', 0, chosen_by(servers, v, 90))
        adm('-a', *to, '-r', endpoint(server(v, 1), 90))
        adm('-e', *to, '-r', endpoint(server(v, 0), 90), '-w', '0')
        with connect(v, VIP[v], 90) as s:
            s.sendall(HEAD)
            index, accepted, _ = servers.accept()
            seen = Capture(S[1], 'eth0')
            told = s.getsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG)
            check(f'IPv{v}, offload {offload}: the client may send larger segments than it takes',
                  index == 1 and told > 1000, f'server {index}, {told} bytes')
            check(f'IPv{v}, offload {offload}: all that it sends arrives',
                  accepted.recv(1000) == HEAD and works(s, accepted) and bulk(s, accepted) and
                  bulk(accepted, s))
            got = [p for p in seen.packets() if p.protocol == 6]
            check_eq(f'IPv{v}, offload {offload}: in segments that the server takes', largest,
                     max(p.length for p in got))
            check(f'IPv{v}, offload {offload}: with the right checksums',
                  all(p.checksum_is_right() for p in got))
            seen.close()
            accepted.close()
        # A new one knows nothing.
        adm('-D', *to)
    run(B, 'ethtool', '-K', 's2', 'tx', 'on')
    offloads('on', (B, 's2'), (S[1], 'eth0'))
    run(S[1], 'ip', '-4' if v == 4 else '-6', 'route', 'replace', 'default', 'via', INSIDE[v])
    servers.close()

    # The PROXY protocol.
    adm('-R', stdin=f'pool add p{v} --family {"inet" if v == 4 else "inet6"} --proxy-protocol v2\n'
        f'server add --pool p{v} -r {endpoint(server(v, 0), 83)}\n')
    sniff_service(v, 83, 'http', pool=f'p{v}')
    servers = Servers(v, 'tcp', 83, [S[0]])
    s = connect(v, VIP[v], 83)
    port = s.getsockname()[1]
    s.sendall(HEAD)
    _, accepted, _ = servers.accept()
    length = {4: 28, 6: 52}[v]
    wanted = b'\r\n\r\n\0\r\nQUIT\n\x21' + (b'\x11' if v == 4 else b'\x21') + \
        struct.pack('!H', length - 16) + \
        b''.join(socket.inet_pton(FAMILY[v], a) for a in (CLIENT[v], VIP[v])) + \
        struct.pack('!HH', port, 83)
    data = b''
    while len(data) < length + len(HEAD):
        more = accepted.recv(1000)
        if not more:
            break
        data += more
    check_eq(f'IPv{v}: the PROXY protocol tells who it is, ahead of the head', wanted + HEAD, data)
    check(f'IPv{v}: and all else is in its place', works(s, accepted) and bulk(s, accepted) and
          bulk(accepted, s))
    accepted.close()
    s.close()
    servers.close()

    # A process of this host, by a route of action proxy.
    sniff_service(v, 84, 'http', [server(v, 0)])
    adm('route', 'add', '-t', endpoint(VIP[v], 84), 'here', 'host', 'a.example', 'proxy', '8484')
    listener = listen(B, v, 8484)
    s = connect(v, VIP[v], 84)
    s.sendall(HEAD)
    try:
        accepted, peer = listener.accept()
        accepted.settimeout(20)
        check_eq(f'IPv{v}: a process of this host sees the client', (CLIENT[v], s.getsockname()[1]),
                 peer[:2])
        check(f'IPv{v}: and the head, and all else', accepted.recv(1000) == HEAD and
              works(s, accepted) and bulk(s, accepted) and bulk(accepted, s))
        accepted.close()
    except OSError as error:
        check(f'IPv{v}: a process of this host sees the client', False, error)
    s.close()
    listener.close()

# Pools of one route, by weight, and clients, by share. Address and port of each are those of one server.
WEIGHTED = 120
TRIED = {4: [f'10.0.1.{i}' for i in range(201, 217)], 6: [f'fd00:1::c{i:x}' for i in range(16)]}
run(C, 'ip', '-batch', '-', stdin=''.join(
    f'addr add {a}/{24 if v == 4 else 64} dev eth0 {"" if v == 4 else "nodad"}\n'
    for v in VERSIONS for a in TRIED[v]))
weighted = [0, 0]
for v in VERSIONS:
    to = f'-t {endpoint(VIP[v], 85)}'
    adm('-R', stdin=''.join(f'pool add w{v}{i} --family {"inet" if v == 4 else "inet6"}\n'
                            f'server add --pool w{v}{i} -r {endpoint(server(v, i), 85)}\n' for i in (0, 1)))
    sniff_service(v, 85, 'http')
    adm('route', 'add', *to.split(), 'both', 'pool', f'w{v}0', 'weight', '1', 'pool', f'w{v}1', 'weight', '3')
    servers = Servers(v, 'tcp', 85)
    for _ in range(WEIGHTED):
        weighted[chosen_by(servers, v, 85)] += 1

    # The rest goes to the other server.
    adm('-R', stdin=f'route set {to} both pool w{v}1\n'
        f'route add {to} some share 50% pool w{v}0 before both\n')
    half = [chosen_by(servers, v, 85, source=a) for a in TRIED[v]]
    check(f'IPv{v}: a share is of some clients, not of all', 0 < sum(half) < len(half), half)
    check_eq(f'IPv{v}: the same client is always in the same part', half,
             [chosen_by(servers, v, 85, source=a) for a in TRIED[v]])
    adm('route', 'set', *to.split(), 'some', 'share', '80%')
    more = [chosen_by(servers, v, 85, source=a) for a in TRIED[v]]
    check(f'IPv{v}: a larger share has them, too, and others',
          sum(more) < sum(half) and all(m <= h for m, h in zip(more, half)), f'{half}\n{more}')
    adm('route', 'set', *to.split(), 'some', 'share', '50%', 'salt', '7')
    other = [chosen_by(servers, v, 85, source=a) for a in TRIED[v]]
    check(f'IPv{v}: with another salt they are others', other != half and 0 < sum(other) < len(other), other)
    servers.close()
# Binomial: 240 of which one of four, 60 and five times 6.7. Each connection by itself: all are of one client.
check('pools of one route have connections by their weights', 27 <= weighted[0] <= 93, weighted)
check_eq('and all of them', 2 * WEIGHTED, sum(weighted))
EOP

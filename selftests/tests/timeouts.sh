#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Each time-out can be set, holds for its state, and a connection is forgotten after it.
# Targets: uml uml-debug
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

load_sluice
setup_balancer 1
python_cases <<'EOP'
from sluicetest import *
from rawtcp import *

# States that a handshake or an end passes through, each on a port of its own.
PASSING = {'syn-sent': 81, 'syn-recv': 82, 'fin-wait': 83, 'last-ack': 84}

usual('tcp', 80)
usual('udp', 53)
for service_port in PASSING.values():
    usual('tcp', service_port)
setup_raw()


def expires(port):
    found = [c['expires'] for c in connections() if c['client-port'] == port]
    return found[0] if found else None


def gone(port):
    return until(10, lambda: expires(port) is None)


def between(name, low, port, high):
    check(name, low <= (expires(port) or -1) <= high, f'{low} <= {expires(port)} <= {high}?')


settings('tcp-established=400s', 'tcp-fin-wait=300s', 'tcp-close-wait=200s', 'tcp-time-wait=100s',
         'tcp-close=50s', 'udp-new=30s', 'udp=600s')
flows, listening = {}, {}
for v in VERSIONS:
    tcp, udp = Servers(v, 'tcp', 80), Servers(v, 'udp', 53)
    # Generous: some time passes before the listing.
    client, accepted, _ = pair(tcp, VIP[v], 80)
    p = client.getsockname()[1]
    wait_state(p, 'established')
    between(f'IPv{v}: tcp-established', 370000, p, 400000)
    client.shutdown(socket.SHUT_WR)
    wait_state(p, 'close-wait')
    between(f'IPv{v}: tcp-close-wait', 170000, p, 200000)
    accepted.close()
    wait_state(p, 'time-wait')
    between(f'IPv{v}: tcp-time-wait', 70000, p, 100000)
    client.close()
    client, accepted, _ = pair(tcp, VIP[v], 80)
    p = client.getsockname()[1]
    reset(client)
    wait_state(p, 'close')
    between(f'IPv{v}: tcp-close', 20000, p, 50000)
    accepted.close()

    client = make_socket(C, v, 'udp')
    p = client.getsockname()[1]
    client.sendto(b'hello', (VIP[v], 53))
    _, data, peer = udp.receive()
    check_eq(f'IPv{v}: a flow without an answer: udp-new', 'udp-new', state(p, 'udp'))
    between(f'IPv{v}: udp-new', 15000, p, 30000)
    udp.sockets[0].sendto(data, peer)
    client.recv(100)
    check_eq(f'IPv{v}: a flow with an answer: udp', 'udp', wait_state(p, 'udp', 'udp'))
    between(f'IPv{v}: udp', 570000, p, 600000)

    flows[v], listening[v] = client, (tcp, udp)

# A change holds at once, also for connections at rest, and what is over is forgotten.
settings('udp=900s')
for v, client in flows.items():
    between(f'IPv{v}: a new time-out holds for a connection at rest', 840000, client.getsockname()[1], 900000)
pairs = {v: pair(tcp, VIP[v], 80) for v, (tcp, _) in listening.items()}
for client, accepted, _ in pairs.values():
    works(client, accepted)
settings('udp=100ms', 'tcp-established=200ms')
for v, client in flows.items():
    check(f'IPv{v}: a UDP flow is forgotten after its time', gone(client.getsockname()[1]), connections())
    client.close()
for v, (client, accepted, _) in pairs.items():
    check(f'IPv{v}: an idle TCP connection is forgotten after its time', gone(client.getsockname()[1]), connections())
    active = lambda: listing('-L', '-n', '-t', endpoint(VIP[v], 80))[0]['servers'][0]['active']
    check(f'IPv{v}: and does not count as active any more', until(10, lambda: active() == 0), active())
    client.close()
    accepted.close()


def outlive():
    """Whether connections that are in use are kept, well past their time-out; None if this machine
    was away for about as long."""
    pairs = {v: pair(tcp, VIP[v], 80) for v, (tcp, _) in listening.items()}
    now = begin = time.monotonic()
    alive, away = dict.fromkeys(pairs, True), False
    while all(alive.values()) and now < begin + 3:
        for v, (client, accepted, _) in pairs.items():
            alive[v] = works(client, accepted)
        time.sleep(0.1)
        last, now = now, time.monotonic()
        # Longer than that is not this machine, but a connection on which nothing comes any more.
        away = away or 1 < now - last < 15
    for client, accepted, _ in pairs.values():
        client.close()
        accepted.close()
    return alive if all(alive.values()) or not away else None


settings('tcp-established=1500ms')
check_eq('connections in use outlive their time-out', dict.fromkeys(VERSIONS, True), until(120, outlive))
settings('tcp-established=400s', 'udp=600s')
for tcp, udp in listening.values():
    tcp.close()
    udp.close()

NFT = {4: 'ip', 6: 'ip6'}
# Clients that acknowledge nothing by themselves, and a server that stops to hear and to speak: nothing moves a
# connection on from where it is.
run(S[0], 'nft', 'add table inet t; add chain inet t in { type filter hook input priority 0; }; '
    'add chain inet t out { type filter hook output priority 0; }; add rule inet t in tcp dport 81 drop')
settings('tcp-syn-sent=900s', 'tcp-syn-recv=700s', 'tcp-fin-wait=500s', 'tcp-last-ack=300s')
raw, open_sockets = {}, []
for v in VERSIONS:
    for name, port in PASSING.items():
        raw[name, v] = client = RawClient(v, port)
        if name == 'syn-sent':
            client.send(b'', SYN, seq=-1, **client.syn)
            continue
        servers = Servers(v, 'tcp', port)
        open_sockets.append(servers)
        if name == 'syn-recv':
            client.send(b'', SYN, seq=-1, **client.syn)
            client.receive(20, lambda s: s.flags & SYN)
            continue
        client.shake()
        accepted = servers.accept()[1]
        open_sockets.append(accepted)
        run(S[0], 'nft', f'add rule inet t in {NFT[v]} saddr {RAW_CLIENT[v]} tcp dport {port} drop')
        client.send(flags=FIN | ACK)
        wait_state(client.sport, 'fin-wait')
        if name == 'last-ack':
            accepted.shutdown(socket.SHUT_WR)
for (name, v), client in raw.items():
    check_eq(f'IPv{v}: {name}', name, wait_state(client.sport, name))
run(S[0], 'nft', 'add rule inet t out tcp sport 82-84 drop')
for (name, v), client in raw.items():
    most = {'syn-sent': 900000, 'syn-recv': 700000, 'fin-wait': 500000, 'last-ack': 300000}[name]
    between(f'IPv{v}: tcp-{name}', most - 150000, client.sport, most)
left = set(PASSING)
for name in PASSING:
    left.remove(name)
    settings(f'tcp-{name}=100ms')
    for v in VERSIONS:
        check(f'IPv{v}: a connection in {name} is forgotten after its time', gone(raw[name, v].sport), connections())
    check_eq(f'{name}: those in other states are not', sorted((x, v) for x in left for v in VERSIONS),
             sorted((c['state'], 4 if '.' in c['client-address'] else 6) for c in connections()
                    if 81 <= c['virtual-port'] <= 84))
for s in (*raw.values(), *open_sockets):
    s.close()
EOP

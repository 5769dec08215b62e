#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Each time-out can be set, holds for its state, and a connection is forgotten after it.
# Targets: uml uml-debug qemu-7
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

load_sluice
setup_balancer 1
python_cases <<'EOP'
from sluicetest import *

usual('tcp', 80)
usual('udp', 53)


def expires(port):
    found = [c['expires'] for c in connections() if c['client-port'] == port]
    return found[0] if found else None


def gone(port):
    return until(10, lambda: expires(port) is None)


def between(name, low, port, high):
    check(name, low <= (expires(port) or -1) <= high, f'{low} <= {expires(port)} <= {high}?')


settings('tcp-established=400s', 'tcp-fin-wait=300s', 'tcp-close-wait=200s', 'tcp-time-wait=100s',
         'tcp-close=50s', 'udp-new=30s', 'udp=600s')
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

    # A change holds at once, also for connections at rest, and what is over is forgotten.
    settings('udp=900s')
    between(f'IPv{v}: a new time-out holds for a connection at rest', 840000, p, 900000)
    settings('udp=100ms')
    check(f'IPv{v}: a UDP flow is forgotten after its time', gone(p), connections())
    client.close()
    client, accepted, _ = pair(tcp, VIP[v], 80)
    p = client.getsockname()[1]
    settings('tcp-established=200ms')
    works(client, accepted)
    check(f'IPv{v}: an idle TCP connection is forgotten after its time', gone(p), connections())
    active = lambda: listing('-L', '-n', '-t', endpoint(VIP[v], 80))[0]['servers'][0]['active']
    check(f'IPv{v}: and does not count as active any more', until(10, lambda: active() == 0), active())
    client.close()
    accepted.close()

    # What is used is kept, well past its time-out.
    settings('tcp-established=1500ms')
    client, accepted, _ = pair(tcp, VIP[v], 80)
    end = time.monotonic() + 3
    alive = True
    while alive and time.monotonic() < end:
        alive = works(client, accepted)
        time.sleep(0.1)
    check(f'IPv{v}: a connection in use outlives its time-out', alive)
    client.close()
    accepted.close()
    settings('tcp-established=400s', 'udp=600s')
    tcp.close()
    udp.close()
EOP

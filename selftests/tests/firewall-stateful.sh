#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A usual firewall with connection states works for all of a connection, masquerading or not.
# Targets: qemu-6.12 uml-debug qemu-7
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

. "${0%/*}/lib/topology.sh"

load_sluice
setup_balancer 1
add_router
python_cases <<'EOP'
from firewall import *

ROUTED = {4: '10.0.1.77', 6: 'fd00:1::77'}
LOCAL_CLIENTS = '''
insert rule inet f output tcp dport 80 ct state new accept
insert rule inet f output udp dport 53 ct state new accept
'''
MASQUERADE = 'table inet m { chain c { type nat hook postrouting priority 100; masquerade; }; }'


def tracked(v, protocol, address, port, vip):
    """Conntrack's entries for a client and a virtual address: [(state, addresses)]."""
    lines = run(B, 'conntrack', '-L', '-f', f'ipv{v}', '-p', protocol, '--orig-src', address,
                '--orig-port-src', str(port), '--orig-dst', vip)
    return [line.split() for line in lines.splitlines()]


def ends(words):
    return [w.split('=')[1] for w in words if w.startswith(('src=', 'dst='))]


def try_all(case, v, vip, name, client_address):
    tcp, udp = Servers(v, 'tcp', 8080), Servers(v, 'udp', 5353)
    service('tcp', vip, 80, [(server(v, 0), 8080)])
    service('udp', vip, 53, [(server(v, 0), 5353)])
    client, accepted, _ = pair(tcp, vip, 80, name=name)
    p, address = client.getsockname()[1], client_address or client.getsockname()[0]
    check_eq(f'{case}: the server sees the client\'s own address', (address, p),
             accepted.getpeername()[:2])
    check(f'{case}: TCP works with much data, both ways',
          bulk(client, accepted) and bulk(accepted, client))
    words = tracked(v, 'tcp', address, p, vip)
    check(f'{case}: conntrack has it as established, between client and VIP',
          len(words) == 1 and 'ESTABLISHED' in words[0] and '[ASSURED]' in words[0] and
          ends(words[0]) == [address, vip, vip, address], words)
    client.shutdown(socket.SHUT_WR)
    check_eq(f'{case}: the server sees the end', b'', accepted.recv(10))
    check(f'{case}: its half still transfers', bulk(accepted, client, 100000))
    accepted.close()
    check_eq(f'{case}: the client sees the end', b'', client.recv(10))
    client.close()
    check_eq(f'{case}: the connection has ended in order', 'time-wait', wait_state(p, 'time-wait'))
    words = until(5, lambda: (w := tracked(v, 'tcp', address, p, vip)) and 'TIME_WAIT' in w[0] and w)
    check(f'{case}: in conntrack too', words, tracked(v, 'tcp', address, p, vip))

    client = make_socket(name, v, 'udp')
    p = client.getsockname()[1]
    check_eq(f'{case}: UDP works', [(0, (vip, 53))] * 3,
             [ask(udp, client, (vip, 53)) for _ in range(3)])
    words = tracked(v, 'udp', address, p, vip)
    check(f'{case}: conntrack has it, answered, between client and VIP',
          len(words) == 1 and '[UNREPLIED]' not in words[0] and
          ends(words[0]) == [address, vip, vip, address], words)
    udp.close()
    client.setsockopt(*RECVERR[v], 1)
    client.connect((vip, 53))
    client.send(b'hello')
    check_eq(f'{case}: an ICMP error passes as related', True, refused(client.recv, 10))
    tcp.close()
    check_eq(f'{case}: a refusal passes', True, refused(connect, v, vip, 80, name=name))
    client.close()
    adm('-C')


# Path MTU discovery has to pass the firewall, too.
route_mtu(B, 'br0', 1300, '10.0.2.0/24', 'fd00:2::/64')
route_mtu(ROUTER, 'c0', 1400, '10.0.3.0/24', 'fd00:3::/64')
nft(RULES + LOCAL_CLIENTS)
for v in VERSIONS:
    run(ROUTER, 'ip', 'route', 'add', ROUTED[v], 'via', OUTSIDE[v])
for masquerade in (False, True):
    if masquerade:
        nft(MASQUERADE)
    for v in VERSIONS:
        case = f'IPv{v}' + (', masquerading' if masquerade else '')
        forget_paths(C, S[0])
        try_all(f'{case}, VIP local', v, VIP[v], C, FAR_CLIENT[v])
        try_all(f'{case}, VIP routed', v, ROUTED[v], C, FAR_CLIENT[v])
        check_eq(f'{case}: no packet was invalid', 0, counter('invalid'))

run(B, 'nft', 'delete', 'table', 'inet', 'm')
route_mtu(B, 'br0', 1500, '10.0.2.0/24', 'fd00:2::/64')
for v in VERSIONS:
    try_all(f'IPv{v}, client here', v, VIP[v], B, None)
    check_eq(f'IPv{v}, client here: no packet was invalid', 0, counter('invalid'))
before = counter('dropped')
s = make_socket(C, 4, 'tcp')
s.setblocking(False)
s.connect_ex((VIP[4], 81))
check('what no rule accepts is dropped', until(5, lambda: counter('dropped') > before))
EOP

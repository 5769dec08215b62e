#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Behind a firewall the first packet of each flow goes the way that holds now, and past whoever watches there.
# Targets: uml uml-debug
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"
. "${0%/*}/lib/topology.sh"

load_sluice
setup_balancer 1
add_second_way
addr "$C" lo 10.0.8.8/32 fd00:8::8/128
python_cases <<'EOP'
import itertools

from fastpath import *

LENGTH = {4: 32, 6: 128}
SECOND = {4: '10.0.6.2', 6: 'fd00:6::2'}
OTHER = {4: '10.0.8.8', 6: 'fd00:8::8'}
HEADERS = {4: 28, 6: 48}
FLOWS = 5
# Conntrack is there because of it.
FIREWALL = '''table inet f {
    counter in4 {}
    counter in6 {}
    chain input {
        type filter hook input priority 0
        ct state established accept
        meta nfproto ipv4 udp dport 53 counter name in4
        meta nfproto ipv6 udp dport 53 counter name in6
    }
}'''
WATCH_OUT = '''table inet out {
    counter out4 {}
    counter out6 {}
    chain out {
        type filter hook postrouting priority 0
        meta nfproto ipv4 udp dport 53 counter name out4
        meta nfproto ipv6 udp dport 53 counter name out6
    }
}'''

nft(FIREWALL)
usual('udp', 53)
captures = {device: Capture(S[0], device) for device in ('eth0', 'eth1')}


def counted(table, name):
    found = json.loads(run(B, 'nft', '-j', 'list', 'counter', 'inet', table, name))
    return found['nftables'][-1]['counter']['packets']


# No flow is taken for an earlier one, which the firewall has let pass.
ports = itertools.count(20000)


def send(v, data, source=None, to=None):
    with contextlib.closing(make_socket(C, v, 'udp', source, next(ports))) as client:
        client.sendto(data, (to or VIP[v], 53))


def fresh(servers, count=FLOWS, source=None):
    """Flows of one datagram each, one after the other: the devices that the server got them by."""
    v = servers.version
    for c in captures.values():
        c.clear()
    for i in range(count):
        send(v, b'%d' % i, source)
        if servers.receive()[1] != b'%d' % i:
            return 'another datagram'
    return [device for device, c in captures.items()
            if any(p.ports and p.ports[1] == 53 and p.version == v for p in c.packets())]


def sent_by_ip(v):
    """Bytes that the balancer's IP layer has sent."""
    if v == 6:
        lines = run(B, 'cat', '/proc/net/snmp6').splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith('Ip6OutOctets'))
    names, values = (line.split() for line in run(B, 'cat', '/proc/net/netstat').splitlines()
                     if line.startswith('IpExt:'))
    return int(values[names.index('OutOctets')])


# An address of each family, of the same bytes: what is known of the way to one does not hold for the other.
TWINS = {4: '32.1.13.184', 6: '2001:db8::'}
for v, twin in TWINS.items():
    ip('addr', 'add', f'{twin}/{LENGTH[v]}', 'dev', 'c0', *(('nodad',) if v == 6 else ()))
    adm('-R', stdin=f'-A -u {endpoint(twin, 53)}\n-a -u {endpoint(twin, 53)} -r {endpoint(server(v, 0), 53)} -m\n')
for v in (4, 6, 4, 6):
    servers = Servers(v, 'udp', 53)
    send(v, b'twin', to=TWINS[v])
    check_eq(f'IPv{v}: an address whose bytes are one of the other family is served', b'twin', servers.receive()[1])
    servers.close()

for v in VERSIONS:
    servers = Servers(v, 'udp', 53)
    seen = counted('f', f'in{v}')
    fresh(servers)
    check_eq(f'IPv{v}: the firewall sees each flow', FLOWS, counted('f', f'in{v}') - seen)
    # Some neighbour discovery may be in it, but not all that the server got.
    before = sent_by_ip(v)
    check_eq(f'IPv{v}: flows go by the network of the server', ['eth0'], fresh(servers, 40))
    sent = sent_by_ip(v) - before
    check(f'IPv{v}: not through the output of the IP layer', sent < 40 * HEADERS[v], sent)

    nft(WATCH_OUT)
    fresh(servers)
    check_eq(f'IPv{v}: a rule in POSTROUTING sees each flow', FLOWS, counted('out', f'out{v}'))
    nft('delete table inet out')

    ip('route', 'add', f'{server(v, 0)}/{LENGTH[v]}', 'via', SECOND[v])
    check_eq(f'IPv{v}: a route that was added holds', ['eth1'], fresh(servers))
    ip('route', 'del', f'{server(v, 0)}/{LENGTH[v]}')
    check_eq(f'IPv{v}: and holds no more when it is gone', ['eth0'], fresh(servers))

    # The client asks for the virtual address on its link no more, where nobody would answer.
    ip('route', 'add', f'{VIP[v]}/{LENGTH[v]}', 'via', OUTSIDE[v], at=C)
    ip('addr', 'del', f'{VIP[v]}/{LENGTH[v]}', 'dev', 'c0')
    check_eq(f'IPv{v}: a virtual address that is only routed is served', ['eth0'], fresh(servers))
    nodad = ('nodad',) if v == 6 else ()
    ip('addr', 'add', f'{VIP[v]}/{LENGTH[v]}', 'dev', 'c0', *nodad)
    check_eq(f'IPv{v}: and one that is back', ['eth0'], fresh(servers))
    # Without a gap, though the kernel knows an address before it has a route.
    ways = []
    for _ in range(20):
        ip('addr', 'del', f'{VIP[v]}/{LENGTH[v]}', 'dev', 'c0')
        ip('addr', 'add', f'{VIP[v]}/{LENGTH[v]}', 'dev', 'c0', *nodad)
        ways += fresh(servers, 1)
    check_eq(f'IPv{v}: each time at once', ['eth0'] * 20, ways)

    if v == 4:
        # The answer to 10.0.8.8 would go by another device than its packets come by.
        ip('route', 'add', f'{OTHER[v]}/32', 'via', SECOND[v])
        check_eq('IPv4: without rp_filter any source is taken', ['eth0'], fresh(servers, source=OTHER[v]))
        sysctl('net.ipv4.conf.c0.rp_filter=1')
        send(v, b'lost', OTHER[v])
        check_eq('IPv4: with it only what is reached by the same device', ['eth0'], fresh(servers))
        sysctl('net.ipv4.conf.c0.rp_filter=0')
        check_eq('IPv4: until it is off again', ['eth0'], fresh(servers, source=OTHER[v]))
        # Nor is a source that is the balancer's own.
        ip('addr', 'add', f'{OTHER[v]}/32', 'dev', 'c0')
        send(v, b'lost', OTHER[v])
        check_eq("IPv4: nobody sends with an address that is the balancer's", ['eth0'], fresh(servers))
        ip('addr', 'del', f'{OTHER[v]}/32', 'dev', 'c0')
        check_eq('IPv4: until it is not', ['eth0'], fresh(servers, source=OTHER[v]))
        ip('route', 'del', f'{OTHER[v]}/32')

    # From now on there are policy rules in this namespace, whatever becomes of this one.
    ip('route', 'add', 'default', 'via', SECOND[v], 'table', '100')
    ip(f'-{v}', 'rule', 'add', 'to', server(v, 0), 'lookup', '100')
    check_eq(f'IPv{v}: a policy rule holds', ['eth1'], fresh(servers))
    ip(f'-{v}', 'rule', 'del', 'to', server(v, 0), 'lookup', '100')
    check_eq(f'IPv{v}: and holds no more when it is gone', ['eth0'], fresh(servers))
    servers.close()
EOP

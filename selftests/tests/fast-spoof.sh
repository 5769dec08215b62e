#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A packet of a fast connection that comes by another device is judged as any other: rp_filter drops it.
# Targets: qemu-6.12 uml-debug qemu-7
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

load_sluice
setup_balancer 1
# Somebody else, on a link of his own, who is a client, too.
setup_ns ROUTER
link "$ROUTER" eth0 "$B" c1
addr "$ROUTER" eth0 10.0.5.2/24 fd00:5::2/64
addr "$B" c1 10.0.5.1/24 fd00:5::1/64
route "$ROUTER" default 10.0.5.1
route "$ROUTER" default fd00:5::1
in_ns "$B" sysctl -qw net.ipv4.conf.all.rp_filter=1 net.ipv4.conf.c1.rp_filter=1 \
	net.ipv4.conf.c0.rp_filter=1 net.ipv4.conf.br0.rp_filter=1
python_cases <<'EOP'
from fastpath import *

LENGTH = {4: '/32', 6: '/128'}
# IPv6 has no rp_filter; a firewall does it.
STRICT = '''table ip6 strict { chain c {
    type filter hook prerouting priority -300
    fib saddr . iif oif missing counter drop
}; }'''

usual('tcp', 80)
usual('udp', 80)
slow = SlowPath()
for v in VERSIONS:
    # Of the client, whose socket has it, and of who forges it.
    ip('addr', 'add', CLIENT[v] + LENGTH[v], 'dev', 'lo', *(('nodad',) if v == 6 else ()), at=ROUTER)
for mode in MODES:
    watch(mode)
    for v in VERSIONS:
        if v == 6:
            if mode == 'unwatched':
                continue
            nft(STRICT)
        for protocol in ('tcp', 'udp'):
            case = f'{mode}, IPv{v}, {protocol.upper()}'
            # The other device takes the fast path as well.
            other = Flow(v, protocol, name=ROUTER)
            check_warm(f'{case}: the other client', other, slow)
            servers = other.servers
            flow = Flow(v, protocol, servers=servers)
            check_warm(case, flow, slow)

            forged = Capture(B, 'c1')
            seen = Capture(S[0], 'eth0')
            with ns(ROUTER):
                s = socket.socket(FAMILY[v], socket.SOCK_RAW, socket.IPPROTO_UDP if protocol == 'udp'
                                  else socket.IPPROTO_TCP)
            s.bind((CLIENT[v], 0))
            data = struct.pack('!HH', flow.client_port, 80)
            if protocol == 'udp':
                data += struct.pack('!HH', 8 + 6, 0) + b'forged'
            else:
                data += struct.pack('!IIBBHHH', 1, 1, 5 << 4, 0x10, 1000, 0, 0) + b'forged'
            addresses = b''.join(socket.inet_pton(FAMILY[v], a) for a in (CLIENT[v], VIP[v]))
            sum_ = 0xffff - ones_sum(addresses + struct.pack('!II', len(data), 17 if protocol == 'udp' else 6)
                                     + data)
            at = 6 if protocol == 'udp' else 16
            data = data[:at] + struct.pack('!H', sum_ or 0xffff) + data[at + 2:]
            slow.take()
            for _ in range(3):
                s.sendto(data, (VIP[v], 0))
            check(f'{case}: forged packets come to the balancer', until(
                5, lambda: len([p for p in forged.packets() if p.data.endswith(b'forged')]) == 3))
            # What comes behind them has arrived; so would they have.
            check(f'{case}: the other client still talks', other.talk())
            check_eq(f'{case}: the server gets none', [], [
                str(p) for p in seen.packets() if p.data.endswith(b'forged')])
            check_eq(f'{case}: they took the slow path', 3, len([
                p for p in slow.take() if p.data.endswith(b'forged')]))
            check_eq(f'{case}: the connection stays fast', FAST, flow.ways(slow))

            # The same from where it belongs gets there: the packet is as it has to be.
            with ns(C):
                s = socket.socket(FAMILY[v], socket.SOCK_RAW, socket.IPPROTO_UDP if protocol == 'udp'
                                  else socket.IPPROTO_TCP)
            s.bind((CLIENT[v], 0))
            s.sendto(data, (VIP[v], 0))
            check(f'{case}: from the client the same gets there', seen.wait(
                lambda p: p.data.endswith(b'forged')))
            check_eq(f'{case}: by the fast path', [], [
                p for p in slow.take() if p.data.endswith(b'forged')])
            if protocol == 'udp':
                check_eq(f'{case}: to the socket', b'forged', servers.sockets[0].recv(100))
            for x in (s, forged, seen, flow, other):
                x.close()
EOP

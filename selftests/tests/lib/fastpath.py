# SPDX-License-Identifier: GPL-2.0-or-later
"""Which path packets take through the balancer. For programs that python_cases (python.sh) runs.

What the fast path sends comes no further than the ingress hook of the device it came in by, so a
packet socket for IP alone, which gets packets after that hook, sees what takes the slow path.
"""

from sluicetest import *

# With a netfilter hook of somebody's, leases come from the slow path; without, from the first packet.
MODES = ('watched', 'unwatched')
WATCH = '''table inet watch {
    counter in4 {}
    counter in6 {}
    counter out4 {}
    counter out6 {}
    chain input {
        type filter hook input priority 0
        meta nfproto ipv4 meta l4proto { tcp, udp } counter name in4
        meta nfproto ipv6 meta l4proto { tcp, udp } counter name in6
    }
    chain forward {
        type filter hook forward priority 0
        meta nfproto ipv4 meta l4proto { tcp, udp } counter name out4
        meta nfproto ipv6 meta l4proto { tcp, udp } counter name out6
    }
}'''
FAST, SLOW = ('fast', 'fast'), ('slow', 'slow')


def nft(text, *words, at=B):
    return run(at, 'nft', *words, '-f', '-', stdin=text)


def ip(*words, at=B):
    """One command; several are lines of a string: ip('link ...\\naddr ...')."""
    if len(words) == 1:
        return run(at, 'ip', '-batch', '-', stdin=words[0] + '\n')
    return run(at, 'ip', *words)


def carriers_known(*devices, at=B):
    """Have what a change of carrier leads to happen now, in this order: the kernel puts that off for up
    to a second, and drops the routes by the device then. To ask for one device is to wait for it."""
    ip('\n'.join(f'link show dev {device}' for device in devices), at=at)


def sysctl(*assignments, at=B):
    run(at, 'sysctl', '-qw', *assignments)


def watch(mode, at=B):
    """Whether there is a firewall, from now on."""
    nft('table inet watch\ndelete table inet watch\n' + (WATCH if mode == 'watched' else ''), at=at)


def watched(v, at=B):
    """What the firewall has seen since it was asked last: (clients' packets, replies)."""
    found = json.loads(run(at, 'nft', '-j', 'reset', 'counters', 'table', 'inet', 'watch'))
    count = {x['counter']['name']: x['counter']['packets']
             for x in found['nftables'] if 'counter' in x}
    return count[f'in{v}'], count[f'out{v}']


class SlowPath:
    """Packets of TCP and UDP that the fast path leaves to the IP layer, whatever they come in by."""

    def __init__(self, at=B):
        self.sockets = []
        with ns(at):
            for kind in (0x0800, 0x86dd):
                s = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(kind))
                s.setsockopt(socket.SOL_SOCKET, 33, 8 << 20)  # SO_RCVBUFFORCE
                s.setblocking(False)
                self.sockets.append(s)

    def take(self):
        """Those since the last call."""
        found = []
        for s in self.sockets:
            with contextlib.suppress(BlockingIOError):
                while True:
                    data, at = s.recvfrom(262144)
                    p = Packet(data)
                    # Sent to this host: bridges flood what is for others. Not ICMP, nor what a server's
                    # tunnel device sends by itself when it solicits routers.
                    if at[2] == socket.PACKET_HOST and p.protocol not in (1, 4, 41, 58):
                        found.append(p)
        return found

    def count(self, flow):
        """Those of a flow since the last call: (the client's, the server's)."""
        mine = [p for p in self.take() if flow.owns(p)]
        clients = sum(p.source == flow.client_address for p in mine)
        return clients, len(mine) - clients

    def close(self):
        for s in self.sockets:
            s.close()


class Flow:
    """A TCP connection or UDP flow from the client to one server, which can talk."""

    def __init__(self, v, protocol, port=80, address=None, name=C, servers=None, listen_at=None):
        self.v, self.protocol, self.port = v, protocol, port
        self.to = (address or VIP[v], port)
        self.own = servers is None
        self.servers = servers or Servers(v, protocol, port, address=listen_at)
        self.client = make_socket(name, v, protocol)
        self.accepted = None
        self.client.connect(self.to)
        if protocol == 'tcp':
            _, self.accepted, _ = self.servers.accept()
            self.accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.client_address, self.client_port = self.client.getsockname()[:2]

    def owns(self, p):
        return p.ports is None or self.client_port in p.ports

    def first(self, capture):
        """How often it began, by a capture of the server's link: (client's packets, server's). An end that
        has waited for a second, as in a guest that was held up, sends its SYN or SYN-ACK again."""
        if self.protocol == 'udp':
            return 1, 1
        return tuple(sum(self.owns(p) and p.ports is not None and p.payload[13] & 0x12 == flags
                         for p in capture.packets(incoming))
                     for incoming, flags in ((True, 0x02), (False, 0x12)))

    def end(self):
        """The server's socket: the only one of UDP, or the accepted one."""
        return self.accepted or self.servers.sockets[0]

    def talk(self, seconds=5):
        """A message to the server and one back; whether both came."""
        try:
            if self.protocol == 'tcp':
                self.client.settimeout(seconds)
                self.accepted.settimeout(seconds)
                return (say(self.client, self.accepted) and
                        say(self.accepted, self.client, b'olleh') and self.settled(seconds))
            self.client.settimeout(seconds)
            data = os.urandom(8)
            self.client.send(data)
            while (found := self.servers.receive(seconds))[1] != data:
                pass
            self.servers.sockets[found[0]].sendto(b're:' + data, found[2])
            while (answer := self.client.recv(65536)) != b're:' + data:
                pass
            return True
        except OSError as error:
            self.error = error
            return False

    def settled(self, seconds=5):
        """Whether nothing of a TCP connection is under way any more, no acknowledgement either."""
        ends = (self.client, self.accepted)
        for s in ends:
            s.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        # tcpi_unacked
        return until(seconds, lambda: not any(struct.unpack('I', s.getsockopt(
            socket.IPPROTO_TCP, socket.TCP_INFO, 28)[24:])[0] for s in ends))

    def ways(self, slow, count=5):
        """Which path both directions take: FAST, SLOW or what is between, or what goes wrong."""
        slow.take()
        for i in range(count):
            if not self.talk():
                return f'message {i + 1}: {self.error!r}'
        return tuple('fast' if n == 0 else 'slow' if n >= count else f'{n} of {count} slow'
                     for n in slow.count(self))

    def warm(self, slow, seconds=10):
        """Talk until both directions are fast; whether they are. The first packet of a connection,
        and of a device, has to take the slow path."""
        self.now = None

        def try_it():
            self.now = self.ways(slow, 2)
            return self.now == FAST
        return until(seconds, try_it)

    def close(self):
        for x in (self.client, self.accepted, self.servers if self.own else None):
            if x:
                x.close()


def raises(function, *argv):
    """The error that a call ends with; what it returns instead."""
    try:
        return function(*argv)
    except OSError as error:
        return error


def each(protocols=('tcp', 'udp'), modes=MODES, full=False):
    """Modes, versions and protocols: (case, version, protocol). Time is dear in a guest, so unless they
    are to be FULL, half of the combinations under QEMU and the other half elsewhere; each mode meets
    each version and each protocol in both."""
    full = full or len(protocols) == 1 or os.environ.get('SLUICE_LONG')
    half = os.environ.get('SLUICE_TARGET', '').startswith('qemu')
    for mode in modes:
        watch(mode)
        for v in VERSIONS:
            for protocol in protocols:
                if full or half == (mode == 'watched') ^ (v == 4) ^ (protocol == 'udp'):
                    yield f'{mode}, IPv{v}, {protocol.upper()}', v, protocol


def check_warm(case, flow, slow):
    return check(f'{case}: takes the fast path', flow.warm(slow), flow.now)

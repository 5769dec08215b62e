# SPDX-License-Identifier: GPL-2.0-or-later
"""Sockets in the namespaces of a test, what sluiceadm lists, and cases.

For programs that python_cases (python.sh) runs. A socket stays in the namespace where it was
made, so one process can be client, servers and whatever is between them. Addresses are those of
setup_balancer; dictionaries by IP version, 4 and 6, hold what differs between the families.
"""

import contextlib
import json
import os
import re
import select
import socket
import struct
import subprocess
import time

C = os.environ.get('C', '')
B = os.environ.get('B', '')
ROUTER = os.environ.get('ROUTER', '')
S = [os.environ[f'S{i}'] for i in range(1, 17) if f'S{i}' in os.environ]
TEST_DIR = os.environ.get('TEST_DIR', '/tmp')

VERSIONS = (4, 6)
FAMILY = {4: socket.AF_INET, 6: socket.AF_INET6}
ANY = {4: '0.0.0.0', 6: '::'}
VIP = {4: '10.0.1.100', 6: 'fd00:1::100'}
CLIENT = {4: '10.0.1.2', 6: 'fd00:1::2'}
# The balancer on the clients' and on the servers' side.
OUTSIDE = {4: '10.0.1.1', 6: 'fd00:1::1'}
INSIDE = {4: '10.0.2.1', 6: 'fd00:2::1'}


def server(version, index):
    """Address of server INDEX, from 0 on."""
    return f'10.0.2.{11 + index}' if version == 4 else f'fd00:2::{11 + index}'


def endpoint(address, port):
    """ADDRESS and PORT as sluiceadm wants them."""
    return f'[{address}]:{port}' if ':' in address else f'{address}:{port}'


# Cases.

def note(text):
    for line in str(text).split('\n'):
        print('#', line)


def check(name, passed, why=''):
    if not passed and why != '':
        note(why)
    print('ok' if passed else 'not ok', name)
    return passed


def check_eq(name, expected, actual):
    return check(name, expected == actual, f'expected: {expected}\nactual:   {actual}')


def until(seconds, function):
    """What FUNCTION returns, as soon as it is true; its last value when time is over."""
    end = time.monotonic() + seconds
    pause = 0.01
    while True:
        value = function()
        if value or time.monotonic() > end:
            return value
        # Most things happen at once; what takes longer is not to be asked for all the time.
        time.sleep(pause)
        pause = min(1.5 * pause, 0.3)


# Namespaces.

_fds = {}


def _enter(name):
    if name not in _fds:
        path = f'/run/netns/{name}' if name else '/proc/self/ns/net'
        _fds[name] = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    os.setns(_fds[name], os.CLONE_NEWNET)


_current = ['']
_enter('')


@contextlib.contextmanager
def ns(name):
    _current.append(name)
    _enter(name)
    try:
        yield
    finally:
        _current.pop()
        _enter(_current[-1])


def run(name, *argv, stdin=None):
    """Run a command in namespace NAME; it must succeed. Its standard output."""
    with ns(name):
        done = subprocess.run(argv, input=stdin, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f'{" ".join(argv)}: status {done.returncode}: {done.stderr.strip()}')
    return done.stdout


# sluiceadm.

def adm(*argv, at=B, stdin=None):
    return run(at, 'sluiceadm', *argv, stdin=stdin)


def listing(*argv, at=B):
    """The objects that a --json listing has."""
    found = json.loads(adm(*argv, '--json', at=at))
    return next(iter(found.values())) if len(found) == 1 else found


def info(at=B):
    return json.loads(adm('info', '--json', at=at))


def refusals(at=B):
    return {key: value for key, value in info(at)['refusals'].items() if value}


def connections(*words, at=B):
    return listing('-L', '-n', '-c', *words, at=at)


def state(client_port, protocol='tcp', at=B):
    """State of the connection from this port of the client, None where there is none."""
    found = [c['state'] for c in connections(at=at)
             if c['client-port'] == client_port and c['protocol'] == protocol]
    # The port may have been that of another connection before, to another address.
    found = [x for x in found if x not in ('time-wait', 'close')] or found
    return found[0] if len(set(found)) == 1 else found or None


def wait_state(client_port, wanted, protocol='tcp', at=B, seconds=20):
    """Wait for a state; return the one that is there in the end."""
    until(seconds, lambda: state(client_port, protocol, at) == wanted)
    return state(client_port, protocol, at)


def settings(*words, at=B):
    adm('settings', 'set', *words, at=at)


def option(protocol):
    return '-t' if protocol == 'tcp' else '-u'


def service(protocol, address, port, servers, scheduler='rr', at=B):
    """Make a service. SERVERS: (address, port) or (address, port, weight)."""
    to = (option(protocol), endpoint(address, port))
    lines = [f'-A {" ".join(to)} -s {scheduler}']
    for address, port, *weight in servers:
        lines.append(f'-a {" ".join(to)} -r {endpoint(address, port)} -w {weight[0] if weight else 1}')
    adm('-R', at=at, stdin='\n'.join(lines) + '\n')


def sniff_service(version, port, parse, servers=(), pool=None, at=B):
    """Make a service of stratum sniff at the VIP, with a pool of its own or a named one."""
    to = f'-t {endpoint(VIP[version], port)}'
    lines = [f'-A {to} --stratum sniff --parse {parse} ' + (f'--pool {pool}' if pool else '-s rr')]
    lines += [f'-a {to} -r {endpoint(address, port)}' for address in servers]
    adm('-R', at=at, stdin='\n'.join(lines) + '\n')


def usual(protocol, port, scheduler='rr', server_port=None, weights=None):
    """Services at the VIPs of both versions, with all servers of setup_balancer."""
    for v in VERSIONS:
        service(protocol, VIP[v], port,
                [(server(v, i), server_port or port, weights[i] if weights else 1)
                 for i in range(len(S))], scheduler)


# Sockets.

TYPE = {'tcp': socket.SOCK_STREAM, 'udp': socket.SOCK_DGRAM}


def make_socket(name, version, protocol, address=None, port=0):
    with ns(name):
        s = socket.socket(FAMILY[version], TYPE[protocol])
    if version == 6:
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.settimeout(20)
    s.bind((address or ANY[version], port))
    return s


def listen(name, version, port, address=None):
    s = make_socket(name, version, 'tcp', address, port)
    s.listen(1024)
    return s


def connect(version, address, port, name=C, source=None, source_port=0):
    """A TCP connection, from the client unless told otherwise."""
    s = make_socket(name, version, 'tcp', source, source_port)
    try:
        s.connect((address, port))
    except BaseException:
        s.close()
        raise
    return s


def reset(s):
    """Close with a reset."""
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
    s.close()


def refused(function, *argv, **words):
    """Whether the call fails with ECONNREFUSED; what it does instead."""
    try:
        function(*argv, **words)
    except ConnectionRefusedError:
        return True
    except OSError as error:
        return error
    return 'no error'


class Servers:
    """Listening sockets of one version and protocol, one in each of the namespaces."""

    def __init__(self, version, protocol, port, names=None, address=None):
        self.version, self.protocol = version, protocol
        self.names = S if names is None else names
        self.sockets = [listen(n, version, port, address) if protocol == 'tcp' else
                        make_socket(n, version, protocol, address, port) for n in self.names]

    def _readable(self, seconds):
        ready, _, _ = select.select(self.sockets, [], [], seconds)
        if not ready:
            raise TimeoutError(f'no server got anything in {seconds} s')
        return self.sockets.index(ready[0])

    def accept(self, seconds=20):
        """The next connection: index of the server, socket, (address, port) of the client."""
        index = self._readable(seconds)
        s, peer = self.sockets[index].accept()
        s.settimeout(20)
        return index, s, peer[:2]

    def receive(self, seconds=20):
        """The next datagram: index of the server, data, address to answer to."""
        index = self._readable(seconds)
        data, peer = self.sockets[index].recvfrom(65536)
        return index, data, peer

    def quiet(self, seconds=0.2):
        return not select.select(self.sockets, [], [], seconds)[0]

    def close(self):
        for s in self.sockets:
            s.close()


def pair(servers, address, port, **words):
    """Connect by TCP: (client's socket, server's socket, index of the server)."""
    client = connect(servers.version, address, port, **words)
    index, accepted, _ = servers.accept()
    return client, accepted, index


def say(sender, receiver, data=b'hello'):
    """Whether data goes from one TCP socket to the other."""
    sender.sendall(data)
    got = b''
    while len(got) < len(data):
        more = receiver.recv(len(data) - len(got))
        if not more:
            return False
        got += more
    return got == data


def works(client, accepted):
    """Whether data goes both ways on a TCP connection."""
    try:
        return say(client, accepted) and say(accepted, client, b'olleh')
    except OSError as error:
        note(error)
        return False


def ask(servers, client, to, data=b'hello'):
    """A datagram and its answer: (index of the server that answered, whom the answer is from)."""
    client.sendto(data, to)
    index, got, peer = servers.receive()
    servers.sockets[index].sendto(b're:' + got, peer)
    answer, source = client.recvfrom(65536)
    if answer != b're:' + data:
        note(f'sent {data[:40]}, the answer was {answer[:40]}')
        return None
    return index, source[:2]


def bulk(sender, receiver, size=1000000):
    """Whether SIZE random bytes go from one TCP socket to the other and are the same there."""
    data = os.urandom(size)
    got, view = bytearray(), memoryview(data)
    sender.setblocking(False)
    receiver.setblocking(False)
    try:
        while len(got) < size:
            readable, writable, _ = select.select([receiver], [sender] if view else [], [], 20)
            if not readable and not writable:
                note(f'{size - len(view)} bytes were sent, {len(got)} received, and no more in 20 s')
                return False
            if writable:
                view = view[sender.send(view[:65536]):]
            if readable:
                more = receiver.recv(262144)
                if not more:
                    note(f'the connection ended after {len(got)} bytes')
                    return False
                got += more
    except OSError as error:
        note(f'after {len(got)} bytes: {error}')
        return False
    finally:
        sender.settimeout(20)
        receiver.settimeout(20)
    if bytes(got) != data:
        note('the data differ')
    return bytes(got) == data


def chosen(servers, count, address=None, port=None):
    """Which servers so many new TCP connections go to; by default those to the VIP."""
    to = (address or VIP[servers.version], port or servers.sockets[0].getsockname()[1])
    indices = []
    for _ in range(count):
        client, accepted, index = pair(servers, *to)
        indices.append(index)
        client.close()
        accepted.close()
    return indices


# The client behind the router of add_router (topology.sh).
FAR_CLIENT = {4: '10.0.3.2', 6: 'fd00:3::2'}


# Packets.

def ones_sum(data):
    """The Internet checksum's sum (RFC 1071): 0xffff over what has a right checksum in it."""
    if len(data) % 2:
        data += b'\0'
    total = sum(struct.unpack(f'!{len(data) // 2}H', data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return total


class Packet:
    """An IP packet, as far as it is there: addresses, protocol, ports, what they carry."""

    def __init__(self, data):
        self.data = data
        self.version = data[0] >> 4
        if self.version == 4:
            self.header_length = (data[0] & 15) * 4
            self.ttl, self.protocol = data[8], data[9]
            self.length, self.ident = struct.unpack('!HH', data[2:6])
            fragment = struct.unpack('!H', data[6:8])[0] & 0x3fff
            self.fragment, first = fragment != 0, fragment & 0x1fff == 0
            source, destination = data[12:16], data[16:20]
        else:
            self.header_length = 40
            self.ttl, self.protocol = data[7], data[6]
            self.length = struct.unpack('!H', data[4:6])[0] + 40
            self.fragment, first = self.protocol == 44, True
            source, destination = data[8:24], data[24:40]
        self.source = socket.inet_ntop(FAMILY[self.version], source)
        self.destination = socket.inet_ntop(FAMILY[self.version], destination)
        self.raw_addresses = source + destination
        self.payload = data[self.header_length:self.length]
        self.ports = None
        if first and self.protocol in (6, 17):
            self.ports = struct.unpack('!HH', self.payload[:4])
        self.icmp = tuple(self.payload[:2]) if self.protocol in (1, 58) else None
        # What an ICMP error is about.
        self.inner = None
        if self.icmp and (self.icmp[0] in (3, 11, 12) if self.version == 4 else self.icmp[0] < 128):
            self.inner = Packet(self.payload[8:])

    def header_is_right(self):
        return self.version == 6 or ones_sum(self.data[:self.header_length]) == 0xffff

    def checksum(self):
        at = {6: 16, 17: 6, 1: 2, 58: 2}[self.protocol]
        return struct.unpack('!H', self.payload[at:at + 2])[0]

    def checksum_is_right(self):
        """That of the transport header; the packet must be complete."""
        pseudo = b''
        if self.protocol != 1:
            pseudo = self.raw_addresses + struct.pack('!II', len(self.payload), self.protocol)
        return ones_sum(pseudo + self.payload) == 0xffff

    def __str__(self):
        what = f'{self.source} > {self.destination} protocol {self.protocol}'
        if self.ports:
            what += ' ports %d > %d' % self.ports
        if self.icmp:
            what += ' type %d code %d' % self.icmp
        return what + (f' about ({self.inner})' if self.inner else '')


class Capture:
    """What passes an interface from now on: .packets() has the IP packets."""

    OUTGOING = 4

    def __init__(self, name, device):
        with ns(name):
            self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(3))
            self.socket.setsockopt(socket.SOL_SOCKET, 33, 8 << 20)  # SO_RCVBUFFORCE
            self.socket.bind((device, 3))
        self.socket.setblocking(False)
        self.all = []

    def packets(self, incoming=True):
        """All so far, in one direction."""
        with contextlib.suppress(BlockingIOError):
            while True:
                data, at = self.socket.recvfrom(262144)
                if at[1] in (0x0800, 0x86dd):
                    self.all.append((at[2] != self.OUTGOING, Packet(data)))
        return [p for seen_incoming, p in self.all if seen_incoming == incoming]

    def wait(self, wanted, seconds=10, incoming=True):
        """The first packet that WANTED is true for, None if there is none."""
        return until(seconds, lambda: next(filter(wanted, self.packets(incoming)), None))

    def clear(self):
        self.packets()
        self.all = []

    def close(self):
        self.socket.close()


# Path MTU.

# (level, name) of socket options.
MTU_DISCOVER = {4: (0, 10), 6: (41, 23)}
MTU = {4: (0, 14), 6: (41, 24)}
RECVERR = {4: (0, 11), 6: (41, 25)}
DONT_FRAGMENT, MAY_FRAGMENT = 2, 0


def errors(s):
    """The ICMP errors that a socket with RECVERR has: (errno, type, code, info)."""
    found = []
    s.settimeout(0)
    with contextlib.suppress(BlockingIOError):
        while True:
            _, ancillary, _, _ = s.recvmsg(65536, 1024, socket.MSG_ERRQUEUE | socket.MSG_DONTWAIT)
            for _, _, data in ancillary:
                number, _, kind, code, _, info, _ = struct.unpack('=IBBBBII', data[:16])
                found.append((number, kind, code, info))
    s.settimeout(20)
    return found


def forget_paths(*names):
    """No namespace of these knows of a path MTU any more."""
    for name in names:
        run(name, 'ip', 'route', 'flush', 'cache')
        run(name, 'ip', '-6', 'route', 'flush', 'cache')


def route_mtu(name, device, mtu, net4, net6):
    """Let what is on the link DEVICE of a namespace be reached by smaller packets only. Its ends keep
    their full MTU, so that no handshake tells of it."""
    words = ('dev', device, 'proto', 'kernel', 'mtu', str(mtu))
    run(name, 'ip', 'route', 'replace', net4, *words, 'scope', 'link')
    run(name, 'ip', '-6', 'route', 'replace', net6, *words, 'metric', '256')


def offloads(value, *devices):
    """Set segmentation and receive offload of (namespace, device) 'on' or 'off'."""
    for name, device in devices:
        run(name, 'ethtool', '-K', device, 'tso', value, 'gso', value, 'gro', value)


def forget_namespace(name):
    """Close what keeps a namespace that is to go."""
    os.close(_fds.pop(name))

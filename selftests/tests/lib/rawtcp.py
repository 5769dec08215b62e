# SPDX-License-Identifier: GPL-2.0-or-later
"""A TCP client made of single segments, for what no kernel would send.

It has an address that no host owns, so nobody resets what it begins; the balancer is told where that
is. Numbers are relative: byte 0 of either side is the first after its SYN.
"""

import struct

from sluicetest import *

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
RAW_CLIENT = {4: '10.0.1.77', 6: 'fd00:1::77'}
MAC = bytes.fromhex('020000000077')

_ports = iter(range(20000, 60000))


def setup_raw():
    """Let the balancer find the raw clients in the client's namespace."""
    for v in VERSIONS:
        run(B, 'ip', 'neigh', 'replace', RAW_CLIENT[v], 'lladdr', MAC.hex(':'), 'dev', 'c0')
    run(C, 'ip', 'link', 'set', 'eth0', 'promisc', 'on')


def options(mss=None, scale=None, sack=False, stamp=None, blocks=()):
    data = b''
    if mss is not None:
        data += struct.pack('!BBH', 2, 4, mss)
    if sack:
        data += b'\x01\x01\x04\x02'
    if stamp is not None:
        data += struct.pack('!BBBBII', 1, 1, 8, 10, *stamp)
    if scale is not None:
        data += struct.pack('!BBBB', 1, 3, 3, scale)
    if blocks:
        data += struct.pack('!BBBB', 1, 1, 5, 2 + 8 * len(blocks))
        data += b''.join(struct.pack('!II', *block) for block in blocks)
    return data


def read_options(data):
    """As options() takes them."""
    found, at = {}, 0
    while at < len(data) and data[at]:
        if data[at] == 1:
            at += 1
            continue
        kind, body = data[at], data[at + 2:at + data[at + 1]]
        if kind == 2:
            found['mss'] = struct.unpack('!H', body)[0]
        elif kind == 3:
            found['scale'] = body[0]
        elif kind == 4:
            found['sack'] = True
        elif kind == 5:
            found['blocks'] = [struct.unpack_from('!II', body, i) for i in range(0, len(body), 8)]
        elif kind == 8:
            found['stamp'] = struct.unpack('!II', body)
        at += data[at + 1]
    return found


class Segment:
    """A segment that came in."""

    def __init__(self, data):
        self.packet = Packet(data)
        p = self.packet.payload
        self.sport, self.dport, self.seq, self.ack = struct.unpack('!HHII', p[:12])
        self.flags, self.window = p[13] & 0x3f, struct.unpack('!H', p[14:16])[0]
        length = (p[12] >> 4) * 4
        self.options = read_options(p[20:length])
        self.data = p[length:]

    def __str__(self):
        names = ''.join(c for bit, c in ((SYN, 'S'), (FIN, 'F'), (RST, 'R'), (PSH, 'P'), (ACK, '.'))
                        if self.flags & bit)
        return f'{names} seq {self.seq} ack {self.ack} {self.options} {len(self.data)} bytes'


def make_segment(version, source, destination, ports, seq, ack, flags, window, opts, data):
    opts += bytes(-len(opts) % 4)
    header = struct.pack('!HHIIBBHHH', *ports, seq & 0xffffffff, ack & 0xffffffff,
                         (20 + len(opts)) // 4 << 4, flags, window, 0, 0) + opts
    s, d = (socket.inet_pton(FAMILY[version], x) for x in (source, destination))
    pseudo = s + d + struct.pack('!II', len(header) + len(data), 6)
    check = 0xffff ^ ones_sum(pseudo + header + data)
    tcp = header[:16] + struct.pack('!H', check) + header[18:] + data
    if version == 6:
        return struct.pack('!IHBB', 6 << 28, len(tcp), 6, 64) + s + d + tcp
    ip = struct.pack('!BBHHHBBH', 0x45, 0, 20 + len(tcp), 0, 0x4000, 64, 6, 0) + s + d
    return ip[:10] + struct.pack('!H', 0xffff ^ ones_sum(ip)) + ip[12:] + tcp


class RawClient:
    """One connection, to the VIP unless told otherwise."""

    def __init__(self, version, port, address=None, isn=None, sport=None, stamps=True, **syn):
        self.version, self.port = version, port
        self.address = address or VIP[version]
        self.sport = sport or next(_ports)
        self.isn = struct.unpack('!I', os.urandom(4))[0] if isn is None else isn
        self.theirs = None
        self.stamps, self.stamp, self.echo = stamps, 1000000, 0
        self.window = 64240
        self.syn = {'mss': 1460, **({'scale': 7, 'sack': True} if stamps else {}), **syn}
        with ns(C):
            self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW,
                                        socket.htons(0x0800 if version == 4 else 0x86dd))
            self.socket.bind(('eth0', 0))
        out = json.loads(run(B, 'ip', '-j', 'link', 'show', 'c0'))[0]['address']
        kind = 0x0800 if version == 4 else 0x86dd
        self.ethernet = bytes.fromhex(out.replace(':', '')) + MAC + struct.pack('!H', kind)

    def send(self, data=b'', flags=ACK, seq=0, ack=None, **more):
        """A segment; SEQ counts from the client's first byte, ACK from the service's."""
        opts = dict(more)
        if self.stamps and 'stamp' not in opts:
            self.stamp += 1
            opts['stamp'] = (self.stamp, self.echo)
        if ack is None:
            ack = 0
        number = 0 if self.theirs is None or not flags & ACK else self.theirs + 1 + ack
        window = opts.pop('window', self.window)
        packet = make_segment(self.version, RAW_CLIENT[self.version], self.address,
                              (self.sport, self.port), self.isn + 1 + seq, number, flags, window,
                              options(**opts), data)
        self.socket.send(self.ethernet + packet)

    def receive(self, seconds=10, what=lambda segment: True):
        """The next segment for this connection that is as WHAT wants it, or None."""
        end = time.monotonic() + seconds
        while True:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.socket], [], [], left)[0]:
                return None
            frame, info = self.socket.recvfrom(65536)
            if info[2] == socket.PACKET_OUTGOING or frame[14 + (9 if self.version == 4 else 6)] != 6:
                continue
            segment = Segment(frame[14:])
            if (segment.dport, segment.packet.destination) != (self.sport, RAW_CLIENT[self.version]):
                continue
            if 'stamp' in segment.options:
                self.echo = segment.options['stamp'][0]
            if self.theirs is None and segment.flags & SYN:
                self.theirs = segment.seq
            # As this client counts.
            if self.theirs is not None:
                segment.seq = (segment.seq - self.theirs - 1) & 0xffffffff
            if segment.flags & ACK:
                segment.ack = (segment.ack - self.isn - 1) & 0xffffffff
            if what(segment):
                return segment

    def shake(self, data=b''):
        """The handshake; the SYN-ACK, or None."""
        self.send(data, SYN, seq=-1, **self.syn)
        answer = self.receive(what=lambda s: s.flags & SYN)
        if answer:
            self.send()
        return answer

    def collect(self, size, seconds=10, acknowledge=True, have=b''):
        """So many bytes from the service, or fewer where they do not come in time; HAVE came before."""
        got = {0: have}
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            data = self._joined(got)
            if len(data) >= size:
                return data
            segment = self.receive(end - time.monotonic(), lambda s: s.data)
            if segment:
                got[segment.seq] = segment.data
                if acknowledge:
                    self.send(seq=getattr(self, 'next', 0), ack=len(self._joined(got)))
        return self._joined(got)

    @staticmethod
    def _joined(got):
        data = b''
        for start in sorted(got):
            if start <= len(data):
                data += got[start][len(data) - start:]
        return data

    def close(self):
        self.socket.close()

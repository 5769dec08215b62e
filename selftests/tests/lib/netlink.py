# SPDX-License-Identifier: GPL-2.0-or-later
"""Netlink requests made by hand, for what sluiceadm would not send.

For programs that python_cases (python.sh) runs: attributes by their numbers in the specification.
"""

import os
import socket
import struct

from sluicetest import B, ns

FAMILY_NAME = 'sluice'
CMD = {name: number + 1 for number, name in enumerate(
    'info_get settings_get settings_set settings_ntf service_get service_new service_set service_del '
    'service_ntf service_del_ntf pool_get pool_new pool_set pool_del pool_ntf pool_del_ntf server_get '
    'server_new server_set server_del server_ntf server_del_ntf connection_get stats_reset flush '
    'route_get route_new route_set route_del route_move route_ntf route_del_ntf '
    'transaction_begin transaction_commit transaction_abort'.split())}
RELAY_NAME = 'sluice-relay'
RELAY_CMD = {name: number + 1 for number, name in enumerate(
    'client_hand client_take client_get client_del client_back config_get config_set config_del '
    'stats_get client_key_update client_gone client_lend client_rekey'.split())}
DUMP, NESTED = 0x300, 0x8000
FAIL_NTH = '/proc/thread-self/fail-nth'


def attr(kind, data):
    return struct.pack('=HH', 4 + len(data), kind) + data + bytes(-len(data) % 4)


def attributes(data):
    """Attributes by their numbers."""
    found, at = {}, 0
    while at + 4 <= len(data):
        length, kind = struct.unpack_from('=HH', data, at)
        found[kind & 0x3fff] = data[at + 4:at + length]
        at += (max(length, 4) + 3) & ~3
    return found


def text(kind, data):
    return attr(kind, data.encode() + b'\0')


def key(host):
    return (attr(1, b'\x06') + attr(2, socket.inet_aton(host)) + attr(3, struct.pack('!H', 80)))


def srv(host, pool='web', more=b''):
    return text(1, pool) + attr(3, socket.inet_aton(host)) + attr(4, struct.pack('!H', 80)) + more


def nest(kind, data):
    return attr(NESTED | kind, data)


def route(name, more=b'', host='192.0.2.2'):
    return nest(1, key(host)) + text(2, name) + more


class Netlink:
    """A socket. Of the last answer that was an error, what it said is in SAID and COOKIE."""

    def __init__(self, at=B, name=FAMILY_NAME):
        with ns(at):
            self.s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 16)
        # Extended ACKs, without the request in them.
        self.s.setsockopt(270, 11, 1)
        self.s.setsockopt(270, 10, 1)
        self.s.settimeout(5)
        self.seq = 0
        self.family = 16
        self.said, self.cookie = '', b''
        reply = self.ask(3, text(2, name))[1]
        # Without a module there is none: StopIteration.
        self.family = next(struct.unpack_from('=H', reply, at + 4)[0] for at in range(4, min(40, len(reply) - 5), 4)
                           if struct.unpack_from('=HH', reply, at) == (6, 1))

    def ask(self, cmd, payload=b'', flags=0, nth=0):
        """Error number (None where no answer came), what was replied, did an allocation fail."""
        self.seq += 1
        message = struct.pack('=IHHIIBBH', 20 + len(payload), self.family, 5 | flags, self.seq, 0,
                              cmd, 1, 0) + payload
        error, reply, failed = None, b'', False
        # Nothing else may allocate until it is read again: open first, and without Python's files.
        if nth:
            setter, getter = os.open(FAIL_NTH, os.O_WRONLY), os.open(FAIL_NTH, os.O_RDONLY)
            os.write(setter, b'%d' % nth)
        # Everything that the request does it does in send().
        try:
            self.s.send(message)
        except OSError as e:
            error = e.errno
        if nth:
            failed = int(os.read(getter, 16).strip(b'\0\n')) == 0
            os.write(setter, b'0')
            os.close(setter)
            os.close(getter)
        if error is not None:
            return error, reply, failed
        while True:
            try:
                data = self.s.recv(1 << 20)
            except TimeoutError:
                return None, reply, failed
            except OSError as e:
                # The acknowledgement itself found no memory.
                return e.errno, reply, failed
            at = 0
            while at < len(data):
                length, kind, _, seq = struct.unpack_from('=IHHI', data, at)
                if seq == self.seq:
                    if kind in (2, 3):
                        self._take(data[at + 36:at + length] if kind == 2 else b'')
                        return -struct.unpack_from('=i', data, at + 16)[0], reply, failed
                    reply += data[at + 16:at + length]
                at += (length + 3) & ~3

    def _take(self, tlvs):
        """Keep the text and the cookie of an extended ACK."""
        self.said, self.cookie, at = '', b'', 0
        while at + 4 <= len(tlvs):
            length, kind = struct.unpack_from('=HH', tlvs, at)
            if kind == 1:
                self.said = tlvs[at + 4:at + length].rstrip(b'\0').decode()
            elif kind == 3:
                self.cookie = tlvs[at + 4:at + length]
            at += (max(length, 4) + 3) & ~3

    def do(self, name, payload=b''):
        """The error number of a request, and what was said."""
        error = self.ask(CMD[name], payload)[0]
        return error, self.said if error else ''

    def relay(self, name, payload=b''):
        """The same of the other family: attributes of the reply by number, or the error and what was said."""
        error, reply, _ = self.ask(RELAY_CMD[name], payload)
        return (error, self.said) if error else attributes(reply[4:])

    def stage(self, *requests):
        """Begin a transaction of these: (name, payload). Errors other than 0."""
        return [error for error, _ in (self.do('transaction_begin'), *(self.do(*r) for r in requests))
                if error]

    def close(self):
        self.s.close()


def configuration(nl):
    """All that is configured and counted, as the module tells it."""
    return [nl.ask(CMD[name], b'', flags)[:2] for name, flags in (
        ('info_get', 0), ('settings_get', 0), ('service_get', DUMP), ('pool_get', DUMP),
        ('server_get', DUMP), ('route_get', DUMP))]

# SPDX-License-Identifier: GPL-2.0-or-later
"""Clients of TLS 1.2 and 1.3 that make each record themselves, for what no library would send.

There is no handshake: who hands the other end to the kernel has invented the keys of AES-128-GCM.
"""

import ctypes
import os
import socket
import struct

_crypto = ctypes.CDLL('libcrypto.so.3')
for _name in ('EVP_aes_128_gcm', 'EVP_CIPHER_CTX_new'):
    getattr(_crypto, _name).restype = ctypes.c_void_p
_GET_TAG, _SET_TAG, _TAG = 0x10, 0x11, 16

ALERT, HANDSHAKE, DATA = 21, 22, 23
CLOSE_NOTIFY = b'\x01\x00'
# Of <linux/tls.h> and <linux/tcp.h>.
SOL_TLS, TLS_TX, TLS_RX, AES_GCM_128, TCP_ULP = 282, 1, 2, 51, 31


def _cipher(encrypt, key, nonce, more, data):
    """AES-128-GCM; DATA has its tag behind it, sealed. None where that is wrong."""
    context = ctypes.c_void_p(_crypto.EVP_CIPHER_CTX_new())
    tag, data = (b'', data) if encrypt else (data[-_TAG:], data[:-_TAG])
    out, length = ctypes.create_string_buffer(len(data) + _TAG), ctypes.c_int()
    try:
        _crypto.EVP_CipherInit_ex(context, ctypes.c_void_p(_crypto.EVP_aes_128_gcm()), None, key, nonce, int(encrypt))
        _crypto.EVP_CipherUpdate(context, None, ctypes.byref(length), more, len(more))
        _crypto.EVP_CipherUpdate(context, out, ctypes.byref(length), data, len(data))
        if not encrypt:
            _crypto.EVP_CIPHER_CTX_ctrl(context, _SET_TAG, _TAG, tag)
        if _crypto.EVP_CipherFinal_ex(context, ctypes.create_string_buffer(_TAG), ctypes.byref(length)) != 1:
            return None
        if not encrypt:
            return out.raw[:len(data)]
        made = ctypes.create_string_buffer(_TAG)
        _crypto.EVP_CIPHER_CTX_ctrl(context, _GET_TAG, _TAG, made)
        return out.raw[:len(data)] + made.raw
    finally:
        _crypto.EVP_CIPHER_CTX_free(context)


class Keys:
    """Of one direction, for TLS 1.MINOR: what is sealed or opened counts."""

    def __init__(self, minor):
        self.minor, self.number = minor, 0
        self.key, self.salt, self.iv = os.urandom(16), os.urandom(4), os.urandom(8)

    def info(self):
        """As the kernel wants them."""
        return struct.pack('=HH', 0x301 + self.minor, AES_GCM_128) + self.iv + self.key + self.salt + bytes(8)

    def _nonce(self):
        number = struct.pack('!Q', self.number)
        return self.salt + bytes(a ^ b for a, b in zip(self.iv, number))

    def seal(self, data, kind=DATA, padding=0):
        """A record."""
        if self.minor == 3:
            size = len(data) + 1 + padding + _TAG
            head = struct.pack('!BHH', DATA, 0x303, size)
            sealed = head + _cipher(True, self.key, self._nonce(), head, data + bytes([kind]) + bytes(padding))
        else:
            explicit = struct.pack('!Q', self.number)
            more = explicit + struct.pack('!BHH', kind, 0x303, len(data))
            sealed = struct.pack('!BHH', kind, 0x303, 8 + len(data) + _TAG) + explicit + \
                _cipher(True, self.key, self.salt + explicit, more, data)
        self.number += 1
        return sealed

    def open(self, head, data):
        """Kind and content of a record, or None where it is not authentic."""
        if self.minor == 3:
            text = _cipher(False, self.key, self._nonce(), head, data) if len(data) > _TAG else None
            text = text and text.rstrip(b'\0')
            found = text and (text[-1], text[:-1])
        else:
            more = struct.pack('!QBHH', self.number, head[0], 0x303, len(data) - 8 - _TAG) if len(data) >= 8 + _TAG else None
            text = more and _cipher(False, self.key, self.salt + data[:8], more, data[8:])
            found = None if text is None else (head[0], text)
        self.number += 1
        return found


class NotAuthentic(Exception):
    """Something came that nobody with the keys has sent."""


class Records:
    """A client, on SOCK, which is connected; as a socket, of what is said inside."""

    def __init__(self, sock, minor):
        self.sock, self.minor = sock, minor
        self.up, self.down, self.raw, self.ended = Keys(minor), Keys(minor), b'', False

    def serve(self, sock):
        """Give the other end's keys to the kernel."""
        sock.setsockopt(socket.SOL_TCP, TCP_ULP, b'tls')
        sock.setsockopt(SOL_TLS, TLS_TX, self.down.info())
        sock.setsockopt(SOL_TLS, TLS_RX, self.up.info())

    def seal(self, data, kind=DATA, padding=0):
        return self.up.seal(data, kind, padding)

    def sendall(self, data):
        self.sock.sendall(self.seal(data))

    def _exactly(self, size):
        """None where the connection ends before; that in the middle of a record is an error."""
        while len(self.raw) < size:
            more = self.sock.recv(65536)
            if not more:
                if self.raw:
                    raise NotAuthentic(f'half a record: {self.raw[:40]}')
                return None
            self.raw += more
        found, self.raw = self.raw[:size], self.raw[size:]
        return found

    def record(self):
        """Kind and content of the next record, None at the end of the connection."""
        head = self._exactly(5)
        if head is None:
            return None
        size = struct.unpack('!H', head[3:])[0]
        # In the clear the length would be anything.
        if head[1:3] != b'\3\3' or not 20 <= head[0] <= 23 or size > 16384 + 256:
            raise NotAuthentic(f'no record: {head + self.raw[:40]}')
        data = self._exactly(size)
        found = None if data is None else self.down.open(head, data)
        if found is None:
            raise NotAuthentic(f'a record of {size} bytes: {head + (data or b"")[:40]}')
        return found

    def recv(self, size):
        """Data; b'' where the other side has said that it ends. Any other end is an error."""
        while not self.ended:
            found = self.record()
            if found is None:
                raise ConnectionAbortedError('the connection ended, and nobody had said so')
            kind, data = found
            if kind == ALERT and data == CLOSE_NOTIFY:
                self.ended = True
            elif kind != DATA:
                raise ConnectionAbortedError(f'record of type {kind}: {data}')
            elif data:
                return data
        return b''

    def silent(self):
        """Nothing came behind close_notify; if it has not come yet, it is not waited for."""
        try:
            return self.record() is None
        except ConnectionResetError:
            return True
        except NotAuthentic:
            return False

    def close(self):
        self.sock.close()

# SPDX-License-Identifier: GPL-2.0-or-later
"""A client of TLS 1.3 that can change its keys, which Python's own cannot: OpenSSL by its C interface."""

import ctypes
import socket
import struct

_ssl = ctypes.CDLL('libssl.so.3')
_CALLBACK = ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t,
                             ctypes.c_void_p, ctypes.c_void_p)
for _name in ('TLS_client_method', 'SSL_CTX_new', 'SSL_new'):
    getattr(_ssl, _name).restype = ctypes.c_void_p
TLS_1_3, SSL_CTRL_SET_MIN, MODE_AUTO_RETRY, CTRL_MODE = 0x304, 123, 4, 33
ERROR_ZERO_RETURN = 6
_HANDSHAKE, _KEY_UPDATE = 22, 24


class Session:
    """As a socket, of SOCK, which is connected. UPDATES: times that the other side has changed its keys."""

    def __init__(self, sock, suite=None):
        self.sock, self.updates = sock, 0
        sock.settimeout(None)
        for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
            sock.setsockopt(socket.SOL_SOCKET, option, struct.pack('ll', 30, 0))
        self.context = ctypes.c_void_p(_ssl.SSL_CTX_new(ctypes.c_void_p(_ssl.TLS_client_method())))
        _ssl.SSL_CTX_ctrl(self.context, SSL_CTRL_SET_MIN, ctypes.c_long(TLS_1_3), None)
        if suite:
            _ssl.SSL_CTX_set_ciphersuites(self.context, suite.encode())
        self.ssl = ctypes.c_void_p(_ssl.SSL_new(self.context))
        _ssl.SSL_ctrl(self.ssl, CTRL_MODE, ctypes.c_long(MODE_AUTO_RETRY), None)
        self.callback = _CALLBACK(self.message)
        _ssl.SSL_set_msg_callback(self.ssl, self.callback)
        _ssl.SSL_set_fd(self.ssl, sock.fileno())
        if _ssl.SSL_connect(self.ssl) != 1:
            raise OSError('no handshake')

    def message(self, sent, _version, kind, data, size, _ssl_, _arg):
        if not sent and kind == _HANDSHAKE and size and ctypes.string_at(data, 1)[0] == _KEY_UPDATE:
            self.updates += 1

    def failure(self, result):
        error = _ssl.SSL_get_error(self.ssl, result)
        _ssl.ERR_clear_error()
        return error

    def recv(self, size):
        """b'' where the other side has said that it ends; any other end is an error."""
        data = ctypes.create_string_buffer(min(size, 65536))
        got = _ssl.SSL_read(self.ssl, data, len(data))
        if got > 0:
            return data.raw[:got]
        error = self.failure(got)
        if error == ERROR_ZERO_RETURN:
            return b''
        raise ConnectionResetError(f'error {error} of SSL_read')

    def sendall(self, data):
        while data:
            sent = _ssl.SSL_write(self.ssl, data[:65536], len(data[:65536]))
            if sent <= 0:
                raise ConnectionResetError(f'error {self.failure(sent)} of SSL_write')
            data = data[sent:]

    def update(self, requested=False):
        """New keys from here on; REQUESTED: the other side is to change its own, too."""
        _ssl.SSL_key_update(self.ssl, int(requested))
        result = _ssl.SSL_do_handshake(self.ssl)
        if result != 1:
            raise ConnectionResetError(f'error {self.failure(result)} of SSL_do_handshake')

    def shutdown(self):
        """close_notify."""
        return _ssl.SSL_shutdown(self.ssl)

    def close(self):
        _ssl.SSL_free(self.ssl)
        _ssl.SSL_CTX_free(self.context)
        self.sock.close()

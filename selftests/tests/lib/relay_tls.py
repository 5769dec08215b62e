# SPDX-License-Identifier: GPL-2.0-or-later
"""What the daemon does for stratum relay, and clients of TLS: for tests without a daemon.

Certificate and key are cert and key in TEST_DIR, of a.test.
"""

import contextlib
import socket
import ssl
import threading

from relay import Family, Reader
from sluicetest import B, TEST_DIR, VERSIONS, VIP, connect, listen

handshake_problems = []
_lock = threading.Lock()


def _shake(handing, sock, version, port, keys):
    """The handshake; then the socket is the kernel's."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f'{TEST_DIR}/cert', f'{TEST_DIR}/key')
    context.options |= ssl.OP_ENABLE_KTLS
    # Without them nothing is written behind the handshake.
    context.num_tickets = 0
    context.set_ciphers('ALL')
    sock.settimeout(20)
    data = b''
    try:
        tls = context.wrap_socket(sock, server_side=True, suppress_ragged_eofs=False)
        with socket.socket(fileno=tls.detach()) as plain:
            # Not by OpenSSL, which has the kernel fill its buffer from several records: more than can be handed over.
            plain.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                data = plain.recv(4096)
            with _lock:
                error, said = handing.hand(plain, VIP[version], port, data, tls=True, keys=keys())
        if error:
            handshake_problems.append(f'{said} ({error})')
    except OSError as e:
        handshake_problems.append(str(e))


def _accept(handing, listening, version, port, keys):
    listening.settimeout(None)
    while True:
        sock, _ = listening.accept()
        threading.Thread(target=_shake, args=(handing, sock, version, port, keys), daemon=True).start()


def serve_handshakes(port, handing=None, keys=lambda: b''):
    """For the services at PORT of both versions. HANDING has .hand() as Family has, which it is by default.

    KEYS makes attributes that say who has a client's secrets.
    """
    handing = handing or Family()
    for v in VERSIONS:
        threading.Thread(target=_accept, args=(handing, listen(B, v, port, VIP[v]), v, port, keys), daemon=True).start()


def tls_client(version, port=443):
    context = ssl.create_default_context(cafile=f'{TEST_DIR}/cert')
    sock = connect(version, VIP[version], port)
    sock.settimeout(60)
    return Reader(context.wrap_socket(sock, server_hostname='a.test', suppress_ragged_eofs=False))

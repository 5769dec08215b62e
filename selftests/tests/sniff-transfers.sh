#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Downloads and uploads over links that lose, reorder, repeat and delay, by stratum sniff: all of them arrive as they were.
# Targets: uml uml-debug
# Timeout: 240
# Long: 3600
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

load_sluice
setup_balancer 2
# Both ways, on the client's side and on the servers'.
bad=(delay 20ms loss 5% reorder 25% duplicate 5% limit 10000)
for link in "$C eth0" "$B c0" "$S1 eth0" "$S2 eth0"; do
	in_ns "${link% *}" tc qdisc add dev "${link#* }" root netem "${bad[@]}" || fatal "no netem"
done
# Of many threads some come to send their head long after they connected.
in_ns "$B" sluiceadm settings set head-timeout=2m
export TRANSFERS AT_ONCE
TRANSFERS=$(long_or 500 6)
AT_ONCE=$(long_or 25 6)
python_cases <<'EOP'
import hashlib
import threading
from sluicetest import *

SIZE = 1000000
COUNT = int(os.environ['TRANSFERS'])
AT_ONCE = int(os.environ['AT_ONCE'])
DATA = os.urandom(SIZE)
DIGEST = hashlib.sha256(DATA).hexdigest()
# A thread is in a namespace only while it makes a socket.
lock = threading.Lock()
for v in VERSIONS:
    sniff_service(v, 80, 'http', [server(v, 0), server(v, 1)])


def read_head(s):
    data = b''
    while b'\r\n\r\n' not in data:
        more = s.recv(65536)
        if not more:
            return data, b''
        data += more
    head, _, rest = data.partition(b'\r\n\r\n')
    return head, rest


def answer(s):
    """A server: the data for GET, the digest of what came for POST."""
    with s:
        s.settimeout(120)
        try:
            head, rest = read_head(s)
            if head.startswith(b'GET'):
                s.sendall(DATA)
                return
            length = int(head.lower().split(b'content-length:')[1].split()[0])
            digest, got = hashlib.sha256(rest), len(rest)
            while got < length:
                more = s.recv(65536)
                if not more:
                    return
                digest.update(more)
                got += len(more)
            s.sendall(digest.hexdigest().encode())
        except OSError as error:
            note(f'server: {error}')


def serve(listener):
    while True:
        try:
            s, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=answer, args=(s,), daemon=True).start()


def transfer(v, upload, failures):
    try:
        with lock:
            s = make_socket(C, v, 'tcp')
        with s:
            s.settimeout(120)
            s.connect((VIP[v], 80))
            if upload:
                s.sendall(b'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n' % SIZE + DATA)
            else:
                s.sendall(b'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
            digest = hashlib.sha256()
            data = b''
            while True:
                more = s.recv(65536)
                if not more:
                    break
                digest.update(more)
                if upload:
                    data += more
            got = data.decode() if upload else digest.hexdigest()
            if got != DIGEST:
                failures.append(f'other bytes: {got[:80]}')
    except OSError as error:
        failures.append(str(error))


listeners = [listen(name, v, 80) for name in S for v in VERSIONS]
for listener in listeners:
    listener.settimeout(None)
    threading.Thread(target=serve, args=(listener,), daemon=True).start()

def worker(v, upload, left, failures):
    while True:
        with lock:
            if not left:
                return
            left.pop()
            if len(left) % 100 == 0 and len(left):
                note(f'{len(left)} left')
        transfer(v, upload, failures)


for v in VERSIONS:
    for upload in (False, True):
        left, failures = [0] * COUNT, []
        threads = [threading.Thread(target=worker, args=(v, upload, left, failures)) for _ in range(AT_ONCE)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        check_eq(f'IPv{v}: {COUNT} {"uploads" if upload else "downloads"} of {SIZE} bytes', [],
                 failures)
note(f'refused: {refusals()}')
EOP

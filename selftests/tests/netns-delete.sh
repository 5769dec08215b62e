#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A namespace can go with connections and traffic in it, and nothing of it stays.
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

load_sluice
setup_balancer 1
python_cases <<'EOP'
import signal
from sluicetest import *


def slab_objects():
    """Connections that are allocated, None where the kernel does not count them apart."""
    # What is freed may be kept for a while, by KASAN or for the next allocation.
    for v in VERSIONS:
        with contextlib.suppress(OSError), open(f'/sys/kernel/slab/sluice_conn{v}/shrink', 'w',
                                                encoding='ascii') as f:
            f.write('1')
    with open('/proc/slabinfo', encoding='ascii') as f:
        counts = [int(line.split()[1]) for line in f if line.startswith('sluice_conn')]
    return sum(counts) if counts else None


def flood(v):
    """A process that sends UDP to the VIP, from a new port each time, until it is killed."""
    child = os.fork()
    if child:
        return child
    # It holds nothing that anybody waits for, and ends whatever happens.
    forget_namespace(B)
    os.close(1)
    os.close(2)
    signal.alarm(120)
    while True:
        s = make_socket(C, v, 'udp')
        for _ in range(5):
            try:
                s.sendto(b'hello', (VIP[v], 53))
            except OSError:
                pass
        s.close()


before = slab_objects()
usual('tcp', 80)
usual('udp', 53)
held = []
# First, so that they have none of the sockets below.
floods = [flood(v) for v in VERSIONS]
for v in VERSIONS:
    servers = Servers(v, 'tcp', 80)
    held += [pair(servers, VIP[v], 80)[:2] for _ in range(20)]
    held += [(connect(v, VIP[v], 80, name=B), servers.accept()[1])]
check('traffic makes connections', until(20, lambda: info()['connections'] > 200), info())
if before is not None:
    check('which are allocated', slab_objects() > 200, slab_objects())

# The balancer goes while all that goes on. Sockets in it would keep it.
for client, _ in held:
    if client.getsockname()[0] in (*VIP.values(), *OUTSIDE.values(), *INSIDE.values()):
        reset(client)
forget_namespace(B)
run('', 'ip', 'netns', 'del', B)
for child in floods:
    check_eq('the traffic still runs', (0, 0), os.waitpid(child, os.WNOHANG))
# Its end of the link goes with it.
gone = until(20, lambda: 'eth0' not in run(C, 'ip', '-br', 'link'))
check('the namespace is gone', gone, run(C, 'ip', '-br', 'link'))
for child in floods:
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
if before is not None:
    check('all its connections are freed', until(20, lambda: slab_objects() <= before),
          f'{slab_objects()}, {before} before')
run('', 'ip', 'netns', 'add', B)
check_eq('a new namespace has nothing of it', (0, 0, 0), (lambda i: (
    i['services'], i['servers'], i['connections']))(info()))
EOP

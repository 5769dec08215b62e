#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Stratum sniff behind a usual firewall with connection states: all of a connection passes, and conntrack follows it.
# Targets: qemu-6.12 uml-debug
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

load_sluice
setup_balancer 1
python_cases <<'EOP'
from firewall import *

HEAD = b'GET / HTTP/1.1\r\nHost: a\r\n\r\n'


nft(RULES)
for v in VERSIONS:
    sniff_service(v, 80, 'http', [server(v, 0)])
    servers = Servers(v, 'tcp', 80, S)
    s = connect(v, VIP[v], 80)
    s.sendall(HEAD[:10])
    time.sleep(0.3)
    s.sendall(HEAD[10:])
    try:
        _, accepted, peer = servers.accept()
        got = b''
        while len(got) < len(HEAD):
            got += accepted.recv(1000)
        check_eq(f'IPv{v}: a head in two pieces arrives', (HEAD, (CLIENT[v], s.getsockname()[1])), (got, peer))
        check(f'IPv{v}: all else goes both ways', works(s, accepted) and bulk(s, accepted) and
              bulk(accepted, s))
        listed = run(B, 'conntrack', '-L', '-f', 'ipv4' if v == 4 else 'ipv6', '-p', 'tcp')
        check(f'IPv{v}: conntrack knows the connection as the client does',
              listed.count('ESTABLISHED') == 1 and f'src={VIP[v]}' in listed and server(v, 0) not in listed,
              listed)
        accepted.close()
    except OSError as error:
        check(f'IPv{v}: a head in two pieces arrives', False, error)
    s.close()
    # A refusal, too.
    s = connect(v, VIP[v], 80)
    s.sendall(b'nonsense\r\n\r\n')
    try:
        check_eq(f'IPv{v}: a refusal arrives', b'HTTP/1.1 400 Bad Request', s.recv(1000).split(b'\r\n')[0])
    except OSError as error:
        check(f'IPv{v}: a refusal arrives', False, error)
    s.close()
    servers.close()
check_eq('nothing was invalid, nothing was dropped', (0, 0), (counter('invalid'), counter('dropped')))
# What rules refuse does not get that far.
run(B, 'nft', 'flush', 'chain', 'inet', 'f', 'input')
for v in VERSIONS:
    s = make_socket(C, v, 'tcp')
    s.settimeout(1)
    try:
        s.connect((VIP[v], 80))
        check(f'IPv{v}: a SYN that the firewall drops is not answered', False)
    except TimeoutError:
        check(f'IPv{v}: a SYN that the firewall drops is not answered', True)
    s.close()
EOP

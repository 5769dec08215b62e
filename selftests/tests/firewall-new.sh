#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The firewall's INPUT and OUTPUT rules decide about new connections, before one is made.
# Targets: qemu-6.12 uml-debug qemu-7
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

load_sluice
setup_balancer 1
python_cases <<'EOP'
from sluicetest import *

ROUTED = {4: '10.9.9.9', 6: 'fd09::9'}


def nft(text):
    run(B, 'nft', '-f', '-', stdin=text)


def counted(name):
    found = json.loads(run(B, 'nft', '-j', 'list', 'counter', 'inet', 'f', name))
    return found['nftables'][-1]['counter']['packets']


def attempt(name, v, vip):
    """A SYN and a datagram, sent and not waited for; what sending says."""
    said = []
    for s, port in ((make_socket(name, v, 'tcp'), 80), (make_socket(name, v, 'udp'), 53)):
        s.setblocking(False)
        try:
            s.connect((vip, port))
            s.send(b'hello')
        except BlockingIOError:
            pass
        except OSError as error:
            said.append(error)
        said.append(s)
    return said


# So that conntrack knows the connections that are there before the rules.
nft('table inet t { chain c { type filter hook input priority 10; ct state established accept; }; }')
for v in VERSIONS:
    run(B, 'ip', 'route', 'add', ROUTED[v], 'dev', 'c0')
    tcp, udp = Servers(v, 'tcp', 80), Servers(v, 'udp', 53)
    for vip, where in ((VIP[v], 'VIP local'), (ROUTED[v], 'VIP routed')):
        for protocol, port in (('tcp', 80), ('udp', 53)):
            service(protocol, vip, port, [(server(v, 0), port)])
        for name, chain, who in ((C, 'input', 'client elsewhere'), (B, 'output', 'client here')):
            case = f'IPv{v}, {where}, {who}'
            held, accepted, _ = pair(tcp, vip, 80, name=name)
            before = len(connections())
            nft(f'''table inet f {{
                counter dropped {{}}
                chain c {{
                    type filter hook {chain} priority 0;
                    ct state new tcp dport 80 counter name dropped drop
                    ct state new udp dport 53 counter name dropped drop
                }}
            }}''')
            sockets = attempt(name, v, vip)
            check(f'{case}: a drop rule sees TCP and UDP', until(10, lambda: counted('dropped') >= 2),
                  counted('dropped'))
            check(f'{case}: no server gets anything', tcp.quiet() and udp.quiet(0))
            check_eq(f'{case}: no connection is made', before, len(connections()))
            check(f'{case}: an established connection goes on', works(held, accepted))
            # Or a SYN that is sent again would get through, and be taken for the next one's.
            for x in sockets:
                if isinstance(x, socket.socket):
                    x.close()
            nft('delete table inet f')
            client, again, _ = pair(tcp, vip, 80, name=name)
            check(f'{case}: without the rule it works', works(client, again))
            for x in (held, accepted, client, again):
                x.close()

        # Its reject is heard, instead of a time-out.
        nft('''table inet f {
            chain c {
                type filter hook input priority 0;
                tcp dport 80 reject with tcp reset
                udp dport 53 reject
            }
        }''')
        check_eq(f'IPv{v}, {where}: a reject rule refuses TCP', True, refused(connect, v, vip, 80))
        client = make_socket(C, v, 'udp')
        client.connect((vip, 53))
        client.send(b'hello')
        if where == 'VIP local':
            check_eq(f'IPv{v}, {where}: and UDP', True, refused(client.recv, 10))
        client.close()
        nft('delete table inet f')
        # What drop rules held back may come now, for the sockets are closed only after it.
        while not tcp.quiet(0):
            tcp.accept()[1].close()
        while not udp.quiet(0):
            udp.receive()
        adm('-C')
    tcp.close()
    udp.close()
EOP

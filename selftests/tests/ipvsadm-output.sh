#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Listings and saved tables are ipvsadm's, column by column, but for differences that are named here.
# Targets: uml
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

need_command ipvsadm
need_module ip_vs ip_vs_rr ip_vs_wrr ip_vs_lc ip_vs_wlc
load_sluice
# The same twice: one balances by IPVS, the other by Sluice.
setup_balancer 1
export PEER_C=$C PEER_B=$B PEER_S=$S1
setup_balancer 1
python_cases <<'EOP'
from sluicetest import *

PEER = tuple(os.environ[name] for name in ('PEER_C', 'PEER_B', 'PEER_S'))
OURS = (C, B, S[0])
# Server 1 is there, the others are not; not in order, so that there is something to sort. (ipvsadm takes the
# difference of addresses for a signed number: it would have fd00:: ahead of 2001::.)
TABLE = [line.split() for line in '''
-A -u [fd00:1::100]:53 -s rr
-a -u [fd00:1::100]:53 -r [fd00:2::11]:53 -m -w 1
-A -t 10.0.1.100:443 -s rr
-a -t 10.0.1.100:443 -r 10.0.2.13:443 -g -w 0
-a -t 10.0.1.100:443 -r 10.0.2.12:443 -i -w 100
-a -t 10.0.1.100:443 -r 10.0.2.9:443 -g -w 65535
-A -t 10.0.1.100:80 -s wlc
-a -t 10.0.1.100:80 -r 10.0.2.11:80 -m -w 1
-a -t 10.0.1.100:80 -r 10.0.2.11:8080 -m -w 0
-A -u 10.0.1.100:53 -s wrr
-a -u 10.0.1.100:53 -r 10.0.2.11:53 -m -w 1
-A -t [fd00:1::100]:80 -s lc
-a -t [fd00:1::100]:80 -r [fd00:2::11]:80 -m -w 1
-A -t [fd00:1::100]:443 -s wlc
-a -t [fd00:1::100]:443 -r [fd00:2:1111:2222:3333:4444:5555:6666]:65535 -m -w 7
-a -t [fd00:1::100]:443 -r [fd00:2::12]:443 -g -w 10
-a -t [fd00:1::100]:443 -r [fd00:2::13]:443 -i -w 10
'''.strip().split('\n')]
TEXT = '\n'.join(map(' '.join, TABLE)) + '\n'
HOSTS = f'{TEST_DIR}/hosts'
with open(HOSTS, 'w', encoding='ascii') as file:
    file.write('''10.0.1.100 vip.example.net
fd00:1::100 vip6.example.net
10.0.2.9 a-server-with-a-very-long-name.example.net
10.0.2.11 one.example.net
10.0.2.12 two.example.net
10.0.2.13 three.example.net
fd00:2::11 one6.example.net
fd00:2::12 two6.example.net
fd00:2::13 three6.example.net
fd00:2:1111:2222:3333:4444:5555:6666 far6.example.net
10.0.1.2 client.example.net
fd00:1::2 client6.example.net
''')


def named(name, *argv, stdin=None):
    """Run it where these hosts have names."""
    return run(name, 'unshare', '-m', 'sh', '-c', f'mount --bind {HOSTS} /etc/hosts && exec "$@"', 'sh', *argv,
               stdin=stdin)


def texts(*words, how=run):
    return how(PEER[1], 'ipvsadm', *words), how(OURS[1], 'sluiceadm', *words)


# What is to be different, and how ipvsadm's line becomes ours.

def title(line):
    """The first line says who it is."""
    return re.sub(r'^IP Virtual Server version \d+\.\d+\.\d+ \(size=\d+\)$', TITLE,
                  re.sub('^IPVS connection entries$', 'Sluice connection entries', line))


def whole_name(line):
    """A name that is longer than its column is not cut, so that its port is there, too."""
    return re.sub(r'^  -> a-server-with-a-very-long-na ', '  -> a-server-with-a-very-long-name.example.net:https ', line)


def udp_is_active(line):
    """An answered UDP flow is an active connection: it is one for the schedulers, too."""
    return re.sub(r'^(  -> \S*:53 .*) 0          1         $', r'\1 1          0         ', line)


def syn_is_inactive(line):
    """A handshake that is not complete is no active connection."""
    return re.sub(r'^(  -> \S*:80 .*) 2          2         $', r'\1 1          3         ', line)


def states(line):
    """A SYN without an answer is SYN_SENT, a UDP flow without UDP_NEW, what the server closed CLOSE_WAIT."""
    line = re.sub(r'SYN_RECV   (?=.*:40002 )', 'SYN_SENT   ', line)
    line = re.sub(r'FIN_WAIT   (?=.*:40005 )', 'CLOSE_WAIT ', line)
    return re.sub(r'UDP        (?=.*:40004 )', 'UDP_NEW    ', line)


def tunnel_type(line):
    """There is one kind of tunnel only."""
    return line.removesuffix(' --tun-type ipip')


TITLE = adm('-L').split('\n')[0]
check('our title', re.fullmatch(r'Sluice version \d+\.\d+\.\d+ \(abi \d+\)', TITLE), TITLE)


def compare(name, peer, ours, *wanted, ordered=True):
    peer, ours = peer.split('\n'), ours.split('\n')
    for change in wanted:
        changed = [change(line) for line in peer]
        check(f'{name}: differs in what it says: {change.__doc__}', changed != peer, '\n'.join(peer))
        peer = changed
    if not ordered:
        peer, ours = sorted(peer), sorted(ours)
    check_eq(name, '\n'.join(peer), '\n'.join(ours))


compare('no service', *texts('-L', '-n'), title)
run(PEER[1], 'ipvsadm', '-R', stdin=TEXT)
adm('-R', stdin=TEXT)
for words, wanted in (
        (('-L', '-n'), [title]),
        (('-l', '--numeric', '--sort'), [title]),
        (('-Ln', '-t', '10.0.1.100:80'), []),
        (('-L', '-n', '-u', '[fd00:1::100]:53'), []),
        (('-L', '-n', '--stats'), [title]),
        (('-L', '-n', '--stats', '-t', '[fd00:1::100]:443'), []),
        (('-L', '-n', '--rate'), [title]),
        (('-L', '-n', '--stats', '--exact'), [title]),
        (('-L', '-n', '-c'), [title]),
        (('-L', '--timeout'), [])):
    compare(' '.join(words), *texts(*words), *wanted)
for words, wanted in (((), [title, whole_name]), (('-L', '--stats'), [title, whole_name]),
                      (('--list', '-t', 'vip.example.net:http'), [])):
    compare(f'{" ".join(words) or "no option"}, with names', *texts(*words, how=named), *wanted)
check_eq('they are names', ['TCP  vip.example.net:http wlc', 'TCP  vip.example.net:https rr',
                            'UDP  vip.example.net:domain wrr', 'TCP  [vip6.example.net]:http lc',
                            'TCP  [vip6.example.net]:https wlc', 'UDP  [vip6.example.net]:domain rr'],
         [line for line in named(B, 'sluiceadm', '-L').split('\n') if line[:4] in ('TCP ', 'UDP ')])


def without_settings(text):
    """Settings are saved, too."""
    first, rest = text.split('\n', 1)
    check('-S: settings first', first.startswith('settings set '), first)
    return rest


# ipvsadm sorts what it saves. Here the order is that of making, which schedulers see.
peer_saved, saved = texts('-S', '-n')
check_eq('-S -n: what was read, in that order', TEXT, without_settings(saved))
compare('-S -n: the same lines', peer_saved, without_settings(saved), tunnel_type, ordered=False)
before = [text for words in (('-L', '-n'), ('-L', '-n', '--stats')) for text in texts(*words)]


def restore(name, peer_text, our_text, how=run):
    for namespace, program, text in ((PEER[1], 'ipvsadm', peer_text), (B, 'sluiceadm', our_text)):
        if text is not None:
            run(namespace, program, '-C')
            how(namespace, program, '-R', stdin=text)
    check_eq(name, before, [text for words in (('-L', '-n'), ('-L', '-n', '--stats')) for text in texts(*words)])


restore('each restores what the other one saved', without_settings(saved), peer_saved)
restore('with names, too', None, named(PEER[1], 'ipvsadm', '-S'), how=named)

# Time-outs in seconds; those of 0 stay.
for words in (('--set', '1000', '50', '70'), ('--set', '0', '0', '80')):
    for namespace, program in ((PEER[1], 'ipvsadm'), (B, 'sluiceadm')):
        run(namespace, program, *words)
    compare(f'--timeout after {" ".join(words)}', *texts('-L', '--timeout'))
check_eq('they are', 'Timeout (tcp tcpfin udp): 1000 50 80\n', adm('-L', '--timeout'))
settings('udp=80100')
check_eq('part of a second is not lost', 'Timeout (tcp tcpfin udp): 1000 50 81\n', adm('-L', '--timeout'))
for namespace, program in ((PEER[1], 'ipvsadm'), (B, 'sluiceadm')):
    run(namespace, program, '--set', '7200', '7200', '7200')
settings('tcp-syn-sent=2h')

# The same traffic. Datagrams can be counted: nothing repeats them.
kept = []
for client, balancer, server_name in (PEER, OURS):
    for v in VERSIONS:
        servers = Servers(v, 'udp', 53, [server_name])
        kept += [servers, asking := make_socket(client, v, 'udp', None, 40003)]
        for size in (1, 100, 1000):
            check(f'IPv{v}: a datagram and its answer', ask(servers, asking, (VIP[v], 53), bytes(size)))
compare('-L -n, after UDP', *texts('-L', '-n'), title, udp_is_active)


def counted(text):
    """Services of UDP that have all of it."""
    return sum(line.split()[2:5] == ['1', '3', '3'] for line in text.split('\n') if line.startswith('UDP'))


check_eq('our counters', 2, counted(adm('-L', '-n', '--stats')))
# Those of IPVS are brought up to date every two seconds.
until(30, lambda: counted(run(PEER[1], 'ipvsadm', '-L', '-n', '--stats')) == 2)
compare('--stats, after UDP', *texts('-L', '-n', '--stats'), title)
compare('--stats with names, after UDP', *texts('-L', '--stats', how=named), title, whole_name)
for namespace, program in ((PEER[1], 'ipvsadm'), (B, 'sluiceadm')):
    run(namespace, program, '-Z')
compare('-Z', *texts('-L', '-n', '--stats'), title)
check('and counters are zero', all(line.split()[-5:] == ['0'] * 5 for line in adm('-L', '-n', '--stats').split('\n')
                                   if re.search(r':\d+ ', line)))

# One connection of each kind, that with the shortest time-out last.
for client, balancer, server_name in (PEER, OURS):
    for v in VERSIONS:
        silent = make_socket(client, v, 'udp', None, 40004)
        silent.sendto(b'x', (VIP[v], 53))
        servers = Servers(v, 'tcp', 80, [server_name])
        kept += [silent, servers, *pair(servers, VIP[v], 80, name=client, source_port=40000)[:2]]
    run(server_name, 'nft', 'add table inet t; add chain inet t in { type filter hook input priority 0; }; '
        'add rule inet t in tcp sport 40002 drop')
    for v in VERSIONS:
        waiting = make_socket(client, v, 'tcp', None, 40002)
        waiting.setblocking(False)
        waiting.connect_ex((VIP[v], 80))
        servers = next(s for s in kept if isinstance(s, Servers) and s.protocol == 'tcp' and
                       (s.version, s.names) == (v, [server_name]))
        closing, accepted, _ = pair(servers, VIP[v], 80, name=client, source_port=40001)
        closed, closer, _ = pair(servers, VIP[v], 80, name=client, source_port=40005)
        closer.shutdown(socket.SHUT_WR)
        closing.shutdown(socket.SHUT_WR)
        kept += [waiting, closing, accepted, closed, closer]


def entries(text):
    """Connections, but for how long they are still there: less than two hours, in six columns."""
    return re.sub(r'(?m)^(TCP|UDP) (\d\d:\d\d |1\d\d:\d\d) ', r'\1 mm:ss  ', text)


def listed():
    """Whether all are in the state that they stay in."""
    return [len(re.findall('CLOSE_WAIT|FIN_WAIT', text)) == 4 and len(text.splitlines()) == 14
            for text in texts('-L', '-n', '-c')] == [True, True]


check('all connections are there', until(20, listed), '\n'.join(texts('-L', '-n', '-c')))
compare('-L -n -c', *map(entries, texts('-L', '-n', '-c')), title, states, ordered=False)
compare('-L -c, with names', *map(entries, texts('-L', '-c', how=named)), title, states, ordered=False)
check_eq('states of TCP', {'ESTABLISHED': 2, 'CLOSE_WAIT': 4, 'SYN_SENT': 2},
         {word: adm('-L', '-c').count(word) for word in ('ESTABLISHED', 'CLOSE_WAIT', 'SYN_SENT')})
compare('-L -n, TCP', *texts('-L', '-n', '-t', '10.0.1.100:80'), syn_is_inactive)
compare('-L -n, TCP over IPv6', *texts('-L', '-n', '-t', '[fd00:1::100]:80'), syn_is_inactive)
EOP

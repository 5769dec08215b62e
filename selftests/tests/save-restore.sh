#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What -S writes -R restores; a wrong line is named by its number.
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

load_sluice
setup_ns B
python_cases <<'EOP'
from sluicetest import *

adm('-R', stdin='''
# A comment, and an empty line.

pool add web4 --family inet -s wrr
pool add web6 --family inet6 -s lc
pool add empty --family inet
-a --pool web4 -r 192.0.2.11:80 -w 0
-a --pool web4 -r 192.0.2.12:8080 -w 65535 --state draining
-a --pool web6 -r [2001:db8::11]:80 --state down
-a --pool web6 -r [2001:db8::12]:8080 -i
-A -t 192.0.2.1:80 --pool web4
-A -t 192.0.2.1:443 --pool web4 --slow-path on
-A -t [2001:db8::1]:80 --pool web6
ipvsadm -A -u 192.0.2.1:53 -s rr
-E -u 192.0.2.1:53 --slow-path on
sluiceadm -a -u 192.0.2.1:53 -r 192.0.2.11:53 -m
-A -u [2001:db8::1]:53 -s wlc
-a -u [2001:db8::1]:53 -r [2001:db8::12]:5353 -w 7
ipvsadm -a -u [2001:db8::1]:53 -r [2001:db8::13]:53 -g -w 3
-a -u 192.0.2.1:53 -r 192.0.2.12 -i
-a --pool udp/192.0.2.1:53 -r 192.0.2.12:5353 -g
settings set udp=1h connections-max=1000 relay-clients-max=500
''')
saved = adm('-S')
check_eq('all lines are there', 18, len(saved.splitlines()))
check_eq('forwarding methods', ['-a --pool udp/192.0.2.1:53 -r 192.0.2.12:5353 -g -w 1',
                                '-a --pool web6 -r [2001:db8::12]:8080 -i -w 1',
                                '-a -u 192.0.2.1:53 -r 192.0.2.12:53 -i -w 1',
                                '-a -u [2001:db8::1]:53 -r [2001:db8::13]:53 -g -w 3'],
         sorted(line for line in saved.splitlines() if '-g' in line or '-i' in line))
check_eq('the slow path', ['-A -t 192.0.2.1:443 --pool web4 --slow-path on',
                           '-A -u 192.0.2.1:53 -s rr --slow-path on'],
         [line for line in saved.splitlines() if 'slow' in line])


def table():
    """All that can be listed but for numbers, which are never used twice."""
    def without_ids(x):
        if isinstance(x, dict):
            return {k: without_ids(y) for k, y in x.items() if k != 'id'}
        return [without_ids(y) for y in x] if isinstance(x, list) else x
    return without_ids([listing('-L', '-n', '--nosort'), listing('pool', 'show'),
                        json.loads(adm('settings', 'show', '--json'))])


before = table()
adm('-C')
settings('udp=5m', 'connections-max=5', 'relay-clients-max=6')
adm('-R', stdin=saved)
check_eq('-S, -C, -R gives the same -S', saved, adm('-S'))
check_eq('and the same table', before, table())

with_ids = adm('-L', '-n', '--nosort', '--json')
for name, lines, said in (
        ('not understood', '-A -t 192.0.2.5:80\n\n-A -t 192.0.2.6\n', '3: service \'192.0.2.6\': no port, as in 192.0.2.6:80'),
        ('no change', '-A -t 192.0.2.5:80\n-L\n', '2: -L: not a command that changes the table'),
        ('an unknown option', '-D -t 192.0.2.1:80\n# x\n-A -t 192.0.2.6:80 --fast\n', '3: --fast: no such option, see sluiceadm --help')):
    with ns(B):
        done = subprocess.run(['sluiceadm', '-R'], input=lines, capture_output=True, text=True, check=False)
    check_eq(f'{name}: the line is named', (1, f'sluiceadm: standard input:{said}\n'),
             (done.returncode, done.stderr))
    check_eq(f'{name}: and nothing is done', with_ids, adm('-L', '-n', '--nosort', '--json'))
# What only the module can refuse.
with ns(B):
    done = subprocess.run(['sluiceadm', '-R'], input='-A -t 192.0.2.1:80\n', capture_output=True, text=True,
                          check=False)
check_eq('refused: the line is named', (1, 'sluiceadm: standard input:1: service tcp/192.0.2.1:80: the service '
                                        'exists already\n'), (done.returncode, done.stderr))
EOP

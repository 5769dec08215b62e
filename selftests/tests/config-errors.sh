#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What is wrong is refused in one line that says why, and changes nothing.
# Targets: uml uml-debug
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

load_sluice
setup_ns B
python_cases <<'EOP'
from sluicetest import *

adm('-R', stdin='''
-A -t 192.0.2.1:80 -s rr
-a -t 192.0.2.1:80 -r 192.0.2.11:80 -w 5
-A -u [2001:db8::1]:53
-a -u [2001:db8::1]:53 -r [2001:db8::11]:53
pool add web --family inet -s wrr
-a --pool web -r 192.0.2.12:80
-A -t 192.0.2.2:80 --pool web
''')
before = adm('-S') + adm('-L', '-n', '--nosort', '--json')
FAILED, USAGE = 1, 2
LOOPBACK = 'address is loopback: packets of other hosts never reach it'
NAME = 'a' * 64

# (words, exit status, what the line says after 'sluiceadm: ')
CASES = '''
-A -t 192.0.2.1:80 -s rr | 1 | service tcp/192.0.2.1:80: the service exists already
-A -t 192.0.2.2:80 | 1 | service tcp/192.0.2.2:80: the service exists already
-A -t 192.0.2.3:80 -s fastest | 1 | service tcp/192.0.2.3:80: no such scheduler, there are rr, wrr, lc and wlc (scheduler)
-A -t 192.0.2.3:80 --pool none | 1 | service tcp/192.0.2.3:80: no pool of this name (pool)
-A -t 192.0.2.3:80 --pool web -s rr | 1 | service tcp/192.0.2.3:80: a named pool has a scheduler already, set it there (scheduler)
-A -t [2001:db8::3]:80 --pool web | 1 | service tcp/[2001:db8::3]:80: pool and service are of different address families (pool)
-A -t 192.0.2.3:80 --pool tcp/192.0.2.1:80 | 1 | service tcp/192.0.2.3:80: this pool belongs to one service and cannot be shared (pool)
-A -t 127.0.0.1:80 | 1 | service tcp/127.0.0.1:80: {LOOPBACK} (address)
-A -t 0.0.0.0:80 | 1 | service tcp/0.0.0.0:80: address is unspecified (0.0.0.0) (address)
-A -t 224.0.0.1:80 | 1 | service tcp/224.0.0.1:80: address is multicast or broadcast, it must be unicast (address)
-A -t 255.255.255.255:80 | 1 | service tcp/255.255.255.255:80: address is multicast or broadcast, it must be unicast (address)
-A -t [::]:80 | 1 | service tcp/[::]:80: address is unspecified (::) (address)
-A -t [::1]:80 | 1 | service tcp/[::1]:80: {LOOPBACK} (address)
-A -t [ff02::1]:80 | 1 | service tcp/[ff02::1]:80: address is multicast, it must be unicast (address)
-A -t [fe80::1]:80 | 1 | service tcp/[fe80::1]:80: address is link-local, it must be valid on more than one link (address)
-A -t [::ffff:192.0.2.1]:80 | 1 | service tcp/[::ffff:192.0.2.1]:80: address is IPv4 mapped into IPv6, give 4 bytes for IPv4 (address)
-E -t 192.0.2.9:80 -s rr | 1 | service tcp/192.0.2.9:80: no such service
-E -t 192.0.2.2:80 -s rr | 1 | service tcp/192.0.2.2:80: a named pool has a scheduler already, set it there (scheduler)
-E -u 192.0.2.1:80 -s rr | 1 | service udp/192.0.2.1:80: no such service
-E -t 192.0.2.2:80 -s rr --slow-path on | 1 | service tcp/192.0.2.2:80: a named pool has a scheduler already, set it there (scheduler)
-E -t 192.0.2.1:80 --slow-path maybe | 2 | slow-path 'maybe': not on or off
-E -t 192.0.2.1:80 | 2 | -E: needs --pool, -s, --slow-path or --parse
-D -t 192.0.2.1:81 | 1 | service tcp/192.0.2.1:81: no such service
-Z -t 192.0.2.9:80 | 1 | counters of service tcp/192.0.2.9:80: no such service
-L -t 192.0.2.9:80 | 1 | service tcp/192.0.2.9:80: no such service
-a -t 192.0.2.1:80 -r 192.0.2.11:80 | 1 | server 192.0.2.11:80 of service tcp/192.0.2.1:80: the pool has this server already
-a -t 192.0.2.9:80 -r 192.0.2.11:80 | 1 | server 192.0.2.11:80 of service tcp/192.0.2.9:80: no such service (service)
-a --pool none -r 192.0.2.11:80 | 1 | server 192.0.2.11:80 of pool none: no pool of this name (pool)
-a -t 192.0.2.1:80 -r 127.0.0.1:80 | 1 | server 127.0.0.1:80 of service tcp/192.0.2.1:80: {LOOPBACK} (address)
-a --pool web -r [2001:db8::11]:80 | 1 | server [2001:db8::11]:80 of pool web: server and pool are of different address families (address)
-e -t 192.0.2.1:80 -r 192.0.2.19:80 -w 1 | 1 | server 192.0.2.19:80 of service tcp/192.0.2.1:80: no such server in the pool
-d -t 192.0.2.1:80 -r 192.0.2.11:81 | 1 | server 192.0.2.11:81 of service tcp/192.0.2.1:80: no such server in the pool
pool add web --family inet | 1 | pool web: the pool exists already (name)
pool add a/b --family inet | 1 | pool a/b: a pool's name is 1 to 63 printable ASCII characters without blank or slash (name)
pool set none -s rr | 1 | pool none: no pool of this name (name)
pool del none | 1 | pool none: no pool of this name (name)
pool del web | 1 | pool web: the pool is in use by 1 service(s), delete those first
pool del tcp/192.0.2.1:80 | 1 | pool tcp/192.0.2.1:80: this pool belongs to a service and goes with it
-a -t 192.0.2.1:80 -r [2001:db8::11]:80 | 2 | server '2001:db8::11': not an IPv4 address like the service
-a -t 192.0.2.1:80 -r 192.0.2.13:80 -w 65536 | 2 | weight '65536': not a number from 0 to 65535
-a -t 192.0.2.1:80 -r 192.0.2.13:80 -w -1 | 2 | weight '-1': not a number from 0 to 65535
-e -t 192.0.2.1:80 -r 192.0.2.11:80 -w 1x | 2 | weight '1x': not a number from 0 to 65535
-e -t 192.0.2.1:80 -r 192.0.2.11:80 --state sleepy | 2 | state 'sleepy': not up, draining or down
-e -t 192.0.2.1:80 -r 192.0.2.11:80 | 2 | -e: needs -m, -g, -i, --forward, -w, --state, --deadline or --reason
-a -t 192.0.2.1:80 | 2 | -a: needs -r
-A -t 192.0.2.3 | 2 | service '192.0.2.3': no port, as in 192.0.2.3:80
-A -t 192.0.2.3:0 | 2 | port '0': not a number from 1 to 65535
-A -t 192.0.2.3:65536 | 2 | port '65536': not a number from 1 to 65535
-A -t 192.0.2.333:80 | 2 | service '192.0.2.333': not an IPv4 address, host name or [IPv6 address]
-A -t 2001:db8::3:80 | 2 | service '2001:db8::3:80': an IPv6 address is written in brackets, as in [2001:db8::1]:80
-A -t 192.0.2.3:80 -u 192.0.2.3:80 | 2 | -t and -u: not together
-A -t 192.0.2.3:80 -s {NAME} | 2 | scheduler '{NAME}': not 1 to 63 printable characters without blanks
-A -D -t 192.0.2.1:80 | 2 | -A and -D: one command at a time
-a -t 192.0.2.1:80 -r 192.0.2.13:80 -g -i | 2 | -g and -i: not together
-a -t 192.0.2.1:80 -r 192.0.2.13:80 --forward Route | 2 | forwarding method 'Route': not nat, dr or tunnel
-e -t 192.0.2.1:80 -r 192.0.2.19:8080 -g | 1 | server 192.0.2.19:80 of service tcp/192.0.2.1:80: no such server in the pool
-A -t 192.0.2.3:80 -g | 2 | --gatewaying: of no use with -A
settings set udp=99ms | 2 | time-out '99ms': not 100 to 1000000000 milliseconds, as in 500ms, 30s, 15m or 2h
settings set connections-max=0 | 2 | connections-max '0': not a number from 1 to 4294967295
settings set relay-clients-max=0 | 2 | relay-clients-max '0': not a number from 1 to 4294967295
settings set speed=1 | 2 | 'speed': no such setting, see sluiceadm settings show
'''
for line in CASES.format(LOOPBACK=LOOPBACK, NAME=NAME).strip().splitlines():
    words, status, said = (part.strip() for part in line.split(' | '))
    with ns(B):
        done = subprocess.run(['sluiceadm', *words.split()], capture_output=True, text=True, check=False)
    check_eq(words.replace(NAME, 'a...'), (int(status), '', f'sluiceadm: {said}\n'),
             (done.returncode, done.stdout, done.stderr))
check_eq('nothing has changed', before, adm('-S') + adm('-L', '-n', '--nosort', '--json'))
EOP

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Services, pools and servers are made, changed and deleted as they are listed.
# Targets: uml uml-debug
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

load_sluice
setup_ns B
python_cases <<'EOP'
from sluicetest import *

ADDRESS = {4: ('192.0.2.1', '192.0.2.11', '192.0.2.12'),
           6: ('2001:db8::1', '2001:db8::11', '2001:db8::12')}


def services():
    return [(s['protocol'], s['address'], s['port'], s['scheduler'], s['own-pool'], s['pool'],
             [(r['address'], r['port'], r['weight'], r['state'], r['forward']) for r in s['servers']])
            for s in listing('-L', '-n')]


for v in VERSIONS:
    vip, one, two = ADDRESS[v]
    for protocol in ('tcp', 'udp'):
        to = (option(protocol), endpoint(vip, 80))
        pool = f'{protocol}/{endpoint(vip, 80)}'
        case = f'IPv{v} {protocol.upper()}'
        adm('-A', *to)
        check_eq(f'{case}: a service, by default wlc, with a pool of its own',
                 [(protocol, vip, 80, 'wlc', True, pool, [])], services())
        check_eq(f'{case}: on the fast path', False, listing('-L', '-n')[0]['slow-path'])
        adm('-E', *to, '-s', 'rr')
        adm('-E', *to, '--slow-path', 'on')
        adm('-a', *to, '-r', endpoint(one, 8080))
        adm('-a', *to, '-r', endpoint(two, 80), '-w', '65535', '--state', 'draining', '-m')
        check_eq(f'{case}: another scheduler, two servers', [(protocol, vip, 80, 'rr', True, pool, [
            (one, 8080, 1, 'up', 'nat'), (two, 80, 65535, 'draining', 'nat')])], services())
        check_eq(f'{case}: off the fast path, by its flag in the table', (True, ['rr', 'slow-path']),
                 (listing('-L', '-n')[0]['slow-path'],
                  [words[2:] for words in map(str.split, adm('-L', '-n').splitlines())
                   if words[0] == protocol.upper()][0]))
        adm('-E', *to, '-s', 'wlc')
        check_eq(f'{case}: still so with another scheduler', True, listing('-L', '-n')[0]['slow-path'])
        adm('service', 'set', *to, '-s', 'rr', '--slow-path', 'off')
        check_eq(f'{case}: on it again', ('rr', False),
                 tuple(listing('-L', '-n')[0][k] for k in ('scheduler', 'slow-path')))
        adm('-e', *to, '-r', endpoint(one, 8080), '-w', '0')
        adm('-e', *to, '-r', endpoint(two, 80), '--state', 'down')
        check_eq(f'{case}: a change leaves what is not given', [
            (one, 8080, 0, 'up', 'nat'), (two, 80, 65535, 'down', 'nat')], services()[0][6])
        # A server is address and port: this is another one.
        adm('-a', *to, '-r', one if v == 4 else f'[{one}]')
        check_eq(f'{case}: the same address on the service\'s own port is another server', 3,
                 info()['servers'])
        adm('-d', *to, '-r', endpoint(one, 8080))
        check_eq(f'{case}: one less', [(one, 80, 1, 'up', 'nat'), (two, 80, 65535, 'down', 'nat')],
                 services()[0][6])
        # Forwarding methods, by their letters and in words.
        adm('-e', *to, '-r', endpoint(one, 80), '-g')
        adm('-e', *to, '-r', endpoint(two, 80), '--forward', 'tunnel')
        check_eq(f'{case}: other forwarding methods',
                 [(one, 80, 1, 'up', 'dr'), (two, 80, 65535, 'down', 'tunnel')], services()[0][6])
        check_eq(f'{case}: ipvsadm\'s words for them', ['Route', 'Tunnel'],
                 [words[2] for words in map(str.split, adm('-L', '-n').splitlines()) if words[0] == '->'][1:])
        check_eq(f'{case}: our own, in the order of making', ['tunnel', 'dr'],
                 [words[2] for words in map(str.split, adm('server', 'show', '-n').splitlines())][1:])
        adm('-e', *to, '-r', endpoint(one, 80), '-w', '2')
        adm('-e', *to, '-r', endpoint(two, 80), '-m')
        check_eq(f'{case}: a change leaves the method that is not given',
                 [(one, 80, 2, 'up', 'dr'), (two, 80, 65535, 'down', 'nat')], services()[0][6])
        adm('-d', *to, '-r', endpoint(two, 80))
        adm('-a', *to, '-r', endpoint(two, 8080), '-i')
        check_eq(f'{case}: packets keep their port, so it is the service\'s',
                 [(one, 80, 2, 'up', 'dr'), (two, 80, 1, 'up', 'tunnel')], services()[0][6])
        adm('-a', '--pool', pool, '-r', endpoint(two, 8080), '--forward', 'dr')
        check_eq(f'{case}: in a pool by its name it is the one given', (two, 8080, 1, 'up', 'dr'),
                 services()[0][6][2])
        adm('-D', *to)
        check_eq(f'{case}: deleted with its pool and servers', (0, 0, 0),
                 tuple(info()[k] for k in ('services', 'pools', 'servers')))

    # Named pools.
    family = 'inet' if v == 4 else 'inet6'
    adm('pool', 'add', 'web', '--family', family)
    adm('-a', '--pool', 'web', '-r', endpoint(one, 80), '-w', '3')
    adm('-A', '-t', endpoint(vip, 80), '--pool', 'web')
    adm('-A', '-t', endpoint(vip, 443), '-s', 'rr')
    adm('-a', '-t', endpoint(vip, 443), '-r', endpoint(two, 443))
    adm('-A', '-u', endpoint(vip, 443), '--pool', 'web')
    web = [(one, 80, 3, 'up', 'nat')]
    check_eq(f'IPv{v}: two services of one pool, one with its own', [
        ('tcp', vip, 80, 'wlc', False, 'web', web),
        ('tcp', vip, 443, 'rr', True, f'tcp/{endpoint(vip, 443)}', [(two, 443, 1, 'up', 'nat')]),
        ('udp', vip, 443, 'wlc', False, 'web', web)], services())
    adm('pool', 'set', 'web', '-s', 'lc')
    pool = [p for p in listing('pool', 'show') if p['name'] == 'web'][0]
    check_eq(f'IPv{v}: the pool says so', (family, 'lc', False, 1, 2),
             (pool['family'], pool['scheduler'], pool['owned'], pool['servers'], pool['services']))
    # By a service that uses it, a server of the pool can be named too.
    adm('-e', '-u', endpoint(vip, 443), '-r', endpoint(one, 80), '-w', '9')
    adm('-E', '-t', endpoint(vip, 443), '--pool', 'web')
    web = [(one, 80, 9, 'up', 'nat')]
    check_eq(f'IPv{v}: given a named pool, a service\'s own goes', ([
        ('tcp', vip, 80, 'lc', False, 'web', web), ('tcp', vip, 443, 'lc', False, 'web', web),
        ('udp', vip, 443, 'lc', False, 'web', web)], 1, 1),
        (services(), info()['pools'], info()['servers']))
    ids = [s['id'] for s in listing('-L', '-n', '--nosort')]
    check(f'IPv{v}: numbers grow in the order of making', ids == sorted(ids), ids)
    for protocol, port in (('tcp', 80), ('tcp', 443), ('udp', 443)):
        adm('-D', option(protocol), endpoint(vip, port))
    check_eq(f'IPv{v}: the named pool stays without services', (0, 1, 1),
             tuple(info()[k] for k in ('services', 'pools', 'servers')))
    adm('pool', 'del', 'web')
    check_eq(f'IPv{v}: and goes with its servers', (0, 0),
             tuple(info()[k] for k in ('pools', 'servers')))
check('a number is never used twice', min(ids) > 8)

# Settings.
adm('--set', '100', '0', '300')
t = json.loads(adm('settings', 'show', '--json'))['timeouts']
check_eq('--set changes what is not 0', (100000, 120000, 300000),
         (t['tcp-established'], t['tcp-fin-wait'], t['udp']))
settings('tcp-close=250ms', 'udp=2h', 'connections-max=4294967295', 'relay-clients-max=4294967294')
s = json.loads(adm('settings', 'show', '--json'))
check_eq('settings by name, with units', (250, 7200000, 4294967295, 4294967294, 100000),
         (s['timeouts']['tcp-close'], s['timeouts']['udp'], s['connections-max'], s['relay-clients-max'],
          s['timeouts']['tcp-established']))
EOP

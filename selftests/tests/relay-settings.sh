#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What is said of a service of stratum relay holds for connections that there are with their next request, not for the one that is under way.
# Targets: uml uml-debug
# Timeout: 60
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

load_sluice
load_ktls
setup_balancer 1
python_cases <<'EOP'
from sluicetest import *
from relay import *
from relay_visits import back_listener

UPGRADE = 'Upgrade: websocket\r\nConnection: Upgrade\r\n'
ANSWER = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n{}\r\n'
family = Family()
# A daemon of another namespace is none of ours: who cannot be given back is answered.
elsewhere = back_listener(C)


def serve(reader, first, fields, n):
    """Says who is said to ask, and takes every upgrade; of /meanwhile, when what is said of the service has changed."""
    if 'upgrade' in fields:
        reader.sock.sendall(b'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n')
        return False
    if ' /meanwhile ' in first:
        meanwhile()
    said = fields.get('x-forwarded-for')
    reader.sock.sendall(ANSWER.format(f'X-Said: {said[0]}\r\n' if said else '').encode())
    return True


for v in VERSIONS:
    def case(name):
        return f'IPv{v}: {name}'

    def configure(**settings):
        check_eq(case(f'it is said: {settings}'), (0, ''), family.config(VIP[v], 80, **settings))

    def meanwhile():
        configure(requests_max=1)

    def said(reader, path='/'):
        got = ask(reader, path)
        return got and (got[0], got[1].get('x-said'), got[1].get('connection'))

    Origin(S[0], v, 8000, serve)
    relay_service(VIP[v], 80, pools=[(f'web-{v}', [(server(v, 0), 8000)])], routes=[f'all pool web-{v}'])
    configure(listen=1, websocket=1)
    first, second, third = client(v), client(v), client(v)
    for c in (first, second, third):
        check_eq(case('what holds at first'), (200, [CLIENT[v]], None), said(c))
    configure(add=0, websocket=0)
    check_eq(case('servers are not told who asks any more'), (200, None, None), said(first))
    got = ask(first, fields=UPGRADE)
    # The daemon would look at the route; there is none.
    check_eq(case('and upgrades are not passed on any more'), 501, got and got[0])
    check_eq(case('which a request under way does not take note of'), (200, None, None), said(second, '/meanwhile'))
    check_eq(case('but the next one does'), (200, None, ['close']), said(second))
    check_eq(case('nothing is said any more'), 0, family.ask(CONFIG_DEL, service_key(1, VIP[v], 80))[0])
    check_eq(case('what holds then'), (200, [CLIENT[v]], None), said(third))
    for c in (first, second, third):
        c.sock.close()
check('nobody is left', until(30, lambda: family.stats()['clients'] == 0), family.stats())
EOP

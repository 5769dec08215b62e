# SPDX-License-Identifier: GPL-2.0-or-later
"""The client's address on its way through several proxies: headers, the PROXY protocol, HAProxy in front."""

import subprocess

from curl import with_port
from daemons import until

ELSEWHERE = {4: '192.0.2.7', 6: '2001:db8::7'}


def quoted(address):
    """As Forwarded has it."""
    return f'"[{address}]"' if ':' in address else address


def headers(real, version, client, proxy):
    """X-Forwarded-For and its like."""
    ktap, host = real.ktap, 'one.example.com'
    lies = ['-H', 'X-Forwarded-For: 198.51.100.1', '-H', 'X-Forwarded-Proto: https', '-H', 'X-Real-IP: 198.51.100.1',
            '-H', 'X-Forwarded-Host: evil.example', '-H', 'Forwarded: for=198.51.100.1',
            '-H', 'X-Client-Cert-Subject: CN=root']
    options = {'host': host, 'version': version}
    seen = real.get('/seen', '--interface', client, *lies, **options).seen()
    ktap.equal(f'IPv{version}: nginx sees the client, and none of its lies',
               (client, 'http', host, '', '', ''),
               tuple(seen.get(name) for name in ('forwarded_for', 'proto', 'forwarded_host', 'forwarded',
                                                 'real_ip', 'subject')), seen)
    for name, interface, want in (
            ('a trusted proxy is believed, and continued', proxy,
             (f'198.51.100.1, {proxy}', 'https', 'evil.example', f'for=198.51.100.1, for={quoted(proxy)}')),
            ('others there are not', client, (client, 'http', host, ''))):
        seen = real.get('/seen', '--interface', interface, *lies, port=8086, **options).seen()
        got = tuple(seen.get(field) for field in ('forwarded_for', 'proto', 'forwarded_host', 'forwarded'))
        if 'continued' in name:
            # What stands behind the proxy's address there is not prescribed.
            got = got[:3] + (got[3][:len(want[3])] if got[3] else got[3],)
        ktap.equal(f'IPv{version}: {name}', want, got, seen)


def taken(real, version, client):
    """The PROXY protocol of curl."""
    ktap, options = real.ktap, {'port': 8085, 'version': version}
    seen = real.get('/seen', '--interface', client, '--haproxy-protocol', **options).seen()
    ktap.equal(f'IPv{version}: PROXY of curl', client, seen.get('forwarded_for'), seen)
    elsewhere = ELSEWHERE[version]
    seen = real.get('/seen', '--haproxy-clientip', elsewhere, **options).seen()
    ktap.equal(f'IPv{version}: from somewhere else', elsewhere, seen.get('forwarded_for'), seen)
    answer = real.get('/seen', **options)
    ktap.equal(f'IPv{version}: a client without it is closed', 0, answer.status, answer)
    answer = real.get('/seen', '--haproxy-protocol', host='one.example.com', version=version)
    ktap.equal(f'IPv{version}: and one with it, where none is taken, refused', 400, answer.status, answer)


def given(real, version, client):
    """The PROXY protocol to nginx."""
    for path in ('proxy-v1', 'proxy-v2', 'proxy-v2-six'):
        before = len(real.servers[1].log())
        answers = [real.get(f'/{path}/seen', '--interface', client, version=version).seen() for _ in range(3)]
        real.ktap.equal(f'IPv{version}: {path} to nginx has the client', [client] * 3,
                        [answer.get('proxied') for answer in answers], *answers)
        real.ktap.equal(f'IPv{version}: {path}: on connections of their own', 3,
                        len({answer.get('connection') for answer in answers}), *answers)
        logged = until(lambda start=before: len(real.servers[1].log()) >= start + 3 and real.servers[1].log()[start:])
        real.ktap.equal(f'IPv{version}: {path}: and nginx logs it', [client] * 3,
                        [line['proxied'] for line in logged or []], logged)
    data = '-H', 'Expect:', '--data-binary', f'@{real.folder}/haproxy.cfg'
    real.ktap.equal(f'IPv{version}: content behind the header', 405,
                    real.get('/proxy-v2/file', *data, version=version).status)


def behind_haproxy(real, version, client):
    """HAProxy in front, which says who its client is."""
    for port, how in ((8091, 'send-proxy'), (8092, 'send-proxy-v2')):
        answers = [real.get('/seen', '--interface', client, port=port, version=version).seen() for _ in range(3)]
        real.ktap.equal(f'IPv{version}: behind HAProxy with {how}', [client] * 3,
                        [answer.get('forwarded_for') for answer in answers], *answers)
    answer = real.get('/upload/haproxy', '-T', f'{real.folder}/haproxy.cfg', port=8092, version=version)
    real.ktap.check(f'IPv{version}: and content', answer.status in (201, 204), answer)


def haproxy_config(listen):
    """In front of the service that takes the PROXY protocol; its checks begin with a header, too."""
    text = 'defaults\n mode http\n timeout connect 20s\n timeout client 20s\n timeout server 20s\n'
    for port, how in ((8091, 'send-proxy'), (8092, 'send-proxy-v2')):
        text += f'frontend f{port}\n'
        text += ''.join(f' bind {with_port(address, port)}\n' for address in listen.values())
        text += f' default_backend b{port}\nbackend b{port}\n server sluice 127.0.0.1:8085 {how} check inter 200ms\n'
    return text


def run(real):
    """All of them, in both families."""
    path = f'{real.folder}/haproxy.cfg'
    with open(path, 'w', encoding='ascii') as file:
        file.write(haproxy_config(real.listen))
    with open(f'{path}.out', 'wb') as out:
        haproxy = subprocess.Popen(['haproxy', '-db', '-f', path], stdin=subprocess.DEVNULL, stdout=out, stderr=out)
    try:
        until(lambda: real.get('/name', port=8092).status == 200 or haproxy.poll() is not None)
        for version, (client, proxy) in real.clients.items():
            headers(real, version, client, proxy)
            taken(real, version, client)
            given(real, version, client)
            behind_haproxy(real, version, client)
        real.ktap.check('HAProxy runs', haproxy.poll() is None, haproxy.returncode)
    finally:
        haproxy.kill()
        haproxy.wait()

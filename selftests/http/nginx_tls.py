# SPDX-License-Identifier: GPL-2.0-or-later
"""TLS of curl, and TLS to nginx."""

from daemons import until

SUBJECT = 'CN=Zo\\C3\\AB\\, of \\"Accounts\\",O=Visitors'


def versions(real, version):
    """Of TLS, and certificates."""
    ktap = real.ktap
    for name, words in (('1.2', ['--tlsv1.2', '--tls-max', '1.2']), ('1.3', ['--tlsv1.3'])):
        answer = real.secure('/seen', *words, version=version)
        ktap.equal(f'IPv{version}: TLS {name}', (200, 'https', 0),
                   (answer.status, answer.seen().get('proto'), answer.told.get('ssl_verify_result')), answer)
    for kind in ('ECDSA', 'RSA'):
        answer = real.secure('/name', '--tls-max', '1.2', '--ciphers', f'ECDHE-{kind}-AES128-GCM-SHA256',
                             version=version)
        ktap.equal(f'IPv{version}: a client that takes {kind} only', 200, answer.status, answer)
    answer = real.secure('/name', '--tls-max', '1.1', '--ciphers', 'ALL:@SECLEVEL=0', version=version)
    ktap.check(f'IPv{version}: TLS 1.1 is refused', answer.status == 0 and 'alert' in answer.error, answer)
    for host, want in (('second.example.net', 200), ('a.example.com', 200), ('unknown.example.org', 0)):
        answer = real.secure('/name', host=host, version=version)
        ktap.equal(f'IPv{version}: {host} gets its certificate' if want else
                   f'IPv{version}: {host}, of whom there is none, gets another one', want, answer.status, answer)
    big = real.secure('/upload/tls', '-T', real.big, '--haproxy-protocol', version=version)
    ktap.equal(f'IPv{version}: what is no handshake is closed', 0, big.status, big)
    many = real.secure('/[1-20]', '-I', version=version)
    ktap.equal(f'IPv{version}: curl keeps its connection', (404, 0), (many.status, many.told.get('num_connects')), many)


def client_certificates(real, version):
    """Required."""
    ktap, folder = real.ktap, real.folder
    # Of TLS 1.3: its request is on the way when the alert comes.
    answers = [real.secure('/seen', port=8444, version=version) for _ in range(10)]
    wrong = [answer for answer in answers if answer.status or 'certificate required' not in answer.error]
    ktap.check(f'IPv{version}: without a certificate, which it is told', not wrong, *wrong)

    def shown(name):
        return '--cert', f'{folder}/{name}.pem', '--key', f'{folder}/{name}.key'
    for words in ((), ('--tls-max', '1.2')):
        answer = real.secure('/seen', *shown('visitor'), '-H', 'X-Client-Cert-Subject: CN=root', *words, port=8444,
                             version=version)
        ktap.equal(f'IPv{version}: with one: nginx gets its subject {" ".join(words)}'.strip(), (200, SUBJECT),
                   (answer.status, answer.seen().get('subject')), answer)
    # Of an alert before the end of a handshake curl says what it makes of it.
    for name, what, alert in (('stranger', 'one of another authority', 'unknown ca'),
                              ('expired', 'one that has expired', 'certificate ')):
        for words in ((), ('--tls-max', '1.2')):
            answer = real.secure('/seen', *shown(name), *words, port=8444, version=version)
            ktap.check(f'IPv{version}: with {what} {" ".join(words)}'.strip(),
                       answer.status == 0 and alert in answer.error, answer)


def to_nginx(real, version):
    """Servers that speak TLS."""
    ktap = real.ktap
    answer = real.get('/tls/seen', version=version)
    seen = answer.seen()
    ktap.equal(f'IPv{version}: TLS to nginx: the name asked for, its version, the certificate shown',
               (200, 'www.example.com', 'TLSv1.3', 'CN=balancer,O=Sluice'),
               (answer.status, *(seen.get(name) for name in ('sni', 'tls', 'shown'))), answer)
    answer = real.get('/by-host/seen', host='a.example.com', version=version)
    ktap.equal(f'IPv{version}: by default the name is the host', (200, 'a.example.com'),
               (answer.status, answer.seen().get('sni')), answer)
    seen = [real.get('/tls/seen', version=version).seen() for _ in range(10)]
    ktap.check(f'IPv{version}: connections of TLS to nginx are used again',
               max(int(each.get('requests', 0)) for each in seen) >= 5, *seen)
    data = real.big
    answer = real.get('/tls/upload/x', '-T', data, version=version)
    ktap.check(f'IPv{version}: 20 MB to nginx over TLS', answer.status in (201, 204), answer)
    answer = real.get('/tls/upload/x', version=version)
    with open(data, 'rb') as file:
        ktap.check(f'IPv{version}: and back', answer.status == 200 and answer.body == file.read(), answer.status)
    for path, host, why in (('wrong-ca', 'www.example.com', 'unable to get local issuer certificate'),
                            ('wrong-name', 'www.example.com', 'hostname mismatch'),
                            ('by-host', 'www.example.org', 'hostname mismatch')):
        mark = f'{path}-{host}-{version}'
        answer = real.get(f'/{path}/seen?{mark}', host=host, version=version)
        lines = until(lambda text=mark: [line for line in real.log().splitlines() if f'?{text}"' in line]) or ['']
        ktap.check(f'IPv{version}: {path} for {host} is refused, and the log says why', answer.status == 502 and
                   '"connect-failed"' in lines[0] and why in lines[0], answer, *lines)


def run(real):
    """All of them, in both families."""
    for version in real.clients:
        versions(real, version)
        client_certificates(real, version)
        to_nginx(real, version)
    real.ktap.check('nothing of a key is in a log', 'PRIVATE KEY' not in real.daemons.said() + real.log())

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Real parts on both sides of stratum proxy: curl and HAProxy as clients, nginx as servers. Prints KTAP.

    nginx.py [--only TEXT]      groups of cases with TEXT in their name"""

import argparse
import os
import subprocess
import tempfile

import nginx_failures
import nginx_proxies
import nginx_requests
import nginx_tls
from bed import prepare_network
from curl import Answer, curl, with_port
from daemons import Daemons
from ktap import Ktap
from pki import RSA, Authority
from web_server import WebServer

BIG = 20 << 20
# A client's address and another one's, of both families.
CLIENTS = {4: ('127.0.0.2', '127.0.0.3'), 6: ('fd00::2', 'fd00::3')}
LISTEN = {4: '127.0.0.1', 6: '::1'}
CLEAR, TLS, STRICT, BEHIND, TRUSTING = 8080, 8443, 8444, 8085, 8086

GROUPS = {'requests': nginx_requests.run, 'proxies': nginx_proxies.run, 'TLS': nginx_tls.run,
          'failures': nginx_failures.run}


class Real:
    """Three nginx, each a pool of its own and all together another one; sluiced in front of them."""

    clients, listen = CLIENTS, LISTEN

    def __init__(self, folder):
        self.folder, self.ktap = folder, Ktap()
        self.daemons = Daemons(folder)
        # What clients send.
        self.big = f'{folder}/big'
        with open(self.big, 'wb') as file:
            file.write(os.urandom(BIG))
        self.authority, self.other = Authority(folder, 'ca'), Authority(folder, 'other-ca')
        self.certificates = [
            self.authority.server('www', 'www.example.com', '*.example.com'),
            self.authority.server('www-rsa', 'www.example.com', key=RSA),
            self.authority.server('second', 'second.example.net'),
            self.authority.client('balancer', '/O=Sluice/CN=balancer')]
        self.authority.client('visitor', '/O=Visitors/CN=Zoë, of "Accounts"')
        self.authority.client('expired', '/CN=expired', dates=(
            '-not_before', '20200101000000Z', '-not_after', '20210101000000Z'))
        self.other.client('stranger', '/CN=stranger')
        self.servers = [WebServer(folder, number) for number in (1, 2, 3)]

    def pool(self, name, servers, kind=9000, version=4, more=''):
        """A line of pools."""
        addresses = ', '.join(f'"{server.address(version, kind)}"' for server in servers)
        return f'  {name}: {{servers: [{addresses}]{more}}}\n'

    def addresses(self, port):
        """Of a service."""
        return '[' + ', '.join(f'"{with_port(LISTEN[v], port)}"' for v in LISTEN) + ']'

    def config(self):
        """The daemon's file."""
        one, two, three = self.servers
        ca = f'{self.folder}/ca.pem'
        log = f'access-log: json, access-file: {self.folder}/run/access'
        routes = '''    routes:
      - {name: host, match: {host: one.example.com}, pool: one}
      - {name: wildcard, match: {host: "*.two.example.com"}, pool: two}
      - {name: prefix, match: {prefix: /three}, strip-prefix: /three, pool: three}
      - {name: regex, match: {path-regex: "^/item/[0-9]+$"}, redirect: "/name"}
      - {name: failing, match: {prefix: /failing}, strip-prefix: /failing, pool: failing}
      - {name: v6, match: {host: v6.example.com}, pool: six}
      - {name: tls, match: {prefix: /tls}, strip-prefix: /tls, pool: tls}
      - {name: tls-host, match: {prefix: /by-host}, strip-prefix: /by-host, pool: tls-host}
      - {name: tls-ca, match: {prefix: /wrong-ca}, strip-prefix: /wrong-ca, pool: tls-ca}
      - {name: tls-name, match: {prefix: /wrong-name}, strip-prefix: /wrong-name, pool: tls-name}
      - {name: v1, match: {prefix: /proxy-v1}, strip-prefix: /proxy-v1, pool: proxy-v1}
      - {name: v2, match: {prefix: /proxy-v2}, strip-prefix: /proxy-v2, pool: proxy-v2}
      - {name: v2-six, match: {prefix: /proxy-v2-six}, strip-prefix: /proxy-v2-six, pool: proxy-v2-six}
'''
        trusted = ', '.join(f'"{CLIENTS[v][1]}/{32 if v == 4 else 128}"' for v in CLIENTS)
        return (self.daemons.settings(', threads: 2, log: {level: debug}') +
                f'certificates: {{{", ".join(self.certificates)}}}\npools:\n' +
                self.pool('one', [one]) + self.pool('two', [two]) + self.pool('three', [three]) +
                self.pool('all', [one, two, three], more=', scheduler: rr') +
                self.pool('six', [one, two], version=6, more=', scheduler: rr') +
                self.pool('failing', [two, three],
                          more=', scheduler: rr, outlier: {errors: 3, time: 4s, share-max: 50%}') +
                self.pool('tls', [one], 9100, more=f', tls: {{ca: {ca}, sni: www.example.com, '
                                                   'certificate: balancer}') +
                self.pool('tls-host', [one], 9100, 6, f', tls: {{ca: {ca}}}') +
                self.pool('tls-ca', [one], 9100, more=f', tls: {{ca: {self.folder}/other-ca.pem, '
                                                      'sni: www.example.com}') +
                self.pool('tls-name', [one], 9100, more=f', tls: {{ca: {ca}, sni: www.example.org}}') +
                self.pool('proxy-v1', [two], 9200, more=', proxy-protocol: v1') +
                self.pool('proxy-v2', [two], 9200, more=', proxy-protocol: v2') +
                self.pool('proxy-v2-six', [two], 9200, 6, ', proxy-protocol: v2') + f'''services:
  clear:
    address: {self.addresses(CLEAR)}
    stratum: proxy
    parse: http
    http: {{{log}}}
    pool: all
{routes}  secure:
    address: {self.addresses(TLS)}
    parse: http
    tls: {{certificates: [www, www-rsa, second]}}
    http: {{{log}}}
    pool: all
  strict:
    address: {self.addresses(STRICT)}
    parse: http
    tls: {{certificates: [www], client-certificate: required, client-ca: {ca}}}
    http: {{{log}}}
    pool: one
  behind:
    address: {self.addresses(BEHIND)}
    parse: http
    accept-proxy-protocol: true
    http: {{{log}}}
    pool: one
  trusting:
    address: {self.addresses(TRUSTING)}
    parse: http
    http: {{{log}, trusted: [{trusted}]}}
    pool: one
''')

    def start(self):
        """All of it. Return: what went wrong, or None."""
        for each in CLIENTS[6]:
            subprocess.run(['ip', 'address', 'add', f'{each}/128', 'dev', 'lo'], check=True)
        for server in self.servers:
            wrong = server.start()
            if wrong:
                return wrong
        self.daemons.write(self.config())
        return self.daemons.start()

    def stop(self):
        """All of it. Return: how the daemon ended."""
        statuses = self.daemons.stop()
        for server in self.servers:
            server.stop()
        return statuses

    def get(self, path, *arguments, host='www.example.com', port=CLEAR, version=4, scheme='http') -> Answer:
        """curl through the daemon."""
        return curl(f'{scheme}://{host}{path}', *arguments, at=with_port(LISTEN[version], port))

    def secure(self, path, *arguments, port=TLS, **options) -> Answer:
        """The same over TLS."""
        return self.get(path, '--cacert', f'{self.folder}/ca.pem', *arguments, port=port, scheme='https', **options)

    def log(self):
        """All of the daemon's access log."""
        with open(f'{self.folder}/run/access', encoding='utf-8') as file:
            return file.read()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--only', default='')
    args = parser.parse_args()
    prepare_network()
    with tempfile.TemporaryDirectory() as folder:
        os.umask(0o022)
        real = Real(folder)
        try:
            wrong = real.start()
            if real.ktap.check('three nginx and sluiced start', not wrong, wrong):
                for name, run in GROUPS.items():
                    if args.only in name:
                        run(real)
        finally:
            statuses = real.stop()
        real.ktap.equal('the daemon ends as it should', [0], statuses)
        real.ktap.finish()


if __name__ == '__main__':
    main()

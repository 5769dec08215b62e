#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What testssl.sh finds in TLS as sluiced has it by default, with an RSA and an ECDSA certificate of a
test's own authority. Prints KTAP: nothing may be LOW or worse, but for what is not the daemon's doing.

    --full          all that testssl.sh does by default, 2 minutes
    --json FILE     its findings
    --table         in place of KTAP, a summary in Markdown"""

import argparse
import json
import os
import subprocess
import sys
import tempfile

from bed import prepare_network
from daemons import Daemons
from ktap import Ktap
from pki import RSA, Authority
from web_server import WebServer

ADDRESS = '127.0.0.1:8443'
BAD = ('LOW', 'MEDIUM', 'HIGH', 'CRITICAL', 'WARN', 'FATAL')
# What is not the daemon's doing, each with its reason.
INHERENT = {
    'engine_problem': "what testssl.sh's own OpenSSL lacks",
    'sessionresumption_ticket': 'testssl.sh does not always wait for the tickets of TLS 1.3',
}
# Where a certificate says that one can ask whether it holds. Nobody is there, and nobody asks.
REVOCATION = ('authorityInfoAccess=OCSP;URI:http://ca.example.com/ocsp',
              'crlDistributionPoints=URI:http://ca.example.com/list.crl')
# What is for a site to say, as a site that cares would have it said.
HEADERS = ('Strict-Transport-Security: max-age=31536000; includeSubDomains', 'X-Frame-Options: DENY',
           'X-Content-Type-Options: nosniff', "Content-Security-Policy: default-src 'self'",
           'Referrer-Policy: no-referrer', 'Permissions-Policy: geolocation=()',
           'Cross-Origin-Opener-Policy: same-origin', 'Cross-Origin-Resource-Policy: same-origin',
           'Cross-Origin-Embedder-Policy: require-corp')
# What shows which versions, ciphers and groups there are: two thirds of the time go without the others.
SHORT = ('--protocols', '--std', '--fs')


def of(finding):
    """Its id; those of certificates have '<hostCert#N>' behind them."""
    return finding['id'].partition(' ')[0]


def is_bad(finding):
    """Whether it is the daemon's, and LOW or worse."""
    return finding['severity'] in BAD and of(finding) not in INHERENT


def site(folder):
    """sluiced with a server behind it. Return: both."""
    daemons, authority = Daemons(folder), Authority(folder, 'ca')
    certificates = [authority.server('www-ecdsa', 'www.example.com', revocation=REVOCATION),
                    authority.server('www-rsa', 'www.example.com', key=RSA, revocation=REVOCATION)]
    authority.staple('www-ecdsa')
    authority.staple('www-rsa')
    headers = ', '.join(json.dumps(name) + ': ' + json.dumps(value)
                        for name, _, value in (line.partition(': ') for line in HEADERS))
    server = WebServer(folder, 1, 'www-ecdsa')
    daemons.write(daemons.settings() + f'''certificates: {{{", ".join(certificates)}}}
pools:
  web: {{servers: ["{server.address()}"]}}
services:
  web:
    address: "{ADDRESS}"
    parse: http
    pool: web
    http: {{headers: {{response: {{set: {{{headers}}}}}}}}}
    tls: {{certificates: [www-ecdsa, www-rsa], ocsp: true}}
''')
    return daemons, server


def scan(folder, full):
    """All that testssl.sh finds. Return: its findings, and what it says."""
    out = f'{folder}/findings.json'
    done = subprocess.run(['testssl', '--quiet', '--color', '0', '--warnings', 'batch', '--ip', '127.0.0.1',
                           '--nodns', 'none',
                           '--add-ca', f'{folder}/ca.pem', '--jsonfile', out, *(() if full else SHORT),
                           'https://www.example.com:8443/name'], stdin=subprocess.DEVNULL, text=True, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=folder,
                          env=os.environ | {'TERM': 'dumb', 'HOME': folder})
    if not os.path.exists(out):
        return [], done.stdout
    with open(out, encoding='utf-8') as file:
        return json.load(file), done.stdout


def table(findings):
    """In Markdown: how many of each severity, and what is LOW or worse."""
    counts = {}
    for finding in findings:
        counts[finding['severity']] = counts.get(finding['severity'], 0) + 1
    print('| severity | findings |\n| --- | --- |')
    for severity in ('OK', 'INFO', *BAD):
        if severity in counts:
            print(f'| {severity} | {counts[severity]} |')
    print('\n| LOW or worse | finding | why |\n| --- | --- | --- |')
    for finding in findings:
        if finding['severity'] in BAD:
            print(f'| `{finding["id"]}`, {finding["severity"]} | {finding["finding"]} | '
                  f'{INHERENT.get(of(finding), "**ours**")} |')


def judge(ktap, findings, said):
    """Cases of it: what is LOW or worse, and that there is something it has looked at."""
    wanted = {'TLS1_2': 'OK', 'TLS1_3': 'OK', 'SSLv3': 'OK', 'FS': 'OK'}
    got = {name: next((each['severity'] for each in findings if each['id'] == name), None) for name in wanted}
    if not ktap.equal('testssl.sh has looked at it', wanted, got, said):
        return
    bad = [f'{each["id"]}, {each["severity"]}: {each["finding"]}' for each in findings if is_bad(each)]
    ktap.check('nothing is LOW or worse', not bad, *bad)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--full', action='store_true')
    parser.add_argument('--table', action='store_true')
    parser.add_argument('--json')
    args = parser.parse_args()
    prepare_network()
    with tempfile.TemporaryDirectory() as folder:
        daemons, server = site(folder)
        wrong = server.start() or daemons.start()
        if wrong:
            sys.exit(wrong)
        try:
            findings, said = scan(folder, args.full)
        finally:
            daemons.stop()
            server.stop()
    if args.json:
        with open(args.json, 'w', encoding='utf-8') as file:
            json.dump(findings, file, indent=1)
    if args.table:
        table(findings)
        sys.exit(any(is_bad(each) for each in findings) or not findings)
    ktap = Ktap()
    judge(ktap, findings, said)
    ktap.finish()


if __name__ == '__main__':
    main()

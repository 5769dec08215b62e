# SPDX-License-Identifier: GPL-2.0-or-later
"""Authorities and certificates for tests."""

import subprocess

EC = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256']
RSA = ['-newkey', 'rsa:2048']


class Authority:
    """One that signs; @certificate is its file. Files are NAME.pem and NAME.key in the folder."""

    def __init__(self, folder, name):
        self.folder, self.name = folder, name
        self.certificate = f'{folder}/{name}.pem'
        self.make(name, EC, f'/CN=Test authority {name}', 'basicConstraints=critical,CA:TRUE',
                  'keyUsage=critical,keyCertSign,cRLSign')

    def make(self, name, key, subject, *extensions, dates=('-days', '90')):
        """A certificate that this authority has signed, or its own."""
        # Those of the system's file would come besides.
        with open(f'{self.folder}/openssl.cnf', 'w', encoding='ascii') as file:
            file.write('[req]\ndistinguished_name = dn\n[dn]\n')
        signer = [] if name == self.name else ['-CA', self.certificate, '-CAkey', f'{self.folder}/{self.name}.key']
        added = [word for extension in extensions for word in ('-addext', extension)]
        subprocess.run(['openssl', 'req', '-x509', '-config', f'{self.folder}/openssl.cnf', *key, '-nodes',
                        '-utf8', *dates, '-sha256', '-subj', subject, *added, *signer,
                        '-keyout', f'{self.folder}/{name}.key', '-out', f'{self.folder}/{name}.pem'],
                       check=True, stderr=subprocess.DEVNULL)
        # Of a test: the daemon reads it as nobody.
        subprocess.run(['chmod', '644', f'{self.folder}/{name}.key'], check=True)

    def server(self, name, *names, key=None, revocation=()):
        """A server's, for names or addresses. @revocation: extensions that say where to ask whether it still holds.
        Return: the entry of 'certificates' for it."""
        alternatives = ','.join(f'IP:{each}' if each[0].isdigit() or ':' in each else f'DNS:{each}'
                                for each in names)
        self.make(name, key or EC, f'/CN={names[0]}', f'subjectAltName={alternatives}',
                  'basicConstraints=critical,CA:FALSE', 'keyUsage=critical,digitalSignature',
                  'extendedKeyUsage=serverAuth', *revocation)
        return f'{name}: {{file: {self.folder}/{name}.pem, key: {self.folder}/{name}.key}}'

    def client(self, name, subject, **options):
        """A client's. Return: the entry of 'certificates' for it."""
        self.make(name, EC, subject, 'basicConstraints=critical,CA:FALSE',
                  'keyUsage=critical,digitalSignature', 'extendedKeyUsage=clientAuth', **options)
        return f'{name}: {{file: {self.folder}/{name}.pem, key: {self.folder}/{name}.key}}'

    def staple(self, name):
        """What the authority says of a certificate by OCSP, in NAME.ocsp: it holds. The certificate's file gets the
        authority's behind it."""
        base, index = f'{self.folder}/{name}', f'{self.folder}/{name}.index'
        said = subprocess.run(['openssl', 'x509', '-in', f'{base}.pem', '-noout', '-serial'], check=True,
                              stdout=subprocess.PIPE, text=True)
        with open(index, 'w', encoding='ascii') as file:
            file.write(f'V\t491231235959Z\t\t{said.stdout.strip().partition("=")[2]}\tunknown\t/CN={name}\n')
        asked = ['openssl', 'ocsp', '-issuer', self.certificate, '-cert', f'{base}.pem']
        subprocess.run([*asked, '-reqout', f'{base}.req'], check=True, stdout=subprocess.DEVNULL)
        subprocess.run(['openssl', 'ocsp', '-index', index, '-CA', self.certificate, '-rsigner', self.certificate,
                        '-rkey', f'{self.folder}/{self.name}.key', '-reqin', f'{base}.req', '-ndays', '7',
                        '-respout', f'{base}.ocsp'], check=True, stdout=subprocess.DEVNULL)
        with open(f'{base}.pem', 'a', encoding='ascii') as file, open(self.certificate, encoding='ascii') as issuer:
            file.write(issuer.read())

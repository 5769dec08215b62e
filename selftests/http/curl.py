# SPDX-License-Identifier: GPL-2.0-or-later
"""curl, and what it got."""

import json
import os
import subprocess
import tempfile


def with_port(address, port):
    """As a URL has them."""
    return f'[{address}]:{port}' if ':' in address else f'{address}:{port}'


class Answer:
    """@status: 0 without an answer; @fields: of its head, by name in small letters, the last of each;
    @body; @exit, @error: what curl says; @told: its own figures by name. Of several transfers, the last."""

    def __init__(self, done, head, body):
        self.exit, self.error, self.body = done.returncode, done.stderr.strip(), body
        self.told = json.loads(done.stdout.splitlines()[-1]) if done.stdout else {}
        self.status = self.told.get('response_code', 0)
        last = head.rstrip('\r\n').rpartition('\r\n\r\n')[2]
        self.fields = {}
        for line in last.split('\r\n')[1:]:
            name, _, value = line.partition(':')
            self.fields[name.strip().lower()] = value.strip()

    def seen(self):
        """The body, where it has a line NAME=VALUE for each thing that a server has seen."""
        return dict(line.split('=', 1) for line in self.body.decode('latin-1').splitlines() if '=' in line)

    def __str__(self):
        return f'{self.status}, exit status {self.exit} {self.error}\n{self.fields}\n{self.body[:400]!r}'


def curl(url, *arguments, at=None):
    """Asks for it; @at: the address and port to connect to, whatever the URL has."""
    with tempfile.TemporaryDirectory() as folder:
        head, body = f'{folder}/head', f'{folder}/body'
        connect = ['--connect-to', f'::{at}'] if at else []
        done = subprocess.run(['curl', '-sS', '-q', '--noproxy', '*', '--max-time', '60', '-o', body, '-D', head,
                               '-w', '%{json}\n', *connect, *arguments, url], capture_output=True, text=True,
                              check=False)
        parts = []
        for path in (head, body):
            parts.append(b'')
            if os.path.exists(path):
                with open(path, 'rb') as file:
                    parts[-1] = file.read()
        return Answer(done, parts[0].decode('latin-1'), parts[1])


def statuses(url, *arguments, at=None):
    """Of all that a URL with ranges stands for, in one process: a list of numbers, 0 for none."""
    connect = ['--connect-to', f'::{at}'] if at else []
    done = subprocess.run(['curl', '-s', '-q', '--noproxy', '*', '--max-time', '60', '-o', '/dev/null',
                           '-w', '%{response_code} ', *connect, *arguments, url], stdout=subprocess.PIPE,
                          text=True, check=False)
    return [int(word) for word in done.stdout.split()]

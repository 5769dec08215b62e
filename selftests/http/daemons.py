# SPDX-License-Identifier: GPL-2.0-or-later
"""One sluiced after another, with a file that its caller writes."""

import json
import os
import shutil
import signal
import subprocess
import time

from devices import Sluice

PATIENCE = 60


def until(condition, limit=PATIENCE):
    """What the condition says, once that is something; or what it said last."""
    end = time.monotonic() + limit
    while not (value := condition()) and time.monotonic() < end:
        time.sleep(0.05)
    return value


class Daemons:
    """@last: the one that runs; @ended: those before it, from whom it has taken over."""

    def __init__(self, folder):
        self.folder, self.file = folder, f'{folder}/site.yaml'
        self.last, self.ended, self.number = None, [], 0
        self.control = f'{folder}/run/control'
        os.chmod(folder, 0o755)
        os.makedirs(f'{folder}/run')
        shutil.chown(f'{folder}/run', 'nobody')

    def settings(self, more=''):
        """The first lines of a file."""
        return f'version: 1\nsettings: {{control: {self.control}, user: nobody{more}}}\n'

    def write(self, text):
        """Its file, at once."""
        with open(f'{self.file}.new', 'w', encoding='ascii') as file:
            file.write(text)
        os.rename(f'{self.file}.new', self.file)

    def start(self, *arguments):
        """The next one. Return: what went wrong, or None."""
        self.number += 1
        with open(f'{self.folder}/log.{self.number}', 'wb') as log:
            process = subprocess.Popen([Sluice.program(), '-f', self.file, *arguments],
                                       stdout=log, stderr=subprocess.STDOUT)
        process.number = self.number
        if until(lambda: self.runs(process) or process.poll() is not None) and process.poll() is None:
            if self.last:
                self.ended.append(self.last)
            self.last = process
            return None
        process.kill()
        return f'daemon {self.number} does not run: {self.said(process)}'

    def runs(self, process):
        """Whether it says so."""
        return ' runs: ' in self.said(process)

    def said(self, process=None):
        """Its log."""
        number = (process or self.last).number
        with open(f'{self.folder}/log.{number}', encoding='utf-8', errors='replace') as log:
            return log.read()

    def adm(self, *words):
        """sluiceadm. Return: its exit status, and all that it says."""
        beside = f'{os.path.dirname(Sluice.program())}/sluiceadm'
        done = subprocess.run([beside if os.path.exists(beside) else 'sluiceadm', *words], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
                              env=os.environ | {'SLUICED_CONTROL': self.control})
        return done.returncode, done.stdout

    def server(self, pool, address):
        """What is known of a server; {} if there is none."""
        status, said = self.adm('daemon', 'show', '--json')
        found = [server for each in json.loads(said)['pools'] if each['name'] == pool
                 for server in each['servers'] if server['address'] == address] if status == 0 else []
        return found[0] if found else {}

    def stop(self):
        """All. Return: their exit statuses, or 'does not end', in their order."""
        if self.last:
            self.last.send_signal(signal.SIGTERM)
            self.ended.append(self.last)
            self.last = None
        statuses = []
        for process in self.ended:
            try:
                statuses.append(process.wait(PATIENCE))
            except subprocess.TimeoutExpired:
                process.kill()
                statuses.append('does not end')
        return statuses

# SPDX-License-Identifier: GPL-2.0-or-later
"""sluiced in the balancer's namespace, for programs that python_cases (python.sh) runs."""

import os
import shutil
import signal
import subprocess

from sluicetest import B, TEST_DIR, json, ns, until


class Daemon:
    """A daemon with a file of its own; TEXT is what is in it."""

    def __init__(self, text, name='site', at=B):
        self.at, self.process = at, None
        self.file, self.out = f'{TEST_DIR}/{name}.yaml', f'{TEST_DIR}/{name}.log'
        # As root's service manager would make it; the daemon becomes nobody.
        folder = f'{TEST_DIR}/run'
        self.control = f'{folder}/control'
        os.chmod(TEST_DIR, 0o755)
        os.makedirs(folder, exist_ok=True)
        shutil.chown(folder, 'nobody')
        self.write(text)

    def write(self, text):
        with open(self.file + '.new', 'w', encoding='utf-8') as file:
            file.write(text)
        os.rename(self.file + '.new', self.file)

    def log(self):
        with open(self.out, encoding='utf-8') as file:
            return file.read()

    def launch(self):
        with ns(self.at), open(self.out, 'a', encoding='utf-8') as out:
            self.process = subprocess.Popen(['sluiced', '-f', self.file], stdout=out, stderr=out,
                                            stdin=subprocess.DEVNULL)

    def start(self):
        """Whether it runs: it answers on its socket."""
        self.launch()
        until(60, lambda: self.process.poll() is not None or self.adm('daemon', 'show')[0] == 0)
        return self.process.poll() is None

    def start_and_fail(self):
        self.launch()
        return self.process.wait(60)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)

    def adm(self, *argv):
        """Exit status of sluiceadm, and what it says of errors."""
        with ns(self.at):
            done = subprocess.run(['sluiceadm', *argv], capture_output=True, text=True, check=False,
                                  env=os.environ | {'SLUICED_CONTROL': self.control})
        self.said = done.stdout
        return done.returncode, done.stderr

    def show(self):
        self.adm('daemon', 'show', '--json')
        return json.loads(self.said)

    def server(self, pool, address):
        """What it says of a server, {} if there is none."""
        found = [s for p in self.show()['pools'] if p['name'] == pool
                 for s in p['servers'] if s['address'] == address]
        return found[0] if found else {}

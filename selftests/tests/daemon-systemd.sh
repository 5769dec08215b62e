#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The unit under a real systemd: ready, status, privileges, take-over without a failed request, watchdog, errors in the journal.
# Targets: uml
# Timeout: 240
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

[ -x /usr/lib/systemd/systemd ] || skip_all "there is no systemd"
load_sluice
setup_balancer 0
python_cases <<'EOP'
import http.client
import http.server
import pwd
import re
import signal
import ssl
import threading

from manager import *
from sluicetest import *

UNIT = 'sluiced.service'
FILE = '/etc/sluice/sluiced.yaml'
SITE = '''version: 1
settings: {shutdown: 20s}
certificates: {site: {file: /etc/sluice/site.pem}}
pools:
  web: {servers: [127.0.0.1:9001, 127.0.0.1:9002]}
  flow: {servers: [10.0.2.11:53]}
services:
  clear:
    address: 127.0.0.1:8080
    parse: http
    http: {access-log: json, access-file: /var/log/sluice/access.log}
    routes:
      - {name: pattern, match: {path-regex: "^/(a|b)+c$"}, answer: {status: 204}}
      - {name: web, pool: web}
  secure: {address: 127.0.0.1:8443, parse: http, pool: web, tls: {certificates: [site]}}
  low: {address: 10.0.1.100:443, stratum: proxy, parse: http, pool: web}
  flow: {address: "10.0.1.100:53", protocol: udp, pool: flow}
'''
# A hang is found soon; and if there were a limit of starts, it would be met soon.
DROP_IN = '[Unit]\nStartLimitBurst=2\n[Service]\nWatchdogSec=5s\nRestartSec=100ms\n'


class Origin(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def do_GET(self):
        if self.path == '/slow':
            self.server.slow.set()
            time.sleep(3)
        self.send_response(200)
        self.send_header('Content-Length', '3')
        self.end_headers()
        self.wfile.write(b'ok\n')

    def log_message(self, *args):
        pass


def get(connection, path='/'):
    connection.request('GET', path)
    answer = connection.getresponse()
    answer.read()
    return answer.status


def http_clear():
    return http.client.HTTPConnection('127.0.0.1', 8080, timeout=30)


def http_secure():
    context = ssl._create_unverified_context()
    return http.client.HTTPSConnection('127.0.0.1', 8443, timeout=30, context=context)


def once(path='/', make=http_clear):
    """Status of one request, or what went wrong."""
    try:
        return get(make(), path)
    except (OSError, http.client.HTTPException) as error:
        return repr(error)


class Client(threading.Thread):
    """Requests one after the other; each connection has some."""

    def __init__(self, make, each):
        super().__init__(daemon=True)
        self.make, self.each = make, each
        self.good, self.bad, self.going = 0, [], True

    def run(self):
        while self.going:
            try:
                connection = self.make()
                for _ in range(self.each):
                    status = get(connection)
                    if status != 200:
                        self.bad.append(status)
                    self.good += status == 200
                    if not connection.sock or not self.going:
                        break
                    time.sleep(0.05)
                connection.close()
            except (OSError, http.client.HTTPException) as error:
                self.bad.append(repr(error))


def main_pid():
    return int(manager.show(UNIT, 'MainPID'))


def active():
    return manager.systemctl('is-active', UNIT)[1]


def serves():
    return active() == 'active' and once() == 200


def said(text):
    return text in manager.journal(UNIT)


def prepare():
    manager.run('systemd-sysusers', '/usr/lib/sysusers.d/sluice.conf')
    os.makedirs(manager.path('/etc/sluice'), mode=0o750)
    run(B, 'openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes',
        '-subj', '/CN=site', '-keyout', f'{TEST_DIR}/key', '-out', f'{TEST_DIR}/cert')
    manager.write('/etc/sluice/site.pem', open(f'{TEST_DIR}/cert').read() + open(f'{TEST_DIR}/key').read())
    manager.run('chown', '-R', 'root:sluice', '/etc/sluice')
    manager.run('chmod', '640', '/etc/sluice/site.pem')
    os.makedirs(manager.path(f'/etc/systemd/system/{UNIT}.d'))
    manager.write(f'/etc/systemd/system/{UNIT}.d/test.conf', DROP_IN)
    manager.systemctl('daemon-reload')


def bad_at_first():
    """A file that is wrong at the start, and put right while nobody looks."""
    manager.write(FILE, SITE.replace('shutdown: 20s', 'shutdown: soon'))
    done, text = manager.systemctl('start', UNIT)
    check('a wrong file: it does not start', done == 1, text)
    check('and the journal says why', said(f"{FILE}:2:22: settings.shutdown: 'soon'; ")) or note(manager.journal(UNIT))
    until(20, lambda: int(manager.show(UNIT, 'NRestarts')) >= 3)
    manager.write(FILE, SITE)
    check('it is tried again, until the file is right', until(PATIENCE, serves)) or note(manager.journal(UNIT))
    manager.systemctl('stop', UNIT)
    check_eq('it ends', ('inactive', 'success'), (active(), manager.show(UNIT, 'Result')))


def privileges():
    pid = manager.seen_from_outside(main_pid())
    status = next(status for other, status in statuses() if other == str(pid))
    user = manager.run('id', '-u', 'sluice')[1]
    capabilities = f'{1 << 10 | 1 << 12:016x}'
    check_eq('it runs as its user', [user] * 4, status['Uid'].split())
    check_eq('with two capabilities, and no way to more', [capabilities] * 2 + ['1', '2'],
             [status[name] for name in ('CapEff', 'CapBnd', 'NoNewPrivs', 'Seccomp')])
    with open(f'/proc/{pid}/limits', encoding='ascii') as file:
        check('it may have many descriptors', re.search(r'^Max open files +1048576 +1048576', file.read(), re.M))
    with open(f'/proc/{pid}/oom_score_adj', encoding='ascii') as file:
        check_eq('others go before it when there is no memory', '-500', file.read().strip())
    inside = lambda *argv: subprocess.run(['nsenter', '-t', str(pid), '-m', '--', *argv], check=False,
                                          capture_output=True, text=True)
    hidden = [what for what, argv in (
        ('/usr is written', ('touch', '/usr/x')),
        ('/etc is written', ('touch', '/etc/sluice/x')),
        ('homes are seen', ('test', '-e', '/root/secret')),
        ('/proc/sys is seen', ('test', '-e', '/proc/sys')),
        ('processes are seen', ('setpriv', '--reuid', user, '--regid', user, '--clear-groups', 'test', '-e', '/proc/1')),
        ('devices are seen', ('sh', '-c', 'ls /dev | grep -E "^(mem|kmsg|port)$"')),
        ('cgroups are written', ('mkdir', '/sys/fs/cgroup/x')),
    ) if inside(*argv).returncode == 0]
    check_eq('what it does not need is out of its reach', [], hidden)
    status, text = manager.run('systemd-analyze', 'security', '--no-pager', '--threshold=24', UNIT)
    check('it exposes less than 2.5 of 10', status == 0, text)


def works():
    status, text = manager.systemctl('start', UNIT)
    check('it starts', status == 0) or note(manager.journal(UNIT))
    # Type=notify: at once.
    check_eq('when systemctl is back it serves', [200, 200, 204], [once(), once(make=http_secure), once('/abbac')])
    text = manager.systemctl('status', UNIT)[1]
    check('its status says what it does', 'Status: "runs: 4 services, 2 pools, 3 servers"' in text, text)
    check('and the journal that it runs', said(' runs: ')) or note(manager.journal(UNIT))
    check('it logs to its folder', until(10, lambda: os.path.getsize(manager.path('/var/log/sluice/access.log'))))
    check('a port below 1024, and the module', manager.run('sluiceadm', 'daemon', 'show')[0] == 0 and
          '10.0.1.100:53' in adm('-L', '-n') and
          'LISTEN' in run(B, 'ss', '-Htln', 'src', '10.0.1.100:443'))


def upgrades():
    """Others take over while clients are served."""
    clients = [Client(make, each) for make in (http_clear, http_secure) for each in (1, 1000)]
    for client in clients:
        client.start()
    results = []
    for i in range(2):
        before = main_pid()
        slow = threading.Thread(target=lambda: results.append(once('/slow')))
        origin.slow.clear()
        slow.start()
        origin.slow.wait(30)
        status, text = manager.systemctl('reload', UNIT)
        check(f'reload {i + 1}: another process',
              status == 0 and main_pid() != before and active() == 'active') or note(text + manager.journal(UNIT))
        slow.join()
    for client in clients:
        client.going = False
        client.join()
    check_eq('no request failed', [], [bad for client in clients for bad in client.bad][:5])
    check('there were some', all(client.good > 10 for client in clients), [client.good for client in clients])
    check_eq('not even those that took longer', [200] * 2, results)
    check_eq('that was no restart', '0', manager.show(UNIT, 'NRestarts'))


def wrong_reload():
    before = main_pid()
    manager.write(FILE, SITE.replace('127.0.0.1:9001', '127.0.0.1:port'))
    status, text = manager.systemctl('reload', UNIT)
    check('a wrong file: the reload fails', status == 1, text)
    check('the journal says why', said(f'{FILE}:5:19: pools.web.servers[1].address: ')) or note(manager.journal(UNIT))
    check_eq('all goes on as it was', (before, 'active', 200), (main_pid(), active(), once()))
    manager.write(FILE, SITE)


def hang(name):
    """Without signs of life it is ended, and started again."""
    before, count = main_pid(), int(manager.show(UNIT, 'NRestarts'))
    os.kill(manager.seen_from_outside(before), signal.SIGSTOP)
    back = until(PATIENCE, lambda: int(manager.show(UNIT, 'NRestarts')) > count and serves())
    check(f'{name}: ended by the watchdog, started again',
          back and main_pid() != before and said('Watchdog timeout')) or note(manager.journal(UNIT))


def restart():
    manager.run('sluiceadm', 'daemon', 'down', 'web', '127.0.0.1:9001')
    status, text = manager.systemctl('restart', UNIT)
    check('a restart', status == 0 and once() == 200, text)
    show = json.loads(manager.run('sluiceadm', 'daemon', 'show', '--json')[1])
    check_eq('what was changed at run time holds', ['down', 'up'],
             sorted(s['state'] for p in show['pools'] if p['name'] == 'web' for s in p['servers']))
    os.kill(manager.seen_from_outside(main_pid()), signal.SIGKILL)
    check('killed: started again', until(PATIENCE, lambda: manager.show(UNIT, 'NRestarts') == '1' and serves())) or \
        note(manager.journal(UNIT))


# All threads that are started, and all processes, are in this namespace.
with ns(B):
    origins = []
    for port in (9001, 9002):
        origin = http.server.ThreadingHTTPServer(('127.0.0.1', port), Origin)
        origins.append(origin)
        threading.Thread(target=origin.serve_forever, daemon=True).start()
    slow_started = threading.Event()
    for one in origins:
        one.slow = slow_started
    with Manager() as manager:
        if check('systemd is up', manager.boot(), manager.said()):
            prepare()
            bad_at_first()
            works()
            privileges()
            upgrades()
            wrong_reload()
            hang('one that took over')
            hang('one that was started')
            restart()
            manager.systemctl('stop', UNIT)
EOP

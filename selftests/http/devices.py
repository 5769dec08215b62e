# SPDX-License-Identifier: GPL-2.0-or-later
"""Proxies under test: each is started with the same site, in the form that it wants.

    site = Site(folder, servers=['127.0.0.1:9000'])
    device = DEVICES['sluice'](site)
    device.start(); ...; device.stop()
"""

import dataclasses
import functools
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), '..', '..'))
CERTIFICATE = ['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256',
               '-nodes', '-days', '30', '-subj', '/CN=www.example.com', '-addext',
               'subjectAltName=DNS:www.example.com']


@dataclasses.dataclass
class Site:
    """One pool, served in clear and in TLS on this host. Times are seconds."""
    folder: str
    servers: tuple
    address: str = '127.0.0.1'
    port: int = 8080
    tls_port: int = 8443
    tls: bool = True
    head_timeout: float = 10
    body_timeout: float = 30
    idle_timeout: float = 600
    connect_timeout: float = 3
    answer_timeout: float = 60
    head_max: int = 16384
    retries: int = 2
    # As benchmarks compare them: nothing is added to what is passed on.
    forwarded: bool = False

    @property
    def certificate(self):
        """A file with certificate and key of www.example.com."""
        path = f'{self.folder}/certificate.pem'
        if not os.path.exists(path):
            subprocess.run([*CERTIFICATE, '-keyout', f'{path}.key', '-out', path], check=True,
                           stderr=subprocess.DEVNULL)
            with open(path, 'a', encoding='ascii') as out, \
                    open(f'{path}.key', encoding='ascii') as key:
                out.write(key.read())
            os.chmod(path, 0o644)
        return path

    @property
    def listen(self):
        """Address and port in clear, as a URL has them."""
        return self.with_port(self.port)

    @property
    def listen_tls(self):
        """The same for TLS."""
        return self.with_port(self.tls_port)

    def with_port(self, port):
        """The address with a port."""
        return f'[{self.address}]:{port}' if ':' in self.address else f'{self.address}:{port}'


def ms(seconds):
    """As the files of all of them take it."""
    return f'{round(seconds * 1000)}ms'


class Device:
    """A proxy that can be started and stopped; its file and its log are in the site's folder."""
    name = title = ''

    def __init__(self, site, cpu=None):
        self.site, self.cpu, self.process = site, cpu, None
        self.file = f'{site.folder}/{self.name}.conf'
        self.log = f'{site.folder}/{self.name}.log'

    def text(self):
        """What is in its file."""
        raise NotImplementedError

    def command(self):
        """What is run; in the foreground."""
        raise NotImplementedError

    def start(self):
        """Until it listens; exits with its log where it does not."""
        with open(self.file, 'w', encoding='utf-8') as file:
            file.write(self.text())
        argv = self.command()
        if self.cpu is not None:
            argv = ['taskset', '-c', str(self.cpu), *argv]
        with open(self.log, 'a', encoding='utf-8') as log:
            self.process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        end = time.monotonic() + 20
        while not self.listens():
            if self.process.poll() is not None or time.monotonic() > end:
                self.stop()
                with open(self.log, encoding='utf-8', errors='replace') as log:
                    sys.exit(f'{self.title} does not start:\n{log.read()}')
            time.sleep(0.02)

    def listens(self):
        """Whether it takes connections."""
        try:
            socket.create_connection((self.site.address, self.site.port), 1).close()
            return True
        except OSError:
            return False

    def stop(self):
        """Its end, at once."""
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(3)
        except subprocess.TimeoutExpired:
            for pid in self.pids():
                os.kill(pid, signal.SIGKILL)
            self.process.wait()

    def pids(self):
        """Its process, and those that it has started."""
        found, todo = [], [self.process.pid]
        while todo:
            pid = todo.pop()
            found.append(pid)
            try:
                with open(f'/proc/{pid}/task/{pid}/children', encoding='ascii') as file:
                    todo += [int(word) for word in file.read().split()]
            except OSError:
                pass
        return found

    def cpu_ns(self):
        """CPU time of all its threads: user and system, with what the kernel did meanwhile."""
        total = 0
        for pid in self.pids():
            for task in os.listdir(f'/proc/{pid}/task'):
                with open(f'/proc/{pid}/task/{task}/schedstat', encoding='ascii') as file:
                    total += int(file.read().split()[0])
        return total

    def memory(self):
        """Bytes of memory that its processes have for themselves (RSS, shared pages divided)."""
        total = 0
        for pid in self.pids():
            with open(f'/proc/{pid}/smaps_rollup', encoding='ascii') as file:
                total += 1024 * int(re.search(r'^Pss: *(\d+)', file.read(), re.M).group(1))
        return total

    def files(self):
        """How many descriptors it has open."""
        return sum(len(os.listdir(f'/proc/{pid}/fd')) for pid in self.pids())


class Sluice(Device):
    """sluiced, with one thread."""
    name, title = 'sluice', 'Sluice'
    stratum = 'proxy'
    # What only this stratum has, of a pool and of a service.
    pool = ', reuse: always'
    more = '''
      head-max: {site.head_max}
      retry-budget: 100%
      access-log: off'''

    @classmethod
    def program(cls):
        """The installed one (a guest's), or the one that was built here."""
        return os.environ.get('SLUICED') or shutil.which('sluiced') or \
            f'{TOP}/build/userspace/sluiced'

    @classmethod
    def tool(cls, name, installed):
        """One of userspace/tests/tools: built beside the daemon, or installed (a guest's)."""
        built = f'{os.path.dirname(cls.program())}/tests/tools/{name}'
        return built if os.path.exists(built) else installed

    @classmethod
    @functools.cache
    def sanitized(cls):
        """Whether it was built with AddressSanitizer, which keeps what was freed."""
        with open(cls.program(), 'rb') as file:
            return b'__asan_init' in file.read()

    def memory(self):
        """That of a build with AddressSanitizer says nothing."""
        return 0 if self.sanitized() else super().memory()

    def command(self):
        return [self.program(), '-f', self.file]

    @classmethod
    def version(cls):
        said = subprocess.run([cls.program(), '--version'], text=True, stdout=subprocess.PIPE,
                              check=False).stdout.split()
        return 'Sluice ' + (said[1] if len(said) > 1 else '')

    def control(self):
        """The control socket, in a folder of its own: the daemon becomes nobody, and makes it as that."""
        run = f'{self.site.folder}/run'
        os.makedirs(run, exist_ok=True)
        shutil.chown(run, 'nobody')
        os.chmod(self.site.folder, 0o755)
        return f'{run}/control'

    def text(self):
        site = self.site
        http = f'''
    http:
      head-timeout: {ms(site.head_timeout)}
      body-timeout: {ms(site.body_timeout)}
      idle-timeout: {ms(site.idle_timeout)}
      connect-timeout: {ms(site.connect_timeout)}
      answer-timeout: {ms(site.answer_timeout)}
      retries: {site.retries}
      forwarded: {str(site.forwarded).lower()}''' + self.more.format(site=site)
        servers = ', '.join(f'"{server}"' for server in site.servers)
        text = f'''version: 1
settings: {{threads: 1, control: {self.control()}, user: nobody, shutdown: 100ms}}
pools:
  origin: {{servers: [{servers}]{self.pool}}}
services:
  clear:
    address: "{site.listen}"
    stratum: {self.stratum}
    parse: http
    pool: origin{http}
'''
        if site.tls:
            text += f'''  tls:
    address: "{site.listen_tls}"
    stratum: {self.stratum}
    parse: http
    pool: origin
    tls: {{certificates: [site], alpn: [http/1.1]}}{http}
certificates:
  site: {{file: {site.certificate}}}
'''
        return text


class Relay(Sluice):
    """The same, with requests in the kernel: in a guest, at an address that is not loopback."""
    name, title = 'relay', 'Sluice, relay'
    stratum, pool, more = 'relay', '', ''


class Haproxy(Device):
    """HAProxy, with one thread."""
    name, title = 'haproxy', 'HAProxy'

    def command(self):
        return ['haproxy', '-db', '-f', self.file]

    @staticmethod
    def version():
        words = subprocess.run(['haproxy', '-v'], text=True, stdout=subprocess.PIPE,
                               check=True).stdout.split()
        return 'HAProxy ' + words[2].split('-')[0]

    def text(self):
        site = self.site
        servers = '\n'.join(f' server s{i} {server} pool-max-conn -1 maxconn 10000'
                            for i, server in enumerate(site.servers))
        bind = f' bind {site.listen_tls} ssl crt {site.certificate}' if site.tls else ''
        forwarded = ' http-request set-header X-Forwarded-For %[src]' if site.forwarded else ''
        return f'''global
 nbthread 1
 no strict-limits
 maxconn 12000
 hard-stop-after 100ms
 ssl-default-bind-options ssl-min-ver TLSv1.2
 ssl-default-bind-ciphersuites TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384
 ssl-default-bind-curves X25519:P-256
 tune.ssl.cachesize 0
defaults
 mode http
 timeout client {ms(site.idle_timeout)}
 timeout server {ms(site.answer_timeout)}
 timeout connect {ms(site.connect_timeout)}
 timeout http-request {ms(site.head_timeout)}
 timeout http-keep-alive {ms(site.idle_timeout)}
 http-reuse always
 retries {site.retries}
 option redispatch
 option splice-auto
frontend site
{forwarded}
 bind {site.listen}
{bind}
 default_backend origin
backend origin
{servers}
'''


class Nginx(Device):
    """nginx, with one worker."""
    name, title = 'nginx', 'nginx'
    # What benchmarks ask for, with the buffers that were the best of those tried.
    large = '''  location = /100000 {
   proxy_buffering off;
   proxy_buffer_size 256k;
   proxy_buffers 8 256k;
   proxy_busy_buffers_size 512k;
   proxy_pass http://origin;
  }
  location ~ ^/10000000?$ {
   proxy_buffer_size 16k;
   proxy_buffers 16 64k;
   proxy_busy_buffers_size 256k;
   proxy_pass http://origin;
  }'''
    # Of http, for TLS.
    tls = ''

    def command(self):
        return ['nginx', '-c', self.file]

    @staticmethod
    def version():
        said = subprocess.run(['nginx', '-v'], text=True, stderr=subprocess.PIPE,
                              check=True).stderr
        return 'nginx ' + said.split('/')[1].strip()

    def text(self):
        site = self.site
        servers = '\n'.join(f'  server {server} max_fails=0;' for server in site.servers)
        tls = f'''
  listen {site.listen_tls} ssl reuseport backlog=4096;
  ssl_certificate {site.certificate};
  ssl_certificate_key {site.certificate};
  ssl_protocols TLSv1.2 TLSv1.3;
  ssl_conf_command Ciphersuites TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384;
  ssl_ecdh_curve X25519:prime256v1;{self.tls}
  ssl_session_cache none;
  ssl_session_tickets on;''' if site.tls else ''
        forwarded = '''
  proxy_set_header X-Forwarded-For $remote_addr;''' if site.forwarded else ''
        return f'''daemon off;
user nobody nogroup;
worker_processes 1;
worker_rlimit_nofile 20000;
pid {site.folder}/nginx.pid;
error_log {self.log} error;
events {{ worker_connections 16000; multi_accept on; }}
http {{
 access_log off;
 server_tokens off;
 client_header_timeout {ms(site.head_timeout)};
 client_body_timeout {ms(site.body_timeout)};
 send_timeout {ms(site.body_timeout)};
 keepalive_timeout {ms(site.idle_timeout)};
 keepalive_requests 1000000000;
 large_client_header_buffers 4 {site.head_max};
 proxy_temp_path {site.folder}/nginx-proxy;
 client_body_temp_path {site.folder}/nginx-body;
 fastcgi_temp_path {site.folder}/nginx-other;
 uwsgi_temp_path {site.folder}/nginx-other;
 scgi_temp_path {site.folder}/nginx-other;
 upstream origin {{
{servers}
  keepalive 1000;
  keepalive_requests 1000000000;
  keepalive_timeout {ms(site.idle_timeout)};
 }}
 server {{
  listen {site.listen} reuseport backlog=4096;{tls}
  proxy_http_version 1.1;
  proxy_set_header Connection "";
  proxy_set_header Host $host;{forwarded}
  proxy_connect_timeout {ms(site.connect_timeout)};
  proxy_read_timeout {ms(site.answer_timeout)};
  proxy_send_timeout {ms(site.answer_timeout)};
  proxy_next_upstream_tries {site.retries + 1};
  proxy_max_temp_file_size 0;
  proxy_request_buffering off;
  location / {{ proxy_pass http://origin; }}
{self.large}
 }}
}}
'''


class NginxKtls(Nginx):
    """nginx whose TLS is the kernel's after the handshake."""
    name, title = 'nginx-ktls', 'nginx, kTLS'
    tls = '''
  ssl_conf_command Options KTLS;'''


DEVICES = {device.name: device for device in (Sluice, Relay, Haproxy, Nginx, NginxKtls)}

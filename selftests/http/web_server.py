# SPDX-License-Identifier: GPL-2.0-or-later
"""nginx as an origin server: files, uploads, and what it has seen of a request."""

import json
import os
import signal
import socket
import subprocess

from daemons import until

# What it says of a request: /seen answers with a line NAME=VALUE for each, its log has them in JSON.
SEEN = ('address=remote_addr', 'proxied=proxy_protocol_addr', 'proxied_port=proxy_protocol_port', 'connection',
        'requests=connection_requests', 'method=request_method', 'uri=request_uri', 'host=http_host',
        'protocol=server_protocol', 'forwarded_for=http_x_forwarded_for', 'proto=http_x_forwarded_proto',
        'forwarded_host=http_x_forwarded_host', 'forwarded=http_forwarded', 'real_ip=http_x_real_ip',
        'subject=http_x_client_cert_subject', 'sni=ssl_server_name', 'tls=ssl_protocol',
        'shown=ssl_client_s_dn', 'status')


class WebServer:
    """Number N on this host, both families: in clear at 9000 + N, TLS at 9100 + N, with the PROXY
    protocol at 9200 + N. It serves @files, takes uploads below /upload/, and answers 500 while there
    is a file @broken. Certificates are NAME.pem and NAME.key in the folder."""

    def __init__(self, folder, number, certificate='www', authority='ca'):
        self.name, self.number, self.process = f'n{number}', number, None
        self.folder, self.tls, self.authority = f'{folder}/{self.name}', f'{folder}/{certificate}', authority
        self.files, self.broken = f'{folder}/files', f'{self.folder}/broken'
        self.top = folder
        os.makedirs(f'{self.folder}/upload', exist_ok=True)
        os.makedirs(self.files, exist_ok=True)

    def address(self, version=4, kind=9000):
        """Where it listens."""
        return f'{"127.0.0.1" if version == 4 else "[::1]"}:{kind + self.number}'

    def config(self):
        """Its file."""
        pairs = [(word.partition('=')[0], word.partition('=')[2] or word) for word in SEEN]
        logged = ','.join(f'"{name}":"${variable}"' for name, variable in pairs)
        seen = '\n'.join(f'{name}=${variable}' for name, variable in pairs)
        listens = '\n'.join(f'  listen {self.address(version, kind)}{how};' for version in (4, 6)
                            for kind, how in ((9000, ''), (9100, ' ssl'), (9200, ' proxy_protocol')))
        paths = '\n'.join(f' {kind}_temp_path {self.folder}/temporary;'
                          for kind in ('client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'))
        return f'''daemon off;
master_process off;
pid {self.folder}/pid;
error_log {self.folder}/error.log;
events {{ worker_connections 1024; }}
http {{
{paths}
 log_format seen escape=json '{{{logged}}}';
 access_log {self.folder}/access.log seen;
 default_type text/plain;
 keepalive_requests 1000000;
 client_max_body_size 64m;
 server {{
{listens}
  ssl_certificate {self.tls}.pem;
  ssl_certificate_key {self.tls}.key;
  ssl_client_certificate {self.top}/{self.authority}.pem;
  ssl_verify_client optional;
  add_header X-Server {self.name} always;
  if (-f {self.broken}) {{ return 500; }}
  root {self.files};
  location = /name {{ return 200 {self.name}; }}
  location = /seen {{ return 200 '{seen}\n'; }}
  location /text {{
   gzip on;
   gzip_min_length 1;
   gzip_types *;
   gzip_http_version 1.0;
  }}
  location /upload/ {{
   root {self.folder};
   dav_methods PUT DELETE MKCOL;
   create_full_put_path on;
  }}
  location /small/ {{
   client_max_body_size 1k;
   root {self.folder};
   dav_methods PUT;
  }}
 }}
}}
'''

    def start(self):
        """Until it listens. Return: what went wrong, or None."""
        path = f'{self.folder}/nginx.conf'
        with open(path, 'w', encoding='ascii') as file:
            file.write(self.config())
        with open(f'{self.folder}/out', 'ab') as out:
            self.process = subprocess.Popen(['nginx', '-e', f'{self.folder}/error.log', '-c', path],
                                            stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        until(lambda: self.listens() or self.process.poll() is not None)
        if self.process.poll() is None:
            return None
        with open(f'{self.folder}/out', encoding='utf-8', errors='replace') as file:
            return f'nginx {self.name} does not start: {file.read()}'

    def listens(self):
        """Whether it takes connections."""
        try:
            socket.create_connection(('127.0.0.1', 9000 + self.number), 1).close()
            return True
        except OSError:
            return False

    def stop(self, number=signal.SIGQUIT):
        """By default when what it has been asked is answered."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(number)
            self.process.wait()

    def break_it(self, broken=True):
        """It answers 500 to everything, or no longer."""
        if broken:
            with open(self.broken, 'wb'):
                pass
        else:
            os.unlink(self.broken)

    def log(self):
        """All requests that it has seen, each a dictionary."""
        with open(f'{self.folder}/access.log', encoding='utf-8') as file:
            return [json.loads(line) for line in file if line.endswith('\n')]

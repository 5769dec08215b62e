# SPDX-License-Identifier: GPL-2.0-or-later
"""Clients, servers and the daemons between them; see upgrade.sh."""
import contextlib
import http.client
import http.server
import json
import os
import pwd
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import time

SLUICED = os.environ["SLUICED"]
LIMIT = 60
BIG = 10 << 20
PIECE = 64 << 10

folder = tempfile.mkdtemp(prefix="sluice-upgrade-")
control = folder + "/control"
config = folder + "/sluiced.yaml"
results = []


def result(passed, name, *notes):
    for note in notes:
        for line in str(note).splitlines()[-20:]:
            print("#", line)
    results.append(passed)
    print("ok" if passed else "not ok", len(results), name, flush=True)


def poll(condition, limit=LIMIT):
    end = time.monotonic() + limit
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    return None


class Server(http.server.BaseHTTPRequestHandler):
    """Says its name, or much, slowly."""
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = self.server.name.encode()
        size = BIG if self.path == "/big" else len(body)
        self.send_response(200)
        self.send_header("Content-Length", str(size))
        self.end_headers()
        if self.path != "/big":
            self.wfile.write(body)
            return
        for _ in range(BIG // PIECE):
            self.wfile.write(b"x" * PIECE)
            time.sleep(0.01)

    def log_message(self, *args):
        pass


class Servers(http.server.ThreadingHTTPServer):
    """Clients that go are nothing to tell."""
    daemon_threads = True

    def handle_error(self, *args):
        pass


def serve(port, name):
    server = Servers(("127.0.0.1", port), Server)
    server.name = name
    threading.Thread(target=server.serve_forever, daemon=True).start()


def serve_nobody(port):
    """Connections are taken, and nothing is ever said."""
    silent = socket.socket()
    silent.bind(("127.0.0.1", port))
    silent.listen(1000)
    return silent


def write_config(threads=2, extra="", timeout="200ms", certificates=1):
    more = "".join(f", more{i}: {{file: {folder}/site.pem}}" for i in range(1, certificates))
    with open(config + ".new", "w", encoding="ascii") as file:
        file.write(f"""
version: 1
settings: {{user: nobody, control: {control}, threads: {threads}, admin: 127.0.0.1:9100, shutdown: 20s}}
certificates: {{site: {{file: {folder}/site.pem}}{more}}}
checks: {{alive: {{type: http, interval: {timeout}, timeout: {timeout}, fall: 1, rise: 1}}}}
pools:
  web: {{servers: [127.0.0.1:9001, 127.0.0.1:9002], sticky: {{cookie: SRV}}}}
  half: {{servers: [127.0.0.1:9001, 127.0.0.1:9009], check: alive}}
services:
  clear: {{address: [127.0.0.1:8080, "[::1]:8080"], parse: http, stratum: proxy, pool: web}}
  secure: {{address: 127.0.0.1:8443, parse: http, pool: web, tls: {{certificates: site}}}}
  halved: {{address: 127.0.0.1:8081, parse: http, stratum: proxy, pool: half}}
{extra}""")
    os.rename(config + ".new", config)


class Daemon:
    """A process, and what it says."""
    def __init__(self, *arguments):
        self.log = tempfile.TemporaryFile(dir=folder)
        self.process = subprocess.Popen([SLUICED, "-f", config, *arguments],
                                        stdout=self.log, stderr=self.log)

    def said(self):
        # The process writes at the offset of the same open file: it is not to be moved.
        log = self.log.fileno()
        return os.pread(log, os.fstat(log).st_size, 0).decode(errors="replace")

    def runs(self):
        return poll(lambda: " runs: " in self.said() or self.process.poll() is not None) and \
            self.process.poll() is None

    def ended(self, limit=LIMIT):
        return poll(lambda: self.process.poll() is not None, limit) and self.process.returncode


def ask(request):
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(10)
        connection.connect(control)
        connection.sendall(json.dumps(request).encode() + b"\n")
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
    return json.loads(answer)


class Load:
    """Requests on and on, in threads; each that fails is noted."""
    def __init__(self):
        self.failed = []
        self.count = 0
        self.going = True
        kinds = [self.keep_alive, self.keep_alive, self.close, self.close, self.secure, self.idle]
        self.threads = [threading.Thread(target=kind, daemon=True) for kind in kinds]
        for thread in self.threads:
            thread.start()

    def get(self, connection, path="/"):
        connection.request("GET", path)
        response = connection.getresponse()
        body = response.read()
        if response.status != 200 or not body:
            raise OSError(f"{response.status} {body[:80]}")
        self.count += 1
        return response, body

    def loop(self, connect, step):
        connection = connect()
        while self.going:
            try:
                step(connection)
            except (OSError, http.client.HTTPException) as error:
                self.failed.append(f"{step.__name__}: {type(error).__name__} {error}")
                connection.close()

    def keep_alive(self):
        def again(connection):
            self.get(connection)
            time.sleep(0.001)
        self.loop(lambda: http.client.HTTPConnection("127.0.0.1", 8080, 20), again)

    def close(self):
        def anew(connection):
            self.get(connection)
            connection.close()
        self.loop(lambda: http.client.HTTPConnection("::1", 8080, 20), anew)

    def secure(self):
        context = ssl.create_default_context(cafile=folder + "/site.crt")
        def in_tls(connection):
            self.get(connection)
        self.loop(lambda: http.client.HTTPSConnection("localhost", 8443, timeout=20,
                                                      context=context), in_tls)

    def idle(self):
        def seldom(connection):
            self.get(connection)
            time.sleep(1.3)
        self.loop(lambda: http.client.HTTPConnection("127.0.0.1", 8080, 20), seldom)

    def end(self):
        self.going = False
        for thread in self.threads:
            thread.join(LIMIT)


def download(into):
    connection = http.client.HTTPConnection("127.0.0.1", 8080, timeout=30)
    try:
        connection.request("GET", "/big")
        into.append(len(connection.getresponse().read()))
    except (OSError, http.client.HTTPException) as error:
        into.append(error)


def certificate():
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
                    "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
                    "-keyout", folder + "/site.key", "-out", folder + "/site.crt"],
                   check=True, capture_output=True)
    with open(folder + "/site.pem", "wb") as file:
        for name in ("/site.crt", "/site.key"):
            with open(folder + name, "rb") as part:
                file.write(part.read())
    os.chmod(folder + "/site.pem", 0o600)


def get(port=8080, headers=None, path="/"):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path, headers=headers or {})
    response = connection.getresponse()
    body = response.read().decode()
    connection.close()
    return response, body


def tls_session(session=None):
    """One request; the session of it, and whether it was resumed."""
    context = ssl.create_default_context(cafile=folder + "/site.crt")
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with socket.create_connection(("127.0.0.1", 8443), 10) as plain, \
            context.wrap_socket(plain, server_hostname="localhost", session=session) as tls:
        tls.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        while tls.recv(4096):
            pass
        return context, tls.session, tls.session_reused


def resumed(context, session):
    with socket.create_connection(("127.0.0.1", 8443), 10) as plain, \
            context.wrap_socket(plain, server_hostname="localhost", session=session) as tls:
        return tls.session_reused


def sockets(pid):
    """Inodes of what a process listens on for clients in clear, IPv4."""
    wanted = set()
    with open("/proc/net/tcp", encoding="ascii") as table:
        for line in table.readlines()[1:]:
            fields = line.split()
            if fields[1] == "0100007F:1F90" and fields[3] == "0A":
                wanted.add(f"socket:[{fields[9]}]")
    has = set()
    for fd in os.listdir(f"/proc/{pid}/fd"):
        with contextlib.suppress(OSError):
            has.add(os.readlink(f"/proc/{pid}/fd/{fd}"))
    return wanted & has


def under_load(first):
    """Five upgrades. Return: the last daemon."""
    load = Load()
    poll(lambda: load.count > 100)
    cookie = get()[0].getheader("Set-Cookie").split(";")[0]
    name = get(headers={"Cookie": cookie})[1]
    context, session, _ = tls_session()
    now, ended, big = first, [], []
    before = sockets(first.process.pid)
    notes = []
    for threads in (2, 1, 3, 2, 2):
        write_config(threads)
        download_thread = threading.Thread(target=download, args=(big,))
        download_thread.start()
        count = load.count
        following = Daemon("--take-over")
        notes.append(following.runs())
        poll(lambda: load.count > count + 200)
        download_thread.join(LIMIT)
        ended.append(now.ended())
        now = following
    count = load.count
    poll(lambda: load.count > count + 100)
    load.end()
    print(f"# {load.count} requests")
    result(all(notes) and ended == [0] * 5, "five take over, and those before end", ended,
           *([] if all(notes) else [now.said()]))
    result(not load.failed and load.count > 1000, "no request fails",
           len(load.failed), *load.failed[:5])
    result(big == [BIG] * 5, "downloads go on in the old process", big)
    result(before and before <= sockets(now.process.pid), "listening sockets are handed on", before)
    result(all(get(headers={"Cookie": cookie})[1] == name for _ in range(10)),
           "a cookie is still valid")
    result(resumed(context, session), "a TLS session is resumed")
    result("200" in str(http_admin()), "the admin address answers")
    return now


def http_admin():
    connection = http.client.HTTPConnection("127.0.0.1", 9100, timeout=10)
    connection.request("GET", "/healthz")
    return connection.getresponse().status


def gives_up(now):
    """Who takes over is killed, at several points before it has."""
    # So that it takes some time.
    write_config(certificates=1000)
    load = Load()
    killed = 0
    # The log leaves out what is said more often.
    while killed < 4:
        begun = now.said().count("is about to take over")
        following = Daemon("--take-over")
        if not poll(lambda: now.said().count("is about to take over") > begun, 10):
            result(False, "it begins to take over", following.said(), now.said())
            break
        time.sleep(killed * 0.01)
        # Held where it is, so that what is seen is still true when it is killed.
        following.process.send_signal(signal.SIGSTOP)
        time.sleep(0.05)
        if "has taken over" in now.said():
            following.process.send_signal(signal.SIGCONT)
            following.runs()
            now, killed = following, 0
            continue
        following.process.kill()
        following.process.wait()
        killed += 1
        poll(lambda: now.said().count("has given up") == killed)
    count = load.count
    poll(lambda: load.count > count + 200)
    load.end()
    write_config()
    result(killed > 0 and show()["daemon"]["process"] == now.process.pid and not load.failed,
           "one that is killed meanwhile changes nothing", f"{killed} killed", *load.failed[:5])
    return now


def show():
    return ask({"command": "show"})


def refusals(now):
    plain = Daemon()
    plain.process.wait(LIMIT)
    result(plain.process.returncode == 1 and
           f"process {now.process.pid} runs sluiced in this network namespace already" in plain.said(),
           "a plain start is refused", plain.said())

    with socket.socket(socket.AF_UNIX) as first:
        first.connect(control)
        first.sendall(b'{"command":"take-over","version":1}\n')
        first.recv(4)
        second = Daemon("--take-over")
        second.process.wait(LIMIT)
        result(second.process.returncode == 1 and
               "another process is taking over already" in second.said(),
               "a second one at the same time is refused", second.said())
        answer = ask({"command": "reload"})
        result(answer == {"errors": ["another process is taking over; ask again in a moment"]},
               "changes are refused meanwhile", answer)
    result(poll(lambda: ask({"command": "reload"}) == {}), "they are taken after it has given up")

    write_config(extra="nonsense: 1")
    wrong = Daemon("--take-over")
    wrong.process.wait(LIMIT)
    write_config()
    result(wrong.process.returncode == 1 and "nonsense" in wrong.said() and get()[0].status == 200,
           "a wrong file changes nothing", wrong.said())
    other = ask({"command": "take-over", "version": 99})
    result("version 1 only" in str(other), "another version is refused", other)


def background(now):
    after = Daemon("--take-over", "--background")
    after.process.wait(LIMIT)
    pid = int(open(next(lock_files()), encoding="ascii").read())
    result(after.process.returncode == 0 and pid != after.process.pid and now.ended() == 0 and
           get()[0].status == 200, "in the background", after.said())
    os.kill(pid, signal.SIGTERM)
    result(poll(lambda: not os.path.exists(f"/proc/{pid}") or
                "Z" in open(f"/proc/{pid}/stat", encoding="ascii").read()),
           "it ends")
    alone = Daemon("--take-over")
    result(alone.runs() and "nobody is there to take over from" in alone.said() and
           get()[0].status == 200, "nobody to take over from", alone.said())
    alone.process.terminate()
    result(alone.ended() == 0 and not os.path.exists(control), "it ends, too", alone.said())


def lock_files():
    namespace = os.stat("/proc/self/ns/net").st_ino
    yield f"/run/sluice/netns-{namespace}.lock"


def states(now):
    """What one has found out, another one need not."""
    def silent():
        return [server for pool in show()["pools"] for server in pool["servers"]
                if server["address"] == "127.0.0.1:9009"][0]
    poll(lambda: silent()["state"] == "down")
    # Its own check will not say anything for an hour.
    write_config(timeout="1h")
    following = Daemon("--take-over")
    following.runs()
    result(poll(lambda: show()["daemon"]["process"] == following.process.pid) and
           silent()["state"] == "down" and silent()["check"]["state"] == "down",
           "a server that is down stays down", silent())
    now.ended()
    return following


def main():
    print("KTAP version 1", flush=True)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    certificate()
    nobody = pwd.getpwnam("nobody")
    for name in (folder, folder + "/site.pem"):
        os.chown(name, nobody.pw_uid, nobody.pw_gid)
    os.chmod(folder, 0o755)
    serve(9001, "one")
    serve(9002, "two")
    silent = serve_nobody(9009)
    write_config()
    now = Daemon()
    if not now.runs():
        result(False, "it starts", now.said())
        return
    result(get()[1] in ("one", "two"), "it starts")
    now = under_load(now)
    now = gives_up(now)
    refusals(now)
    now = states(now)
    background(now)
    silent.close()


try:
    main()
finally:
    shutil.rmtree(folder, ignore_errors=True)
    print(f"1..{len(results)}", flush=True)
raise SystemExit(0 if results and all(results) else 1)

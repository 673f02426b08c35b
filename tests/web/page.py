# SPDX-License-Identifier: Apache-2.0
"""saker-web as the tests of the page start it, and what they share: results, waiting, passwords."""
import http.client
import json
import os
import shutil
import signal
import ssl
import subprocess
import tempfile
import time
import urllib.parse

web = os.path.join(os.environ.get("PROGRAMS", "build"), "saker-web")
directory = tempfile.mkdtemp(prefix="saker-web.")
PASSWORD = "correct horse battery"
PATIENCE = 120
running = []


def check(name, held, detail=""):
    print(("ok - " if held else "not ok - ") + name, flush=True)
    if not held and detail:
        print(detail)


def path(name):
    return os.path.join(directory, name)


def await_(condition):
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        value = condition()
        if value:
            return value
        time.sleep(0.1)
    return condition()


def make_password(name="password", password=PASSWORD):
    return subprocess.run(
        [web, "password", path(name)], input=password.encode() + b"\n", capture_output=True
    )


class Page:
    """saker-web on a free port. `tls`: how to connect, if it speaks TLS."""

    def __init__(self, *options, alerts=None, socket=None, tls=None, password=True):
        history = tempfile.mkdtemp(dir=directory)
        options = [
            *options,
            "web.listen_port=0",
            "web.history_directory=" + history,
            "control.socket=" + (socket or path("none.sock")),
        ]
        if password:
            options.append("web.password_file=" + path("password"))
        words = [web, "serve", "-c", "/dev/null"] + [
            word for option in options for word in ("-o", option)
        ]
        self.log = path("log%d" % len(running))
        self.process = subprocess.Popen(
            words + (["--alerts", alerts] if alerts else []),
            stderr=open(self.log, "w"),
            stdin=subprocess.DEVNULL,
        )
        running.append(self)
        self.base = await_(
            lambda: next(
                (w for line in open(self.log) for w in line.split() if w.startswith("http")), None
            )
        )
        self.port = urllib.parse.urlsplit(self.base).port
        self.tls = tls
        self.cookie = ""

    def connect(self, tls=None):
        tls = tls or self.tls
        if tls is not None:
            return http.client.HTTPSConnection(
                "127.0.0.1", self.port, timeout=PATIENCE, context=tls
            )
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)

    def ask(self, url, body=None, tls=None, **fields):
        """Status, body as text, fields of the answer."""
        connection = self.connect(tls)
        try:
            fields = {"Cookie": self.cookie, "Content-Type": "application/json", **fields}
            connection.request(
                "GET" if body is None else "POST",
                url,
                body=None if body is None else body.encode(),
                headers={name.replace("_", "-"): value for name, value in fields.items()},
            )
            answer = connection.getresponse()
            return answer.status, answer.read().decode(), answer.headers
        finally:
            connection.close()

    def get(self, url):
        return json.loads(self.ask(url)[1])

    def sign_in(self):
        status, _, fields = self.ask("/api/login", json.dumps({"password": PASSWORD}))
        if status == 200:
            self.cookie = fields["Set-Cookie"].split(";")[0]
        return fields["Set-Cookie"]

    def alive(self):
        return self.process.poll() is None

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)


def trusting(certificate, client=None):
    """TLS of a client that trusts this certificate, with one of its own or none."""
    context = ssl.create_default_context(cafile=certificate)
    context.check_hostname = False
    if client:
        context.load_cert_chain(*client)
    return context


def finish():
    """Whatever happened: ends what was started, by its number, and removes its files."""
    for one in running:
        if one.process.poll() is None:
            one.process.kill()
            one.process.wait()
    shutil.rmtree(directory, ignore_errors=True)

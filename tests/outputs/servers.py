# SPDX-License-Identifier: Apache-2.0
"""Test servers on loopback, each in a thread: they keep what they receive."""
import http.server
import os
import socket
import ssl
import subprocess
import threading
import time


def await_(condition, seconds=20):
    """Waits until the condition is true; returns whether it is."""
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    return bool(condition())


def certificate(directory, name, host="127.0.0.1", days=2):
    """A self-signed certificate: its file, which contains the key too."""
    path = os.path.join(directory, name + ".pem")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes",
         "-keyout", path + ".key", "-out", path,
         "-days", str(days), "-subj", "/CN=" + name, "-addext", "subjectAltName=IP:" + host],
        check=True, stderr=subprocess.DEVNULL)
    return path


def tls_context(cert, client_ca=None):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, cert + ".key")
    if client_ca:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(client_ca)
    return context


class Datagrams:
    """Keeps each datagram."""

    def __init__(self, path=None):
        self.got = []
        family = socket.AF_UNIX if path else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.socket.bind(path or ("127.0.0.1", 0))
        self.port = 0 if path else self.socket.getsockname()[1]
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            data, rights, _, _ = socket.recv_fds(self.socket, 1 << 20, 4)
            for fd in rights:
                data += os.pread(fd, 1 << 24, 0)
                os.close(fd)
            self.got.append(data)


class Stream:
    """Keeps the bytes of each connection. answer(bytes so far) -> what to send, None to close."""

    def __init__(self, path=None, tls=None, answer=None, hello=b""):
        self.got = []
        self.answer, self.hello, self.tls = answer, hello, tls
        if path:
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.bind(path)
            self.socket.listen()
        else:
            self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = 0 if path else self.socket.getsockname()[1]
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            connection, _ = self.socket.accept()
            self.got.append(b"")
            threading.Thread(target=self.serve, args=(connection, len(self.got) - 1),
                             daemon=True).start()

    def serve(self, connection, number):
        try:
            if self.tls:
                connection = self.tls.wrap_socket(connection, server_side=True)
            if self.hello:
                connection.sendall(self.hello)
            while data := connection.recv(65536):
                self.got[number] += data
                if self.answer:
                    reply = self.answer(self.got[number])
                    if reply is None:
                        break
                    connection.sendall(reply)
        except (OSError, ssl.SSLError):
            pass
        connection.close()


class Http:
    """Keeps each request: (method, path, headers, body). answer(request) -> (status, headers,
    body), or None: never."""

    def __init__(self, answer=None, tls=None):
        self.got = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def serve(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                request = (self.command, self.path, dict(self.headers.items()), body)
                outer.got.append(request)
                answered = answer(request) if answer else (200, {}, b"{}")
                if answered is None:
                    time.sleep(60)
                    return
                status, headers, content = answered
                try:
                    self.send_response(status)
                    for name, value in {"Content-Length": str(len(content)), **headers}.items():
                        self.send_header(name, value)
                    self.end_headers()
                    self.wfile.write(content)
                except OSError:
                    self.close_connection = True

            do_POST = do_PUT = do_PATCH = do_GET = serve

            def log_message(self, *arguments):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request, address):
                pass

        self.server = Server(("127.0.0.1", 0), Handler)
        if tls:
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        self.url = ("https" if tls else "http") + "://127.0.0.1:%d" % self.port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

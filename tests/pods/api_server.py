# SPDX-License-Identifier: Apache-2.0
"""A server that lists and watches pods and services as the API server of Kubernetes does, and fails
as a test wants it to."""
import http.server
import json
import socket
import threading
from urllib.parse import parse_qs, urlsplit

NODE = "node-1"


class ApiServer:
    """`pods`, `services`, `objects` (by path): what it has. `faults`: functions of a test, by
    "list", "watch", "services list" or "services watch", that answer instead of the server:
    fault(handler, query). `token`: the only one that it takes. `asked`: without what is about
    services, which is `services_asked`."""

    def __init__(self):
        self.pods, self.services, self.objects, self.faults = {}, {}, {}, {}
        self.version, self.asked, self.services_asked = 100, [], []
        self.history = {"pods": [], "services": []}
        self.token = "first"
        self.changed = threading.Condition()
        self.generation = 0  # watches of an older one end
        self.watching = 0
        self.server, self.port = None, 0
        self.start()

    def start(self):
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                try:
                    outer.answer(self)
                except OSError:
                    self.close_connection = True

            def log_message(self, *arguments):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request, address):
                pass

        self.server = Server(("127.0.0.1", self.port), Handler)
        self.port = self.server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self):
        """As when it is restarted: no port, no connections."""
        self.server.shutdown()
        self.server.server_close()
        self.drop_watches()

    def drop_watches(self):
        with self.changed:
            self.generation += 1
            self.changed.notify_all()

    def put(self, uid, name, kind="MODIFIED", **more):
        with self.changed:
            self.version += 1
            self.pods[uid] = pod(uid, name, str(self.version), **more)
            self.event("pods", kind, self.pods[uid])

    def put_service(self, uid, name, selector, kind="MODIFIED", **more):
        with self.changed:
            self.version += 1
            self.services[uid] = service(uid, name, str(self.version), selector, **more)
            self.event("services", kind, self.services[uid])

    def delete(self, uid, of="pods"):
        with self.changed:
            self.version += 1
            gone = dict((self.pods if of == "pods" else self.services).pop(uid))
            gone["metadata"] = dict(gone["metadata"], resourceVersion=str(self.version))
            self.event(of, "DELETED", gone)

    def event(self, of, kind, thing):
        self.history[of].append((self.version, {"type": kind, "object": thing}))
        self.changed.notify_all()

    def count(self, what):
        return sum(1 for one in self.asked if one[0] == what)

    def last(self, what):
        return next((query for kind, query in reversed(self.asked) if kind == what), {})

    def answer(self, handler):
        parts = urlsplit(handler.path)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        if handler.headers.get("Authorization") != "Bearer " + self.token:
            return reply(handler, 401, {"message": "Unauthorized"})
        if parts.path == "/api/v1/services":
            return self.answer_list(handler, query, "services")
        if parts.path != "/api/v1/pods":
            self.asked.append(("object", handler.path))
            fault = self.faults.get("object")
            if fault and fault(handler, query):
                return None
            partial = "PartialObjectMetadata" in handler.headers.get("Accept", "")
            found = self.objects.get(handler.path) if partial else None
            return reply(handler, 200 if found else 404, found or {"reason": "NotFound"})
        if query.get("fieldSelector") != "spec.nodeName=" + NODE:
            return reply(handler, 403, {"message": "only the node's own pods"})
        return self.answer_list(handler, query, "pods")

    def answer_list(self, handler, query, of):
        what = "watch" if query.get("watch") == "1" else "list"
        (self.asked if of == "pods" else self.services_asked).append((what, query))
        fault = self.faults.get(what if of == "pods" else "services " + what)
        if fault and fault(handler, query):
            return None
        return (self.watch if what == "watch" else self.list)(handler, query, of)

    def list(self, handler, query, of):
        with self.changed:
            items = list((self.pods if of == "pods" else self.services).values())
            version = str(self.version)
        begin, size = int(query.get("continue", 0)), int(query.get("limit", 0)) or len(items)
        end = begin + size
        metadata = {"resourceVersion": version}
        if end < len(items):
            metadata["continue"] = str(end)
        return reply(handler, 200, {"kind": "List", "metadata": metadata,
                                    "items": items[begin:end]})

    def watch(self, handler, query, of):
        begin_stream(handler)
        generation, seen = self.generation, int(query["resourceVersion"])
        self.watching += of == "pods"
        try:
            while self.generation == generation:
                with self.changed:
                    news = [event for version, event in self.history[of] if version > seen]
                    seen = max(seen, self.version)
                    if not news:
                        self.changed.wait(0.2)
                for event in news:
                    chunk(handler, json.dumps(event).encode() + b"\n")
        finally:
            self.watching -= of == "pods"
        # In the middle of a chunk: the connection is lost.
        handler.wfile.write(b"100\r\n{")
        handler.close_connection = True
        handler.connection.shutdown(socket.SHUT_RDWR)


def pod(uid, name, version, namespace="shop", labels=None, owner=None, ip="10.1.0.9", **more):
    metadata = {"name": name, "namespace": namespace, "uid": uid, "resourceVersion": version,
                "labels": labels or {}, "annotations": more.get("annotations", {}),
                "managedFields": [{"manager": "kubelet", "fieldsV1": {"f:metadata": {}}}]}
    if owner:
        kind, owner_name, owner_uid = owner
        metadata["ownerReferences"] = [
            {"apiVersion": "v1", "kind": "Other", "name": "not-it", "uid": "0"},
            {"apiVersion": "apps/v1", "blockOwnerDeletion": True, "controller": True,
             "kind": kind, "name": owner_name, "uid": owner_uid}]
    return {"metadata": metadata, "status": {"phase": "Running", "podIP": ip},
            "spec": {"nodeName": NODE, "containers": [
                {"name": "main", "env": [{"name": "PADDING", "value": more.get("padding", "")}]}]}}


def service(uid, name, version, selector, namespace="shop", labels=None, **spec):
    return {"metadata": {"name": name, "namespace": namespace, "uid": uid, "labels": labels or {},
                         "resourceVersion": version, "creationTimestamp": "2026-01-02T03:04:05Z"},
            "spec": dict({"ports": [{"port": 80}], "selector": selector}, **spec)}


def metadata_of(name, uid, labels=None, owner=None):
    out = {"kind": "PartialObjectMetadata",
           "metadata": {"name": name, "uid": uid, "resourceVersion": "7", "labels": labels or {}}}
    if owner:
        out["metadata"]["ownerReferences"] = [
            {"kind": owner[0], "name": owner[1], "uid": owner[2], "controller": True}]
    return out


def reply(handler, status, document, headers=()):
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    handler.send_response(status)
    handler.send_header("Content-Length", str(len(body)))
    for name, value in headers:
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(body)
    return True


def begin_stream(handler):
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()


def chunk(handler, data):
    handler.wfile.write(b"%x\r\n" % len(data) + data + b"\r\n")
    handler.wfile.flush()


def once(fault):
    """The fault for one request; `done` is set after it."""
    def first(handler, query):
        if first.done:
            return False
        first.done = True
        fault(handler, query)
        return True
    first.done = False
    return first

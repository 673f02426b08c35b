# SPDX-License-Identifier: Apache-2.0
"""A control socket like sakerd's, with texts of an attacker in every answer."""
import json
import os
import socket
import threading

METRICS = "# TYPE saker_alerts_total counter\nsaker_alerts_total 7\n"


def status(text):
    lane = {"seen": 100, "written": 90, "lost": 10, "waiting_bytes": 4096}
    return {
        "ok": True,
        "version": text,
        "pid": 1,
        "uptime_s": 86_400 * 3,
        "source": {
            "name": text,
            "cpus": 2,
            "wait": text,
            "events_missing": [text],
            "events_partial": [],
        },
        "records": {
            "seen": 100,
            "written": 90,
            "lost": 10,
            "corrupted": 1,
            "waiting_bytes": 4096,
            "matched": 5,
            "lost_by_event": {text: 10},
        },
        "alerts": {"made": 7, "dropped": 2},
        "outputs": [{"name": text, "taken": 7, "written": 5, "waiting": 0, "lost": 2, "errors": 1}],
        "rules": {"enabled": 3, "total": 4},
        "processes": {"known": 200, "containers": 3},
        "memory": {"without_rings_bytes": 30 << 20},
        "cpus": [{"cpu": 0, "life": lane, "event": lane}],
        "io_uring": {
            "unseen": 12,
            "operations": [{"name": text, "submitted": 20, "refused": 1, "unseen": 12}],
        },
        "hooks": [
            {
                "symbol": text,
                "mechanism": text,
                "attached": False,
                "error": -2,
                "hits": 5,
                "missed": 3,
                "events": [text],
            },
            {
                "symbol": "do_filp_open",
                "mechanism": "direct call",
                "attached": True,
                "error": 0,
                "hits": 500,
                "missed": 0,
                "events": ["openat"],
            },
        ],
    }


def top(text, turn):
    return {
        "ok": True,
        "now_ns": 10**12 + turn * 10**9,
        "sampled_one_of": 64,
        "finding_ns": 1000 * turn,
        "rules": [
            {"rule": text, "alerts": 70, "judged": 5000 * turn, "cost_ns": 2_500_000 * turn},
            {
                "rule": "Terminal shell in container",
                "alerts": 30,
                "judged": 40 * turn,
                "cost_ns": 4000 * turn,
            },
            {"rule": "Never alerted", "alerts": 0, "judged": 10 * turn, "cost_ns": 100 * turn},
        ],
        "noise": [
            {
                "rule": text,
                "alerts": 70,
                "budget": 10,
                "sources": [
                    {"exepath": text, "image": text, "percent": 60},
                    {"exepath": "/usr/bin/cat", "image": "", "percent": 30},
                ],
                "proposal": "- rule: " + text + "\n  exceptions:\n    - name: backtest_noise\n",
            },
            {
                "rule": "Terminal shell in container",
                "alerts": 30,
                "budget": 10,
                "sources": [{"exepath": "/bin/sh", "image": "", "percent": 100}],
                "proposal": "",
            },
        ],
    }


class Daemon:
    """Answers on `path` until the test ends; `texts`: the hostile ones, one an answer in turn."""

    def __init__(self, path, texts=("plain",)):
        self.texts, self.turn, self.followers, self.asked = list(texts), 0, [], []
        if os.path.exists(path):
            os.unlink(path)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen()
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            client, _ = self.listener.accept()
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def answer(self, command):
        self.turn += 1
        text = self.texts[self.turn % len(self.texts)]
        if command == "status":
            return status(text)
        if command == "top":
            return top(text, self.turn)
        if command == "metrics":
            return {"ok": True, "status": 200, "type": "text/plain; version=0.0.4", "body": METRICS}
        if command == "healthz":
            return {
                "ok": True,
                "status": 200,
                "type": "application/json",
                "body": '{"status":"ok"}\n',
            }
        return {"ok": False, "error": "no such command"}

    def send(self, lines):
        """Alerts to those that follow."""
        for follower in self.followers:
            follower.sendall(b"".join(line + b"\n" for line in lines))

    def serve(self, client):
        try:
            for line in client.makefile("rb"):
                command = json.loads(line)["cmd"]
                self.asked.append(command)
                if command == "alerts":
                    client.sendall(b'{"ok":true}\n')
                    self.followers.append(client)
                else:
                    client.sendall(json.dumps(self.answer(command)).encode() + b"\n")
        except OSError:
            pass

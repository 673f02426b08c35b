# SPDX-License-Identifier: Apache-2.0
"""Hosts of the fleet's tests: each is a root of its own above this system's files, with its own
packages, and a control socket of the test that answers as sakerd would. As root."""
import atexit
import ctypes
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading

PROGRAMS = os.path.abspath(os.environ.get("PROGRAMS", "build"))
RULE = ("- rule: {name}\n  desc: d\n  condition: evt.type = {event} and proc.name = a\n"
        "  output: o\n  priority: INFO\n")
directory = tempfile.mkdtemp(prefix="saker-fleet-test.")


@atexit.register
def clean():
    subprocess.run(["umount", "-R", "-l", directory], stderr=subprocess.DEVNULL)
    os.rmdir(directory)


def check(name, held, detail=""):
    print(("ok - " if held else "not ok - ") + name, flush=True)
    if not held and detail:
        print(detail, flush=True)


def skip(why):
    print(why)
    sys.exit(77)


def roots():
    """In a mount namespace of this test; it ends with the test."""
    if os.geteuid() != 0:
        skip("hosts need their own roots: run it as root")
    if ctypes.CDLL(None, use_errno=True).unshare(0x00020000) != 0:
        skip("mount namespaces cannot be made here")
    for command in (["mount", "--make-rprivate", "/"], ["mount", "-t", "tmpfs", "t", directory]):
        if subprocess.run(command, stderr=subprocess.DEVNULL).returncode != 0:
            skip("a file system cannot be mounted here")


class Host:
    """A root, and what answers in it as sakerd would. `sick`: it loses records; `sick_with`: if
    this is in the fleet's rules. `restarts`: it is another process at each answer. `down`: it does
    not answer."""

    def __init__(self, name):
        self.name, self.sick, self.sick_with = name, False, ""
        self.down, self.restarts, self.pid, self.lost = False, False, 100, 7
        self.reloads, self.rules = 0, 3
        upper, work, self.root = (os.path.join(directory, kind, name)
                                  for kind in ("upper", "work", "root"))
        for folder in (upper, work, self.root):
            os.makedirs(folder)
        options = f"lowerdir=/,upperdir={upper},workdir={work}"
        if subprocess.run(["mount", "-t", "overlay", "o", "-o", options, self.root],
                          stderr=subprocess.DEVNULL).returncode != 0:
            skip("overlayfs cannot be mounted here")
        for folder in ("proc", "dev"):
            subprocess.run(["mount", "--rbind", "/" + folder, self.path(folder)], check=True)
        shutil.rmtree(self.path("run/saker"), ignore_errors=True)
        shutil.rmtree(self.path("etc/saker"), ignore_errors=True)
        shutil.rmtree(self.path("var/lib/saker-fleet"), ignore_errors=True)
        os.makedirs(self.path("run/saker"))
        os.makedirs(self.path("etc/saker/rules.d"))
        for program in ("saker", "sakerd"):
            shutil.copy(os.path.join(PROGRAMS, program), self.path("usr/bin/" + program))
        self.write("etc/saker/rules.d/own.yaml", RULE.format(name="own", event="openat"))
        self.write("usr/bin/systemctl", "#!/bin/sh\necho \"$*\" >> /systemctl.log\n")
        os.chmod(self.path("usr/bin/systemctl"), 0o755)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path("run/saker/saker.sock"))
        self.listener.listen(8)
        threading.Thread(target=self.serve, daemon=True).start()

    def path(self, name):
        return os.path.join(self.root, name)

    def write(self, name, text):
        with open(self.path(name), "w") as file:
            file.write(text)

    def read(self, name):
        try:
            with open(self.path(name)) as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def fleet_rules(self):
        folder = self.path("etc/saker/rules.d")
        return {name: self.read("etc/saker/rules.d/" + name)
                for name in sorted(os.listdir(folder)) if name.startswith("fleet-")}

    def serve(self):
        while True:
            peer, _ = self.listener.accept()
            with peer, peer.makefile("r") as lines:
                line = lines.readline()
                if line and not self.down:
                    answer = self.answer(json.loads(line)["cmd"])
                    peer.sendall((json.dumps(answer, separators=(",", ":")) + "\n").encode())

    def answer(self, command):
        if command == "reload":
            self.reloads += 1
            done = subprocess.run(
                ["chroot", self.root, "saker", "rules", "check", "-r", "/etc/saker/rules.d"],
                capture_output=True, text=True)
            if done.returncode != 0:
                return {"ok": False, "error": done.stdout + done.stderr}
            return {"ok": True}
        if self.sick or (self.sick_with and self.sick_with in str(self.fleet_rules())):
            self.lost += 5
        if self.restarts:
            self.pid += 1
        return {"ok": True, "version": "0.1", "pid": self.pid, "uptime_s": 5,
                "records": {"seen": 100, "lost": self.lost, "lost_bytes": 12345,
                            "lost_by_event": {"openat": self.lost}},
                "alerts": {"made": 1, "dropped": 0, "latency": {"event": {"alerts": 3}}},
                "rules": {"enabled": self.rules, "total": 9, "files": ["/etc/a.yaml"]}}


def rules_folder(name, *events):
    folder = os.path.join(directory, "rules", name)
    os.makedirs(folder)
    for event in events:
        with open(os.path.join(folder, event + ".yaml"), "w") as file:
            file.write(RULE.format(name=name + " " + event, event=event))
    return folder


def package(version, fails=False, name="saker-test", depends=""):
    """A package that has its version in a file."""
    folder = os.path.join(directory, "package", name + version)
    os.makedirs(folder + "/DEBIAN")
    os.makedirs(f"{folder}/usr/share/{name}")
    with open(folder + "/DEBIAN/control", "w") as file:
        file.write(f"Package: {name}\nVersion: {version}\nArchitecture: all\n"
                   "Maintainer: Test <test@example>\nDescription: of a test\n" +
                   (f"Depends: {depends}\n" if depends else ""))
    with open(f"{folder}/usr/share/{name}/version", "w") as file:
        file.write(version)
    if fails:
        with open(folder + "/DEBIAN/postinst", "w") as file:
            file.write("#!/bin/sh\necho cannot be set up >&2\nexit 1\n")
        os.chmod(folder + "/DEBIAN/postinst", 0o755)
    out = os.path.join(directory, f"{name}_{version}_all.deb")
    subprocess.run(["dpkg-deb", "-Zgzip", "-b", folder, out], check=True, stdout=subprocess.DEVNULL)
    return out

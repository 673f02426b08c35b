# SPDX-License-Identifier: Apache-2.0
"""Hosts (hosts.py) that are reached over real ssh: each has a network and processes of its own, and
an sshd as their first one, so that ending it is a loss of power. The network of the test is a
bridge in a namespace of its own; nothing leaves it. As root."""
import ctypes
import os
import shutil
import subprocess
import time

from hosts import Host, directory, roots, skip

SSHD = """Port 22
HostKey /etc/ssh/test_key
AuthorizedKeysFile /etc/ssh/test_authorized
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
UsePAM no
PidFile none
Subsystem sftp internal-sftp
"""


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        skip(f"hosts need networks of their own: {' '.join(command)}: {done.stderr}")


def network():
    for program in ("ssh", "ssh-keygen", "/usr/sbin/sshd", "ip", "unshare"):
        if subprocess.run(["sh", "-c", f"command -v {program}"],
                          stdout=subprocess.DEVNULL).returncode != 0:
            skip(f"{program} is not installed: tools/install-deps test")
    roots()
    if ctypes.CDLL(None, use_errno=True).unshare(0x40000000) != 0:
        skip("network namespaces cannot be made here")
    run("ip", "link", "add", "fleet", "type", "bridge")
    run("ip", "addr", "add", "10.77.0.1/24", "dev", "fleet")
    run("ip", "link", "set", "fleet", "up")
    run("ip", "link", "set", "lo", "up")
    for name in ("key", "host_key"):
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", os.path.join(directory, name))


class SshHost(Host):
    def __init__(self, name, number):
        super().__init__(name)
        self.number, self.address = number, f"10.77.0.{number + 10}"
        with open(os.path.join(directory, "host_key")) as key:
            self.write("etc/ssh/test_key", key.read())
        os.chmod(self.path("etc/ssh/test_key"), 0o600)
        with open(os.path.join(directory, "key.pub")) as key:
            self.write("etc/ssh/test_authorized", key.read())
        self.write("etc/ssh/test_config", SSHD)
        # What this machine's shells do at their start is not of the test.
        self.write("root/.bashrc", "")
        os.makedirs(self.path("run/sshd"), exist_ok=True)
        os.makedirs(self.path("usr/lib/saker"), exist_ok=True)
        shutil.copy("tools/modules/install", self.path("usr/lib/saker/install-bundle"))
        run("mount", "-t", "tmpfs", "t", self.path("tmp"))
        self.power_on()

    def power_on(self):
        for name in os.listdir(self.path("tmp")):
            shutil.rmtree(self.path("tmp/" + name), ignore_errors=True)
        mine = os.readlink("/proc/self/ns/net")
        self.process = subprocess.Popen(
            ["unshare", "--net", "--pid", "--fork", "--kill-child", "chroot", self.root,
             "/usr/sbin/sshd", "-D", "-e", "-f", "/etc/ssh/test_config"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=open(os.path.join(directory, self.name + ".sshd"), "a"))
        pid = str(self.process.pid)
        while os.readlink(f"/proc/{pid}/ns/net") == mine:
            time.sleep(0.01)
        port = f"host{self.number}"
        run("ip", "link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", pid)
        run("ip", "link", "set", port, "master", "fleet", "up")
        enter = ["nsenter", "-t", pid, "-n", "ip"]
        run(*enter, "addr", "add", self.address + "/24", "dev", "eth0")
        run(*enter, "link", "set", "eth0", "up")
        while subprocess.run(["ssh-keyscan", "-t", "ed25519", "-T", "2", self.address],
                             capture_output=True).stdout == b"":
            if self.process.poll() is not None:
                with open(os.path.join(directory, self.name + ".sshd")) as log:
                    skip(f"sshd does not start: {log.read()}")
            time.sleep(0.1)

    def power_off(self):
        """Everything on it ends at once."""
        self.process.kill()
        self.process.wait()


def make_hosts(names):
    """The hosts by name, known to ssh in the whole test as an operator's machine knows them: by its
    configuration, a key and the keys of the hosts."""
    network()
    hosts = {name: SshHost(name, number) for number, name in enumerate(names)}
    with open(os.path.join(directory, "host_key.pub")) as key:
        host_key = " ".join(key.read().split()[:2])
    with open(os.path.join(directory, "known"), "w") as file:
        file.writelines(f"{host.address} {host_key}\n" for host in hosts.values())
    config = os.path.join(directory, "ssh_config")
    with open(config, "w") as file:
        for host in hosts.values():
            file.write(f"Host {host.name}\n  HostName {host.address}\n")
        file.write("Host away\n  HostName 10.77.0.200\n"
                   f"Host *\n  IdentityFile {directory}/key\n  IdentitiesOnly yes\n"
                   f"  UserKnownHostsFile {directory}/known\n  StrictHostKeyChecking yes\n")
    run("mount", "--bind", config, "/etc/ssh/ssh_config")
    return hosts


def power_off(hosts):
    for host in hosts.values():
        host.power_off()

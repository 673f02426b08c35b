# SPDX-License-Identifier: Apache-2.0
"""A real kube-apiserver and its etcd (tools/kubernetes/apiserver) on loopback."""
import ctypes
import json
import os
import signal
import ssl
import subprocess
import urllib.error
import urllib.request

from protocols import free_port
from servers import await_

ADMIN = "the-administrator-of-the-test"


def dies_with_test():
    """A test that is killed leaves no server behind."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


class Cluster:
    """Started by the constructor, ended by stop(). `url`, `ca`: where it is, and the certificate
    that vouches for it; `kubeconfig`: of its administrator."""

    def __init__(self, programs, directory):
        self.directory, self.processes = directory, []
        self.programs = programs
        self.ca = self.path("pki/apiserver.crt")
        self.kubeconfig = self.path("kubeconfig")
        subprocess.run(["openssl", "genrsa", "-out", self.path("accounts.key"), "2048"],
                       check=True, stderr=subprocess.DEVNULL)
        with open(self.path("tokens"), "w") as file:
            file.write(f'{ADMIN},admin,1,"system:masters"\n')
        self.start()
        kubeconfig = {
            "apiVersion": "v1", "kind": "Config", "current-context": "test",
            "clusters": [{"name": "test", "cluster": {
                "server": self.url, "certificate-authority": self.ca}}],
            "users": [{"name": "admin", "user": {"token": ADMIN}}],
            "contexts": [{"name": "test", "context": {"cluster": "test", "user": "admin"}}]}
        with open(self.kubeconfig, "w") as file:
            json.dump(kubeconfig, file)

    def path(self, name):
        return os.path.join(self.directory, name)

    def run(self, program, *arguments):
        with open(self.path(program + ".log"), "a") as log:
            self.processes.append(subprocess.Popen(
                [os.path.join(self.programs, program), *arguments], stdout=log, stderr=log,
                cwd=self.directory, preexec_fn=dies_with_test))

    def start(self):
        store, peers, self.port = free_port(), free_port(), free_port()
        store_url, peers_url = f"http://127.0.0.1:{store}", f"http://127.0.0.1:{peers}"
        self.url = f"https://127.0.0.1:{self.port}"
        self.run("etcd", "--data-dir", "etcd", "--listen-client-urls", store_url,
                 "--advertise-client-urls", store_url, "--listen-peer-urls", peers_url,
                 "--initial-advertise-peer-urls", peers_url,
                 "--initial-cluster", "default=" + peers_url)
        # No controller runs that would give each pod the token of its account.
        self.server = ("kube-apiserver", "--etcd-servers", store_url,
                       "--bind-address", "127.0.0.1", "--secure-port", str(self.port),
                       "--cert-dir", "pki", "--service-cluster-ip-range", "10.0.0.0/24",
                       "--service-account-issuer", "https://kubernetes.test",
                       "--service-account-signing-key-file", "accounts.key",
                       "--service-account-key-file", "accounts.key", "--token-auth-file", "tokens",
                       "--authorization-mode", "RBAC,Node", "--allow-privileged=true",
                       "--disable-admission-plugins", "ServiceAccount")
        self.run_server()

    def run_server(self):
        self.run(*self.server)
        if not await_(self.ready, 120):
            with open(self.path("kube-apiserver.log")) as log:
                raise RuntimeError("kube-apiserver does not start:\n" + log.read()[-3000:])

    def restart(self):
        """The server, not its store."""
        server = self.processes.pop()
        server.kill()
        server.wait()
        self.run_server()

    def ready(self):
        if self.processes[-1].poll() is not None:
            raise RuntimeError("kube-apiserver ended; see " + self.path("kube-apiserver.log"))
        try:
            return self.ask("GET", "/readyz")[0] == 200
        except OSError:
            return False

    def stop(self):
        for process in reversed(self.processes):
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.processes.clear()

    def ask(self, method, path, body=None, token=ADMIN):
        """Status and answer: JSON as a dict, else text."""
        request = urllib.request.Request(
            self.url + path, method=method, data=json.dumps(body).encode() if body else None,
            headers={"Authorization": "Bearer " + token, "Content-Type": "application/json"})
        trusts = ssl.create_default_context(cafile=self.ca)
        try:
            with urllib.request.urlopen(request, context=trusts, timeout=30) as answer:
                status, text = answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            status, text = error.code, error.read().decode()
        try:
            return status, json.loads(text)
        except ValueError:
            return status, text

    def until(self, condition):
        if not await_(condition, 60):
            raise RuntimeError("the cluster does not come to what was waited for")

    def create(self, path, document):
        status, answer = self.ask("POST", path, document)
        if status not in (200, 201):
            raise RuntimeError(f"{path}: {status} {answer}")
        return answer

    def make_namespace(self, name):
        self.create("/api/v1/namespaces", {"metadata": {"name": name}})

    def delete_namespace(self, name):
        """Asks for its end; it stays Terminating until finish_namespace(), because no controller
        runs that would empty it."""
        self.ask("DELETE", "/api/v1/namespaces/" + name)

    def finish_namespace(self, name):
        _, space = self.ask("GET", "/api/v1/namespaces/" + name)
        space["spec"]["finalizers"] = []
        self.ask("PUT", f"/api/v1/namespaces/{name}/finalize", space)

    def account_token(self, space, account):
        """As a pod of this service account has it."""
        path = f"/api/v1/namespaces/{space}/serviceaccounts/{account}/token"
        return self.create(path, {"spec": {"expirationSeconds": 3600}})["status"]["token"]

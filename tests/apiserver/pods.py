# SPDX-License-Identifier: Apache-2.0
"""`saker pods`, with the account that the chart makes for it. No kubelet and no controller runs:
the test makes what they would."""
import json
import os
import subprocess
import threading

from servers import await_

saker = os.path.join(os.environ.get("PROGRAMS", "build"), "saker")
APPS = "/apis/apps/v1/namespaces/market/"
SPEC = {"containers": [{"name": "main", "image": "nothing"}], "nodeName": "node-1"}
TEMPLATE = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": SPEC["containers"]}}
SELECTOR = {"matchLabels": {"app": "web"}}


def options(cluster, token_file):
    return ["-c", "/dev/null", "-o", "kubernetes.apiserver=" + cluster.url, "-o",
            "kubernetes.node=node-1", "-o", "kubernetes.token_file=" + token_file, "-o",
            "kubernetes.ca_file=" + cluster.ca]


class Follower:
    """What saker pods --follow knows, by the pod's name."""

    def __init__(self, cluster, token_file):
        self.names, self.pods, self.said = {}, {}, []
        self.process = subprocess.Popen(
            [saker, "pods", "--follow", "--json", *options(cluster, token_file)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        threading.Thread(target=self.read, daemon=True).start()
        threading.Thread(target=self.said.extend, args=(self.process.stderr,), daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            pod = json.loads(line)
            if pod.get("gone"):
                self.pods.pop(self.names.get(pod["uid"]), None)
            else:
                self.names[pod["uid"]] = pod["name"]
                self.pods[pod["name"]] = pod

    def detail(self):
        return f"{self.pods} {self.said[-3:]}"


def owner(kind, thing):
    return [{"apiVersion": "apps/v1", "kind": kind, "name": thing["metadata"]["name"],
             "uid": thing["metadata"]["uid"], "controller": True}]


def make_pod(cluster, name, **metadata):
    return cluster.create("/api/v1/namespaces/market/pods",
                          {"metadata": {"name": name, **metadata}, "spec": SPEC})


def market(cluster):
    cluster.create("/api/v1/namespaces",
                   {"metadata": {"name": "market", "labels": {"team": "blue"}}})
    deployment = cluster.create(APPS + "deployments", {
        "metadata": {"name": "web", "labels": {"tier": "front"}},
        "spec": {"selector": SELECTOR, "template": TEMPLATE}})
    replicas = cluster.create(APPS + "replicasets", {
        "metadata": {"name": "web-5d4", "ownerReferences": owner("Deployment", deployment)},
        "spec": {"selector": SELECTOR, "template": TEMPLATE}})
    pod = make_pod(cluster, "web-1", labels={"app": "web"},
                   ownerReferences=owner("ReplicaSet", replicas))
    pod["status"] = {"phase": "Running", "podIP": "10.1.2.3", "podIPs": [{"ip": "10.1.2.3"}]}
    cluster.ask("PUT", "/api/v1/namespaces/market/pods/web-1/status", pod)
    cluster.create("/api/v1/namespaces/market/services", {
        "metadata": {"name": "shop"},
        "spec": {"selector": {"app": "web"}, "ports": [{"port": 80}]}})


def rights(cluster, check):
    may = set()
    for group, resource in (("", "pods"), ("", "secrets"), ("", "namespaces"), ("", "services"),
                            ("apps", "replicasets"), ("apps", "deployments"), ("", "nodes"),
                            ("wgpolicyk8s.io", "policyreports")):
        for verb in ("get", "list", "watch", "create", "patch", "update", "delete"):
            answer = cluster.create("/apis/authorization.k8s.io/v1/subjectaccessreviews", {
                "spec": {"user": "system:serviceaccount:pods:saker", "resourceAttributes": {
                    "group": group, "resource": resource, "verb": verb, "namespace": "market"}}})
            if answer["status"]["allowed"]:
                may.add((resource, verb))
    check("pods: the account may do what it needs, and nothing else",
          may == {("pods", "list"), ("pods", "watch"), ("services", "list"),
                  ("services", "watch"), ("namespaces", "get"),
                  ("replicasets", "get"), ("deployments", "get")}, str(may))


def watched(cluster, token_file, check):
    follower = Follower(cluster, token_file)
    web = {}

    def known():
        web.update(follower.pods.get("web-1", {}))
        return web.get("deployment")
    check("pods: labels, address and owners", await_(known) and web["labels"] == {"app": "web"} and
          web["ip"] == "10.1.2.3" and web["replica_set"] == "web-5d4" and
          web["deployment"] == "web" and web["deployment_labels"] == {"tier": "front"} and
          web["namespace_labels"].get("team") == "blue", follower.detail())
    check("pods: the services that select one",
          await_(lambda: follower.pods["web-1"]["services"] == ["shop"]), follower.detail())
    _, service = cluster.ask("GET", "/api/v1/namespaces/market/services/shop")
    service["spec"]["selector"] = {"app": "nothing"}
    cluster.ask("PUT", "/api/v1/namespaces/market/services/shop", service)
    check("pods: a selector that changes",
          await_(lambda: follower.pods["web-1"]["services"] == []), follower.detail())
    make_pod(cluster, "later", labels={"app": "later"})
    check("pods: one that is new", await_(lambda: "later" in follower.pods), follower.detail())
    _, pod = cluster.ask("GET", "/api/v1/namespaces/market/pods/later")
    pod["metadata"]["labels"] = {"app": "other"}
    cluster.ask("PUT", "/api/v1/namespaces/market/pods/later", pod)
    check("pods: labels that change",
          await_(lambda: follower.pods["later"]["labels"] == {"app": "other"}), follower.detail())
    cluster.ask("DELETE", "/api/v1/namespaces/market/pods/later?gracePeriodSeconds=0")
    check("pods: one that is gone", await_(lambda: "later" not in follower.pods),
          follower.detail())
    cluster.restart()
    make_pod(cluster, "after", labels={"app": "after"})
    check("pods: a server that was restarted", await_(lambda: "after" in follower.pods, 60) and
          "web-1" in follower.pods, follower.detail())
    follower.process.terminate()
    follower.process.wait(20)


def pods(tools, cluster, check):
    status, said = tools.helm("install", "saker", "tools/chart", "-n", "pods",
                              "--create-namespace", "-f", "tests/kubernetes/values/pods.yaml")
    check("pods: helm installs the chart with the role", status == 0 and
          {"ClusterRole/saker-pods", "ClusterRoleBinding/saker-pods"} <=
          set(tools.named("saker")), f"{said} {tools.named('saker')}")
    token_file = cluster.path("pods-token")
    with open(token_file, "w") as file:
        file.write(cluster.account_token("pods", "saker"))
    market(cluster)
    rights(cluster, check)
    watched(cluster, token_file, check)
    status, said = tools.helm("uninstall", "saker", "-n", "pods")
    check("pods: helm uninstalls the role too", status == 0 and tools.named("saker") == [], said)
    done = subprocess.run([saker, "pods", *options(cluster, token_file)], capture_output=True,
                          text=True, timeout=60)
    check("pods: without the role: 403, with the account, and what it needs",
          done.returncode == 1 and "403" in done.stderr and
          "system:serviceaccount:pods:saker" in done.stderr and
          "may list and watch pods" in done.stderr, str(done))


ALL = (pods,)

# SPDX-License-Identifier: Apache-2.0
"""The chart by helm and the manifests by kubectl, as an operator uses them."""
import json
import os
import subprocess

import yaml

import definitions

VALUES = "tests/kubernetes/values/"
KINDS = "ds,sa,cm,svc,servicemonitors,clusterroles,clusterrolebindings,roles,rolebindings"


class Tools:
    """helm and kubectl, with the cluster's administrator."""

    def __init__(self, helm, kubectl):
        self.programs = {"helm": helm, "kubectl": kubectl}

    def use(self, cluster):
        self.environment = dict(os.environ, HOME=cluster.directory, KUBECONFIG=cluster.kubeconfig,
                                XDG_CACHE_HOME=cluster.path("cache"))

    def run(self, program, *arguments, stdin=""):
        """Status and text, of errors too."""
        done = subprocess.run([self.programs[program], *arguments], env=self.environment,
                              input=stdin, capture_output=True, text=True, timeout=300)
        return done.returncode, done.stdout + done.stderr

    def helm(self, *arguments):
        return self.run("helm", *arguments)

    def kubectl(self, *arguments, stdin=""):
        return self.run("kubectl", *arguments, stdin=stdin)

    def get(self, *arguments):
        status, text = self.kubectl("get", "-o", "json", *arguments)
        return json.loads(text) if status == 0 else {}

    def named(self, release):
        """Kind and name of what the release has in the cluster."""
        listed = self.get("-A", KINDS, "-l", "app.kubernetes.io/instance=" + release)
        return sorted(f"{one['kind']}/{one['metadata']['name']}" for one in listed["items"])


def dry_runs(tools, _cluster, check):
    tools.kubectl("create", "namespace", "dry")
    everything = ["install", "it", "tools/chart", "-n", "dry", "--dry-run=server"]
    status, said = tools.helm(*everything)
    check("helm's dry run on the server: the chart's own values", status == 0, said)
    status, said = tools.helm(*everything, "-f", VALUES + "least.yaml")
    check("helm's dry run on the server: the least values", status == 0, said)
    status, said = tools.helm(*everything, "-f", VALUES + "everything.yaml")
    check("a ServiceMonitor is refused where nobody knows it",
          status == 1 and 'no matches for kind "ServiceMonitor"' in said, said)
    definitions.service_monitors(_cluster)
    status, said = tools.helm(*everything, "-f", VALUES + "everything.yaml")
    check("helm's dry run on the server: all values", status == 0, said)
    for name in ("least", "everything"):
        with open(f"tests/kubernetes/golden/{name}.yaml") as file:
            text = file.read().replace("namespace: security", "namespace: dry")
        status, said = tools.kubectl(*APPLY, stdin=text)
        check(f"the server takes what the chart gives: {name}", status == 0, said)
        status, said = tools.kubectl(*APPLY, stdin=text.replace("hostPID:", "hostPid:"))
        check(f"and would not take a misspelt key: {name}",
              status == 1 and "hostPid" in said, said)
    check("a dry run leaves nothing", tools.named("it") == [], str(tools.named("it")))


APPLY = ["apply", "--server-side", "--dry-run=server", "-f", "-"]


def pod_is_taken(tools, _cluster, check):
    """No controller runs that makes pods of the DaemonSet: what it would make is asked for."""
    _, text = tools.helm("template", "it", "tools/chart", "-n", "dry", "-f",
                         VALUES + "everything.yaml")
    template = next(one for one in yaml.safe_load_all(text)
                    if one and one["kind"] == "DaemonSet")["spec"]["template"]
    pod = dict(template, apiVersion="v1", kind="Pod")
    pod["metadata"] = dict(pod["metadata"], name="it", namespace="dry")
    pod["spec"] = dict(pod["spec"], nodeName="node")
    status, said = tools.kubectl(*APPLY, stdin=yaml.safe_dump(pod))
    check("the server takes a pod of the DaemonSet", status == 0, said)


def release(tools, cluster, check):
    status, said = tools.helm("install", "saker", "tools/chart", "-n", "saker",
                              "--create-namespace")
    first = ["ConfigMap/saker-config", "ConfigMap/saker-rules", "DaemonSet/saker",
             "ServiceAccount/saker"]
    check("helm installs the chart", status == 0 and "Saker runs on each node" in said, said)
    check("that is two ConfigMaps, a DaemonSet and an account", tools.named("saker") == first,
          str(tools.named("saker")))
    everything = ["upgrade", "saker", "tools/chart", "-n", "saker"]
    status, said = tools.helm(*everything, "-f", VALUES + "everything.yaml")
    check("helm upgrades it to other values", status == 0, said)
    check("the counters' Service and ServiceMonitor are there",
          set(tools.named("saker")) - set(first) ==
          {"Service/saker-metrics", "ServiceMonitor/saker"}, str(tools.named("saker")))
    sensor = tools.get("-n", "saker", "ds/saker")["spec"]["template"]["spec"]["containers"][0]
    rules = tools.get("-n", "saker", "cm/saker-rules")["data"]
    check("image and rules are the new ones",
          sensor["image"] == "registry.example/security/saker:0.1.0-build" and
          "A file of ours" in rules.get("mine.yaml", ""), f"{sensor} {rules}")
    status, said = tools.helm(*everything, "--set", "metrics.port=70000")
    check("wrong values change nothing", status == 1 and "maximum" in said and
          "Service/saker-metrics" in tools.named("saker"), said)
    status, said = tools.helm(*everything, "-f", VALUES + "least.yaml")
    check("helm upgrades it to the least", status == 0 and "ServiceAccount/saker" not in
          tools.named("saker") and "Service/saker-metrics" not in tools.named("saker"),
          f"{said} {tools.named('saker')}")
    status, said = tools.helm("rollback", "saker", "1", "-n", "saker")
    check("helm rolls it back", status == 0 and tools.named("saker") == first,
          f"{said} {tools.named('saker')}")
    status, said = tools.helm("uninstall", "saker", "-n", "saker")
    check("helm uninstalls it, and nothing is left",
          status == 0 and tools.named("saker") == [], f"{said} {tools.named('saker')}")
    cluster.delete_namespace("saker")
    cluster.finish_namespace("saker")


def manifests(tools, cluster, check):
    cluster.until(lambda: cluster.ask("GET", "/api/v1/namespaces/saker")[0] == 404)
    cluster.make_namespace("saker")
    for what, where in (("the manifests", ("-f", "tools/manifests/saker.yaml")),
                        ("the kustomization", ("-k", "tools/manifests"))):
        status, said = tools.kubectl("apply", "--server-side", "--dry-run=server", *where)
        check(f"{what}: the server takes them", status == 0 and "DaemonSet" not in
              str(tools.get("-n", "saker", "ds")), said)
        status, said = tools.kubectl("apply", "--server-side", "--force-conflicts", *where)
        check(f"{what}: they are applied", status == 0 and
              tools.get("-n", "saker", "ds/saker") != {}, said)
        status, said = tools.kubectl("diff", "--server-side", *where)
        check(f"{what}: a second time changes nothing", status == 0, said)
        status, said = tools.kubectl("apply", *where)
        check(f"{what}: the plain command takes them", status == 0, said)
        space = tools.get("ns/saker")["metadata"]["labels"]
        check(f"{what}: the namespace allows privileged pods",
              space.get("pod-security.kubernetes.io/enforce") == "privileged", str(space))
        status, said = tools.kubectl("delete", "--wait=false", *where)
        cluster.finish_namespace("saker")
        check(f"{what}: they are deleted", status == 0 and
              tools.get("-n", "saker", "ds").get("items") == [], said)
        cluster.until(lambda: cluster.ask("GET", "/api/v1/namespaces/saker")[0] == 404)
        cluster.make_namespace("saker")
    cluster.delete_namespace("saker")
    cluster.finish_namespace("saker")


ALL = (dry_runs, pod_is_taken, release, manifests)

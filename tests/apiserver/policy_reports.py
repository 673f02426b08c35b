# SPDX-License-Identifier: Apache-2.0
"""The output `policyreport`, with the account that the chart makes for it."""
import os
import subprocess
import time

import definitions

GROUP = "/apis/wgpolicyk8s.io/v1alpha2/"
SAKER = os.path.join(os.environ.get("PROGRAMS", "build"), "saker")
# What a name in an alert can hold, and YAML, which the server reads, does not allow as it is.
STRANGE = "\x7f\x9b\u0085\u2028\u2029\ufeff\ufffe\uffff\U0001f600\" \\ : # \t\n{"


class Output:
    """An output of this type; send() is what a sensor on the node `name` does with one alert."""

    def __init__(self, cluster, token, name="node-1"):
        self.cluster, self.name = cluster, name
        self.token_file = cluster.path("token")
        with open(self.token_file, "w") as file:
            file.write(token)

    def send(self, more="", space=None, **fields):
        if space:
            fields.update({"k8s.ns.name": space, "k8s.pod.name": "web-0"})
        path = self.cluster.path("saker.toml")
        with open(path, "w") as file:
            file.write(f'[stdout_output]\nenabled = false\n[[output]]\ntype = "policyreport"\n'
                       f'apiserver = "{self.cluster.url}"\ncacertfile = "{self.cluster.ca}"\n'
                       f'tokenfile = "{self.token_file}"\n{more}\n[output.customfields]\n')
            for key, value in fields.items():
                file.write(f'"{key}" = "{escaped(value)}"\n')
        done = subprocess.run([SAKER, "outputs", "test", "-c", path], capture_output=True,
                              timeout=120, env=dict(os.environ, FALCO_HOSTNAME=self.name))
        return done.returncode, (done.stdout + done.stderr).decode()

    def report(self, space=None):
        """As the server has it; {} if it has none."""
        folder = f"namespaces/{space}/policyreports/" if space else "clusterpolicyreports/"
        status, report = self.cluster.ask("GET", f"{GROUP}{folder}saker-{self.name}")
        return report if status == 200 else {}


def escaped(text):
    return "".join(c if " " <= c <= "~" and c not in '"\\' else f"\\U{ord(c):08x}" for c in text)


def account(tools, cluster, check):
    """The output of the chart's account, in the namespace `watch`."""
    values = "tests/kubernetes/values/reports.yaml"
    status, said = tools.helm("install", "saker", "tools/chart", "-n", "watch",
                              "--create-namespace", "-f", values)
    check("helm installs the chart with reports", status == 0 and
          {"ClusterRole/saker-watch", "ClusterRoleBinding/saker-watch"} <=
          set(tools.named("saker")), f"{said} {tools.named('saker')}")
    output = Output(cluster, cluster.account_token("watch", "saker"))
    status, said = output.send()
    check("policyreport: no resource of that name: said, with its group",
          status == 1 and "404" in said and "v1alpha2 is not installed" in said, said)
    definitions.policy_reports(cluster)
    status, said = Output(cluster, cluster.account_token("default", make_account(cluster))).send()
    check("policyreport: an account without the role: 403, with its name", status == 1 and
          "403" in said and "system:serviceaccount:default:stranger" in said, said)
    output = Output(cluster, cluster.account_token("watch", "saker"))
    status, said = output.send()
    check("policyreport: the chart's account may", status == 0, said)
    return output


def make_account(cluster):
    cluster.create("/api/v1/namespaces/default/serviceaccounts", {"metadata": {"name": "stranger"}})
    return "stranger"


def rights(cluster, check):
    """The account may what the output does, and no more."""
    may = set()
    for group, resource in (("wgpolicyk8s.io", "policyreports"),
                            ("wgpolicyk8s.io", "clusterpolicyreports"), ("", "pods"),
                            ("", "secrets"), ("", "nodes"), ("", "namespaces"),
                            ("apps", "daemonsets"), ("", "configmaps")):
        for verb in ("get", "list", "watch", "create", "patch", "update", "delete"):
            answer = cluster.create("/apis/authorization.k8s.io/v1/subjectaccessreviews", {
                "spec": {"user": "system:serviceaccount:watch:saker", "resourceAttributes": {
                    "group": group, "resource": resource, "verb": verb, "namespace": "default"}}})
            if answer["status"]["allowed"]:
                may.add((resource, verb))
    check("the account may get, create and patch reports, and nothing else",
          may == {(r, v) for r in ("policyreports", "clusterpolicyreports")
                  for v in ("get", "create", "patch")}, str(may))


def contents(output, check):
    report = output.report()
    result = report.get("results", [{}])[0]
    managers = {(m["manager"], m["operation"]) for m in report["metadata"]["managedFields"]}
    check("policyreport: the cluster's report", report.get("kind") == "ClusterPolicyReport" and
          result["policy"] == "Test rule" and result["result"] == "skip" and
          result["properties"]["hostname"] == "node-1" and report["summary"]["skip"] == 1 and
          abs(result["timestamp"]["seconds"] - time.time()) < 300 and
          managers == {("saker", "Apply")}, str(report))
    output.send()
    check("policyreport: what it contains already stays", len(output.report()["results"]) == 2)
    output.send("maxevents = 2")
    check("policyreport: and no more than maxevents",
          len(output.report()["results"]) == 2 and output.report()["summary"]["skip"] == 2,
          str(output.report()))
    status, said = output.send("maxevents = 1", strange=STRANGE)
    found = output.report()["results"][0]["properties"].get("strange")
    check("policyreport: every character arrives as it is",
          status == 0 and found == STRANGE, f"{said} {found!r}")
    other = Output(output.cluster, open(output.token_file).read(), "Node_2.example")
    status, said = other.send()
    other.name = "node-2.example"
    check("policyreport: another node has a report of its own, with a name that is valid",
          status == 0 and len(other.report().get("results", [])) == 1 and
          len(output.report()["results"]) == 1, said)


def full(output, check):
    """1 MiB of results, and what the server adds, are still taken by etcd."""
    for _ in range(20):
        status, said = output.send(much="x" * 60_000)
        if status != 0:
            break
    report = output.report()
    check("policyreport: a full report is taken, and loses its oldest results", status == 0 and
          10 < len(report["results"]) < 19 and
          report["summary"]["skip"] == len(report["results"]),
          f"{said} {len(report.get('results', []))}")


def replaced(output, check):
    cluster, path = output.cluster, GROUP + "clusterpolicyreports/saker-node-1"
    cluster.ask("DELETE", path)
    status, said = output.send()
    check("policyreport: one that was deleted is made again",
          status == 0 and len(output.report()["results"]) == 1, said)
    report = output.report()
    report["metadata"]["labels"]["team"] = "blue"
    report["results"].append({"policy": "another tool's", "result": "pass"})
    cluster.ask("PUT", path, report)
    status, said = output.send()
    report = output.report()
    check("policyreport: another's label and results stay", status == 0 and
          report["metadata"]["labels"].get("team") == "blue" and
          [r["policy"] for r in report["results"]] ==
          ["Test rule", "another tool's", "Test rule"], f"{said} {report}")


def namespaces(output, check):
    cluster = output.cluster
    for name in ("shop", "ending"):
        cluster.make_namespace(name)
        status, said = output.send(space=name)
        report = output.report(name)
        check(f"policyreport: the namespace {name} has its own",
              status == 0 and report.get("kind") == "PolicyReport" and
              report["results"][0]["resources"][0]["name"] == "web-0" and
              report["results"][0]["resources"][0]["namespace"] == name, f"{said} {report}")

    def in_cluster(what, name):
        before = len(output.report()["results"])
        status, said = output.send(space=name)
        results = output.report()["results"]
        check(f"policyreport: {what}: the cluster's report", status == 0 and
              len(results) == before + 1 and
              results[-1]["properties"]["k8s.ns.name"] == name, f"{said} {results[-1:]}")
    in_cluster("a namespace that never was", "never")
    cluster.delete_namespace("ending")
    cluster.ask("DELETE", f"{GROUP}namespaces/ending/policyreports/saker-node-1")
    in_cluster("a namespace that is being deleted", "ending")
    cluster.finish_namespace("ending")
    cluster.until(lambda: cluster.ask("GET", "/api/v1/namespaces/ending")[0] == 404)
    in_cluster("a namespace that is gone", "ending")
    cluster.make_namespace("ending")
    status, said = output.send(space="ending")
    check("policyreport: a namespace that was made again has its own",
          status == 0 and len(output.report("ending").get("results", [])) == 1, said)


def refusals(output, cluster, check):
    status, said = output.send('checkcert = true\ncertfile = "/nowhere"\nkeyfile = "/nowhere"')
    check("policyreport: a certificate that is missing is said",
          status == 1 and "/nowhere" in said, said)
    right, output.cluster.ca = cluster.ca, "/etc/ssl/certs/ca-certificates.crt"
    status, said = output.send()
    cluster.ca = right
    check("policyreport: a server that another authority vouches for is refused",
          status == 1 and "certificate" in said, said)
    with open(output.token_file, "w") as file:
        file.write("not.a.token")
    status, said = output.send()
    check("policyreport: a token that is no longer valid: 401",
          status == 1 and "401" in said, said)


def reports(tools, cluster, check):
    output = account(tools, cluster, check)
    rights(cluster, check)
    contents(output, check)
    full(output, check)
    replaced(output, check)
    namespaces(output, check)
    refusals(output, cluster, check)
    status, said = tools.helm("uninstall", "saker", "-n", "watch")
    check("helm uninstalls the role too", status == 0 and tools.named("saker") == [],
          f"{said} {tools.named('saker')}")


ALL = (reports,)

# SPDX-License-Identifier: Apache-2.0
"""PolicyReports in a server of the test that keeps objects as Kubernetes does."""
import json
import os
import re
import time
from urllib.parse import parse_qs, urlsplit

from servers import Http


class Kubernetes:
    """Keeps objects as a server of Kubernetes does: server-side apply creates and replaces."""

    def __init__(self, spaces=("default",)):
        self.objects, self.spaces, self.got = {}, spaces, []
        self.http = Http(self.answer)
        self.url = self.http.url

    def answer(self, request):
        method, target, headers, body = request
        parts = urlsplit(target)
        space = re.fullmatch(r"/apis/wgpolicyk8s\.io/v1alpha2/"
                             r"(?:namespaces/([^/]+)/policyreports|clusterpolicyreports)/([^/]+)",
                             parts.path)
        if headers.get("Authorization") != "Bearer pod":
            return 401, {}, b"{}"
        if not space or (space[1] and space[1] not in self.spaces):
            missing = f'namespaces "{space and space[1]}" not found'
            return 404, {}, json.dumps({"message": missing}).encode()
        if method == "GET":
            found = self.objects.get(parts.path)
            return (200, {}, json.dumps(found).encode()) if found else (404, {}, b"{}")
        sent = json.loads(body)
        if method != "PATCH" or headers["Content-Type"] != "application/apply-patch+yaml" or \
                sent["metadata"]["name"] != space[2] or \
                parse_qs(parts.query) != {"fieldManager": ["saker"], "force": ["true"]} or \
                sent["metadata"].get("namespace") != space[1]:
            return 400, {}, b"{}"
        self.objects[parts.path] = sent
        return 200, {}, body


def policy_report(send, check, directory):
    cluster = Kubernetes()
    token = os.path.join(directory, "pod-token")
    with open(token, "w") as file:
        file.write("pod\n")
    settings = f'type = "policyreport"\napiserver = "{cluster.url}"\ntokenfile = "{token}"\n'
    space = 'customfields = { "k8s.ns.name" = "SPACE", "k8s.pod.name" = "web-0" }\n'
    status, said = send(settings)
    report = next(iter(cluster.objects.values()), {})
    results = report.get("results", [{}])
    check("policyreport: the cluster's report is made", status == 0 and
          report["kind"] == "ClusterPolicyReport" and
          report["metadata"]["name"].startswith("saker-") and len(results) == 1 and
          results[0]["policy"] == "Test rule" and results[0]["result"] == "skip" and
          results[0]["severity"] == "info" and
          results[0]["properties"]["user.name"] == "root" and
          abs(results[0]["timestamp"]["seconds"] - time.time()) < 60 and
          report["summary"]["skip"] == 1, f"{said} {report}")
    send(settings)
    check("policyreport: what it contains already stays",
          len(next(iter(cluster.objects.values()))["results"]) == 2, str(cluster.objects))
    send(settings + "maxevents = 2\n")
    report = next(iter(cluster.objects.values()))
    check("policyreport: and no more than maxevents",
          len(report["results"]) == 2 and report["summary"]["skip"] == 2, str(report))
    send(settings + space.replace("SPACE", "default"))
    mine = [one for path, one in cluster.objects.items() if "/namespaces/default/" in path]
    check("policyreport: a namespace has its own",
          len(mine) == 1 and mine[0]["kind"] == "PolicyReport" and
          mine[0]["results"][0]["resources"][0]["name"] == "web-0", str(cluster.objects))
    for gone in ("gone", "../../x"):
        status, said = send(settings + space.replace("SPACE", gone))
        report = next(one for path, one in cluster.objects.items() if "/namespaces/" not in path)
        check(f"policyreport: the namespace {gone} is not there: the cluster's report",
              status == 0 and
              report["results"][-1]["properties"]["k8s.ns.name"] == gone, f"{said} {report}")
    with open(token, "w") as file:
        file.write("old")
    status, said = send(settings)
    check("policyreport: an old token is said", status == 1 and "401" in said, said)


ALL = (policy_report,)

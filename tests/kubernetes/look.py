#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""look FOLDER < MANIFESTS: what the manifests ask of a cluster. Prints results, writes saker.toml,
the rules and the sensor's arguments into FOLDER."""
import os
import sys

import yaml

folder = sys.argv[1]
documents = [d for d in yaml.safe_load_all(sys.stdin) if d]


def check(name, condition):
    print(f"{'ok' if condition else 'not ok'} - {name}")


def only(kind, name=""):
    found = [d for d in documents if d["kind"] == kind and d["metadata"]["name"].endswith(name)]
    assert len(found) == 1, (kind, name, len(found))
    return found[0]


pod = only("DaemonSet")["spec"]["template"]["spec"]
containers = {c["name"]: c for c in pod.get("initContainers", []) + pod["containers"]}
volumes = {v["name"] for v in pod["volumes"]}
rules = [rule for d in documents if d["kind"] in ("Role", "ClusterRole") for rule in d["rules"]]
tokens = [n for n, c in containers.items() for m in c["volumeMounts"] if m["name"] == "token"]
reports = {"apiGroups": ["wgpolicyk8s.io"], "resources": ["policyreports", "clusterpolicyreports"],
           "verbs": ["get", "create", "patch"]}
pods = [{"apiGroups": [""], "resources": ["pods", "services"], "verbs": ["list", "watch"]},
        {"apiGroups": [""], "resources": ["namespaces"], "verbs": ["get"]},
        {"apiGroups": ["apps"], "resources": ["replicasets", "deployments"], "verbs": ["get"]}]
watches = "--option=kubernetes.enabled=true" in containers["saker"]["args"]
writes = "policyreport" in only("ConfigMap", "-config")["data"]["saker.toml"]
check("a role is asked for only for PolicyReports and the watch of pods, as small as it can be",
      rules == (([reports] if writes else []) + (pods if watches else [])))
check("a token is mounted only for those, and in the sensor",
      pod["automountServiceAccountToken"] is False
      and tokens == (["saker"] if "token" in volumes else [])
      and ("token" in volumes) == bool(rules))
check("the host is named after the node", {"fieldRef": {"fieldPath": "spec.nodeName"}} in
      [e.get("valueFrom") for e in containers["saker"]["env"] if e["name"] == "FALCO_HOSTNAME"])
check("each mount has its volume",
      all(m["name"] in volumes for c in containers.values() for m in c["volumeMounts"]))
check("each container has limits",
      all("memory" in c["resources"]["limits"] for c in containers.values()))
privileged = [n for n, c in containers.items() if c["securityContext"].get("privileged")]
check("only the sensor is privileged", privileged == ["saker"])
check("the host's root is read-only wherever it is mounted",
      all(m.get("readOnly") for c in containers.values() for m in c["volumeMounts"]
          if m["name"] == "host"))
check("it runs on every node", {"operator": "Exists"} in pod["tolerations"])
check("the selector names the pods", only("DaemonSet")["spec"]["selector"]["matchLabels"].items()
      <= only("DaemonSet")["spec"]["template"]["metadata"]["labels"].items())
os.makedirs(f"{folder}/custom", exist_ok=True)
open(f"{folder}/saker.toml", "w").write(only("ConfigMap", "-config")["data"]["saker.toml"])
for name, text in only("ConfigMap", "-rules")["data"].items():
    open(f"{folder}/custom/{name}", "w").write(text)
# The container's files lie elsewhere here.
with open(f"{folder}/arguments", "w") as out:
    for argument in containers["saker"]["args"]:
        places = {"/etc/saker/config": folder, "/etc/saker/custom": f"{folder}/custom",
                  "/etc/saker/rules.d": "rules"}
        for there, here in places.items():
            argument = argument.replace(there, here)
        print(argument, file=out)

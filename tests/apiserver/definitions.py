# SPDX-License-Identifier: Apache-2.0
"""The foreign resources that the chart and the output `policyreport` use, with those checks of
their real definitions that concern what Saker writes."""
TEXT, NUMBER, TEXTS = {"type": "string"}, {"type": "integer"}, {
    "type": "object", "additionalProperties": {"type": "string"}}


def of(properties, required=()):
    out = {"type": "object", "properties": properties}
    return dict(out, required=list(required)) if required else out


def items(schema):
    return {"type": "array", "items": schema}


RESULT = of({
    "policy": TEXT, "source": TEXT, "scored": {"type": "boolean"}, "message": TEXT,
    "result": {"type": "string", "enum": ["pass", "fail", "warn", "error", "skip"]},
    "severity": {"type": "string", "enum": ["critical", "high", "low", "medium", "info"]},
    "properties": TEXTS,
    "timestamp": of({"nanos": {"type": "integer", "format": "int32"},
                     "seconds": {"type": "integer", "format": "int64"}}, ["nanos", "seconds"]),
    "resources": items(of({key: TEXT for key in ("apiVersion", "kind", "name", "namespace")})),
}, ["policy"])
REPORT = of({"summary": of({key: NUMBER for key in ("pass", "fail", "warn", "error", "skip")}),
             "results": items(RESULT)})
MONITOR = of({"spec": of({
    "selector": of({"matchLabels": TEXTS}),
    "endpoints": items(of({"port": TEXT, "path": TEXT, "interval": {
        "type": "string", "pattern": "^[0-9]+(ms|s|m|h)$"}}))}, ["endpoints", "selector"])})
LIST = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"


def define(cluster, group, version, kind, scope, schema):
    """Defines the resource, and waits until the server has it."""
    plural = kind.lower() + "s"
    cluster.create(LIST, {"metadata": {"name": f"{plural}.{group}"}, "spec": {
        "group": group, "scope": scope,
        "names": {"kind": kind, "plural": plural, "singular": kind.lower()},
        "versions": [{"name": version, "served": True, "storage": True,
                      "schema": {"openAPIV3Schema": schema}}]}})
    cluster.until(lambda: cluster.ask("GET", f"/apis/{group}/{version}/{plural}")[0] == 200)


def service_monitors(cluster):
    define(cluster, "monitoring.coreos.com", "v1", "ServiceMonitor", "Namespaced", MONITOR)


def policy_reports(cluster):
    group = ("wgpolicyk8s.io", "v1alpha2")
    define(cluster, *group, "PolicyReport", "Namespaced", REPORT)
    define(cluster, *group, "ClusterPolicyReport", "Cluster", REPORT)

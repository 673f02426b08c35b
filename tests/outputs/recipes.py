# SPDX-License-Identifier: Apache-2.0
"""What each output over HTTP must send according to the API that its service documents: settings,
method, path, headers and the content of the body. SERVER stands for the test's server."""
import base64
import hashlib
import hmac
import json
import re
from urllib.parse import parse_qs

import parquet

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
BASIC = {"Authorization": "Basic " + base64.b64encode(b"u:p w").decode()}
ARN = "arn:aws:sns:eu-west-1:123456789012:t"
AWS = ('region = "eu-west-1"\naccesskeyid = "AKIDEXAMPLE"\nsecretaccesskey = "SECRET"\n'
       'endpoint = "SERVER"\n')


def signed(service):
    return {"Authorization": re.compile(
        r"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/\d{8}/eu-west-1/" + service +
        r"/aws4_request, *SignedHeaders=[a-z0-9;-]*host;[a-z0-9;-]*x-amz-date[a-z0-9;-]*, "
        r"*Signature=[0-9a-f]{64}$")}


def signature_holds(method, path, headers, body):
    """Whether Amazon's signature, version 4, is the one that the server computes itself."""
    headers = {name.lower(): value.strip() for name, value in headers.items()}
    found = re.match(r".*Credential=[^/]+/(\d{8})/([^/]+)/([^/]+)/aws4_request, "
                     r"*SignedHeaders=([^,]+), *Signature=(\w+)",
                     headers["authorization"])
    day, region, service, names, signature = found.groups()
    digest = headers.get("x-amz-content-sha256", hashlib.sha256(body).hexdigest())
    path, _, query = path.partition("?")
    lines = [f"{name}:{headers[name]}" for name in names.split(";")]
    canonical = "\n".join([method, path, query, *lines, "", names, digest])
    scope = f"{day}/{region}/{service}/aws4_request"
    text = "\n".join(["AWS4-HMAC-SHA256", headers["x-amz-date"], scope,
                      hashlib.sha256(canonical.encode()).hexdigest()])
    key = b"AWS4SECRET"
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.new(key, text.encode(), "sha256").hexdigest() == signature


def is_event(event):
    """Falco's alert with the additions of Falcosidekick."""
    return (UUID.fullmatch(event["uuid"]) and event["rule"] == "Test rule" and
            event["priority"] == "Debug" and
            event["output"].endswith("Debug Test of an output by saker outputs test") and
            event["source"] == "internal" and
            event["output_fields"] == {"proc.name": "saker", "test": True, "user.name": "root"} and
            re.match(r"\d{4}-\d\d-\d\dT.*Z$", event["time"]) and event["tags"] == [])


def event(body):
    return is_event(json.loads(body))


def finding(body):
    """A security finding of OCSF, in Parquet."""
    if body[:4] != b"PAR1" or body[-4:] != b"PAR1":
        return False
    table = parquet.read(body)
    if table is None:
        return True
    row = table["rows"][0]
    return (table["num_rows"] == len(table["rows"]) == 1 and set(table["codecs"]) == {"ZSTD"} and
            row["class_uid"] == 2001 and row["type_uid"] == 200101 and row["time"] > 1.7e12 and
            row["severity_id"] == 1 and row["severity"] == "Informational" and
            row["finding"]["title"] == "Test rule" and UUID.fullmatch(row["finding"]["uid"]) and
            row["metadata"]["product"] == {"name": "Saker", "vendor_name": "Saker"} and
            row["metadata"]["version"] == "1.0.0" and event(row["raw_data"]))


def of_json(condition):
    return lambda body: condition(json.loads(body))


def attachment(body):
    one = body["attachments"][0]
    return (body["username"] == "Saker" and "Test of an output" in one["text"] and
            one["color"] == "#ccfff2" and
            {"title": "rule", "value": "Test rule", "short": True} in one["fields"] and
            {"title": "user.name", "value": "root", "short": True} in one["fields"])


def bulk(body):
    action, document, end = body.split(b"\n")
    index, document = json.loads(action)["index"], json.loads(document)
    return (end == b"" and re.fullmatch(r"falco-\d{4}\.\d\d\.\d\d", index["_index"]) and
            index["_id"] == document["uuid"] and
            document["@timestamp"] == document["time"] and is_event(document))


def form(**wanted):
    def check(body):
        values = parse_qs(body.decode(), strict_parsing=True)
        got = {name: these[0] for name, these in values.items()}
        return all(condition(got[name]) if callable(condition) else got[name] == condition
                   for name, condition in wanted.items()) and set(got) == set(wanted)
    return check


def attributes(items):
    return {item["key"]: item["value"]["stringValue"] for item in items}


def otlp_log(body):
    resource = body["resourceLogs"][0]
    record = resource["scopeLogs"][0]["logRecords"][0]
    return (attributes(resource["resource"]["attributes"])["service.name"] == "saker" and
            record["severityNumber"] == 5 and re.fullmatch(r"\d{19}", record["timeUnixNano"]) and
            "Test of an output" in record["body"]["stringValue"] and
            attributes(record["attributes"])["user.name"] == "root")


def otlp_span(body):
    span = body["resourceSpans"][0]["scopeSpans"][0]["spans"][0]
    return (re.fullmatch(r"[0-9a-f]{32}", span["traceId"]) and
            re.fullmatch(r"[0-9a-f]{16}", span["spanId"]) and
            span["name"] == "Test rule" and attributes(span["attributes"])["priority"] == "Debug")


def otlp_metric(body):
    metric = body["resourceMetrics"][0]["scopeMetrics"][0]["metrics"][0]
    point = metric["sum"]["dataPoints"][0]
    return (metric["sum"]["aggregationTemporality"] == 1 and
            metric["sum"]["isMonotonic"] is True and
            point["asInt"] == "1" and attributes(point["attributes"])["rule"] == "Test rule")


def kinesis(body):
    return (body["StreamName"] == "s" and UUID.fullmatch(body["PartitionKey"]) and
            event(base64.b64decode(body["Data"])))


HOOK = 'webhookurl = "SERVER/hook"\n'
HOSTPORT = 'hostport = "SERVER"\n'
PLAIN = [
    # type, settings, method, path (a pattern), headers, body
    ("http", 'url = "SERVER/in"\n', "POST", "/in",
     {"User-Agent": re.compile(r"saker/"), "Content-Type": "application/json"},
     of_json(lambda e: e["rule"] == "Test rule" and "uuid" not in e)),
    ("webhook", 'address = "SERVER/in"\nmethod = "PUT"\ncustomheaders = { X-A = "b" }\n', "PUT",
     "/in", {"X-A": "b"}, event),
    ("slack", HOOK + 'channel = "#x"\n', "POST", "/hook", {}, of_json(
        lambda b: attachment(b) and b["channel"] == "#x")),
    ("rocketchat", HOOK, "POST", "/hook", {}, of_json(attachment)),
    ("mattermost", HOOK, "POST", "/hook", {}, of_json(attachment)),
    ("teams", HOOK, "POST", "/hook", {}, of_json(
        lambda b: b["@type"] == "MessageCard" and
        {"name": "user.name", "value": "root"} in b["sections"][0]["facts"])),
    ("webex", HOOK, "POST", "/hook", {}, of_json(
        lambda b: b["markdown"].startswith("**Debug: Test rule**\n"))),
    ("discord", HOOK, "POST", "/hook", {}, of_json(
        lambda b: b["allowed_mentions"] == {"parse": []} and b["embeds"][0]["color"] == 13434866 and
        {"name": "user.name", "value": "root", "inline": True} in b["embeds"][0]["fields"])),
    ("googlechat", HOOK, "POST", "/hook", {}, of_json(
        lambda b: {"keyValue": {"topLabel": "user.name", "content": "root"}}
        in b["cards"][0]["sections"][0]["widgets"])),
    ("cliq", HOOK, "POST", "/hook", {}, of_json(
        lambda b: {"field": "user.name", "value": "root"} in b["slides"][1]["data"]["rows"])),
    ("telegram", 'endpoint = "SERVER"\ntoken = "1:x"\nchatid = "-5"\n', "POST",
     "/bot1:x/sendMessage", {}, of_json(
         lambda b: b["chat_id"] == "-5" and b["parse_mode"] == "MarkdownV2" and
         "*user\\.name*: root" in b["text"])),
    ("datadog", 'host = "SERVER"\napikey = "k"\n', "POST", "/api/v1/events", {"DD-API-KEY": "k"},
     of_json(lambda b: b["alert_type"] == "info" and "user.name:root" in b["tags"] and
             b["title"] == "Test rule")),
    ("datadoglogs", 'host = "SERVER"\napikey = "k"\n', "POST", "/api/v2/logs",
     {"DD-API-KEY": "k"}, of_json(
        lambda b: b[0]["ddsource"] == "saker" and event(b[0]["message"]))),
    ("dynatrace", 'apiurl = "SERVER/api"\napitoken = "k"\n', "POST", "/api/v2/logs/ingest",
     {"Authorization": "Api-Token k", "Content-Type": "application/json; charset=utf-8"}, of_json(
         lambda b: b[0]["severity"] == "debug" and b[0]["user.name"] == "root")),
    ("influxdb", HOSTPORT + 'user = "u"\npassword = "p w"\n', "POST",
     r"/write\?db=falco&precision=ns", BASIC,
     lambda b: re.fullmatch(rb'events,rule=Test\\ rule,priority=Debug,source=internal,'
                            rb'hostname=\S+ value=".* test",uuid=".*",'
                            rb'.*user\.name="root" \d{19}\n', b)),
    ("influxdb", HOSTPORT + 'organization = "o x"\ntoken = "t"\n', "POST",
     r"/api/v2/write\?org=o%20x&bucket=falco&precision=ns", {"Authorization": "Token t"},
     lambda b: b.startswith(b"events,")),
    ("wavefront", 'endpointhost = "SERVER"\nendpointtoken = "t"\n', "POST", r"/report\?f=wavefront",
     {"Authorization": "Bearer t"},
     lambda b: re.fullmatch(rb'"falco\.alert" 1 \d{10} source=".*" severity="Debug" '
                            rb'rule="Test rule" .*\n', b)),
    ("alertmanager", HOSTPORT + 'extralabels = { site = "b" }\n', "POST", "/api/v2/alerts", {},
     of_json(
        lambda b: b[0]["labels"]["alertname"] == "Test rule" and b[0]["labels"]["site"] == "b" and
        b[0]["annotations"]["user_name"] == "root" and
        b[0]["labels"]["severity"] == "information")),
    ("opsgenie", 'endpoint = "SERVER"\napikey = "k"\n', "POST", "/v2/alerts",
     {"Authorization": "GenieKey k"}, of_json(
         lambda b: b["message"] == "Test rule" and b["priority"] == "P5" and
         b["details"]["user.name"] == "root")),
    ("pagerduty", 'endpoint = "SERVER"\nroutingkey = "k"\n', "POST", "/v2/enqueue", {}, of_json(
        lambda b: b["routing_key"] == "k" and b["event_action"] == "trigger" and
        b["payload"]["severity"] == "info" and
        b["payload"]["custom_details"]["test"] is True)),
    ("grafana", HOSTPORT + 'apikey = "k"\ndashboardid = 3\nallfieldsastags = true\n', "POST",
     "/api/annotations",
     {"Authorization": "Bearer k"}, of_json(
         lambda b: b["dashboardId"] == 3 and "panelId" not in b and
         "user.name:root" in b["tags"] and b["time"] > 1.7e12)),
    ("grafanaoncall", HOOK, "POST", "/hook", {}, of_json(
        lambda b: UUID.fullmatch(b["alert_uid"]) and b["state"] == "alerting")),
    ("elasticsearch", HOSTPORT + 'username = "u"\npassword = "p w"\n', "POST", "/_bulk",
     {"Content-Type": "application/x-ndjson", **BASIC}, bulk),
    ("opensearch", HOSTPORT + 'pipeline = "a b"\n', "POST", r"/_bulk\?pipeline=a%20b", {}, bulk),
    ("loki", HOSTPORT + 'tenant = "t"\nextralabels = ["user.name"]\n', "POST",
     "/loki/api/v1/push", {"X-Scope-OrgID": "t"}, of_json(
        lambda b: b["streams"][0]["stream"]["user_name"] == "root" and
        re.fullmatch(r"\d{19}", b["streams"][0]["values"][0][0]))),
    ("zincsearch", HOSTPORT + 'username = "u"\npassword = "p w"\n', "POST",
     "/api/falco/_doc", BASIC, event),
    ("openobserve", HOSTPORT, "POST", "/api/default/falco/_json", {}, of_json(
        lambda b: is_event({k: v for k, v in b[0].items() if k != "_timestamp"}) and
        b[0]["_timestamp"] > 1.7e15)),
    ("sumologic", 'receiverurl = "SERVER/r"\nsourcecategory = "c"\n', "POST", "/r",
     {"X-Sumo-Category": "c"}, event),
    ("quickwit", HOSTPORT, "POST", "/api/v1/falco/ingest", {}, event),
    ("splunk", 'host = "SERVER"\ntoken = "t"\n', "POST", "/services/collector/event",
     {"Authorization": "Splunk t"}, of_json(
        lambda b: b["sourcetype"] == "saker:alert" and is_event(b["event"]))),
    ("kafkarest", 'address = "SERVER/topics/t"\n', "POST", "/topics/t",
     {"Content-Type": "application/vnd.kafka.binary.v2+json"}, of_json(
         lambda b: event(base64.b64decode(b["records"][0]["value"])))),
    ("gotify", HOSTPORT + 'token = "t"\n', "POST", "/message", {"X-Gotify-Key": "t"}, of_json(
        lambda b: b["priority"] == 1 and event(b["message"]))),
    ("nodered", 'address = "SERVER/x"\nuser = "u"\npassword = "p w"\n', "POST", "/x", BASIC, event),
    ("n8n", 'address = "SERVER/x"\nheaderauthname = "X-T"\nheaderauthvalue = "v"\n', "POST", "/x",
     {"X-T": "v"}, event),
    ("webui", 'url = "SERVER"\n', "POST", "/api/v1/", {}, of_json(
        lambda b: is_event(b["event"]) and b["outputs"] == ["saker"])),
    ("talon", 'address = "SERVER/t"\n', "POST", "/t", {}, event),
    ("cloudevents", 'address = "SERVER/b"\nextensions = { Team = "x" }\n', "POST", "/b",
     {"Content-Type": "application/cloudevents+json"}, of_json(
         lambda b: b["specversion"] == "1.0" and b["team"] == "x" and is_event(b["data"]) and
         b["id"] == b["data"]["uuid"])),
    ("openfaas", 'endpoint = "SERVER"\nfunctionname = "f"\n', "POST",
     "/function/f.openfaas-fn", {}, event),
    ("fission", 'endpoint = "SERVER"\nfunction = "f"\n', "POST", "/fission-function/f",
     {"event-type": "falco"}, event),
    ("kubeless", 'endpoint = "SERVER/"\nfunction = "f"\n', "POST", "/",
     {"event-namespace": "kubeless"}, event),
    ("tekton", 'eventlistener = "SERVER/"\n', "POST", "/", {}, event),
    ("gcpcloudrun", 'endpoint = "SERVER/r"\njwt = "j"\n', "POST", "/r",
     {"Authorization": "Bearer j"}, event),
    ("otlplogs", 'endpoint = "SERVER"\n', "POST", "/v1/logs",
     {"Content-Type": "application/json"}, of_json(otlp_log)),
    ("otlptraces", 'endpoint = "SERVER"\n', "POST", "/v1/traces", {}, of_json(otlp_span)),
    ("otlpmetrics", 'endpoint = "SERVER"\n', "POST", "/v1/metrics", {}, of_json(otlp_metric)),
    ("awssqs", 'url = "http://q/1"\n' + AWS, "POST", "/", signed("sqs"),
     form(Action="SendMessage", Version="2012-11-05", QueueUrl="http://q/1", MessageBody=event)),
    ("awssns", f'topicarn = "{ARN}"\nsessiontoken = "st"\n' + AWS, "POST", "/",
     {"X-Amz-Security-Token": "st", **signed("sns")},
     form(Action="Publish", Version="2010-03-31", TopicArn=ARN, Message=event)),
    ("awslambda", 'functionname = "f"\n' + AWS, "POST", "/2015-03-31/functions/f/invocations",
     {"X-Amz-Invocation-Type": "RequestResponse", **signed("lambda")}, event),
    ("awskinesis", 'streamname = "s"\n' + AWS, "POST", "/",
     {"X-Amz-Target": "Kinesis_20131202.PutRecord", **signed("kinesis")}, of_json(kinesis)),
    ("yandexdatastreams", 'streamname = "s"\n' + AWS, "POST", "/",
     {"X-Amz-Target": "Kinesis_20131202.PutRecord", **signed("kinesis")}, of_json(kinesis)),
    ("awscloudwatchlogs", 'loggroup = "g"\nlogstream = "s"\n' + AWS, "POST", "/",
     {"X-Amz-Target": "Logs_20140328.PutLogEvents", **signed("logs")}, of_json(
         lambda b: b["logGroupName"] == "g" and b["logEvents"][0]["timestamp"] > 1.7e12 and
         event(b["logEvents"][0]["message"]))),
    ("awss3", 'bucket = "b"\n' + AWS, "PUT",
     r"/b/falco/\d{4}-\d\d-\d\d/debug/\d{19}-[0-9a-f-]{36}\.json",
     {"X-Amz-Content-Sha256": "UNSIGNED-PAYLOAD", **signed("s3")}, event),
    ("awssecuritylake", 'bucket = "b"\nprefix = "ext/s"\naccountid = "12"\n' + AWS, "PUT",
     r"/b/ext/s/region%3Deu-west-1/accountId%3D12/eventDay%3D\d{8}/\d{19}-[0-9a-f-]{36}\.parquet",
     {"X-Amz-Content-Sha256": "UNSIGNED-PAYLOAD", **signed("s3")}, finding),
    ("yandexs3", 'bucket = "b"\n' + AWS, "PUT", r"/b/falco/\d{4}-.*\.json", signed("s3"), event),
]

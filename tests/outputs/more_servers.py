# SPDX-License-Identifier: Apache-2.0
"""Real servers that are large or come from npm: make test-servers."""
import base64
import json
import os
import socket
import subprocess
from urllib.parse import quote
from urllib.request import Request, urlopen

import npm
import parquet
from protocols import free_port, server, skip
from recipes import is_event
from servers import await_

NPM = {"s3rver": "s3rver@3", "kinesalite": "kinesalite@3", "statsd": "statsd@0.9"}
KEYS = 'accesskeyid = "S3RVER"\nsecretaccesskey = "S3RVER"\nregion = "us-east-1"\n'


def package(name):
    """Its directory; None if it cannot be fetched."""
    kept = npm.install(name, NPM[name])
    return kept and os.path.join(kept, "node_modules", name)


def rabbitmq(send, check, directory):
    home, port = os.path.join(directory, "rabbit"), free_port()
    os.makedirs(home)
    with open(os.path.join(home, ".erlang.cookie"), "w") as cookie:
        cookie.write("cookie")
    os.chmod(cookie.name, 0o400)
    with open(os.path.join(home, "plugins"), "w") as plugins:
        plugins.write("[].")
    names = {"HOME": home, "RABBITMQ_NODENAME": "saker@localhost",
             "RABBITMQ_MNESIA_BASE": home + "/m", "RABBITMQ_LOG_BASE": home + "/l",
             "RABBITMQ_ENABLED_PLUGINS_FILE": plugins.name, "RABBITMQ_NODE_PORT": str(port),
             "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1", "RABBITMQ_DIST_PORT": str(free_port()),
             "ERL_EPMD_ADDRESS": "127.0.0.1", "ERL_EPMD_PORT": str(free_port())}
    command = ["env", *(f"{key}={value}" for key, value in names.items()),
               "/usr/lib/rabbitmq/bin/rabbitmq-server"]
    if not os.path.exists(command[-1]) or not server(port, *command, patience=120):
        return skip("RabbitMQ")
    url = f"amqp://guest:guest@127.0.0.1:{port}"
    settings = f'type = "rabbitmq"\nurl = "{url}/"\nqueue = "falco"\n'
    status, said = send(settings)
    check("rabbitmq: the real one has no such queue", status == 1 and "queue" in said, said)
    subprocess.run(["amqp-declare-queue", "-u", url, "-q", "falco"], capture_output=True)
    status, said = send(settings)
    got = subprocess.run(["amqp-get", "-u", url, "-q", "falco"], capture_output=True, text=True)
    check("rabbitmq: the real one has the alert",
          status == 0 and is_event(json.loads(got.stdout or "{}")), said + got.stderr)
    status, said = send(settings.replace("guest:guest", "guest:wrong"))
    check("rabbitmq: the real one refuses a wrong password",
          status == 1 and "refused" in said.lower(), said)


def influxdb(send, check, directory):
    home, port = os.path.join(directory, "influx"), free_port()
    os.makedirs(home)
    path = os.path.join(home, "influxdb.conf")
    with open(path, "w") as file:
        file.write(f'bind-address = "127.0.0.1:{free_port()}"\n[meta]\ndir = "{home}/meta"\n'
                   f'[data]\ndir = "{home}/data"\nwal-dir = "{home}/wal"\n'
                   f'[http]\nbind-address = "127.0.0.1:{port}"\n')
    if not server(port, "influxd", "-config", path, patience=60):
        return skip("InfluxDB")
    url = f"http://127.0.0.1:{port}"

    def ask(text):
        data = f"q={quote(text)}&db=falco".encode()
        with urlopen(Request(url + "/query", data=data)) as answer:
            return json.load(answer)["results"][0]
    settings = f'type = "influxdb"\nhostport = "{url}"\ndatabase = "falco"\n'
    status, said = send(settings)
    check("influxdb: the real one has no such database",
          status == 1 and "database not found" in said, said)
    ask("CREATE DATABASE falco")
    status, said = send(settings)
    series = ask("SELECT * FROM events").get("series", [{}])[0]
    row = dict(zip(series.get("columns", []), series.get("values", [[]])[0]))
    check("influxdb: the real one has the point", status == 0 and row.get("rule") == "Test rule" and
          "Test of an output" in row.get("value", ""), f"{said} {series}")


def s3(send, check, directory):
    program, port = package("s3rver"), free_port()
    if not program or not server(port, "node", program + "/bin/s3rver.js", "-a", "127.0.0.1", "-p",
                                 str(port), "-d", directory + "/s3", "--configure-bucket", "b",
                                 "--silent", patience=60):
        return skip("s3rver")
    endpoint = f'bucket = "b"\nendpoint = "http://127.0.0.1:{port}"\n' + KEYS

    def objects():
        kept = os.path.join(directory, "s3", "b")
        return [os.path.join(where, name) for where, _, names in os.walk(kept) for name in names
                if name.endswith("._S3rver_object")]
    for kind, more, ending, held in (
            ("awss3", "", ".json", lambda body: is_event(json.loads(body))),
            ("yandexs3", "", ".json", lambda body: is_event(json.loads(body))),
            ("awssecuritylake", 'prefix = "ext/s"\naccountid = "12"\n', ".parquet",
             lambda body: (parquet.read(body) or {}).get("num_rows") == 1)):
        before = set(objects())
        status, said = send(f'type = "{kind}"\n' + more + endpoint)
        new = list(set(objects()) - before)
        body = open(new[0], "rb").read() if new else b""
        check(f"{kind}: a real server has the object", status == 0 and len(new) == 1 and
              ending in new[0] and held(body), f"{said} {new}")
        status, said = send(f'type = "{kind}"\n' + more +
                            endpoint.replace('id = "S3RVER"', 'id = "WRONG"'))
        check(f"{kind}: a real server refuses an unknown key",
              status == 1 and "InvalidAccessKeyId" in said, said)


def kinesis(send, check, directory):
    program, port = package("kinesalite"), free_port()
    if not program or not server(port, "node", program + "/cli.js", "--port", str(port),
                                 "--createStreamMs", "10", patience=60):
        return skip("kinesalite")
    url = f"http://127.0.0.1:{port}"

    def ask(action, **body):
        done = subprocess.run(
            ["curl", "-s", "--aws-sigv4", "aws:amz:us-east-1:kinesis", "--user", "S3RVER:S3RVER",
             "-H", "Content-Type: application/x-amz-json-1.1",
             "-H", f"X-Amz-Target: Kinesis_20131202.{action}", "-d", json.dumps(body), url],
            capture_output=True, text=True)
        return json.loads(done.stdout or "{}")
    for kind in ("awskinesis", "yandexdatastreams"):
        settings = f'type = "{kind}"\nstreamname = "{kind}"\nendpoint = "{url}"\n' + KEYS
        status, said = send(settings)
        check(f"{kind}: a real server has no such stream",
              status == 1 and "ResourceNotFoundException" in said, said)
        ask("CreateStream", StreamName=kind, ShardCount=1)
        await_(lambda: ask("DescribeStream", StreamName=kind).get(
            "StreamDescription", {}).get("StreamStatus") == "ACTIVE")
        status, said = send(settings)
        place = ask("GetShardIterator", StreamName=kind, ShardId="shardId-000000000000",
                    ShardIteratorType="TRIM_HORIZON")
        records = ask("GetRecords", ShardIterator=place.get("ShardIterator", ""))
        data = [json.loads(base64.b64decode(one["Data"])) for one in records.get("Records", [])]
        check(f"{kind}: a real server has the record",
              status == 0 and len(data) == 1 and is_event(data[0]), f"{said} {records}")


def statsd(send, check, directory):
    program, port, manage = package("statsd"), free_port(), free_port()
    path = os.path.join(directory, "statsd.js")
    with open(path, "w") as file:
        file.write('{ port: %d, address: "127.0.0.1", mgmt_address: "127.0.0.1", mgmt_port: %d, '
                   'flushInterval: 3600000, backends: ["./backends/console"] }' % (port, manage))
    if not program or not server(manage, "node", program + "/stats.js", path, patience=60):
        return skip("statsd")

    def counters():
        with socket.create_connection(("127.0.0.1", manage), 5) as one:
            one.sendall(b"counters\n")
            got = b""
            while b"END" not in got:
                part = one.recv(4096)
                if not part:
                    break
                got += part
            return got.decode()
    status, said = send(f'type = "statsd"\nforwarder = "127.0.0.1:{port}"\n')
    seen = await_(lambda: "debug" in counters().lower())
    check("statsd: the real one counts the alert", status == 0 and seen, f"{said} {counters()}")


ALL = (rabbitmq, influxdb, s3, kinesis, statsd)

# SPDX-License-Identifier: Apache-2.0
"""Outputs with their own protocol, tested with the real server if Debian has a small one."""
import ctypes
import glob
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time

from recipes import is_event
from servers import Datagrams, Stream, await_

started = []


def skip(what):
    why = f"{what} is not installed or does not start (tools/deps, [servers])"
    print(f"ok - an output is tried on {what} # SKIP {why}")


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as one:
        return one.getsockname()[1]


def server(port, *command, patience=20, **options):
    """A program that listens there; None if it does not start within so many seconds."""
    if not shutil.which(command[0], path=os.environ["PATH"] + ":/usr/sbin"):
        return None
    log = open(os.devnull, "w")
    environment = dict(os.environ, PATH=os.environ["PATH"] + ":/usr/sbin")
    process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True,
                               env=environment, **options)
    started.append(process)

    def up():
        with socket.socket() as one:
            return one.connect_ex(("127.0.0.1", port)) == 0
    decided = await_(lambda: up() or process.poll() is not None, patience)
    return process if decided and process.poll() is None else None


def end_servers():
    for process in started:
        try:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(10)
        except (OSError, subprocess.TimeoutExpired):
            process.kill()


def redis(send, check, directory):
    port = free_port()
    if not server(port, "redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "",
                  "--dir", directory, "--requirepass", "p w"):
        return skip("redis-server")

    def ask(*words):
        return subprocess.run(["redis-cli", "-p", str(port), "-a", "p w", "--no-auth-warning",
                               *words], capture_output=True, text=True).stdout
    settings = f'type = "redis"\naddress = "127.0.0.1:{port}"\n'
    status, said = send(settings)
    check("redis: without the password it says why not", status == 1 and "NOAUTH" in said, said)
    status, said = send(settings + 'password = "p w"\ndatabase = 3\n')
    check("redis: a list",
          status == 0 and is_event(json.loads(ask("-n", "3", "LRANGE", "falco", "0", "-1"))), said)
    status, said = send(settings + 'password = "p w"\nstoragetype = "hashmap"\nkey = "h"\n')
    fields = ask("HGETALL", "h").splitlines()
    check("redis: a hash", status == 0 and json.loads(fields[1])["uuid"] == fields[0], said)
    status, said = send(settings + 'password = "p w"\nkey = "h"\n')
    check("redis: a key of another kind is an error", status == 1 and "WRONGTYPE" in said, said)


def nats(send, check, directory):
    port = free_port()
    if not server(port, "nats-server", "-a", "127.0.0.1", "-p", str(port), "--auth", "secret"):
        return skip("nats-server")
    reader = socket.create_connection(("127.0.0.1", port))
    reader.sendall(b'CONNECT {"verbose":false,"auth_token":"secret"}\r\nSUB falco.> 1\r\nPING\r\n')
    got = b""
    while b"PONG" not in got:
        got += reader.recv(65536)
    settings = f'type = "nats"\nhostport = "nats://127.0.0.1:{port}"\n'
    status, said = send(settings)
    check("nats: without the token it says why not",
          status == 1 and "Authorization Violation" in said, said)
    status, said = send(settings + 'token = "secret"\n')
    reader.settimeout(10)
    while got.count(b"\r\n") < 4:
        got += reader.recv(65536)
    found = re.search(rb"MSG falco\.debug\.test_rule 1 (\d+)\r\n(.*)\r\n", got)
    check("nats: the subject is made of priority and rule",
          status == 0 and found and is_event(json.loads(found[2])), f"{said} {got}")


def mqtt(send, check, directory):
    port = free_port()
    path = os.path.join(directory, "mosquitto.conf")
    with open(path, "w") as file:
        file.write(f"listener {port} 127.0.0.1\nallow_anonymous true\n")
    if not server(port, "mosquitto", "-c", path):
        return skip("mosquitto")
    for qos in (1, 0):
        status, said = send(f'type = "mqtt"\nbroker = "127.0.0.1:{port}"\nqos = {qos}\n'
                            f'retained = true\ntopic = "t/{qos}"\n')
        # It keeps the message for later subscribers.
        with socket.create_connection(("127.0.0.1", port)) as reader:
            reader.settimeout(10)
            reader.sendall(b"\x10\x0d\x00\x04MQTT\x04\x02\x00\x00\x00\x01r" +
                           b"\x82\x08\x00\x01\x00\x03t/%d\x00" % qos)
            got = b""
            while b"}" not in got[-1:]:
                got += reader.recv(65536)
        check(f"mqtt: quality of service {qos}",
              status == 0 and is_event(json.loads(got[got.index(b"{"):])), f"{said} {got}")


def smtp(send, check, directory):
    port = free_port()
    try:
        import aiosmtpd  # noqa: F401
        command = ["python3", "-m", "aiosmtpd"]
    except ImportError:
        command = ["/usr/bin/python3", "-m", "aiosmtpd"]
    kept = os.path.join(directory, "mail")
    script = ("import sys, time\nfrom aiosmtpd.controller import Controller\nclass H:\n"
              " async def handle_DATA(self, server, session, envelope):\n"
              "  kept = repr((envelope.mail_from, envelope.rcpt_tos)).encode()\n"
              "  open(sys.argv[2], 'wb').write(kept + b'\\n' + envelope.content)\n"
              "  return '250 OK'\n"
              "Controller(H(), hostname='127.0.0.1', port=int(sys.argv[1])).start()\n"
              "time.sleep(120)\n")
    if not server(port, command[0], "-c", script, str(port), kept):
        return skip("aiosmtpd")
    settings = (f'type = "smtp"\nhostport = "127.0.0.1:{port}"\nfrom = "a@b.example"\n'
                'to = "c@d.example, e@f.example"\n')
    status, said = send(settings)
    check("smtp: no mail goes without TLS where it is wanted",
          status == 1 and not os.path.exists(kept), said)
    status, said = send(settings + 'tls = false\noutputformat = "text"\n')
    import email
    import email.policy
    with open(kept, "rb") as file:
        envelope = file.readline()
        mail = email.message_from_binary_file(file, policy=email.policy.default)
    text = mail.get_content()
    check("smtp: a mail", status == 0 and
          b"'a@b.example', ['c@d.example', 'e@f.example']" in envelope and
          mail["Subject"] == "[Debug] Test rule" and mail["To"] == "c@d.example, e@f.example" and
          "user.name: root" in text and "Test of an output" in text, f"{said} {mail}")


def timescaledb(send, check, directory):
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin"))
    if not found:
        return skip("PostgreSQL")
    home, port = os.path.join(directory, "pg"), free_port()
    os.chmod(directory, 0o711)
    os.mkdir(home)
    as_user = []
    if os.geteuid() == 0:
        as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    if as_user:
        shutil.chown(home, "postgres", "postgres")
    subprocess.run([*as_user, found[-1] + "/initdb", "-D", home + "/data", "-A", "trust", "-N"],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")
    if not server(port, *(as_user or ["env"]), found[-1] + "/postgres", "-D", home + "/data",
                  "-p", str(port), "-k", home, "-h", "127.0.0.1", "-F", cwd="/"):
        return skip("PostgreSQL")

    def ask(sql):
        return subprocess.run([found[-1] + "/psql", "-h", "127.0.0.1", "-p", str(port),
                               "-U", "postgres", "-AtF,", "-c", sql, "postgres"],
                              capture_output=True, text=True)
    await_(lambda: ask("select 1").returncode == 0)
    settings = (f'type = "timescaledb"\nhost = "127.0.0.1"\nport = {port}\n'
                'database = "postgres"\nhypertablename = "a b"\n')
    status, said = send(settings)
    check("timescaledb: a table that is not there is an error",
          status == 1 and 'relation "a b" does not exist' in said, said)
    ask('create table "a b" (time timestamptz, rule text, priority varchar(20), source text,'
        ' output text, tags text, hostname text)')
    status, said = send(settings)
    row = ask('select rule, priority, source, time > now() - interval \'1 hour\', output'
              ' from "a b"').stdout
    check("timescaledb: a row",
          status == 0 and re.match(r"Test rule,Debug,internal,t,.*Test of an output", row),
          f"{said} {row}")
    ask('delete from "a b"')
    hostile = "'); drop table \"a b\"; -- $1 %s \\' \u202e <output>"
    status, said = send(settings + f"outputfieldformat = {json.dumps(hostile)}\n")
    row = ask('select output from "a b"').stdout.rstrip("\n")
    check("timescaledb: no text becomes SQL",
          status == 0 and row.startswith(hostile.removesuffix("<output>")), f"{said} {row}")


def kafka(send, check, directory):
    """librdkafka's own cluster for tests."""
    try:
        library = ctypes.CDLL("librdkafka.so.1")
    except OSError:
        return skip("librdkafka")
    if not shutil.which("kcat"):
        return skip("kcat")
    for name in ("rd_kafka_conf_new", "rd_kafka_new", "rd_kafka_mock_cluster_new"):
        getattr(library, name).restype = ctypes.c_void_p
    library.rd_kafka_mock_cluster_bootstraps.restype = ctypes.c_char_p
    client = library.rd_kafka_new(0, ctypes.c_void_p(library.rd_kafka_conf_new()), None, 0)
    cluster = library.rd_kafka_mock_cluster_new(ctypes.c_void_p(client), 2)
    brokers = library.rd_kafka_mock_cluster_bootstraps(ctypes.c_void_p(cluster)).decode()
    servers = ", ".join(f'"{broker}"' for broker in brokers.split(","))
    settings = (f'type = "kafka"\nhostport = [{servers}]\ntopic = "falco"\n'
                'compression = "ZSTD"\ntopiccreation = true\n')
    status, said = send(settings)
    read = subprocess.run(["kcat", "-C", "-b", brokers, "-t", "falco", "-e", "-q"],
                          capture_output=True, timeout=60)
    check("kafka: a message",
          status == 0 and is_event(json.loads(read.stdout or b"null") or {"uuid": ""}),
          f"{said} {read}")
    status, said = send(f'type = "kafka"\nhostport = "127.0.0.1:{free_port()}"\ntopic = "falco"\n'
                        'timeout = "1s"\n')
    check("kafka: no broker is an error", status == 1 and "timed out" in said, said)


def alertmanager(send, check, directory):
    port = free_port()
    path = os.path.join(directory, "alertmanager.yml")
    with open(path, "w") as file:
        file.write("route:\n  receiver: w\nreceivers:\n- name: w\n")
    if not server(port, "prometheus-alertmanager", "--config.file=" + path,
                  f"--web.listen-address=127.0.0.1:{port}",
                  "--cluster.listen-address=", "--storage.path=" + directory):
        return skip("Alertmanager")
    from urllib.request import urlopen
    status, said = send(f'type = "alertmanager"\nhostport = "http://127.0.0.1:{port}"\n')

    def alerts():
        with urlopen(f"http://127.0.0.1:{port}/api/v2/alerts") as answer:
            return json.load(answer)
    check("alertmanager: the real one has the alert", status == 0 and await_(alerts) and
          alerts()[0]["labels"]["alertname"] == "Test rule", said)


def rsyslog(send, check, directory):
    port, kept = free_port(), os.path.join(directory, "rsyslog.out")
    path = os.path.join(directory, "rsyslog.conf")
    with open(path, "w") as file:
        file.write(f'module(load="imtcp")\ninput(type="imtcp" address="127.0.0.1" port="{port}")\n'
                   'template(name="j" type="string" string="%protocol-version% %pri-text%'
                   ' %app-name% %structured-data% %msg%\\n")\n'
                   f'action(type="omfile" file="{kept}" template="j")\n')
    if not server(port, "rsyslogd", "-n", "-f", path, "-i", os.path.join(directory, "rsyslog.pid")):
        return skip("rsyslogd")
    status, said = send('type = "syslog"\nprotocol = "tcp"\nhost = "127.0.0.1"\n'
                        f'port = {port}\nfacility = "local3"\n')

    def text():
        with open(kept, "rb") if os.path.exists(kept) else open(os.devnull, "rb") as file:
            return file.read().decode()
    check("syslog: the real rsyslog understands head, data and text",
          status == 0 and await_(text) and re.match(
              r'1 local3.debug saker \[saker@32473 priority="Debug" rule="Test rule"\] '
              r'.*Test of an output', text()),
          f"{said} {text()}")


def lines(send, check, directory):
    logstash = Stream()
    send(f'type = "logstash"\naddress = "127.0.0.1"\nport = {logstash.port}\ncustomtags = ["x"]\n')
    check("logstash: a JSON line",
          await_(lambda: logstash.got and logstash.got[0].endswith(b"\n")) and
          json.loads(logstash.got[0])["tags"] == ["x"])
    statsd = Datagrams()
    send(f'type = "statsd"\nforwarder = "127.0.0.1:{statsd.port}"\n')
    send(f'type = "dogstatsd"\nforwarder = "127.0.0.1:{statsd.port}"\nnamespace = ""\n')
    check("statsd and dogstatsd: counters", await_(lambda: len(statsd.got) == 2) and statsd.got == [
        b"falcosidekick.falco.Debug:1|c",
        b"falco.events:1|c|#priority:Debug,rule:Test_rule"], str(statsd.got))


def program(send, check, directory):
    kept = os.path.join(directory, "program")
    for keep_alive in ("false", "true"):
        program = f"cat > {kept}.{keep_alive}; echo end >> {kept}.{keep_alive}"
        status, said = send(f'type = "program"\nprogram = "{program}"\n'
                            f'keep_alive = {keep_alive}\n')

        def text():
            path = f"{kept}.{keep_alive}"
            with open(path if os.path.exists(path) else os.devnull) as file:
                return file.read()
        check(f"program: it reads the alert (keep_alive = {keep_alive})", status == 0 and
              await_(lambda: text().endswith("end\n")) and
              "Debug Test of an output" in text(), said + text())


def amqp(send, check, directory):
    """A scripted server: RabbitMQ's answers when all goes well, and when a queue is missing."""
    def frame(kind, channel, payload):
        return (bytes([kind]) + channel.to_bytes(2, "big") + len(payload).to_bytes(4, "big") +
                payload + b"\xce")

    def method(channel, of, number, arguments=b""):
        return frame(1, channel, of.to_bytes(2, "big") + number.to_bytes(2, "big") + arguments)
    steps = [(b"AMQP\0\0\x09\x01",
              method(0, 10, 10, b"\0\x09\0\0\0\0" b"\0\0\0\x05PLAIN" b"\0\0\0\x05en_US")),
             (b"\0guest\0p w", method(0, 10, 30, b"\0\x01\0\x02\0\0\0\0")),
             (b"\x0a\0\x28", method(0, 10, 41, b"\0")),
             (b"\x14\0\x0a", method(1, 20, 11, b"\0\0\0\0")), (b"\x55\0\x0a", method(1, 85, 11)),
             (b"}\xce", method(1, 60, 80, (1).to_bytes(8, "big") + b"\0"))]
    said_so_far = [0]

    def answer(data):
        number = said_so_far[0]
        if number == len(steps) or steps[number][0] not in data:
            return b""
        said_so_far[0] += 1
        return steps[number][1]
    rabbit = Stream(answer=answer)
    settings = (f'type = "rabbitmq"\nurl = "amqp://guest:p%20w@127.0.0.1:{rabbit.port}/"\n'
                'queue = "falco"\n')
    status, said = send(settings)
    body = rabbit.got[0]
    check("rabbitmq: a confirmed message",
          status == 0 and is_event(json.loads(body[body.index(b'{"uuid"'):-1])),
          f"{said} {rabbit.got}")


ALL = (redis, nats, mqtt, smtp, timescaledb, kafka, alertmanager, rsyslog, lines, program, amqp)

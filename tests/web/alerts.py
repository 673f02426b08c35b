# SPDX-License-Identifier: Apache-2.0
"""alerts.py COUNT: lines of alerts as the daemon sends them, the last one now; with texts of an
attacker among them."""
import json
import random
import sys
import time

RULES = [
    (
        "Read sensitive file untrusted",
        "Warning",
        ["filesystem", "mitre_credential_access", "T1555"],
        12,
        "Sensitive file opened for reading by non-trusted program (file=/etc/shadow gparent=sshd)",
    ),
    (
        "Terminal shell in container",
        "Notice",
        ["container", "shell", "mitre_execution", "T1059"],
        9,
        "A shell was spawned in a container with an attached terminal",
    ),
    (
        "Drop and execute new binary in container",
        "Critical",
        ["container", "mitre_persistence"],
        2,
        "Executing binary not part of base image (proc_exe=/tmp/xmrig)",
    ),
    (
        "Contact K8S API Server From Container",
        "Notice",
        ["network", "k8s", "T1565"],
        30,
        "Unexpected connection to K8s API Server from container"
        " (connection=10.0.3.7:44122->10.96.0.1:443)",
    ),
    (
        "Clear Log Activities",
        "Warning",
        ["host", "filesystem", "T1070"],
        4,
        "Log files were tampered (file=/var/log/auth.log)",
    ),
    (
        "Redirect STDOUT/STDIN to Network Connection in Container",
        "Notice",
        ["network", "T1059"],
        3,
        "Redirect stdout/stdin to network connection",
    ),
    (
        "Detect crypto miners using the Stratum protocol",
        "Error",
        ["process", "T1496"],
        1,
        "Possible miner running",
    ),
    (
        "Packet socket created in container",
        "Informational",
        ["network"],
        6,
        "Packet socket was created in a container",
    ),
]
PLACES = [
    ("", "", ""),
    ("redis-0", "cache", "redis-0"),
    ("postgres-primary", "db", "postgres-0"),
    ("nginx-ingress", "edge", "nginx-7d9c"),
    ("builder", "", ""),
]
HOSTILE = [
    "<img src=x onerror=\"document.title='owned';fetch('/owned')\"><script>window.owned=1</script>",
    "\u202egpj.exe\u202c \u2066hidden\u2069 \u200b\u0007\u001b[31mred\u001b[0m",
    "{{7*7}} ${window.owned=1} javascript:alert(1) \"'`><svg/onload=alert(1)>",
    "a" * 3000,
]


def alert(rule, priority, tags, text, at, place, process="cat"):
    name, space, pod = place
    fields = {
        "evt.time": at,
        "evt.type": "openat",
        "proc.name": process,
        "proc.cmdline": process + " /etc/shadow",
        "proc.exepath": "/usr/bin/" + process,
        "proc.pid": 4711,
        "proc.ppid": 4700,
        "proc.pname": "bash",
        "proc.aname[2]": "sshd",
        "proc.aname[3]": "sshd",
        "proc.aname[4]": "systemd",
        "user.name": "deploy",
        "user.uid": 1000,
        "fd.name": "/etc/shadow",
        "container.id": "host" if not name else "3a5f0c9d12ab",
        "container.name": name or "host",
        "k8s.ns.name": space or None,
        "k8s.pod.name": pod or None,
    }
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at // 10**9)) + ".%09dZ" % (
        at % 10**9
    )
    message = (
        f"{text} | user=deploy process={process} command={fields['proc.cmdline']}"
        f" container_name={name or 'host'}"
    )
    return {
        "hostname": "db-17.fra.example",
        "output": f"{stamp[11:29]}: {priority} {message}",
        "output_fields": fields,
        "priority": priority,
        "rule": rule,
        "source": "syscall",
        "tags": sorted(tags),
        "time": stamp,
    }


def main():
    count = int(sys.argv[1])
    chance = random.Random(17)
    now = time.time_ns()
    weights = [rule[3] for rule in RULES]
    for i in range(count):
        at = now - (count - 1 - i) * 86_400 * 10**9 // count
        rule, priority, tags, _, text = chance.choices(RULES, weights)[0]
        print(
            json.dumps(
                alert(
                    rule,
                    priority,
                    tags,
                    text,
                    at,
                    chance.choice(PLACES),
                    chance.choice(["cat", "vim", "python3", "sh"]),
                )
            )
        )
    for text in HOSTILE:
        made = alert(text, "Critical", [text, "tag"], text, now, (text, text, text), text)
        made["hostname"] = made["recording"] = text
        made["output_fields"][text] = text
        print(json.dumps(made))


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares alerts of a replay with those expected, and prints the differences by kind.

compare.py [--keys FILE] [--allow KIND]... EXPECTED GOT: both are JSON lines, gzip or plain. An
alert missing or too many is a kind of its own; of those on both sides, matched in order by rule and
time, every key of output_fields, the text and the priority are compared.
--keys: only output_fields named in FILE, one a line.
--allow: a kind that is known; it must occur. Exit status: 0 no other difference, 1 some.
"""
import argparse
import collections
import gzip
import json
import sys


def read(path):
    opener = gzip.open if path.endswith(".gz") else open
    with opener(path, "rt", encoding="utf-8", errors="surrogateescape") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def key(alert):
    fields = alert["output_fields"]
    return (alert["rule"], alert["time"], fields.get("evt.num"), fields.get("evt.type"))


def group(alerts):
    out = collections.OrderedDict()
    for alert in alerts:
        out.setdefault(key(alert), []).append(alert)
    return out


def shown(value):
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 160 else text[:157] + "..."


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--keys")
    parser.add_argument("--examples", type=int, default=3)
    parser.add_argument("--allow", action="append", default=[])
    parser.add_argument("--most", type=int, help="how many values may differ, all of known kinds")
    parser.add_argument("--ignore", default="", help="keys of output_fields, with commas between")
    parser.add_argument("expected")
    parser.add_argument("got")
    args = parser.parse_args()
    only = set(open(args.keys).read().split()) if args.keys else None
    ignored = set(args.ignore.split(",")) if args.ignore else set()
    expected, got = group(read(args.expected)), group(read(args.got))
    kinds = collections.defaultdict(list)
    compared = equal = 0
    for k, alerts in expected.items():
        other = got.get(k, [])
        if len(alerts) > len(other):
            kinds["missing: " + k[0] if k[0] != "dump" else "missing: " + str(k[3])].append(str(k))
        for want, have in zip(alerts, other):
            names = set(want["output_fields"]) | set(have["output_fields"])
            for name in sorted(names):
                if (only is not None and name not in only) or name in ignored:
                    continue
                compared += 1
                a = want["output_fields"].get(name, "(no such key)")
                b = have["output_fields"].get(name, "(no such key)")
                if a == b and type(a) == type(b):
                    equal += 1
                else:
                    kinds["field " + name].append("%s at %s %s: expected %s, got %s" % (
                        want["output_fields"].get("evt.type", want["rule"]), k[2] or "", k[1][11:],
                        shown(a), shown(b)))
            if only is None and not ignored:
                for name in ("priority", "output", "tags", "source", "hostname"):
                    if want.get(name) != have.get(name):
                        kinds[name].append("%s: expected %s, got %s" % (
                            k, shown(want.get(name)), shown(have.get(name))))
    for k, alerts in got.items():
        if len(alerts) > len(expected.get(k, [])):
            kinds["too many: " + k[0]].append(str(k))
    for name, cases in sorted(kinds.items(), key=lambda item: -len(item[1])):
        print("%6d  %s" % (len(cases), name))
        for case in cases[:args.examples]:
            print("          " + case)
    print("%d alerts expected, %d got; %d values compared, %d differ" % (
        sum(map(len, expected.values())), sum(map(len, got.values())), compared, compared - equal))
    for name in args.allow:
        if name not in kinds:
            print("known, but not there any more: " + name)
    if args.most is not None and compared - equal > args.most:
        return 1
    return 1 if set(kinds) != set(args.allow) else 0


sys.exit(main())

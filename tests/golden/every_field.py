#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares output_fields of every event of a replay with Falco's, field by field.

every_field.py [--known FILE] [--capture NAME] [--examples N] EXPECTED GOT: EXPECTED has the
output_fields of one event a line (xz or plain), GOT the alerts of `saker replay --json` with the
same rule. Events are matched by evt.num, fields by name; numbers and texts of the same look differ.
EXPECTED may end early, where Falco ended.
--known: rows `CAPTURE FIELD COUNT`, then the reason: so many values of the field differ in that
capture (`*`: in each, any number), for what docs/falco-differences.md says. A row that does not
hold any more fails.
Exit status: 0 no other difference, 1 some.
"""
import argparse
import collections
import json
import lzma
import sys


def lines_of(path):
    opener = lzma.open if path.endswith(".xz") else open
    with opener(path, "rb") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line.decode("utf-8", "surrogateescape"))


def same(want, have):
    return want == have and isinstance(want, bool) == isinstance(have, bool) and \
        isinstance(want, str) == isinstance(have, str)


def known_rows(path, capture):
    rows = {}
    if path:
        for line in open(path, encoding="utf-8"):
            parts = line.split(None, 3)
            if not parts or parts[0].startswith("#") or parts[0] not in ("*", capture):
                continue
            if len(parts) < 4:
                sys.exit("%s: a row without a reason: %s" % (path, line.strip()))
            rows[parts[1]] = parts[2]
    return rows


def shown(value):
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 140 else text[:137] + "..."


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--known")
    parser.add_argument("--capture", default="*")
    parser.add_argument("--examples", type=int, default=2)
    parser.add_argument("expected")
    parser.add_argument("got")
    args = parser.parse_args()
    known = known_rows(args.known, args.capture)
    got = {}
    for alert in lines_of(args.got):
        got[alert["output_fields"]["evt.num"]] = alert["output_fields"]
    different, samples = collections.Counter(), collections.defaultdict(collections.OrderedDict)
    events = values = missing = 0
    last = -1
    for want in lines_of(args.expected):
        events += 1
        last = max(last, want["evt.num"])
        have = got.pop(want["evt.num"], None)
        if have is None:
            missing += 1
            continue
        values += len(want)
        if have == want and list(map(type, have.values())) == list(map(type, want.values())):
            continue
        for name in want.keys() | have.keys():
            a, b = want.get(name, "(no such key)"), have.get(name, "(no such key)")
            if same(a, b):
                continue
            different[name] += 1
            kinds = samples[name]
            key = (want.get("evt.type"), shown(a), shown(b))
            if len(kinds) < args.examples and key not in kinds:
                kinds[key] = want["evt.num"]
    surplus = sum(1 for number in got if number <= last)
    bad = missing or surplus
    for name, count in different.most_common():
        row = known.get(name)
        if row == "*" or row == str(count):
            continue
        bad = True
        print("%6d  %s%s" % (count, name, " (%s known)" % row if row else ""))
        for (kind, a, b), number in samples[name].items():
            print("          %s %s: expected %s, got %s" % (number, kind, a, b))
    for name, row in known.items():
        if row != "*" and name not in different and name in want:
            bad = True
            print("        %s: known to differ, but does not any more" % name)
    if missing or surplus:
        print("%d events are missing, %d are too many" % (missing, surplus))
    print("%d events, %d values, %d differ" % (events, values, sum(different.values())))
    return 1 if bad else 0


sys.exit(main())

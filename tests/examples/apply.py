#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""apply.py PAGE...: makes the changes that a page of docs/ shows, in the current directory.

A change is a line "New file `FILE`:" or "In `FILE`, before `TEXT`:" and the indented block after
it. The block goes before the first line that contains TEXT, and the file must have one. The files
changed are printed, one per line."""
import os
import re
import sys

CHANGE = re.compile(r"^(?:New file `([^`]+)`|In `([^`]+)`, before `([^`]+)`):$")


def block_after(lines, start):
    """The indented block that begins after `start`, without its indent."""
    block = []
    for line in lines[start:]:
        if line.startswith("    "):
            block.append(line[4:])
        elif line.strip() == "" and block:
            block.append("")
        elif line.strip():
            break
    while block and not block[-1]:
        block.pop()
    return block


def insert(path, before, block):
    with open(path) as file:
        lines = file.read().split("\n")
    at = next((i for i, line in enumerate(lines) if before in line), None)
    if at is None:
        sys.exit(f"{path} has no line with: {before}")
    with open(path, "w") as file:
        file.write("\n".join(lines[:at] + block + lines[at:]))


def apply(page):
    with open(page) as file:
        lines = file.read().split("\n")
    changes = 0
    for i, line in enumerate(lines):
        match = CHANGE.match(line)
        if not match:
            continue
        new, path, before = match.groups()
        block = block_after(lines, i + 1)
        if not block:
            sys.exit(f"{page}:{i + 1}: no block after this line")
        if new and os.path.exists(new):
            sys.exit(f"{page}:{i + 1}: {new} exists")
        if new:
            with open(new, "w") as file:
                file.write("\n".join(block) + "\n")
        else:
            insert(path, before, block)
        print(new or path)
        changes += 1
    if not changes:
        sys.exit(f"{page}: shows no change")


for page in sys.argv[1:]:
    apply(page)

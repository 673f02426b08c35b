# SPDX-License-Identifier: Apache-2.0
"""Reads files of Parquet with a program that others wrote: hyparquet, of npm."""
import json
import os
import shutil
import subprocess
import tempfile

PACKAGES = ["hyparquet@1", "hyparquet-compressors@1"]
SCRIPT = """
import { readFileSync } from 'fs'
import { parquetReadObjects, parquetMetadata, parquetSchema } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
const bytes = readFileSync(process.argv[2])
const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)
const plain = (_, value) => typeof value === 'bigint' ? Number(value) : value
const rows = await parquetReadObjects({ file, compressors })
const { num_rows, row_groups } = parquetMetadata(file)
const codecs = row_groups[0].columns.map(column => column.meta_data.codec)
console.log(JSON.stringify({ rows, num_rows, codecs }, plain))
"""
TOOLS = os.path.abspath("build/tools/parquet")


def reader():
    """The directory with the reader; None if npm is not there or cannot fetch it."""
    if os.path.isdir(TOOLS):
        return TOOLS
    if not shutil.which("npm") or not shutil.which("node"):
        return None
    os.makedirs("build/tools", exist_ok=True)
    with tempfile.TemporaryDirectory(dir="build/tools") as work:
        done = subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund",
                               "--ignore-scripts", "--prefix", work, *PACKAGES],
                              capture_output=True, timeout=300)
        if done.returncode != 0:
            return None
        with open(os.path.join(work, "read.mjs"), "w") as script:
            script.write(SCRIPT)
        shutil.copytree(work, TOOLS)
    return TOOLS


def read(body):
    """The rows of a file and what its footer says; None without the reader."""
    if not reader():
        return None
    with tempfile.NamedTemporaryFile(suffix=".parquet") as file:
        file.write(body)
        file.flush()
        done = subprocess.run(["node", os.path.join(TOOLS, "read.mjs"), file.name],
                              capture_output=True, text=True, timeout=60)
    if done.returncode != 0:
        raise ValueError(done.stderr)
    return json.loads(done.stdout)

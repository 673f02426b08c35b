# SPDX-License-Identifier: Apache-2.0
"""Reads files of Parquet with a program that others wrote: hyparquet, of npm."""
import json
import os
import subprocess
import tempfile

import npm

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


def read(body):
    """The rows of a file and what its footer says; None without the reader."""
    kept = npm.install("parquet", *PACKAGES)
    if not kept:
        return None
    # Beside the packages, because node looks for them from the script's folder upwards.
    with open(os.path.join(kept, "read.mjs"), "w") as script:
        script.write(SCRIPT)
    with tempfile.NamedTemporaryFile(suffix=".parquet") as file:
        file.write(body)
        file.flush()
        done = subprocess.run(["node", script.name, file.name],
                              capture_output=True, text=True, timeout=60)
    if done.returncode != 0:
        raise ValueError(done.stderr)
    return json.loads(done.stdout)

# SPDX-License-Identifier: Apache-2.0
"""Programs of npm that tests use."""
import os
import shutil
import subprocess
import tempfile


def install(name, *packages):
    """The directory build/tools/npm/NAME with these packages in node_modules, fetched once; None
    if npm is not there or cannot fetch them."""
    kept = os.path.abspath(os.path.join("build/tools/npm", name))
    if os.path.isdir(kept):
        return kept
    if not shutil.which("npm") or not shutil.which("node"):
        return None
    os.makedirs(os.path.dirname(kept), exist_ok=True)
    with tempfile.TemporaryDirectory(dir="build/tools") as work:
        done = subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund",
                               "--ignore-scripts", "--prefix", work, *packages],
                              capture_output=True, timeout=300)
        if done.returncode != 0:
            return None
        shutil.copytree(work, kept, symlinks=True)
    return kept

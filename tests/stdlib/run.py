#!/usr/bin/env python3
"""Every action of the standard library next to its script; see README.md.

    run.py
"""
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from skip import skip  # noqa: E402

node = shutil.which("node")
if node is None:
    skip("node is not here")
if not (HERE / "node_modules").is_dir():
    skip("the parsers are not here: npm ci in tests/stdlib")
sys.exit(subprocess.run([node, "drift.mjs"], cwd=HERE, timeout=600, check=False).returncode)

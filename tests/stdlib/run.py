#!/usr/bin/env python3
"""Every action of the standard library next to its script; see README.md.

    run.py
"""
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from skip import node_for  # noqa: E402

node = node_for(HERE)
sys.exit(subprocess.run([node, "drift.mjs"], cwd=HERE, timeout=600, check=False).returncode)

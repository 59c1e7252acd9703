#!/usr/bin/env python3
"""Every action of the standard library next to its script, or another script of this folder; see README.md.

    run.py [SCRIPT ARGUMENT...]
"""
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from skip import node_for  # noqa: E402

node = node_for(HERE)
sys.exit(subprocess.run([node, *(sys.argv[1:] or ["drift.mjs"])], cwd=HERE, timeout=1800, check=False).returncode)

#!/usr/bin/env python3
"""The schemas, as readers of JSON Schema and YAML take them that know nothing of us; see README.md.

    run.py PVSPLAN
"""
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from skip import node_for  # noqa: E402

node = node_for(HERE)
pvsplan = pathlib.Path(sys.argv[1]).resolve()
status = 0
for script in ("schema.mjs", "server.mjs"):
    status |= subprocess.run([node, script, pvsplan], cwd=HERE, timeout=600, check=False).returncode
sys.exit(status)

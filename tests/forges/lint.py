#!/usr/bin/env python3
"""The action, the workflows, and the workflow that `init` writes, read by two who know what GitHub takes: see lint.mjs.

    lint.py PVSPLAN
"""
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE.parent))
from skip import node_for  # noqa: E402

node = node_for(HERE)
with tempfile.TemporaryDirectory() as folder:
    subprocess.run([pathlib.Path(sys.argv[1]).resolve(), "init", folder, "--ci", "github", "--no-input"], check=True, capture_output=True)
    files = [ROOT / "action.yml", *sorted((ROOT / "runtime" / "forges" / "workflows").glob("*.yml")),
             *pathlib.Path(folder).glob(".github/workflows/*.yml")]
    assert len(files) == 4, files
    sys.exit(subprocess.run([node, "lint.mjs", *files], cwd=HERE, timeout=900, check=False).returncode)

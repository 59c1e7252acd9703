#!/usr/bin/env python3
"""Scripts of this folder, one after another; see README.md.

    run.py PVSPLAN SCRIPT…
"""
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from skip import node_for, skip, skip_editors_if_told  # noqa: E402

skip_editors_if_told()
node = node_for(HERE)
pvsplan = pathlib.Path(sys.argv[1]).resolve()
extension = HERE.parent.parent / "runtime" / "lsp" / "editors" / "vscode"
if "vscode.mjs" in sys.argv and not (extension / "node_modules").is_dir():
    skip(f"the packages are not here: npm ci in {extension}")
if "codemirror.mjs" in sys.argv and not shutil.which("chromium"):
    skip("chromium is not here")
status = 0
for script in sys.argv[2:]:
    status |= subprocess.run([node, script, pvsplan], cwd=HERE, timeout=1800, check=False).returncode
sys.exit(status)

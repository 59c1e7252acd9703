"""What is skipped is not passed: it ends with a status of its own, which CTest tells apart, and fails in CI."""

import os
import shutil
import sys

STATUS = 77  # SKIP_RETURN_CODE of tests/CMakeLists.txt


def skip(why):
    print(f"skipped: {why}", file=sys.stderr)
    if os.environ.get("CI", "") not in ("", "false"):
        sys.exit("in CI nothing is skipped: install what is missing, see .ci/packages")
    sys.exit(STATUS)


def skip_editors_if_told():
    """PVSPLAN_EDITORS=0 leaves them out, in CI as well: whoever set it knows."""
    if os.environ.get("PVSPLAN_EDITORS") == "0":
        print("skipped: PVSPLAN_EDITORS=0", file=sys.stderr)
        sys.exit(STATUS)


def node_for(folder):
    """The program `node`, where the packages of that folder are installed."""
    node = shutil.which("node")
    if node is None:
        skip("node is not here")
    if not (folder / "node_modules").is_dir():
        skip(f"the packages are not here: npm ci in tests/{folder.name}")
    return node

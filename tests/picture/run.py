#!/usr/bin/env python3
"""Pictures of plans and runs in a real browser; see README.md.

    run.py PVSPLAN [--keep FOLDER]      --keep leaves pages and screenshots there
"""
import argparse
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE.parent))
from skip import node_for, skip  # noqa: E402

FEW = 300_000  # bytes, of 50 servers
MANY = 2_000_000  # of a plan with more than 8,600 nodes
TONIGHT = ["--set", "version=2402", "--set", r"media=\\nas01\media"]


def big_farm(servers, sites):
    """The text of a farm file."""
    lines = ["farm: big", "uses: [pvs]", "defaults:", "  server: {state: {version: 2203, configured: 2203}}",
             "  console: {state: {version: 2203}}", "databases:",
             "  - {name: ProvisioningDB, instance: sql01.contoso.local, state: {schema: 2203}}", "servers:"]
    lines += [f"  - {{name: pvs{i:04}, address: pvs{i:04}.contoso.local, site: site-{i % sites:02}}}" for i in range(servers)]
    lines += ["consoles:"] + [f"  - {{name: ws{i:03}, address: ws{i:03}.contoso.local}}" for i in range(servers // 10)]
    return "\n".join(lines) + "\n"


EVIL = ("</title></script><script>alert(1)</script><img src=x onerror=alert(2)>\"'><svg onload=alert(3)>]]>&amp;{{script}}"
        "\u202ebackwards " + "w" * 300 + " <style>*{display:none}</style><a href=\"javascript:alert(4)\">")


def evil(folder):
    """The names, sites, questions and reasons of a plan become markup that would do something."""
    text = json.dumps(EVIL)
    for file, words in (("nights.plan.yaml", ("A site sells", "Somebody sells.", "Everybody has been told.",
                                              "Tills of two sites, each site in a night of its own, and each swap for good.")),
                        ("shop.farm.yaml", ("name: a", "site: south")), ("shop.module.yaml", ("the old till is scrapped",))):
        path = folder / file
        written = path.read_text()
        for word in words:
            key, _, value = word.rpartition(": ")
            named = text.replace("]", "")  # brackets are no part of the name of an object
            written = written.replace(word, f"name: {named}" if key == "name" else f"site: {text}" if key == "site" else text)
        path.write_text(written.replace("t.site == 'south'", "t.site != 'north'"))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("--keep", type=pathlib.Path)
    arguments = parser.parse_args()
    node = node_for(HERE)
    chromium = shutil.which("chromium")
    if chromium is None:
        skip("chromium is not here")
    program = arguments.program.resolve()
    wrong = []

    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        pages = arguments.keep or folder / "pages"
        pages.mkdir(parents=True, exist_ok=True)
        project = folder / "plans"
        shutil.copytree(ROOT / "plans", project, ignore=shutil.ignore_patterns(".pvsplan"))

        def call(*words, status=(0,)):
            done = subprocess.run([program, *words], cwd=project, capture_output=True, text=True, check=False)
            if done.returncode not in status:
                wrong.append(f"{' '.join(map(str, words))} ended with {done.returncode}: {done.stderr[-500:]}")

        def show(name, plan, *words, status=(0,), tonight=TONIGHT):
            call("show", plan, *tonight, *words, "--format", "html", "-o", pages / f"{name}.html", status=status)

        rolling = (project / "rolling-upgrade.plan.yaml").read_text()
        (project / "two.plan.yaml").write_text(rolling.replace("at_most: 1", "at_most: 2"))
        (project / "farms" / "fifty.farm.yaml").write_text(big_farm(50, 4))
        (project / "farms" / "many.farm.yaml").write_text(big_farm(1060, 20))
        show("rolling", "rolling-upgrade.plan.yaml")
        show("violated", "two.plan.yaml", status=(3,))
        large = "rolling-upgrade-large.plan.yaml"
        show("fifty", large, "--farm", "farms/fifty.farm.yaml", "--set", "at_once=2", "--set", "left=3")
        show("many", large, "--farm", "farms/many.farm.yaml", "--set", "at_once=4", "--set", "left=20")
        shutil.copytree(HERE / "marks", project / "marks")
        show("marks", "marks/nights.plan.yaml", tonight=())
        evil(project / "marks")
        show("hostile", "marks/nights.plan.yaml", tonight=())
        call("apply", "rolling-upgrade.plan.yaml", *TONIGHT, "--yes", status=(7,))
        call("approve", "last", "first-checked")
        call("resume", "last", "--fail", "rest[pvs03].install", status=(4,))
        call("status", "last", "--format", "html", "-o", pages / "failed.html")
        call("rollback", "last", "--yes", status=(0, 5))
        call("status", "last", "--format", "html", "-o", pages / "undone.html")
        for name, most in (("fifty", FEW), ("many", MANY)):
            page = pages / f"{name}.html"
            if page.exists() and page.stat().st_size > most:
                wrong.append(f"{name}.html has {page.stat().st_size} bytes, more than {most}")
        if not wrong:
            asked = json.dumps({"chromium": chromium, "pages": str(pages), "keep": arguments.keep is not None})
            wrong += [""] * subprocess.run([node, "pages.mjs", asked], cwd=HERE, timeout=1800, check=False).returncode
    for line in wrong:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


sys.exit(main())

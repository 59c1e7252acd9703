#!/usr/bin/env python3
"""Real accounts approve a run of root's: by their name, as members of a group, as nobody who may; and root, who began it.

    approvers.py PVSPLAN"""
import os, pathlib, shutil, subprocess, sys, tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from skip import skip

MODULE = """module: site
kinds: {box: {plural: boxes}}
actions: {use: {on: box, run: {command: [use]}, undo: {nothing: it is a model}}}
"""
FARM = "farm: site\nuses: [./site.yaml]\nboxes: [{name: a}]\n"
PLAN = """plan: asked
uses: [./site.yaml]
farm: ./farm.yaml
steps:
  - {id: look, approve: {text: Look., by: [daemon, no-such-account]}}
  - {id: group, approve: {text: Look again., by: [nogroup], not: starter}}
  - {id: other, approve: {text: Look once more., not: starter}}
  - {id: use, do: site.use, on: first(boxes)}
"""
wrong = []


def main():
    if os.geteuid() != 0 or not shutil.which("setpriv"):
        skip("only root can run a program as somebody else")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="pvsplan-approvers-"))
    folder.chmod(0o777)
    try:
        told(folder)
    finally:
        shutil.rmtree(folder)
    print("\n".join(wrong) or "ok")
    sys.exit(1 if wrong else 0)


def told(folder):
    tool = folder / "pvsplan"  # where everybody may run it
    shutil.copy(sys.argv[1], tool)
    for name, text in {"site.yaml": MODULE, "farm.yaml": FARM, "plan.yaml": PLAN}.items():
        (folder / name).write_text(text)
        (folder / name).chmod(0o644)

    def run(user, *arguments):
        command = [tool, *arguments, "--store", folder / "s.db"]
        if user:
            command = ["setpriv", f"--reuid={user}", "--regid=nogroup" if user == "sync" else f"--regid={user}",
                       "--init-groups", *command]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL)
        for file in folder.glob("s.db*"):
            file.chmod(0o666)
        return done.returncode, " ".join((done.stdout + done.stderr).split())

    def expect(exit, part, user, *arguments):
        found, said = run(user, *arguments)
        if found != exit or part not in said:
            wrong.append(f"{user or 'root'} {' '.join(arguments)} ends with {found}, not {exit}: {said}")

    unknown = "; this machine knows no user and no group `no-such-account`"
    expect(7, "`no-such-account` may approve, and this machine knows no user", "", "apply", "plan.yaml", "--yes")
    expect(2, "`bin` may not approve `look`; who may is daemon or no-such-account" + unknown, "bin", "approve", "last", "look")
    expect(2, "`root` may not approve `look`", "", "approve", "last", "look")
    expect(0, "`look` is approved", "daemon", "approve", "last", "look")
    expect(0, "`look` was approved before", "bin", "approve", "last", "look")
    expect(7, "group wants approval", "", "resume", "last")
    expect(2, "`daemon` may not approve `group`; who may is nogroup", "daemon", "approve", "last", "group")
    expect(0, "`group` is approved", "sync", "approve", "last", "group")
    expect(2, "`root` started the run; somebody else has to approve", "", "approve", "last", "other")
    expect(0, "`other` is approved", "bin", "approve", "last", "other")
    expect(0, "all steps are done", "", "resume", "last")
    expect(0, "a schedule that the plan allows", "", "log", "last", "--verify")
    expect(0, "look: by daemon on", "", "log", "last")
    expect(0, ", as nogroup", "", "log", "last")


main()

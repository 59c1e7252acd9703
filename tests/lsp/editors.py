#!/usr/bin/env python3
"""Editors that people have, driven without a screen: Neovim and Emacs (eglot). PVSPLAN_EDITORS=0 leaves them out.

    tests/lsp/editors.py PVSPLAN"""
import os, pathlib, re, shutil, subprocess, sys, time

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent))
import skip
from client import new_folder

HERE = pathlib.Path(__file__).resolve().parent
PLANS = HERE.parent.parent / "plans"
NAME = "rolling-upgrade.plan.yaml"


def shipped(folder, program, environment):
    shutil.copytree(PLANS, folder, dirs_exist_ok=True)


def of_the_tutorial(folder, program, environment):
    """A project that was begun with `init`, and the files of the tutorial as it has them when it comes to the mistakes."""
    subprocess.run([program, "init", "--no-input"], cwd=folder, env=environment, check=True, capture_output=True)
    text = (PLANS / "tutorial.md").read_text()
    for name, block in re.findall(r"^```\w+ (\S+)\n(.*?)^```$", text, re.M | re.S):
        (folder / name).write_text(block)
    (folder / "excel.csv").rename(folder / "servers.csv")
    ticket = re.search(r"printf '(.*?)' > ticket.yaml", text)[1]
    (folder / "ticket.yaml").write_text(ticket.replace("\\n", "\n"))


def drive(words, program, project):
    folder, home = new_folder(), new_folder()
    environment = {**os.environ, "PVSPLAN": program, "HERE": str(HERE), "FOLDER": str(folder), "FILE": NAME, "HOME": str(home),
                   "XDG_CACHE_HOME": str(home / ".cache"), "XDG_CONFIG_HOME": str(home / ".config")}
    project(folder, program, environment)
    began = time.monotonic()
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=600, stdin=subprocess.DEVNULL, env=environment)
    if done.returncode != 0:
        sys.exit(f"{words[0]}: {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-3000:]}")
    print(f"{words[0]}: {time.monotonic() - began:.1f} s")


def main():
    program = os.path.abspath(sys.argv[1])
    nvim = lambda script: ["nvim", "--headless", "-u", "NONE", "-i", "NONE", "-c", f"luafile {HERE / script}"]
    skip.skip_editors_if_told()
    for words, project in ((nvim("neovim.lua"), shipped), (nvim("mistakes.lua"), of_the_tutorial),
                           (["emacs", "--batch", "-l", str(HERE / "eglot.el")], shipped)):
        if not shutil.which(words[0]):
            skip.skip(f"there is no {words[0]}")
        drive(words, program, project)


main()

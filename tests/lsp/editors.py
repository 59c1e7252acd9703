#!/usr/bin/env python3
"""Editors that people have, driven without a screen: Neovim and Emacs (eglot). PVSPLAN_EDITORS=0 leaves them out.

    tests/lsp/editors.py PVSPLAN"""
import os, pathlib, shutil, subprocess, sys, time

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent))
import skip
from client import new_folder

HERE = pathlib.Path(__file__).resolve().parent
NAME = "rolling-upgrade.plan.yaml"


def drive(words, program):
    folder = new_folder()
    shutil.copytree(HERE.parent.parent / "plans", folder, dirs_exist_ok=True)
    home = folder / "home"
    home.mkdir()
    began = time.monotonic()
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL, env={
        **os.environ, "PVSPLAN": program, "FOLDER": str(folder), "FILE": str(folder / NAME), "HOME": str(home), "XDG_CACHE_HOME": str(home / ".cache")})
    shutil.rmtree(folder)
    if done.returncode != 0:
        sys.exit(f"{words[0]}: {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-3000:]}")
    print(f"{words[0]}: {time.monotonic() - began:.1f} s")


def main():
    program = os.path.abspath(sys.argv[1])
    editors = {"nvim": ["--headless", "-u", "NONE", "-i", "NONE", "-c", f"luafile {HERE / 'neovim.lua'}"],
               "emacs": ["--batch", "-l", str(HERE / "eglot.el")]}
    if os.environ.get("PVSPLAN_EDITORS") == "0":
        skip.skip("PVSPLAN_EDITORS=0")
    for name, arguments in editors.items():
        if not shutil.which(name):
            skip.skip(f"there is no {name}")
        drive([name, *arguments], program)


main()

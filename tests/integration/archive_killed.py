#!/usr/bin/env python3
"""Kills `runs --archive` at each call by which it changes anything, and lets its disk be full after so many bytes: at each moment a
run is whole in the store or whole in its file, whoever looks, and archiving again ends it. archive_killed.py PVSPLAN KILL_AT_LIBRARY"""
import json, os, resource, subprocess, sys, tempfile

import preloaded
from scenarios import Failure, check, copy, remove

HERE = os.path.dirname(os.path.abspath(__file__))
FARM = """farm: f
uses: [./toy.yaml]
boxes: [{name: a}]
"""
MODULE = """module: toy
summary: A box.
kinds:
  box: {plural: boxes, state: {is_open: {type: bool, default: false}}, observe: {command: [look]}}
"""
PLAN = """plan: asks
uses: [./toy.yaml]
farm: ./farm.yaml
steps: [{id: look, approve: Look at it.}]
"""


class Project:
    """A run that is over, in a store that is put back for each scenario."""

    def __init__(self, tool, library):
        self.tool, self.library = tool, library
        self.folder = tempfile.mkdtemp(prefix="pvsplan-test-")
        self.first, self.now = f"{self.folder}/first", f"{self.folder}/now"
        os.mkdir(self.first)
        for name, text in (("toy.yaml", MODULE), ("farm.yaml", FARM), ("plan.yaml", PLAN)):
            with open(f"{self.first}/{name}", "w") as file:
                file.write(text)
        self.run(self.first, "apply", "plan.yaml", "--yes", status=7)
        self.run(self.first, "approve", "last", "look")
        self.run(self.first, "resume", "last")
        self.id, = self.ids(self.first)

    def run(self, folder, *words, status=0, kill_at=None, bytes_left=None):
        environment = dict(os.environ, HOME=self.folder)
        if kill_at is not None:
            environment |= {"LD_PRELOAD": self.library, "PVSPLAN_KILL_AT": str(kill_at), "PVSPLAN_KILL_COUNT": f"{self.folder}/count"}

        def limit():
            if bytes_left is not None:
                resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_left, bytes_left))

        done = subprocess.run([self.tool, *words], cwd=folder, env=environment, capture_output=True, text=True, preexec_fn=limit)
        check(done.returncode in (status if isinstance(status, tuple) else (status,)),
              f"{words}: exit {done.returncode}, not {status}: {done.stderr}")
        return done

    def ids(self, folder):
        """The runs in the store, each of them whole."""
        runs = json.loads(self.run(folder, "runs", "--format", "json").stdout)["runs"]
        for run in runs:
            self.run(folder, "log", run["run"], "--verify")
        return [run["run"] for run in runs]

    def scenario(self, **fault):
        """Whether it was killed."""
        copy(self.first, self.now)
        words = ["runs", "--archive", "old", "--older-than", "0s", "--yes"]
        ended = self.run(self.now, *words, status=(0, 1, -9), **fault)
        file = f"old/{self.id}.journal"
        is_in_store = self.ids(self.now) == [self.id]
        if os.path.exists(f"{self.now}/{file}"):
            self.run(self.now, "log", file, "--verify")
        else:
            check(is_in_store, f"{fault}: the run is nowhere")
        check(ended.returncode != 0 or not is_in_store, f"{fault}: archived, and still there")
        check(ended.returncode != 1 or is_in_store, f"{fault}: {ended.stderr}")
        self.run(self.now, *words)
        check(self.ids(self.now) == [] and os.path.exists(f"{self.now}/{file}"), f"{fault}: still there, or lost")
        check(os.listdir(f"{self.now}/old") == [f"{self.id}.journal"], f"{fault}: left in the folder: {os.listdir(f'{self.now}/old')}")
        return ended.returncode == -9


def main():
    tool, library = os.path.abspath(sys.argv[1]), preloaded.library(sys.argv[2])
    project = Project(tool, library)
    try:
        project.scenario(kill_at=0)
        with open(f"{project.folder}/count") as file:
            places = int(file.read())
        check(places >= 10, f"only {places} places")
        kills = sum(project.scenario(kill_at=at) for at in range(1, places + 1))
        check(kills > places // 2, f"only {kills} kills at {places} places")
        size = os.path.getsize(f"{project.first}/.pvsplan/state.db")
        for room in (0, 1000, size // 2, size - 1):
            project.scenario(bytes_left=room)
        print(f"{kills} kills at {places} places, 4 full disks")
    except Failure as failure:
        print(f"WRONG {failure}")
        return 1
    finally:
        remove(project.folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())

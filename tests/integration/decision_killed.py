#!/usr/bin/env python3
"""Kills the `resume` that records an operator decision (--done, --redo) at each call by which it changes anything, and
resumes again. The decision is recorded once or not at all; in the latter case it is given again. Every command has run
exactly once or was done by hand, and the journal verifies.

    decision_killed.py PVSPLAN KILL_AT_LIBRARY [--every N]"""
import sys
from concurrent.futures import ThreadPoolExecutor
import preloaded
import run_killed
from toy import TEXTS

INVARIANTS = """invariants:
  - name: Marked three times
    require: exactly 3 mark(box)
"""
BECAUSE = "said by hand"


def halted(arguments):
    """A run whose second step has failed."""
    project = run_killed.Project(arguments.pvsplan, arguments.library)
    project.put("plan.yaml", project.text("plan.yaml") + INVARIANTS)
    project.put("fail-two")
    done = project.run("apply", "plan.yaml", "--yes", "--no-input")
    if done.returncode != 4 or project.ran() != ["one"]:
        raise RuntimeError(f"not halted: exit {done.returncode}: {done.stderr}")
    return project


def scenario(arguments, decision, at):
    """Whether it was killed, how many places there were, and what went wrong."""
    project = halted(arguments)
    project.take("fail-two")
    if decision == "--done":
        project.put("mark-a", "two")
    told, kills = [], 0
    records = ""
    for kill_at in (at, None):
        said = [] if BECAUSE in records else [decision, "two", "--because", BECAUSE]
        done = project.run("resume", "last", *said, kill_at=kill_at)
        told.append(f"resume {said} (killed at {kill_at}) -> {done.returncode}: {done.stderr.strip()[-300:]}")
        kills += done.returncode == -9
        records = project.run("log", "last", "--format", "json").stdout
    expected = TEXTS if decision == "--redo" else ["one", "three"]
    wrong = []
    if project.ran() != expected or project.mark() != "three":
        wrong.append(f"ran {project.ran()}")
    if records.count(BECAUSE) != 1:
        wrong.append(f"the decision stands {records.count(BECAUSE)} times in the journal")
    if project.run("log", "last", "--verify").returncode != 0:
        wrong.append("the journal does not verify")
    places = int(project.text("count") or 0)
    project.close()
    return kills, places, f"{decision} killed at {at}: {'; '.join(wrong)}\n  " + "\n  ".join(told) if wrong else None


def main():
    arguments = preloaded.parser(jobs=4).parse_args()
    results = []
    for decision in ("--done", "--redo"):
        undisturbed = scenario(arguments, decision, 0)
        if undisturbed[2] or undisturbed[1] < 20:
            print(f"{decision} does not even go undisturbed:", undisturbed)
            return 1
        with ThreadPoolExecutor(arguments.jobs) as pool:
            places = preloaded.places(arguments, undisturbed[1])
            results += pool.map(lambda at, decision=decision: scenario(arguments, decision, at), places)
    wrong = [text for _, _, text in results if text]
    print(f"{len(results)} scenarios, {sum(kills for kills, _, _ in results)} kills")
    for text in wrong[:10]:
        print("WRONG", text)
    return 1 if wrong or sum(kills for kills, _, _ in results) < len(results) // 2 else 0


if __name__ == "__main__":
    sys.exit(main())

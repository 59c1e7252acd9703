#!/usr/bin/env python3
"""A plan with every step written out, and steps that run `true` on this machine: processor time next to that of yaml-cpp's
events over the same bytes, and of ninja running `true`, each pair in turn in one run.

usage: written_out.py PVSPLAN [--steps N] [--local N]
       written_out.py PVSPLAN --memory

Prints the median of three of user and system time, their ratio, and the peak of `pvsplan validate` in bytes a byte of
text. Builds `events.cpp` with `c++` and yaml-cpp. What is aimed at: 1.5 of the events, 20 bytes a byte, 3 of ninja.

`--memory` is a test of every run: of two plans, one five times the other, each byte more takes 20 bytes at most. It is
no measurement of time, and is the same on every machine.
"""
import argparse
import os
import pathlib
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path += [str(HERE), str(HERE.parent / "integration")]
import compile as compile_bench  # noqa: E402
import schedule  # noqa: E402

TIMES = 3
MAX_BYTES = 20  # of memory for a byte of text
SERVERS_STEPS = (("before", "look"), ("stop", "stop"), ("stopped", "look"), ("install", "install"),
                 ("installed", "look"), ("start", "start"), ("started", "look"), ("after", "look"))


def write_plan(folder, steps):
    """A plan of that many steps, each of four lines, on a farm with a server for each eight of them."""
    compile_bench.write_project(folder, steps // 8, 1, compile_bench.NOTHING_ASKED)
    with open(folder / "plan.yaml", "w") as plan:
        plan.write("plan: written\nuses: [./shop.yaml]\nfarm: ./farm.yaml\nsteps:\n")
        for i in range(steps // 8):
            for name, action in SERVERS_STEPS:
                plan.write(f"  - id: {name}-{i:06}\n    do: shop.{action}\n    on: nodes[\"pvs{i:06}\"]\n")
                plan.write("    with: {version: 2402}\n" if action == "install" else "")


def used(words, folder):
    """(seconds of the processor, peak in bytes) of a process and all its children."""
    pid = os.fork()
    if pid == 0:  # a child of its own, so that what its children used is counted apart
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(words, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, check=False)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        (folder / "used").write_text(f"{done.returncode} {seconds} {after.ru_maxrss * 1024}")
        os._exit(0)
    os.waitpid(pid, 0)
    status, seconds, peak = (folder / "used").read_text().split()
    if status != "0":
        sys.exit(f"{' '.join(map(str, words))}: exit {status}")
    return float(seconds), int(peak)


def pair(ours, theirs, folder, prepare=lambda: None):
    """The medians of both, taken in turn: (our seconds, their seconds, our peak)."""
    mine, others = [], []
    for _ in range(TIMES):
        prepare()
        others.append(used(theirs, folder))
        mine.append(used(ours, folder))
    return (statistics.median(s for s, _ in mine), statistics.median(s for s, _ in others),
            statistics.median(p for _, p in mine))


def project_of(folder, steps):
    """Writes a plan of that many steps; the bytes of its files."""
    write_plan(folder, steps)
    return sum((folder / file).stat().st_size for file in ("plan.yaml", "farm.yaml", "shop.yaml"))


def check_memory(tool):
    """What each byte of text takes, whatever the program itself takes. The exit status."""
    sizes, peaks = [], []
    for steps in (8_000, 40_000):
        with tempfile.TemporaryDirectory(prefix="pvsplan-bench-") as name:
            sizes.append(project_of(pathlib.Path(name), steps))
            peaks.append(used([tool, "validate", "plan.yaml"], pathlib.Path(name))[1])
    taken = (peaks[1] - peaks[0]) / (sizes[1] - sizes[0])
    print(f"{taken:.1f} bytes for a byte of text, of at most {MAX_BYTES}")
    return 0 if taken <= MAX_BYTES else 1


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("pvsplan")
    parser.add_argument("--steps", type=int, default=100_000)
    parser.add_argument("--local", type=int, default=1_000)
    parser.add_argument("--memory", action="store_true")
    arguments = parser.parse_args()
    tool = os.path.abspath(arguments.pvsplan)
    if arguments.memory:
        return check_memory(tool)
    with tempfile.TemporaryDirectory(prefix="pvsplan-bench-") as name:
        folder = pathlib.Path(name)
        events = folder / "events"
        subprocess.run(["c++", "-O2", HERE / "events.cpp", "-o", events, "-lyaml-cpp"], check=True)
        size = project_of(folder, arguments.steps)
        mine, others, peak = pair([tool, "validate", "plan.yaml"], [events, "plan.yaml", "farm.yaml", "shop.yaml"], folder)
        print(f"{arguments.steps} steps written out, {size / 1e6:.1f} MB: validate {mine:.2f} s, events {others:.2f} s, "
              f"ratio {mine / others:.2f}; {peak / size:.1f} bytes a byte", flush=True)
    with tempfile.TemporaryDirectory(prefix="pvsplan-bench-") as name:
        folder = pathlib.Path(name)
        schedule.project(name, arguments.local, "1", over="local")
        schedule.ninja(name, arguments.local, True)

        def fresh():
            for left in (".ninja_log", ".ninja_deps"):
                (folder / left).unlink(missing_ok=True)
            shutil.rmtree(folder / ".pvsplan", ignore_errors=True)

        mine, others, _ = pair([tool, "apply", "plan.yaml", "--yes", "--no-input"], ["ninja", "-j64", "--quiet"], folder, fresh)
        print(f"{arguments.local} steps running `true` over local in a chain: {mine:.2f} s, ninja {others:.2f} s, "
              f"ratio {mine / others:.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

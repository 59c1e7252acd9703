#!/usr/bin/env python3
"""`diff` of two plans next to `validate` of one of them, in turn in one run: processor time, wall time and memory.

usage: diff.py PVSPLAN [NODES]

A loop over servers of which one more may be down at once, the library's rolling upgrade with the same change, and steps written
out of which one is gone. Aimed at: three times one `validate`. Prints the medians of three.
"""
import argparse
import os
import pathlib
import statistics
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import compile as compile_bench  # noqa: E402
import written_out  # noqa: E402

TIMES = 3


def change(folder, plan, old, new):
    """Writes `other.yaml`, which is the plan but for that."""
    text = (folder / plan).read_text()
    if old not in text:
        sys.exit(f"{plan} has no {old!r}")
    (folder / "other.yaml").write_text(text.replace(old, new, 1))


def loop(folder, nodes):
    compile_bench.write_project(folder, nodes // compile_bench.NODES_A_SERVER, 4, compile_bench.INVARIANTS)
    change(folder, "plan.yaml", "at_most: 4", "at_most: 3")
    return ["plan.yaml"]


def librarys(folder, nodes):
    compile_bench.write_librarys(folder, nodes // compile_bench.NODES_A_SERVER)
    change(folder, compile_bench.LIBRARYS, "at_most: 1", "at_most: 2")
    return [compile_bench.LIBRARYS, "--set", "version=2402", "--set", "media=/media"]


def written(folder, nodes):
    written_out.write_plan(folder, nodes)
    step = '  - id: before-000007\n    do: shop.look\n    on: nodes["pvs000007"]\n'
    change(folder, "plan.yaml", step, "")
    return ["plan.yaml"]


def measured(words, folder):
    begin = time.perf_counter()
    seconds, peak = written_out.used(words, folder)
    return seconds, time.perf_counter() - begin, peak


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("pvsplan")
    parser.add_argument("nodes", nargs="?", type=int, default=100_000)
    arguments = parser.parse_args()
    tool = os.path.abspath(arguments.pvsplan)
    for write in (loop, librarys, written):
        with tempfile.TemporaryDirectory(prefix="pvsplan-bench-") as name:
            folder = pathlib.Path(name)
            plan, *values = write(folder, arguments.nodes)
            one, both = [], []
            for _ in range(TIMES):
                one.append(measured([tool, "validate", plan, *values], folder))
                both.append(measured([tool, "diff", plan, "other.yaml", *values], folder))
            mine, theirs = ([statistics.median(column) for column in zip(*rows)] for rows in (both, one))
            print(f"{write.__name__}, {arguments.nodes} nodes: diff {mine[0]:.2f} s of CPU, {mine[1]:.2f} s, {mine[2] / 1e6:.0f} MB; "
                  f"validate {theirs[0]:.2f} s of CPU, {theirs[1]:.2f} s, {theirs[2] / 1e6:.0f} MB; "
                  f"ratio {mine[0] / theirs[0]:.2f} of CPU, {mine[1] / theirs[1]:.2f} in all", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

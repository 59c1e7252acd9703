#!/usr/bin/env python3
"""What the scheduler costs: no-op steps in a chain and side by side, compared with ninja running `true` and the bare rate of
fdatasync on the same disk in the same minute. Commits are counted from outside, as fdatasync and fsync calls.

    schedule.py PVSPLAN [--steps N] [--local N] [--at-once N] [--check]

--check fails unless a chain costs at most 1.2 commits a step, steps side by side at most 0.1, and as many steps waiting
at once (simulated, over local and over ssh) a bounded number of threads and less than 500 MB."""
import argparse, os, re, shutil, signal, subprocess, sys, tempfile, time

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../integration"))
from sshd import Sshd

MODULE = """module: idle
kinds:
  item: {plural: items}
actions:
  nothing:
    on: item
    run: {command: ["true"]}
    undo: {nothing: it does nothing}
"""
PLAN = """plan: idle
uses: [./idle.yaml]
farm: ./farm.yaml
steps:
  - {id: all, for_each: i in items, at_most: AT_MOST, do: idle.nothing, on: i}
"""


def write(folder, name, text):
    with open(os.path.join(folder, name), "w") as file:
        file.write(text)


def project(folder, steps, at_most, over="simulated", command=("true",)):
    """A plan of that many steps of which `at_most` may overlap. `over`: a transport, or all that stands in `connect`."""
    write(folder, "idle.yaml", MODULE.replace('["true"]', str(list(command))))
    write(folder, "items.csv", "name\n" + "".join(f"i{n}\n" for n in range(steps)))
    how = over if over.startswith("{") else f"{{over: {over}}}"
    connect = "" if over == "simulated" else f"defaults:\n  item: {{connect: {how}}}\n"
    write(folder, "farm.yaml", f"farm: bench-{os.getpid()}\nuses: [./idle.yaml]\n{connect}items: {{csv: items.csv}}\n")
    write(folder, "plan.yaml", PLAN.replace("AT_MOST", at_most))


class Watched:
    """A program that ran to its end: how long, how many of its flushes, its largest memory and number of threads."""

    def __init__(self, words, folder, expects=0, watch=False, for_seconds=None):
        self.seconds, self.megabytes, self.threads = 0.0, 0.0, 0
        began = time.monotonic()
        with open(os.path.join(folder, "told"), "w") as told:
            child = subprocess.Popen(words, cwd=folder, stdin=subprocess.DEVNULL, stdout=told, stderr=subprocess.STDOUT)
            while child.poll() is None:
                if not watch:
                    child.wait()
                    break
                self.look(child.pid)
                time.sleep(0.02)
                if for_seconds and time.monotonic() - began > for_seconds:
                    for _ in range(2):  # asked twice to stop, it leaves alone what runs
                        child.send_signal(signal.SIGINT)
                        time.sleep(0.5)
                    child.wait()
        self.seconds = time.monotonic() - began
        if child.returncode != expects:
            sys.exit(f"{' '.join(words)}: exit {child.returncode}\n" + open(os.path.join(folder, "told")).read()[-800:])

    def look(self, pid):
        try:
            status = open(f"/proc/{pid}/status").read()
        except OSError:
            return
        of = lambda name: int(re.search(rf"^{name}:\s+(\d+)", status, re.M)[1]) if name + ":" in status else 0
        self.megabytes = max(self.megabytes, of("VmHWM") / 1024)
        self.threads = max(self.threads, of("Threads"))


def best(measure, times=3):
    """The least of several: other work on this machine only ever adds."""
    return min(measure() for _ in range(times))


def applied(tool, folder, *more, **how):
    shutil.rmtree(os.path.join(folder, ".pvsplan"), ignore_errors=True)
    return Watched([tool, "apply", "plan.yaml", "--yes", "--no-input", *more], folder, **how)


def flushes(tool, folder):
    """How often the run asked the disk to be done with what it wrote."""
    shutil.rmtree(os.path.join(folder, ".pvsplan"), ignore_errors=True)
    trace = ["strace", "-f", "--seccomp-bpf", "-e", "trace=fdatasync,fsync", "-o", "calls"]
    Watched([*trace, tool, "apply", "plan.yaml", "--yes", "--no-input"], folder)
    with open(os.path.join(folder, "calls")) as calls:
        return sum(1 for line in calls if "sync(" in line)


def ninja(folder, steps, is_chain):
    rule = "rule t\n  command = true\n"
    lines = [f"build o{n}: t" + (f" o{n - 1}" if is_chain and n else "") for n in range(steps)]
    for log in (".ninja_log", ".ninja_deps"):
        if os.path.exists(os.path.join(folder, log)):
            os.remove(os.path.join(folder, log))
    write(folder, "build.ninja", rule + "\n".join(lines) + f"\nbuild all: phony " + " ".join(f"o{n}" for n in range(steps)) + "\ndefault all\n")
    return Watched(["ninja", "-j64", "--quiet"], folder).seconds


def at_once(tool, folder, steps, jobs):
    """What a run needs of which all steps wait at once: for their ends, or for one of the places at their hosts."""
    project(folder, steps, "all")
    yield f"{steps} simulated steps under way", applied(
        tool, folder, "--pace", "5s", "--max-parallel", str(steps), watch=True
    )
    project(folder, jobs, "all", over="local", command=["sleep", str(jobs // 100)])
    yield f"{jobs} jobs under way over local", applied(tool, folder, "--max-parallel", str(jobs), watch=True)
    sshd = Sshd()
    for over, connect in (("local", "local"), ("ssh", sshd.connect(folder + "/jobs"))):
        project(folder, steps, "all", over=connect, command=["sleep", "3"])
        yield f"{steps} steps over {over}, 64 at a time, looked at for 15 s", applied(
            tool, folder, watch=True, for_seconds=15, expects=130
        )
    sshd.close()


def disk_rate(folder, times):
    """Flushes of one appended page a second."""
    file = os.open(os.path.join(folder, "pages"), os.O_WRONLY | os.O_CREAT, 0o600)
    began = time.monotonic()
    for _ in range(times):
        os.write(file, b"x" * 4096)
        os.fdatasync(file)
    os.close(file)
    return times / (time.monotonic() - began)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("pvsplan")
    parser.add_argument("--steps", type=int, default=10_000)
    parser.add_argument("--local", type=int, default=1_000, help="steps that really run `true` on this machine")
    parser.add_argument("--at-once", type=int, default=2_000, help="jobs that are under way at once on this machine")
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    tool, steps = os.path.abspath(arguments.pvsplan), arguments.steps
    wrong = []

    def hold(what, value, limit):
        if value > limit:
            wrong.append(f"{what}: {value:.2f}, at most {limit}")

    with tempfile.TemporaryDirectory(prefix="pvsplan-bench-") as folder:
        rate = disk_rate(folder, 2000)
        print(f"disk: {rate:,.0f} fdatasync a second, {1000 / rate:.3f} ms each\n")
        print(f"{steps} no-op steps      seconds  us a step  commits a step  the disk alone, s  ninja running `true`, s")
        for name, at_most, limit in (("in a chain", "1", 1.2), ("side by side", "all", 0.1)):
            project(folder, steps, at_most)
            seconds, commits = best(lambda: applied(tool, folder).seconds), flushes(tool, folder) / steps
            ninja_s = best(lambda: ninja(folder, steps, at_most == "1"))
            print(
                f"  {name:<18}  {seconds:8.2f}  {seconds / steps * 1e6:9.0f}  {commits:14.3f}  "
                f"{commits * steps / rate:17.2f}  {ninja_s:23.2f}"
            )
            hold(f"commits a step {name}", commits, limit)
        for name, at_most in (("in a chain", "1"), ("side by side", "all")):
            project(folder, arguments.local, at_most, over="local")
            seconds = best(lambda: applied(tool, folder).seconds)
            ninja_s = best(lambda: ninja(folder, arguments.local, at_most == "1"))
            print(f"{arguments.local} jobs running `true` over local, {name}: {seconds:.2f} s; ninja {ninja_s:.2f} s")
        for over, seen in at_once(tool, folder, steps, arguments.at_once):
            print(f"{over}: {seen.threads} threads, {seen.megabytes:.0f} MB")
            hold(f"threads, {over}", seen.threads, 32)
            hold(f"megabytes, {over}", seen.megabytes, 500)
    for text in wrong:
        print("WRONG", text)
    return 1 if wrong and arguments.check else 0


if __name__ == "__main__":
    sys.exit(main())

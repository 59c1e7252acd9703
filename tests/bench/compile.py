#!/usr/bin/env python3
"""Compile and all proofs of a rolling plan, from 1,000 to 1,000,000 nodes, next to `ninja -n` on the same graph.

Prints, for each size: wall seconds of `pvsplan validate` and of `ninja -n`, their ratio, and the peak memory of
`pvsplan validate` in bytes a node: all of it above the size of the input, and what of that is not the process itself,
which is what a plan for one server takes. Both run in turn, three times each; the median is shown. Then what the proof
of `always at most k` costs over 10,000 servers side by side, and the rolling upgrade of the library, which reads more. Ends with 1 if from 100,000 nodes on more than 300 bytes a
node are taken above the input; below, the process itself weighs more.

Wants Debian's `time`: the kernel counts what a parent had before exec as the peak of its child, and Python has more than
a small validation.
"""
import argparse
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

NODES_A_SERVER = 8
PLANS = pathlib.Path(__file__).resolve().parent.parent.parent / "plans"
LIBRARYS = "rolling-upgrade.plan.yaml"
TIMES = 3
LEAST_NODES_BOUND = 100_000  # from here on the bound is held against what was measured
MAX_BYTES_A_NODE = 300

SWITCH = """  {name}:
    on: node
    requires: on.stream == {before}
    does: {name}(on)
    sets: {{on.stream: {after}}}
    run: {{command: ["true"]}}
    undo: {{do: shop.{back}}}
"""
STOP_AND_START = (SWITCH.format(name="stop", before="running", after="stopped", back="start")
                  + SWITCH.format(name="start", before="stopped", after="running", back="stop"))
MODULE = """module: shop
kinds:
  node:
    plural: nodes
    attributes: {address: {type: string}, site: {type: string}}
    state:
      version: {type: version}
      stream: {type: [running, stopped], default: running}
    observe: {command: ["true"]}
predicates:
  down(node s): s.stream == stopped
actions:
  look:
    on: node
    does: look(on)
    run: {command: ["true"]}
    repeatable: true
    undo: {nothing: it only looks}
STOP_AND_START  install:
    on: node
    parameters: {version: {type: version}}
    requires: on.stream == stopped
    does: upgrade(on)
    sets: {on.version: "${version}"}
    run: {command: ["echo", "${version}"]}
    undo: {do: shop.install, with: {version: "${before.version}"}}
procedures:
  roll:
    on: node
    parameters: {version: {type: version}}
    steps:
      - {id: before, do: shop.look}
      - {id: stop, do: shop.stop}
      - {id: stopped, do: shop.look}
      - {id: install, do: shop.install, with: {version: "${version}"}}
      - {id: installed, do: shop.look}
      - {id: start, do: shop.start}
      - {id: started, do: shop.look}
      - {id: after, do: shop.look}
"""

PLAN = """plan: rolling
uses: [./shop.yaml]
farm: ./farm.yaml
parameters: {version: {type: version, default: 2402}}
steps:
  - id: all
    for_each: s in nodes
    at_most: LANES
    do: shop.roll
    on: s
    with: {version: "${version}"}
invariants:
"""
AT_MOST = "  - {name: Few at a time, require: always at most LANES down(node)}\n"
INVARIANTS = AT_MOST + """\
  - {name: Once, require: exactly 1 upgrade(node s) per s}
  - {name: Stopped while upgraded, require: every upgrade(node s) while every down(node s)}
  - {name: Looked at afterwards, require: every upgrade(node s) then some look(node s)}
  - {name: All are up, require: "finally every node n with n.stream == running"}
"""
NOTHING_ASKED = "  []\n"


def write_project(folder, servers, lanes, invariants):
    (folder / "shop.yaml").write_text(MODULE.replace("STOP_AND_START", STOP_AND_START))
    (folder / "plan.yaml").write_text((PLAN + invariants).replace("LANES", str(lanes)))
    with open(folder / "farm.yaml", "w") as farm:
        farm.write("farm: big\nuses: [./shop.yaml]\ndefaults:\n  node: {state: {version: 2203}}\nnodes:\n")
        for i in range(servers):
            farm.write(f"  - {{name: pvs{i:06}, address: pvs{i:06}.example, site: s{i % 7}}}\n")


def write_librarys(folder, servers):
    """The rolling upgrade of the library over a farm of 20 sites. Its policy asks for every server which others its site has."""
    shutil.copy(PLANS / LIBRARYS, folder)
    (folder / "farms").mkdir()
    lines = "".join(f"  - {{name: s{n}, address: s{n}.contoso.local, site: site{n % 20}}}\n" for n in range(servers))
    farm = (PLANS / "farms/contoso.farm.yaml").read_text()
    begin, end = farm.index("servers:\n") + len("servers:\n"), farm.index("consoles:\n")
    (folder / "farms/contoso.farm.yaml").write_text(farm[:begin] + lines + farm[end:])


def write_ninja(folder, servers, lanes):
    with open(folder / "build.ninja", "w") as out:
        out.write("rule r\n  command = true\n")
        for i in range(servers):
            for k in range(NODES_A_SERVER):
                if k > 0:
                    before = f"s{i}.{k - 1}"
                elif i >= lanes:
                    before = f"s{i - lanes}.{NODES_A_SERVER - 1}"
                else:
                    before = ""
                out.write(f"build s{i}.{k}: r {before}\n")


def run(command, folder):
    """(wall seconds, peak bytes) of one process; nothing if it failed."""
    peak = folder / "peak"
    begin = time.perf_counter()
    ended = subprocess.run([TIME, "-q", "-f", "%M", "-o", peak, *command], cwd=folder, stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL, check=False)
    wall = time.perf_counter() - begin
    return (wall, int(peak.read_text()) * 1024) if ended.returncode == 0 else (None, None)


def sizes(most):
    """Prints a line for each size; what was over the bound."""
    lanes = 4
    too_much = []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        write_project(folder, 1, lanes, INVARIANTS)
        process = run([PVSPLAN, "validate", "plan.yaml"], folder)[1]
    print(f"the process itself: {process / 1e6:.1f} MB")
    print(f"{'':>9} {'':>10} {'':>10} {'':>6} {'bytes a node above':>25}")
    print(f"{'nodes':>9} {'validate':>10} {'ninja -n':>10} {'ratio':>6} {'the input':>10} {'and process':>14}")
    size = 1_000
    while size <= most:
        servers = size // NODES_A_SERVER
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            write_project(folder, servers, lanes, INVARIANTS)
            write_ninja(folder, servers, lanes)
            ours, theirs, memory = [], [], []
            for _ in range(TIMES):
                wall, peak = run([PVSPLAN, "validate", "plan.yaml"], folder)
                if wall is None:
                    sys.exit("the plan of the benchmark does not validate")
                ours.append(wall)
                memory.append(peak)
                # It overflows its stack on long chains.
                wall, _ = run(["ninja", "-n"], folder)
                theirs += [wall] if wall is not None else []
            nodes = servers * NODES_A_SERVER
            above = statistics.median(memory) - (folder / "farm.yaml").stat().st_size
            a = statistics.median(ours)
            b = statistics.median(theirs) if theirs else None
            ninja_text = f"{b:>9.3f}s {a / b:>6.2f}" if b else f"{'crashed':>10} {'':>6}"
            print(f"{nodes:>9} {a:>9.3f}s {ninja_text} {above / nodes:>10.0f} {(above - process) / nodes:>14.0f}", flush=True)
            if nodes >= LEAST_NODES_BOUND and above / nodes > MAX_BYTES_A_NODE:
                too_much.append(f"{nodes} nodes take {above / nodes:.0f} bytes a node, which may be {MAX_BYTES_A_NODE}")
        size *= 10
    return too_much


def librarys(most):
    """The plan that people have: what it takes grows as the plan does."""
    for servers in (137, 1_075, 4_300, 12_500):
        if servers * NODES_A_SERVER > most:
            break
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            write_librarys(folder, servers)
            command = [PVSPLAN, "validate", LIBRARYS, "--set", "version=2402", "--set", "media=/media"]
            both = [run(command[:3], folder), run(command, folder)]
            if None in (wall for wall, _ in both):
                sys.exit("the rolling upgrade of the library does not validate")
            print(f"the library's rolling upgrade of {servers} servers: {both[0][0]:.3f}s and {both[0][1] / 1e6:.0f} MB "
                  f"with open parameters, {both[1][0]:.3f}s and {both[1][1] / 1e6:.0f} MB with values", flush=True)


def proof_of_at_most(servers):
    """What the proof adds to a compilation that asks for nothing."""
    for lanes in (100, servers):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            walls = {}
            for asked in (NOTHING_ASKED, AT_MOST):
                write_project(folder, servers, lanes, asked)
                walls[asked] = statistics.median(run([PVSPLAN, "validate", "plan.yaml"], folder)[0] for _ in range(TIMES))
            print(f"always at most {lanes} of {servers} servers in {lanes} lanes: "
                  f"{walls[AT_MOST] - walls[NOTHING_ASKED]:.3f}s of {walls[AT_MOST]:.3f}s", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pvsplan")
    parser.add_argument("max_nodes", nargs="?", type=int, default=1_000_000)
    arguments = parser.parse_args()
    PVSPLAN = str(pathlib.Path(arguments.pvsplan).resolve())
    TIME = shutil.which("time") or sys.exit("apt-get install time")
    over = sizes(arguments.max_nodes)
    librarys(arguments.max_nodes)
    proof_of_at_most(10_000)
    sys.exit("\n".join(over) or 0)

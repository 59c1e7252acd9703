#!/usr/bin/env python3
"""What an editor waits for: from a keystroke to the findings, completion, hover, lenses, hints, a layout, and the memory after many edits.

    tests/bench/lsp.py PVSPLAN [--edits N]

Plans of about 1,100 and 8,600 nodes: that of compile.py, whose proofs are linear, and the rolling upgrade of the library,
whose policy asks for every server which others its site has. Nothing here fails by time."""
import argparse, os, pathlib, random, shutil, statistics, sys, tempfile, time

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lsp"))
from client import Client
import compile as linear

NAME = linear.LIBRARYS


def linear_project(servers):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="lsp-")).resolve()
    linear.write_project(folder, servers, 4, linear.INVARIANTS)
    plan = folder / "plan.yaml"
    plan.write_text(plan.read_text().replace("plan: rolling\n", "plan: rolling\nsummary: The pilot, and the others.\n"))
    plan.rename(folder / NAME)
    return folder


def project(servers):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="lsp-")).resolve()
    linear.write_librarys(folder, servers)
    return folder


def memory(client):
    status = open(f"/proc/{client.process.pid}/status").read()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def p95(seconds):
    return f"p50 {statistics.median(seconds) * 1000:.1f} ms, p95 {sorted(seconds)[int(len(seconds) * 0.95)] * 1000:.1f} ms"


def measure(program, folder, what, times, edits):
    with Client(program, folder) as c:
        uri = c.open(folder / NAME)
        c.findings(uri)
        text = c.texts[uri]
        at = text.index("The pilot, and")
        keys, after_key, hovers = [], [], []
        for n in range(times):
            began = time.perf_counter()
            c.replace(uri, at, at, chr(97 + n % 26))
            c.findings(uri)
            keys.append(time.perf_counter() - began)
        c.write(uri, text.replace("\nsteps:\n", "\nsteps:\n  - id: x\n    when: database.¦\n"))
        c.findings(uri)
        end = c.texts[uri].index("¦")
        for n in range(times):
            c.replace(uri, end, end + 1, "s")
            position = c.position(uri, end + 1)
            began = time.perf_counter()
            c.ask_at("textDocument/completion", uri, position)
            after_key.append(time.perf_counter() - began)
            c.replace(uri, end, end + 1, "¦")
            c.findings(uri)
        c.write(uri, text)
        c.findings(uri)
        for n in range(times):
            position = c.position(uri, random.randrange(len(text)))
            began = time.perf_counter()
            c.ask_at("textDocument/hover", uri, position)
            hovers.append(time.perf_counter() - began)
        # Lenses as an editor asks for them behind a keystroke, and by themselves; a layout, which waits for no proof.
        asked = {}
        for method, more in (("textDocument/codeLens", {}), ("textDocument/inlayHint", {"range": {"start": c.position(uri, 0), "end": c.position(uri, len(text))}}),
                             ("textDocument/formatting", {"options": {}})):
            behind_key, alone = asked[method.split("/")[1]] = [], []
            for n in range(times // 2):
                c.replace(uri, at, at, chr(97 + n % 26))
                for seconds in (behind_key, alone):
                    began = time.perf_counter()
                    c.ask(method, {"textDocument": {"uri": uri}, **more})
                    seconds.append(time.perf_counter() - began)
            c.findings(uri)
        print(f"{what}: keystroke to findings {p95(keys)}; completion {p95(after_key)}; hover {p95(hovers)}")
        for name, (behind_key, alone) in asked.items():
            print(f"  {name} behind a keystroke {p95(behind_key)}; by itself {p95(alone)}")
        first = memory(c)
        for n in range(max(2, edits)):  # the last one's findings are still to come
            c.replace(uri, at, at + 1 if n % 2 else at, "" if n % 2 else "x")
            if n % 20 == 0:
                c.findings(uri)
                c.told.clear()
        c.findings(uri)
        print(f"  memory {first:.0f} MB, after {edits} edits {memory(c):.0f} MB", flush=True)
    shutil.rmtree(folder)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program", type=os.path.abspath)
    parser.add_argument("--edits", type=int, default=10_000)
    arguments = parser.parse_args()
    for servers, nodes, times, edits in ((137, "1,100", 200, arguments.edits), (1075, "8,600", 40, arguments.edits // 10)):
        measure(arguments.program, linear_project(servers), f"{nodes} nodes, linear", times, edits)
        measure(arguments.program, project(servers), f"{nodes} nodes, the library's", times, edits // 10)
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


main()

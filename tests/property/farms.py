#!/usr/bin/env python3
"""Every shipped plan on many farms: of 1 to 50 servers in 1 to 8 sites with 0 to 200 consoles, fresh and half upgraded.

    farms.py PVSPLAN [--farms N] [--first SEED] [--keep FOLDER]

A half-upgraded farm is one that somebody left between two servers, or in the middle of one: the database and some servers are of
the new release, perhaps one server is stopped and installed but not configured, consoles are closed or not. On each farm each plan
that is meant for it is validated: it compiles without a warning, every requirement holds, and all can be undone, but for what
farm-rollback says that cannot. A plan that is not meant for a farm is refused. What is not so is printed with its seed.
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
OLD, NEW = "2203", "2402"
MEDIA = ["--set", r"media=\\nas01\media"]
ONCE_WRONG = [108]  # a server in the middle that has been restarted already


class Farm:
    """The text of a farm, and what was done on it before."""

    def __init__(self, seed):
        draw = random.Random(seed)
        servers = draw.choice([1, 1, 2, 2, 3, 4, 5, 8, 13, 21, 50])
        sites = draw.randint(1, min(8, servers))
        consoles = draw.choice([0, 0, 1, 2, 3, 10, 40, 200])
        self.stage = draw.choice(["fresh", "fresh", "begun", "servers done", "done"])
        if self.stage == "begun" and servers == 1:
            self.stage = "servers done"
        done = {"fresh": 0, "begun": draw.randint(1, max(1, servers - 1)), "servers done": servers, "done": servers}[self.stage]
        order = draw.sample(range(servers), servers)
        upgraded = set(order[:done])
        middle = {order[done]} if self.stage == "begun" and draw.random() < 0.4 else set()
        lines = [f"farm: farm{seed}", "uses: [pvs]", "databases:",
                 f"  - {{name: Provisioning, instance: sql01, state: {{schema: {NEW if done else OLD}}}}}", "servers:"]
        for i in range(servers):
            state = f"version: {NEW}, configured: {NEW}" if i in upgraded else f"version: {OLD}, configured: {OLD}"
            if i in middle:
                state = f"version: {NEW}, configured: {OLD}, stream: stopped, restart: {draw.choice(['due', 'done'])}, ready: {NEW}"
            elif draw.random() < 0.2:
                state += f", ready: {NEW}"
            site = i if i < sites else draw.randrange(sites)
            lines.append(f"  - {{name: PVS-{i:02}, address: pvs{i:02}.x, site: site{site}, state: {{{state}}}}}")
        if consoles:
            lines.append("consoles:")
        for i in range(consoles):
            old = f"version: {OLD}" + draw.choice(["", ", session: closed"])
            new = f"version: {NEW}" + draw.choice(["", "", ", session: closed"])
            is_new = self.stage == "done" or (self.stage == "servers done" and draw.random() < 0.5)
            lines.append(f"  - {{name: C-{i:03}, address: c{i:03}.x, state: {{{new if is_new else old}}}}}")
        self.text = "\n".join(lines) + "\n"
        self.may_upgrade_consoles = done == servers or not consoles
        self.is_begun = done > 0

    def asks(self):
        """Plan, its parameters, and whether it is meant for this farm."""
        up = ["--set", f"version={NEW}", *MEDIA]
        yield "rolling-upgrade", up, True
        yield "rolling-upgrade", [*up, "--set", "method=wizard"], True
        yield "rolling-upgrade-large", up, True
        yield "farm-upgrade", up, True
        yield "remaining-servers", up, self.is_begun
        yield "console-upgrade", up, self.may_upgrade_consoles
        if self.stage != "begun":
            update = (NEW if self.is_begun else OLD) + ".5"
            yield "cumulative-update", ["--set", f"version={update}", *MEDIA], True
        yield "preflight", up, True
        yield "farm-rollback", ["--set", f"version={OLD}", "--set", r"backup=\\nas01\b.bak", *MEDIA], True


def wrong_with(pvsplan, folder, farm, plan, arguments, is_meant):
    """What is not as it should be; empty: nothing."""
    command = [pvsplan, "validate", "--format", "json", f"{plan}.plan.yaml", "--farm", farm, *arguments]
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if not is_meant:
        return "" if ran.returncode == 3 else f"exit status {ran.returncode}, though it is not meant for this farm"
    try:
        said = json.loads(ran.stdout)
    except ValueError:
        return f"exit status {ran.returncode}: {ran.stderr}"
    wrong = [f"{d['code']}: {d['message']}" for d in said["diagnostics"]]
    wrong += [f"{i['verdict']}: {i['name']}" for i in said["invariants"] if i["verdict"] != "holds"]
    rollback = said["rollback"]
    if not rollback["complete"] and plan != "farm-rollback":
        wrong.append("not everything can be undone")
    return "; ".join(wrong)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pvsplan")
    parser.add_argument("--farms", type=int, default=60)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--keep", type=pathlib.Path)
    options = parser.parse_args()
    pvsplan = os.path.abspath(options.pvsplan)
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(options.keep or scratch)
        shutil.copytree(ROOT / "plans", folder, dirs_exist_ok=True)
        work = []
        for seed in [*range(options.first, options.first + options.farms), *ONCE_WRONG]:
            farm = Farm(seed)
            name = f"farms/{seed}.farm.yaml"
            (folder / name).write_text(farm.text)
            work += [(seed, farm.stage, name, *ask) for ask in farm.asks()]
        with concurrent.futures.ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
            found = list(pool.map(lambda w: wrong_with(pvsplan, folder, w[2], *w[3:]), work))
    bad = 0
    for (seed, stage, _, plan, arguments, _), wrong in zip(work, found):
        if wrong:
            bad += 1
            print(f"--first {seed} --farms 1 ({stage}): {plan} {' '.join(arguments)}: {wrong}")
    print(f"{options.farms + len(ONCE_WRONG)} farms, {len(work)} verdicts on plans, {bad} not as they should be")
    sys.exit(1 if bad or not work else 0)


if __name__ == "__main__":
    main()

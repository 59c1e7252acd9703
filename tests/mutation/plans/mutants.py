#!/usr/bin/env python3
"""Breaks every plan under plans/ in every small way that we know, and holds what `validate` says against survivors.txt.

usage: mutants.py PVSPLAN [--write]

A plan is validated with the policies that it names, those of the standard library, once for every value of its
parameters that are enumerated. A mutant must be refused by what is proved of it, or compile to what the plan compiles to,
or be listed in survivors.txt with the reason why it does no harm. The test fails when a mutant passes that is not
listed; when one that is listed is refused, compiles to the same or is gone; when a reason begins with `harm:`; and when
a mutant does not even read as a plan, which says nothing about what is proved.

--write adds the survivors that have no reason yet to the file under a `?`, which is no reason either.
"""
import collections
import concurrent.futures
import itertools
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
import compiled  # noqa: E402
import operators  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent.parent
SURVIVORS = HERE / "survivors.txt"
# Parameters that the plans want and that have no default.
GIVEN = {"version": "2402", "media": r"\\nas01\media", "backup": r"\\nas01\b.bak"}
# Plans that are not for a fresh farm: what stands in the farm before them, and the version that they are given.
UPGRADED = {"version: 2203, configured: 2203": "version: 2402, configured: 2402", "schema: 2203": "schema: 2402"}
BEFORE = {
    "console-upgrade": UPGRADED,
    "remaining-servers": {**UPGRADED, "contoso.local, site: west}": "contoso.local, site: west, state: {version: 2203, configured: 2203}}"},
    "farm-rollback": {**UPGRADED, "console: {state: {version: 2203}}": "console: {state: {version: 2402}}"},
}
BACK = {"farm-rollback": "2203"}


def project(folder):
    """plans/ with the standard module as files of the project, so that they can be changed."""
    shutil.copytree(ROOT / "plans", folder, dirs_exist_ok=True)
    shutil.copytree(ROOT / "stdlib" / "pvs", folder / "pvs")
    for path in folder.rglob("*.yaml"):
        inside = path.parent.name == "pvs"
        up = "./" if path.parent == folder or inside else "../"
        text = path.read_text()
        text = re.sub(r"^uses: \[pvs\]", f"uses: [{up}{'' if inside else 'pvs/'}module.yaml]", text, flags=re.M)
        if path.name.endswith(".plan.yaml"):
            text = re.sub(r"\bpvs/([\w-]+)(?=[,\]])", r"./pvs/\1.policy.yaml", text)
        path.write_text(text)


def farm_before(source, short):
    """Makes the farm what it is before the plan."""
    path = source / "farms/contoso.farm.yaml"
    text = path.read_text()
    for old, new in BEFORE.get(short, {}).items():
        if old not in text:
            sys.exit(f"{path.name} has no `{old}` any more, which stands in BEFORE for {short}")
        text = text.replace(old, new)
    path.write_text(text)


def settings_of(plan):
    """The arguments for each combination of values that the plan's parameters can have, as far as those are enumerated."""
    parameters = re.search(r"^parameters:\n((?:  .*\n)*)", plan, re.M)[1]
    name = re.search(r"^plan: (\S+)", plan, re.M)[1]
    values = {**GIVEN, **({"version": BACK[name]} if name in BACK else {})}
    given = [f"--set={name}={value}" for name, value in values.items() if re.search(rf"^  {name}:", parameters, re.M)]
    enumerated = re.findall(r"^  (\w+):\s*(?:\{|\n\s*)type: \[(.*?)\]", parameters, re.M)
    ways = itertools.product(*[[f"--set={name}={value.strip()}" for value in values.split(",")] for name, values in enumerated])
    return [given + list(way) for way in ways]


class Bench:
    """Validates and compiles mutants of one plan."""

    def __init__(self, pvsplan, source, plan_name):
        self.pvsplan, self.source, self.plan_name = pvsplan, source, plan_name
        self.settings = settings_of((source / plan_name).read_text())
        self.originals = []
        untouched = operators.Mutant("untouched", {})
        self.faults = self.codes_of(untouched)
        if not self.faults:
            with self.folder_of(untouched) as folder:
                self.originals = [self.essence_in(folder, setting) for setting in self.settings]

    def folder_of(self, mutant):
        folder = tempfile.TemporaryDirectory(prefix="pvsplan-mutant-")
        for path in [*self.source.rglob("*.yaml"), *self.source.rglob("*.ps1")]:
            target = pathlib.Path(folder.name) / path.relative_to(self.source)
            target.parent.mkdir(parents=True, exist_ok=True)
            os.link(path, target)
        for file, text in mutant.texts.items():
            (pathlib.Path(folder.name) / file).unlink()
            (pathlib.Path(folder.name) / file).write_text(text)
        return folder

    def run(self, folder, command, setting, *options):
        done = subprocess.run([self.pvsplan, command, self.plan_name, *setting, *options], cwd=folder,
                              capture_output=True, text=True, timeout=300, check=False)
        if done.returncode not in (0, 3):
            sys.exit(f"{self.plan_name}: exit {done.returncode} of {command}\n{done.stderr}")
        return done.stdout

    def codes_in(self, folder, setting):
        verdict = json.loads(self.run(folder, "validate", setting, "--format", "json"))
        return {d["code"] for d in verdict["diagnostics"] if d["severity"] == "error"}

    def essence_in(self, folder, setting):
        return compiled.essence(self.run(folder, "compile", setting, "-o", "-"))

    def codes_of(self, mutant):
        """Of all settings."""
        with self.folder_of(mutant) as folder:
            return set().union(*(self.codes_in(folder, setting) for setting in self.settings))

    def verdict(self, mutant):
        """`survives`, `same plan`, `does not read`, or the group of the codes that refuse it.

        It survives if it passes under one setting under which it is another plan.
        """
        refused = set()
        with self.folder_of(mutant) as folder:
            for setting, original in zip(self.settings, self.originals):
                codes = self.codes_in(folder, setting)
                refused |= codes
                if not codes and self.essence_in(folder, setting) != original:
                    return "survives"
        proved = [code for code in refused if code[:3] not in ("PV1", "PV2")]
        if proved:
            return min(proved)[:3]
        if refused == {"PV2064"}:
            return "nothing to work on"  # one of a list that is empty on this farm
        return "does not read" if refused else "same plan"


def read_survivors():
    """[(plan, mutant, reason)]: a reason is a line that begins with `=`, for the lines `plan | mutant` below it."""
    listed, reason = [], ""
    for number, line in enumerate(SURVIVORS.read_text().splitlines() if SURVIVORS.exists() else [], 1):
        if not line.strip() or line.startswith("#"):
            continue
        if line.startswith("="):
            reason = line[1:].strip()
            continue
        parts = [part.strip() for part in line.split(" | ")]
        if len(parts) != 2 or not reason:
            sys.exit(f"{SURVIVORS}:{number}: not `= reason` and not `plan | mutant` under one")
        listed.append((parts[0], parts[1], reason))
    return listed


def hold(short, mutants, verdicts, listed):
    """What is wrong with the verdicts of a plan, and the survivors that nobody listed."""
    wrong, unknown = [], []
    for mutant, verdict in zip(mutants, verdicts):
        reason = next((why for plan, name, why in listed if name == mutant.name and plan in (short, "*")), None)
        if verdict == "does not read":
            wrong.append(f"{short}: {mutant.name}: does not read as a plan, so it tries nothing")
        elif verdict == "survives" and reason is None:
            wrong.append(f"{short}: {mutant.name}: passes, and no reason is given why that does no harm")
            unknown.append(f"{short} | {mutant.name}")
        elif verdict == "survives" and (reason == "?" or reason.startswith("harm:")):
            wrong.append(f"{short}: {mutant.name}: passes, and is listed with `{reason}`")
        elif verdict != "survives" and reason is not None:
            wrong.append(f"{short}: {mutant.name}: {verdict}, and is listed as a survivor")
    return wrong, unknown


def main():
    pvsplan = str(pathlib.Path(sys.argv[1]).resolve())
    listed = read_survivors()
    met, wrong, unknown = set(), [], []
    with tempfile.TemporaryDirectory(prefix="pvsplan-mutants-") as name:
        for plan_name in sorted(p.name for p in (ROOT / "plans").glob("*.plan.yaml")):
            short = plan_name.removesuffix(".plan.yaml")
            source = pathlib.Path(name) / short
            project(source)
            farm_before(source, short)
            bench = Bench(pvsplan, source, plan_name)
            if bench.faults:
                wrong.append(f"{short}: does not compile as it is: {' '.join(sorted(bench.faults))}")
                continue
            lines = [(source / file).read_text().splitlines(keepends=True) for file in (plan_name, operators.MODULE)]
            mutants = list(operators.mutants_of(plan_name, *lines))
            with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
                verdicts = list(pool.map(bench.verdict, mutants))
            met |= {(plan, mutant.name) for mutant in mutants for plan in (short, "*")}
            faults, new = hold(short, mutants, verdicts, listed)
            wrong += faults
            unknown += new
            counts = sorted(collections.Counter(verdicts).items())
            print(f"{short}: {len(mutants)} mutants: " + ", ".join(f"{count} {verdict}" for verdict, count in counts))
    wrong += [f"{plan}: {name}: is listed, and there is no such mutant" for plan, name, _ in listed if (plan, name) not in met]
    if "--write" in sys.argv[2:] and unknown:
        with open(SURVIVORS, "a", encoding="utf-8") as out:
            out.writelines(line + "\n" for line in ["\n= ?", *unknown])
    print("\n".join(wrong))
    sys.exit(1 if wrong else 0)


main()

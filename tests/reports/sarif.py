#!/usr/bin/env python3
"""Logs in SARIF, held against the rules of the format and of the services that take them; see README.md.

    sarif.py PVSPLAN
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import urllib.parse

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE.parent))
from skip import skip  # noqa: E402

MULTITOOL = HERE / "node_modules" / "@microsoft" / "sarif-multitool-linux" / "Sarif.Multitool"
TONIGHT = ["--set", "version=2402", "--set", r"media=\\nas01\media"]
MAX_MOMENTS = 50
PLANS = "some plans: #1 %41 ü"
# An agent of Azure Pipelines sets these, and many more.
AGENT = {"TF_BUILD": "True", "SYSTEM_DEFINITIONID": "42", "BUILD_DEFINITIONNAME": "plans",
         "SYSTEM_PHASEID": "3a3a2a60-14c7-570b-14a4-fa42ad92f52a", "SYSTEM_PHASENAME": "Job",
         "SYSTEM_COLLECTIONURI": "https://dev.azure.com/contoso/",
         "SYSTEM_TEAMPROJECTID": "1c5b7f3e-2a4d-4a6e-9b0f-8d2c7e6a5b41",
         "BUILD_SOURCEBRANCH": "refs/heads/main", "BUILD_BUILDID": "1234"}
# The tool has no page of its own that a log could name.
KNOWN_WARNING = "SARIF2005"


class Repository:
    """A repository of git with plans in a folder, and what is wrong with its logs."""

    def __init__(self, program, folder):
        self.program = program
        self.top = folder / "repository"
        self.plans = self.top / PLANS
        shutil.copytree(ROOT / "plans", self.plans, ignore=shutil.ignore_patterns(".pvsplan"))
        subprocess.run(["git", "init", "-q", self.top], check=True)
        self.wrong = []

    def check(self, holds, what):
        if not holds:
            self.wrong.append(what)

    def write(self, name, text):
        (self.plans / name).write_text(text)

    def log(self, *words, cwd=None, **variables):
        env = {name: value for name, value in os.environ.items() if name not in ("GITHUB_ACTIONS", "TF_BUILD")}
        done = subprocess.run([self.program, *words, "--format", "sarif"], cwd=cwd or self.plans, env=env | variables,
                              capture_output=True, text=True, check=False)
        self.check(done.returncode in (0, 3), f"{words} ended with {done.returncode}: {done.stderr}")
        return done.stdout

    def plans_with(self):
        """Plans by what is special about them, as arguments of `validate`."""
        rolling = (self.plans / "rolling-upgrade.plan.yaml").read_text()
        self.write("two.plan.yaml", rolling.replace("at_most: 1", "at_most: 2"))
        self.write("damaged.plan.yaml", rolling.replace("steps:", "stpes:"))
        self.write("unread.plan.yaml", "plan: [unread\n")
        self.write("many.plan.yaml", "plan: many\nuses: [pvs]\nfarm: farms/contoso.farm.yaml\nsteps:\n" +
                   "".join(f"  - {{id: step-{i}, do: pvs.nothing{i}, on: nobody{i}}}\n" for i in range(300)))
        servers = "".join(f"  - {{name: pvs{i:03}, address: pvs{i:03}.contoso.local, site: east}}\n" for i in range(200))
        self.write("farms/wide.farm.yaml", "farm: wide\nuses: [pvs]\ndefaults:\n  server: {state: {version: 2203, configured: 2203}}\n"
                   f"servers:\n{servers}")
        self.write("wide.plan.yaml", "plan: wide\nuses: [pvs]\nfarm: farms/wide.farm.yaml\nsteps:\n"
                   "  - {id: all, for_each: s in servers, at_most: 120, do: pvs.stream.stop, on: s}\n"
                   "invariants:\n  - {name: One at a time, require: always at most 1 down(server)}\n")
        return {"clean": ["rolling-upgrade.plan.yaml", *TONIGHT], "violated": ["two.plan.yaml", *TONIGHT],
                "damaged": ["damaged.plan.yaml"], "unread": ["unread.plan.yaml"], "gone": ["gone.plan.yaml"],
                "many": ["many.plan.yaml"], "wide": ["wide.plan.yaml"],
                "several": ["two.plan.yaml", "damaged.plan.yaml", "gone.plan.yaml"]}

    def multitool(self, name, text, kinds):
        """Errors and warnings of the official tool, offline."""
        path = self.top.parent / f"{name}.sarif"
        path.write_text(text)
        env = os.environ | {"DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1",
                            "DOTNET_BUNDLE_EXTRACT_BASE_DIR": str(self.top.parent / "unpacked")}
        done = subprocess.run([MULTITOOL, "validate", path, "--rule-kind", kinds, "--level", "Error;Warning"], env=env,
                              capture_output=True, text=True, timeout=300, check=False)
        told = [line for line in done.stdout.splitlines() if ": error " in line or ": warning " in line]
        for line in told:
            self.check(KNOWN_WARNING in line, f"{name}: {line}")
        self.check("Analysis completed successfully" in done.stdout, f"{name}: {done.stdout[-2000:]}{done.stderr[-500:]}")


def results_of(text):
    return json.loads(text)["runs"][0]["results"]


def fingerprints(text):
    return sorted(result["partialFingerprints"]["finding/v1"] for result in results_of(text))


def uris_in(value):
    if isinstance(value, list):
        return {uri for one in value for uri in uris_in(one)}
    if not isinstance(value, dict):
        return set()
    own = {value["artifactLocation"]["uri"]} if "artifactLocation" in value else set()
    return own.union(*(uris_in(one) for one in value.values()))


def same_wherever_called(repository, words, text):
    """What is in a log does not depend on where one stands."""
    plans = [word for word in words if word.endswith(".yaml")]
    rest = [word for word in words if not word.endswith(".yaml")]
    elsewhere = {"the top": ([f"{PLANS}/{plan}" for plan in plans], repository.top),
                 "a folder beside": ([f"../{PLANS}/{plan}" for plan in plans], repository.top / ".git"),
                 "far away": ([str(repository.plans / plan) for plan in plans], pathlib.Path("/"))}
    for where, (typed, cwd) in elsewhere.items():
        repository.check(repository.log("validate", *typed, *rest, cwd=cwd) == text, f"{words}: another log from {where}")
    log = repository.log("-C", str(repository.plans), "validate", *words, cwd=pathlib.Path("/"))
    repository.check(log == text, f"{words}: another log with -C")


def of_no_repository(repository):
    """A plan outside of any, while one stands in one: no file of the repository is meant, whatever its name."""
    outside = repository.top.parent / "outside: #1 %41 ü"
    outside.mkdir()
    (outside / "damaged.plan.yaml").write_text("stpes: []\n")
    from_within = uris_in(results_of(repository.log("validate", str(outside / "damaged.plan.yaml"))))
    repository.check(from_within == {f"file://{urllib.parse.quote(str(outside))}/damaged.plan.yaml"}, f"outside is {from_within}")
    own = uris_in(results_of(repository.log("validate", "damaged.plan.yaml", cwd=outside)))
    repository.check(own == {"damaged.plan.yaml"}, f"where no repository is near it is {own}")


def same_fingerprints_below(repository, name, words, text):
    for plan in (word for word in words if word.endswith(".plan.yaml") and (repository.plans / word).exists()):
        path = repository.plans / plan
        before = path.read_text()
        path.write_text("# a comment\n" * 10 + before)
        moved = repository.log("validate", *words)
        repository.check(fingerprints(moved) == fingerprints(text), f"{name}: ten lines above change the fingerprints")
        repository.check(moved != text or not results_of(text), f"{name}: ten lines above moved nothing")
        path.write_text(before)


def look_at(repository, name, text):
    results = results_of(text)
    marks = fingerprints(text)
    repository.check(len(set(marks)) == len(marks), f"{name}: two findings have one fingerprint")
    for uri in uris_in(results):
        repository.check(uri.startswith(urllib.parse.quote(PLANS) + "/"), f"{name}: {uri} is not seen from the top")
    for flows in (result.get("codeFlows", []) for result in results):
        repository.check(len(flows) <= 1 and all(len(flow["threadFlows"]) == 1 for flow in flows), f"{name}: several flows")
        for moments in (flow["threadFlows"][0]["locations"] for flow in flows):
            repository.check(0 < len(moments) <= MAX_MOMENTS, f"{name}: {len(moments)} moments")


def look_at_contents(repository, logs):
    repository.check(results_of(logs["clean"]) == [], "the clean plan has findings")
    violated = [result for result in results_of(logs["violated"]) if result["ruleId"] == "PV4005"]
    repository.check(len(violated) == 1, "the violated plan has no finding of that")
    moments = [moment["location"]["message"]["text"] for moment in violated[0]["codeFlows"][0]["threadFlows"][0]["locations"]]
    repository.check(moments[-1] == "`rest[pvs04].stop` starts", f"the flow ends with {moments[-1]}")
    replaced = violated[0]["fixes"][0]["artifactChanges"][0]["replacements"][0]
    repository.check(replaced["insertedContent"]["text"] == "1", "the fix is another one")
    wide = [result for result in results_of(logs["wide"]) if "codeFlows" in result]
    repository.check(len(wide[0]["codeFlows"][0]["threadFlows"][0]["locations"]) == MAX_MOMENTS, "the long flow is not cut")
    repository.check(len(results_of(logs["many"])) > 200, "there are not many findings")


def main():
    program = pathlib.Path(sys.argv[1]).resolve()
    if not MULTITOOL.exists():
        skip("the packages are not here: npm ci in tests/reports")
    if not os.access(MULTITOOL, os.X_OK):
        MULTITOOL.chmod(0o755)
    with tempfile.TemporaryDirectory() as temporary:
        repository = Repository(program, pathlib.Path(temporary))
        logs = {}
        for name, words in repository.plans_with().items():
            logs[name] = repository.log("validate", *words)
            look_at(repository, name, logs[name])
            repository.multitool(name, logs[name], "Sarif;GHAS;ADO")
            same_wherever_called(repository, words, logs[name])
            same_fingerprints_below(repository, name, words, logs[name])
        look_at_contents(repository, logs)
        of_no_repository(repository)
        words = ["validate", "two.plan.yaml", *TONIGHT]
        repository.multitool("azure", repository.log(*words, **AGENT), "Sarif;GHAS;ADO")
        github = repository.log(*words, GITHUB_ACTIONS="true")
        repository.multitool("github", github, "Sarif;GHAS")
        repository.check("automationDetails" not in json.loads(github)["runs"][0], "GitHub is told a name of the log")
        build = json.loads(repository.log(*words, **AGENT))["runs"][0]["automationDetails"]["id"]
        repository.check(build.startswith("azuredevops/pipeline/build/contoso/") and build.endswith("/1234"), f"the build is {build}")
    for line in repository.wrong:
        print(line, file=sys.stderr)
    return 1 if repository.wrong else 0


sys.exit(main())

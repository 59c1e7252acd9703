#!/usr/bin/env python3
"""Documents that commands print, held against their schemas and against golden files; see README.md.

    formats.py PVSPLAN                    PVSPLAN_BLESS=1 writes the golden files anew
"""
import copy
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
GOLDEN = HERE / "golden"
sys.path.insert(0, str(HERE.parent))
from skip import skip  # noqa: E402

try:
    from jsonschema import Draft202012Validator
except ImportError:
    skip("python3-jsonschema is not here")

TONIGHT = ["--set", "version=2402"]
# Transcripts in which each format is printed, of plans that hold, that do not, and that are damaged.
TRANSCRIPTS = ["compile", "compiled-run", "decisions", "diff", "explain", "farm", "per-site", "run",
               "several-plans", "stages", "step-names", "validate", "values", "windows"]
# Stands before the program: what it prints is kept, if it is one whole document with a format, or one a line.
RECORDER = """#!{python} -SE
import json, os, subprocess, sys, tempfile
done = subprocess.run(["{program}", *sys.argv[1:]], stdout=subprocess.PIPE)
def is_one(text):
    try:
        return text.startswith(b"{{") and bool({{"format", "prev"}} & json.loads(text).keys())
    except ValueError:
        return False
if is_one(done.stdout) or is_one(done.stdout.rstrip().rpartition(b"\\n")[2]):
    with tempfile.NamedTemporaryFile(dir="{kept}", suffix=".json", delete=False) as file:
        file.write(done.stdout)
try:
    sys.stdout.buffer.write(done.stdout)
    sys.stdout.flush()
except BrokenPipeError:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
sys.exit(done.returncode)
"""
# What is another one in every run, or with the next version.
CHANGING = [(re.compile(r'"(sha256:)?[0-9a-f]{64}"'), '"DIGEST"'), (re.compile(r"\b\d{8}-\d{4,6}-[a-z0-9]{3,}\b"), "RUN"),
            (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d\d:\d\d"), "TIME"),
            (re.compile(r'("(?:at|duration_ms|milliseconds|pid)": ?)[\d.]+'), r"\g<1>0"),
            (re.compile(r'("(?:user|by|account|host|said)": ?)"[^"]*"'), r'\1"SOMEBODY"'),
            (re.compile(r'(\\"(?:at|by|host)\\":\\")[^"\\]*'), r"\1SOMETHING"), (re.compile(r"\bnight-\d+\b"), "night"),
            (re.compile(r'"\w+( asked for it")'), r'"SOMEBODY\1')]


def documents(text):
    """A document, or one a line; `log --format json` prints records, whose bytes are those of the journal and name no format."""
    try:
        return [json.loads(text)]
    except ValueError:
        return [json.loads(line) for line in text.splitlines()]


def format_of(document):
    return "pvsplan.record/1" if "is" in document and "n" in document else document["format"]


def closed(schema):
    """The same schema, for which a key that it does not name is wrong: of what is printed today it names each."""
    schema = copy.deepcopy(schema)
    parts = [schema]
    while parts:
        part = parts.pop()
        if isinstance(part, dict):
            if "properties" in part and part.get("type") == "object":
                part.setdefault("additionalProperties", False)
            parts += part.values()
        elif isinstance(part, list):
            parts += part
    return schema


def without_signs_of_life(documents):
    """Of a run, but for what is told only where a step takes long enough for somebody to look at it."""
    return [one for one in documents if not isinstance(one, dict) or one.get("event") not in ("step_output", "heartbeat")]


def has_each(found, golden, at=""):
    """What of the golden document is not in the one that was found: a later version may add, and takes nothing away."""
    if isinstance(golden, dict) and isinstance(found, dict):
        lost = [f"{at}.{key} is gone" for key in golden if key not in found]
        return lost + [one for key in golden if key in found for one in has_each(found[key], golden[key], f"{at}.{key}")]
    if isinstance(golden, list) and isinstance(found, list):
        found, golden = without_signs_of_life(found), without_signs_of_life(golden)
    if isinstance(golden, list) and isinstance(found, list) and len(golden) == len(found):
        return [one for i, (a, b) in enumerate(zip(found, golden)) for one in has_each(a, b, f"{at}[{i}]")]
    return [] if found == golden else [f"{at} is {json.dumps(found)[:200]}, it was {json.dumps(golden)[:200]}"]


def unmasked(text):
    """A golden file, as a schema takes it."""
    return text.replace('"prev":"DIGEST"', '"prev":"' + "0" * 64 + '"').replace('"DIGEST"', '"sha256:0"')


class Formats:
    def __init__(self, program, folder):
        self.program = program
        self.folder = folder
        self.wrong = []
        self.told = {}  # format -> how many documents
        help_text = self.call("schema", "--help").stdout
        self.schemas = {name: json.loads(self.call("schema", name).stdout) for name in sorted(set(re.findall(r"pvsplan\.[a-z]+/\d", help_text)))}
        self.validators = {}
        for name, schema in self.schemas.items():
            Draft202012Validator.check_schema(schema)
            self.validators[name] = Draft202012Validator(closed(schema))
        self.check(len(self.schemas) >= 13, f"only {sorted(self.schemas)} have a schema")

    def check(self, holds, what):
        if not holds:
            self.wrong.append(what)

    def call(self, *words):
        return subprocess.run([self.program, *words], cwd=self.folder, env=os.environ | {"HOME": str(self.folder), "PVSPLAN_JOBS": str(self.folder / "jobs")}, capture_output=True, text=True,
                              check=False)

    def look_at(self, document, where):
        name = format_of(document)
        self.told[name] = self.told.get(name, 0) + 1
        if name not in self.validators:
            self.wrong.append(f"{where}: {name} has no schema")
            return
        for error in list(self.validators[name].iter_errors(document))[:3]:
            self.wrong.append(f"{where}: {name} at {list(error.absolute_path)}: {error.message[:300]}")

    def transcripts(self):
        """Every document that the transcripts print."""
        kept = self.folder / "kept"
        kept.mkdir()
        recorder = self.folder / "pvsplan"
        recorder.write_text(RECORDER.format(python=sys.executable, program=self.program, kept=kept))
        recorder.chmod(0o755)
        cases = [HERE.parent / "cases" / f"{name}.md" for name in TRANSCRIPTS]
        # What they print is compared elsewhere: here both streams are not in one order.
        subprocess.run([sys.executable, HERE.parent / "cases" / "run.py", "--pvsplan", recorder, *cases], capture_output=True, check=False)
        self.check(len(list(kept.iterdir())) > 30, "the transcripts print hardly any document")
        for path in kept.iterdir():
            for document in documents(path.read_text()):
                self.look_at(document, f"{path.name} of the transcripts")

    def golden(self, name, *words):
        text = self.call(*words).stdout
        for document in documents(text):
            self.look_at(document, name)
        for pattern, word in CHANGING:
            text = pattern.sub(word, text)
        path = GOLDEN / f"{name}.json"
        if os.environ.get("PVSPLAN_BLESS"):
            GOLDEN.mkdir(exist_ok=True)
            path.write_text(text)
        golden = documents(path.read_text())
        for lost in has_each(documents(text), golden):
            self.wrong.append(f"{name}: {lost}")
        # An older document is still one of the format.
        named = format_of(golden[0])
        validator = Draft202012Validator(self.schemas[named])
        for document in documents(unmasked(path.read_text())):
            for error in list(validator.iter_errors(document))[:3]:
                self.wrong.append(f"{name}: the golden file no longer is {named}: {error.message[:300]}")
        return named

    def goldens(self):
        """A document of each format, as this version prints it of plans that stand beside the golden files."""
        self.folder = self.folder / "inputs"
        shutil.copytree(HERE / "inputs", self.folder)
        seen = {self.golden("events", "apply", "plan.yaml", *TONIGHT, "--yes", "--format", "json"),
                self.golden("compiled", "show", "plan.yaml", *TONIGHT, "--format", "json"),
                self.golden("validate", "validate", "plan.yaml", *TONIGHT, "--format", "json"),
                self.golden("validate-violated", "validate", "two.yaml", *TONIGHT, "--format", "json"),
                self.golden("validations", "validate", "two.yaml", "damaged.yaml", "farm.yaml", *TONIGHT, "--format", "json"),
                self.golden("diff", "diff", "plan.yaml", "two.yaml", *TONIGHT, "--format", "json"),
                self.golden("explain", "explain", "plan.yaml", "first", "rest", *TONIGHT, "--format", "json"),
                self.golden("verify", "log", "last", "--verify", "--format", "json"),
                self.golden("record", "log", "last", "--format", "json"),
                self.golden("runs", "runs", "--format", "json"),
                self.golden("status", "status", "last", "--format", "json"),
                self.golden("rollback", "rollback", "last", "--preview", "--format", "json"),
                self.golden("observe", "observe", "farm.yaml", "--format", "json"),
                self.golden("rehearse", "rehearse", "plan.yaml", *TONIGHT, "--format", "json"),
                self.golden("events-approved", "approve", "last", "checked", "--format", "json"),
                self.golden("events-failed", "resume", "last", "--fail", "rest[pvs02].install", "--format", "json"),
                self.golden("events-undone", "rollback", "last", "--yes", "--format", "json"),
                self.golden("record-undone", "log", "last", "--format", "json")}
        seen |= self.refused() | self.night()
        self.check(seen == set(self.schemas), f"no golden file of {set(self.schemas) - seen}")

    def refused(self):
        """A decision that what is left cannot go on with, and why."""
        self.call("apply", "bounded.yaml", *TONIGHT, "--yes", "--fail", "all[pvs02].install")
        named = self.golden("events-refused", "resume", "last", "--skip", "all[pvs02]", "--because", "It is dead.", "--format", "json")
        self.call("abandon", "last", "--yes")
        return {named}

    def night(self):
        """What is only told of a real host and a long night: outputs, a `when`, tries, people, notices that nobody takes."""
        # No other run on this machine may lock the farm.
        farm = self.folder / "night.farm.yaml"
        farm.write_text(farm.read_text().replace("farm: night", f"farm: night-{os.getpid()}"))
        (self.folder / "marks").mkdir()
        for name in "ab":
            (self.folder / "marks" / name).write_text('{"mark": "clean"}')
        asks = ("--format", "json")
        seen = {self.golden("events-night", "apply", "night.yaml", "--yes", *asks),
                self.golden("events-night-received", "approve", "last", "look", *asks),
                self.golden("events-night-goes-on", "resume", "last", *asks),
                self.golden("events-night-fails", "resume", "last", "--done", "hand", "--because", "It is pressed.", *asks),
                self.golden("events-night-stays", "rollback", "last", "--yes", *asks),
                self.golden("events-night-locked", "apply", "night.yaml", "--yes", *asks),
                self.golden("record-night", "log", "last", *asks)}
        self.call("abandon", "last", "--yes")
        return seen

    def would_notice(self):
        """A key that is renamed or dropped is seen, here and by whoever has the schema."""
        for path in GOLDEN.iterdir():
            for document in documents(unmasked(path.read_text())):
                named = format_of(document)
                schema = self.schemas[named]
                for key in document:
                    renamed = {key + "x" if name == key else name: value for name, value in document.items()}
                    self.check(not self.validators[named].is_valid(renamed), f"nobody notices that {key} of {path.name} has another name")
                    self.check(has_each(renamed, document), f"nobody notices that {key} of {path.name} is gone")
                    if key in schema["required"]:
                        self.check(not Draft202012Validator(schema).is_valid(renamed), f"the schema lets {key} of {path.name} be left out")


def main():
    with tempfile.TemporaryDirectory() as temporary:
        formats = Formats(pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(temporary))
        formats.transcripts()
        formats.goldens()
        formats.would_notice()
    for line in formats.wrong[:40]:
        print(line, file=sys.stderr)
    print(", ".join(f"{count} of {name}" for name, count in sorted(formats.told.items())))
    return 1 if formats.wrong else 0


sys.exit(main())

#!/usr/bin/env python3
"""What a stranger has written is text wherever it is printed: no command to the service whose runner prints it, nothing that
steers a terminal, no markup.

    strangers.py PVSPLAN

Every text of a plan, its farm, its module and its policy is odd, as are what a command prints and the names of files; every
command is called with them. On each line GitHub takes `::error::` behind any blanks, in any case; Azure Pipelines takes
`##vso[…]` and `##[…]` anywhere.
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import xml.dom.minidom

EVIL = ("::error file=a::b \n::WARNING::c\n\u00a0::debug::d\n\u3000::set-output name=x::y ##vso[task.complete]e ##[group]f ##teamcity[g]"
        "\r::stop-commands::z\u2028::add-mask::a \x1b[31m \u202egnp \u2066x \x00 \x9b2J ]]> | `` ` <script>alert(1)</script> [l](http://e)"
        " @all %0A::error::h \U0001f600\U0001d518 \u05e9\u05dc\u05d5\u05dd \x1b]8;;http://e\x07").replace("\x00", "\\0")
# Names of objects take no brackets and nothing that steers.
NAME = "::error file=a::b \u3000::Set-Output name=x::y ]]> | `` ` <script>alert(1)</script> (http://e) @all %0A::error::h \U0001f600 \u05e9\u05dc"
NAME = NAME.replace("]]", "").replace("[", "")
LONG = "::error::" + "long \U0001f680" * 1700
# As a command of a service, or as what steers a terminal, finds them in what is printed.
GITHUB = re.compile(r"::\s*(error|warning|notice|debug|set-output|save-state|add-mask|add-path|set-env|group|endgroup|stop-commands|echo|add-matcher|"
                    r"remove-matcher)\b[^\n]*?::", re.I)
AZURE = re.compile(r"##[a-z]*\[", re.I)
STEERS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")

# Markdown: code on a line, a block of code, and what would then be an element.
CODE = re.compile(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)")
FENCED = re.compile(r"^( *)(`{3,}).*?^\1\2$", re.M | re.S)
MARKUP = re.compile(r"(?<!\\)<(?!br>)")


def begun(text, own=None):
    """The lines on which something of it acts; `own` begins the lines that are meant to be commands."""
    lines = []
    for line in text.split("\n"):
        rest = line
        if own and line.startswith(own):
            rest = line[len(own):]
            found = AZURE.search(rest) if own.startswith("##") else None
        else:
            found = GITHUB.match(line.strip()) or AZURE.search(line)
        if found or STEERS.search(rest):
            lines.append(line[:300])
    return lines


def quoted(text):
    """As YAML has it: JSON writes what lies beyond U+FFFF as two halves, which YAML does not."""
    return '"' + "".join(c if ord(c) > 0xffff else json.dumps(c)[1:-1] for c in text) + '"'


def project(evil, at_most=1, fails=False):
    """Files in which each text is that one."""
    e, n = quoted(evil), quoted(NAME)
    print_it = "printf %s " + "'" + evil.replace("\\0", "").replace("'", "") + "' >&2"
    command = "[sh, -c, " + quoted(print_it + ("; exit 1" if fails else "; true")) + "]"
    return {
        "m.module.yaml": f"""\
module: m
summary: {e}
kinds:
  server:
    summary: {e}
    plural: servers
    attributes: {{site: string, note: {{type: string, default: {e}, summary: {e}}}}}
    state: {{stream: {{type: [running, stopped], default: running}}, text: {{type: string, default: {e}}}}}
predicates:
  down(server s): s.stream == stopped
actions:
  stop: {{summary: {e}, on: server, parameters: {{why: {{type: string, default: {e}, summary: {e}}}}}, does: stop(on),
          sets: {{on.stream: stopped}}, undo: {{do: m.start}}, run: {{command: {command}}}}}
  start: {{summary: {e}, on: server, does: start(on), sets: {{on.stream: running}}, undo: {{do: m.stop}}, run: {{command: ["true"]}}}}
  write: {{on: server, does: write(on), sets: {{on.text: {e}}}, undo: {{impossible: {e}}}, repeatable: true, run: {{command: ["true"]}}}}
  hand: {{summary: {e}, on: server, does: hand(on), undo: {{nothing: {e}}}, run: {{manual: {e}}}}}
procedures:
  turn:
    summary: {e}
    on: server
    steps:
      - {{id: stop, summary: {e}, do: m.stop, on: on}}
      - {{id: start, summary: {e}, do: m.start, on: on}}
""",
        "k.policy.yaml": f"""\
policy: k
summary: {e}
uses: [./m.module.yaml]
waivable: [{quoted("waived " + evil)}]
invariants:
  - {{name: {e}, require: always at most 1 down(server), because: {e}}}
  - {{name: {quoted("waived " + evil)}, require: at most 0 write(server), because: {e}}}
""",
        "f.farm.yaml": f"""\
farm: f
uses: [./m.module.yaml]
defaults: {{server: {{connect: {{over: simulated}}}}}}
servers:
  - {{name: {n}, site: {e}}}
  - {{name: {quoted("two " + NAME)}, site: {e}, note: {e}}}
  - {{name: three, site: {e}}}
""",
        "p.plan.yaml": f"""\
plan: p
summary: {e}
uses: [./m.module.yaml]
policies: [./k.policy.yaml]
farm: ./f.farm.yaml
parameters: {{word: {{type: string, default: {e}, summary: {e}}}}}
waive: [{{requirement: {quoted("waived " + evil)}, because: {e}}}]
steps:
  - {{id: all, summary: {e}, for_each: s in servers, at_most: {at_most}, do: m.turn, on: s}}
  - {{id: asked, summary: {e}, approve: {e}, on: first(servers)}}
  - {{id: said, summary: {e}, do: m.stop, on: first(servers), with: {{why: "${{word}}"}}}}
  - {{id: hand, do: m.hand, on: first(servers)}}
  - {{id: written, summary: {e}, do: m.write, on: first(servers)}}
  - {{id: again, do: m.start, on: first(servers)}}
""",
    }


ODD_FILES = ("##vso[x]y.plan.yaml", "a\n::error::x\x1b[31m.plan.yaml", "a`|<b>.plan.yaml")
SERVICES = ("json", "sarif", "github", "gitlab", "azure", "junit")


def looks():
    """Commands that only look, as (words, format)."""
    for plan in ("p.plan.yaml", "two.plan.yaml", *ODD_FILES):
        yield from ((["validate", plan, *how], "text") for how in ([], ["--advice"], *(["--print", stage] for stage in (
            "pieces", "tree", "documents", "model", "uses", "expansion", "order", "facts"))))
        yield from ((["validate", plan, "--format", form], form) for form in SERVICES)
        yield from ((["show", plan, "--format", form], form) for form in ("text", "dot", "mermaid", "html"))
        yield from ((words, "text") for words in (
            ["show", plan, "--all"], ["show", plan, "--outline"], ["rehearse", plan], ["fmt", "--diff", plan], ["observe", plan],
            ["explain", plan, f"all[{NAME}].stop", "written"], ["explain", plan, f"all[{NAME}].stop", f"all[two {NAME}].stop"],
            ["explain", plan, EVIL, "said"]))
        yield from (([*words, "--format", "json"], "json") for words in (
            ["rehearse", plan], ["explain", plan, f"all[{NAME}].stop", "written"]))
        yield from ((["diff", *plans, "--format", form, "--all"], form) for form in ("text", "markdown", "json")
                    for plans in ((plan, "new/p.plan.yaml"), ("new/p.plan.yaml", plan)))
    for document in ("m.module.yaml", "k.policy.yaml"):
        yield from ((["doc", document, "--format", form], form) for form in ("text", "markdown", "man"))
    for form in ("text", "json"):
        yield ["observe", "f.farm.yaml", "--format", form], form
    for words in (["validate", EVIL], [EVIL], ["show", "p.plan.yaml", "--set", EVIL], ["show", "p.plan.yaml", "--set", f"x{EVIL}=1"],
                  ["show", "p.plan.yaml", "--farm", EVIL], ["doc", EVIL], ["explain", EVIL], ["status", EVIL], ["diff", EVIL, EVIL],
                  ["schema", EVIL]):
        yield words, "text"


def runs(plan):
    """A run of it that waits or fails, is told of, and goes back."""
    told = [["status"], ["status", "--all"], ["log"], ["log", "--verify"], ["runs"], ["rollback", "last", "--preview"], ["approve", "last", EVIL]]
    for words in (["apply", plan, "--yes"], *told, ["resume", "last"], ["approve", "last", "asked"], *told, ["rollback", "last", "--yes"], *told,
                  ["apply", plan, "--yes", "--format", "json"], ["abandon", "last", "--yes"], *told):
        yield words, "json" if "json" in words else "text"
    yield from (([*words, "--format", "json"], "json") for words in (["status"], ["runs"], ["rollback", "last", "--preview"]))
    yield ["status", "--format", "html"], "html"


def unreadable(form, text):
    """Why a program could not read it."""
    try:
        if form in ("json", "sarif", "gitlab") and text:
            [json.loads(line) for line in text.splitlines()] if text.startswith('{"') else json.loads(text)
        elif form == "junit":
            xml.dom.minidom.parseString(text)
        elif form == "html" and "<script>alert" in text or form == "markdown" and MARKUP.search(FENCED.sub("", CODE.sub("", text))):
            return "markup of a stranger"
    except ValueError as error:
        return str(error)
    except xml.parsers.expat.ExpatError as error:
        return str(error)
    return None


def main():
    program = os.path.abspath(sys.argv[1])
    wrong, count = [], 0
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        top = pathlib.Path(name)
        environment = os.environ | {"HOME": name, "PVSPLAN_JOBS": str(top / "jobs")}

        def write(folder, files):
            (top / folder).mkdir(exist_ok=True)
            for file, text in files.items():
                (top / folder / file).write_text(text)

        def look_at(words, form, *more):
            nonlocal count
            got = subprocess.run([program, *words, *more], cwd=top, env=environment, stdin=subprocess.DEVNULL, capture_output=True)
            out, err = got.stdout.decode(), got.stderr.decode()
            acts = begun(out, {"github": "::", "azure": "##vso["}.get(form)) + begun(err)
            why = unreadable(form, out)
            count += 1
            if acts or why or got.returncode not in (0, *range(1, 10)):
                wrong.append(f"{[word[:50] for word in words]} ends with {got.returncode}: {why or ''}\n  " + "\n  ".join(acts[:5]))
            return got.returncode

        plan = project(EVIL)["p.plan.yaml"]
        write(".", {**project(EVIL), "two.plan.yaml": plan.replace("at_most: 1", "at_most: 2"), **{odd: plan + "bad: 1\n" for odd in ODD_FILES}})
        write("new", project(EVIL + LONG, at_most=2))
        fails = project(EVIL, fails=True)
        write("fails", {**fails, "f.farm.yaml": fails["f.farm.yaml"].replace("over: simulated", "over: local")})
        for words, form in looks():
            look_at(words, form)
        for plan, ends in (("p.plan.yaml", 7), ("fails/p.plan.yaml", 4)):
            more = ["--store", str(top / f"{ends}.db")]
            first = None
            for words, form in runs(plan):
                status = look_at(words, form, *more)
                first = status if first is None else first
            if first != ends:
                wrong.append(f"the run of {plan} ends with {first}")
        found = begun("\u00a0::ERROR file=x::y") and begun("a ##vso[x]") and begun("\x1b[31m") and not begun("a::error::b ::1\t## x")
        if not found:
            wrong.append("what acts is not found")
    print("\n".join(wrong) or f"{count} calls: what a stranger has written is text")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

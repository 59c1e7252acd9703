#!/usr/bin/env python3
"""Sessions of random edits of every plan under `plans/`, as people make them and as nobody does: never a crash, never a
finding of an older text, and at the end the same as `validate`.

    tests/lsp/session.py PVSPLAN [--edits N] [--seed N]"""
import argparse, json, os, pathlib, random, shutil, subprocess, sys

from client import ADVICE, Client, new_folder, uri_of

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PIECES = ["é", "😀", "\n", "\r\n", "  ", ":", ": ", "- ", "{", "}", "[", "]", "\"", "'", "#", "|", "${", "}", "&a ", "*a", "\t",
          "\n  - id: new\n    do: pvs.server.check\n    on: pvs01\n", "after: [backup]", "at_most: 2", "when: ", "servers", "\0", "x" * 300]
ASKED = ["completion", "hover", "definition", "documentHighlight", "prepareRename", "signatureHelp"]


def validated(program, folder, name, text):
    (folder / name).write_bytes(text.encode())
    told = json.loads(subprocess.run([program, "validate", "--format", "json", name], cwd=folder, capture_output=True).stdout)
    return sorted((d["code"], d.get("file", name), d["message"], d.get("range", {}).get("start", {}).get("line", 1))
                  for d in told["diagnostics"])


def seen(client, folder):
    last = {p["uri"]: p["diagnostics"] for p in client.published()}
    return sorted((f["code"], uri.removeprefix(uri_of(folder) + "/"), f["message"].split("\n")[0], f["range"]["start"]["line"] + 1)
                  for uri, findings in last.items() for f in findings if f["code"] not in ADVICE)


def lines_of(text):
    """Whether lines are counted alike by an editor and by `validate`, for which a lone \\r ends none."""
    return text.replace("\r\n", "").count("\r") == 0


class Session:
    def __init__(self, arguments, folder, plan, chance):
        self.chance, self.folder, self.name = chance, folder, plan.name
        self.program = arguments.program
        self.client = Client(arguments.program, folder, chance.choice([None, ["utf-8"]]))
        self.before = plan.read_bytes().decode()
        self.uri = self.client.open(plan, self.before)
        self.asked = []

    def edit(self):
        c, uri, chance = self.client, self.uri, self.chance
        text = c.texts[uri]
        kind = chance.random()
        begin = chance.randrange(len(text) + 1)
        if kind < 0.1:
            return c.write(uri, self.before)  # taken back
        if kind < 0.3:  # a line away, or twice
            begin = text.rfind("\n", 0, begin) + 1
            end = text.find("\n", begin) + 1 or len(text)
            return c.replace(uri, begin, end, chance.choice(["", text[begin:end] * 2]))
        if kind < 0.5:  # a word becomes another one of the text
            words = text.split()
            word = chance.choice(words) if words else "x"
            end = min(len(text), begin + len(word))
            return c.replace(uri, begin, end, chance.choice(words) if words else "y")
        if kind < 0.8:
            end = min(len(text), begin + chance.choice([0, 0, 1, 2, 5, 40]))
            return c.replace(uri, begin, end, chance.choice(PIECES))
        for _ in range(chance.randrange(1, 8)):  # typed
            c.replace(uri, begin, begin, chance.choice("abc: -\n{[é"))
            begin += 1

    def ask(self):
        c, uri, chance = self.client, self.uri, self.chance
        position = c.position(uri, chance.randrange(len(c.texts[uri]) + 1))
        method = chance.choice(ASKED)
        params = {"textDocument": {"uri": uri}, "position": position}
        number = c.begin("textDocument/" + method, params)
        if chance.random() < 0.1:
            c.tell("$/cancelRequest", {"id": number})
        self.asked.append(number)

    def look(self):
        """What is said is of the newest text; all that was asked is answered."""
        c = self.client
        c.findings(self.uri)
        for number in self.asked:
            end = c.end_of(number)
            assert "result" in end or end["error"]["code"] in (-32800, -32601), end
        self.asked.clear()
        versions = [p["version"] for p in c.published(self.uri)]
        assert versions == sorted(versions) and versions[-1] == c.versions[self.uri]
        pulled = c.pull(self.uri)
        told = c.findings(self.uri)
        key = lambda f: json.dumps(f, sort_keys=True)
        assert sorted(pulled, key=key) == sorted(told, key=key)

    def agree(self):
        text = self.client.texts[self.uri]
        try:
            text.encode()
        except UnicodeEncodeError:
            return
        self.look()
        if lines_of(text):
            mine, theirs = seen(self.client, self.folder), validated(self.program, self.folder, self.name, text)
            assert mine == theirs, (self.name, [m for m in mine if m not in theirs], [t for t in theirs if t not in mine])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program", type=os.path.abspath)
    parser.add_argument("--edits", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    for plan in sorted((ROOT / "plans").glob("*.plan.yaml")):
        chance = random.Random(f"{arguments.seed} {plan.name}")
        folder = new_folder()
        shutil.copytree(ROOT / "plans", folder, dirs_exist_ok=True)
        session = Session(arguments, folder, folder / plan.name, chance)
        agreed = 0
        for n in range(arguments.edits):
            session.edit()
            if chance.random() < 0.3:
                session.ask()
            if n % 10 == 9:
                session.look()
            if n % 20 == 19:
                session.agree()
                agreed += 1
            if len(session.client.texts[session.uri]) > 200_000 or chance.random() < 0.03:
                session.client.write(session.uri, session.before)
        session.agree()
        session.client.write(session.uri, session.before)
        session.agree()
        assert session.client.finish() == 0
        shutil.rmtree(folder)
        print(f"{plan.name}: {arguments.edits} edits, {agreed + 2} times the same as validate", flush=True)


main()

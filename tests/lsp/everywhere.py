#!/usr/bin/env python3
"""What `pvsplan lsp` answers at each word of files that are shipped, on it and behind it, in both encodings, and when the file is damaged:
places that are asked about are within what is answered, and places that mean the same have the same answer.

    tests/lsp/everywhere.py PVSPLAN [--all]"""
import json, os, pathlib, re, shutil, sys

from client import Client, new_folder, uri_of

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PROGRAM = os.path.abspath(sys.argv[1])
SAMPLE = ["plans/rolling-upgrade-large.plan.yaml", "plans/farms/contoso-hosts.farm.yaml", "stdlib/pvs/rolling.policy.yaml", "stdlib/sqlserver/module.yaml"]
WORD = re.compile(r"\w[\w-]*")
# Keys, `do` and members are offered where they are written already. A number, a text, and a name that the author gives are not.
OFFERED = re.compile(r"^\s*(- )?(?P<word>[a-z_]+): |do: (?P<do>\S+)$|== (?P<of>[a-z]+)\]?$", re.M)


def without_comments(text):
    return re.sub(r"(^|\s)#.*", lambda found: " " * len(found.group()), text)


def pos(position):
    return position["line"], position["character"]


def holds(span, position):
    return pos(span["start"]) <= pos(position) <= pos(span["end"])


class Looked:
    def __init__(self, client, uri):
        self.client, self.uri, self.text = client, uri, client.texts[uri]
        self.words = [(m.start(), m.end()) for m in WORD.finditer(without_comments(self.text))]

    def ask(self, method, offsets, **more):
        c = self.client
        numbers = [c.begin("textDocument/" + method, {"textDocument": {"uri": self.uri}, "position": c.position(self.uri, o), **more}) for o in offsets]
        return [c.end_of(number)["result"] for number in numbers]

    def said(self, offset):
        return (self.client.position(self.uri, offset), self.text[max(0, offset - 20):offset + 20])

    def on_and_behind(self, method, **more):
        """What is said on each word, which is the same behind it."""
        on = self.ask(method, [(b + e) // 2 for b, e in self.words], **more)
        behind = self.ask(method, [e for _, e in self.words], **more)
        for (_, end), one, other in zip(self.words, on, behind):
            assert one == other, (method, self.said(end), one, other)
        return on

    def names(self):
        hovers = self.on_and_behind("hover")
        marks = self.on_and_behind("documentHighlight")
        prepared = self.on_and_behind("prepareRename")
        self.on_and_behind("definition")
        for (begin, _), hover, marked, told in zip(self.words, hovers, marks, prepared):
            at = self.client.position(self.uri, begin)
            said = self.said(begin)
            assert not hover or "range" not in hover or holds(hover["range"], at), (said, hover["range"])
            assert not marked or any(holds(m["range"], at) for m in marked), said
            if told and "range" in told:
                assert holds(told["range"], at) and self.client.marked(self.uri, told["range"]) == told["placeholder"], (said, told)
        once = {json.dumps(marked): (begin, marked) for (begin, _), marked in zip(self.words, marks)}
        for begin, marked in once.values():
            found, = self.ask("references", [begin], context={"includeDeclaration": True})
            here = sorted(json.dumps(f["range"]) for f in found if f["uri"] == self.uri)
            assert here == sorted(json.dumps(m["range"]) for m in marked), (self.said(begin), here, marked)

    def completion(self):
        c = self.client
        for part in ("middle", "end"):
            at = [(b + e) // 2 if part == "middle" else e for b, e in self.words]
            for offset, told in zip(at, self.ask("completion", at)):
                for item in told["items"]:
                    edit = item["textEdit"]
                    assert holds(edit["range"], c.position(self.uri, offset)), (self.said(offset), item)
                    assert edit["range"]["start"]["line"] == edit["range"]["end"]["line"], (self.said(offset), item)
                    end = c.offset(self.uri, edit["range"]["end"])
                    assert self.text[end:end + 1] not in (":", "(") or edit["newText"][-1] not in ": )", (self.said(offset), item)

    def what_is_written_is_offered(self):
        c = self.client
        for found in OFFERED.finditer(without_comments(self.text)):
            word = found.lastgroup
            if word == "word" and found[word] in self.names_of_author:
                continue
            begin, end = found.span(word)
            items = c.ask_at("textDocument/completion", self.uri, c.position(self.uri, (begin + end) // 2))["items"]
            assert any(c.marked(self.uri, i["textEdit"]["range"]) == i["textEdit"]["newText"] for i in items), (self.said(begin), [i["label"] for i in items])

    def structure(self):
        c = self.client
        at = [c.position(self.uri, (b + e) // 2) for b, e in self.words]
        for first in range(0, len(at), 500):
            told = c.ask("textDocument/selectionRange", {"textDocument": {"uri": self.uri}, "positions": at[first:first + 500]})
            for position, selection in zip(at[first:first + 500], told):
                while selection:
                    inside, selection = selection["range"], selection.get("parent")
                    assert holds(inside, position)
                    assert not selection or holds(selection["range"], inside["start"]) and holds(selection["range"], inside["end"]) and selection["range"] != inside
        data = c.ask("textDocument/semanticTokens/full", {"textDocument": {"uri": self.uri}})["data"]
        line = character = behind = 0
        lines = self.text.split("\n")
        for down, right, length in zip(data[0::5], data[1::5], data[2::5]):
            line, character, behind = line + down, right if down else character + right, 0 if down else behind
            assert character >= behind and length > 0 and character + length <= c.units(lines[line]), (line, character, length)
            behind = character + length


def look(path, encodings, change=lambda text: text):
    folder = new_folder()
    top, name = path.split("/", 1)
    shutil.copytree(ROOT / top, folder, dirs_exist_ok=True)
    for other in folder.glob("*.plan.yaml"):  # each would be compiled for each name
        if other.name != name:
            other.unlink()
    with Client(PROGRAM, folder, encodings, {"workspace": {"textDocumentContent": {}}}) as c:
        uri = c.open(folder / name, change((folder / name).read_text()))
        c.findings(uri)
        looked = Looked(c, uri)
        # What stands below these is called by the author.
        looked.names_of_author = {m for below in re.findall(r"^(?:parameters|kinds|actions|predicates|procedures|defaults):\n((?:  .*\n|\n)*)", looked.text, re.M)
                                  for m in re.findall(r"^ +([a-z_]+):", below, re.M)}
        looked.names()
        looked.completion()
        looked.structure()
        if change("") == "" and "plan" in name:
            looked.what_is_written_is_offered()
        assert c.finish() == 0
    shutil.rmtree(folder)


def main():
    all_of = [str(f.relative_to(ROOT)) for top in ("plans", "stdlib") for f in sorted((ROOT / top).rglob("*.yaml"))]
    for path in all_of if "--all" in sys.argv else SAMPLE:
        look(path, None)
    wide = lambda text: re.sub(r"\b(The|the)\b", "é😀", text)
    damaged = lambda text: text[:len(text) // 2] + "\n  - {x: [\"\n" + text[len(text) // 2:]
    for encodings in (None, ["utf-8"]):
        look(SAMPLE[0], encodings, wide)
    for path in SAMPLE:
        look(path, None, damaged)
    print("the same on each word and behind it, in both encodings, and with damage")


main()

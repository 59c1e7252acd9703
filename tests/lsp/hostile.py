#!/usr/bin/env python3
"""A client that sends nonsense for hours: every method with every sort of parameter, damaged bytes, and real questions in
between, which are answered as ever.

    tests/lsp/hostile.py PVSPLAN [--messages N] [--seed N]"""
import argparse, json, os, pathlib, random, shutil

from client import Client, new_folder, uri_of

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
NAME = "rolling-upgrade.plan.yaml"
METHODS = ["textDocument/" + m for m in (
    "didOpen", "didChange", "didClose", "didSave", "codeAction", "codeLens", "completion", "definition", "diagnostic",
    "documentHighlight", "documentSymbol", "foldingRange", "formatting", "hover", "inlayHint", "prepareRename", "references",
    "rename", "selectionRange", "semanticTokens/full", "nothing")] + ["workspace/" + m for m in (
    "symbol", "executeCommand", "textDocumentContent", "didChangeConfiguration", "didChangeWatchedFiles",
    "didChangeWorkspaceFolders")] + ["initialize", "initialized", "$/cancelRequest", "$/setTrace", ""]


class Nonsense:
    def __init__(self, chance, uri, folder):
        self.chance, self.uri, self.folder = chance, uri, folder
        self.others = [uri_of(folder / "none.yaml"), uri_of(folder / "farms/contoso.farm.yaml"), "file:///", "file://", "",
                       "untitled:a b", "pvsplan:/stdlib/pvs/module.yaml", "http://x/y", "file:///%00", "file:///" + "a/" * 3000,
                       uri_of(folder), uri_of(folder / ".." / ".." / "x.yaml")]

    def number(self):
        return self.chance.choice([0, 1, 2, 3, 5, 17, 40, -1, -2**63, 2**31, 2**32, 2**63, 2**70, 1e300, -0.5, 1.5])

    def anything(self, depth=0):
        kind = self.chance.randrange(9 if depth < 3 else 6)
        if kind < 6:
            return [None, True, self.number(), "", self.chance.choice(["x", "é😀", "\ud800", "\0", "a" * 5000, "plan: x"]), self.uri][kind]
        if kind < 8:
            return {self.chance.choice(["uri", "line", "range", "text", "start", "x", ""]): self.anything(depth + 1) for _ in range(3)}
        return [self.anything(depth + 1) for _ in range(self.chance.randrange(4))]

    def position(self):
        if self.chance.random() < 0.1:
            return self.anything()
        far = self.chance.random() < 0.3
        return {"line": self.number() if far else self.chance.randrange(70), "character": self.number() if far else self.chance.randrange(60)}

    def span(self):
        return self.anything() if self.chance.random() < 0.1 else {"start": self.position(), "end": self.position()}

    def params(self):
        chance = self.chance
        if chance.random() < 0.1:
            return self.anything()
        document = {"uri": self.uri if chance.random() < 0.7 else chance.choice(self.others), "version": self.number(),
                    "languageId": "yaml", "text": chance.choice(["", "plan: x\n", "farm: f\nuses: [pvs]\n", "a: &a [*a]\n", "é\r\r\n- - -", "{" * 500])}
        changes = [{"text": chance.choice(["", "x", "\r", "\n", "😀", "é: ", "- {", "}\n"]), **({"range": self.span()} if chance.random() < 0.95 else {})}
                   for _ in range(chance.randrange(4))]
        all_of_it = {"textDocument": document, "position": self.position(), "range": self.span(), "contentChanges": changes,
                     "positions": [self.position() for _ in range(3)], "newName": chance.choice(["x", "", "a b", "é", "x" * 999, "\ud83d"]),
                     "context": self.anything(), "query": chance.choice(["", "a", "\0"]), "command": chance.choice(["pvsplan.verdict", "x"]),
                     "arguments": [self.uri, self.anything()], "uri": chance.choice(self.others), "id": self.number(),
                     "settings": {"pvsplan": self.anything()}, "options": {}, "capabilities": self.anything(),
                     "event": {"added": [{"uri": chance.choice(self.others)}, self.anything()], "removed": [{"uri": uri_of(self.folder)}]}}
        for key in list(all_of_it):
            if chance.random() < 0.1:
                all_of_it[key] = self.anything()
            elif chance.random() < 0.05:
                del all_of_it[key]
        return all_of_it

    def message(self):
        message = {"jsonrpc": "2.0", "method": self.chance.choice(METHODS), "params": self.params()}
        if not message["method"].split("/")[-1].startswith("did") or self.chance.random() < 0.1:
            message["id"] = self.chance.choice([self.chance.randrange(10**6, 10**7), "text", None, 1.5, [], {}]) \
                if self.chance.random() < 0.2 else self.chance.randrange(10**6, 10**7)
        body = json.dumps(message).encode()
        if self.chance.random() < 0.1:  # damaged on its way
            at = self.chance.randrange(len(body))
            body = body[:at] + bytes([self.chance.randrange(256)]) + body[at + self.chance.randrange(3):]
        length = len(body) + (self.chance.choice([-3, 2, 10**9]) if self.chance.random() < 0.02 else 0)
        return b"Content-Length: %d\r\n\r\n" % length + body


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program", type=os.path.abspath)
    parser.add_argument("--messages", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    chance = random.Random(arguments.seed)
    folder = new_folder()
    shutil.copytree(ROOT / "plans", folder, dirs_exist_ok=True)
    text = (folder / NAME).read_text()
    with Client(arguments.program, folder) as c:
        uri = c.open(folder / NAME)
        before = sorted(f["code"] for f in c.pull(uri))
        nonsense = Nonsense(chance, uri, folder)
        for n in range(arguments.messages):
            c.raw(nonsense.message())
            if n % 50 == 49:
                c.raw(b" " * 100)  # the end of what was cut short
                c.tell("workspace/didChangeWorkspaceFolders", {"event": {"added": [{"uri": uri_of(folder)}], "removed": []}})
                c.tell("textDocument/didOpen", {"textDocument": {"uri": uri, "version": 1, "text": text}})
                assert sorted(f["code"] for f in c.pull(uri)) == before, n
                c.told.clear()
                c.answers.clear()
        assert c.finish() == 0
    shutil.rmtree(folder)
    print(f"{arguments.messages} messages of nonsense")


main()

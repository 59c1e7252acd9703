#!/usr/bin/env python3
"""What `pvsplan lsp` answers: completion, hover, names, outline, changes that repair.

    tests/lsp/features.py PVSPLAN [NAME]"""
import os, pathlib, re, shutil, sys, time, urllib.parse

from client import Client, new_folder, run, uri_of

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PROGRAM = os.path.abspath(sys.argv[1])
ROLLING = "rolling-upgrade.plan.yaml"
MODULE = "module: m\nuses: [pvs]\nactions:\n  x:\n    on: server\n    ¦\n"


class Editor:
    """One document that is written again and again, with a ¦ where the cursor is."""

    def __init__(self, name=ROLLING, encodings=None, capabilities={"workspace": {"textDocumentContent": {}}}, env=None):
        self.folder = new_folder()
        shutil.copytree(ROOT / "plans", self.folder, dirs_exist_ok=True)
        self.client = Client(PROGRAM, self.folder, encodings, capabilities, env=env)
        self.text = (self.folder / name).read_text()
        self.uri = self.client.open(self.folder / name, self.text)
        self.client.findings(self.uri)

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if not kind:
            assert self.client.finish() == 0
        self.client.kill()

    def at(self, text):
        at = text.index("¦")
        text = text.replace("¦", "")
        if text != self.client.texts[self.uri]:
            self.client.write(self.uri, text)
        return self.client.position(self.uri, at)

    def ask(self, method, text, **more):
        return self.client.ask_at(method, self.uri, self.at(text), **more)

    def offered(self, text):
        return [i["label"] for i in self.ask("textDocument/completion", text)["items"]]

    def hover(self, text):
        told = self.ask("textDocument/hover", text)
        return told and told["contents"]["value"]

    def insert(self, after, what):
        assert self.text.count(after) == 1, after
        return self.text.replace(after, after + what)

    def replaced(self, old, new):
        assert self.text.count(old) == 1, old
        return self.text.replace(old, new)

    def mended(self, wrong, code, title):
        """The text after the change of that title, which is offered where the code is found, and leaves no error."""
        c = self.client
        errors = lambda: [f for f in c.findings(self.uri) if f["severity"] == 1]
        c.write(self.uri, wrong)
        found = [f for f in errors() if f["code"] == code]
        assert found, (code, errors())
        offered = c.ask("textDocument/codeAction", {"textDocument": {"uri": self.uri}, "range": found[0]["range"], "context": {"diagnostics": []}})
        chosen = [a for a in offered if a["title"] == title]
        assert len(chosen) == 1, (code, title, [a["title"] for a in offered])
        c.write(self.uri, self.edited(chosen[0]["edit"])[self.uri])
        assert errors() == [], (title, errors())
        return c.texts[self.uri]

    def edited(self, changes):
        """The texts after a WorkspaceEdit, by URI."""
        c, texts = self.client, {}
        for uri, edits in changes["changes"].items():
            if uri not in c.texts:
                c.texts[uri] = pathlib.Path(uri.removeprefix("file://")).read_text()
            text = c.texts[uri]
            for edit in sorted(edits, key=lambda e: c.offset(uri, e["range"]["start"]), reverse=True):
                begin, end = (c.offset(uri, edit["range"][side]) for side in ("start", "end"))
                text = text[:begin] + edit["newText"] + text[end:]
            texts[uri] = text
        return texts


def completion():
    with Editor() as e:
        t = e.text
        end = t + "\n"
        def offers(text, *wanted, never=()):
            got = e.offered(text)
            assert set(wanted) <= set(got) and not set(never) & set(got), (text[-80:], got)
        offers(end + "  - ¦", "id", "do", "parallel", "approve", never=["plan", "require"])
        offers(end + "  - id: x\n    ¦", "do", "after", "for_each", never=["id"])
        offers(end + "  - id: x\n    ¦\n    do: sqlserver.backup", "after", never=["id", "do"])
        offers(end + "  - {id: x, ¦}", "do", never=["id"])
        offers(end + "  - {id: x, ¦, do: sqlserver.backup}", "with", never=["id", "do"])
        offers(end + "  - {id: x,\n     ¦}", "do", never=["id"])
        offers(end + "¦", "invariants", "on_failure", never=["plan", "steps"])
        offers("¦", "plan", "farm", "module", "policy")
        offers(end + "  - do: ¦", "pvs.server.check", "sqlserver.backup", "pvs.server.rolling_upgrade")
        offers(end + "  - {id: x, do: pvs.serv¦}", "pvs.server.check")
        offers(end + "  - id: x\n    after: ¦", "backup", "rest", never=["x"])
        offers(end + "  - id: x\n    after: [backup, ¦]", "rest", never=["x"])
        offers(end + "  - id: x\n    after:\n      - ¦", "rest", never=["x"])
        offers(end + "  - {id: x, after: [¦", "rest", never=["x"])
        offers(end + "  - {do: sqlserver.backup, with: {¦}}", "directory")
        offers(end + "  - do: sqlserver.backup\n    with:\n      ¦", "directory")
        offers(end + "  - with:\n      ¦\n    do: sqlserver.backup", "directory")
        offers(end + "  - {do: pvs.server.first_upgrade, with: {version: 1, ¦}}", "peer", never=["version"])
        offers(end + "  - id: x\n    on: ¦", "pilot", "pvs01", "servers", "database", "first")
        offers(end + "  - id: x\n    when: database.¦", "schema", "instance", "name", never=["pilot"])
        offers(end + "  - id: x\n    for_each: s in [s in servers where s.¦]", "site", "stream")
        offers(end + "  - id: x\n    for_each: c in consoles\n    when: c.¦", "session", never=["stream"])
        offers(end + "  - {id: x, for_each: c in consoles, on: ¦}", "c", "consoles")
        offers(end + "  - id: x\n    approve: \"look at ${steps.¦}\"", "backup", never=["file"])
        offers(end + "  - id: x\n    approve: \"look at ${steps.backup.¦}\"", "file", never=["backup"])
        offers(end + "  - id: x\n    approve: \"look at ¦\"", never=["pilot"])
        offers(end + "  - id: x\n    on_failure: ¦", "halt", "rollback", "continue")
        offers(end + "  - id: x\n    retry: {¦}", "times", "delay")
        offers(end + "invariants:\n  - name: x\n    require: always at most 1 ¦", "down", "server", "at least", "upgrade")
        offers(end + "invariants:\n  - name: x\n    require: never upgrade(server s) where s.¦", "site")
        offers(end + "waive:\n  - requirement: ¦", "One server at a time")
        offers(e.replaced("policies: [pvs/farm-upgrade, pvs/rolling]", "policies: [¦]"), "pvs/rolling", never=["pvs"])
        offers(e.replaced("uses: [pvs]", "uses: ¦"), "pvs", "sqlserver", never=["pvs/rolling"])
        offers(e.replaced("farm: ./farms/contoso.farm.yaml", "farm: ./fa¦"), "./farms/contoso.farm.yaml", never=["./" + ROLLING])
        offers(t.replace("type: version", "type: ¦", 1), "version", "server", "list of")
        assert e.offered(end + "# on¦") == []
        assert e.offered(e.replaced("- id: backup", "-¦ id: backup")) == [], "a dash is no word"
        # What is written is offered, and a choice takes the place of it alone.
        def writes(text, label, wanted):
            item, = [i for i in e.ask("textDocument/completion", text)["items"] if i["label"] == label]
            assert (done := e.edited({"changes": {e.uri: [item["textEdit"]]}})[e.uri]) == wanted, done[-120:]
        writes(end + "  - {id: x, do¦: sqlserver.backup}", "do", end + "  - {id: x, do: sqlserver.backup}")
        writes(end + "  - id: x\n    summ¦: y", "summary", end + "  - id: x\n    summary: y")
        writes(end + "  - id: x\n    when: data¦base.schema < 1", "first", end + "  - id: x\n    when: first.schema < 1")
        asked = end + "invariants:\n  - name: x\n    require: "
        writes(asked + "always at mo¦ 1 down(server)", "at least", asked + "always at least 1 down(server)")
        writes(asked + "always a¦t most 1 down(server)", "at least", asked + "always at least 1 down(server)")
        writes(asked + "never sta¦rt(server)", "approve", asked + "never approve(server)")
        writes(asked + "always at most 1 str¦(server)", "down", asked + "always at most 1 down(server)")
        assert "bef" not in e.offered(asked + "every start(server) bef¦")
        waived = end + "waive:\n  - requirement: "
        writes(waived + "One ser¦ver", "One server at a time", waived + "One server at a time")
        offers(end + "  - id: x\n    when: pilot.stream == ¦", "running", "stopped")
        offers(end + "  - id: x\n    when: method != ¦", "script", "wizard", never=["running"])
        offers(end + "  - id: x\n    for_each: s in servers\n    at_most: ¦", "all")
        offers(end + "  - id: x\n    for_each: s in servers\n    at_most: 2 per s.¦", "site", never=["all"])
        assert e.offered(end + "  - id: x\n    for_each: s¦") == [], "the author names it"
        objects = {"pvs01", "pvs02"}, {"ProvisioningDB", "jump-01", "vda-001", "servers"}
        drained = end + "  - do: pvs.stream.drained\n    on: pvs02\n"
        # While something else is half written, and compiled, the next place is offered what it was before.
        for half in (e.replaced("farm: ./farms/contoso.farm.yaml", "farm: ./fa"), e.replaced("uses: [pvs]", "uses: [pv]"),
                     e.replaced("uses: [pvs]", "uses: "), end + "  - do: [{", "plan: x\n", "",
                     "plan: x\nuses: [pvs]\nfarm: ./farms/contoso.farm.yaml\n  bad: [\n", e.text.replace("steps:\n", "steps: [\n")):
            for text, *wanted in ((drained + "    with: {peer: ¦}", "pvs01"), (end + "  - do: pvs.¦", "pvs.server.check"),
                                  (end + "  - id: x\n    on: ¦", "pvs01"), (end + "  - id: x\n    when: database.¦", "schema"),
                                  (drained + "    with: {peer: \"${¦}\"}", "pilot", "method"), (end + "  - id: x\n    when: steps.backup.¦", "file")):
                e.at(half + "¦")
                e.client.findings(e.uri)
                offers(text, *wanted)
        offers(drained + "    with: {peer: ¦}", *objects[0], never=objects[1])
        offers(drained + "    with:\n      peer: pvs¦", *objects[0], never=objects[1])
        offers(drained + "    with: {peer: \"${¦}\"}", "pvs01", "ProvisioningDB", "servers")
        for written in ("type: server, default: ¦", "default: p¦, type: server", "type: list of server, default: [pvs03, ¦]"):
            offers(e.replaced("parameters:\n", "parameters:\n  other: {" + written + "}\n"), *objects[0], never=objects[1])
        offers(e.replaced("parameters:\n", "parameters:\n  other:\n    type: list of server\n    default:\n      - ¦\n"), *objects[0], never=objects[1])
        offers(e.replaced("parameters:\n", "parameters:\n  how: {type: [fast, slow], default: ¦}\n"), "fast", "slow", never=objects[0])
        offers(e.replaced("parameters:\n", "parameters:\n  to: {type: version, default: ¦}\n"), never=objects[0])
        offers(MODULE, "requires", "does", "undo", never=["on"])
        offers(MODULE.replace("¦", "does: ¦"), "nothing", "upgrade(on)")
        offers(MODULE.replace("¦", "sets: {¦}"), "on.stream")
        offers(MODULE.replace("¦", "requires: on.¦"), "stream", "site")
        offers(MODULE.replace("¦", "undo: {¦}"), "do", "nothing", "impossible")
        farm = (e.folder / "farms/contoso.farm.yaml").read_text()
        offers(farm + "¦", "protected", "secrets", never=["servers", "farm"])
        offers(farm.replace("site: east}", "¦}", 1), "site", "state", never=["name", "address"])
        offers(farm.replace("site: east}", "connect: {¦}}", 1), "over", "port", "system", never=["site"])
        offers(farm.replace("site: east}", "connect: {over: winrm, ¦}}", 1), "password", "port", never=["over", "system"])
        offers(farm.replace("site: east}", "connect: {over: ¦}}", 1), "winrm", "ssh", "simulated", never=["port"])
        offers(farm.replace("site: east}", "connect: {over: ssh, system: ¦}}", 1), "windows", never=["ssh"])
        offers(farm + "others: 1\nservers:\n  - name: x\n    state: {stream: ¦}", "running", "stopped")
        # What is chosen stands where it belongs, behind characters of any width, in both encodings.
        shop = "module: shop\nkinds:\n  till:\n    plural: tills\n    attributes: {peer: {type: till}, open: {type: bool}}\n"
        (e.folder / "shop.module.yaml").write_text(shop)
        tills = "farm: shop\nuses: [./shop.module.yaml]\ntills: [{name: a, open: true, peer: b}, {name: b, open: true, peer: a}]\n"
        e.at(tills + "¦")
        e.client.findings(e.uri)
        offers(tills.replace("peer: b", "peer: ¦"), "a", "b", never=["true"])
        offers(tills.replace("open: true", "open: ¦", 1), "true", never=["a"])
    for encodings in (None, ["utf-8"]):
        with Editor(encodings=encodings) as e:
            text = e.text + "\n  - {summary: \"é😀\", do: pvs.server.chec¦}"
            items = e.ask("textDocument/completion", text)["items"]
            item = [i for i in items if i["label"] == "pvs.server.check"][0]
            done = e.edited({"changes": {e.uri: [item["textEdit"]]}})[e.uri]
            assert done == e.text + "\n  - {summary: \"é😀\", do: pvs.server.check}", done[-80:]
            assert "needs" in item["documentation"]["value"], item


def hover():
    with Editor() as e:
        told = e.hover(e.replaced("do: sqlserver.backup", "do: sql¦server.backup"))
        assert "undone by" in told and "directory" in told and "lasts about" in told, told
        assert "steps" in e.hover(e.replaced("do: pvs.server.rolling_upgrade", "do: pvs.server.rolling¦_upgrade"))
        assert "At once" in (told := e.hover(e.text.replace("at_most: 1", "at_m¦ost: 1"))) or "under way at once" in told
        assert "version" in e.hover(e.replaced("when: database.schema < version", "when: database.schema < vers¦ion"))
        assert "schema" in e.hover(e.replaced("when: database.schema < version", "when: database.sch¦ema < version"))
        told = e.hover(e.replaced("pvs/farm-upgrade, pvs/rolling]", "pvs/farm-upgrade, pvs/rol¦ling]"))
        assert "One server at a time: holds (1)" in told, told
        text = e.text + "\ninvariants:\n  - name: One down\n    require: always at most 1 do¦wn(server)\n"
        assert "One down**: holds (reaches 1 at worst)" in (told := e.hover(text)), told
        text = text.replace("at_most: 1", "at_most: 2")
        told = e.hover(text)
        assert "violated (reaches 2 at worst)" in told and "a schedule that shows it" in told, told
        told = e.hover(text.replace("¦", "").replace("at_most: 2", "at_most: ¦2"))
        assert "`pvsplan explain PV4" in told and "```" not in told, "why it is wrong, without the examples"
        assert e.hover(e.text + "\n¦\n") is None
        told = e.hover(e.replaced("- id: consoles\n", "- id: con¦soles\n"))
        assert "step `consoles`: The consoles on other machines" in told and " nodes" in told, told
        told = e.hover(e.replaced("${steps.backup.file}", "${steps.ba¦ckup.file}"))
        assert "step `backup`" in told and "1 node\n" in told and "undone by" in told, told
    with Editor("farms/contoso.farm.yaml") as e:
        assert "**server**, 4 in the farm" in e.hover(e.text.replace("\nservers:", "\nser¦vers:"))
        with_key = lambda key: e.text.replace("site: east}", "connect: {" + key + "}}", 1)
        assert "how the host is reached" in e.hover(with_key("ov¦er: winrm"))
        assert "**port**: a port" in e.hover(with_key("over: winrm, po¦rt: 5986"))


def expressions():
    """Of a whole expression its type, and its value where that is known before a run."""
    with Editor() as e:
        told = e.hover(e.replaced("${first([s in", "${fir¦st([s in"))
        assert "+ servers)`: server" in told and "value before the run: `pvs01`" in told, told
        told = e.hover(e.replaced("s.configured == database.schema", "s.configured ¦== database.schema"))
        assert "`s.configured == database.schema`: bool\n\nin `[s in servers" in told and "value before the run: `pvs01, pvs02, pvs03, pvs04`" in told, "of a filter, not of each"
        told = e.hover(e.replaced("when: database.schema < version", "when: database.schema ¦< version"))
        assert "`database.schema < version`: bool" in told and "`version` has none" in told, told
        assert "value before the run: `2203`" in e.hover(e.replaced("when: database.schema", "when: database.sch¦ema"))
        told = e.hover(e.replaced('"Boot a target device', '"Boot a tar¦get device'))
        assert "value: `Boot a target device from pvs01 and" in told, told
        assert "the run decides" in e.hover(e.replaced("${steps.backup.file}", "${steps.backup.fi¦le}"))
        assert "value: `3`" in e.hover(e.replaced("    at_most: 1\n", "    at_most: ${size(servers) ¦- 1}\n"))
        told = e.hover(e.replaced("where s != pilot and s.stream == stopped]", "where s != pilot a¦nd s.stream == stopped]"))
        assert told.endswith("value before the run: empty"), "a list without elements is a value"
        module = (e.folder / "m.module.yaml")
        uri = e.client.open(module, text := "module: m\nuses: [pvs]\nactions:\n  x:\n    on: server\n    parameters: {to: version, key: secret}\n"
                            "    requires: on.version < to and size(servers) > 1\n    manual: Do it.\n    env: {KEY: \"${key}\"}\n")
        hovered = lambda at, behind: e.client.ask_at("textDocument/hover", uri, e.client.position(uri, text.index(at) + behind))
        told = hovered("< to", 0)["contents"]["value"]
        assert told == "`on.version < to`: bool", told
        assert e.client.marked(uri, hovered("< to", 0)["range"]) == "on.version < to"


def definitions():
    with Editor() as e:
        def leads(text, to):
            found = e.ask("textDocument/definition", text)
            assert found and found["uri"] == e.uri and e.client.marked(e.uri, found["range"]) == to, found
            return found
        leads(e.replaced("${steps.backup.file}", "${steps.back¦up.file}"), "backup")
        leads(e.replaced("when: database.schema < version", "when: database.schema < version¦"), "version")
        found = e.ask("textDocument/definition", e.replaced("do: sqlserver.backup", "do: sqlserver.ba¦ckup"))
        assert found["uri"] == "pvsplan:/stdlib/sqlserver/module.yaml"
        text = e.client.ask("workspace/textDocumentContent", {"uri": found["uri"]})["text"]
        assert text == (ROOT / "stdlib/sqlserver/module.yaml").read_text()
        line = text.split("\n")[found["range"]["start"]["line"]]
        assert line[found["range"]["start"]["character"]:found["range"]["end"]["character"]] == "backup", line
        assert e.client.refused("workspace/textDocumentContent", {"uri": "file:///etc/passwd"}) == -32602
        assert e.client.refused("workspace/textDocumentContent", {"uri": "pvsplan:/../../etc/passwd"}) == -32602
        found = e.ask("textDocument/definition", e.replaced("farm: ./farms/", "farm: ./fa¦rms/"))
        assert found["uri"] == uri_of(e.folder / "farms/contoso.farm.yaml")
        assert e.ask("textDocument/definition", e.text.replace("summary: ", "summ¦ary: ", 1)) is None
        marks = e.ask("textDocument/documentHighlight", e.replaced("- id: backup", "- id: back¦up"))
        assert [e.client.marked(e.uri, m["range"]) for m in marks] == ["backup", "backup"]
        # An object of the farm, in the farm and in a plan that nobody has opened.
        other = e.folder / "names.plan.yaml"
        other.write_text("plan: names\nuses: [pvs]\nfarm: ./farms/contoso.farm.yaml\nsteps:\n  - do: pvs.stream.stop\n    on: pvs02\n")
        farm = e.client.open(e.folder / "farms/contoso.farm.yaml")
        at = e.client.texts[farm].index("pvs02")
        found = e.client.ask_at("textDocument/references", farm, e.client.position(farm, at), context={"includeDeclaration": True})
        assert sorted(f["uri"] for f in found) == sorted([farm, uri_of(other)]), found
        # By the name at the cursor, and not by what is asked of it: the second plan has no `schema`.
        head = "uses: [pvs]\nfarm: ./farms/contoso.farm.yaml\nsteps:\n  - do: sqlserver.look\n    on: database\n"
        uri = e.client.open(e.folder / "one.plan.yaml", text := "plan: one\n" + head + "    when: database.schema < 2402\n")
        (e.folder / "two.plan.yaml").write_text("plan: two\n" + head)
        asked = e.client.ask_at("textDocument/references", uri, e.client.position(uri, text.rindex("database")), context={"includeDeclaration": True})
        assert uri_of(e.folder / "two.plan.yaml") in [f["uri"] for f in asked], asked
        e.client.close(uri)
        found = e.client.ask_at("textDocument/references", farm, e.client.position(farm, at), context={"includeDeclaration": False})
        assert [f["uri"] for f in found] == [uri_of(other)]


def library_as_files():
    """An editor that does not ask for the library's texts opens read-only copies, which are right whatever was there before."""
    with_cache = lambda cache: Editor(capabilities={}, env={**os.environ, "XDG_CACHE_HOME": str(cache)})
    leads = lambda e: e.ask("textDocument/definition", e.replaced("do: sqlserver.backup", "do: sqlserver.ba¦ckup"))
    wanted = (ROOT / "stdlib/sqlserver/module.yaml").read_text()
    cache, elsewhere = new_folder() / "not/there", new_folder() / "elsewhere"
    elsewhere.write_text("mine")
    with with_cache(cache) as e:
        copy = pathlib.Path(urllib.parse.unquote(leads(e)["uri"].removeprefix("file://")))
        assert copy.is_relative_to(cache) and copy.read_text() == wanted
        assert copy.stat().st_mode & 0o777 == 0o400 and all(f.stat().st_mode & 0o077 == 0 for f in (copy.parent, cache / "pvsplan"))
        c, uri = e.client, e.client.open(copy)
        assert c.findings(uri) == [], "it is a document as any other"
        assert "undone by" in c.ask_at("textDocument/hover", uri, c.position(uri, wanted.index("\n  backup:") + 4))["contents"]["value"]
    copy.unlink()
    copy.symlink_to(elsewhere)
    with with_cache(cache) as e:
        assert leads(e)["uri"] == uri_of(copy) and copy.read_text() == wanted and not copy.is_symlink()
        assert elsewhere.read_text() == "mine", "nothing is written through a link"
    copy.chmod(0o600)
    copy.write_text(wanted + "# changed\n")
    with with_cache(cache) as e:
        assert leads(e) and copy.read_text() == wanted
        assert not [f for f in copy.parent.iterdir() if f.name.startswith("module.yaml.")]
    linked = new_folder()
    (linked / "pvsplan").symlink_to(new_folder())
    no_home = {k: v for k, v in os.environ.items() if k not in ("HOME", "XDG_CACHE_HOME")}
    for environment, why in (({**os.environ, "XDG_CACHE_HOME": "/proc/none"}, "/proc/none"), (no_home, "neither `XDG_CACHE_HOME` nor `HOME`"),
                             ({**os.environ, "XDG_CACHE_HOME": str(linked)}, "is no folder")):
        with Editor(capabilities={}, env=environment) as e:
            assert leads(e) is None and leads(e) is None
            told = [m["params"]["message"] for m in e.client.told if m["method"] == "window/showMessage"]
            assert len(told) == 1 and why in told[0], told
            assert not list((linked / "pvsplan").iterdir())


def renaming():
    """A step in `after`, outputs, `done(…)`; a parameter; an object over files. What was renamed compiles as before."""
    with Editor() as e:
        c = e.client
        before = sorted((f["code"], f["severity"]) for f in c.findings(e.uri))
        for old, new, text in (("backup", "saved", e.replaced("- id: backup", "- id: back¦up")),
                               ("backup", "saved", e.replaced("${steps.backup.file}", "${steps.¦backup.file}")),
                               ("backups", "share", e.replaced("\"${backups}\"", "\"${back¦ups}\""))):
            asked = e.ask("textDocument/prepareRename", text)
            assert asked["placeholder"] == old and c.marked(e.uri, asked["range"]) == old, asked
            renamed = e.edited(e.ask("textDocument/rename", text, newName=new))
            assert list(renamed) == [e.uri] and renamed[e.uri] != e.text
            c.write(e.uri, renamed[e.uri])
            assert sorted((f["code"], f["severity"]) for f in c.findings(e.uri)) == before, (old, new)
        c.write(e.uri, e.text)
        lonely = e.text + "  - id: lonely\n    approve: Go home?\n"
        asked = e.ask("textDocument/prepareRename", lonely.replace("id: lonely", "id: lone¦ly"))
        assert asked["placeholder"] == "lonely", ("a step that nobody names", asked)
        renamed = e.edited(e.ask("textDocument/rename", lonely.replace("id: lonely", "id: lone¦ly"), newName="last"))
        assert renamed[e.uri] == lonely.replace("lonely", "last")
        c.write(e.uri, e.text)
        refused = lambda text, name: c.refused("textDocument/rename", {"textDocument": {"uri": e.uri}, "position": e.at(text), "newName": name})
        for name in ("", "Two Words", "a:b", "1x", "x-", "x--y", "and", "X", "a.b", "rest"):
            assert refused(e.replaced("- id: backup", "- id: back¦up"), name) == -32803, name
        assert refused(e.replaced("do: sqlserver.backup", "do: sqlserver.back¦up"), "other") == -32803
        assert refused(e.text.replace("on: pilot", "on: pil¦ot", 1), "other") == -32803, "a policy asks for it"
        assert e.ask("textDocument/prepareRename", e.replaced("do: sqlserver.backup", "do: sqlserver.back¦up")) is None
        other = e.folder / "names.plan.yaml"
        other.write_text("plan: names\nuses: [pvs]\nfarm: ./farms/contoso.farm.yaml\nsteps:\n  - do: pvs.stream.stop\n    on: pvs02\n")
        farm = c.open(e.folder / "farms/contoso.farm.yaml")
        position = c.position(farm, c.texts[farm].index("pvs02"))
        texts = e.edited(c.ask_at("textDocument/rename", farm, position, newName="PVS-B"))
        assert "on: PVS-B\n" in texts[uri_of(other)] and "{name: PVS-B," in texts[farm] and "pvs02.contoso" in texts[farm]


def outlines():
    with Editor() as e:
        def names(symbols):
            return [s["name"] for s in symbols]
        ask = lambda: e.client.ask("textDocument/documentSymbol", {"textDocument": {"uri": e.uri}})
        symbols = ask()
        assert {"version", "pilot", "backup", "rest"} <= set(names(symbols))
        for s in symbols:
            low, high, start, end = ((p["line"], p["character"]) for p in (s["range"]["start"], s["range"]["end"],
                                     s["selectionRange"]["start"], s["selectionRange"]["end"]))
            assert low <= start <= end <= high, s
        found = e.client.ask("workspace/symbol", {"query": "CONSOLES"})
        assert {"consoles", "consoles-closed"} <= set(names(found)) and any(s["location"]["uri"] != e.uri for s in found)
        assert e.client.ask("workspace/symbol", {"query": "no such thing"}) == []


def damage():
    """Of 1,000 steps one is damaged: one finding, no verdicts, and the others are still there."""
    with Editor() as e:
        steps = "".join(f"  - id: s{n}\n    approve: \"number {n}\"\n" for n in range(1000))
        plan = "plan: long\nuses: [pvs]\nfarm: ./farms/contoso.farm.yaml\nsteps:\n" + steps + \
               "invariants:\n  - name: None down\n    require: always at most 0 down(server)\n"
        whole = plan.replace("id: s500\n", "id: s500\n    after: s499\n")
        e.client.write(e.uri, whole)
        assert [f for f in e.client.findings(e.uri) if f["severity"] == 1] == []
        for damaged in ("  - id: s500\n    approve: \"number 500\n", "  - id: s500\n   approve: [\n", "  - {id: s500, approve: 5\n",
                        "  - id: s500\n    aprove: x\n", "  - id: s500: x\n    approve: x\n"):
            e.client.write(e.uri, plan.replace("  - id: s500\n    approve: \"number 500\"\n", damaged))
            found = e.client.findings(e.uri)
            assert len(found) == 1 and found[0]["severity"] == 1, (damaged, found[:3])
            symbols = [s["name"] for s in e.client.ask("textDocument/documentSymbol", {"textDocument": {"uri": e.uri}})]
            assert len([s for s in symbols if s.startswith("s")]) >= 999, (damaged, len(symbols))
            hovered = e.client.ask_at("textDocument/hover", e.uri, e.client.position(e.uri, e.client.texts[e.uri].index("always")))
            assert "not decided yet" in hovered["contents"]["value"] or "a requirement" in hovered["contents"]["value"], hovered
            offered = e.offered(e.client.texts[e.uri].replace("approve: \"number 700\"", "after: ¦", 1))
            assert {"s0", "s499", "s501", "s999"} <= set(offered), (damaged, len(offered))


def repairing():
    """Every change that is offered repairs what it says."""
    with Editor() as e:
        c = e.client
        errors = lambda: [f for f in c.findings(e.uri) if f["severity"] == 1]
        def actions(span):
            return c.ask("textDocument/codeAction", {"textDocument": {"uri": e.uri}, "range": span, "context": {"diagnostics": []}})
        for wrong in (e.replaced("at_most: 1\n    do: pvs.server.rolling", "at_most: 2\n    do: pvs.server.rolling"),
                      e.replaced("do: sqlserver.backup\n", "do: sqlserver.backpu\n"),
                      e.replaced("  - id: backup\n", "  - id: backup\n    sumary: x\n")):
            c.write(e.uri, wrong)
            found = errors()
            assert found
            offered = [a for a in actions(found[0]["range"]) if a["kind"] == "quickfix"]
            if not offered:
                assert "at_most: 2" not in wrong, "it has a change that is proved"
                continue
            c.write(e.uri, e.edited(offered[0]["edit"])[e.uri])
            assert len(errors()) < len(found), offered[0]["title"]
        nowhere = {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}}
        assert not [a for a in actions(nowhere) if a["kind"] == "quickfix"]


def mistakes():
    """What people do wrong in the first days, each repaired by what the editor offers, and by nothing else."""
    with Editor() as e:
        ticket = "module: desk\nactions:\n  opened:\n    summary: Open a ticket.\n    run: {command: [ticket, open]}\n"
        racing = ("plan: order\nuses: [pvs]\nfarm: ./farms/contoso.farm.yaml\nsteps:\n  - parallel:\n      - id: stopped\n        do: pvs.stream.stop\n"
                  "        on: pvs02\n      - id: emptied\n        do: pvs.stream.drained\n        on: pvs02\n        with: {peer: pvs03}\n")
        rest, consoles = (e.text[e.text.index(f"  - id: {a}\n"):e.text.index(f"  - id: {b}\n")]
                          for a, b in (("rest", "consoles"), ("consoles", "consoles-opened")))
        for wrong, code, title in (
                (e.replaced("    do: sqlserver.backup\n", "\tdo: sqlserver.backup\n"), "PV1002", "indent with 4 blanks"),
                (e.replaced("The version to upgrade to}", "The version to upgrade to"), "PV1017", "write `}` at the end of the line"),
                (e.replaced("  - id: rest\n", "    id: rest\n"), "PV1021", "write `- ` before it"),
                (e.text.replace("for_each", "foreach", 1), "PV1102", "write `for_each`"),
                (racing, "PV3102", "let `emptied` wait for `stopped`"),
                (e.text.replace("at_most: 1\n", "at_most: 2\n"), "PV4005", "set `at_most: 1`"),
                (e.text.replace("- id: backup\n", "- id: saved\n"), "PV2016", "write `saved`"),
                (e.replaced("do: sqlserver.backup\n", "do: sqlserver.backup\n    timeout: 90\n"), "PV2032", "write `90m`"),
                (e.replaced('default: "${first([s in servers where s.configured == database.schema] + servers)}"', "default: pvs1"),
                 "PV2032", "write `pvs01`"),
                (e.text.replace(rest + consoles, consoles + rest), "PV4002", "move `consoles` behind `rest`"),
                (ticket, "PV1103", "say that it cannot be undone, until you know how")):
            e.mended(wrong, code, title)


def slips():
    """Slips of the hand, each mended by what is offered at it: then the plan is what it was before, or says one thing once."""
    with Editor() as e:
        farm, rest = "farm: ./farms/contoso.farm.yaml", "    for_each: s in rest\n"
        at_most = "    at_most: 1\n    do: pvs.server.rolling"
        window = "plan: rolling-upgrade\nwindow: {from: \"22:00\", to: \"05:00\", zone: UTC}"
        for wrong, code, title in (
                (farm.replace("contoso", "contosso"), "PV2001", "write `./farms/contoso.farm.yaml`"),
                (farm.replace("farms/", "farm/"), "PV2001", "write `./farms/contoso.farm.yaml`"),
                (farm.replace("farms/", ""), "PV2001", "write `./farms/contoso.farm.yaml`"),
                ("farm: './farms/contoso.farm.yml'", "PV2001", "write `./farms/contoso.farm.yaml`")):
            mended = e.mended(e.replaced(farm, wrong), code, title)
            assert mended.replace("'", "") == e.text, mended[:300]
        # A time of day as people write it, between quotes or without.
        for wrong, right in (('"25:00"', '"01:00"'), ('"7:5"', '"07:05"'), ("7:5", '"07:05"'), ("'10pm'", "'22:00'"), ("24:00", '"00:00"')):
            text = e.replaced("plan: rolling-upgrade", window)
            meant = right if wrong[0] not in "\"'" else right[1:-1]
            assert e.mended(text.replace('"22:00"', wrong), "PV1117", f"write `{meant}`") == text.replace('"22:00"', right)
        # A key that is there twice: either of them may be meant.
        twice = e.replaced(at_most, at_most.replace("1\n", "1\n    at_most: all\n"))
        assert e.mended(twice, "PV1003", "take the second `at_most` out") == e.text
        assert e.mended(e.replaced(at_most, "    at_most: all\n" + at_most), "PV1003", "take the first `at_most` out") == e.text
        assert e.mended(e.replaced(farm, farm + "\n" + farm), "PV1003", "take the second `farm` out") == e.text
        assert e.mended(e.replaced("  - id: rest\n", "  - id: rest\n    id: others\n"), "PV1021", "take the second `id` out") == e.text
        # Behind the wrong number of blanks, by one or two.
        on, invariants = "    on: pilot\n    with: {version: \"${version}\", from", e.text + "invariants:\n  - name: a\n    require: always at most 4 down(server)\n"
        for text, line, codes in ((e.text, on, "PV1021 PV1018 PV1018 PV1018"),
                                  (e.text, "  - id: rest\n", "PV1001 PV1018 PV1018 PV1022"), (e.text, "    type: [script, wizard]\n", " PV1018 PV1018 "),
                                  (invariants, "invariants:\n", "  PV1018 PV1021"), (e.text, "  media: {type: path", "PV1102 PV1018 PV1018 PV1018")):
            blanks = len(line) - len(line.lstrip(" "))
            for by, code in zip((-2, -1, 1, 2), codes.split(" ")):
                if code:
                    wrong = text.replace(line, " " * (blanks + by) + line.lstrip(" "))
                    assert e.mended(wrong, code, f"indent with {blanks} blanks") == text, (line, by)
        # The key that was meant to stand further right is above the one that YAML stumbles over.
        assert e.mended(e.replaced("    type: [script, wizard]\n", "  type: [script, wizard]\n"), "PV1018", "indent the line above with 4 blanks") == e.text


def pasted():
    """Slips of every kind, typed, dictated, or pasted from a word processor or a chat: one finding on the line of the slip, and a change
    that gives back what was there. Whatever else is offered leaves no error either."""
    with Editor() as e:
        c = e.client
        errors = lambda: [f for f in c.findings(e.uri) if f["severity"] == 1]
        do, on, media = "    do: sqlserver.backup\n", "    on: pilot\n    with", "version: \"${version}\", media: \"${media}\", peer"
        opened, checked = "c.version >= version and c.session == closed", "for_each: s in [s in servers where s.configured < version]"
        path, typed, steps = "\"\\\\\\\\nas01\\\\pvs-backup\"", "type: [script, wizard]", "steps:\n  - id: checked"
        word = "summary: \"How the database is upgraded: by"
        for right, slips in {
                # Between a key and its value.
                do: ["    do sqlserver.backup\n", "    do:sqlserver.backup\n", "    do = sqlserver.backup\n", "    do=sqlserver.backup\n", "    do; sqlserver.backup\n",
                     "    do := sqlserver.backup\n", "    do -> sqlserver.backup\n", "    do： sqlserver.backup\n", "    do:: sqlserver.backup\n",
                     # The key, and the value.
                     "    Do: sqlserver.backup\n", "    d\u00ado: sqlserver.backup\n", "    do: sqlserver.backup,\n", "    do: sqlserver.backup;\n", "    do: sqlserver.backup.\n",
                     "    do: sqlserver/backup\n", "    do: sqlserver:backup\n", "    do: sqlserver backup\n", "    do: sqlserver.backup()\n", "    do: Sqlserver.backup\n",
                     "    do: sqlserver.backup\u200b\n", "    do: <sqlserver.backup>\n", "    do: [sqlserver.backup]\n",
                     "",
                     # Before it.
                     "  - do: sqlserver.backup\n", "\u00a0\u00a0\u00a0\u00a0do: sqlserver.backup\n", "\tdo: sqlserver.backup\n"],
                "  - id: rest\n": ["  -id: rest\n", "  – id: rest\n", "  — id: rest\n", "  • id: rest\n", "  * id: rest\n", "  + id: rest\n", "  6. id: rest\n", "  -- id: rest\n",
                                   "  - - id: rest\n", "  -\u00a0id: rest\n", "    id: rest\n", "  id: rest\n", "  - id: #rest\n", "  - Id: rest\n", "  - id: Rest\n", "  - id: rest,\n"],
                "- id: first-checked\n": ["- id: first checked\n", "- id: firstChecked\n", "- id: first–checked\n", "- id: first.checked\n"],
                steps: ["steps\n  - id: checked", "Steps:\n  - id: checked", "steps;\n  - id: checked", "steps:\n  — id: checked", "steps:\n  • id: checked", "- steps:\n  - id: checked"],
                # Quotes and brackets.
                media: ["version: “${version}”, media: \"${media}\", peer", "version: „${version}“, media: \"${media}\", peer", "version: `${version}`, media: \"${media}\", peer",
                        "version: ${version}, media: \"${media}\", peer", "version: \"${version}, media: \"${media}\", peer", "version: \"${version}', media: \"${media}\", peer",
                        "version: ${version}\", media: \"${media}\", peer", "version: \"${version}”, media: \"${media}\", peer",
                        # What reads a parameter.
                        "version: \"{version}\", media: \"${media}\", peer", "version: \"{{ version }}\", media: \"${media}\", peer", "version: {{ version }}, media: \"${media}\", peer",
                        "version: \"${{ version }}\", media: \"${media}\", peer", "version: \"$(version)\", media: \"${media}\", peer", "version: \"%version%\", media: \"${media}\", peer",
                        "version: \"<version>\", media: \"${media}\", peer", "version: $version, media: \"${media}\", peer", "version: \"${version\", media: \"${media}\", peer",
                        "version: \"${version)\", media: \"${media}\", peer", "version: \"${Version}\", media: \"${media}\", peer", "version: version, media: \"${media}\", peer",
                        # Between the entries.
                        "version: \"${version}\" media: \"${media}\", peer", "version: \"${version}\"; media: \"${media}\", peer", "version: \"${version}\", , media: \"${media}\", peer",
                        "version:\"${version}\", media: \"${media}\", peer", "version=\"${version}\", media: \"${media}\", peer", "version \"${version}\", media: \"${media}\", peer"],
                "{directory: \"${backups}\"}": ["{directory: \"${backups}\"", "directory: \"${backups}\"}", "{directory: \"${backups}\"}}", "{directory: \"${backups}\"]", "(directory: \"${backups}\")",
                                               "[directory: \"${backups}\"]", "directory: \"${backups}\""],
                typed: ["type: [script, wizard", "type: script, wizard]", "type: [script; wizard]", "type: [script wizard]", "type: script, wizard", "type: (script, wizard)", "type: {script, wizard}",
                        "type: [script, wizard]]", "type: [script, wizard}"],
                path: ["\"\\\\nas01\\pvs-backup\""],
                "type: path, default": ["type: Path, default", "type: PATH, default"],
                # Conditions and loops.
                opened: [opened.replace(a, b) for a, b in ((">=", "=>"), (">=", "≥"), (" and ", " && "), (" and ", " & "), (" and ", " AND "), ("==", "="), ("==", "==="), ("==", "is"), ("==", "-eq"),
                                                           (">=", "-ge"))],
                checked: [checked.replace(a, b, 1) for a, b in (("s in [s", "s of [s"), ("s in [s", "s IN [s"), ("s in [s", "s : [s"), ("s in [s", "s = [s"), ("s in [s", "s from [s"), ("s in [s", "each s in [s"),
                                                                ("s in [s", "for s in [s"), ("s in [s", "[s"), ("s in [s", "s in s"), ("[s in", "[s for s in"), ("where", "if"), ("where", "when"),
                                                                ("where", "with"), ("where", "|"), ("where", "WHERE"), ("version]", "version"), ("<", "-lt"))],
                "where s != pilot and s.stream == stopped": ["where s <> pilot and s.stream == stopped", "where s ≠ pilot and s.stream == stopped", "where s is not pilot and s.stream == stopped"],
                "at_most: 1\n": ["at_most: one\n", "at_most: 1x\n", "at_most: 1 at a time\n", "at_most: 1.\n", "at most: 1\n", "atMost: 1\n", "at-most: 1\n", "AT_MOST: 1\n"],
                # Lines.
                do + "    with: {d": ["    do: sqlserver.backup with: {d", "    do: sqlserver.backup, with: {d"],
                "plan: rolling-upgrade\n": [""],
                "to}\n  media: {type: path, summary: \"The": ["to}\n  media: {type: path, summary: The"],
                "# What is done": ["// What is done", "-- What is done", "What is done"],
                word: [word.replace("\"", "“")]}.items():
            assert e.text.count(right) >= 1, right
            for slip in slips:
                wrong = e.text.replace(right, slip, 1)
                c.write(e.uri, wrong)
                found = errors()
                assert len(found) == 1, (slip, [(f["code"], f["message"]) for f in found])
                offered = c.ask("textDocument/codeAction", {"textDocument": {"uri": e.uri}, "range": found[0]["range"], "context": {"diagnostics": []}})
                texts = [e.edited(a["edit"])[e.uri] for a in offered]
                assert e.text in texts, (slip, found[0]["code"], found[0]["message"], [a["title"] for a in offered])
                for text in texts:
                    c.write(e.uri, text)
                    assert errors() == [], (slip, text)


def all_pasted():
    """A plan in which every line was changed on its way is mended in one go."""
    with Editor() as e:
        c = e.client
        lines = e.text.splitlines(keepends=True)
        tabbed = lambda width: "".join("\t" * ((len(l) - len(l.lstrip(" "))) // width) + l.lstrip(" ") for l in lines)
        bullets = [("  • " + l[4:] if l.startswith("  - ") else l) for l in lines]
        quoted = [l.replace(": \"", ": “").replace("\"}", "”}").replace("\", ", "”, ").replace("\"\n", "”\n") for l in bullets]
        for wrong in (tabbed(2), "".join(quoted), "".join("> " + l for l in lines), "```yaml\n" + e.text,
                      "".join("\u00a0" * (len(l) - len(l.lstrip(" "))) + l.lstrip(" ") for l in lines),
                      e.text.replace(" ", "\u00a0"), e.text.replace(": ", ":\u3000"), "".join("\u200b" + l for l in lines)):
            c.write(e.uri, wrong)
            found = [f for f in c.findings(e.uri) if f["severity"] == 1]
            assert len(found) == 1 or not re.search("[\u00a0\u3000\u200b]", wrong), "one cause, one finding"
            everywhere = {"start": {"line": 0, "character": 0}, "end": {"line": 999, "character": 0}}
            offered = c.ask("textDocument/codeAction", {"textDocument": {"uri": e.uri}, "range": everywhere, "context": {"diagnostics": []}})
            assert e.text in [e.edited(a["edit"])[e.uri] for a in offered], (wrong[:200], [(f["code"], f["message"]) for f in found][:4], [a["title"] for a in offered])
            c.texts[e.uri] = wrong


def advice():
    """Where nothing is wrong and nobody types: what could go is faded, a larger number is offered; any edit takes it back."""
    plan = ("plan: advised\nuses: [pvs]\nfarm: ./farms/contoso.farm.yaml\nparameters:\n  window: {type: string, default: night}\nsteps:\n"
            "  - id: all\n    for_each: c in consoles\n    at_most: 1\n    steps:\n      - {id: look, approve: Look.}\n"
            "      - {id: again, after: look, approve: Look again.}\ninvariants:\n  - {name: One, require: always at most 4 server s with s.stream == stopped}\n")
    advised = {"PV6002": ("window", 4, [1]), "PV6003": ("look", 4, [1]), "PV6004": ("1", 3, None)}
    told = lambda c, found: {f["code"]: (c.marked(uri, f["range"]), f["severity"], f.get("tags")) for f in found if f["code"] in advised}
    for can_refresh in (False, True):
        capabilities = {"textDocument": {"diagnostic": {}}, "workspace": {"diagnostics": {"refreshSupport": True}}} if can_refresh else {}
        with Editor(capabilities=capabilities) as e:
            c, uri = e.client, e.uri
            c.write(uri, plan)
            if can_refresh:
                assert told(c, c.pull(uri)) in ({}, advised)  # who asks late hears all of it at once
                c.until(lambda: [m for m in c.told if m["method"] == "workspace/diagnostic/refresh"])
                assert told(c, c.pull(uri)) == advised
                continue
            c.until(lambda: told(c, c.findings(uri)) == advised)
            for code, title, text, instead in (
                ("PV6002", "take the parameter `window` away", "parameters:\n  window: {type: string, default: night}\n", ""),
                ("PV6003", "take `look` out of `after`", "after: look, ", ""),
                ("PV6004", "set `at_most: all`", "at_most: 1", "at_most: all"),
            ):
                span = next(f["range"] for f in c.findings(uri) if f["code"] == code)
                offered = c.ask("textDocument/codeAction", {"textDocument": {"uri": uri}, "range": span, "context": {"diagnostics": []}})
                assert [a["title"] for a in offered] == [title], offered
                changed = e.edited(offered[0]["edit"])[uri]
                assert changed == plan.replace(text, instead), changed
            c.write(uri, changed)
            assert told(c, c.findings(uri)) == {}, "not of an older text"
            c.until(lambda: told(c, c.findings(uri)) == {k: v for k, v in advised.items() if k != "PV6004"})
            c.tell("workspace/didChangeConfiguration", {"settings": {"pvsplan": {"advice": False}}})
            c.until(lambda: told(c, c.findings(uri)) == {})
            c.write(uri, plan)
            c.findings(uri)
            time.sleep(2)
            c.pull(uri)
            assert told(c, c.findings(uri)) == {}, "it can be switched off"


def structure():
    with Editor() as e:
        c, document = e.client, {"textDocument": {"uri": e.uri}}
        lines = e.text.split("\n")
        folds = c.ask("textDocument/foldingRange", document)
        first = next(n for n, l in enumerate(lines) if l.startswith("steps:"))
        assert {"startLine": first, "endLine": len(lines) - 2} in folds, folds[-3:]
        rest = next(n for n, l in enumerate(lines) if "id: rest" in l)
        assert any(f["startLine"] == rest and lines[f["endLine"]].strip().startswith("with:") for f in folds)
        at = e.text.index("pvs.server.rolling_upgrade") + 5
        grown = c.ask("textDocument/selectionRange", {**document, "positions": [c.position(e.uri, at), c.position(e.uri, 0)]})
        assert len(grown) == 2
        texts, inner = [], grown[0]
        while inner:
            texts.append(c.marked(e.uri, inner["range"]))
            inner = inner.get("parent")
        assert texts[0] == "pvs.server.rolling_upgrade" and texts[1] == "do: pvs.server.rolling_upgrade" and texts[-1] == e.text
        assert all(a in b and len(a) < len(b) for a, b in zip(texts, texts[1:]))
        legend = c.started["capabilities"]["semanticTokensProvider"]["legend"]["tokenTypes"]
        data = c.ask("textDocument/semanticTokens/full", document)["data"]
        line = character = 0
        tokens = []
        for n in range(0, len(data), 5):
            line, character = line + data[n], data[n + 1] + (0 if data[n] else character)
            tokens.append((lines[line][character:character + data[n + 2]], legend[data[n + 3]]))
        assert {("server.rolling_upgrade", "function"), ("pilot", "parameter"), ("schema", "property"), ("backup", "variable")} <= set(tokens)


def formatting():
    with Editor() as e:
        c, document = e.client, {"textDocument": {"uri": e.uri}, "options": {"tabSize": 4, "insertSpaces": True}}
        assert c.ask("textDocument/formatting", document) == []
        c.write(e.uri, e.replaced("    do: sqlserver.backup\n", "    do:    sqlserver.backup   # é😀\n"))
        edits = c.ask("textDocument/formatting", document)
        assert "    do: sqlserver.backup" in e.edited({"changes": {e.uri: edits}})[e.uri] and edits
        c.write(e.uri, "plan: [\n")
        assert c.ask("textDocument/formatting", document) is None


def between_the_lines():
    with Editor() as e:
        c, document = e.client, {"textDocument": {"uri": e.uri}}
        titles = lambda: [l["command"]["title"] for l in c.ask("textDocument/codeLens", document)]
        all_of_it = {"start": {"line": 0, "character": 0}, "end": {"line": 999, "character": 0}}
        hints = lambda: [(c.texts[e.uri][:c.offset(e.uri, h["position"])].split("\n")[-1].strip(), h["label"])
                         for h in c.ask("textDocument/inlayHint", {**document, "range": all_of_it})]
        assert any(t.startswith("holds · ") and " of " in t for t in titles()), titles()
        assert any(at.startswith("for_each: c in [c in consoles where c.version < version]") and label == "× 3" for at, label in hints())
        assert any(at == "do: sqlserver.backup" and label.endswith(" m") for at, label in hints()), hints()
        approve = lambda n, more="": f"      - {{id: {n}, approve: look{more}}}\n"
        c.write(e.uri, e.text + "\n  - id: many\n    parallel:\n" + approve("a") + approve("b") + approve("c", ", after: a"))
        steps = lambda: [t for t in titles() if t.startswith("step")]
        assert steps()[-4:] == ["steps 45-47 may overlap with each other", "step 45 may overlap with 46",
                                "step 46 may overlap with 45, 47", "step 47 may overlap with 46"], steps()
        assert "steps 18-38; at worst 1 of 4 servers down" in steps(), "one after another"
        c.write(e.uri, e.text.replace("steps:\n", "steps:\n  - id: both\n    parallel:\n      - {id: look, approve: Look.}\n      - id: stopped\n"
                                      "        for_each: s in servers\n        at_most: 2\n        do: pvs.stream.stop\n        on: s\n", 1))
        assert steps()[:3] == ["steps 1-5 may overlap with each other; at worst 4 of 4 servers down", "step 1 may overlap with 2-5",
                               "steps 2-5 may overlap with each other and with 1; at worst 4 of 4 servers down"], steps()
        c.write(e.uri, e.text.replace("at_most: 1", "at_most: 2") +
                "\ninvariants:\n  - name: One down\n    require: always at most 1 down(server)\n")
        assert any(t.startswith("violated · ") for t in titles()) and "violated · at worst 2 of 4 servers down" in titles(), titles()
        assert ("require: always at most 1 down(server)", "violated · at worst 2 of 4 servers down") in hints()
        lens = [l for l in c.ask("textDocument/codeLens", document) if l["command"]["title"] == "violated · at worst 2 of 4 servers down"][0]
        shown = c.ask("workspace/executeCommand", {k: lens["command"][k] for k in ("command", "arguments")})
        assert "a schedule that shows it" in shown and [m for m in c.told if m["method"] == "window/showMessage"]
        assert c.refused("workspace/executeCommand", {"command": "rm"}) == -32602
        c.tell("workspace/didChangeConfiguration", {"settings": {"pvsplan": {"codeLenses": False, "inlayHints": {
            "iterations": False, "verdicts": False}}}})
        assert titles() == [] and {label[-1] for _, label in hints()} <= set("ms h")
        c.tell("workspace/didChangeConfiguration", {"settings": {"pvsplan": {"inlayHints": {"durations": False}}}})
        assert hints() == []
        c.write(e.uri, "plan: x\nsteps: 1\ninvariants:\n  - {name: a, require: always at most 1 down(server)}\n")
        assert not [t for t in titles() if "holds" in t], "no verdicts while there are errors"


run([structure, formatting, between_the_lines, completion, hover, expressions, definitions, library_as_files, renaming, outlines, damage, repairing, mistakes, slips, pasted, all_pasted, advice])

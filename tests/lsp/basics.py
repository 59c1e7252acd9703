#!/usr/bin/env python3
"""`pvsplan lsp` from the outside: its life, texts that are edited, findings, and clients that send nonsense.

    tests/lsp/basics.py PVSPLAN [NAME]"""
import json, os, pathlib, shlex, shutil, subprocess, sys, time

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent))
import skip
from client import ADVICE, Client, Gone, new_folder, run, uri_of

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PROGRAM = os.path.abspath(sys.argv[1])
ROLLING = "rolling-upgrade.plan.yaml"


def plans():
    """A copy of the plans, which a test may change."""
    folder = new_folder()
    shutil.copytree(ROOT / "plans", folder / "plans")
    return folder / "plans"


def codes(findings):
    return sorted(f["code"] for f in findings if f["code"] not in ADVICE)


def validated(path):
    """The same by `validate`: code, file, line and column of each."""
    told = json.loads(subprocess.run([PROGRAM, "validate", "--format", "json", path.name], cwd=path.parent,
                                     capture_output=True).stdout)
    return sorted((d["code"], d.get("file", path.name), d["message"]) for d in told["diagnostics"])


def seen(client, folder):
    """What the client was last told of every file, likewise."""
    last = {p["uri"]: p["diagnostics"] for p in client.published()}
    return sorted((d["code"], uri.removeprefix(uri_of(folder) + "/"), d["message"].split("\n")[0])
                  for uri, findings in last.items() for d in findings if d["code"] not in ADVICE)


def life():
    with Client(PROGRAM, start=False) as c:
        assert c.refused("textDocument/hover", {}) == -32002
        c.ask("initialize", {"capabilities": {}})
        assert c.refused("initialize", {"capabilities": {}}) == -32600
        assert c.refused("textDocument/nonsense", {}) == -32601
        assert c.refused("textDocument/diagnostic", {"textDocument": {"uri": "file:///none.yaml"}}) == -32602
        assert c.refused("textDocument/diagnostic", [1, 2]) == -32602
        c.ask("shutdown", None)
        assert c.refused("textDocument/hover", {}) == -32600
        c.tell("exit", None)
        assert c.wait() == 0
    with Client(PROGRAM) as c:
        c.tell("exit", None)
        assert c.wait() == 1, "nobody has announced it"
    with Client(PROGRAM) as c:
        c.process.stdin.close()
        assert c.wait() == 1, "the editor is gone"


def same_as_validate():
    folder = plans()
    with Client(PROGRAM, folder) as c:
        for path in sorted(folder.glob("*.plan.yaml")):
            uri = c.open(path)
            assert c.findings(uri), "each plan has something to say"
            assert seen(c, folder) == validated(path), path
            c.close(uri)
            c.until(lambda: not any(p["diagnostics"] for p in {p["uri"]: p for p in c.published()}.values()))
            c.told.clear()
        assert c.finish() == 0


def edits():
    """Columns behind an é and a character of two UTF-16 units, in both encodings, and an edit there."""
    folder = plans()
    for encodings, want in ((None, "utf-16"), (["utf-8", "utf-16"], "utf-8"), (["utf-16", "utf-8"], "utf-16"),
                            (["utf-32"], "utf-16")):
        with Client(PROGRAM, folder, encodings) as c:
            assert c.encoding == want
            text = (folder / ROLLING).read_text().replace("  - id: backup\n    do: sqlserver.backup",
                                                          "  - id: backup\n    # é😀\n    do: sqlserver.backup")
            backup = "- id: backup\n    # é😀\n    do: sqlserver.backup\n    with: {directory: \"${backups}\"}\n"
            uri = c.open(folder / ROLLING, text)
            before = codes(c.findings(uri))
            c.replace(uri, at := text.index("summary: The pilot") + 9, at, "é😀é")
            at = c.texts[uri].index("id: first\n")
            c.replace(uri, at, at + len("id: first\n    "), "")  # one line: summary, do
            c.write(uri, text.replace(backup, "- {summary: \"é😀é\", id: backup, do: sqlserver.backupp, "
                                              "with: {directory: \"${backups}\"}}\n"))
            found = [f for f in c.findings(uri) if "backupp" in f["message"]]
            assert len(found) == 1 and c.marked(uri, found[0]["range"]) == "sqlserver.backupp", found
            at = c.texts[uri].index("backupp")
            c.replace(uri, at + 6, at + 7, "")
            c.findings(uri)
            assert not [f for f in c.findings(uri) if f["severity"] == 1]
            c.write(uri, text)
            assert codes(c.findings(uri)) == before
            assert c.finish() == 0


def verdicts():
    """A requirement that does not hold is told where it can be repaired, with the schedule that shows it."""
    folder = plans()
    with Client(PROGRAM, folder) as c:
        uri = c.open(folder / ROLLING)
        assert not [f for f in c.findings(uri) if f["severity"] == 1]
        at = c.texts[uri].index("at_most: 1")
        c.replace(uri, at, at + len("at_most: 1"), "at_most: 2")
        wrong = [f for f in c.findings(uri) if f["severity"] == 1]
        assert wrong and all(c.marked(uri, f["range"]) == "2" for f in wrong), wrong
        related = [r["message"] for f in wrong for r in f.get("relatedInformation", [])]
        assert any("a schedule that shows it:" in r and "starts" in r for r in related), related
        c.replace(uri, at, at + len("at_most: 2"), "at_most: 1")
        assert not [f for f in c.findings(uri) if f["severity"] == 1]
        pulled = c.ask("textDocument/diagnostic", {"textDocument": {"uri": uri}})
        assert pulled["kind"] == "full" and codes(pulled["items"]) == codes(c.findings(uri))
        again = c.ask("textDocument/diagnostic", {"textDocument": {"uri": uri}, "previousResultId": pulled["resultId"]})
        assert again["kind"] == "unchanged" and "items" not in again
        assert c.finish() == 0
    with Client(PROGRAM, folder, capabilities={"textDocument": {"diagnostic": {}}}) as c:
        uri = c.open(folder / ROLLING)
        assert codes(c.pull(uri))
        c.write(uri, c.texts[uri].replace("at_most: 1", "at_most: 2"))
        assert [f for f in c.pull(uri) if f["severity"] == 1]
        assert not (c.published(uri) and c.published(uri)[-1]["diagnostics"]), "who asks is not told as well"
        c.finish()


def burst():
    """200 changes at once are told a few times, the last time of the last one; a slower burst likewise. Where the
    machine holds us up in between they are no burst any more, and told some times in each second."""
    folder = plans()
    for pause in (0, 0.001):
        with Client(PROGRAM, folder) as c:
            uri = c.open(folder / ROLLING)
            c.findings(uri)
            c.told.clear()
            at = c.texts[uri].index("The pilot, and")
            began = time.monotonic()
            for n in range(200):
                c.replace(uri, at, at, "x")
                time.sleep(pause)
            c.findings(uri)
            told = c.published(uri)
            held_up = max(0, time.monotonic() - began - 0.5)
            assert len(told) <= 5 + 8 * held_up and told[-1]["version"] == 201, (held_up, [p["version"] for p in told])
            assert c.finish() == 0


def files_on_disk():
    """Files that change without a word are seen at the next answer; unsaved texts count before files."""
    folder = plans()
    with Client(PROGRAM, folder) as c:
        uri = c.open(folder / ROLLING)
        c.findings(uri)
        farm = folder / "farms/contoso.farm.yaml"
        text = farm.read_text()
        farm.write_text(text.replace("farm: contoso", "farm: contoso\nfoo: 1"))
        c.pull(uri)
        told = c.until(lambda: [p for p in c.published(uri_of(farm)) if p["diagnostics"]])[-1]
        assert any("foo" in f["message"] for f in told["diagnostics"]) and "version" not in told
        farm.write_text(text.replace("pvs02,", "pvs99,"))
        at = c.texts[uri].index("    on: pilot") + 8
        assert "pvs99" in [i["label"] for i in c.ask_at("textDocument/completion", uri, c.position(uri, at))["items"]]
        farm.write_text(text.replace("farm: contoso", "farm: contoso\nfoo: 1"))
        other = c.open(farm, text)  # unsaved: as it was
        assert c.findings(other) == []
        c.write(other, text.replace("pvs02,", "pvs01,"))
        c.until(lambda: any(f["severity"] == 1 for f in c.findings(other)))
        farm.unlink()
        c.write(other, text)
        assert c.findings(other) == [] and not [f for f in c.pull(uri) if f["severity"] == 1]
        c.close(other)
        c.until(lambda: any(f["severity"] == 1 for f in c.pull(uri)))  # there is no farm any more
        # Why a file cannot be read is a finding, which changes as well.
        farm.mkdir()
        assert any("is not a regular file" in f["message"] for f in c.pull(uri))
        farm.rmdir()
        farm.symlink_to("/etc/passwd")
        assert any("leads out" in f["message"] for f in c.pull(uri))
        farm.unlink()
        farm.write_text(text)
        assert not [f for f in c.pull(uri) if f["severity"] == 1]
        assert c.finish() == 0


def roots():
    """The folder that the editor names is the project, so that a plan may name a farm beside its own folder."""
    folder = plans()
    other = plans()
    (folder / "deep").mkdir()
    deep = folder / "deep" / ROLLING
    deep.write_text((folder / ROLLING).read_text().replace("./farms/", "../farms/"))
    with Client(PROGRAM, [folder, other]) as c:
        assert not [f for f in c.findings(c.open(deep)) if f["severity"] == 1]
        assert not [f for f in c.findings(c.open(other / ROLLING)) if f["severity"] == 1]
    with Client(PROGRAM) as c:
        assert [f for f in c.findings(c.open(deep)) if f["severity"] == 1], "its own folder is the project"
        assert c.findings(c.open("untitled:Untitled-1", "plan: p\nsteps: 1\n"))
    with Client(PROGRAM, other) as c:
        uri = c.open(deep)
        assert [f for f in c.findings(uri) if f["severity"] == 1]
        folders = lambda r: [{"uri": uri_of(r), "name": "x"}]
        c.tell("workspace/didChangeWorkspaceFolders", {"event": {"added": folders(folder), "removed": folders(other)}})
        assert not [f for f in c.pull(uri) if f["severity"] == 1], "a folder was added"
    with Client(PROGRAM, other, arguments=["--root", str(folder)]) as c:
        assert not [f for f in c.findings(c.open(deep)) if f["severity"] == 1]


def cancelled():
    folder = plans()
    with Client(PROGRAM, folder) as c:
        uri = c.open(folder / ROLLING)
        number = c.begin("textDocument/diagnostic", {"textDocument": {"uri": uri}})
        c.tell("$/cancelRequest", {"id": number})
        c.tell("$/cancelRequest", {"id": 77})
        end = c.end_of(number)
        assert "result" in end or end["error"]["code"] == -32800
        c.pull(uri)
        assert c.finish() == 0


def hostile():
    """Whatever is sent, the next question is answered."""
    folder = plans()
    with Client(PROGRAM, folder) as c:
        uri = c.open(folder / ROLLING)
        document = {"uri": uri, "version": 2}
        well = lambda: c.pull(uri)
        before = codes(well())
        def refuses(data, code=-32600):
            c.told.clear()
            c.raw(data)
            c.until(lambda: [m for m in c.told if "error" in m and m["id"] is None and m["error"]["code"] == code])
            assert codes(well()) == before, data[:80]
        body = lambda text: b"Content-Length: %d\r\n\r\n" % len(text) + text
        refuses(b"Content-Length: 200000000\r\n\r\n")
        refuses(b"Content-Length: 200000000\r\n\r\n" + b"x" * 5_000_000)
        refuses(b"Content-Length: -1\r\n\r\n")
        refuses(b"Content-Length: 99999999999999999999999\r\n\r\n")
        refuses(b"Content-Length: zwei\r\n\r\n")
        refuses(b"Content-Length: 0\r\n\r\n")
        refuses(b"x" * 1_000_000 + b"\n\n\r\n" + body(b"{}"))
        refuses(body(b"[]"))
        refuses(body(b"null"))
        refuses(body(b"{"), -32700)
        refuses(body(b'{"jsonrpc":"2.0","id":1,"method":"\xff"}'), -32700)
        refuses(body(b'{"jsonrpc":"2.0","id":[1],"method":"x"}'))
        refuses(body(b"[" * 1_000_000))
        refuses(body(b"[" + b"0," * 2_000_000 + b"0]"))
        refuses(body(b'{"a":' * 100_000))
        memory = int([l for l in open(f"/proc/{c.process.pid}/status") if l.startswith("VmHWM")][0].split()[1])
        assert memory < 400_000 or os.environ.get("PVSPLAN_ANY_MEMORY"), memory
        quiet = [
            {"method": "textDocument/didOpen", "params": None},
            {"method": "textDocument/didOpen", "params": {"textDocument": {"uri": 7, "text": []}}},
            {"method": "textDocument/didChange", "params": {"textDocument": {"uri": "file:///none"}, "contentChanges": [{"text": ""}]}},
            {"method": "textDocument/didChange", "params": {"textDocument": document, "contentChanges": "x"}},
            {"method": "textDocument/didChange", "params": {"textDocument": document, "contentChanges": [7, {}, {"text": 1}]}},
            {"method": "textDocument/didChange", "params": {"textDocument": document, "contentChanges": [
                {"range": {"start": {"line": "x", "character": {}}}, "text": "?"}]}},
            {"method": "textDocument/didClose", "params": {"textDocument": {"uri": "file:///none"}}},
            {"method": "$/nothing", "params": {}}, {"method": "$/cancelRequest", "params": {"id": {}}},
            {"id": 5000, "result": {}}, {"id": 5001, "error": {}},
        ]
        for message in quiet:
            c.send(message)
        assert codes(well()) == before
        # Reversed, behind the end, negative, half a character, a version twice: places are brought to where they can be.
        at = lambda *p: {"start": {"line": p[0], "character": p[1]}, "end": {"line": p[2], "character": p[3]}}
        for span in (at(3, 9, 1, 2), at(10**9, 10**12, 0, 0), at(-5, -1, -1, -7), at(0, 10**9, 0, 10**9), at(0, 1e300, 2, 0.5)):
            for text in ("é😀", "", "\r", "\n\n", "\r\n", "a: [\u0000", "😀" * 1000):
                c.tell("textDocument/didChange", {"textDocument": document, "contentChanges": [{"range": span, "text": text}] * 3})
        well()
        c.write(uri, "plan: 😀\n")
        half = {"start": {"line": 0, "character": 7}, "end": {"line": 0, "character": 7}}
        c.tell("textDocument/didChange", {"textDocument": document, "contentChanges": [{"range": half, "text": "x"}]})
        for text in ("\\ud800", "\\udc00\\ud83d", "\\ud83d", "\\u00e9\\ud83d\\ude00"):
            c.raw(body(('{"jsonrpc":"2.0","method":"textDocument/didChange","params":{"textDocument":{"uri":"%s","version":3},'
                        '"contentChanges":[{"text":"plan: %s"}]}}' % (uri, text)).encode()))
        well()
        big = "\n".join(f"line {n}" for n in range(50_000))
        c.write(uri, big)  # many small changes of a large text, in one message
        c.tell("textDocument/didChange", {"textDocument": document, "contentChanges": [
            {"range": at(n, 0, n, 1), "text": "L\n"} for n in range(0, 2_000, 2)]})
        well()
        c.write(uri, (folder / ROLLING).read_text())
        assert codes(well()) == before
        c.tell("textDocument/didOpen", {"textDocument": {"uri": uri, "version": 1, "text": "x"}})
        c.tell("textDocument/didOpen", {"textDocument": {"uri": uri, "version": 1, "text": (folder / ROLLING).read_text()}})
        assert codes(well()) == before
        assert c.finish() == 0
    for rubbish in (b"", b"\0" * 100_000, b"GET / HTTP/1.1\r\n\r\n", b"Content-Length: 50\r\n\r\n{"):
        with Client(PROGRAM, start=False) as c:
            c.raw(rubbish)
            c.process.stdin.close()
            assert c.wait() == 1, rubbish[:30]


def nothing_is_begun():
    """No file is written, no connection made, no program started."""
    trace = shutil.which("strace")
    if not trace:
        skip.skip("strace is not here, so nobody sees what the server begins")  # this test is the last
    folder = plans()
    log = folder.parent / "calls"
    script = folder.parent / "traced"
    script.write_text(f'#!/bin/sh\nexec {trace} -f -o {shlex.quote(str(log))} -e trace=execve,socket,connect,fork,vfork,openat '
                      f'{shlex.quote(PROGRAM)} "$@"\n')
    script.chmod(0o755)
    with Client(str(script), folder) as c:
        c.pull(c.open(folder / ROLLING))
        c.finish()
    calls = log.read_text()
    assert calls.count("execve(") == 1 and "socket(" not in calls and "fork(" not in calls
    assert not [l for l in calls.splitlines() if "O_WRONLY" in l or "O_RDWR" in l or "O_CREAT" in l], calls


run([life, same_as_validate, edits, verdicts, burst, files_on_disk, roots, cancelled, hostile, nothing_is_begun])

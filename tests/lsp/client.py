"""A client of `pvsplan lsp` over pipes, which knows the protocol from the outside alone."""
import atexit, json, os, pathlib, queue, shutil, subprocess, sys, tempfile, threading, time, urllib.parse

SECONDS = 180  # nothing takes so long; what does hangs
ADVICE = ("PV6002", "PV6003", "PV6004")  # comes when nobody types, and not of `validate`


def uri_of(path):
    return "file://" + urllib.parse.quote(str(path))


def new_folder():
    """A folder that is gone when the test is over."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="lsp-")).resolve()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def run(tests):
    """Those tests, or the one that the command line names."""
    for test in tests:
        if len(sys.argv) > 2 and test.__name__ != sys.argv[2]:
            continue
        began = time.monotonic()
        test()
        print(f"{test.__name__}: {time.monotonic() - began:.1f} s", flush=True)


class Gone(Exception):
    pass


class Client:
    def __init__(self, program, root=None, encodings=None, capabilities=None, arguments=(), start=True, env=None):
        self.process = subprocess.Popen([program, "lsp", *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, env=env)
        self.number = 0
        self.come = queue.Queue()
        self.answers = {}
        self.told = []  # notifications, in their order
        self.texts, self.versions = {}, {}
        self.encoding = "utf-16"
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()
        if start:
            told = dict(capabilities or {})
            if encodings:
                told["general"] = {"positionEncodings": encodings}
            folders = [{"uri": uri_of(r), "name": str(r)} for r in (root if isinstance(root, list) else [root])] if root else None
            self.started = self.ask("initialize", {"processId": os.getpid(), "rootUri": None, "workspaceFolders": folders,
                                                   "capabilities": told})
            self.encoding = self.started["capabilities"]["positionEncoding"]
            self.tell("initialized", {})

    def read(self):
        out = self.process.stdout
        while True:
            length = None
            while (line := out.readline()) not in (b"\r\n", b""):
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            if line == b"" or length is None:
                break
            self.come.put(json.loads(out.read(length)))
        self.come.put(None)

    def raw(self, data):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def send(self, message):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.raw(b"Content-Length: %d\r\n\r\n" % len(body) + body)

    def tell(self, method, params):
        self.send({"method": method, "params": params})

    def begin(self, method, params):
        self.number += 1
        self.send({"id": self.number, "method": method, "params": params})
        return self.number

    def take(self, seconds=SECONDS):
        """The next message, or None if none comes in that time."""
        try:
            message = self.come.get(timeout=seconds)
        except queue.Empty:
            return None
        if message is None:
            raise Gone(f"the server is gone: {self.process.wait()} {self.process.stderr.read().decode()[-2000:]}")
        if "method" in message:
            self.told.append(message)
        elif message["id"] is None:
            self.told.append(message)
        else:
            self.answers[message["id"]] = message
        return message

    def until(self, is_there, seconds=SECONDS):
        end = time.monotonic() + seconds
        while not (found := is_there()):
            if time.monotonic() > end:
                raise Gone("it does not answer")
            self.take(max(0.01, end - time.monotonic()))
        return found

    def end_of(self, number):
        message = self.until(lambda: self.answers.get(number))
        del self.answers[number]
        return message

    def ask(self, method, params):
        message = self.end_of(self.begin(method, params))
        if "error" in message:
            raise AssertionError(f"{method}: {message['error']}")
        return message["result"]

    def refused(self, method, params):
        message = self.end_of(self.begin(method, params))
        assert "error" in message, message
        return message["error"]["code"]

    def ask_at(self, method, uri, position, **more):
        return self.ask(method, {"textDocument": {"uri": uri}, "position": position, **more})

    # ---- documents ----

    def open(self, path, text=None):
        uri = path if str(path).startswith(("file:", "untitled:")) else uri_of(path)
        text = pathlib.Path(path).read_bytes().decode() if text is None else text
        self.texts[uri], self.versions[uri] = text, 1
        self.tell("textDocument/didOpen", {"textDocument": {"uri": uri, "languageId": "yaml", "version": 1, "text": text}})
        return uri

    def close(self, uri):
        self.tell("textDocument/didClose", {"textDocument": {"uri": uri}})

    def units(self, text):
        return len(text.encode("utf-16-le")) // 2 if self.encoding == "utf-16" else len(text.encode())

    def position(self, uri, offset):
        before = self.texts[uri][:offset]
        line = before.replace("\r\n", "\n").replace("\r", "\n")
        return {"line": line.count("\n"), "character": self.units(line[line.rfind("\n") + 1:])}

    def replace(self, uri, begin, end, text):
        """Characters of the text, as Python counts them."""
        change = {"range": {"start": self.position(uri, begin), "end": self.position(uri, end)}, "text": text}
        self.texts[uri] = self.texts[uri][:begin] + text + self.texts[uri][end:]
        self.versions[uri] += 1
        self.tell("textDocument/didChange", {"textDocument": {"uri": uri, "version": self.versions[uri]},
                                             "contentChanges": [change]})

    def write(self, uri, text):
        """All of the text anew."""
        self.texts[uri] = text
        self.versions[uri] += 1
        self.tell("textDocument/didChange", {"textDocument": {"uri": uri, "version": self.versions[uri]},
                                             "contentChanges": [{"text": text}]})

    def published(self, uri=None):
        return [m["params"] for m in self.told if m.get("method") == "textDocument/publishDiagnostics"
                and uri in (None, m["params"]["uri"])]

    def findings(self, uri):
        """What was published of the newest version."""
        def newest():
            found = [p for p in self.published(uri) if p.get("version") == self.versions.get(uri)]
            return found and [found[-1]]
        return self.until(newest)[0]["diagnostics"]

    def pull(self, uri):
        return self.ask("textDocument/diagnostic", {"textDocument": {"uri": uri}})["items"]

    def marked(self, uri, span):
        """The text of a range."""
        return self.texts[uri][self.offset(uri, span["start"]):self.offset(uri, span["end"])]

    def offset(self, uri, position):
        lines = self.texts[uri].replace("\r\n", "\n").split("\n")
        line, at, left = lines[position["line"]], 0, position["character"]
        while left > 0:
            left -= self.units(line[at])
            at += 1
        return sum(len(l) + 1 for l in lines[:position["line"]]) + at

    # ---- the end ----

    def finish(self):
        """As an editor ends it; the exit status."""
        self.ask("shutdown", None)
        self.tell("exit", None)
        return self.wait()

    def wait(self):
        try:
            return self.process.wait(SECONDS)
        finally:
            self.kill()

    def kill(self):
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            try:
                stream.close()
            except OSError:
                pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()

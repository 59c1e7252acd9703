#!/usr/bin/env python3
"""The pages of `serve`, asked by a client of HTTP: what they show, who is refused, and who may approve. pages.py PVSPLAN"""
import http.client, os, pathlib, re, resource, signal, socket, subprocess, sys, tempfile, urllib.parse

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tests/integration"))
from scenarios import SECONDS, remove  # noqa: E402

PLAN = """
plan: look
farm: ./farm.yaml
steps:
  - {id: first, approve: "Is <b>all</b> well?"}
  - {id: second, approve: "And now?"}
"""


class Socket(http.client.HTTPConnection):
    """HTTP over a socket in a folder."""

    def __init__(self, path):
        super().__init__("runs.example")
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.path)


class Served:
    running = []

    def __init__(self, tool, folder, *words):
        self.process = subprocess.Popen([tool, "serve", "--store", "state.db", *words], cwd=folder, text=True,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.running.append(self.process)
        line = self.process.stdout.readline()
        assert " on " in line, line
        self.where = line.rsplit(" on ", 1)[1].strip()

    def ask(self, method, path, body=None, **headers):
        if self.where.startswith("unix:"):
            connection = Socket(self.where[5:])
        else:
            connection = http.client.HTTPConnection(urllib.parse.urlparse(self.where).netloc, timeout=SECONDS)
        connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, text, answer.headers

    def end(self, how=signal.SIGINT):
        self.process.send_signal(how)
        assert self.process.wait(timeout=SECONDS) == 0, self.process.stdout.read()


def check_reading(tool, folder, run):
    served = Served(tool, folder, "--listen", "127.0.0.1:0")
    status, text, headers = served.ask("GET", "/")
    assert status == 200 and run in text and "first" in text and "shop" in text, text
    assert "default-src 'none'" in headers["Content-Security-Policy"] and "http" not in re.sub(r'="http://www.w3.org[^"]*"', "", text), text
    for path, holds in ((f"/runs/{run}", "&lt;b&gt;all&lt;/b&gt;"), (f"/runs/{run}/lanes", "<svg"), (f"/runs/{run}/journal", "approval")):
        status, text, _ = served.ask("GET", path)
        assert status == 200 and (holds in text or path.endswith("journal")) and "<b>all</b>" not in text, (path, text)
    for path in ("/runs/nothing", "/etc/passwd", "/runs/../state.db", f"/runs/{run}/%2e%2e/x"):
        assert served.ask("GET", path)[0] == 404, path
    assert served.ask("GET", "/", Host="evil.example")[0] == 421
    status, text, _ = served.ask("POST", f"/runs/{run}", "step=first")
    assert status == 405 and "nothing can be changed" in text, text
    assert served.ask("GET", "/", X_Long="x" * 30_000)[0] == 431
    # Who says nothing holds nobody up.
    address = urllib.parse.urlparse(served.where)
    idle = [socket.create_connection((address.hostname, address.port)) for _ in range(200)]
    assert served.ask("GET", "/")[0] == 200
    for one in idle:
        one.close()
    served.end()


def raw(address, sent, finish=False):
    """All that is answered to these bytes, until the other side closes."""
    with socket.create_connection(address, timeout=SECONDS) as one:
        try:
            one.sendall(sent)
            if finish:
                one.shutdown(socket.SHUT_WR)
        except OSError:  # it has heard enough, and closed
            pass
        answer = b""
        try:
            while data := one.recv(65536):
                answer += data
        except OSError:
            pass
        return answer


def check_hostile(tool, folder, run):
    """Requests that no browser sends, and connections that send none: each is refused or closed, and the next is answered."""
    served = Served(tool, folder, "--listen", "127.0.0.1:0")
    url = urllib.parse.urlparse(served.where)
    address, host = (url.hostname, url.port), f"Host: {url.netloc}\r\n"
    status = lambda answer: int(answer.split()[1]) if answer.startswith(b"HTTP/1.1 ") else 0
    whole = b"X-Remote-User: anna\r\nConnection: keep-alive\r\n\r\n"
    for method in ("OPTIONS", "TRACE", "PUT", "DELETE", "PATCH", "POST", "get", "M-SEARCH"):
        answer = raw(address, f"{method} / HTTP/1.1\r\n{host}X-Sign: owned\r\n\r\n".encode())
        assert status(answer) == 405 and b"owned" not in answer, answer
    head, page = (raw(address, f"{method} / HTTP/1.1\r\n{host}\r\n".encode()) for method in ("HEAD", "GET"))
    assert status(head) == 200 and head.endswith(b"\r\n\r\n") and b"<html" in page, head
    assert re.search(rb"content-length: \d{3,}", head, re.I), head
    for line, wanted in ((f"GET http://evil.example/ HTTP/1.1\r\n{host}", {404}), (f"GET * HTTP/1.1\r\n{host}", {404}),
                         ("GET / HTTP/1.1\r\n", {421}), ("GET / HTTP/1.0\r\n", {421}), (f"GET / HTTP/1.0\r\n{host}", {200}),
                         (f"GET / HTTP/1.1\r\n{host}Host: evil.example\r\n", {400, 421}), ("GET / HTTP/1.1\r\nHost: a@evil.example\r\n", {421}),
                         (f"GET / HTTP/1.1\r\nHost: evil.example:{url.port}\r\n", {421}), (f"GET / HTTP/9.9\r\n{host}", {400}),
                         ("GET /\0 HTTP/1.1\r\n" + host, {400, 404}), (f"GET /a b HTTP/1.1\r\n{host}", {400}), (f"GET / HTTP/1.1\r\n{host}X: y\r\n folded\r\n", {200, 400}),
                         (f"GET / HTTP/1.1\r\n{host}Content-Length: -1\r\n", {400}), (f"GET / HTTP/1.1\r\n{host}Content-Length: 99999999999999999999\r\n", {400, 413}),
                         (f"GET / HTTP/1.1\r\n{host}Content-Length: 20000\r\n", {413}),
                         (f"GET / HTTP/1.1\r\n{host}Content-Length: 0\r\nTransfer-Encoding: chunked\r\n", {400}),
                         (f"GET / HTTP/1.1\r\n{host}Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n", {400, 413}),
                         (f"GET /{'a' * 20_000} HTTP/1.1\r\n{host}", {431}), (f"GET /?{'a=b&' * 3000} HTTP/1.1\r\n{host}", {200}),
                         (f"GET /runs/{run}/journal?before=-1&before=99999999999999999999999 HTTP/1.1\r\n{host}", {200}),
                         (f"GET /runs/{run}/journal?before=%zz%00 HTTP/1.1\r\n{host}", {200}), (f"GET /runs/{run}%00 HTTP/1.1\r\n{host}", {404}),
                         (f"GET //runs//{run} HTTP/1.1\r\n{host}", {404}), (f"GET /runs/{run}/../../../../etc/passwd HTTP/1.1\r\n{host}", {404}),
                         (f"GET /..%2f..%2fstate.db HTTP/1.1\r\n{host}", {404}), ("PRI * HTTP/2.0\r\n", {400}), ("\x16\x03\x01\x02", {400}),
                         ("".join(f"X-{i}: y\r\n" for i in range(1000)).join((f"GET / HTTP/1.1\r\n{host}", "")), {200, 431})):
        answer = raw(address, line.encode() + whole, finish=True)
        assert status(answer) in wanted and b"you are" not in answer and b"<form" not in answer, (line[:200], answer[:500])
        assert b"Content-Security-Policy: default-src 'none'" in answer, answer[:500]  # also where it is no page
    one = f"GET / HTTP/1.1\r\n{host}\r\n".encode()
    assert raw(address, one * 50).count(b"HTTP/1.1 ") == 1  # one request a connection, also of a pipeline
    assert status(raw(address, one, finish=True)) == 200  # who has said all still hears the answer
    # More connections than there may be files, each with a part of a request; then some that never read.
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1]),) * 2)
    held = []
    for i in range(3_000):
        held.append(socket.create_connection(address, timeout=SECONDS))
        held[-1].sendall(one[: 1 + i % (len(one) - 1)] if i % 10 else one)
        if len(held) > 1000:
            held.pop(0).close()
    assert served.ask("GET", "/")[0] == 200
    with open(f"/proc/{served.process.pid}/status") as file:
        peak = int(re.search(r"VmHWM:\s+(\d+)", file.read())[1])
    assert peak < 500_000, f"it took {peak} KB"
    for connection in held:
        connection.close()
    served.end()


def check_names_of_files(tool, folder):
    """The store is named where it is served, by what a terminal shows of its name."""
    served = subprocess.Popen([tool, "serve", "--store", "a\x1b[31m\nb.db", "--listen", "127.0.0.1:0"], cwd=folder, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    Served.running.append(served)
    line = served.stdout.readline()
    assert "\x1b" not in line and "b.db on http://127.0.0.1" in line, line
    served.send_signal(signal.SIGINT)
    assert served.wait(timeout=SECONDS) == 0


def check_beginning(tool, folder, apply):
    """Before the first run the pages are empty, with it they show it; a store that was there and is gone is none without runs."""
    served = Served(tool, folder, "--listen", "127.0.0.1:0")
    status, text, _ = served.ask("GET", "/")
    assert status == 200 and "no run yet" in text, text
    assert not os.path.exists(f"{folder}/state.db")
    run = apply()
    status, text, _ = served.ask("GET", "/")
    assert status == 200 and run in text, text
    os.rename(f"{folder}/state.db", f"{folder}/elsewhere")
    status, text, _ = served.ask("GET", "/")
    assert status == 503 and "is gone" in text, text
    os.rename(f"{folder}/elsewhere", f"{folder}/state.db")
    assert served.ask("GET", "/")[0] == 200
    served.end()
    pathlib.Path(folder, "no-store").write_text("something else")
    refused = subprocess.run([tool, "serve", "--store", "no-store", "--listen", "127.0.0.1:0"], cwd=folder, capture_output=True, text=True)
    assert refused.returncode == 1, refused
    return run


def check_approving(tool, folder, run):
    refused = subprocess.run([tool, "serve", "--store", "state.db", "--trust-header", "X-Remote-User", "--listen", "127.0.0.1:0"],
                             cwd=folder, capture_output=True, text=True)
    assert refused.returncode == 2 and "unix:PATH" in refused.stderr, refused
    homeless = {name: value for name, value in os.environ.items() if name not in ("HOME", "XDG_STATE_HOME")}
    refused = subprocess.run([tool, "serve", "--store", "state.db", "--resume", "1", "--listen", "127.0.0.1:0"], cwd=folder, env=homeless,
                             capture_output=True, text=True)
    assert refused.returncode == 1 and "neither `XDG_STATE_HOME` nor `HOME`" in " ".join(refused.stderr.split()), refused
    served = Served(tool, folder, "--listen", f"unix:{folder}/web", "--trust-header", "X-Remote-User")
    assert os.stat(f"{folder}/web").st_mode & 0o007 == 0
    page = served.ask("GET", f"/runs/{run}", X_Remote_User="anna")[1]
    form = re.search(r'action="([^"]*)".*?name="token" value="(\w+)"', page, re.S)
    assert form and "Approve first as anna" in page, page
    path, token = form[1].replace("&amp;", "&"), form[2]
    wanted = urllib.parse.urlencode({"step": "first", "token": token, "because": "seen"})
    same = {"Sec_Fetch_Site": "same-origin", "Content_Type": "application/x-www-form-urlencoded"}
    for headers, status in (({**same}, 403), ({"X_Remote_User": "anna", **same, "Sec_Fetch_Site": "cross-site"}, 403),
                            ({"X_Remote_User": "anna"}, 403), ({"X_Remote_User": "berta", **same}, 403)):
        assert served.ask("POST", path, wanted, **headers)[0] == status, headers
    assert served.ask("POST", path, "step=first&token=" + "0" * 64, X_Remote_User="anna", **same)[0] == 403
    log = lambda: subprocess.run([tool, "log", run, "--store", "state.db"], cwd=folder, capture_output=True, text=True).stdout
    assert "anna" not in log()
    status, text, _ = served.ask("POST", path, wanted, X_Remote_User="anna", **same)
    assert status in (200, 303), text
    assert "anna" in log() and "seen" in log(), log()
    subprocess.run([tool, "approve", run, "second", "--store", "state.db"], cwd=folder, check=True, capture_output=True)
    text = served.ask("GET", f"/runs/{run}", X_Remote_User="anna")[1]
    assert "what it waited for has come, and nobody has gone on with it yet" in text and "waits for a person" not in text, text
    served.end(signal.SIGTERM)
    assert not os.path.exists(f"{folder}/web")


def main():
    tool, folder = os.path.abspath(sys.argv[1]), tempfile.mkdtemp(prefix="pvsplan-test-")
    try:
        for name, text in (("plan.yaml", PLAN), ("farm.yaml", "farm: shop\n")):
            pathlib.Path(folder, name).write_text(text.lstrip())

        def apply():
            begun = subprocess.run([tool, "apply", "plan.yaml", "--store", "state.db", "--yes", "--no-input"], cwd=folder,
                                   capture_output=True, text=True)
            assert begun.returncode == 7, begun
            return re.search(r"\d{8}-\d{4}-\w{4}", begun.stderr + begun.stdout)[0]

        run = check_beginning(tool, folder, apply)
        check_reading(tool, folder, run)
        check_names_of_files(tool, folder)
        check_hostile(tool, folder, run)
        check_approving(tool, folder, run)
    finally:
        for process in Served.running:
            process.kill()
            process.wait()
        remove(folder)
    print("pages are read, refused and approved as they should be")


if __name__ == "__main__":
    main()

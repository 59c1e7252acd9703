#!/usr/bin/env python3
"""Somebody is told of a run: by a command, a webhook (HTTP and HTTPS on loopback), a mail (an SMTP server of our own); by
servers that hang, fail twice, redirect, are not trusted or not there; and by a run that is killed in between.

    notify.py PVSPLAN TELL"""
import asyncio, base64, email, email.policy, http.server, json, os, pathlib, re, ssl, subprocess
import sys, tempfile, threading

from scenarios import SECONDS, remove, wait_for

PVSPLAN, TELL = (str(pathlib.Path(path).resolve()) for path in sys.argv[1:3])
MODULE = """module: site
kinds:
  box: {plural: boxes, state: {mark: {type: string, default: none}},
        observe: {command: [sh, -c, 'printf "{\\"mark\\":\\"%s\\"}" "$(cat "DIR/mark" 2>/dev/null || echo none)"']}}
actions:
  use: {on: box, sets: {on.mark: done}, run: {command: [sh, -c, 'printf done > "DIR/mark"']}, undo: {do: site.forget}}
  forget: {on: box, sets: {on.mark: none}, run: {command: [rm, -f, DIR/mark]}, undo: {nothing: it only forgets}}
"""
FARM = """farm: NAME
uses: [./site.yaml]
secrets: {hook: {env: SITE_HOOK}}
defaults: {box: {connect: {over: local}}}
boxes: [{name: a}]
notify:
NOTIFY
"""
PLAN = """plan: told
uses: [./site.yaml]
farm: ./farm.yaml
steps:
  - {id: look, approve: Look at <it>.}
  - {id: use, do: site.use, on: first(boxes)}
"""
wrong = []


def check(holds, *what):
    if not holds:
        wrong.append(" ".join(str(part) for part in what))


class Server:
    """An HTTP server: answers with the next of `answers`, the last of them for ever; None: not at all."""

    def __init__(self, answers, context=None):
        self.answers, self.bodies, self.headers = list(answers), [], []
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                server.bodies.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
                server.headers.append((self.path, dict(self.headers)))
                answer = server.answers.pop(0) if len(server.answers) > 1 else server.answers[0]
                if answer is None:
                    return server.over.wait(SECONDS)
                self.send_response(answer)
                if answer == 302:
                    self.send_header("Location", f"file:///etc/passwd")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.over = threading.Event()
        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if context:
            self.http.socket = context.wrap_socket(self.http.socket, server_side=True)
        self.url = f"http{'s' if context else ''}://127.0.0.1:{self.http.server_port}/hook/s3cr3t-path"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.over.set()
        self.http.shutdown()
        self.http.server_close()


class Smtp:
    """A mail server as small as one can be: takes what comes; with a context it offers STARTTLS and wants a password."""

    def __init__(self, context=None):
        self.context, self.mails, self.said = context, [], []
        self.loop = asyncio.new_event_loop()
        started = threading.Event()

        def run():
            asyncio.set_event_loop(self.loop)
            server = self.loop.run_until_complete(asyncio.start_server(self.talk, "127.0.0.1", 0))
            self.port = server.sockets[0].getsockname()[1]
            started.set()
            self.loop.run_forever()

        threading.Thread(target=run, daemon=True).start()
        started.wait()

    async def talk(self, reader, writer):
        is_private = False

        async def say(text):
            writer.write((text + "\r\n").encode())
            await writer.drain()

        asyncio.get_running_loop().set_exception_handler(lambda *_: None)
        await say("220 test")
        while line := (await reader.readline()).decode().strip():
            word = line.split()[0].upper()
            self.said.append(("tls " if is_private else "") + line)
            if word == "EHLO":
                offers = ["250-test"] + (["250-STARTTLS"] if self.context and not is_private else [])
                await say("\r\n".join(offers + ["250 AUTH PLAIN"]))
            elif word == "STARTTLS":
                await say("220 go")
                try:
                    transport = await self.loop.start_tls(
                        writer.transport, writer.transport.get_protocol(), self.context, server_side=True)
                except ssl.SSLError:  # it does not trust us
                    return writer.close()
                writer._transport, reader._transport, is_private = transport, transport, True
            elif word == "AUTH":
                if len(line.split()) == 2:
                    await say("334 ")
                    self.said.append((await reader.readline()).decode().strip())
                await say("235 welcome")
            elif word == "DATA":
                await say("354 go")
                lines = []
                while (data := (await reader.readline()).decode()) != ".\r\n":
                    lines.append(data)
                self.mails.append("".join(lines))
                await say("250 taken")
            elif word == "QUIT":
                await say("221 bye")
                break
            else:
                await say("250 fine")
        writer.close()


def certificate(folder):
    """A certificate of 127.0.0.1 that only its own file says is right."""
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{folder}/key.pem", "-out",
                    f"{folder}/cert.pem", "-days", "2", "-subj", "/CN=127.0.0.1", "-addext",
                    "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{folder}/cert.pem", f"{folder}/key.pem")
    return context


def tell(*arguments, **environment):
    return subprocess.run([TELL, *arguments], capture_output=True, text=True, timeout=SECONDS,
                          env={**os.environ, **environment}).stdout.strip()


def one_at_a_time(folder):
    context = certificate(folder)
    ca = f"{folder}/cert.pem"
    with Server([200]) as server:
        check(tell("json", server.url, "") == "sent after 1", "a webhook is not told")
        content = json.loads(server.bodies[0])
        check(content["step"] == "look" and content["next"] == "pvsplan approve R1 'look'", "the JSON is", content)
        check(server.headers[0][1]["Content-Type"] == "application/json", "headers", server.headers)
        tell("slack", server.url, "")
        check(json.loads(server.bodies[1])["text"].startswith("contoso: roll waits for a person\n"), server.bodies[1])
        tell("teams", server.url, "")
        check("AdaptiveCard" in server.bodies[2], server.bodies[2])
    with Server([500, 503, 200]) as server:
        check(tell("json", server.url, "") == "sent after 3", "500 twice is not tried again")
    with Server([500]) as server:
        said = tell("json", server.url, "")
        check(said == "given up after 4: it answers with 500, after 4 attempts", said)
        said = tell("json", server.url, "", "hurry")
        check(said.startswith("open after ") and said.endswith(": it answers with 500"), said)
    with Server([404]) as server:
        check(tell("json", server.url, "") == "given up after 1: it answers with 404", "404 is tried again")
    with Server([302, 200]) as server:
        said = tell("json", server.url, "")
        check(said == "given up after 1: it answers with 302, a redirection, which is not followed", said)
        check(len(server.bodies) == 1, "a redirection was followed")
    with Server([None]) as server:
        said = tell("json", server.url, "", "hurry", TELL_TIMEOUT_MS="1500")
        # Who is asked to hurry tries once more where a try was under way.
        check(re.fullmatch("open after [12]: it has not answered within 1 s", said), said)
    # Nobody is asked about a name that is too long to be one: what a resolver of this machine would say does not matter.
    said = tell("json", f"http://{'no-such-host' * 6}.invalid/x", "")
    check(said.startswith("given up after 4: ") and "esolve" in said and "no-such-host" not in said, said)
    with Server([200], context) as server:
        said = tell("json", server.url, "")
        check(said.startswith("given up after 4: SSL") and not server.bodies, "a certificate nobody vouches for:", said)
        check(tell("json", server.url, ca) == "sent after 1", "a certificate that is trusted")
    mails = Smtp()
    check(tell("smtp", f"smtp://127.0.0.1:{mails.port}", "", "") == "sent after 1", "a mail is not sent", mails.said)
    mail = email.message_from_string(mails.mails[0], policy=email.policy.default)
    check(mail["Subject"] == "contoso: roll waits for a person" and mail["To"] == "ops@contoso.com, lead@contoso.com",
          mail.items())
    check("$ pvsplan approve R1 'look'" in mail.get_content(), mail.get_content())
    said = tell("smtp", f"smtp://127.0.0.1:{mails.port}", "", "u", TELL_PASSWORD="pw-in-clear")
    clear = base64.b64encode(b"\0u\0pw-in-clear").decode()
    check(said.startswith("given up") and not any(clear in line for line in mails.said), "a password in the clear", said)
    mails = Smtp(context)
    said = tell("smtp", f"smtp://127.0.0.1:{mails.port}", ca, "u", TELL_PASSWORD="pw-in-clear")
    check(said == "sent after 1" and any(line.startswith("tls AUTH") for line in mails.said), said, mails.said)
    said = tell("smtp", f"smtp://127.0.0.1:{mails.port}", "", "")
    check(said.startswith("given up") and len(mails.mails) == 1, "a mail server nobody vouches for", said)
    out = f"{folder}/out"
    check(tell("command", "sh", "-c", f'cat > "{out}"; echo "$PVSPLAN_STATE $PVSPLAN_STEP" >> "{out}"') == "sent after 1", "command")
    text = pathlib.Path(out).read_text()
    check(text.endswith("}waiting look\n") and json.loads(text[: text.rindex("}") + 1])["run"] == "R1", text)
    check(tell("command", "true") == "sent after 1", "a command that reads nothing")
    check(tell("command", "sh", "-c", "exit 3") == "given up after 4: `sh` ended with exit status 3, after 4 attempts",
          "a command that fails")
    said = tell("command", "sh", "-c", "sleep 60 & sleep 60", "hurry", TELL_TIMEOUT_MS="1500")
    check(re.fullmatch("open after [12]: `sh` has not ended within 1 s", said), said)


class Run:
    """A project whose farm tells `notify`."""

    def __init__(self, folder, notify, hook=""):
        self.folder = pathlib.Path(folder)
        self.environment = {**os.environ, "SITE_HOOK": hook or "http://127.0.0.1:9/x", "PVSPLAN_JOBS": f"{folder.parent}/jobs"}
        farm = FARM.replace("NOTIFY", notify).replace("NAME", f"told-{os.getpid()}-{self.folder.name}")
        for name, text in {"site.yaml": MODULE, "farm.yaml": farm, "plan.yaml": PLAN}.items():
            (self.folder / name).write_text(text.replace("DIR", str(self.folder)))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self("abandon", "last", "--yes")  # hosts keep no claim

    def __call__(self, *arguments):
        done = subprocess.run([PVSPLAN, *arguments], cwd=self.folder, env=self.environment, capture_output=True, text=True,
                              timeout=SECONDS, stdin=subprocess.DEVNULL)
        return done.returncode, done.stdout + done.stderr

    def kinds(self):
        lines = self("log", "last", "--format", "json")[1].splitlines()
        return [json.loads(line)["is"] for line in lines if line.startswith("{")]


def whole_runs(folder):
    slack = "  - {on: [waiting, done], webhook: '${secret.hook}', format: slack}"
    with Server([200]) as server, Run(folder / "good", slack, server.url) as run:
        shown = run("show", "plan.yaml")[1]
        check("waiting or done tells a webhook in the secret `hook` (slack)" in shown and not server.bodies, shown)
        exit, said = run("apply", "plan.yaml", "--yes")
        check(exit == 7 and len(server.bodies) == 1, "a run that waits:", exit, said)
        check("Look at &lt;it&gt;." in server.bodies[0] and "pvsplan approve" in server.bodies[0], server.bodies)
        run("approve", "last", "look")
        exit, said = run("resume", "last")
        check(exit == 0 and len(server.bodies) == 2, "a run that ends:", exit, said)
        kinds = run.kinds()
        check(kinds.count("told") == 2 and kinds.count("sent") == 2, kinds)
        check(run("log", "last", "--verify")[0] == 0, "the journal does not verify")
        for path in run.folder.rglob("*"):
            if path.is_file():
                check(b"s3cr3t-path" not in path.read_bytes(), path, "holds the secret URL")
    with Server([None]) as server, Run(folder / "hangs", f"  - {{on: waiting, webhook: '{server.url}'}}") as run:
        exit, said = run("apply", "plan.yaml", "--yes")
        check(exit == 7 and "is not known to have been told" in said and "s3cr3t-path" not in said, exit, said)
        check("notify[0]" in run("status")[1], "status says nothing of it")
    # Killed when it has told somebody, before it could record that.
    with Run(folder / "killed", "  - {on: waiting, command: [sh, -c, 'cat >> \"DIR/told\"; kill -9 $PPID']}") as run:
        exit, said = run("apply", "plan.yaml", "--yes")
        check(exit == -9 and (run.folder / "told").exists(), "it is not told:", exit, said)
        check(run.kinds()[-1] == "told", run.kinds())
        check("notify[0]" in run("status")[1], run("status")[1])
        (run.folder / "told").unlink(missing_ok=True)
        exit, said = run("resume", "last")
        check(exit == -9 and (run.folder / "told").exists(), "it is not told again:", exit, said)


def taken_up_by_a_server(folder):
    """Who is told where nobody types `resume`: `serve --resume` goes on with a run that was approved."""
    with Server([200]) as server, Run(folder, "  - {on: [waiting, done], webhook: '${secret.hook}'}", server.url) as run:
        run.environment["XDG_STATE_HOME"] = str(folder / "state")
        exit, said = run("apply", "plan.yaml", "--yes")
        check(exit == 7 and len(server.bodies) == 1, "a run that waits:", exit, said)
        run("approve", "last", "look")
        serving = subprocess.Popen([PVSPLAN, "serve", "--listen", f"unix:{folder}/socket", "--resume", "1"], cwd=folder,
                                   env=run.environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        try:
            wait_for(lambda: run.kinds().count("sent") == 2, "somebody to be told of the end")
        finally:
            serving.terminate()
            serving.wait(SECONDS)
        check(json.loads(server.bodies[-1])["state"] == "done" and len(server.bodies) == 2, server.bodies)


def main():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="pvsplan-notify-"))
    try:
        for name in ("one", "good", "hangs", "killed", "served"):
            (folder / name).mkdir()
        one_at_a_time(folder / "one")
        whole_runs(folder)
        taken_up_by_a_server(folder / "served")
    finally:
        remove(folder)
    print("\n".join(wrong) or "ok")
    sys.exit(1 if wrong else 0)


main()

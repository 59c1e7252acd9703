"""GitHub, GitLab and Azure DevOps as far as a review asks them, on loopback: pages, limits, permissions, and who said what.

What a forge refuses is refused here: a comment that is too long, a token that is not the right one, one that may only read.
"""
import http.server
import json
import re
import threading
import urllib.parse

TOKEN = "t0ken-of-the-job"


class Forge:
    """One server; `writes` has each request that would have changed something."""

    def __init__(self):
        self.writes, self.refused = [], []
        self.may_write = True
        self.failures = 0  # so many answers are 502 first
        self.most = 100  # on a page, whatever is asked for
        self.odd = None  # by method and path: an answer in place of the usual one, or None
        forge = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self):
                length = int(self.headers.get("Content-Length") or 0)
                body = json.loads(self.rfile.read(length)) if length else None
                path, _, query = self.path.partition("?")
                asked = {name: values[0] for name, values in urllib.parse.parse_qs(query).items()}
                status, said, headers = forge.respond(self.command, path, asked, body, self.headers)
                data = said if isinstance(said, bytes) else json.dumps(said).encode()
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_PUT = do_PATCH = answer

            def log_message(self, *_):
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}"
        threading.Thread(target=self.http.serve_forever, args=(0.02,), daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.http.shutdown()
        self.http.server_close()

    def respond(self, method, path, asked, body, headers):
        if self.odd and (said := self.odd(method, path)):
            return said
        if self.failures > 0:
            self.failures -= 1
            return 502, {"message": "Bad Gateway"}, {}
        if not self.knows(headers):
            return 401, {"message": "Bad credentials"}, {}
        if method != "GET" and path != "/graphql":
            if not self.may_write:
                self.refused.append((method, path))
                return 403, {"message": "Resource not accessible by integration"}, {}
            self.writes.append((method, path, body))
        for route, do in self.routes:
            found = re.fullmatch(route, f"{method} {path}")
            if found:
                said = do(asked, body, *found.groups())
                return said if isinstance(said, tuple) else (200, said, {})
        return 404, {"message": f"Not Found: {method} {path}"}, {}

    def page(self, items, asked, usual):
        """As GitHub and GitLab do, and with what each says of a next one."""
        number, size = int(asked.get("page", 1)), min(self.most, int(asked.get("per_page", usual)))
        first, end = (number - 1) * size, number * size
        following = str(number + 1) if end < len(items) else ""
        link = f'<https://elsewhere.invalid/?page={number + 1}>; rel="next", ' if following else ""
        return 200, items[first:end], {"X-Next-Page": following} if isinstance(self, GitLab) else {
            "Link": f'{link}<https://elsewhere.invalid/?page=1>; rel="first"'}


class GitHub(Forge):
    limit = 65_536
    me = "github-actions[bot]"

    def __init__(self):
        super().__init__()
        self.comments = [{"id": n, "user": {"login": "somebody"}, "body": f"comment {n}"} for n in range(1, 251)]
        self.comments[3] = {"id": 4, "user": {"login": "stranger"}, "body": "<!-- pvsplan review -->\nall is well"}
        self.comments[4] = {"id": 5, "user": {"login": self.me}, "body": "of another job\n<!-- pvsplan review -->"}
        self.comments[5] = {"id": 6, "user": None, "body": None}
        self.pulls, self.files, self.archives = [], ["rolling-upgrade.plan.yaml"], {}
        self.store = None  # where an archive is kept: another server
        repository = "/repos/contoso/farm"
        self.routes = [
            (r"POST /graphql", lambda asked, body: {"data": {"viewer": {"login": self.me}}}),
            (rf"GET {repository}/issues/7/comments", lambda asked, body: self.page(self.comments, asked, 30)),
            (rf"POST {repository}/issues/7/comments", self.add),
            (rf"PATCH {repository}/issues/comments/(\d+)", self.change),
            (rf"GET {repository}/pulls", lambda asked, body: self.page(
                [one for one in self.pulls if one["head"]["label"] == asked["head"]], asked, 30)),
            (rf"GET {repository}/pulls/7/files", lambda asked, body: self.page(
                [{"filename": name} for name in self.files], asked, 30)),
            (rf"GET {repository}/actions/runs/42/artifacts", lambda asked, body: {"artifacts": [
                {"id": number, "name": asked["name"], "expired": False} for number in self.archives]}),
            (rf"GET {repository}/actions/artifacts/(\d+)/zip",
             lambda asked, body, number: (302, b"", {"Location": f"{self.store.url}/{number}"})),
        ]

    def knows(self, headers):
        return headers.get("Authorization") == f"Bearer {TOKEN}"

    def add(self, asked, body):
        if len(body["body"].encode("utf-16-le")) // 2 > self.limit:
            return 422, {"message": "Body is too long (maximum is 65536 characters)"}, {}
        self.comments.append({"id": len(self.comments) + 1, "user": {"login": self.me}, "body": body["body"]})
        return 201, self.comments[-1], {}

    def change(self, asked, body, number):
        one = self.comments[int(number) - 1]
        if one["user"]["login"] != self.me:
            return 403, {"message": "Forbidden"}, {}
        one["body"] = body["body"]
        return one

    def said(self):
        """What was said of plans: the one comment of our own, or None."""
        mine = [one["body"] for one in self.comments[250:]]
        assert len(mine) < 2, "more than one comment"
        return mine[0] if mine else None

    def environment(self, folder, base):
        event = folder / "event.json"
        event.write_text(json.dumps({"pull_request": {"number": 7, "base": {"sha": base}}}))
        return {"GITHUB_ACTIONS": "true", "GITHUB_TOKEN": TOKEN, "GITHUB_EVENT_NAME": "pull_request",
                "GITHUB_EVENT_PATH": str(event), "GITHUB_REPOSITORY": "contoso/farm", "GITHUB_API_URL": self.url,
                "GITHUB_GRAPHQL_URL": f"{self.url}/graphql", "GITHUB_STEP_SUMMARY": str(folder / "summary.md"),
                "GITHUB_OUTPUT": str(folder / "output"), "GITHUB_ENV": str(folder / "env"), "RUNNER_TEMP": str(folder)}


class Store(Forge):
    """Where GitHub keeps what a run has left. Nobody shows it a token."""

    def __init__(self, archives):
        super().__init__()
        self.tokens = []
        self.routes = [(r"GET /(\d+)", lambda asked, body, number: (200, archives[int(number)], {}))]

    def knows(self, headers):
        if headers.get("Authorization"):
            self.tokens.append(headers["Authorization"])
        return True


class GitLab(Forge):
    limit = 1_000_000
    me = {"id": 99, "username": "project_12_bot"}

    def __init__(self):
        super().__init__()
        other = {"id": 1, "username": "somebody"}
        self.threads = [{"id": f"t{n}", "notes": [{"id": n, "author": other, "body": f"note {n}"}]} for n in range(1, 251)]
        self.threads[3]["notes"][0]["body"] = "<!-- pvsplan review -->\nall is well"
        threads = "/projects/12/merge_requests/7/discussions"
        self.routes = [
            (r"GET /user", lambda asked, body: self.me),
            (rf"GET {threads}", lambda asked, body: self.page(self.threads, asked, 20)),
            (rf"POST {threads}", self.add),
            (rf"PUT {threads}/t(\d+)/notes/(\d+)", self.change),
            (rf"PUT {threads}/t(\d+)", self.resolve),
        ]

    def knows(self, headers):
        return headers.get("PRIVATE-TOKEN") == TOKEN

    def add(self, asked, body):
        if len(body["body"]) > self.limit:
            return 400, {"message": "note is too long"}, {}
        number = len(self.threads) + 1
        note = {"id": number, "author": self.me, "body": body["body"], "resolvable": True, "resolved": False}
        self.threads.append({"id": f"t{number}", "notes": [note]})
        return 201, self.threads[-1], {}

    def change(self, asked, body, thread, number):
        self.threads[int(thread) - 1]["notes"][0]["body"] = body["body"]
        return {}

    def resolve(self, asked, body, thread):
        self.threads[int(thread) - 1]["notes"][0]["resolved"] = body["resolved"]
        return {}

    def said(self):
        mine = [one["notes"][0]["body"] for one in self.threads[250:]]
        assert len(mine) < 2, "more than one thread"
        return mine[0] if mine else None

    def is_open(self):
        return not self.threads[250]["notes"][0]["resolved"]

    def close(self):
        self.threads[250]["notes"][0]["resolved"] = True

    def environment(self, folder, base):
        return {"GITLAB_CI": "true", "PVSPLAN_TOKEN": TOKEN, "CI_API_V4_URL": self.url, "CI_PROJECT_ID": "13",
                "CI_MERGE_REQUEST_PROJECT_ID": "12", "CI_MERGE_REQUEST_IID": "7", "CI_MERGE_REQUEST_DIFF_BASE_SHA": base}


class Azure(Forge):
    limit = 150_000
    me = {"id": "b0b", "displayName": "Contoso Build Service"}

    def __init__(self):
        super().__init__()
        self.threads = [{"id": n, "status": "active", "comments": [{"id": 1, "author": {"id": "a11"}, "content": f"comment {n}"}]}
                        for n in range(1, 251)]
        self.threads[3]["comments"][0]["content"] = "<!-- pvsplan review -->\nall is well"
        self.threads[4]["comments"] = [{"id": 1, "author": self.me, "isDeleted": True}]
        threads = "/p1d/_apis/git/repositories/r1d/pullRequests/7/threads"
        self.routes = [
            (r"GET /_apis/connectionData", lambda asked, body: {"authenticatedUser": self.me}),
            (rf"GET {threads}", self.list),
            (rf"POST {threads}", self.add),
            (rf"PATCH {threads}/(\d+)/comments/1", self.change),
            (rf"PATCH {threads}/(\d+)", self.resolve),
        ]

    def knows(self, headers):
        return headers.get("Authorization") == f"Bearer {TOKEN}"

    def list(self, asked, body):
        """All at once, unless the server holds back."""
        first = int(asked.get("continuationToken", "0 &").removesuffix(" &"))
        end = first + 1000 if self.most == 100 else first + self.most
        return 200, {"value": self.threads[first:end]}, {"x-ms-continuationtoken": f"{end} &"} if end < len(self.threads) else {}

    def add(self, asked, body):
        if "api-version" not in asked or len(body["comments"][0]["content"].encode("utf-16-le")) // 2 > self.limit:
            return 400, {"message": "too long, or no version"}, {}
        comment = {"id": 1, "author": self.me, "content": body["comments"][0]["content"]}
        self.threads.append({"id": len(self.threads) + 1, "status": body["status"], "comments": [comment]})
        return self.threads[-1]

    def change(self, asked, body, thread):
        self.threads[int(thread) - 1]["comments"][0]["content"] = body["content"]
        return {}

    def resolve(self, asked, body, thread):
        self.threads[int(thread) - 1]["status"] = body["status"]
        return {}

    def said(self):
        mine = [one["comments"][0]["content"] for one in self.threads[250:]]
        assert len(mine) < 2, "more than one thread"
        return mine[0] if mine else None

    def is_open(self):
        return self.threads[250]["status"] == "active"

    def close(self):
        self.threads[250]["status"] = "fixed"

    def environment(self, folder, base):
        return {"TF_BUILD": "True", "SYSTEM_ACCESSTOKEN": TOKEN, "SYSTEM_COLLECTIONURI": self.url + "/", "SYSTEM_TEAMPROJECTID": "p1d",
                "BUILD_REPOSITORY_ID": "r1d", "BUILD_REPOSITORY_PROVIDER": "TfsGit", "SYSTEM_PULLREQUEST_PULLREQUESTID": "7",
                "SYSTEM_PULLREQUEST_TARGETBRANCH": "refs/heads/main", "AGENT_TEMPDIRECTORY": str(folder)}

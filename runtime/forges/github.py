"""GitHub: a comment on the pull request, annotations, the summary of the step."""
import io
import json
import struct
import urllib.parse
import zipfile
import zlib

import rest
from text import MARKER, is_same, logged

ARTEFACT = "pvsplan-review"
MAX_ARTEFACT = 1 << 20
MAX_FILES = 3000  # of a pull request; GitHub lists no more
NO_ARCHIVE = (zipfile.BadZipFile, zlib.error, struct.error, KeyError, ValueError, RuntimeError, EOFError, OSError, rest.TooLong)


class GitHub:
    limit = 65_536
    annotations = "github"
    report = None

    def __init__(self, environment):
        self.environment = environment
        self.event = {}
        if environment.get("GITHUB_EVENT_PATH"):
            with open(environment["GITHUB_EVENT_PATH"], encoding="utf-8") as file:
                self.event = json.load(file)
        self.number = self.event.get("pull_request", {}).get("number")
        token = environment.get("GITHUB_TOKEN")
        self.has_token = bool(token)
        self.api = rest.Rest(environment.get("GITHUB_API_URL", ""), {
            "Authorization": f"Bearer {token}", "Accept": "application/vnd.github+json", "User-Agent": "pvsplan"})
        self.repository = f"/repos/{environment.get('GITHUB_REPOSITORY')}"

    def base(self):
        return self.event.get("pull_request", {}).get("base", {}).get("sha")

    def change(self):
        return self.number

    def summarize(self, text):
        path = self.environment.get("GITHUB_STEP_SUMMARY")
        if not path:
            print(logged(text))
            return
        with open(path, "a", encoding="utf-8") as file:
            file.write(text)

    def tell(self, body, is_silent):
        """Writes or updates the one comment; where two jobs have begun one each, both say the same."""
        mine = self._mine()
        if not mine and not is_silent:
            self.api.ask("POST", f"{self.repository}/issues/{self.number}/comments", {"body": body})
        for one in mine:
            if not is_same(one["body"], body):
                self.api.ask("PATCH", f"{self.repository}/issues/comments/{one['id']}", {"body": body})

    def _mine(self):
        # The token of a job may not ask for /user.
        url = self.environment["GITHUB_GRAPHQL_URL"]
        me = self.api.ask("POST", url, {"query": "{viewer{login}}"})["data"]["viewer"]["login"]
        return [comment for comment in self.api.pages(f"{self.repository}/issues/{self.number}/comments")
                if comment["user"] and comment["user"]["login"] == me and (comment["body"] or "").startswith(MARKER)]

    # ---- what the run of a pull request left for one that may comment -------------------------------------------------

    def is_after_run(self):
        return "workflow_run" in self.event

    def left(self):
        """The text that the run of a pull request left, or None, and why there is none. That run was somebody else's: which
        pull request it belongs to, GitHub says; nothing that it left is believed, and no more is read than MAX_ARTEFACT."""
        run = self.event["workflow_run"]
        self.number = self._pull_of(run)
        if self.number is None:
            return None, "no open pull request stands where that run did"
        files = self.api.pages(f"{self.repository}/pulls/{self.number}/files")
        paths = [path for file in files for path in (file["filename"], file.get("previous_filename")) if path]
        is_check = [path.startswith(".github/") for path in paths]
        if len(files) < MAX_FILES and all(is_check):
            return "", ""  # no plan is among them
        if len(files) >= MAX_FILES or any(is_check):
            return None, "it changes `.github/`, and what its own run says of its plans then proves nothing"
        archive = self._archive_of(run["id"])
        if archive is None:
            return None, "its run left no review; the log of the run says why"
        try:
            return text_of(self.api.read("GET", archive, None, MAX_ARTEFACT)), ""
        except NO_ARCHIVE:
            return None, f"what its run left is no review of at most {MAX_ARTEFACT} bytes"

    def _pull_of(self, run):
        head = run.get("head_repository") or {}
        branch = urllib.parse.quote(f"{head.get('owner', {}).get('login')}:{run['head_branch']}", safe="")
        pulls = self.api.pages(f"{self.repository}/pulls?state=open&head={branch}")
        numbers = [pull["number"] for pull in pulls if pull["head"]["sha"] == run["head_sha"]
                   and (pull["head"]["repo"] or {}).get("id") == head.get("id")]
        return numbers[0] if len(numbers) == 1 else None

    def _archive_of(self, run):
        found = self.api.ask("GET", f"{self.repository}/actions/runs/{int(run)}/artifacts?per_page=100&name={ARTEFACT}")
        alive = [one for one in found["artifacts"] if one["name"] == ARTEFACT and not one["expired"]]
        if not alive:
            return None
        return f"{self.repository}/actions/artifacts/{max(one['id'] for one in alive)}/zip"


def text_of(archive):
    """The one file of the archive, whatever its head says of how long that is."""
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        if opened.getinfo("review.md").compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise ValueError("others take as much memory as they like")
        with opened.open("review.md") as file:
            data = file.read(MAX_ARTEFACT + 1)
    if len(data) > MAX_ARTEFACT:
        raise ValueError("too long")
    return data.decode("utf-8", "replace")

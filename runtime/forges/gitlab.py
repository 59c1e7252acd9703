"""GitLab: a thread on the merge request, a report of code quality, a file that the job keeps."""
import rest
from text import MARKER, is_same, logged


class GitLab:
    limit = 1_000_000
    annotations = "gitlab"
    report = "gl-code-quality-report.json"  # where `artifacts: reports: codequality` looks
    summary = "pvsplan-review.md"

    def __init__(self, environment):
        self.environment = environment
        # The token of a job may not write notes; one of the project may.
        token = environment.get("PVSPLAN_TOKEN")
        self.has_token = bool(token)
        self.api = rest.Rest(environment.get("CI_API_V4_URL", ""), {"PRIVATE-TOKEN": token or ""})
        project = environment.get("CI_MERGE_REQUEST_PROJECT_ID") or environment.get("CI_PROJECT_ID")
        self.threads = f"/projects/{project}/merge_requests/{self.change()}/discussions"

    def base(self):
        return self.environment.get("CI_MERGE_REQUEST_DIFF_BASE_SHA")

    def change(self):
        return self.environment.get("CI_MERGE_REQUEST_IID")

    def summarize(self, text):
        with open(self.summary, "w", encoding="utf-8") as file:
            file.write(text)
        print(logged(text))

    def tell(self, body, is_silent):
        """Writes or updates the one thread. It is open until somebody has resolved it, or there is nothing to tell."""
        mine = self._mine()
        if not mine and not is_silent:
            self.api.ask("POST", self.threads, {"body": body})
        for thread in mine:
            self._update(thread, thread["notes"][0], body, is_silent)

    def _update(self, thread, note, body, is_silent):
        one = f"{self.threads}/{thread['id']}"
        is_new = not is_same(note["body"], body)
        if is_new:
            self.api.ask("PUT", f"{one}/notes/{note['id']}", {"body": body})
        if note.get("resolved", False) != is_silent and (is_new or is_silent):
            self.api.ask("PUT", one, {"resolved": is_silent})

    def _mine(self):
        me = self.api.ask("GET", "/user")["id"]
        return [thread for thread in self.api.pages(self.threads)
                if thread["notes"][0]["author"]["id"] == me and thread["notes"][0]["body"].startswith(MARKER)]

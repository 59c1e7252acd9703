"""Azure DevOps, in the cloud or on a server: a thread on the pull request, issues of the run, a page of its summary."""
import os
import urllib.parse

import rest
from text import MARKER, is_same

VERSION = "api-version=6.0"  # which servers since 2020 know
OPEN = ("active", "pending")


class Azure:
    limit = 150_000
    annotations = "azure"
    report = None

    def __init__(self, environment):
        self.environment = environment
        token = environment.get("SYSTEM_ACCESSTOKEN")
        self.has_token = bool(token)
        self.api = rest.Rest(environment.get("SYSTEM_COLLECTIONURI", ""), {"Authorization": f"Bearer {token}"})
        project = urllib.parse.quote(environment.get("SYSTEM_TEAMPROJECTID", ""), safe="")
        repository = urllib.parse.quote(environment.get("BUILD_REPOSITORY_ID", ""), safe="")
        self.threads = f"/{project}/_apis/git/repositories/{repository}/pullRequests/{self.change()}/threads"

    def base(self):
        target = self.environment.get("SYSTEM_PULLREQUEST_TARGETBRANCH")
        return "origin/" + target.removeprefix("refs/heads/") if target else None

    def change(self):
        """None as well where it builds what GitHub or another keeps."""
        is_ours = self.environment.get("BUILD_REPOSITORY_PROVIDER") == "TfsGit"
        return self.environment.get("SYSTEM_PULLREQUEST_PULLREQUESTID") if is_ours else None

    def summarize(self, text):
        path = os.path.join(self.environment.get("AGENT_TEMPDIRECTORY", "."), "pvsplan-review.md")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        print(f"##vso[task.uploadsummary]{path}")

    def tell(self, body, is_silent):
        """Writes or updates the one thread. It is active until somebody has resolved it, or there is nothing to tell."""
        mine = self._mine()
        if not mine and not is_silent:
            said = [{"parentCommentId": 0, "content": body, "commentType": "text"}]
            self.api.ask("POST", f"{self.threads}?{VERSION}", {"comments": said, "status": "active"})
        for thread, comment in mine:
            self._update(thread, comment, body, is_silent)

    def _update(self, thread, comment, body, is_silent):
        one = f"{self.threads}/{thread['id']}"
        is_new = not is_same(comment["content"], body)
        if is_new:
            self.api.ask("PATCH", f"{one}/comments/{comment['id']}?{VERSION}", {"content": body})
        is_open = thread.get("status") in OPEN
        if is_open == is_silent and (is_new or is_silent):
            self.api.ask("PATCH", f"{one}?{VERSION}", {"status": "closed" if is_silent else "active"})

    def _mine(self):
        me = self.api.ask("GET", "/_apis/connectionData")["authenticatedUser"]["id"]
        mine = []
        for thread in self.api.values(f"{self.threads}?{VERSION}"):
            said = [one for one in thread["comments"] if not one.get("isDeleted")]
            if not thread.get("isDeleted") and said and said[0]["author"]["id"] == me and \
                    (said[0].get("content") or "").startswith(MARKER):
                mine.append((thread, said[0]))
        return mine

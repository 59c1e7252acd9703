"""Asks a forge, and takes no for an answer."""
import json
import re
import time
import urllib.error
import urllib.parse
import urllib.request

PAUSES = [2, 10]  # seconds between tries
LONGEST_PAUSE = 60  # where the forge asks for a longer one
MAX_BYTES = 128 << 20  # of one answer: 100 comments of the longest kind
MAX_PAGES = 1000


class Refused(Exception):
    """The token may not do this."""


class Failed(Exception):
    """The forge cannot be asked, or answers what makes no sense."""
    pause = 0  # the seconds for which it asks


class TooLong(Exception):
    """It answers more than is read."""


class OnlyGet(urllib.request.HTTPRedirectHandler):
    """What is written is not sent on: the address that it went to would be asked, and nothing written."""

    def redirect_request(self, request, file, code, why, headers, to):
        if request.get_method() != "GET":
            return None
        return super().redirect_request(request, file, code, why, headers, to)


OPENER = urllib.request.build_opener(OnlyGet)


class Rest:
    def __init__(self, url, headers):
        self.url = url.rstrip("/")
        self.headers = headers

    def ask(self, method, path, body=None):
        """What it answers, as JSON. A path with a scheme is a whole address."""
        return self._json(method, path, body)[0]

    def read(self, method, path, body, max_bytes):
        return self._send(method, path, body, max_bytes)[0]

    def _json(self, method, path, body=None):
        answer, headers = self._send(method, path, body, MAX_BYTES)
        try:
            return json.loads(answer) if answer else None, headers
        except ValueError as error:
            raise Failed(f"{method} {path}: the answer is no JSON") from error

    def _send(self, method, path, body, max_bytes):
        address = path if "://" in path else self.url + path
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(address, data, {"Content-Type": "application/json"}, method=method)
        for name, value in self.headers.items():
            request.add_unredirected_header(name, value)  # a token is not for those to whom one is sent on
        try:
            with OPENER.open(request, timeout=60) as answer:
                read, head = answer.read(max_bytes + 1), answer.headers
        except urllib.error.HTTPError as error:
            why = f"{method} {path}: {error.code} {error.reason}"
            is_limited = error.headers.get("Retry-After") or error.headers.get("X-RateLimit-Remaining") == "0"
            # What is changed has been there: it was deleted meanwhile.
            is_gone = error.code == 404 and method in ("PATCH", "PUT")
            if error.code in (401, 403, 404) and not is_limited and not is_gone:
                raise Refused(why) from error
            failed = Failed(why)
            failed.pause = min(LONGEST_PAUSE, seconds_of(error.headers.get("Retry-After")))
            raise failed from error
        except (OSError, ValueError) as error:
            raise Failed(f"{method} {path}: {error}") from error
        if len(read) > max_bytes:
            raise TooLong(f"{method} {path}: the answer is longer than {max_bytes} bytes")
        return read, head

    def pages(self, path):
        """All of a list that comes in pages of 100, or of fewer: a forge may give less than it is asked for, and leave out what
        the token may not see."""
        found = []
        for page in range(1, MAX_PAGES + 1):
            part, headers = self._json("GET", f"{path}{'&' if '?' in path else '?'}per_page=100&page={page}")
            found += part
            if len(part) < 100 and not has_next(headers):
                return found
        raise TooLong(f"GET {path}: more than {MAX_PAGES} pages")

    def values(self, path):
        """All of a list that goes on where a token says so, as Azure's do."""
        found = []
        further = path
        for _ in range(MAX_PAGES):
            part, headers = self._json("GET", further)
            found += part["value"]
            token = headers.get("x-ms-continuationtoken")
            if not token:
                return found
            further = f"{path}{'&' if '?' in path else '?'}continuationToken={urllib.parse.quote(token, safe='')}"
        raise TooLong(f"GET {path}: more than {MAX_PAGES} pages")


def has_next(headers):
    """Only whether there is a next page: the address that a header names could be anybody's."""
    return bool(headers.get("X-Next-Page")) or re.search(r';\s*rel="?next\b', headers.get("Link") or "") is not None


def seconds_of(asked):
    """Of a pause; a date is none that is waited for."""
    return int(asked) if asked and asked.isascii() and asked.isdigit() else 0


def again(do):
    """Does it, and does it again where the forge fails. Only for what may be done twice."""
    for seconds in [*PAUSES, None]:
        try:
            return do()
        except (KeyError, IndexError, TypeError, AttributeError) as error:
            raise Failed(f"its answer is not what such a forge answers: {error!r}") from error
        except Failed as failed:
            if seconds is None:
                raise
            time.sleep(max(seconds, failed.pause))

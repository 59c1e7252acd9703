"""Forges that answer oddly: what is told then is written once in the end, or is said not to be; never taken for written."""
import pathlib
import sys
import tempfile

from forge import Azure, GitHub, GitLab

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent.parent / "runtime" / "forges"))
import azure  # noqa: E402
import github  # noqa: E402
import gitlab  # noqa: E402
import rest  # noqa: E402
from text import MARKER  # noqa: E402

TELLERS = [(GitHub, github.GitHub), (GitLab, gitlab.GitLab), (Azure, azure.Azure)]
SAID = f"{MARKER}\nwhat changes"


def is_any(method, path):
    return True


def is_write(method, path):
    return method != "GET" and path != "/graphql"


def is_read(method, path):
    return not is_write(method, path)


def is_change(method, path):
    return method in ("PATCH", "PUT")


def is_list(method, path):
    return method == "GET" and path.endswith(("/comments", "/discussions", "/threads"))


PAGE = (200, b"<!doctype html><title>Log in</title>", {"Content-Type": "text/html"})
LIMITED = (403, {"message": "API rate limit exceeded"}, {"X-RateLimit-Remaining": "0"})
SLOW_DOWN = (429, {"message": "slow down"}, {"Retry-After": "7"})
LATER = (503, {}, {"Retry-After": "Fri, 27 Nov 2026 20:00:00 GMT"})
LOST = (500, b"", {})
EMPTY = (200, b"", {})
OTHER = (200, {"message": "maintenance"}, {})
SENT_ON = (302, b"", {"Location": "/user"})
GONE = (404, {"message": "Not Found"}, {})
ALWAYS = -1
# (what, how often, the answer, to what; whether it is written in the end)
ODD = [
    ("500 once", 1, LOST, is_any, True), ("500 to a write once", 1, LOST, is_write, True), ("500 always", ALWAYS, LOST, is_any, False),
    ("a limit once", 1, LIMITED, is_any, True), ("a limit always", ALWAYS, LIMITED, is_any, False),
    ("too many once", 1, SLOW_DOWN, is_any, True), ("later, by a date", 1, LATER, is_any, True),
    ("an empty body", ALWAYS, EMPTY, is_read, False), ("another JSON", ALWAYS, OTHER, is_read, False),
    ("a page in place of JSON", ALWAYS, PAGE, is_any, False), ("a page to a write", ALWAYS, PAGE, is_write, False),
    ("a write is sent on", ALWAYS, SENT_ON, is_write, False),
]


def times(number, answer, asked):
    """The answer, so often, to what `asked` holds for."""
    left = [number]

    def odd(method, path):
        if left[0] == 0 or not asked(method, path):
            return None
        left[0] -= 1
        return answer
    return odd


def tell(forge, teller, body=SAID):
    """Whether it is said to be written."""
    with tempfile.TemporaryDirectory() as folder:
        told = teller(forge.environment(pathlib.Path(folder), "base"))
        try:
            rest.again(lambda: told.tell(body, False))
            return True
        except (rest.Failed, rest.Refused, rest.TooLong):
            return False


def said_by(forge):
    """All that was written, the oldest first."""
    if isinstance(forge, GitHub):
        return [one["body"] for one in forge.comments[250:]]
    key, words = ("notes", "body") if isinstance(forge, GitLab) else ("comments", "content")
    return [one[key][0][words] for one in forge.threads[250:]]


def odd_answers(check):
    pauses = []
    sleep, rest.time.sleep = rest.time.sleep, pauses.append
    try:
        for make, teller in TELLERS:
            for what, number, answer, asked, is_written in ODD:
                with make() as forge:
                    forge.odd = times(number, answer, asked)
                    pauses.clear()
                    done = tell(forge, teller)
                    check(done == is_written and said_by(forge) == [SAID] * is_written, make.__name__, what, done, said_by(forge))
                    check(what != "too many once" or pauses == [7], make.__name__, "waits as long as it is asked to", pauses)
            changed_meanwhile(check, make, teller)
            pages_of_fewer(check, make, teller)
    finally:
        rest.time.sleep = sleep


def changed_meanwhile(check, make, teller):
    """A comment that somebody deletes between the list and the change is asked for anew; where two jobs at once have begun one
    each, neither stays with what is no longer so."""
    with make() as forge:
        tell(forge, teller, SAID + ", first")
        forge.odd = times(1, GONE, is_change)
        check(tell(forge, teller) and said_by(forge) == [SAID], make.__name__, "deleted meanwhile", said_by(forge))
        forge.odd = times(1, (200, {"value": []} if make is Azure else [], {}), is_list)
        tell(forge, teller, SAID + ", of another job")
        check(len(said_by(forge)) == 2, make.__name__, "two jobs begin", said_by(forge))
        check(tell(forge, teller, SAID + ", now") and said_by(forge) == [SAID + ", now"] * 2, make.__name__, "two of its own say",
              said_by(forge))


def pages_of_fewer(check, make, teller):
    """A forge that gives fewer than it is asked for, even none, and says that there are more."""
    for most in (30, 1):
        with make() as forge:
            forge.most = most
            check(tell(forge, teller) and tell(forge, teller, SAID + ", again") and said_by(forge) == [SAID + ", again"],
                  make.__name__, "in pages of", most, said_by(forge))
    if make is Azure:
        return
    with make() as forge:  # what the token may not see is left out of a page
        tell(forge, teller)
        hidden = {"X-Next-Page": "2", "Link": '<https://x.invalid/>; rel=next'}
        forge.odd = times(1, (200, [], hidden), is_list)
        check(tell(forge, teller) and said_by(forge) == [SAID], make.__name__, "a page of none", said_by(forge))

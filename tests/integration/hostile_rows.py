#!/usr/bin/env python3
"""Whoever owns the database writes whatever into each column of each table of a store: what reads it ends with words, never by
a bug of ours or without end; a page of `serve` shows it as text, a terminal is told nothing by it, and no command runs that
is not in the plan. hostile_rows.py PVSPLAN [--every N] [TABLE.COLUMN…]"""
import argparse, os, re, signal, subprocess, sys, urllib.error, urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..")]
from postgres import PATIENT, Postgres, programs  # noqa: E402
from scenarios import SECONDS, Failure, check, copy, wait_for, wait_until_it_heeds  # noqa: E402
from site_project import KEY, Project  # noqa: E402
from skip import skip  # noqa: E402

FARM = """
farm: NAME
uses: [./site.yaml]
secrets: {berlin: {file: ./key}}
boxes:
  - {name: a, connect: {over: localVIA}}
"""
PLAN = """
plan: NAME
uses: [./site.yaml]
farm: ./NAME.farm.yaml
steps:
  - {id: one, do: site.set, on: 'boxes["a"]', with: {text: one}}
  - {id: seen, approve: Look at it.}
  - {id: two, do: site.set, on: 'boxes["a"]', with: {text: two}}
"""
VIA = ', via: berlin, site_key: "${secret.berlin}"'
SIGN = "<script>alert(1)</script>"
STEERING, ELSEWHERE = r"E'\x1b]0;owned\x07\x1b[2J\r\n\u202e'", "'../owned'"
ALWAYS = [("runs", "id", STEERING), ("runs", "id", ELSEWHERE), ("runs", "plan", STEERING)]  # in the shortest of samples as well
TEXTS = ["''", "NULL", f"$${SIGN}\"'&$$", STEERING, "repeat('x', 1000000)", ELSEWHERE,
         "'yard'", "repeat('0', 64)"]
NUMBERS = ["0", "-1", "NULL", "9223372036854775807", "-9223372036854775808", "1000000"]
TIMES = ["'infinity'", "'-infinity'", "'0044-01-01 BC'", "'200000-01-01'", "NULL"]


def values_of(column, kind):
    """What is written into a column of that kind."""
    if kind == "bytea":
        as_text = f"convert_from({column}, 'UTF8')"
        return ["''", "NULL", r"'\x00ff80'", f"substr({column}, 1, length({column}) / 2)", f"{column} || {column}",
                f"convert_to(replace({as_text}, 'printf', 'touch DIR/owned; printf'), 'UTF8')",
                f"convert_to(replace({as_text}, 'Look at it', $${SIGN}$$), 'UTF8')",
                f"convert_to(replace({as_text}, 'one', E'\\x1b[2Jx'), 'UTF8')", "convert_to(repeat('[', 300000), 'UTF8')",
                r"decode(repeat('ff', 3000000), 'hex')"]
    return {"text": TEXTS, "bigint": NUMBERS}.get(kind, TIMES)


UNIQUE = ("id", "sha256", "number", "farm", "run", "mark", "key", "worker", "begun_as")  # of these one row is changed


class Store:
    """One store with a run that is done and was archived, one that is done and one that waits, whose approval is on its way;
    a worker, a job, a report. Each change is made to a copy."""

    def __init__(self, tool, server):
        self.project = Project(tool, server, "rows")
        self.server, self.copies = server, 0
        for name, via in (("shop", VIA), ("yard", "")):
            self.project.put(f"{name}.farm.yaml", FARM.replace("NAME", name).replace("VIA", via).lstrip())
            self.project.put(f"{name}.plan.yaml", PLAN.replace("NAME", name).lstrip())
        worker = self.project.work()
        for name in ("yard", "shop"):
            self.call(self.project.store, "apply", f"{name}.plan.yaml", "--yes", "--no-input", status=7)
            self.approve()
            self.call(self.project.store, "resume", "last", "--yes", "--no-input", status=0)
        # While its process lives, what a person says goes into its inbox.
        self.project.put("ran-a")
        self.project.hold("one")
        applying = self.project.apply("--store", self.project.store, plan="yard.plan.yaml")
        self.project.began("one")
        applying.send_signal(signal.SIGSTOP)
        approving = self.project.start(self.project.folder, *self.APPROVE, "--store", self.project.store)
        wait_for(lambda: self.project.sql("SELECT count(*) FROM pvsplan.messages") == "1", "a message in the inbox of the run")
        for process in (approving, applying):
            process.kill()
            process.wait()
        self.project.release("one")
        self.run_id = self.call(self.project.store, "runs").split("\n")[-2].split()[0]
        worker.kill()
        worker.wait()
        self.project.sql("INSERT INTO pvsplan.jobs (asker, key, site, farm, token, plan, bytes) VALUES ('a', 'k', 'berlin', 'shop', 0, "
                         "repeat('1', 64), 'x'); INSERT INTO pvsplan.reports (asker, key, bytes) VALUES ('a', 'k', 'x'); "
                         "INSERT INTO pvsplan.simulated_state VALUES ('shop', 'a', 'mark', 'x'); "
                         "INSERT INTO pvsplan.archived (run, digest, outcome, begun_as, into_file) VALUES ('gone', 'd', 'done', 0, '/tmp/x')")
        self.jobs_at_first = self.project.jobs
    APPROVE = ("approve", "last", "seen", "--because", f"\x1b[2J\x07\u202e{SIGN}")

    def approve(self):
        self.call(self.project.store, *self.APPROVE, status=0)

    def call(self, store, *words, status=None):
        ended = subprocess.run([self.project.tool, *words, "--store", store], cwd=self.project.folder, capture_output=True,
                               stdin=subprocess.DEVNULL, timeout=SECONDS,
                               env=dict(os.environ, HOME=self.project.folder, PVSPLAN_JOBS=self.project.jobs))
        text = (ended.stdout + ended.stderr).decode(errors="strict")
        check(ended.returncode in ((status,) if status is not None else range(10)) and "Sanitizer" not in text,
              f"{' '.join(words)} ends with {ended.returncode}: {text[:2000]}")
        return text

    def copy(self):
        self.copies += 1
        name = f"copy{self.copies}"
        # What hosts remember is of this copy alone: keepers of an earlier one may be at work in its folder still.
        self.project.jobs = f"{self.project.folder}/jobs-of-{name}"
        copy(self.jobs_at_first, self.project.jobs)
        self.server.sql(f"CREATE DATABASE {name} TEMPLATE rows OWNER ops")
        return name


def ask_pages(store, url, run):
    process = store.project.start(store.project.folder, "serve", "--listen", "127.0.0.1:0", "--store", url)
    try:
        line = process.stdout.readline()
        if " on " not in line:
            return check(process.wait(timeout=SECONDS) == 1, f"serve ends with {process.returncode}: {line}")
        at = line.split()[-1]
        for path in ("", "?all=1", f"runs/{run}", f"runs/{run}/journal", f"runs/{run}/lanes"):
            try:
                page = urllib.request.urlopen(at + path, timeout=SECONDS).read().decode()
            except urllib.error.HTTPError as error:
                page = error.read().decode()
                check(error.code in (404, 500, 503) and "this page could not be made" not in page, f"{path}: {error.code} {page[:300]}")
            check(SIGN not in page, f"{path} has a script in it")
        process.send_signal(signal.SIGTERM)
        check(process.wait(timeout=SECONDS) == 0, f"serve ends with {process.returncode}")
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        store.project.processes.remove(process)


def is_told_nothing(text):
    """No sign that a terminal would obey."""
    return not re.search("[\x00-\x08\x0b-\x1f\x7f\u202e]", text)


def one_change(store, table, column, value):
    name = store.copy()
    url = f"postgresql://ops@127.0.0.1:{store.server.port}/{name}?{PATIENT}"
    try:
        try:
            store.server.sql(f"ALTER TABLE pvsplan.{table} DISABLE TRIGGER USER, NO FORCE ROW LEVEL SECURITY", name)
            store.server.sql("ALTER TABLE pvsplan.runs DROP CONSTRAINT runs_compiled_fkey", name)
            if value == "NULL":
                store.server.sql(f"ALTER TABLE pvsplan.{table} DROP CONSTRAINT IF EXISTS {table}_pkey CASCADE", name)
                store.server.sql(f"ALTER TABLE pvsplan.{table} ALTER {column} DROP IDENTITY IF EXISTS", name)
                store.server.sql(f"ALTER TABLE pvsplan.{table} ALTER {column} DROP NOT NULL", name)
            if value == ELSEWHERE and (table, column) == ("runs", "id"):  # of a run that is over, so that it may be archived
                store.server.sql("UPDATE pvsplan.runs SET touched_at = touched_at WHERE id = (SELECT max(id) FROM pvsplan.runs WHERE outcome = 'done')", name)
            one = f"ctid = (SELECT max(ctid) FROM pvsplan.{table})" if column in UNIQUE else "true"
            if column in ("begun_as", "number") and table in ("runs", "messages", "jobs", "reports"):
                store.server.sql(f"ALTER TABLE pvsplan.{table} ALTER {column} DROP IDENTITY IF EXISTS", name)
            store.server.sql(f"UPDATE pvsplan.{table} SET {column} = {value.replace('DIR', store.project.folder)} WHERE {one}", name)
            if (table, column) == ("runs", "id"):  # with what belongs to it, so that it is a run like any other
                store.server.sql("ALTER TABLE pvsplan.records DISABLE TRIGGER USER", name)
                store.server.sql(f"UPDATE pvsplan.records SET run = {value} WHERE run NOT IN (SELECT id FROM pvsplan.runs)", name)
        except subprocess.CalledProcessError as error:
            return f"cannot be written: {error.stderr.strip().splitlines()[0]}"
        texts = [store.call(url, *words) for words in (
            ("runs",), ("runs", "--sizes"), ("status", "last"), ("status", store.run_id), ("log", "last"), ("log", store.run_id, "--verify"),
            ("runs", "--format", "json"), ("status", store.run_id, "--format", "json"))]
        ask_pages(store, url, store.run_id)
        texts.append(store.call(url, "resume", store.run_id, "--yes", "--no-input"))
        texts.append(store.call(url, "apply", "yard.plan.yaml", "--yes", "--no-input"))
        texts.append(store.call(url, "runs", "--archive", f"archive/{name}", "--older-than", "0s", "--yes"))
        check(not os.path.exists(f"{store.project.folder}/archive/owned.journal"), "a run was archived outside of the folder")
        worker = store.project.work(store=url)
        try:
            worker.communicate(timeout=1)
            check(worker.returncode == 1, f"work ends with {worker.returncode}")
        except subprocess.TimeoutExpired:
            wait_until_it_heeds(worker, signal.SIGTERM)
            worker.send_signal(signal.SIGTERM)
            check(worker.wait(timeout=SECONDS) in (0, 1), f"work ends with {worker.returncode}")
        finally:
            worker.kill()
            worker.wait()
            worker.stdout.close()
            store.project.processes.remove(worker)
        for text in texts[:6] + texts[8:]:  # JSON is for programs
            check(is_told_nothing(text), f"signs for a terminal: {text[:2000]!r}")
        check(not os.path.exists(f"{store.project.folder}/owned"), "something ran that is in no plan")
        check(set(store.project.ran()) <= {"one", "two"}, f"on a ran {store.project.ran()}")
        return " | ".join(" ".join(text.split())[-100:] for text in (texts[3], *texts[-3:]))
    finally:
        store.server.drop(name)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("pvsplan")
    arguments.add_argument("--every", type=int, default=1)
    arguments.add_argument("columns", nargs="*")
    given = arguments.parse_args()
    if programs() is None:
        skip("postgresql is not installed")
    server, wrong = Postgres(), 0
    store = None
    try:
        store = Store(os.path.abspath(given.pvsplan), server)
        columns = server.sql("SELECT table_name || ' ' || column_name || ' ' || data_type FROM information_schema.columns WHERE "
                             "table_schema = 'pvsplan' ORDER BY 1", "rows").splitlines()
        changes = [(table, column, value) for table, column, kind in (one.split(" ", 2) for one in columns)
                   for value in values_of(column, kind) if not given.columns or f"{table}.{column}" in given.columns]
        always = [change for change in ALWAYS if not given.columns and change not in changes[::given.every]]
        for table, column, value in always + changes[::given.every]:
            try:
                print(f"ok    {table}.{column} = {value[:60]}: {one_change(store, table, column, value)}", flush=True)
            except (Failure, OSError, subprocess.SubprocessError, UnicodeDecodeError) as failure:
                wrong += 1
                print(f"WRONG {table}.{column} = {value[:60]}\n{failure}", flush=True)
    finally:
        if store:
            store.project.close()
        server.close()
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

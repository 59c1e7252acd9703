#!/usr/bin/env python3
"""The roles that `pvsplan schema postgresql` makes, on a real server that lets nobody in without TLS and a certificate: who runs
plans, works at a site or reads can do that, and nothing else. roles.py PVSPLAN [NAME…]"""
import os, shutil, subprocess, sys, urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..")]
from postgres import PATIENT, Pool, Postgres, programs  # noqa: E402
from scenarios import SECONDS, check, chosen, is_right  # noqa: E402
from site_project import Project  # noqa: E402
from skip import skip  # noqa: E402
from toy import TEXTS  # noqa: E402

LOGINS = {"anna": "pvsplan_coordinator", "archie": "pvsplan_archivist", "vera": "pvsplan_viewer", "berlin_1": "pvsplan_site_berlin",
          "hamburg_1": "pvsplan_site_hamburg"}


class Authority:
    """Signs certificates: of a server for its name, of whoever logs in for their role."""

    def __init__(self, folder):
        self.folder = folder
        os.mkdir(folder)
        self.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
                     "/CN=authority", "-keyout", "ca.key", "-out", "ca.crt")

    def openssl(self, *words):
        subprocess.run(["openssl", *words], cwd=self.folder, check=True, capture_output=True)

    def sign(self, name):
        with open(f"{self.folder}/{name}.ext", "w") as file:
            file.write(f"subjectAltName=DNS:{name}\n")
        self.openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}", "-keyout",
                     f"{name}.key", "-out", f"{name}.csr")
        self.openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
                     "-extfile", f"{name}.ext", "-out", f"{name}.crt")

    def give(self, name, home):
        """To whom that is the home, as libpq looks for it."""
        os.makedirs(f"{home}/.postgresql", exist_ok=True)
        for file, called in ((f"{name}.crt", "postgresql.crt"), (f"{name}.key", "postgresql.key"), ("ca.crt", "root.crt")):
            shutil.copy(f"{self.folder}/{file}", f"{home}/.postgresql/{called}")
            os.chmod(f"{home}/.postgresql/{called}", 0o600)


class Guarded(Postgres):
    """A server whose owner alone comes in without a certificate."""

    def __init__(self, tool):
        super().__init__()
        self.tool, self.authority = tool, Authority(f"{self.folder}/authority")
        for name in ("localhost", "pooler", *LOGINS):
            self.authority.sign(name)
        for file, called in (("localhost.crt", "server.crt"), ("localhost.key", "server.key"), ("ca.crt", "root.crt")):
            shutil.copy(f"{self.authority.folder}/{file}", f"{self.data}/{called}")
            os.chmod(f"{self.data}/{called}", 0o600)
            if os.geteuid() == 0:
                shutil.chown(f"{self.data}/{called}", "nobody")
        with open(f"{self.data}/postgresql.conf", "a") as settings:
            settings.write("ssl = on\nssl_ca_file = 'root.crt'\n")
        with open(f"{self.data}/pg_hba.conf", "w") as rules:
            rules.write("host all owner 127.0.0.1/32 trust\nhostssl all all 127.0.0.1/32 cert map=logins\n")
        with open(f"{self.data}/pg_ident.conf", "w") as names:
            names.write("logins /^(.*)$ \\1\n" + "".join(f"logins pooler {login}\n" for login in LOGINS))
        self._run("pg_ctl", "-w", "-t", str(SECONDS), "-D", self.data, "-l", f"{self.folder}/log", "restart")

    def store(self, name, parameters=PATIENT, port=None):
        self.sql(f"CREATE DATABASE {name}")
        self.set_up(name)
        for role in ("pvsplan_site_berlin", "pvsplan_site_hamburg"):
            self.sql(f"""DO $$ BEGIN CREATE ROLE "{role}" IN ROLE pvsplan_worker; EXCEPTION WHEN duplicate_object THEN END $$""")
        for login, role in LOGINS.items():
            self.sql(f"""DO $$ BEGIN CREATE ROLE {login} LOGIN IN ROLE "{role}"; EXCEPTION WHEN duplicate_object THEN END $$""")
        return self.as_login("anna", name, port, parameters)

    def as_login(self, login, database, port=None, parameters=PATIENT):
        return f"postgresql://{login}@localhost:{port or self.port}/{database}?sslmode=verify-full&{parameters}"

    def set_up(self, database):
        text = subprocess.run([self.tool, "schema", "postgresql"], check=True, capture_output=True).stdout
        subprocess.run(["psql", "-h", "127.0.0.1", "-p", str(self.port), "-U", "owner", "-d", database, "-Xq1", "-v", "ON_ERROR_STOP=1"],
                       input=text, check=True, capture_output=True)


class GuardedPool(Pool):
    """pgbouncer that asks for certificates as the server does, and has one of its own that may log in for others."""

    def settings(self):
        certificates = self.server.authority.folder
        users = f"{self.folder}/users"
        with open(users, "w") as file:
            file.write("".join(f'"{login}" ""\n' for login in LOGINS))
        own = f"{self.folder}/own"  # pgbouncer does not run as root
        shutil.copytree(certificates, own)
        subprocess.run(["chown", "-R", "nobody", own] if os.geteuid() == 0 else ["true"], check=True)
        sides = "".join(f"{side}_tls_sslmode = verify-full\n{side}_tls_ca_file = {own}/ca.crt\n{side}_tls_cert_file = {own}/{name}.crt\n"
                        f"{side}_tls_key_file = {own}/{name}.key\n" for side, name in (("client", "localhost"), ("server", "pooler")))
        return (f"[databases]\n* = host=localhost port={self.server.port}\n[pgbouncer]\nlisten_addr = 127.0.0.1\n"
                f"listen_port = {self.port}\nauth_type = cert\nauth_file = {users}\npool_mode = transaction\n"
                f"default_pool_size = 2\nunix_socket_dir =\n{sides}")


class Shop(Project):
    """Anna runs plans from one home, a worker works at berlin from another."""

    def __init__(self, tool, server, name):
        super().__init__(tool, server, name)
        server.authority.give("anna", self.folder)
        server.authority.give("berlin_1", self.site)

    def login(self, login):
        """The home and the store of somebody else."""
        home = f"{self.folder}/{login}"
        self.server.authority.give(login, home)
        return home, self.server.as_login(login, self.name)

    def psql(self, login, texts):
        """What psql prints of each statement, good or bad, logged in as that role."""
        home, store = self.login(login)
        words = [word for text in texts for word in ("-c", text)]
        return subprocess.run(["psql", store.replace("ttl=60&", ""), "-XqAt", "-v", "VERBOSITY=terse", *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, env=dict(os.environ, HOME=home, LC_ALL="C.UTF-8")).stdout.strip().splitlines()

    def may(self, login, *texts, answers):
        said = self.psql(login, texts)
        check(said == answers, f"{login} may not {texts}, or is answered wrongly: {said}")

    def may_not(self, login, *texts, why="permission denied"):
        said = self.psql(login, texts)
        check(len(said) == len(texts) and all(line.startswith("ERROR:") and why in line for line in said),
              f"{login} may something of {texts}: {said}")

    def run_once(self):
        """A worker of berlin, a run of anna's, and a viewer who looks at it."""
        self.work(store=self.worker_store)
        self.done(self.apply())
        home, store = self.login("vera")
        for box in "ab":
            check(self.ran(box) == TEXTS, f"on {box} ran {self.ran(box)}")
        for words in (["log", "last", "--verify"], ["runs"], ["status", "last"]):
            self.done(self.start(home, *words, "--store", store))
        served = self.start(home, "serve", "--listen", "127.0.0.1:0", "--store", store)
        page = urllib.request.urlopen(served.stdout.readline().split()[-1], timeout=SECONDS).read().decode()
        check("<td role=\"cell\" data-column=\"Site\">berlin</td>" in page and "permission denied" not in page, page)
        served.terminate()

    @property
    def worker_store(self):
        return self.store.replace("anna@", "berlin_1@")


def archives(shop):
    """Who runs plans takes none out of the store; an archivist does, and the file verifies."""
    run, = shop.sql("SELECT id FROM pvsplan.runs").split()
    for login, status in (("anna", 1), ("archie", 0)):
        home, store = shop.login(login)
        said = shop.done(shop.start(home, "runs", "--archive", "old", run, "--yes", "--store", store), status)
        check("permission denied" in said if status else f"{home}/old/{run}.journal" in said, said)
        if status:
            shop.done(shop.start(home, "log", run, "--verify", "--store", store))
    check(shop.sql("SELECT (SELECT count(*) FROM pvsplan.runs) + (SELECT count(*) FROM pvsplan.records) + (SELECT count(*) FROM "
                   "pvsplan.plans)") == "0", "something of the run is left")
    shop.done(shop.start(home, "log", f"old/{run}.journal", "--verify"))
    vera, store = shop.login("vera")
    said = shop.done(shop.start(vera, "log", run, "--store", store), 2)
    check(f"was archived into `{os.uname().nodename}:{home}/old/{run}.journal`" in " ".join(said.split()), said)


# ---- what is held

def whole_run(shop):
    """A coordinator, a worker and a viewer, each with a role of its own, over TLS with verified names; none changes the journal."""
    shop.run_once()
    check(shop.sql("SELECT count(DISTINCT account) FROM pvsplan.workers") == "1", "no worker was seen")
    wrong = shop.store.replace("@localhost:", "@127.0.0.1:")
    said = shop.done(shop.start(shop.folder, "runs", "--store", wrong), 1)
    check("localhost" in said, said)  # that is what its certificate says
    changes = ["UPDATE pvsplan.records SET bytes = ''", "TRUNCATE pvsplan.records", "UPDATE pvsplan.runs SET digest = ''",
               "UPDATE pvsplan.plans SET bytes = ''", "UPDATE pvsplan.version SET number = 2"]
    removals = [f"DELETE FROM pvsplan.{table}" for table in ("records", "runs", "plans")]
    writes = ["INSERT INTO pvsplan.records VALUES ('r', 1, '', '')", "UPDATE pvsplan.runs SET outcome = 'done'",
              "DELETE FROM pvsplan.messages", "UPDATE pvsplan.farms SET holder = ''"]
    shop.may_not("archie", *changes)
    shop.may_not("anna", *changes, *removals)
    shop.may_not("vera", *changes, *removals, *writes, "SELECT bytes FROM pvsplan.jobs")
    shop.may_not("berlin_1", *changes, *removals, *writes, "SELECT FROM pvsplan.runs", "SELECT FROM pvsplan.records")
    append, ask = "SELECT pvsplan.append('r', 'f', 1, 0, '{}', '{}', 'done', 1)", "SELECT pvsplan.ask('{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}')"
    take, there = "SELECT pvsplan.take('berlin', 'me', 9, 1)", "SELECT pvsplan.be_present('me', 'berlin', '', '', 1, 9)"
    shop.may_not("vera", append, ask, take, there, why="permission denied for function")
    shop.may_not("berlin_1", append, ask, why="permission denied for function")
    shop.may_not("anna", take, there, why="permission denied for function")
    shop.may_not("anna", "ALTER TABLE pvsplan.records DISABLE TRIGGER ALL", why="must be owner")
    check(subprocess.run(["psql", "-h", "127.0.0.1", "-p", str(shop.server.port), "-U", "owner", "-d", shop.name, "-XqAtc",
                          "DELETE FROM pvsplan.records"], capture_output=True, text=True).stderr.startswith("ERROR:  the journal is append-only"),
          "the owner removes records unnoticed")
    archives(shop)


def through_a_pool(shop):
    """The same through pgbouncer, which keeps roles apart and asks for the same certificates."""
    pool = GuardedPool(shop.server)
    try:
        shop.through(pool.port)
        shop.run_once()
        shop.may_not("berlin_1", "SELECT FROM pvsplan.runs", "SELECT FROM pvsplan.records")
    finally:
        shop.close_processes()
        pool.close()


def its_site(shop):
    """A worker sees and changes only what is of its site, and no run."""
    shop.sql("INSERT INTO pvsplan.plans VALUES ('p-berlin', ''), ('p-hamburg', '')")
    shop.sql("INSERT INTO pvsplan.farms SELECT f, 7, 'h', '', '', 0, '', '', '', '', '', 0, now() FROM unnest('{f-berlin,f-hamburg}'::text[]) AS f")
    shop.sql("INSERT INTO pvsplan.jobs (asker, key, site, farm, token, plan, bytes) SELECT 'asker', 'k-' || s, s, 'f-' || s, 7, 'p-' || s, '' "
             "FROM unnest('{berlin,hamburg}'::text[]) AS s")
    shop.sql("INSERT INTO pvsplan.workers SELECT 'w-' || s, s, '', '', 1, now(), now() FROM unnest('{berlin,hamburg}'::text[]) AS s")
    for own, other in (("berlin", "hamburg"), ("hamburg", "berlin")):
        me = f"{own}_1"
        shop.may(me, "SELECT key FROM pvsplan.jobs", "SELECT sha256 FROM pvsplan.plans", "SELECT farm FROM pvsplan.farms",
                 "SELECT worker FROM pvsplan.workers", "UPDATE pvsplan.jobs SET holder = 'me' RETURNING key",
                 f"DELETE FROM pvsplan.jobs WHERE site = '{other}' RETURNING key",
                 f"INSERT INTO pvsplan.reports (asker, key, bytes) VALUES ('asker', 'k-{own}', '')",
                 answers=[f"k-{own}", f"p-{own}", f"f-{own}", f"w-{own}", f"k-{own}"])
        shop.may_not(me, f"INSERT INTO pvsplan.reports (asker, key, bytes) VALUES ('asker', 'k-{other}', '')",
                     f"INSERT INTO pvsplan.workers VALUES ('w', '{other}', '', '', 1, now(), now())",
                     f"SELECT pvsplan.be_present('w', '{other}', '', '', 1, 9)", why="row-level security")
        shop.may(me, "UPDATE pvsplan.jobs SET holder = '' RETURNING key", f"SELECT key FROM pvsplan.take('{other}', 'me', 9, 60000)",
                 f"SELECT pvsplan.report('me', '{{asker}}', '{{k-{other}}}', '{{x}}', '{{1}}')",
                 f"SELECT key, takes FROM pvsplan.take('{own}', 'me', 9, 60000)", answers=[f"k-{own}", "0", f"k-{own}|1"])
        shop.may_not(me, "UPDATE pvsplan.jobs SET bytes = ''", f"UPDATE pvsplan.jobs SET site = '{own}'", "SELECT FROM pvsplan.reports",
                     "DELETE FROM pvsplan.reports", "UPDATE pvsplan.farms SET token = 8", "SELECT account FROM pvsplan.farms",
                     "UPDATE pvsplan.plans SET bytes = ''", "SELECT FROM pvsplan.messages", "UPDATE pvsplan.version SET number = 2",
                     "INSERT INTO pvsplan.jobs (asker, key, site, farm, token, plan, bytes) VALUES ('a', 'b', 'c', 'd', 0, 'e', '')")
    check(shop.sql("SELECT count(*) FROM pvsplan.jobs WHERE holder = 'me'") == "2", "a job is gone, or not taken")


def twice(shop):
    """The same SQL again, with a run under way, changes nothing; without the right to make tables nobody makes them."""
    def said():
        dump = subprocess.run(["pg_dump", "-s", "-h", "127.0.0.1", "-p", str(shop.server.port), "-U", "owner", "-d", shop.name], check=True,
                              capture_output=True, text=True).stdout
        return [line for line in dump.splitlines() if not line.startswith("\\")]  # a word against injection, new each time

    before = said()
    shop.work(store=shop.worker_store)
    shop.hold("two")
    run = shop.apply()
    shop.began("two")
    shop.server.set_up(shop.name)
    shop.release("two")
    shop.done(run)
    check(said() == before, "the schema is another one")
    shop.server.sql("CREATE DATABASE empty")
    text = shop.done(shop.start(shop.folder, "apply", "plan.yaml", "--yes", "--store", shop.server.as_login("anna", "empty")), 2)
    check("keeps its runs in" in text, text)
    shop.put("farm.yaml", shop.text("farm.yaml").replace(f"/{shop.name}?", "/empty?"))
    text = shop.done(shop.apply(), 1)
    check("permission denied for database empty" in text and "schema postgresql" in text, text)


SCENARIOS = [whole_run, through_a_pool, its_site, twice]


def main():
    if programs() is None or shutil.which("pgbouncer") is None:
        skip("postgresql or pgbouncer is not installed")
    tool, wanted = os.path.abspath(sys.argv[1]), sys.argv[2:]
    server, results = Guarded(tool), []
    try:
        for scenario in chosen(SCENARIOS, wanted):
            results.append(is_right(scenario, Shop(tool, server, scenario.__name__)))
    finally:
        server.close()
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())

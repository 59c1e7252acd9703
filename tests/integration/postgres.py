"""A PostgreSQL server of the tests' own, on loopback, in a folder that goes away with it. It never runs as root."""
import glob, os, shutil, socket, subprocess, tempfile

from scenarios import SECONDS, remove, wait_for


def programs():
    """The folder of the server's programs; None: it is not installed."""
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin"))
    return found[-1] if found else None


PATIENT = "ttl=60&connect_timeout=60"  # of a store that nobody is to lose
kept_ports = []


def free_port():
    """A port of loopback that is ours as long as this process lives: bound, so that nobody else is given it, and without a
    listener, so that a server that asks to share addresses (SO_REUSEADDR, as each of ours does) can be one."""
    one = socket.socket()
    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    one.bind(("127.0.0.1", 0))
    kept_ports.append(one)
    return one.getsockname()[1]


def wait_until_it_listens(port):
    def is_there():
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return True
        except OSError:
            return False
    wait_for(is_there, f"somebody who listens at port {port}")


class Postgres:
    """`copy_of`: the port of a server that it follows, and whose place it takes once it is promoted."""

    def __init__(self, copy_of=None):
        self.folder = tempfile.mkdtemp(prefix="pvsplan-test-")
        os.chmod(self.folder, 0o755)
        self.data, self.port = f"{self.folder}/data", free_port()
        if os.geteuid() == 0:
            shutil.chown(self.folder, "nobody")
        if copy_of:
            self._run("pg_basebackup", "-R", "-c", "fast", "-D", self.data, "-d", f"host=127.0.0.1 port={copy_of} user=owner")
        else:
            self._run("initdb", "-D", self.data, "-U", "owner", "-A", "trust", "-E", "UTF8", "--locale=C", "-N")
        with open(f"{self.data}/postgresql.conf", "a") as settings:
            settings.write(f"port={self.port}\nlisten_addresses='127.0.0.1'\nunix_socket_directories=''\n")
        self._run("pg_ctl", "-w", "-t", str(SECONDS), "-D", self.data, "-l", f"{self.folder}/log", "start")
        if not copy_of:
            self.sql("CREATE ROLE ops LOGIN")

    def _run(self, program, *words):
        as_nobody = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"] if os.geteuid() == 0 else []
        subprocess.run([*as_nobody, f"{programs()}/{program}", *words], cwd="/", check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)

    def sql(self, text, database="postgres"):
        """What psql prints, as the superuser."""
        return subprocess.run(
            ["psql", "-h", "127.0.0.1", "-p", str(self.port), "-U", "owner", "-d", database, "-XqAt", "-c", text],
            check=True, capture_output=True, text=True).stdout.strip()

    def store(self, name, parameters=PATIENT, port=None):
        """The URL of a new store. Whoever uses it is as patient with the server as a lease is long: a short one is for who is to
        lose it, and for nobody else."""
        self.sql(f"CREATE DATABASE {name} OWNER ops")
        return f"postgresql://ops@127.0.0.1:{port or self.port}/{name}?{parameters}"

    def drop(self, name):
        """A store that is over, whoever still has a connection to it."""
        self.sql(f"DROP DATABASE {name} WITH (FORCE)")

    def promote(self):
        self._run("pg_ctl", "-w", "-t", str(SECONDS), "-D", self.data, "promote")

    def kill(self):
        self._run("pg_ctl", "-t", str(SECONDS), "-m", "immediate", "-D", self.data, "stop")

    def close(self):
        if os.path.exists(f"{self.data}/postmaster.pid"):
            self.kill()
        remove(self.folder)


class Pool:
    """pgbouncer before a server, by transactions, on two sessions in turns: what follows a commit meets the other one."""

    def __init__(self, server):
        self.folder, self.port, self.server = tempfile.mkdtemp(prefix="pvsplan-test-"), free_port(), server
        with open(f"{self.folder}/ini", "w") as file:
            file.write(self.settings())
        os.chmod(self.folder, 0o755)
        as_nobody = ["-u", "nobody"] if os.geteuid() == 0 else []
        self.process = subprocess.Popen(["pgbouncer", "-q", *as_nobody, f"{self.folder}/ini"], stderr=subprocess.DEVNULL)
        wait_until_it_listens(self.port)

    def settings(self):
        return (f"[databases]\n* = host=127.0.0.1 port={self.server.port} user=ops\n[pgbouncer]\nlisten_addr = 127.0.0.1\n"
                f"listen_port = {self.port}\nauth_type = any\npool_mode = transaction\ndefault_pool_size = 2\n"
                "server_round_robin = 1\nunix_socket_dir =\n")

    def close(self):
        self.process.kill()
        self.process.wait()
        remove(self.folder)

"""A real sshd on loopback, with keys of its own, in a folder that goes away with it."""
import os, shutil, subprocess, tempfile

from postgres import free_port
from scenarios import remove, wait_for


class Sshd:
    def __init__(self):
        self.folder, self.port = tempfile.mkdtemp(prefix="pvsplan-test-"), free_port()
        for name in ("host", "login"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", f"{self.folder}/{name}"], check=True)
        shutil.copy(f"{self.folder}/login.pub", f"{self.folder}/authorized_keys")
        with open(f"{self.folder}/host.pub") as key, open(f"{self.folder}/known_hosts", "w") as known:
            known.write(f"[127.0.0.1]:{self.port} {key.read()}")
        with open(f"{self.folder}/config", "w") as config:
            config.write(
                f'ListenAddress 127.0.0.1\nPort {self.port}\nHostKey "{self.folder}/host"\n'
                f'AuthorizedKeysFile "{self.folder}/authorized_keys"\nPidFile "{self.folder}/pid"\nUsePAM no\n'
                "StrictModes no\nPermitRootLogin yes\nMaxStartups 100\nPasswordAuthentication no\n"
            )
        if os.geteuid() == 0:
            os.makedirs("/run/sshd", exist_ok=True)
        # Sessions outlive the listener for a minute; nobody shall wait for what they could print.
        self.process = subprocess.Popen(
            ["/usr/sbin/sshd", "-D", "-f", f"{self.folder}/config", "-E", f"{self.folder}/log"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        wait_for(lambda: os.path.exists(f"{self.folder}/pid"), f"sshd, whose log is {self.folder}/log")

    def connect(self, jobs):
        return (
            f"{{over: ssh, address: 127.0.0.1, port: {self.port}, identity: {self.folder}/login, "
            f"known_hosts: {self.folder}/known_hosts, jobs: {jobs}}}"
        )

    def close(self):
        self.process.kill()
        self.process.wait()
        remove(self.folder)

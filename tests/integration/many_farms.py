#!/usr/bin/env python3
"""Many farms at once in one store on PostgreSQL, their hosts behind workers of one site, while coordinators and workers are killed
and stopped at random moments: every command has run exactly once and every journal verifies.

    many_farms.py PVSPLAN [--farms 200 --servers 50 --harms 20 --seed N]

CI runs a few. Of 200 farms of 50 servers, with 20 harms and seed 3, all is right after 746 s on two cores that others used as well."""
import argparse, os, random, shutil, signal, subprocess, sys, tempfile, threading, time
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..")]

from postgres import Postgres, programs  # noqa: E402
from scenarios import Failure, check  # noqa: E402
from site_project import KEY, MODULE  # noqa: E402
from skip import skip  # noqa: E402

TTL = 3
FARM = """
farm: NAME
uses: [./site.yaml]
store: STORE
secrets:
  berlin: {file: ../key}
defaults:
  box: {connect: {over: local, via: berlin, site_key: "${secret.berlin}"}}
boxes:
"""
PLAN = """
plan: mark
uses: [./site.yaml]
farm: ./farm.yaml
steps:
  - for_each: it in boxes
    id: all
    at_most: 5
    steps:
      - {id: one, do: site.set, on: it, with: {text: one}}
      - {id: two, do: site.set, on: it, with: {text: two}}
"""


class Yard:
    def __init__(self, arguments):
        self.arguments, self.chance = arguments, random.Random(arguments.seed)
        self.server, self.folder = Postgres(), tempfile.mkdtemp(prefix="pvsplan-test-")
        self.store = self.server.store("yard", f"ttl={TTL}")
        self.farms = [f"farm{number}" for number in range(arguments.farms)]
        self.put("key", KEY)
        for farm in self.farms:
            os.mkdir(f"{self.folder}/{farm}")
            boxes = "".join(f"  - {{name: box{number}}}\n" for number in range(arguments.servers))
            self.put(f"{farm}/site.yaml", MODULE.replace("DIR", f"{self.folder}/{farm}").lstrip())
            self.put(f"{farm}/farm.yaml", FARM.replace("NAME", farm).replace("STORE", self.store).lstrip() + boxes)
            self.put(f"{farm}/plan.yaml", PLAN.lstrip())
        self.lock, self.running, self.harms, self.is_over = threading.Lock(), {}, 0, False

    def put(self, name, text):
        with open(os.open(f"{self.folder}/{name}", os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            file.write(text)

    def run(self, what, *words):
        """Exit status and text of a process that may be harmed while it runs."""
        with tempfile.TemporaryFile("w+") as out:
            environment = dict(os.environ, HOME=self.folder, PVSPLAN_JOBS=f"{self.folder}/jobs")
            process = subprocess.Popen([self.arguments.pvsplan, *words], cwd=f"{self.folder}/{what}" if what in self.farms else self.folder,
                                       env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
            with self.lock:
                self.running[what] = process
            status = process.wait()
            with self.lock:
                self.running.pop(what, None)
            out.seek(0)
            return status, out.read()

    def work(self, number):
        """A worker; another one in its place where it was killed."""
        while not self.is_over:
            farms = [word for farm in self.farms for word in ("--farm", farm)]
            self.run(f"worker{number}", "work", "--site", "berlin", "--key", "key", *farms, "--store", self.store)

    def end(self, farm):
        """The farm's run, taken up again until it is over."""
        status, text = self.run(farm, "apply", "plan.yaml", "--yes", "--no-input")
        until = time.monotonic() + 600
        while status != 0 and time.monotonic() < until:
            run = self.server.sql(f"SELECT id FROM pvsplan.runs WHERE farm = '{farm}'", "yard")
            words = ["resume", run] if run else ["apply", "plan.yaml"]
            status, text = self.run(farm, *words, "--yes", "--no-input", "--store", self.store)
            time.sleep(0.2)
        check(status == 0, farm, text)

    def harm(self):
        """Kills or stops somebody, now and then."""
        while self.harms < self.arguments.harms and not self.is_over:
            time.sleep(self.chance.uniform(0.1, 0.6))
            with self.lock:
                if not self.running:
                    continue
                process = self.chance.choice(list(self.running.values()))
                self.harms += 1
                if self.chance.random() < 0.5:
                    process.kill()
                    continue
                process.send_signal(signal.SIGSTOP)
            threading.Timer(TTL + 1, lambda process=process: process.send_signal(signal.SIGCONT)).start()

    def check_once(self, farm):
        for number in range(self.arguments.servers):
            with open(f"{self.folder}/{farm}/ran-box{number}") as file:
                check((ran := file.read()) == "one\ntwo\n", f"on box{number} of {farm} ran {ran!r}")
        run = self.server.sql(f"SELECT id FROM pvsplan.runs WHERE farm = '{farm}'", "yard")
        status, text = self.run(farm, "log", run, "--verify", "--store", self.store)
        check(status == 0, farm, text)

    def close(self):
        self.is_over = True
        with self.lock:
            for process in self.running.values():
                process.send_signal(signal.SIGCONT)
                process.kill()
        time.sleep(0.5)
        self.server.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("pvsplan", type=os.path.abspath)
    parser.add_argument("--farms", type=int, default=200)
    parser.add_argument("--servers", type=int, default=50)
    parser.add_argument("--harms", type=int, default=20)
    parser.add_argument("--at-once", type=int, default=8)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    arguments = parser.parse_args()
    if programs() is None:
        skip("postgresql is not installed")
    yard, began = Yard(arguments), time.monotonic()
    try:
        for number in range(3):
            threading.Thread(target=yard.work, args=(number,), daemon=True).start()
        threading.Thread(target=yard.harm, daemon=True).start()
        with ThreadPoolExecutor(arguments.at_once) as pool:
            list(pool.map(yard.end, yard.farms))
        for farm in yard.farms:
            yard.check_once(farm)
    except Failure as failure:
        print(f"WRONG, seed {arguments.seed}: {failure}")
        return 1
    finally:
        yard.close()
    print(f"{arguments.farms} farms of {arguments.servers} servers, {yard.harms} kills and stops, seed {arguments.seed}, {time.monotonic() - began:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())

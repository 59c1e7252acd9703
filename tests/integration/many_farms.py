#!/usr/bin/env python3
"""Many farms at once in one store on PostgreSQL, their hosts behind workers of one site, while coordinators and workers are killed
and stopped at random moments: every command has run exactly once and every journal verifies.

    many_farms.py PVSPLAN [--farms 200 --servers 50 --harms 20 --seed N]

CI runs a few. Of 200 farms of 50 servers, with 20 harms and seed 3, all is right after 746 s on two cores that others used as well."""
import argparse, os, random, signal, subprocess, sys, tempfile, threading, time
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..")]

from postgres import PATIENT, Postgres, programs  # noqa: E402
from scenarios import Failure, check  # noqa: E402
from site_project import KEY  # noqa: E402
from skip import skip  # noqa: E402
from toy import Toy, plan_of_all  # noqa: E402

TTL = 8  # of whom it is taken; who only looks is more patient
FARM = """
farm: NAME
uses: [./site.yaml]
store: STORE
secrets:
  berlin: {file: ./key}
defaults:
  box: {connect: {over: local, via: berlin, site_key: "${secret.berlin}"}}
boxes:
"""
PLAN = plan_of_all(["one", "two"], at_most=5)


class Yard:
    def __init__(self, arguments):
        self.arguments, self.chance = arguments, random.Random(arguments.seed)
        self.server, self.site = Postgres(), Toy()
        self.store = self.server.store("yard", f"ttl={TTL}")
        self.site.put("key", KEY)
        boxes = "".join(f"  - {{name: box{number}}}\n" for number in range(arguments.servers))
        self.farms = {}
        for name in (f"farm{number}" for number in range(arguments.farms)):
            farm = FARM.replace("NAME", name).replace("STORE", self.store) + boxes
            self.farms[name] = Toy(plan=PLAN, farm=farm)
            self.farms[name].put("key", KEY)
        self.lock, self.running, self.harms, self.is_to_harm, self.is_over = threading.Lock(), {}, 0, True, False
        self.workers = [threading.Thread(target=self.work, args=(number,), daemon=True) for number in range(3)]
        self.harmer = threading.Thread(target=self.harm, daemon=True)

    def run(self, what, *words):
        """Exit status and text of a process that may be harmed while it runs."""
        folder = self.farms.get(what, self.site).folder
        environment = dict(os.environ, HOME=self.site.folder, PVSPLAN_JOBS=f"{self.site.folder}/jobs")
        with tempfile.TemporaryFile("w+") as out:
            with self.lock:
                if self.is_over:
                    return None, ""
                process = subprocess.Popen([self.arguments.pvsplan, *words], cwd=folder, env=environment,
                                           stdin=subprocess.DEVNULL, stdout=out, stderr=out)
                self.running[what] = process
            status = process.wait()
            with self.lock:
                self.running.pop(what, None)
            out.seek(0)
            return status, out.read()

    def run_of(self, farm):
        """Its id, or nothing: whoever was to make the tables may have been killed before."""
        has_tables = self.server.sql("SELECT to_regclass('pvsplan.runs') IS NOT NULL", "yard") == "t"
        return self.server.sql(f"SELECT id FROM pvsplan.runs WHERE farm = '{farm}'", "yard") if has_tables else ""

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
            run = self.run_of(farm)
            words = ["resume", run] if run else ["apply", "plan.yaml"]
            status, text = self.run(farm, *words, "--yes", "--no-input", "--store", self.store)
            time.sleep(0.2)
        check(status == 0, farm, text)

    def harm(self):
        """Kills or stops somebody, now and then."""
        while self.harms < self.arguments.harms and self.is_to_harm:
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

    def live(self):
        """All farms to their end, with harm done meanwhile and none afterwards."""
        for thread in (*self.workers, self.harmer):
            thread.start()
        with ThreadPoolExecutor(self.arguments.at_once) as pool:
            list(pool.map(self.end, self.farms))
        self.is_to_harm = False
        self.harmer.join()
        for farm in self.farms:
            self.check_once(farm)

    def check_once(self, farm):
        for number in range(self.arguments.servers):
            ran = self.farms[farm].ran(f"box{number}")
            check(ran == ["one", "two"], f"on box{number} of {farm} ran {ran}")
        status, text = self.run(farm, "log", self.run_of(farm), "--verify", "--store", self.store.replace(f"ttl={TTL}", PATIENT))
        check(status == 0, farm, text)

    def close(self):
        with self.lock:
            self.is_over, self.is_to_harm = True, False
            for process in self.running.values():
                process.send_signal(signal.SIGCONT)
                process.kill()
        for thread in (*self.workers, self.harmer):
            thread.join()
        self.server.close()
        for toy in (self.site, *self.farms.values()):
            toy.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("pvsplan", type=os.path.abspath)
    parser.add_argument("--farms", type=int, default=200)
    parser.add_argument("--servers", type=int, default=50)
    parser.add_argument("--harms", type=int, default=20)
    parser.add_argument("--at-once", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    if programs() is None:
        skip("postgresql is not installed")
    yard, began = Yard(arguments), time.monotonic()
    try:
        yard.live()
    except Failure as failure:
        print(f"WRONG, seed {arguments.seed}: {failure}")
        return 1
    finally:
        yard.close()
    print(f"{arguments.farms} farms of {arguments.servers} servers, {yard.harms} kills and stops, seed {arguments.seed}, {time.monotonic() - began:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())

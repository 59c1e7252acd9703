#!/usr/bin/env python3
"""Three secrets (of the environment, a file, a command) reach scripts that print them in two pieces and as base64, and one
of which fails with its secret as its last words. They are looked for in all that is left or seen: what was printed, the
journal, every file of the project and of the jobs, every argument list while it runs, and the core of a process that is
made to leave one.

    secrets_seen.py PVSPLAN"""
import base64, contextlib, glob, os, resource, signal, subprocess, sys, tempfile, time

from scenarios import remove, wait_for

# Their first letters are looked for as well, and stand in no other process's arguments.
SECRETS = {"of_variable": "tr0ub4dor-and-3", "of_file": "c0rr3ct horse battery", "of_command": "stap\"le'$(x)`y`"}
MODULE = r"""module: site
kinds:
  box:
    plural: boxes
    state: {mark: {type: string, default: none}}
    observe: {command: [sh, -c, 'printf "{\"mark\":\"%s\"}" "$(cat "DIR/$0" 2>/dev/null || echo none)"', "${on.name}"]}
actions:
  use:
    on: box
    parameters: {password: {type: secret}, way: {type: string}}
    sets: {on.mark: done}
    run:
      command:
        - sh
        - -c
        - |
          p=$PVSPLAN_SECRET_password
          printf 'it is %.6s' "$p"; sleep 0.4; printf '%s\n' "$${p#??????}"
          printf %s "$p" | base64; echo "$p" >&2
          sleep 0.4
          [ ! -e "DIR/hold" ] || { touch "DIR/held"; while [ -e "DIR/hold" ]; do sleep 0.1; done; }
          [ "$1" = fails ] && exit 3
          printf %s "$p" > "DIR/$0.got"; printf done > "DIR/$0"
        - "${on.name}"
        - "${way}"
    undo: {do: site.forget}
  forget:
    on: box
    sets: {on.mark: none}
    run: {command: [sh, -c, 'rm -f "DIR/$0"', "${on.name}"]}
    undo: {nothing: it only forgets}
"""
FARM = """farm: site
uses: [./site.yaml]
secrets:
  of_variable: {env: SITE_SECRET}
  of_file: {file: DIR/secret}
  of_command: {command: [cat, DIR/from-command]}
defaults:
  box: {connect: {over: local}}
boxes: [{name: of_variable}, {name: of_file}, {name: of_command}, {name: fails}]
"""
PLAN = """plan: secrets
uses: [./site.yaml]
farm: ./farm.yaml
steps:
  - parallel:
    - {id: a, do: site.use, on: "first([b in boxes where b.name == 'of_variable'])", with: {password: "${secret.of_variable}", way: works}}
    - {id: b, do: site.use, on: "first([b in boxes where b.name == 'of_file'])", with: {password: "${secret.of_file}", way: works}}
    - {id: c, do: site.use, on: "first([b in boxes where b.name == 'of_command'])", with: {password: "${secret.of_command}", way: works}}
    - {id: d, do: site.use, on: "first([b in boxes where b.name == 'fails'])", with: {password: "${secret.of_file}", way: fails}}
"""
wrong = []


def check(holds, *what):
    if not holds:
        wrong.append(" ".join(str(part) for part in what))


def disguises(secret):
    yield secret.encode()
    yield base64.b64encode(secret.encode())
    yield secret[:6].encode()  # the first of the two pieces


def look(where, data):
    for name, secret in SECRETS.items():
        for form in disguises(secret):
            check(form not in data, where, "shows", name, "as", form)


def main():
    tool = os.path.abspath(sys.argv[1])
    folder = tempfile.mkdtemp(prefix="pvsplan-test-")
    keep = {"from-command": SECRETS["of_command"], "secret": SECRETS["of_file"]}
    for name, text in {"site.yaml": MODULE, "farm.yaml": FARM, "plan.yaml": PLAN, **keep}.items():
        with open(f"{folder}/{name}", "w") as file:
            file.write(text.replace("DIR", folder))
        os.chmod(f"{folder}/{name}", 0o600)
    environment = dict(os.environ, HOME=folder, PVSPLAN_JOBS=f"{folder}/jobs", SITE_SECRET=SECRETS["of_variable"])

    def start(*words):
        return subprocess.Popen([tool, *words], cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE,
                                preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CORE, (resource.getrlimit(resource.RLIMIT_CORE)[1],) * 2))

    # While it runs, every argument list of this machine.
    running = start("apply", "plan.yaml", "--yes", "--no-input", "--format", "json")
    while running.poll() is None:
        for path in glob.glob("/proc/[0-9]*/cmdline"):
            try:
                look(path, open(path, "rb").read())
            except OSError:
                continue
        time.sleep(0.02)
    out, err = running.communicate()
    check(running.returncode == 4, "exit", running.returncode, err)
    look("standard output", out)
    look("standard error", err)
    for name, secret in SECRETS.items():
        got = open(f"{folder}/{name}.got").read() if os.path.exists(f"{folder}/{name}.got") else None
        check(got == secret, name, "arrived as", got)
        if got is not None:
            os.remove(f"{folder}/{name}.got")
    for words in (["log"], ["log", "--format", "json"], ["status"], ["status", "--format", "json"]):
        told = start(*words).communicate()
        look("pvsplan " + " ".join(words), told[0] + told[1])
        check("json" not in words or words[0] != "log" or told[0].count(b"***") >= 8, "little was taken out of what the commands printed:", told[0])

    # A process that is made to leave a core.
    hold = f"{folder}/hold"
    open(hold, "w").close()
    dying = start("resume", "last")
    wait_for(lambda: os.path.exists(f"{folder}/held"), "the command that is resumed")
    dying.send_signal(signal.SIGABRT)
    dying.communicate()
    os.remove(hold)
    check(dying.returncode == -signal.SIGABRT, "aborted, it ends with", dying.returncode)
    start("resume", "last").communicate()
    check(not glob.glob(f"{folder}/core*"), "a core was left")

    for path, _, files in os.walk(folder):
        for name in files:
            if name not in keep:
                with contextlib.suppress(FileNotFoundError):  # what the keeper of the jobs notes for itself comes and goes
                    look(os.path.join(path, name), open(os.path.join(path, name), "rb").read())
    remove(folder)
    for text in wrong[:12]:
        print("WRONG", text)
    print("3 secrets, looked for in what was printed, recorded, left on disk and in every argument list")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

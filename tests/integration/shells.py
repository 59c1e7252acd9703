#!/usr/bin/env python3
"""bash, zsh and fish, asked to complete what was typed as somebody at a terminal asks them.

    tests/integration/shells.py PVSPLAN"""
import json, os, pathlib, shutil, subprocess, sys, tempfile

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent))
import skip

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
# What readline would hand over: words, of which `=` and `:` are some, too.
BASH = r"""
source "$1"
COMP_WORDBREAKS=$' \t\n"\'><=;|&(:'
line=${2//'\ '/$'\x01'}
set -f; COMP_WORDS=(${line//[=:]/ & }); [[ $line == *' ' ]] && COMP_WORDS+=('')
COMP_WORDS=("${COMP_WORDS[@]//$'\x01'/'\ '}")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_pvsplan && printf '%s\n' "${COMPREPLY[@]}"
"""
# A shell at a terminal; what it makes of the line comes back by a key of our own.
ZSH = r"""
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "PS1=''; fpath=(${(q)1} \$fpath); autoload -U compinit; compinit -u -D; bindkey '^I' complete-word
zstyle ':completion:*' list-grouped false; unsetopt automenu; unsetopt listbeep; LISTMAX=1000
told() { print -r -- \"<LINE:\$BUFFER:END>\" }; zle -N told; bindkey '^Xt' told; print READY"
zpty -r shell said '*READY*READY*'
zpty -w -n shell "$2"$'\t\C-Xt'
zpty -r shell said '*<LINE:*:END>*'
print -r -- "$said"
zpty -d shell
"""
# What stands in the line afterwards, run where `pvsplan` prints what it is given.
SAID = r"""pvsplan() { printf '%s\n' "$@"; }; eval "$1" """
# Names as a stranger may give them to objects and files: what a shell would run, take for something else, or take apart.
NAMES = ["a b", "$(touch run)", "`touch run`", "d;touch run;", "~root", "e&touch run&", ">run", "#f", "!g", "h\\i", "$HOME", "{j,k}", "l'm\"n", "*", "'o", '"p']
FISH = r"source $argv[1]; complete -C $argv[2]"


class Shells:
    def __init__(self, program, folder):
        self.folder = folder
        self.environment = {**os.environ, "PATH": f"{pathlib.Path(program).parent}:{os.environ['PATH']}", "HOME": str(folder), "TERM": "dumb"}
        for shell, name in (("bash", "pvsplan.bash"), ("zsh", "_pvsplan"), ("fish", "pvsplan.fish")):
            (folder / name).write_text(self.run(program, "completion", shell))

    def run(self, *words):
        done = subprocess.run(words, cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, timeout=180)
        if done.returncode != 0:
            sys.exit(f"{words[0]} ended with {done.returncode}: {done.stdout}")
        return done.stdout

    def offered(self, shell, typed):
        """What each shell shows; of zsh all that stands on its screen."""
        if shell == "bash":
            return self.run("bash", "--norc", "-c", BASH, "bash", "pvsplan.bash", typed).splitlines()
        if shell == "fish":
            return [line.split("\t")[0] for line in self.run("fish", "--no-config", "-c", FISH, "pvsplan.fish", typed).splitlines()]
        return self.run("zsh", "-f", "-c", ZSH, "zsh", str(self.folder), typed).replace("\r", "\n").replace("<LINE:", " ").replace(":END>", " ").split()

    def words(self, shell, before, typed):
        """The words that a command is given once the one name that goes on so was completed, and Enter pressed."""
        if shell == "bash":
            line = before + typed[:typed.rfind("=") + 1] + self.offered("bash", before + typed)[0]
        else:
            said = self.run("zsh", "-f", "-c", ZSH, "zsh", str(self.folder), before + typed)
            line = said[said.rindex("<LINE:") + 6:said.rindex(":END>")].replace("\r", "").replace("\n", "")
        return self.run(shell, "-c", SAID, shell, line).splitlines()

    def strange_names(self):
        """A name is what it is: nothing in it is run, and the command is given all of it."""
        there = self.folder / "strange"
        there.mkdir()
        quoted = lambda name: "'" + name.replace("'", "''") + "'"
        (there / "x.farm.yaml").write_text("farm: x\nuses: [pvs]\nservers:\n" + "".join(f"  - {{name: {quoted(n)}, address: a}}\n" for n in NAMES))
        (there / "x.plan.yaml").write_text("plan: x\nuses: [pvs]\nfarm: ./x.farm.yaml\nparameters:\n  pilot: {type: server}\n"
                                           "steps:\n  - {id: s, do: pvs.stream.stop, on: pilot}\n")
        for name in NAMES:
            (there / f"{name}.plan.yaml").write_text("plan: y\n")
            typed = "".join(c if c.isalnum() else "\\" + c for c in name[:2])
            as_value = ("pvsplan show strange/x.plan.yaml --set ", f"pilot={typed}", f"pilot={name}")
            as_file = ("pvsplan validate ", f"strange/{typed}", f"strange/{name}.plan.yaml")
            for shell, before, word, wanted in (("bash", *as_value), ("bash", *as_file), ("zsh", *as_value)):
                if (found := self.words(shell, before, word)[-1]) != wanted:
                    sys.exit(f"{shell} completes `{before}{word}` to `{found}`, not to `{wanted}`")
        if list(self.folder.rglob("run")):
            sys.exit("what stood in a name was run")


def main():
    program = os.path.abspath(sys.argv[1])
    for shell in ("bash", "zsh", "fish"):
        if not shutil.which(shell):
            skip.skip(f"there is no {shell}")
    with tempfile.TemporaryDirectory(prefix="shells-") as name:
        shells = Shells(program, pathlib.Path(name))
        there = shells.folder / "there"
        shutil.copytree(ROOT / "plans", there)
        (there / "short.plan.yaml").write_text("plan: short\nuses: [pvs]\nfarm: ./farms/contoso.farm.yaml\nsteps:\n"
                                               "  - {id: stopped, do: pvs.stream.stop, on: pvs02}\n  - {id: started, do: pvs.stream.start, on: pvs02}\n")
        shutil.copy(there / "short.plan.yaml", shells.folder / "with a blank.plan.yaml")
        for run in ("one", "two"):
            shells.run(program, "apply", "there/short.plan.yaml", "--yes", "--no-input", "--store", f"{run}.db")
        ids = {run: json.loads(shells.run(program, "runs", "--store", f"{run}.db", "--format", "json"))["runs"][0]["run"] for run in ("one", "two")}
        plan = "there/rolling-upgrade.plan.yaml"
        cases = [
            ("pvsplan vali", ["validate"], ["show"]),
            ("pvsplan -C there val", ["validate"], []),
            ("pvsplan show --form", ["--format"], ["--farm"]),
            ("pvsplan show --format js", ["json"], ["text"]),
            ("pvsplan show there/roll", ["there/rolling-upgrade"], []),
            ("pvsplan -C there show roll", ["rolling-upgrade"], []),
            ("pvsplan -C there show --farm farms/contoso.", ["contoso.farm.yaml"], []),
            ("pvsplan validate th", ["there/"], []),
            ("pvsplan validate with\\ a\\ bl", ["with a blank.plan.yaml"], []),
            ("pvsplan -C none show ", [""], ["there/"]),
            ("pvsplan show --farm=there/farms/contoso.", ["contoso.farm.yaml"], []),
            # Runs and their steps, of the store that is named before the command or behind it.
            ("pvsplan --store one.db status ", [ids["one"], "last"], [ids["two"]]),
            ("pvsplan status --store two.db ", [ids["two"], "last"], [ids["one"]]),
            ("pvsplan --store one.db log --format json " + ids["one"] + " st", ["stopped"], ["status"]),
            # Objects where a parameter is one, steps of a plan, behind -C and --root as well.
            (f"pvsplan show {plan} --set pilot=pvs0", ["pvs03"], ["version"]),
            ("pvsplan -C there apply rolling-upgrade.plan.yaml --set pilot=pvs0", ["pvs03"], ["version"]),
            (f"pvsplan --root there validate {plan} --set vers", ["version="], ["pilot=pvs01"]),
            (f"pvsplan explain {plan} backup first.ins", ["first.install"], ["PV4001"]),
            (f"pvsplan rehearse {plan} --only rest[pvs02].sto", ["rest[pvs02].stop"], []),
            ("pvsplan explain PV400", ["PV4005"], []),
            ("pvsplan doc pvs.stream.d", ["pvs.stream.drained"], []),
        ]
        for typed, wanted, unwanted in cases:
            for shell in ("bash", "zsh", "fish"):
                found = shells.offered(shell, typed)
                told = " ".join(found).replace("\\", "")
                if not any(w in told for w in wanted) or any(w in found for w in unwanted):
                    sys.exit(f"{shell} completes `{typed}` to {found}, not to {wanted}")
        shells.strange_names()
        print(f"{len(cases)} lines in three shells, {len(NAMES)} strange names")


main()

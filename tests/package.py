#!/usr/bin/env python3
"""Makes the .deb of a build, unpacks it and uses what is in it.

    tests/package.py BUILD_FOLDER VERSION
"""
import gzip
import os
import pathlib
import re
import subprocess
import sys
import tempfile

WANTED = [
    "usr/bin/pvsplan",
    "usr/bin/pvsplan-review",
    "usr/share/pvsplan/forges/azure.py",
    "usr/share/pvsplan/forges/github.py",
    "usr/share/pvsplan/forges/gitlab.py",
    "usr/share/pvsplan/forges/rest.py",
    "usr/share/pvsplan/forges/review.py",
    "usr/share/pvsplan/forges/text.py",
    "usr/share/man/man1/pvsplan.1.gz",
    "usr/share/bash-completion/completions/pvsplan",
    "usr/share/zsh/vendor-completions/_pvsplan",
    "usr/share/fish/vendor_completions.d/pvsplan.fish",
    "usr/share/doc/pvsplan/copyright",
    "usr/share/doc/pvsplan/CHANGELOG.md",
]
# A shell at a terminal that is asked to complete $2 and has to come to $3; $1 is a folder of completions.
ZSH = r"""
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "PS1=''; fpath=($1 \$fpath); autoload -U compinit; compinit -u -D; bindkey '^I' complete-word; print READY"
zpty -r shell said '*READY*READY*'
zpty -w -n shell "$2"$'\t'
zpty -r shell said "*$3*"
zpty -d shell
"""
ROOT = pathlib.Path(__file__).resolve().parent.parent
WANTED += [f"usr/share/doc/pvsplan/{path.relative_to(ROOT).as_posix()}" for path in (ROOT / "plans").rglob("*")
           if path.is_file() and ".pvsplan" not in path.parts]


def output(*command, **options):
    done = subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, **options)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))} ended with {done.returncode}:\n{done.stdout}")
    return done.stdout


def expect(is_so, what):
    if not is_so:
        sys.exit(what)


def check_package(package, folder):
    fields = dict(line.strip().split(": ", 1) for line in output("dpkg-deb", "--field", package).splitlines()
                  if ": " in line)
    for library in ("libc6", "libdate-tz3", "libsqlite3-0", "libyaml-cpp0.7", "libodbc2"):
        expect(library in fields["Depends"], f"the package does not ask for {library}: {fields['Depends']}")
    expect("-dev" not in fields["Depends"], f"the package asks for what only a build wants: {fields['Depends']}")
    output("dpkg-deb", "--extract", package, folder)
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    expect(found == set(WANTED), f"the package holds {sorted(found ^ set(WANTED))}, or does not")
    for path in folder.rglob("*"):
        expect(path.stat().st_mode & 0o022 == 0, f"{path} can be written by others")


def check_contents(folder, version):
    share = folder / "usr/share"
    page = folder / "pvsplan.1"
    page.write_bytes(gzip.decompress((share / "man/man1/pvsplan.1.gz").read_bytes()))
    warnings = output("man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", page)
    expect("warning" not in warnings, warnings)
    copyright_text = (share / "doc/pvsplan/copyright").read_text()
    for name in ("Apache License", "CLI11", "Niels Lohmann"):
        expect(name in copyright_text, f"the copyright does not name {name}")
    releases = re.findall(r"^## \[(\d\S*)\]", (share / "doc/pvsplan/CHANGELOG.md").read_text(), re.M)
    expect(releases[0] == version, f"the last release of the changelog is {releases[0]}, the program is {version}")
    environment = {**os.environ, "PATH": f"{folder}/usr/bin:{os.environ['PATH']}", "HOME": str(folder)}
    expect(output("pvsplan", "--version", env=environment) == f"pvsplan {version}\n", "another version")
    # The standard library is within the program.
    output("pvsplan", "validate", "plans/rolling-upgrade.plan.yaml", cwd=share / "doc/pvsplan", env=environment)
    reviewed = output(folder / "usr/bin/pvsplan-review", "--help", env=environment)
    expect(reviewed.startswith("usage: pvsplan-review"), f"pvsplan-review says {reviewed}")
    output("bash", "-n", share / "bash-completion/completions/pvsplan")
    for typed, completed in (("pvsplan resu", "resume"), ("pvsplan validate --far", "--farm"),
                             ("pvsplan show --format merm", "mermaid")):
        output("zsh", "-f", "-c", ZSH, "zsh", share / "zsh/vendor-completions", typed, completed, env=environment, timeout=180)
    output("fish", "--no-execute", share / "fish/vendor_completions.d/pvsplan.fish")
    completed = output("fish", "-c", f"source {share}/fish/vendor_completions.d/pvsplan.fish; complete -C 'pvsplan res'",
                       env=environment)
    expect(completed.startswith("resume\t"), f"fish completes `res` to {completed}")


def main():
    build, version = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2]
    with tempfile.TemporaryDirectory(prefix="pvsplan-package-") as name:
        folder = pathlib.Path(name)
        output("cpack", "--config", build / "CPackConfig.cmake", "-B", folder / "made")
        packages = list((folder / "made").glob("pvsplan_*.deb"))
        expect(len(packages) == 1, f"cpack made {packages}")
        (folder / "unpacked").mkdir()
        check_package(packages[0], folder / "unpacked")
        check_contents(folder / "unpacked", version)
        # The same without a package.
        output("cmake", "--install", build, "--prefix", folder / "installed")
        for wanted in WANTED:
            here = folder / "installed" / wanted.removeprefix("usr/").replace("vendor-completions", "site-functions")
            expect(here.is_file(), f"`cmake --install` brings no {here}")
    print("the package is whole, installs and runs")


main()

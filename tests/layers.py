#!/usr/bin/env python3
"""Holds the #include lines of the tree against the layers: which folder may see which, and who may see a library. Every
source is in a CMakeLists.txt: one that is not would be neither built nor tested."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent

# A folder may include its own headers and those of these folders.
SEES = {
    "grammar": ["compiler/base"],
    "compiler/base": [],
    "compiler/diag": ["compiler/base"],
    "compiler/program": ["compiler/base"],
    "compiler/syntax": ["compiler/diag", "compiler/base", "compiler/program", "grammar"],
}
SEES["compiler/resolve"] = SEES["compiler/syntax"] + ["compiler/syntax"]
SEES["compiler/layout"] = SEES["compiler/resolve"]
SEES["compiler/expand"] = SEES["compiler/resolve"] + ["compiler/resolve"]
SEES["compiler/graph"] = SEES["compiler/expand"] + ["compiler/expand"]
SEES["compiler/link"] = SEES["compiler/graph"] + ["compiler/graph"]
SEES["compiler/schedule"] = ["compiler/base", "compiler/diag", "compiler/program", "compiler/graph"]
SEES["compiler/checks"] = SEES["compiler/schedule"] + ["compiler/schedule"]
SEES["compiler/diff"] = SEES["compiler/checks"] + ["compiler/checks"]
SEES["compiler"] = SEES["compiler/link"] + ["compiler/link", "compiler/schedule", "compiler/checks", "compiler/diff", "compiler"]
RUNTIME_GROUND = ["compiler/base", "compiler/diag", "compiler/program"]
RUNTIME = ["runtime/ports", "runtime/state", "runtime/journal", "runtime/verify", "runtime/transport", "runtime/engine", "runtime/report"]
for i, layer in enumerate(RUNTIME):
    SEES[layer] = RUNTIME_GROUND + RUNTIME[:i]
SEES["runtime/ports/posix"] = SEES["runtime/ports"] + ["runtime/ports"]
SEES["runtime/transport"] = SEES["runtime/transport"] + ["grammar"]
SEES["runtime/notify"] = RUNTIME_GROUND + ["runtime/ports", "runtime/transport"]
SEES["runtime/store"] = ["compiler/base", "runtime/ports"]  # whoever works with a store sees the ports alone
SEES["runtime/rehearsal"] = RUNTIME_GROUND + [*RUNTIME[:-1], "runtime/store"]
SEES["runtime/view"] = ["compiler"]
SEES["runtime/site"] = RUNTIME_GROUND + RUNTIME[:-1]
SEES["runtime/picture"] = ["compiler", "runtime/view"]
SEES["runtime/serve"] = RUNTIME_GROUND + [*RUNTIME, "runtime/picture"]
SEES["runtime/cli"] = ["compiler", "runtime", "grammar"]
SEES["runtime/doc"] = ["compiler", "runtime/view", "grammar"]
SEES["runtime/lsp"] = ["compiler", "runtime/view", "runtime/doc", "grammar"]  # no run, no port: it reads texts and that is all

# A library and the only folders (or files) that name it.
LIBRARIES = {
    r"yaml-cpp/": ["compiler/syntax/tree.cpp"],
    r"tao/pegtl": ["grammar", "compiler/syntax"],
    r"boost/graph": ["compiler/graph"],
    r"boost/(asio|beast)": ["runtime/serve/server.cpp"],
    r"sqlite3\.h": ["runtime/store"],
    r"libpq-fe\.h": ["runtime/store"],
    r"CLI/": ["runtime/cli"],
    r"date/": ["compiler/program/window.cpp"],
    r"curl/": ["runtime/transport", "runtime/notify"],
    r"nettle/": ["compiler/base"],
    r"pugixml": ["runtime/transport"],
    r"sql(ext|ucode)?\.h": ["runtime/transport"],
}
# The only folders that call the operating system. Its headers are those that neither a library above nor C++ has.
SYSTEM = ["runtime/ports/posix"]
SYSTEM_HEADER = re.compile(r"(?!fmt/)(.+\.h|csignal)$")
# What is called as `::name(`, and what the headers of C++ show of the system besides.
SYSTEM_CALL = re.compile(
    r"(?<![\w:>)])::[a-z_]\w*\("
    r"|(?<![\w.>:])(mkdtemp|mkstemp|realpath|setenv|unsetenv|putenv|getopt|gmtime_r|localtime_r|timegm|nanosleep|usleep"
    r"|clock_gettime|fileno|fdopen|popen|pclose|dprintf|strerror_r|strsignal|strcasecmp|pthread_\w+)\("
    r"|(?<![\w.>:])environ\b(?=[;,)\[])"
    r'|^extern "C"(?! \{)'
)
# No header of ours shows a library, fmt/core.h excepted; the grammar is made of PEGTL rules.
IN_HEADERS = re.compile(r"(boost/|libpq|tao/|yaml-cpp/|catch2/|nlohmann/|sqlite3|curl/|sql\.h|CLI/|pugixml|nettle/)")

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def may_see(folder, included):
    if included.startswith(folder + "/") or folder == "":
        return True
    return any(included == seen or included.startswith(seen + "/") for seen in SEES[folder])


def is_in(name, owners):
    return any(name == owner or name.startswith(owner + "/") for owner in owners)


def wrong_in(name, text):
    """What a file called `name` that holds `text` may not do, a line each."""
    folder = name.rpartition("/")[0]
    if folder not in SEES:
        return [f"{name}: no layer is called {folder}"]
    wrong = []
    for number, line in enumerate(text.splitlines(), 1):
        where = f"{name}:{number}"
        call = None if is_in(name, SYSTEM) else SYSTEM_CALL.search(line.split("//")[0])
        if call:
            wrong.append(f"{where}: `{call[0]}` is called in {', '.join(SYSTEM)} alone")
        match = INCLUDE.match(line)
        if not match:
            continue
        quote, included = match.groups()
        if quote == '"':
            if not may_see(folder, included):
                wrong.append(f"{where}: {folder} may not see {included}")
            continue
        if name.endswith(".hpp") and folder != "grammar" and IN_HEADERS.match(included):
            wrong.append(f"{where}: a header shows <{included}>")
        owners = [folders for library, folders in LIBRARIES.items() if re.match(library, included)]
        if not owners and SYSTEM_HEADER.match(included):
            owners = [SYSTEM]
        for folders in owners:
            if not is_in(name, folders):
                wrong.append(f"{where}: <{included}> belongs to {', '.join(folders)}")
    return wrong


# A line in a file, and whether it is fine there: each rule above can fail.
EXAMPLES = [
    ("compiler/base/a.cpp", '#include "compiler/base/b.hpp"', True),
    ("compiler/base/a.cpp", '#include "compiler/diag/b.hpp"', False),
    ("compiler/elsewhere/a.cpp", "", False),
    ("runtime/cli/a.cpp", "#include <CLI/CLI.hpp>", True),
    ("runtime/cli/a.hpp", "#include <CLI/CLI.hpp>", False),
    ("runtime/engine/a.cpp", "#include <CLI/CLI.hpp>", False),
    ("runtime/engine/a.hpp", "#include <fmt/core.h>", True),
    ("runtime/ports/posix/a.cpp", "#include <sys/stat.h>", True),
    ("runtime/ports/a.hpp", "#include <sys/types.h>", False),
    ("runtime/transport/a.cpp", "#include <unistd.h>", False),
    ("runtime/cli/a.cpp", "#include <csignal>", False),
    ("runtime/cli/a.cpp", "#include <cstdlib>", True),
    ("runtime/cli/a.cpp", "    return ::isatty(0) != 0;", False),
    ("runtime/cli/a.cpp", "    return base::check(::fork() > 0);", False),
    ("runtime/cli/a.cpp", "    return Child::start(std::move(it)); // ::fork() would do", True),
    ("runtime/cli/a.cpp", "    gmtime_r(&seconds, &parts);", False),
    ("runtime/cli/a.cpp", "for (char** entry = environ; *entry; ++entry)", False),
    ("runtime/ports/posix/a.cpp", "    return ::isatty(0) != 0;", True),
]


def main():
    wrong = []
    for name, line, is_fine in EXAMPLES:
        if is_fine == bool(wrong_in(name, line)):
            wrong.append(f"{pathlib.Path(__file__).name}: `{line}` in {name} is {'' if is_fine else 'not '}found wrong")
    paths = sorted(path for top in ("grammar", "compiler", "runtime") for path in ROOT.glob(f"{top}/**/*.[hc]pp"))
    for path in paths:
        wrong += wrong_in(path.relative_to(ROOT).as_posix(), path.read_text())
    for top in ("grammar", "compiler", "runtime"):
        words = set((ROOT / top / "CMakeLists.txt").read_text().replace(")", " ").split())
        wrong += [f"{path.relative_to(ROOT).as_posix()}: {top}/CMakeLists.txt does not list it"
                  for path in sorted(ROOT.glob(f"{top}/**/*.cpp")) if path.relative_to(ROOT / top).as_posix() not in words]
    listed = (ROOT / "tests/CMakeLists.txt").read_text()
    of_program = dict(re.findall(r"^pvsplan_test\((\w+)([^)]*)\)", listed, re.M))
    for path in sorted(ROOT.glob("tests/unit/*/*.cpp")):
        if path.name not in of_program.get(path.parent.name, "").split():
            wrong.append(f"{path.relative_to(ROOT).as_posix()}: tests/CMakeLists.txt does not list it")
    print("\n".join(wrong) or f"{len(paths)} files keep to their layers")
    return 1 if wrong or not paths else 0


sys.exit(main())

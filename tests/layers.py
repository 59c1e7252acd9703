#!/usr/bin/env python3
"""Holds the #include lines of the tree against the layers: which folder may see which, and who may see a library."""
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
SEES["compiler/expand"] = SEES["compiler/resolve"] + ["compiler/resolve"]
SEES["compiler/graph"] = SEES["compiler/expand"] + ["compiler/expand"]
SEES["compiler/schedule"] = ["compiler/base", "compiler/diag", "compiler/program", "compiler/graph"]
SEES["compiler/checks"] = SEES["compiler/graph"] + ["compiler/graph", "compiler/schedule"]
SEES["compiler"] = SEES["compiler/checks"] + ["compiler/checks", "compiler"]
RUNTIME_GROUND = ["compiler/base", "compiler/diag", "compiler/program"]
RUNTIME = ["runtime/ports", "runtime/state", "runtime/journal", "runtime/verify", "runtime/transport", "runtime/engine", "runtime/report"]
for i, layer in enumerate(RUNTIME):
    SEES[layer] = RUNTIME_GROUND + RUNTIME[:i]
SEES["runtime/transport"] = SEES["runtime/transport"] + ["grammar"]
SEES["runtime/store"] = ["compiler/base", "runtime/ports"]  # whoever works with a store sees the ports alone
SEES["runtime/view"] = ["compiler"]
SEES["runtime/cli"] = ["compiler", "runtime", "grammar"]
SEES["runtime/lsp"] = ["compiler", "runtime", "grammar"]

# A library and the only folders (or files) that name it.
LIBRARIES = {
    r"yaml-cpp/": ["compiler/syntax/tree.cpp"],
    r"tao/pegtl": ["grammar", "compiler/syntax"],
    r"boost/graph": ["compiler/graph"],
    r"sqlite3\.h": ["runtime/store"],
    r"CLI/": ["runtime/cli"],
    r"curl/": ["runtime/transport"],
    r"nettle/": ["compiler/base"],
    r"pugixml": ["runtime/transport"],
    r"sql(ext)?\.h": ["runtime/transport"],
}
# No header of ours shows a library, fmt/core.h excepted; the grammar is made of PEGTL rules.
IN_HEADERS = re.compile(r"(boost/|tao/|yaml-cpp/|catch2/|nlohmann/|sqlite3|curl/|sql\.h|CLI/|pugixml|nettle/)")

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def may_see(folder, included):
    if included.startswith(folder + "/") or folder == "":
        return True
    return any(included == seen or included.startswith(seen + "/") for seen in SEES[folder])


def main():
    wrong = []
    files = 0
    for path in sorted([*ROOT.glob("grammar/**/*.[hc]pp"), *ROOT.glob("compiler/**/*.[hc]pp"), *ROOT.glob("runtime/**/*.[hc]pp")]):
        name = path.relative_to(ROOT).as_posix()
        folder = path.parent.relative_to(ROOT).as_posix()
        files += 1
        if folder not in SEES:
            wrong.append(f"{name}: no layer is called {folder}")
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            quote, included = match.groups()
            where = f"{name}:{number}"
            if quote == '"' and not may_see(folder, included):
                wrong.append(f"{where}: {folder} may not see {included}")
            if quote == "<" and path.suffix == ".hpp" and folder != "grammar" and IN_HEADERS.match(included):
                wrong.append(f"{where}: a header shows <{included}>")
            for library, owners in LIBRARIES.items():
                if quote == "<" and re.match(library, included) and not any(name == o or name.startswith(o + "/") for o in owners):
                    wrong.append(f"{where}: <{included}> belongs to {', '.join(owners)}")
    print("\n".join(wrong) or f"{files} files keep to their layers")
    return 1 if wrong or files == 0 else 0


sys.exit(main())

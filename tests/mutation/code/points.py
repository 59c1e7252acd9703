"""Where a source can be mutated by one token, and the source with all of it in, each place asking mutation.hpp."""

import re


class Mutant:
    def __init__(self, key, number, file, line):
        self.key, self.number, self.file, self.line = key, number, file, line

    def folder(self):
        return str(self.file.parent)

    def __str__(self):
        _, operator, text = self.key.split(" | ", 2)
        return f"{self.file}:{self.line}: {operator}: {text}"


def blanked(text):
    """The same text with comments, strings and characters blanked, so that every other token is code."""
    def blank(match):
        return re.sub(r"[^\n]", " ", match[0])
    return re.sub(r'//[^\n]*|/\*.*?\*/|R"\((?:.*?)\)"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', blank, text, flags=re.S)


def closing(code, at):
    """Behind the bracket that closes the one at `at`."""
    depth = 0
    for i in range(at, len(code)):
        if code[i] in "([{":
            depth += 1
        elif code[i] in ")]}":
            depth -= 1
            if depth == 0:
                return i + 1
    return len(code)


def parts(code, begin, end):
    """The operands between which `&&` (or `||`) stand at the top of an expression; none where there is no such."""
    for sign in (" || ", " && "):
        cuts, depth, i = [], 0, begin
        while i < end:
            if code[i] in "([{":
                depth += 1
            elif code[i] in ")]}":
                depth -= 1
            elif code[i] == "?" and depth == 0:
                return None, []
            elif depth == 0 and (code.startswith(sign, i) or code.startswith(sign.rstrip() + "\n", i)):
                cuts.append(i)
            i += 1
        if cuts:
            edges = [begin, *[c + 4 for c in cuts]], [*cuts, end]
            return sign.strip(), list(zip(*edges))
    return None, []


class Rewriter:
    """Insertions into one file, each with the mutants that it makes.

    `numbers` gives each mutant its number by its key, which does not change where lines are added above; it grows.
    `without` are lines that are left alone, since they do not compile otherwise."""

    def __init__(self, file, text, numbers, without):
        self.file, self.text, self.code = file, text, blanked(text)
        self.insertions = []  # (offset, order, text)
        self.mutants, self.numbers, self.without, self.seen = [], numbers, without, {}
        self.frozen = self.constant_places()

    def constant_places(self):
        """Where nothing may ask for a number: constants, signatures, cases."""
        places = []
        for match in re.finditer(r"\b(constexpr|static_assert|template|case|using|enum|concept|consteval)\b", self.code):
            end = min(x for x in (self.code.find(c, match.end()) for c in ";{:" if c != ":" or match[1] == "case")
                      if x >= 0) if re.search(r"[;{:]", self.code[match.end():]) else len(self.code)
            if match[1] in ("constexpr", "enum") and self.code[end:end + 1] == "{":
                end = closing(self.code, end)
            places.append((match.start(), end))
        return places

    def may(self, at):
        return not any(begin <= at < end for begin, end in self.frozen)

    def add(self, at, operator, shown_end):
        line = self.text.count("\n", 0, at) + 1
        shown = " ".join(self.text[at:shown_end].split())[:100]
        key = f"{self.file} | {operator} | {shown}"
        self.seen[key] = self.seen.get(key, 0) + 1
        if self.seen[key] > 1:
            key += f" #{self.seen[key]}"
        if line in self.without:
            return None
        number = self.numbers.setdefault(key, len(self.numbers) + 1)
        self.mutants.append(Mutant(key, number, self.file, line))
        return number

    def insert(self, at, text, order=0):
        self.insertions.append((at, order, text))

    def wrap(self, begin, end, before, after):
        while begin < end and self.code[begin] in " \n":
            begin += 1
        self.insert(begin, before, order=-(end - begin))  # the longer one outside
        self.insert(end, after, order=end - begin - 10**6)

    def conjuncts(self, begin, end):
        sign, operands = parts(self.code, begin, end)
        for left, right in operands:
            if " = " in self.code[left:right] or ";" in self.code[left:right]:
                continue
            number = self.add(left, f"operand of `{sign}` dropped", right)
            if number and sign == "&&":
                self.wrap(left, right, f"mutation::operand({number}, static_cast<bool>(", "), true)")
            elif number:
                self.wrap(left, right, f"mutation::operand({number}, static_cast<bool>(", "), false)")

    def conditions(self):
        for match in re.finditer(r"\bif \(", self.code):
            begin, end = match.end(), closing(self.code, match.end() - 1) - 1
            inside = self.code[begin:end]
            if ";" in inside or re.search(r"[^=!<>]=[^=]", inside) or not self.may(match.start()):
                continue
            if number := self.add(begin, "condition negated", end):
                self.wrap(begin, end, f"mutation::flip({number}, static_cast<bool>(", "))")
            self.conjuncts(begin, end)
        for match in re.finditer(r"\breturn |\bconst bool \w+ =\s", self.code):
            end = self.code.find(";", match.end())
            if 0 < end and self.may(match.start()) and "{" not in self.code[match.end():end]:
                self.conjuncts(match.end(), end)

    def tokens(self):
        names = {"<": "Less", "<=": "AtMost", ">": "More", ">=": "AtLeast"}
        for match in re.finditer(r"(?<=[\w)\]]) (<|<=|>|>=) (?=[\w(*])", self.code):
            if self.may(match.start()) and (n := self.add(match.start() + 1, f"`{match[1]}` moved by one", match.end() + 20)):
                self.insertions.append((match.start() + 1, 0, (match.start() + 1 + len(match[1]),
                                                              f"< mutation::{names[match[1]]}{{{n}}} >")))
        for match in re.finditer(r"(?<![\w!)])!(?=[\w(*])", self.code):
            if self.may(match.start()) and (n := self.add(match.start(), "`!` dropped", match.end() + 20)):
                self.insertions.append((match.start(), 0, (match.end(), f"mutation::Not{{{n}}} ->* ")))
        for match in re.finditer(r"\b(true|false)\b", self.code):
            if self.may(match.start()) and (n := self.add(match.start(), "constant inverted", match.end() + 20)):
                self.wrap(match.start(), match.end(), f"mutation::flip({n}, ", ")")
        for match in re.finditer(r"(?<=[+-] )1(?=[;),\]])", self.code):
            if self.may(match.start()) and (n := self.add(match.start() - 2, "`1` left out", match.end() + 20)):
                self.insertions.append((match.start(), 0, (match.end(), f"mutation::one({n})")))

    def statements(self):
        for match in re.finditer(r"\b(continue|return);", self.code):
            if self.may(match.start()) and (n := self.add(match.start(), "statement dropped", match.end())):
                self.wrap(match.start(), match.end(), f"{{ if (mutation::runs({n})) ", " }")
        for match in re.finditer(r"^ +(?!return|throw|delete|co_)([a-z_][\w.]*(?:->\w+|\(\))*)\(", self.code, re.M):
            begin = match.start(1)
            end = closing(self.code, match.end() - 1)
            before = self.code[:match.start()].rstrip()
            if self.code[end:end + 1] == ";" and before[-1:] in ";{}" and self.may(begin):
                if n := self.add(begin, "call dropped", end + 1):
                    self.wrap(begin, end + 1, f"{{ if (mutation::runs({n})) ", " }")

    def enumerators(self):
        known = {}
        types = "Is|\\w*Type|Phase|Verdict|Move|Outcome|Decision|Last|JobState|ActionType|Shows|Stand|Effect|Bound|Quantifier|OnFailure"
        pattern = rf"(?<![\w:])((?:\w+::)*(?:{types}))::([a-z]\w*)\b(?!\()"
        for match in re.finditer(pattern, self.code):
            known.setdefault(match[1], set()).add(match[2])
        for match in re.finditer(pattern, self.code):
            all_names = sorted(known[match[1]])
            if len(all_names) < 2 or not self.may(match.start()):
                continue
            other = all_names[(all_names.index(match[2]) + 1) % len(all_names)]
            if n := self.add(match.start(), f"taken for `{other}`", match.end() + 20):
                self.insertions.append((match.start(), 0, (match.end(), f"mutation::swapped({n}, {match[0]}, "
                                                                      f"{match[1]}::{other})")))

    def rewritten(self):
        self.conditions()
        self.tokens()
        self.statements()
        self.enumerators()
        out, at = [], 0
        for offset, _, what in sorted(self.insertions, key=lambda i: (i[0], i[1])):
            if offset < at:
                continue
            out.append(self.text[at:offset])
            at = offset
            if isinstance(what, tuple):
                out.append(what[1])
                at = what[0]
            else:
                out.append(what)
        out.append(self.text[at:])
        return f'#include "mutation.hpp"\n#line 1 "{self.file}"\n' + "".join(out)

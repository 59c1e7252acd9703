// Slips of the fingers, made on every line of every text that is shipped: each is one finding, on its line.
#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>

#include "tests/unit/syntax/reading.hpp"

using namespace pvsplan;
using tests::Parsed;
using Found = std::vector<std::string>;

namespace {

namespace fs = std::filesystem;

std::vector<std::string> lines_of(const fs::path& file) {
    std::ifstream in(file);
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
}

std::string joined(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) text += line + "\n";
    return text;
}

std::size_t indent(const std::string& line) { return std::min(line.find_first_not_of(' '), line.size()); }

// Without the dashes before it.
std::size_t key_begin(const std::string& line) {
    std::size_t at = indent(line);
    while (line.compare(at, 2, "- ") == 0) at = std::min(line.find_first_not_of(' ', at + 1), line.size());
    return at;
}

bool is_key(const std::string& line) {
    const std::size_t at = key_begin(line);
    const std::size_t colon = line.find(": ", at);
    return colon != std::string::npos && line.find_first_of(" {[\"'", at) > colon;
}

// The line after a slip of the fingers; nothing: this line does not allow it.
struct Kind {
    const char* name;
    std::function<std::string(const std::string&)> make;
};

std::string without(const std::string& line, std::size_t at) {
    return at == std::string::npos ? "" : line.substr(0, at) + line.substr(at + 1);
}

bool has_plain_value(const std::string& line) {
    const std::size_t value = line.find(": ", key_begin(line));
    return is_key(line) && std::string("{[\"'|>#&*").find(line[value + 2]) == std::string::npos;
}

const Kind kinds[] = {
    {"no blank behind a colon",
     [](const std::string& l) { return is_key(l) ? without(l, l.find(": ", key_begin(l)) + 1) : ""; }},
    {"no colon", [](const std::string& l) { return is_key(l) ? without(l, l.find(": ", key_begin(l))) : ""; }},
    {"a bare hole",
     [](const std::string& l) {
         const std::size_t open = l.find("\"${");
         const std::size_t close = l.find("}\"", open);
         const std::size_t brace = l.find('{');
         if (open == std::string::npos || close == std::string::npos || brace > open) return std::string();
         return without(without(l, close + 1), open);
     }},
    {"an unclosed quote",
     [](const std::string& l) {
         return std::count(l.begin(), l.end(), '"') == 2 ? without(l, l.rfind('"')) : std::string();
     }},
    {"a column left", [](const std::string& l) { return indent(l) > 0 ? l.substr(1) : ""; }},
    {"a column right", [](const std::string& l) { return is_key(l) ? " " + l : ""; }},
    {"no dash",
     [](const std::string& l) {
         const std::size_t at = indent(l);
         return l.compare(at, 2, "- ") == 0 ? l.substr(0, at) + "  " + l.substr(at + 2) : "";
     }},
    {"no blank behind a dash",
     [](const std::string& l) {
         const std::size_t at = indent(l);
         return l.compare(at, 2, "- ") == 0 ? without(l, at + 1) : "";
     }},
    {"a tab", [](const std::string& l) { return indent(l) > 1 ? "\t" + l.substr(2) : ""; }},
    {"an unclosed bracket",
     [](const std::string& l) {
         const bool closes = l.ends_with("}") || l.ends_with("]");
         return closes && l.find_first_of("{[") < l.size() ? l.substr(0, l.size() - 1) : "";
     }},
    {"a bracket too many",
     [](const std::string& l) {
         return (l.ends_with("}") || l.ends_with("]")) && l.find_first_of("{[") < l.size() ? l + l.back() : "";
     }},
    {"a colon in a text", [](const std::string& l) { return has_plain_value(l) ? l + ": now" : ""; }},
    {"a stray dash",
     [](const std::string& l) {
         return is_key(l) && key_begin(l) == indent(l) ? l.substr(0, indent(l)) + "- " + l.substr(indent(l)) : "";
     }},
    {"typographic quotes",
     [](const std::string& l) {
         const std::size_t open = l.find(": \"");
         if (open == std::string::npos || std::count(l.begin(), l.end(), '"') != 2) return std::string();
         const std::size_t close = l.rfind('"');
         return l.substr(0, open + 2) + "\u201C" + l.substr(open + 3, close - open - 3) + "\u201D" +
                l.substr(close + 1);
     }},
};

struct Tally {
    std::size_t made = 0;
    std::size_t refused = 0;
    std::size_t elsewhere = 0;
    std::size_t several = 0;
    std::string words;
};

bool is_in_block_text(const std::vector<std::string>& lines, std::size_t at) {
    for (std::size_t i = at; i-- > 0;) {
        if (lines[i].find_first_not_of(' ') == std::string::npos) continue;
        if (indent(lines[i]) >= indent(lines[at])) continue;
        if (lines[i].ends_with("|") || lines[i].ends_with(">-")) return true;
        if (is_key(lines[i]) || lines[i].ends_with(":")) return false;
    }
    return false;
}

void try_slip(const std::vector<std::string>& lines, std::size_t at, const Kind& kind, Tally& tally) {
    const std::string line = kind.make(lines[at]);
    if (line.empty()) return;
    std::vector<std::string> damaged = lines;
    damaged[at] = line;
    const Parsed p(joined(damaged));
    ++tally.made;
    if (!p.sink.has_errors()) return;
    ++tally.refused;
    const std::vector<diag::Diagnostic> found = p.sink.sorted();
    const std::uint32_t where = p.sources.position(p.file, found.front().span.begin).line;
    const bool is_elsewhere = where != at + 1;
    if (is_elsewhere) ++tally.elsewhere;
    if (found.size() > 1) ++tally.several;
    if (is_elsewhere || found.size() > 1)
        tally.words += fmt::format("line {}: {}: {}\n{}", at + 1, kind.name, line, p.report());
}

}  // namespace

TEST_CASE("a slip of the fingers is one finding on its line, in every line of every text that is shipped") {
    const fs::path root = PVSPLAN_SOURCE_DIR;
    Tally tally;
    for (const char* folder : {"plans", "plans/farms", "stdlib/pvs", "tests/cases/demo", "tests/incidents"})
        for (const auto& entry : fs::directory_iterator(root / folder)) {
            if (entry.path().extension() != ".yaml") continue;
            const std::vector<std::string> lines = lines_of(entry.path());
            if (Parsed(joined(lines)).sink.has_errors()) continue;
            for (std::size_t at = 0; at < lines.size(); ++at) {
                if (indent(lines[at]) == lines[at].size() || lines[at][indent(lines[at])] == '#') continue;
                if (is_in_block_text(lines, at)) continue;
                for (const Kind& kind : kinds) {
                    // Long files are sampled: each kind of slip at every fifth line.
                    if (lines.size() > 200 && (at + static_cast<std::size_t>(&kind - kinds)) % 5 != 0) continue;
                    const std::string before = std::exchange(tally.words, "");
                    try_slip(lines, at, kind, tally);
                    if (!tally.words.empty()) tally.words.insert(0, entry.path().filename().string() + ":\n");
                    tally.words.insert(0, before);
                }
            }
        }
    INFO(tally.made << " slips, " << tally.refused << " of them refused, " << tally.elsewhere << " elsewhere, "
                    << tally.several << " several times");
    INFO(tally.words);
    CHECK(tally.refused > 2500);
    CHECK(tally.elsewhere * 100 <= tally.refused);
    CHECK(tally.several * 100 <= tally.refused);
}

TEST_CASE("later mistakes are reported at their places, and no consequence of a slip is") {
    const auto found = [](const std::string& text) { return Parsed("plan: p\nsteps:\n" + text).found(); };
    CHECK(found("  - {id: a, approve: ${x}}\n  - {id: b, aprove: x}\n") == Found{"PV1023 3:22", "PV1102 4:13"});
    CHECK(found("  - id: a\n    at_most:1\n  - {id: b, aprove: x}\n") == Found{"PV1020 4:12", "PV1102 5:13"});
    CHECK(found("  - id: a\n    do: \"x\n  - id: b\n    aprove: x\n") == Found{"PV1017 4:9", "PV1102 6:5"});
    // Three slips and a mistake.
    CHECK(found("  - {id: a\n  - id: b\n   do: x\n  - do:c\n  - {id: d, aprove: x}\n") ==
          Found{"PV1017 3:5", "PV1018 5:4", "PV1020 6:7", "PV1102 7:13"});
    // A list or a mapping that has lost all its entries gives no further finding.
    CHECK(found("  - id:a\n    do: x\n") == Found{"PV1020 3:7"});
    CHECK(Parsed("plan:p\nsteps: []\n").found() == Found{"PV1020 1:5"});
    CHECK(Parsed("plan: p\nsteps:[]\n").found() == Found{"PV1020 2:6"});
}

TEST_CASE("time and findings are bounded where every line is a slip") {
    std::string text = "plan: p\nsteps:\n";
    for (int i = 0; i < 20'000; ++i) text += "  - id: a\n   do:x\n";
    const Parsed p(text);
    CHECK(p.sink.has_errors());
    CHECK(p.sink.all().size() < 100);
}

TEST_CASE("a piece with a quote that nobody closes is read to its end, wherever it is pasted") {
    // Some of these are suspected on a line above that turns out to be innocent: what lies between is read once all the
    // same.
    const std::vector<std::string> lines = {"plan: p",
                                            "steps:",
                                            "  - id: a",
                                            "    for_each: s in all",
                                            "    do: \"x\"",
                                            "    with:",
                                            "      a: one",
                                            "      b: [1, 2]",
                                            "  - id: b",
                                            "    steps:",
                                            "      - do: c",
                                            "        on: 'd'",
                                            "invariants:",
                                            "  - name: n",
                                            "    require: never a(b)"};
    const std::vector<std::vector<std::string>> pieces = {{"x: \"y"},
                                                          {"- id: z", "  do: \"x"},
                                                          {"key: 'y", "other: z"},
                                                          {"first", "x: \"y", "more: z"},
                                                          {"k: v", " x: \"y", "z: w"},
                                                          {"k:", "   - one", "  - \"two"}};
    std::size_t refused = 0;
    for (std::size_t at = 1; at <= lines.size(); ++at)
        for (const std::vector<std::string>& piece : pieces)
            for (std::size_t column = 0; column < 9; ++column) {
                std::vector<std::string> pasted;
                for (const std::string& line : piece) pasted.push_back(std::string(column, ' ') + line);
                std::vector<std::string> damaged = lines;
                damaged.insert(damaged.begin() + static_cast<std::ptrdiff_t>(at), pasted.begin(), pasted.end());
                const Parsed p(joined(damaged));
                if (p.sink.has_errors()) ++refused;
                CHECK(p.sink.all().size() < 20);
            }
    CHECK(refused > 700);
}

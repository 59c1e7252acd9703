#include "tests/unit/compiler/decisions.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <sstream>

#include "tests/unit/golden.hpp"

namespace pvsplan::test {
namespace {

const Golden& golden() {
    static const Golden file("tests/unit/compiler/decisions.txt",
                             "Plans over tests/unit/compiler/project.cpp, and what is decided about them, for "
                             "tests/unit/compiler/decisions_test.cpp.\n"
                             "Written by PVSPLAN_BLESS=1 test_compiler 'decisions*'; each line was read by a "
                             "person, and a change of one wants that again.\n");
    return file;
}

std::string joined(const std::vector<std::string>& all) {
    std::string text;
    for (const std::string& one : all) text += (text.empty() ? "" : ", ") + one;
    return text;
}

std::string one_line(std::string text) {
    std::replace(text.begin(), text.end(), '\n', '/');
    return text.substr(0, text.find_last_not_of(' ') + 1);
}

class Told {
  public:
    explicit Told(const compiler::Compilation& of) : of_(of), facts_(of.facts()) {}

    void decision(const std::string& require, const checks::Decision& d) {
        std::string line = require + ": " + std::string(checks::name_of(d.verdict));
        if (d.reached >= 0) line += " at " + std::to_string(d.reached);
        lines.push_back(line + (d.reason.empty() ? "" : ": " + d.reason));
        std::string where;
        if (d.step) where += " at " + path(*d.step);
        if (d.other) where += " beside " + path(*d.other);
        if (d.fails) where += " once " + path(*d.fails) + " fails";
        if (d.fix) where += "; " + path(d.fix->after) + " could wait for " + path(d.fix->before);
        static const char* const lacks[] = {"", "; nothing does the left", "; nothing does the right",
                                            "; nothing brings the state about"};
        where += lacks[static_cast<std::size_t>(d.lacks)];
        for (const std::uint32_t variable : d.reads) where += " reads " + std::to_string(variable);
        if (!d.missing.empty()) where += "; wants " + d.missing;
        if (!where.empty()) lines.push_back("  where:" + where);
        if (d.witness) witness(*d.witness);
    }
    void findings() {
        for (const diag::Diagnostic& d : of_.sink.sorted()) {
            lines.push_back(diag::code_text(d.code) + " at " + place(d.span) + ": " + d.message);
            if (!d.label_text.empty()) lines.push_back("  here: " + d.label_text);
            for (const diag::Label& one : d.related) lines.push_back("  at " + place(one.span) + ": " + one.message);
            for (const std::string& hint : d.hints) lines.push_back("  hint: " + hint);
            if (!d.others_text().empty()) lines.push_back("  " + d.others_text());
            if (!d.remedies.empty()) lines.push_back("  repaired by " + joined(d.remedies));
            if (!d.fix) continue;
            lines.push_back("  fix: " + d.fix->title);
            for (const auto& edit : d.fix->edits)
                lines.push_back("    at " + place(edit.span) + ": " + one_line(edit.text));
        }
    }

    void back(const checks::RollbackVerdict& verdict) {
        lines.push_back(std::string("the rollback is ") + (verdict.complete ? "complete" : "not complete") + ", from " +
                        std::to_string(verdict.points) + " points");
        for (const auto& point : verdict.no_return) {
            std::vector<std::string> kept;
            for (const std::uint32_t node : point.stranded) kept.push_back(path(node));
            lines.push_back("  not of " + path(point.node) + (kept.empty() ? "" : ", which keeps " + joined(kept)) +
                            ": " + point.why);
        }
    }

    std::vector<std::string> lines;

  private:
    [[nodiscard]] std::string place(base::Span span) const {
        if (span.is_nowhere()) return "no place";
        const base::Position at = compiler::texts_of(of_).position(span.file, span.begin);
        return std::to_string(at.line) + ":" + std::to_string(at.column);
    }
    void witness(const checks::Witness& witness) {
        std::vector<std::string> objects, nodes, moves, assumed;
        for (const program::ObjectId object : witness.objects) objects.push_back(facts_.object_name(object));
        for (const std::uint32_t node : witness.nodes) nodes.push_back(path(node));
        for (const schedule::Moment& move : witness.schedule) {
            static const char* const what[] = {"start ", "finish ", "fail "};
            moves.push_back(what[static_cast<std::size_t>(move.what)] + path(move.node));
        }
        for (const auto& [text, is] : witness.assumptions) assumed.push_back(text + (is ? " is so" : " is not"));
        lines.push_back("  shown by " + joined(nodes) + " on " + joined(objects) +
                        (assumed.empty() ? "" : " when " + joined(assumed)));
        if (!moves.empty()) lines.push_back("    " + joined(moves));
    }
    [[nodiscard]] std::string path(std::uint32_t node) const { return std::string(facts_.path(node)); }

    const compiler::Compilation& of_;
    const graph::Facts& facts_;
};

}  // namespace

void expect_decisions(const std::string& name, const std::string& body, const std::vector<std::string>& requirements,
                      Project project) {
    std::string text = body;
    if (!requirements.empty()) text += "invariants:\n";
    for (std::size_t i = 0; i < requirements.size(); ++i)
        text += "  - {name: r" + std::to_string(i) + ", require: '" + requirements[i] + "'}\n";
    project["plan.yaml"] += text;
    const auto c = compiled(project);
    INFO(text_of(*c));
    REQUIRE(c->has_graph);
    Told told(*c);
    std::istringstream plan(body);
    for (std::string line; std::getline(plan, line);) told.lines.push_back("# " + line);
    for (std::size_t i = 0; i < c->decisions.size(); ++i) told.decision(requirements[i], c->decisions[i]);
    if (c->rollback) told.back(*c->rollback);
    told.findings();
    golden().expect(name, told.lines);
}

}  // namespace pvsplan::test

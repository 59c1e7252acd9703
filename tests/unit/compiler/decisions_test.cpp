// What is decided about requirements, and what people are told of it, whole: verdicts, reasons, witnesses, places and
// ways out. The agreement of verdicts and witnesses with what they mean is held by tests/unit/checks; here it is the
// words, the step that is pointed at, and the order that is suggested.
#include <catch2/catch.hpp>

#include <sstream>

#include "tests/unit/compiler/project.hpp"
#include "tests/unit/golden.hpp"

using namespace pvsplan;

namespace {

const test::Golden& golden() {
    static const test::Golden file("tests/unit/compiler/decisions.txt",
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

// The plan is a part of the sample, so that who reads it can tell whether what is decided is so.
void expect(const std::string& name, const std::string& body, const std::vector<std::string>& requirements,
            test::Project project = test::shop_plan("")) {
    std::string text = body;
    if (!requirements.empty()) text += "invariants:\n";
    for (std::size_t i = 0; i < requirements.size(); ++i)
        text += "  - {name: r" + std::to_string(i) + ", require: '" + requirements[i] + "'}\n";
    project["plan.yaml"] += text;
    const auto c = test::compiled(project);
    INFO(test::text_of(*c));
    REQUIRE(c->has_graph);
    Told told(*c);
    std::istringstream plan(body);
    for (std::string line; std::getline(plan, line);) told.lines.push_back("# " + line);
    for (std::size_t i = 0; i < c->decisions.size(); ++i) told.decision(requirements[i], c->decisions[i]);
    told.findings();
    golden().expect(name, told.lines);
}

// n1 is stopped and started again, n2 and n3 are stopped beside it.
const std::string three = R"yaml(steps:
  - parallel:
      - steps:
          - {id: down, do: shop.stop, on: "nodes[0]"}
          - {id: up, do: shop.start, on: "nodes[0]"}
      - {id: second, do: shop.stop, on: "nodes[1]"}
      - {id: third, do: shop.stop, on: "nodes[2]"}
)yaml";

// Each node is rolled, one after the other; one of them may be left.
const std::string rolled = R"yaml(steps:
  - id: roll
    for_each: n in nodes
    at_most: MOST
    on_failure: continue
    max_failures: 1
    steps:
      - {id: down, do: shop.stop, on: n}
      - {id: new, do: shop.install, on: n, with: {version: 2402}}
      - {id: up, do: shop.start, on: n}
)yaml";

std::string rolled_by(std::string text, const std::string& part, const std::string& by) {
    text.replace(text.find(part), part.size(), by);
    return text;
}

}  // namespace

TEST_CASE("decisions: how often something happens") {
    expect(
        "counts", three,
        {"exactly 3 stop(node s)", "exactly 2 stop(node s)", "exactly 4 stop(node s)", "exactly 1 start(node s)",
         "at most 2 stop(node s)", "at most 0 stop(node s)", "at most 3 stop(node s)", "at least 4 stop(node s)",
         "at least 1 upgrade(node s)", "at least 2 upgrade(base b)", "exactly 1 start(node s) per s",
         "at most 1 stop(node s) per s.site", "at least 1 start(node s) per s.site", "exactly 1 stop(node s) per s",
         "never start(node s)", "never upgrade(node s)", "never stop(node s) where s.site == \"west\"",
         "exactly 1 stop(node s) where s.name == \"n1\"", "at least 1 start(node s) where s.site == \"west\" per s"});
}

TEST_CASE("decisions: what comes before what") {
    expect("orders", three,
           {"every stop(node s) before every start(node t)",
            "every stop(node s) before every start(node s)",
            "some stop(node s) before every start(node t)",
            "every stop(node s) before some start(node t)",
            "some stop(node s) before some start(node t)",
            "every start(node s) before every stop(node t)",
            "every start(node s) before every stop(node s)",
            "some start(node s) before every stop(node t)",
            "every start(node s) before some stop(node t)",
            "some start(node s) before some stop(node t)",
            "every stop(node s) then some start(node s)",
            "every stop(node s) then every start(node t)",
            "some stop(node s) then every start(node t)",
            "some stop(node s) then some start(node t)",
            "every start(node s) then some stop(node t)",
            "some start(node s) then some stop(node t)",
            "every upgrade(node s) before every stop(node t)",
            "every stop(node s) before some upgrade(node t)",
            "some upgrade(node s) before every stop(node t)",
            "every stop(node s) then some upgrade(node s)",
            "every upgrade(node s) then some stop(node t)",
            "some upgrade(base b) before some stop(node t)",
            "every stop(node s) per s.site before every start(node t)",
            "every stop(node s) where s.site == \"west\" before every start(node t)",
            "some stop(node s) per s.site before every start(node t) per t.site"});
}

TEST_CASE("decisions: what is so while something happens") {
    const std::string plan = R"yaml(steps:
  - {id: down, do: shop.stop, on: "nodes[0]"}
  - parallel:
      - {id: new, do: shop.install, on: "nodes[0]", with: {version: 2402}}
      - {id: schema, do: shop.migrate, on: "bases[0]"}
      - {id: second, do: shop.stop, on: "nodes[1]"}
  - {id: up, do: shop.start, on: "nodes[0]"}
)yaml";
    expect("while", plan,
           {"every upgrade(node s) while every down(node s)", "every upgrade(node s) while every down(node t)",
            "every upgrade(node s) while some down(node s)", "every upgrade(node s) while some down(node t)",
            "every upgrade(base b) while some node s with s.stream == running",
            "every upgrade(base b) while every node s with s.stream == running",
            "every upgrade(base b) while every down(node s) where s.name == \"n1\"",
            "every upgrade(base b) while every down(node s) where s.name == \"n2\"",
            "every upgrade(base b) while some down(node s) where s.name == \"n2\"",
            "every start(node s) while every down(node s)", "every stop(node s) while every down(node s)",
            "every stop(node s) while some node t with t.version == 2203",
            "every start(node s) while every node s with s.version == 2402",
            "every start(node s) while every node s with s.version == 2203",
            "every upgrade(node s) while some down(node t) where t.site == \"north\"",
            "every upgrade(node s) while every down(node t) where t.site == \"north\"",
            "every upgrade(node s) where s.site == \"west\" while every down(node s)",
            "every stop(node s) while some down(node s) where s.site == \"west\""});
}

TEST_CASE("decisions: how many at one moment") {
    expect("always", three,
           {"always at most 1 down(node s)", "always at most 2 down(node s)", "always at most 3 down(node s)",
            "always at most 0 down(node s)", "always at least 1 node s with s.stream == running",
            "always at least 0 node s with s.stream == running", "always exactly 3 node s with s.version == 2203",
            "always exactly 2 node s with s.version == 2203", "always exactly 4 node s with s.version == 2203",
            "always exactly 1 down(node s)", "always exactly 0 down(node s)",
            "always at most 1 down(node s) per s.site", "always at least 1 node s with s.stream == running per s.site",
            "always at most 0 down(node s) where s.site == \"north\"",
            "always at least 1 down(node s) where s.site == \"north\"",
            "always at least 4 node s with s.stream == running"});
}

TEST_CASE("decisions: what holds in the end") {
    expect("finally", three,
           {"finally every down(node s)", "finally some down(node s)", "finally every node s with s.stream == running",
            "finally some node s with s.stream == running", "finally every node s with s.version == 2203",
            "finally some node s with s.version == 2402", "finally every down(node s) where s.site == \"west\"",
            "finally every down(node s) where s.site == \"north\"",
            "finally some down(node s) where s.site == \"north\""});
}

TEST_CASE("decisions: loops that go on without an iteration") {
    const std::vector<std::string> requirements = {
        "always at most 1 down(node s)",
        "always at most 2 down(node s)",
        "always at least 2 node s with s.stream == running",
        "always at least 1 node s with s.stream == running",
        "every upgrade(node s) while some node t with t.stream == running",
        "every upgrade(node s) while every down(node s)",
        "every stop(node s) then some start(node s)",
        "every upgrade(node s) where s.name == \"n1\" before every stop(node t) where t.name == \"n3\"",
        "finally every node s with s.version == 2402",
        "exactly 1 upgrade(node s) per s"};
    expect("one after the other, one may be left", rolled_by(rolled, "MOST", "1"), requirements);
    expect("two at once, one may be left", rolled_by(rolled, "MOST", "2"), requirements);
    expect("after those that were left",
           rolled_by(rolled, "MOST", "3") + R"yaml(  - {id: schema, do: shop.migrate, on: "bases[0]"}
)yaml",
           {"every upgrade(base b) while every node s with s.version == 2402",
            "every upgrade(base b) while every node s with s.stream == running",
            "every upgrade(base b) while some down(node s)", "every upgrade(node s) before every upgrade(base b)"});
}

TEST_CASE("decisions: what depends on the run") {
    expect("conditions", R"yaml(steps:
  - {id: down, do: shop.stop, on: "nodes[0]"}
  - {id: new, do: shop.install, on: "nodes[0]", with: {version: 2402}}
  - {id: again, when: steps.new.restart, do: shop.start, on: "nodes[0]"}
  - {id: other, when: not steps.new.restart, do: shop.start, on: "nodes[0]"}
  - {id: more, when: steps.new.code == 3, do: shop.stop, on: "nodes[1]"}
)yaml",
           {"exactly 1 start(node s)", "exactly 2 start(node s)", "at most 0 start(node s)", "exactly 2 stop(node s)",
            "exactly 1 stop(node s)", "every stop(node s) then some start(node s)",
            "some stop(node s) then every start(node t)", "always at most 1 down(node s)",
            "finally every node s with s.stream == running", "never stop(node s) where s.name == \"n2\"",
            "every start(node s) while every node s with s.version == 2402",
            "every start(node s) before every stop(node t) where t.name == \"n2\""});
}

TEST_CASE("decisions: what nobody knows before the run") {
    test::Project project = test::shop_plan("");
    project["shop.yaml"] = rolled_by(rolled_by(test::shop, ", default: running", ""), ", default: 2203", "");
    project["farm.yaml"] =
        "farm: shop\nuses: [./shop.yaml]\nnodes:\n  - {name: n1, state: {version: 2203}}\n"
        "  - {name: n2, state: {stream: running}}\n  - {name: n3, state: {stream: running, version: 2203}}\n"
        "bases:\n  - {name: main}\n";
    expect("unknown states", R"yaml(parameters:
  most: {type: int}
  fast: {type: bool}
steps:
  - {id: second, when: fast, do: shop.stop, on: "nodes[1]"}
  - {id: look, do: shop.look, on: "nodes[0]"}
)yaml",
           {"always at most 0 down(node s)", "always at most 1 down(node s)", "always at most 2 down(node s)",
            "always at least 1 node s with s.stream == running", "always at most 0 node s with s.version == 2402",
            "every stop(node s) while every node s with s.version == 2203",
            "every stop(node s) while some node t with t.stream == running",
            "every stop(node s) while every node t with t.stream == running",
            "finally every node s with s.version == 2203", "finally some node s with s.version == 2402",
            "finally some node s with s.stream == running", "exactly most stop(node s)",
            "always at most most down(node s)", "at most 0 stop(node s)", "always exactly 1 down(node s)"},
           project);
}

TEST_CASE("decisions: races and what steps require") {
    expect("races", R"yaml(steps:
  - parallel:
      - {id: down, do: shop.stop, on: "nodes[0]"}
      - {id: also, do: shop.stop, on: "nodes[0]"}
      - {id: new, do: shop.install, on: "nodes[0]", with: {version: 2402}}
  - {id: early, do: shop.start, on: "nodes[2]"}
  - {id: wrong, do: shop.install, on: "nodes[2]", with: {version: 2402}}
)yaml",
           {});
    expect("requires", R"yaml(steps:
  - {id: early, do: shop.start, on: "nodes[2]"}
  - {id: wrong, do: shop.install, on: "nodes[2]", with: {version: 2402}}
  - {id: down, do: shop.stop, on: "nodes[0]"}
  - {id: again, do: shop.stop, on: "nodes[0]"}
  - {id: third, when: "nodes[1].stream == running", do: shop.stop, on: "nodes[1]"}
  - {id: fourth, do: shop.install, on: "nodes[1]", with: {version: 2402}}
)yaml",
           {});
}

TEST_CASE("decisions: the way back") {
    const auto back = [](const std::string& name, const std::string& steps) { expect(name, "steps:\n" + steps, {}); };
    back("back: in order", R"yaml(  - {id: down, do: shop.stop, on: "nodes[0]"}
  - {id: new, do: shop.install, on: "nodes[0]", with: {version: 2402}}
  - {id: schema, do: shop.migrate, on: "bases[0]"}
  - {id: up, do: shop.start, on: "nodes[0]"}
)yaml");
    back("back: a recover that undoes nothing", R"yaml(  - id: group
    steps:
      - {id: down, do: shop.stop, on: "nodes[0]"}
      - {id: new, do: shop.install, on: "nodes[0]", with: {version: 2402}}
    recover:
      - {do: shop.look, on: "nodes[0]"}
)yaml");
    back("back: a recover that undoes a part", R"yaml(  - id: group
    steps:
      - {id: down, do: shop.stop, on: "nodes[0]"}
      - {id: new, do: shop.install, on: "nodes[0]", with: {version: 2402}}
    recover:
      - {when: "nodes[0].stream == stopped", do: shop.start, on: "nodes[0]"}
)yaml");
    back("back: a recover that cannot run", R"yaml(  - id: group
    steps:
      - {id: down, do: shop.stop, on: "nodes[0]"}
      - {id: schema, do: shop.migrate, on: "bases[0]"}
    recover:
      - {do: shop.start, on: "nodes[0]"}
      - {do: shop.migrate, on: "bases[0]", with: {schema: 1}}
)yaml");
    back("back: a recover around a recover", R"yaml(  - id: outer
    steps:
      - id: inner
        steps:
          - {id: down, do: shop.stop, on: "nodes[0]"}
        recover:
          - {when: "nodes[0].stream == stopped", do: shop.start, on: "nodes[0]"}
      - {id: schema, do: shop.migrate, on: "bases[0]"}
    recover:
      - {when: "bases[0].schema == 2", do: shop.migrate, on: "bases[0]", with: {schema: 1}}
      - {when: "nodes[0].stream == stopped", do: shop.start, on: "nodes[0]"}
)yaml");
    back("back: within a loop that goes on", R"yaml(  - id: roll
    for_each: n in nodes
    on_failure: continue
    max_failures: 1
    steps:
      - {id: down, do: shop.stop, on: n}
      - {id: new, do: shop.install, on: n, with: {version: 2402}}
  - {id: last, do: shop.install, on: "nodes[0]", with: {version: 2500}}
)yaml");
}

// Texts that are not what they should be: each gives its code at its place, and none a crash.
#include <catch2/catch.hpp>

#include <algorithm>

#include "compiler/syntax/ast.hpp"
#include "grammar/foreign_words.hpp"
#include "tests/unit/syntax/reading.hpp"

using namespace pvsplan;
using namespace std::string_literals;
using tests::Parsed;
using Found = std::vector<std::string>;

namespace {

struct Oddity {
    std::string text;
    Found found;
};

void check_all(const std::vector<Oddity>& oddities) {
    for (const auto& [text, found] : oddities) {
        const Parsed p(text);
        INFO(text.substr(0, 300));
        INFO(p.report());
        CHECK(p.found() == found);
    }
}

std::string repeat(std::string_view what, std::size_t times) {
    std::string text;
    for (std::size_t i = 0; i < times; ++i) text += what;
    return text;
}

}  // namespace

TEST_CASE("files that are no text") {
    check_all({
        {"", {"PV1012 1:1"}},
        {"   \n\n", {"PV1012 1:1"}},
        {"# only\n# comments\n", {"PV1012 1:1"}},
        {"---\n", {"PV1101 1:2"}},
        {"plan: p\0steps"s, {"PV1010 1:8"}},
        {"p\0l\0a\0n\0"s, {"PV1011 1:1"}},
        {"\xFF\xFEp\0l\0"s, {"PV1011 1:1"}},
        {"\xFE\xFF\0p\0l"s, {"PV1011 1:1"}},
        {"\xFF\xFE\0\0p\0\0\0"s, {"PV1011 1:1"}},
        {"plan: p\nsummary: caf\xE9\n", {"PV1010 2:13"}},
        {"plan: p\nsummary: \xC0\xAF\n", {"PV1010 2:10"}},
        {"plan: p\nsummary: \xED\xA0\x80\n", {"PV1010 2:10"}},
        {"plan: p\nsummary: caf\xC3\xA9 \x1B[31m\n", {"PV1010 2:15"}},
        {"plan: p\nsummary: \xC2\x85 \xC2\x9B\n", {"PV1010 2:12"}},
        {"plan: p\rsteps: []\r", {"PV1010 1:8"}},
        {"\x7F"
         "ELF\x02\x01\x01",
         {"PV1010 1:1"}},
        {"\xEF\xBB\xBFplan: p\nsteps: x\n", {"PV1104 2:8"}},  // the mark of UTF-8 is let pass
        {"\xEF\xBB\xBF", {"PV1012 1:1"}},
    });
}

TEST_CASE("texts that are not YAML as we take it") {
    check_all({
        {"plan: p\n\tsteps: []\n", {"PV1002 2:1"}},
        {"plan: p\nsteps:\n\t- do: a\n\t- do: b\n", {"PV1002 3:1"}},
        {"plan: p\nsteps:\n  - do: a.b\n    with:\n\t    x: 1\n", {"PV1002 5:1"}},
        {"plan: p\nsteps:\n  - do: a.b\n  \t  on: x\n", {"PV1002 4:3"}},
        {"plan: p\nsteps: []\n\t\n\t# a comment\n", {}},
        {"plan: p\nsteps: []\nsummary: |\n  a\n  \tb\n", {}},
        {"plan: p\nsteps: []\nplan: q\n", {"PV1003 3:1"}},
        {"plan: p\nsteps:\n  - {do: a.b, 'do': c.d, \"do\": e.f}\n", {"PV1003 3:15", "PV1003 3:26"}},
        {"plan: p\nsteps: []\n---\nfarm: x\n", {"PV1004 3:1"}},
        {"plan: p\nsteps: []\n...\nx: y\n", {"PV1004 4:1"}},
        {"plan: p\nsteps: []\n...\n", {}},
        {"{plan: p, steps: []} x", {"PV1001 1:22"}},
        {"plan: p\n<<: {a: b}\nsteps: []\n", {"PV1006 2:1"}},
        {"plan: !foo p\nsteps: !!seq []\nsummary: !!binary aa", {"PV1007 1:7", "PV1007 3:10"}},
        {"plan: !!str p\nsteps: !!seq []\nsummary: ! a", {}},
        {"plan: p\nsteps: *nope\n", {"PV1013 2:8"}},
        {"plan: p\nsteps: &a\n  - steps: *a\n", {"PV1014 3:12"}},
        {"? [a]\n: b\n", {"PV1015 1:3"}},
        {": p\n", {"PV1015 1:2"}},
        {"null: p\n", {"PV1101 1:1"}},
        {"? plan\n: p\n? steps\n: []\n", {}},
        {"plan: p\r\nsteps: []\r\n", {}},
        {"%YAML 1.2\n---\nplan: p\nsteps: []\n", {}},
        {"%YAML 2.0\n---\nplan: p\nsteps: []\n", {"PV1001 1:1"}},
        {"{\"plan\": \"p\", \"steps\": []}", {}},
        {"plan: p\nsummary: \"abc\nsteps: []\n", {"PV1017 2:10"}},
        {"plan: p\nsummary: 'it's'\nsteps: []\n", {"PV1001 2:14"}},
        {"plan: p\nsummary: \"\\\\nas01\\pvs\"\nsteps: []\n", {"PV1001 2:18"}},
        {"plan: p\nsummary: \"C:\\users\"\nsteps: []\n", {"PV1001 2:13"}},
        {"plan: p\nsummary: a: b\nsteps: []\n", {"PV1019 2:11"}},
        {"plan: p\nsummary: @x\nsteps: []\n", {"PV1001 2:10"}},
        {"plan: p\nsteps: - do: x\n", {"PV1022 2:8"}},
        {"plan: p\nsteps\nsummary: x\n", {"PV1026 2:1"}},
        {"plan: p\nsteps: []\nsummary\n", {"PV1026 3:1"}},
        {"plan: p\nsteps: [a, b\nsummary: x\n", {"PV1017 2:8"}},
        {"plan: p\nsteps: {a: b\n", {"PV1017 2:8"}},
        {"plan: p\nsteps: }\n", {"PV1001 2:8"}},
        {"plan: p\nsteps:\n  - do: a\n   on: b\n", {"PV1018 4:4"}},
        {"plan: p\nsteps:\n  - do: a\n    on: b\n do: c\n", {"PV1018 5:2"}},
    });
}

TEST_CASE("texts without end") {
    const std::string bomb =
        "plan: p\na: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\n"
        "d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e]\n";
    check_all({
        {bomb, {"PV1005 7:8"}},
        {"plan: p\nsteps: " + repeat("[", 10'000), {"PV1008 2:58"}},
        {"plan: p\nsteps: " + repeat("[", 10'000'000), {"PV1008 2:10008"}},
        {"plan: p\nsteps: " + repeat("{a: ", 10'000), {"PV1008 2:404"}},
        {repeat("- ", 10'000), {"PV1008 1:201"}},
        {repeat("? ", 10'000), {"PV1008 1:201"}},
        {"plan: p\nsummary: " + std::string(50'000'000, 'x'), {"PV1009 2:9"}},
        {"plan: p\nsummary: \"" + repeat("x y\n", 300'000) + "\"", {"PV1009 2:10"}},
        {"plan: p\nsteps: [" + repeat("a,", 4'000'001) + "]", {"PV1016 2:8000010"}},
    });
    std::string ladder;
    for (std::size_t i = 0; i < 3000; ++i) ladder += std::string(i, ' ') + "a:\n";
    CHECK(Parsed(ladder).found() == Found{"PV1008 101:101"});
    std::string aliases = "plan: p\nb: &a0 [x]\n";
    for (int i = 1; i < 200; ++i) aliases += fmt::format("c{}: &a{} [*a{}]\n", i, i, i - 1);
    CHECK(Parsed(aliases).found() == Found{"PV1008 101:12"});
}

TEST_CASE("files that are none of the four") {
    check_all({
        {"x", {"PV1101 1:1"}},
        {"- a\n", {"PV1101 1:1"}},
        {"[]", {"PV1101 1:1"}},
        {"{}", {"PV1101 1:1"}},
        {"plna: x\nfarm: y\n", {"PV1101 1:1"}},
        {"hello: 1", {"PV1101 1:1"}},
        {"steps: []\nplan: p\n", {"PV1113 2:1"}},
        {"plan:\nsteps:\n", {"PV1105 1:6", "PV1105 2:7"}},
        {"plan: ~\nsteps: null\n", {"PV1105 1:7", "PV1105 2:8"}},
    });
}

TEST_CASE("plans of another shape") {
    const Parsed p(R"(plan: My Plan
stepz: []
steps:
  - do: a.b
    steps: []
  - {}
  - hello
  - summary: x
  - do: pvs.Stop
  - parallel: [{do: a.b}]
    on: x
    with: {a: 1}
    recover: []
  - do: a.b
    recover: []
    at_most: 1
    on_failure: continue
    max_failures: 2
  - do: a.b
    on_failure: rolback
    for_each: servers
    retry: 3
  - do: a.b
    retry: {time: 3}
    after: [a, B, c]
    with: [a]
  - do: a.b
    with: {in: 1, x: {y: z}, z: }
  - approve: x
    timeout: 3m
  - id: A
    do: a.b
    on:
    for_each: Server in servers
  - do: a.b
    for_each: s of servers
on_failure: continue
parameters:
  a: {typ: string}
  b: strin g
  c: [a, B]
  d: list of
  f: "list of [x, y"
  g:
  h: {type: {a: b}}
  or: {type: int}
invariants:
  - name: x
  - require: every
    name: [a]
  - x
waive:
  - requirement: x
uses: {a: b}
policies: [[a]]
protected: yes
recover: x
)");
    INFO(p.report());
    CHECK(p.found() == Found{"PV1106 1:7",   "PV1102 2:1",   "PV1108 5:5",   "PV1107 6:5",   "PV1104 7:5",
                             "PV1107 8:5",   "PV1106 9:9",   "PV1109 11:5",  "PV1109 12:5",  "PV1109 15:5",
                             "PV1109 16:5",  "PV1109 17:17", "PV1110 20:17", "PV1207 21:22", "PV1104 22:12",
                             "PV1102 24:13", "PV1106 25:16", "PV1104 26:11", "PV1115 28:12", "PV1104 28:22",
                             "PV1105 28:32", "PV1109 30:5",  "PV1106 31:9",  "PV1105 33:8",  "PV1207 34:15",
                             "PV1207 36:17", "PV1110 37:13", "PV1102 39:7",  "PV1202 40:12", "PV1106 41:10",
                             "PV1207 42:13", "PV1207 43:20", "PV1105 44:5",  "PV1104 45:13", "PV1115 46:3",
                             "PV1103 48:5",  "PV1206 49:19", "PV1104 50:11", "PV1104 51:5",  "PV1103 53:5",
                             "PV1104 54:7",  "PV1104 55:12", "PV1102 56:1",  "PV1104 57:10"});
    REQUIRE(p.document);
    const auto& plan = p.as<syntax::PlanDocument>();
    CHECK(plan.steps[12].for_each->variable.value == "s");   // so that nothing more is said of `s`
    CHECK(plan.steps[0].type == syntax::Step::Type::error);  // both `do` and `steps`
    CHECK(plan.steps[4].type == syntax::Step::Type::error);  // a name that cannot be
    CHECK(plan.steps.size() == 13);
}

TEST_CASE("a finding has a hint that helps") {
    const auto hints = [](const std::string& text) {
        const Parsed p(text);
        std::string all;
        for (const diag::Diagnostic& d : p.sink.sorted())
            for (const std::string& hint : d.hints) all += hint + "\n";
        return all;
    };
    const std::string head = "plan: p\nsteps:\n";
    CHECK(hints("plna: p\nfarm: x\n").starts_with("did you mean `plan`?"));
    CHECK(hints(head + "  - {do: a.b, aftr: x}\n") == "did you mean `after`?\n");
    CHECK(hints(head + "  - {do: a.b, on: min(a, b)}\n").starts_with("the `,` behind it belongs to YAML here"));
    CHECK(hints(head + "  - {do: a.b, when: a = b}\n") == "to compare, write `==`\n");
    CHECK(hints(head + "  - {do: a.b, when: a && b}\n") == "write `and`\n");
    CHECK(hints(head + "  - {do: a.b, when: Foo}\n") ==
          "names are written in lower case; a text stands between quotes\n");
    CHECK(hints(head + "  - {do: a.b, on: '${x}'}\n") == "leave `${` and `}` out\n");
    CHECK(hints(head + "\t- do: a.b\n\t- do: a.b\n") == "indent with spaces\n2 lines are indented with tabs\n");
}

TEST_CASE("a word of another tool names the key that it stands for") {
    CHECK(grammar::key_called("needs", grammar::shape("step"))->name == "after");
    CHECK(grammar::key_called("if", grammar::shape("step"))->name == "when");
    CHECK(grammar::key_called("if", grammar::shape("action"))->name == "requires");
    CHECK(grammar::key_called("after", grammar::shape("step")) == nullptr);
    for (const grammar::ForeignWord& foreign : grammar::foreign_words()) {
        INFO(foreign.word);
        bool is_of_use = false;
        for (const grammar::Shape& shape : grammar::shapes())
            is_of_use = is_of_use || (!shape.key(foreign.word) && grammar::key_called(foreign.word, shape));
        CHECK(is_of_use);
        for (std::string_view rest = foreign.keys; !rest.empty();) {
            const std::string_view key = rest.substr(0, rest.find(' '));
            const auto shapes = grammar::shapes();
            CHECK(
                std::any_of(shapes.begin(), shapes.end(), [&](const grammar::Shape& shape) { return shape.key(key); }));
            rest.remove_prefix(std::min(key.size() + 1, rest.size()));
        }
    }
}

TEST_CASE("what a misspelt key holds is read") {
    const Parsed plan("plan: p\nparamters: {version: version}\nstpes:\n  - {doo: a.b, wiht: {x: 1}, needs: y}\n");
    INFO(plan.report());
    CHECK(plan.found() == Found{"PV1102 2:1", "PV1102 3:1", "PV1102 4:6", "PV1102 4:16", "PV1102 4:30"});
    CHECK(plan.as<syntax::PlanDocument>().parameters.size() == 1);
    const syntax::Step& step = plan.as<syntax::PlanDocument>().steps.at(0);
    CHECK(step.call->value == "a.b");
    CHECK(step.with.size() == 1);
    CHECK(step.after.size() == 1);

    const Parsed farm("farm: f\nsecerts: {w: {env: X}}\ndefualts: {server: {stat: {a: b}}}\nservers: []\n");
    INFO(farm.report());
    CHECK(farm.found() == Found{"PV1102 2:1", "PV1102 3:1", "PV1102 3:21"});
    CHECK(farm.as<syntax::FarmDocument>().secrets.size() == 1);
    CHECK(farm.as<syntax::FarmDocument>().defaults.at(0).state.size() == 1);
    CHECK(farm.as<syntax::FarmDocument>().lists.size() == 1);
}

TEST_CASE("a list that needs an entry has one") {
    const Parsed p(
        "module: m\nkinds: {k: {plural: ks, state: {s: {type: []}}}}\nactions:\n"
        "  a: {run: {command: [], exit_codes: []}, undo: {nothing: x}}\n");
    INFO(p.report());
    CHECK(p.found() == Found{"PV1116 2:43", "PV1116 4:22", "PV1116 4:38"});
    CHECK(Parsed("plan: p\napprovers: []\nsteps: []\n").found() == Found{"PV1116 2:12"});
}

TEST_CASE("farms of another shape") {
    const Parsed p(R"(farm: f
protected: yes
defaults: {server: 1, Foo: {a: b}, x: {state: [a]}}
secrets: {a: {env: X, file: y}, b: {}, c: x, d: {command: [a, b]}, e: {evn: X}, f: {env: }}
servers:
  - {nam: x}
  - {name: }
  - {name: x, Address: y, site: {a: b}, state: x, tags: [a, [b, c]]}
  - foo
  -
consoles: {csv: x, y: z}
targets: foo
databases:
Big: []
)");
    INFO(p.report());
    CHECK(p.found() == Found{"PV1110 2:12", "PV1104 3:20", "PV1106 3:23", "PV1104 3:47", "PV1108 4:23", "PV1103 4:36",
                             "PV1104 4:43", "PV1102 4:72", "PV1105 4:89", "PV1103 6:5", "PV1105 7:11", "PV1106 8:15",
                             "PV1104 8:33", "PV1104 8:48", "PV1104 9:5", "PV1105 10:4", "PV1102 11:20", "PV1106 14:1"});
    // That `targets` is a text and `databases` nothing is said where it is known whether these are plurals.
    const auto& farm = p.as<syntax::FarmDocument>();
    const auto instead_of = [&](const std::string& plural) {
        for (const syntax::FarmList& list : farm.lists)
            if (list.plural.value == plural) return std::string(list.is_instead);
        return std::string();
    };
    CHECK(instead_of("targets") == "a text");
    CHECK(instead_of("databases") == "empty");
    CHECK(instead_of("servers").empty());
}

TEST_CASE("modules of another shape") {
    const Parsed p(R"(module: m
kinds:
  server:
  console: {plural: consoles, attributes: [a], state: {x: {type: [a]}}, observe: {powershell: "${x}", sql: x}}
  X: {plural: y}
  k: {attributes: {}}
predicates:
  down(server s): s.stream ==
  down(server): x
  down: x
  up(server s):
actions:
  a b: {undo: {nothing: x}}
  a.b: {}
  a.c: {undo: {nothing: x, do: y}}
  a.d: {undo: foo}
  a.e: {undo: {impossible: }}
  a.f: {undo: [{do: x.y}]}
  a.g: {undo: {do: x.y}, does: stop, sets: {on: x, on.a.b: y, on.: z, stream: q}, run: {}}
  a.h: {undo: {do: x.y}, does: [stop(on), 3, [x]], run: {command: echo hi}, outputs: {X: "${exit}", y: "${exit", z: "a ${} b"}}
  a.i: {undo: {do: x.y}, repeatable: maybe, run: {sql: "select ${with.x}"}, timeout: [1]}
  a.j: {undo: {do: x.y}, run: {wait: {every: 3s}}, requires: [a]}
  a.k: {undo: {do: x.y}, run: {powershell: "$${env:x} ${env:y} b", exit_codes: [0, x, -1, 99999999999]}}
procedures:
  p: {on: Server}
)");
    INFO(p.report());
    CHECK(p.found() == Found{"PV1105 3:10",  "PV1104 4:43",  "PV1108 4:103", "PV1106 5:3",    "PV1103 6:7",
                             "PV1201 8:30",  "PV1207 9:14",  "PV1207 10:7",  "PV1105 11:16",  "PV1106 13:3",
                             "PV1103 14:8",  "PV1102 15:28", "PV1104 16:15", "PV1105 17:27",  "PV1207 19:36",
                             "PV1106 19:45", "PV1201 19:66", "PV1106 19:71", "PV1112 19:88",  "PV1207 20:43",
                             "PV1104 20:46", "PV1104 20:67", "PV1106 20:87", "PV1201 20:111", "PV1201 20:122",
                             "PV1110 21:38", "PV1111 21:64", "PV1104 21:86", "PV1103 22:39",  "PV1104 22:62",
                             "PV1111 23:55", "PV1114 23:84", "PV1114 23:91", "PV1103 25:7",   "PV1106 25:11"});
    const auto& module = p.as<syntax::ModuleDocument>();
    CHECK(module.actions.back().run->script.value == "${env:x}  b");
}

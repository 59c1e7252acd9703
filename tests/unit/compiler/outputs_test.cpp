// Steps that read what another step puts out, where that step may not have come so far.
#include <catch2/catch.hpp>

#include "tests/unit/compiler/project.hpp"

using namespace pvsplan;

namespace {

const char* const asking_module = R"yaml(module: x
kinds:
  host:
    plural: hosts
    state: {a: {type: bool, default: false}}
    observe: {command: [look]}
actions:
  ask: {on: host, run: {command: [ask]}, outputs: {old: "${exit == 3}", file: "${stdout}"}, repeatable: true, undo: {nothing: it asks}}
  set: {on: host, sets: {on.a: true}, run: {command: [set]}, undo: {do: x.reset}}
  reset: {on: host, sets: {on.a: false}, run: {command: [reset]}, undo: {impossible: nobody asks for it}}
  tell: {parameters: {file: {type: string}}, run: {command: [tell, "${file}"]}, repeatable: true, undo: {nothing: it tells}}
  twice: {on: host, sets: {on.a: true}, run: {command: [set]},
          undo: [{id: one, do: x.ask}, {id: two, do: x.ask, when: before.a},
                 {do: x.tell, with: {file: "${steps.two.file}"}, when: "WHEN"}, {do: x.reset}]}
)yaml";

std::string found_in(const std::string& steps, const std::string& when_of_undo = "false") {
    std::string text = asking_module;
    text.replace(text.find("WHEN"), 4, when_of_undo);
    const test::Project project({{"x.yaml", text},
                                 {"farm.yaml", "farm: f\nuses: [./x.yaml]\nhosts: [{name: h1}]\n"},
                                 {"plan.yaml", "plan: p\nuses: [./x.yaml]\nfarm: ./farm.yaml\nsteps:\n" + steps}});
    const auto c = test::compiled(project);
    INFO(test::text_of(*c));
    CHECK(c->has_graph);
    return test::findings_of(*c) + (c->rollback && c->rollback->complete ? " complete" : "");
}

// With a group in which `file` puts something out, under a condition or none, before another step or after it.
std::string found_in_group(const std::string& file, const std::string& recover) {
    const std::string group = "  - {id: first, do: x.ask}\n  - id: group\n    steps:\n";
    return found_in(group + file + "    recover:\n      - {do: x.reset}\n      - " + recover + "\n");
}
const std::string tells_file = R"(do: x.tell, with: {file: "${steps.file.file}"})";
const std::string file_before = "      - {id: file, do: x.ask}\n      - {id: set, do: x.set}\n";
const std::string file_maybe = "      - {id: file, when: steps.first.old, do: x.ask}\n      - {id: set, do: x.set}\n";
const std::string file_never = "      - {id: file, when: false, do: x.ask}\n      - {id: set, do: x.set}\n";

}  // namespace

TEST_CASE("a recover reads no output of a step that has not come so far") {
    CHECK(found_in_group(file_before, "{" + tells_file + "}") == "PV5004");
    CHECK(found_in_group(file_before, "{when: done(file), " + tells_file + "}") == " complete");
    CHECK(found_in_group(file_before, "{when: started(set), " + tells_file + "}") == " complete");
    CHECK(found_in_group(file_maybe, "{when: started(set), " + tells_file + "}") == "PV5004");
    CHECK(found_in_group(file_maybe, "{when: done(file), " + tells_file + "}") == " complete");
    CHECK(found_in_group(file_never, "{" + tells_file + "}") == "PV5004");
    CHECK(found_in_group(file_never, "{when: done(file), " + tells_file + "}") == " complete");
    // A condition, too, wants what it reads; a comparison holds or does not of what was skipped.
    CHECK(found_in_group(file_before, "{when: steps.file.old, do: x.reset}") == "PV5004 PV5006");
    CHECK(found_in_group(file_before, "{when: \"done(file) and steps.file.old\", do: x.ask}") != " complete");
}

TEST_CASE("a recover reads an output of a step before its group, which ran where the group does") {
    const auto with = [](const std::string& when_of_file, const std::string& when_of_group) {
        return found_in("  - {id: first, do: x.ask}\n  - {id: file, do: x.ask" + when_of_file + "}\n  - id: group\n" +
                        when_of_group +
                        "    steps:\n      - {id: set, do: x.set}\n    recover:\n      - {do: x.reset}\n" +
                        "      - {" + tells_file + "}\n");
    };
    CHECK(with("", "") == " complete");
    CHECK(with(", when: steps.first.old", "    when: steps.first.old\n") == " complete");
    CHECK(with(", when: steps.first.old", "") == "PV5007");
    CHECK(with(", when: false", "") == "PV5004");
}

TEST_CASE("an undo reads no output of a step of it that was skipped") {
    CHECK(found_in("  - {do: x.twice}\n") == " complete");
    CHECK(found_in("  - {do: x.twice}\n", "true") == "PV5002");
}

TEST_CASE("a step of the plan reads no output of one that may be skipped while it runs") {
    const auto with = [](const std::string& steps) {
        return found_in("  - {id: first, do: x.ask}\n  - {id: file, when: steps.first.old, do: x.ask}\n" + steps);
    };
    CHECK(with("  - {" + tells_file + "}\n") == "PV3105 complete");
    CHECK(with("  - {when: steps.first.old, " + tells_file + "}\n") == " complete");
    CHECK(with("  - {when: not steps.first.old, " + tells_file + "}\n") == "PV3105 complete");
    CHECK(with("  - {when: steps.file.file != none, " + tells_file + "}\n") == " complete");
    CHECK(with("  - {when: steps.first.old, steps: [{when: steps.first.file == 'a', " + tells_file + "}]}\n") ==
          " complete");
    CHECK(with("  - {when: steps.file.old, do: x.ask}\n") == "PV3105 complete");
    CHECK(with("  - {when: not steps.file.old, do: x.ask}\n") == "PV3105 complete");
    CHECK(with("  - {when: steps.first.old and steps.file.old, do: x.ask}\n") == " complete");
    CHECK(with("  - {when: steps.file.file == 'a', do: x.ask}\n") == " complete");
    CHECK(with("  - {do: x.tell, with: {file: \"it is ${steps.file.file}\"}}\n") == "PV3105 complete");
}

TEST_CASE("a condition whose and and or are decided by what is there needs nothing else") {
    const auto with = [](const std::string& when) {
        return found_in("  - {id: first, do: x.ask}\n  - {id: file, when: steps.first.old, do: x.ask}\n  - {when: \"" +
                        when + "\", " + tells_file.substr(0, tells_file.find(", with")) + ", with: {file: a}}\n");
    };
    CHECK(with("steps.first.old and steps.file.old") == " complete");
    CHECK(with("not steps.first.old or steps.file.old") == " complete");
    CHECK(with("steps.file.file == none or steps.file.old") == " complete");
    CHECK(with("steps.first.old or steps.file.old") == "PV3105 complete");
    CHECK(with("not steps.first.old and not steps.file.old") == "PV3105 complete");
    CHECK(with("steps.first.file == 'a' and steps.file.old") == "PV3105 complete");
    CHECK(with("steps.file.file != 'a' and steps.file.old") == "PV3105 complete");
}

TEST_CASE("a step that asks about another in its condition reads it only where that one ran") {
    const auto with = [](const std::string& when) {
        return found_in("  - {id: first, do: x.ask}\n  - {id: file, when: steps.first.old, do: x.ask}\n  - {when: \"" +
                        when + "\", " + tells_file + "}\n");
    };
    CHECK(with("steps.file.file != none") == " complete");
    CHECK(with("steps.file.old == true") == " complete");
    CHECK(with("steps.file.file in ['a', 'b']") == " complete");
    CHECK(with("steps.first.old and steps.first.file == 'a'") == " complete");
    CHECK(with("steps.file.file == none") == "PV3105 complete");
    CHECK(with("steps.file.file != 'a'") == "PV3105 complete");
    CHECK(with("steps.file.old != true") == "PV3105 complete");
    CHECK(with("steps.first.old or steps.first.file == 'a'") == "PV3105 complete");
}

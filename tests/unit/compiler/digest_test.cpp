// The digest changes with what a run will do, and with nothing else.
#include <catch2/catch.hpp>

#include "tests/unit/compiler/project.hpp"

using namespace pvsplan;
using test::compiled;
using test::Project;

namespace {

using Texts = std::map<std::string, std::string>;

const Texts written = {
    {"m.yaml", R"(module: m
kinds:
  box:
    plural: boxes
    attributes: {site: {type: string, default: main}, address: {type: string, default: here}}
    state: {lid: {type: [open, shut], default: open}, full: {type: bool, default: false}}
    observe: {command: [look, "${on.address}"]}
  room:
    plural: rooms
actions:
  pack:
    on: box
    parameters: {what: {type: string}, count: {type: int, default: 1}}
    requires: on.lid == open
    sets: {on.full: true, on.lid: shut}
    run: {command: [pack, "${on.name}", "${what}", "${count}"], exit_codes: [0, 3]}
    undo: {impossible: packed}
)"},
    {"f.yaml",
     "farm: f\nuses: [./m.yaml]\nboxes:\n  - {name: b1, site: east}\n  - {name: b2}\nrooms:\n  - {name: r}\n"},
    {"q.yaml",
     "policy: q\nuses: [./m.yaml]\ninvariants:\n  - {name: One, require: \"always at most 2 box b with b.lid == "
     "shut\"}\n"},
    {"p.yaml",
     "policy: p\nuses: [./m.yaml]\ninvariants:\n  - {name: Two, require: \"always at most 3 box b with b.full\"}\n"},
    {"plan.yaml", R"(plan: test
summary: Pack everything.
uses: [./m.yaml]
policies: [./q.yaml, ./p.yaml]
farm: ./f.yaml
steps:
  - id: pack
    summary: Put it in.
    for_each: b in boxes
    do: m.pack
    on: b
    with: {what: books, count: 2}
)"}};

std::string digest_of(Texts texts, const std::string& plan = "plan.yaml") {
    const auto c = compiled(Project(std::move(texts)), {.plan = plan});
    INFO(test::text_of(*c));
    REQUIRE(c->ok());
    return compiler::program_of(*c).digest;
}

Texts with(const std::string& file, const std::string& from, const std::string& to) {
    Texts texts = written;
    std::string& text = texts.at(file);
    REQUIRE(text.find(from) != std::string::npos);
    text.replace(text.find(from), from.size(), to);
    return texts;
}

}  // namespace

TEST_CASE("how and where a plan is written does not change its digest") {
    const std::string digest = digest_of(written);
    Texts windows = written;
    for (auto& [file, text] : windows) {
        std::string lines = "\xef\xbb\xbf";
        for (const char c : text) lines += c == '\n' ? std::string("\r\n") : std::string(1, c);
        text = lines;
    }
    CHECK(digest_of(windows) == digest);
    CHECK(digest_of(with("plan.yaml", "steps:", "# why\n\n\nsteps:")) == digest);
    CHECK(digest_of(with("m.yaml", "actions:", "# why\nactions:")) == digest);
    CHECK(digest_of(with("plan.yaml", "Pack everything.", "Pack it all.")) == digest);
    CHECK(digest_of(with("plan.yaml", "Put it in.", "Put.")) == digest);
    Texts moved = written;
    moved["plans/renamed.yaml"] = moved["plan.yaml"];
    for (const std::string file : {"m.yaml", "f.yaml", "q.yaml", "p.yaml"}) moved["plans/" + file] = moved[file];
    CHECK(digest_of(moved, "plans/renamed.yaml") == digest);
    CHECK(digest_of(with("plan.yaml", "[./q.yaml, ./p.yaml]", "[./p.yaml, ./q.yaml]")) == digest);
    CHECK(digest_of(with("plan.yaml", "    do: m.pack\n    on: b\n", "    on: b\n    do: m.pack\n")) == digest);
    CHECK(digest_of(with("plan.yaml", "{what: books, count: 2}", "{count: 2, what: books}")) == digest);
    CHECK(digest_of(with("m.yaml", "{what: {type: string}, count: {type: int, default: 1}}",
                         "{count: {type: int, default: 1}, what: {type: string}}")) == digest);
    CHECK(digest_of(with("m.yaml", "{on.full: true, on.lid: shut}", "{on.lid: shut, on.full: true}")) == digest);
    CHECK(digest_of(with("m.yaml", "[0, 3]", "[3, 0]")) == digest);
    CHECK(digest_of(with("m.yaml", "{site: {type: string, default: main}, address: {type: string, default: here}}",
                         "{address: {type: string, default: here}, site: {type: string, default: main}}")) == digest);
    CHECK(digest_of(with("f.yaml", "boxes:\n  - {name: b1, site: east}\n  - {name: b2}\nrooms:\n  - {name: r}\n",
                         "rooms:\n  - {name: r}\nboxes:\n  - {name: b1, site: east}\n  - {name: b2}\n")) == digest);
}

TEST_CASE("a change of what a run will do changes the digest") {
    const std::string digest = digest_of(written);
    CHECK(digest_of(with("plan.yaml", "count: 2", "count: 3")) != digest);
    CHECK(digest_of(with("plan.yaml", "    on: b\n", "    on: b\n    timeout: 5m\n")) != digest);
    CHECK(digest_of(with("m.yaml", "[pack, ", "[pack, \"-f\", ")) != digest);
    const std::string night = "    window: {from: \"22:00\", to: \"05:00\", zone: UTC}\n";
    const std::string at_night = digest_of(with("plan.yaml", "    on: b\n", "    on: b\n" + night));
    CHECK(at_night != digest);
    CHECK(digest_of(with("plan.yaml", "    on: b\n",
                         "    on: b\n    window: {from: 22:00, to: 05:00, zone: UTC, days: [mon]}\n")) != at_night);
    CHECK(digest_of(with("plan.yaml", "    on: b\n", "    window: {to: 05:00, zone: UTC, from: 22:00}\n    on: b\n")) ==
          at_night);
    CHECK(digest_of(with("m.yaml", "on.lid: shut", "on.lid: open")) != digest);
    CHECK(digest_of(with("f.yaml", "{name: b2}", "{name: b2, site: west}")) != digest);
    CHECK(digest_of(with("f.yaml", "  - {name: b1, site: east}\n  - {name: b2}\n",
                         "  - {name: b2}\n  - {name: b1, site: east}\n")) != digest);
    CHECK(digest_of(with("q.yaml", "at most 2", "at most 4")) != digest);
}

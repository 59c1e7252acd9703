#include "compiler/diag/causes.hpp"

#include <catch2/catch.hpp>

namespace pvsplan::diag {
namespace {

constexpr Declared<Name> wrong{9001, Severity::error, "`{}` is wrong"};
constexpr Declared<Name> odd{9002, Severity::warning, "`{}` is odd"};

struct Sample {
    base::Sources sources;
    base::FileId plan = sources.add("plan.yaml", "plan: p\nsteps: []\n");
    base::FileId library = sources.add("stdlib/m/module.yaml", "module: m\n", base::Belongs::to_library);
    base::FileId own = sources.add("stdlib/own.yaml", "module: own\n");
    base::Span in_plan{plan, 8, 13};
    base::Span in_library{library, 0, 6};
    base::Span in_own{own, 0, 6};
    base::Span head{plan, 0, 4};

    void finish(Sink& sink) const {
        sink.change_each([&](Diagnostic& d) { point_at_project(sources, head, d); });
        join_causes(sink);
    }
};

}  // namespace

TEST_CASE("a finding stands at the innermost place that can be changed") {
    const Sample t;
    Sink sink;
    sink.report(wrong, Place(t.in_library, {t.in_library, t.in_plan, t.head}), "a")
        .label("seen")
        .related(t.in_plan, "x");
    sink.report(wrong, Place(t.in_plan, {t.head}), "b").label("seen");
    sink.report(wrong, t.in_library, "c");
    sink.report(wrong, t.in_own, "d");
    sink.report(wrong, base::Span(), "e");
    t.finish(sink);
    const auto& all = sink.all();
    REQUIRE(all.size() == 5);
    CHECK(all[0].span == t.in_plan);
    CHECK(all[0].label_text.empty());
    REQUIRE(all[0].related.size() == 1);
    CHECK(all[0].related[0].span == t.in_library);
    CHECK(all[0].related[0].message == "seen");
    CHECK(all[1].span == t.in_plan);
    CHECK(all[1].label_text == "seen");
    CHECK(all[2].span == t.head);
    CHECK(all[3].span == t.in_own);  // a folder of that name does not make it the library's
    CHECK(all[4].span.is_nowhere());
}

TEST_CASE("instances at one place are reported as one") {
    const Sample t;
    Sink sink;
    for (const char* name : {"a", "b", "c", "d", "e", "f"}) {
        Place place(t.in_plan);
        place.instance = name;
        sink.report(wrong, place, name).hint("once");
        sink.report(wrong, place.because_of("another"), name);
    }
    Place elsewhere(t.in_plan, {t.head});
    elsewhere.instance = "g";
    sink.report(wrong, elsewhere, "g");
    REQUIRE(sink.all().size() == 3);
    CHECK(sink.error_count() == 3);
    CHECK(sink.all()[0].message == "`a` is wrong");
    CHECK(sink.all()[0].hints.size() == 1);
    CHECK(sink.all()[0].others_text() == "the same of `b`, `c`, `d` and 2 more");
    CHECK(sink.all()[2].others_text().empty());
}

TEST_CASE("findings of one cause are reported as one, errors first") {
    const Sample t;
    Sink sink;
    sink.report(odd, t.in_plan, "w").remedies({"m.stop"});
    sink.report(wrong, t.in_plan, "a").remedies({"m.start", "m.stop"});
    sink.report(wrong, t.head, "b").remedies({"m.stop"});
    sink.report(wrong, t.head, "c").remedies({"m.look"});
    sink.report(wrong, t.head, "d").remedies({std::string(at_its_place)});
    sink.report(wrong, t.head, "e").remedies({std::string(at_its_place)});
    sink.report(wrong, t.in_plan, "f").remedies({std::string(at_its_place)});
    sink.report(wrong, t.head, "g");
    t.finish(sink);
    std::string initials;
    for (const Diagnostic& d : sink.all()) initials += d.message.substr(1, 1);
    CHECK(initials == "acdfg");
    CHECK(sink.error_count() == 5);
    REQUIRE(sink.all()[0].related.size() == 1);
    CHECK(sink.all()[0].related[0].message == "`b` is wrong");
}

TEST_CASE("warnings of one cause are counted") {
    const Sample t;
    Sink sink;
    for (const char* name : {"a", "b", "c"}) sink.report(odd, Place(t.head).because_of(name), name).remedies({"m.x"});
    t.finish(sink);
    REQUIRE(sink.all().size() == 1);
    CHECK(sink.all()[0].others_text() == "the same of `b` and `c`");
}

TEST_CASE("errors come before warnings, then the order of the text") {
    const Sample t;
    Sink sink;
    sink.report(odd, t.head, "w");
    sink.report(wrong, t.in_plan, "b");
    sink.report(wrong, t.head, "a");
    std::string order;
    for (const Diagnostic& d : sink.sorted()) order += d.message.substr(1, 1);
    CHECK(order == "abw");
}

TEST_CASE("equal messages at many places are reported ten times, with a count of the others") {
    const Sample t;
    Sink sink;
    for (int i = 0; i < 30; ++i) sink.report(wrong, t.in_plan, "a");
    for (int i = 0; i < 10; ++i) sink.report(wrong, t.in_plan, "b");
    sink.report(odd, t.in_plan, "a");
    t.finish(sink);
    REQUIRE(sink.all().size() == 21);
    CHECK(sink.error_count() == 20);
    CHECK(sink.all()[0].hints == std::vector<std::string>{"so it is at 20 more places"});
    CHECK(sink.all()[1].hints.empty());
    CHECK(sink.all()[10].hints.empty());
}

TEST_CASE("a word of a megabyte is cut to its beginning and its end") {
    const Sample t;
    Sink sink;
    sink.report(wrong, t.in_plan, "a" + std::string(1'000'000, 'x') + "z");
    const std::string& message = sink.all()[0].message;
    CHECK(message.size() < 300);
    CHECK(message.starts_with("`axx"));
    CHECK(message.ends_with("xz` is wrong"));
}

}  // namespace pvsplan::diag

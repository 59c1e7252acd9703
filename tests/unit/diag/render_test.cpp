#include <catch2/catch.hpp>

#include "compiler/diag/display.hpp"
#include "compiler/diag/explain.hpp"
#include "compiler/diag/render.hpp"

namespace pvsplan::diag {
namespace {

struct Fixture {
    base::Sources sources;
    base::FileId file;

    explicit Fixture(std::string text) : file(sources.add("plans/x.yaml", std::move(text))) {}

    [[nodiscard]] base::Span find(std::string_view what) const {
        const auto at = static_cast<std::uint32_t>(sources.text(file).find(what));
        return {file, at, at + static_cast<std::uint32_t>(what.size())};
    }
};

}  // namespace

TEST_CASE("a finding is printed with its place, related places, hints and the fix") {
    const Fixture f("plan: x\nsteps:\n  - id: rest\n    at_most: 2\n    do: pvs.stream.stop\n");
    Diagnostic d{.code = 4001,
                 .message = "pvs02 and pvs03 can be down together",
                 .span = f.find("at_most: 2"),
                 .label_text = "two at once"};
    d.related.push_back({f.find("pvs.stream.stop"), "takes a server down"});
    d.hints.push_back("`at_most: 1` is the default");
    d.fix = Fix{"one at a time", {{f.find("2"), "1"}}};
    CHECK(render_text(f.sources, d, {}) ==
          "error[PV4001]: pvs02 and pvs03 can be down together\n"
          " --> plans/x.yaml:4:5\n"
          "  |\n"
          "4 |     at_most: 2\n"
          "  |     ^^^^^^^^^^ two at once\n"
          " ::: plans/x.yaml:5:9\n"
          "  |\n"
          "5 |     do: pvs.stream.stop\n"
          "  |         --------------- takes a server down\n"
          "  = hint: `at_most: 1` is the default\n"
          "  = fix: one at a time\n"
          "4 -     at_most: 2\n"
          "4 +     at_most: 1\n"
          "\n");
}

TEST_CASE("a mark stands below its words also after tabs, wide and combining characters") {
    const Fixture f("\tname: 中文 e\xCC\x81t\xC3\xA9 here\n");
    const Diagnostic d{.code = 1001, .message = "m", .span = f.find("here")};
    CHECK(render_text(f.sources, d, {}) ==
          "error[PV1001]: m\n"
          " --> plans/x.yaml:1:16\n"
          "  |\n"
          "1 |     name: 中文 e\xCC\x81t\xC3\xA9 here\n"
          "  |                    ^^^^\n"
          "\n");
}

TEST_CASE("long lines are printed in part, long words are wrapped, nothing is wider than the terminal") {
    const std::string filler(300, 'a');
    const Fixture f("x: " + filler + " MARK " + filler + "\n");
    Diagnostic d{.code = 1001,
                 .message =
                     "a message that is so long that it cannot possibly fit into one line of eighty columns, "
                     "as they sometimes are",
                 .span = f.find("MARK"),
                 .label_text = "and the words beside the mark are long as well, so they go below the line and wrap"};
    d.hints.push_back("a hint which is also much too long for a single line, therefore it goes on below itself");
    for (const std::uint32_t width : {40U, 60U, 80U, 120U}) {
        const std::string text = render_text(f.sources, d, {.width = width});
        INFO(text);
        CHECK(text.find("MARK") != std::string::npos);
        std::size_t begin = 0;
        while (begin < text.size()) {
            const std::size_t end = text.find('\n', begin);
            CHECK(columns(text.substr(begin, end - begin)) <= width);
            begin = end + 1;
        }
    }
}

TEST_CASE("a plan cannot steer the terminal") {
    const Fixture f(
        "x: \x1b[31mred\x07 \xE2\x80\xAE"
        "abc \xff\n");
    const Diagnostic d{.code = 1001, .message = "found `\x1b]0;title\x07`", .span = f.find("red")};
    const std::string text = render_text(f.sources, d, {});
    for (const char c : text) CHECK((c == '\n' || static_cast<unsigned char>(c) >= 0x20));
    CHECK(text.find("\xE2\x80\xAE") == std::string::npos);
}

TEST_CASE("a plan cannot command the runner that prints it") {
    const std::string gone = "\xEF\xBF\xBD";
    CHECK(harmless("::error file=a::b") == gone + ":error file=a::b");
    CHECK(harmless("a ::WARNING") == "a " + gone + ":WARNING");  // in any case, its second :: stands behind it
    CHECK(harmless("\u3000::set-output name=x") == "\u3000" + gone + ":set-output name=x");
    CHECK(harmless("a##vso[x]") == "a" + gone + "#vso[x]");
    for (const std::string text : {"::1", "::ffff:10.0.0.1", "[Type]::Member", "a::b ::", "## a [b]"})
        CHECK(harmless(text) == text);
    CHECK(printed_json("[\"##[group]\xE2\x80\xAE\", \"\u00FC # 1\"]") ==
          "[\"\\u0023#[group]\\u202e\", \"\u00FC # 1\"]");
}

TEST_CASE("places at the very end, over several lines and nowhere") {
    const Fixture f("a: 1\nb:\n  - x\n  - y\n");
    const auto size = static_cast<std::uint32_t>(f.sources.text(f.file).size());
    for (std::uint32_t begin = 0; begin <= size; ++begin)
        for (std::uint32_t end = begin; end <= size; ++end)
            CHECK_FALSE(render_text(f.sources, {.code = 1, .message = "m", .span = {f.file, begin, end}}, {}).empty());
    CHECK(render_text(f.sources, {.code = 1001, .message = "cannot read `x`"}, {}) ==
          "error[PV1001]: cannot read `x`\n\n");
}

TEST_CASE("an annotation of a workflow holds nothing that steers a terminal") {
    const Fixture f("a: 1\n");
    for (const char* steers : {"\x1b", "\xC2\x9B", "\xE2\x80\xA8", "\xE2\x80\xAE"}) {
        const std::vector<Diagnostic> one = {{.code = 1, .message = std::string("a") + steers + "b\nc"}};
        const std::string text = render_github(f.sources, one);
        CHECK(text.find(steers) == std::string::npos);
        CHECK_THAT(text, Catch::Contains("b%0Ac"));
    }
}

TEST_CASE("machines get the same finding") {
    const Fixture f("plan: é, x\nsteps: []\n");
    Diagnostic d{.code = 4001, .message = "m: 100%", .span = f.find("x"), .hints = {"h"}};
    d.related.push_back({f.find("[]"), "r"});
    d.fix = Fix{"t", {{f.find("x"), "y"}}};
    const std::vector<Diagnostic> all = {d, {.code = 6001, .severity = Severity::note, .message = "n"}};
    CHECK(render_github(f.sources, all) ==
          "::error file=plans/x.yaml,line=1,endLine=1,col=10,endColumn=11,title=PV4001::m: 100%25%0Ahint: h%0Afix: "
          "t%0Aplans/x.yaml:2: r\n"
          "::notice title=PV6001::n\n");
    const std::string json = render_json(f.sources, all);
    CHECK_THAT(json, Catch::Contains("\"code\": \"PV4001\"") && Catch::Contains("\"column\": 10"));
    const std::string sarif = render_sarif(f.sources, all, "0.1.0");
    CHECK_THAT(sarif, Catch::Contains("\"ruleId\": \"PV4001\"") && Catch::Contains("\"startColumn\": 10") &&
                          Catch::Contains("\"insertedContent\""));
    CHECK(count_text(all) == "1 error, 1 note");
}

TEST_CASE("fixes are applied together unless they overlap") {
    const Fixture f("abc def\n");
    const auto with = [&](std::string_view what, std::string text) {
        return Diagnostic{.code = 1, .fix = Fix{"", {{f.find(what), std::move(text)}}}};
    };
    const std::vector<Diagnostic> all = {with("abc", "X"), with("bc d", "no"), with("def", "Y")};
    CHECK(apply_fixes(f.sources, all).at(f.file) == "X Y\n");
    CHECK(fixes_together(f.sources, all) == std::vector<const Fix*>{&*all[0].fix, &*all[2].fix});
    // Neither was checked together with the other.
    const base::Span start{f.file, 0, 0};
    const std::vector<Diagnostic> same_place = {{.code = 1, .fix = Fix{"", {{start, "1"}}}},
                                                {.code = 2, .fix = Fix{"", {{start, "2"}}}}};
    CHECK(apply_fixes(f.sources, same_place).at(f.file) == "1abc def\n");
}

TEST_CASE("a change of a changed text is one change of the text") {
    const Fixture f("abcdef");
    const auto fix = [&](std::vector<std::tuple<std::uint32_t, std::uint32_t, std::string>> edits) {
        Fix made;
        for (auto& [begin, end, text] : edits) made.edits.push_back({{f.file, begin, end}, text});
        return made;
    };
    const auto text_of = [&](const Fix& one) {
        const Diagnostic d{.code = 1, .fix = one};
        return apply_fixes(f.sources, {&d, 1}).at(f.file);
    };
    const Fix first = fix({{1, 1, "12"}, {4, 5, "X"}});  // a12bcdXf
    for (const auto& [second, expected] :
         std::vector<std::pair<Fix, std::string>>{{fix({{2, 2, "-"}}), "a1-2bcdXf"},  // within what the first one wrote
                                                  {fix({{0, 8, "all"}}), "all"},
                                                  {fix({{3, 4, ""}, {8, 8, "!"}}), "a12cdXf!"},
                                                  {fix({{1, 3, ""}, {6, 7, "e"}}), "abcdef"},  // takes it back
                                                  {fix({{0, 0, ">"}, {2, 5, "y"}}), ">a1ydXf"}})
        CHECK(text_of(in_one(f.sources, first, second)) == expected);
}

TEST_CASE("a page is wrapped where it is prose, and left alone where it is an example") {
    const std::string page =
        "# PV1: words\n\nDrop one of the edges\nthat are shown.\n\n```yaml a\nsteps: [a, b, c, d, e, f]\n```\n";
    CHECK(page_text(page, 20) ==
          "# PV1: words\n\nDrop one of the\nedges that are\nshown.\n\n```yaml a\nsteps: [a, b, c, d, e, f]\n```\n");
    for (const base::Embedded& one : explain_pages()) {
        bool is_example = false;
        const std::string text = page_text(one.text, 80);
        for (std::size_t at = 0; at < text.size();) {
            const std::size_t end = text.find('\n', at);
            const std::string_view line = std::string_view(text).substr(at, end - at);
            INFO(one.name << ": " << line);
            CHECK((is_example || columns(line) <= 80));
            if (line.starts_with("```")) is_example = !is_example;
            at = end + 1;
        }
    }
}

}  // namespace pvsplan::diag

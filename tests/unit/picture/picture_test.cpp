#include <catch2/catch.hpp>

#include <regex>

#include "compiler/pipeline.hpp"
#include "runtime/picture/chart.hpp"
#include "runtime/picture/html.hpp"
#include "runtime/picture/markup.hpp"
#include "tests/unit/compiler/project.hpp"

namespace pvsplan::picture {
namespace {

program::Plan plan_of(const std::string& body) {
    const auto compiled = test::compiled(test::shop_plan(body));
    INFO(test::text_of(*compiled));
    REQUIRE(compiled->has_graph);
    return compiler::program_of(*compiled);
}

// Two nodes go down side by side, the third one after them.
const std::string rolling = R"(
steps:
  - {id: a, do: shop.stop, on: n1}
  - {id: b, do: shop.stop, on: n2, after: []}
  - {id: a-up, do: shop.start, on: n1, after: [a]}
  - {id: b-up, do: shop.start, on: n2, after: [b]}
  - {id: looked, approve: "Look.", after: [a-up, b-up]}
  - {id: c, do: shop.stop, on: n3, after: [looked]}
  - {id: c-up, do: shop.start, on: n3, after: [c]}
invariants:
  - {name: few, require: always at most 2 down(node), because: some have to be left}
)";

const Lane& lane(const Picture& picture, const std::string& name) {
    for (const Group& group : picture.groups)
        for (const Lane& each : group.lanes)
            if (each.name == name) return each;
    FAIL("there is no lane " + name);
    throw;
}

}  // namespace

TEST_CASE("lanes show what the proof counts, and the worst moment is one moment") {
    const Picture picture = picture_of(plan_of(rolling), {});
    REQUIRE(picture.strip);
    CHECK(picture.strip->allowed == 2);
    CHECK(picture.strip->reached == 2);
    CHECK(picture.strip->members == 3);
    CHECK_FALSE(picture.strip->is_violated);
    REQUIRE(picture.strip->worst_at);
    for (const std::string& name : picture.strip->worst) {
        const Lane& at = lane(picture, name);
        REQUIRE(at.worst);
        CHECK((at.worst->from <= *picture.strip->worst_at && *picture.strip->worst_at <= at.worst->to));
    }
    const Lane& third = lane(picture, "n3");
    REQUIRE(third.bands.size() == 2);  // the one step follows the other at once, so it is never surely down
    CHECK(third.bands[0].counted == Counted::no);
    CHECK(third.bands[1].counted == Counted::perhaps);
    CHECK(third.bands[1].when == Stretch{third.steps[0].when.from, third.steps[1].when.to});
    REQUIRE(picture.marks.size() == 1);
    CHECK(picture.marks[0].type == Mark::Type::approval);
    CHECK(picture.verdicts.at(0).verdict == "holds");
}

TEST_CASE("a violation comes first, with its schedule, and its steps are marked") {
    std::string body = rolling;
    body.replace(body.find("at most 2"), 9, "at most 1");
    const Picture picture = picture_of(plan_of(body), {});
    CHECK(picture.strip->is_violated);
    CHECK(picture.verdicts.at(0).verdict == "violated");
    CHECK_FALSE(picture.verdicts[0].schedule.empty());
    CHECK(lane(picture, "n1").steps[0].shows_violation);
    CHECK_FALSE(lane(picture, "n3").steps[0].shows_violation);
}

TEST_CASE("a run is drawn over its plan, and what undid it behind") {
    const program::Plan plan = plan_of(rolling);
    Ran ran{.title = "run", .outcome = "rolled back", .is_rolling_back = true};
    for (const program::Node& node : plan.graph.nodes)
        ran.nodes.push_back(
            {.path = node.id, .status = node.id == "a" ? StepStatus::done : StepStatus::planned, .started_at = 1});
    ran.rollback.push_back({.path = "undo:a", .object = "node/n1", .status = StepStatus::done, .started_at = 5});
    const Picture picture = picture_of(plan, {}, &ran);
    const Lane& first = lane(picture, "n1");
    CHECK(first.steps.front().status == StepStatus::rolled_back);
    CHECK(first.steps.back().type == Step::Type::undo);
    CHECK(first.steps.back().when.from > picture.end);
    CHECK(picture.width > picture.end);
    CHECK(first.bands.back().counted == Counted::no);
    // It was down until that.
    CHECK(first.bands[first.bands.size() - 2].counted == Counted::perhaps);
    CHECK(first.bands[first.bands.size() - 3].counted == Counted::surely);
    CHECK(lane(picture, "n2").bands.size() == 1);
}

TEST_CASE("while a recover works on an object, its state is not taken for known") {
    const program::Plan plan = plan_of(rolling);
    Ran ran{.title = "run", .outcome = "rolled back", .is_rolling_back = true};
    for (const program::Node& node : plan.graph.nodes) ran.nodes.push_back({.path = node.id});
    ran.rollback.push_back(
        {.path = "recover:all.up", .object = "node/n3", .status = StepStatus::done, .started_at = 5});
    const Picture picture = picture_of(plan, {}, &ran);
    const std::vector<Band>& bands = lane(picture, "n3").bands;
    REQUIRE(bands.size() == 3);
    CHECK(bands[1].counted == Counted::perhaps);
    CHECK(bands[1].when == lane(picture, "n3").steps.back().when);
    CHECK(lane(picture, "n2").bands.size() == 1);
}

TEST_CASE("the page is the same each time, allows nothing and has no markup of a plan") {
    program::Plan plan = plan_of(rolling);
    plan.summary = "</p><script>alert(1)</script>";
    plan.requirements[0].because = "<img src=x onerror=alert(1)>";
    plan.graph.nodes[0].id = "a\"><b onclick='x'>";
    plan.graph.edges[0].source.file = "</script><b>.yaml";
    const std::string page = html_of(picture_of(plan, {}));
    CHECK(page == html_of(picture_of(plan, {})));
    CHECK(page.find("<script>alert") == std::string::npos);
    CHECK(page.find("<img") == std::string::npos);
    CHECK(page.find("<b onclick") == std::string::npos);
    CHECK(page.find("</script><b>") == std::string::npos);
    CHECK(page.find("default-src 'none'; style-src 'sha256-") != std::string::npos);
    CHECK(page.find("http:") == std::string::npos);
    CHECK_FALSE(std::regex_search(page, std::regex(R"((src|href)="[^#])")));
    CHECK(page.find("{{") == std::string::npos);
}

TEST_CASE("no line over the full height crosses the name of a step, and a mark's only where it must") {
    Picture picture;
    picture.width = picture.end = 100;
    picture.groups.push_back({.name = "g", .lanes = {{.name = "n", .steps = {{.when = {0, 100}, .label = "wait"}}}}});
    picture.marks = {{Mark::Type::approval, {0, 80}, "here", ""},           // 40
                     {Mark::Type::violation, {62, 62}, "on the left", ""},  // to the right stands the next line
                     {Mark::Type::violation, {70, 70}, "last", ""}};
    const std::string chart = chart_of(picture);
    CHECK(chart.find("<text x=\"20%\" y=\"16\" class=\"l\" text-anchor=\"middle\">wait") != std::string::npos);
    CHECK(chart.find("text-anchor=\"end\" dx=\"-5\">on the left") != std::string::npos);
    CHECK(chart.find("dx=\"5\">last") != std::string::npos);
}

TEST_CASE("texts are escaped for the place where they stand") {
    CHECK(escaped("<a href=\"x\">'&") == "&lt;a href=&quot;x&quot;&gt;&#39;&amp;");
    CHECK(json_text("</script>\"\\") == "\"\\u003c/script>\\\"\\\\\"");
}

}  // namespace pvsplan::picture

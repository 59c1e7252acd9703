// Counts and orders of what happened, against what they mean, read off each pair of events: over random histories.
#include <catch2/catch.hpp>

#include <algorithm>
#include <limits>
#include <set>

#include "runtime/verify/requirements.hpp"
#include "tests/unit/checks/draws.hpp"

namespace pvsplan::verify {
namespace {

using namespace program;
using pvsplan::test::Draws;
using DemandForm = Demand::Form;
using Bound = Demand::Bound;
using Quantifier = Demand::Quantifier;

constexpr std::uint64_t never = std::numeric_limits<std::uint64_t>::max();

ExprPtr part_of_on(Expr::Op op, const char* name) {
    return std::make_shared<const Expr>(
        Expr{.op = op, .name = name, .args = {std::make_shared<const Expr>(Expr{.op = Expr::Op::local, .name = "s"})}});
}
ExprPtr is(ExprPtr left, const char* word) {
    return std::make_shared<const Expr>(
        Expr{.op = Expr::Op::equal, .args = {std::move(left), Expr::literal(Value::string(word))}});
}
const ExprPtr site = part_of_on(Expr::Op::attribute, "site");

// Four servers in two sites, one of which is of unknown state, and a console; of each the steps do `stop` and `start`.
Plan farm() {
    Plan plan;
    for (const char* name : {"a", "b", "c", "d", "x"}) {
        const bool is_console = *name == 'x';
        Object object{.id = std::string(is_console ? "console/" : "server/") + name,
                      .kind = is_console ? "console" : "server",
                      .name = name,
                      .attributes = {{"site", Value::string(*name < 'c' ? "east" : "west")}},
                      .state = {{"stream", Value::string(*name == 'b' ? "off" : "on")}}};
        if (*name == 'd') object.state.clear();
        plan.objects.push_back(std::move(object));
    }
    for (std::size_t i = 0; i < plan.objects.size(); ++i)
        for (const char* verb : {"stop", "start"})
            plan.graph.nodes.push_back({.id = std::string(verb) + std::to_string(i), .does = {{verb, ObjectId(i)}}});
    return plan;
}

EventDemand draw_side(Draws& draws, const char* verb) {
    EventDemand side{verb, "server", nullptr, nullptr};
    if (draws.chance(20)) side.where = is(site, draws.chance(50) ? "east" : "west");
    if (draws.chance(10)) side.where = is(part_of_on(Expr::Op::state, "stream"), "on");
    if (draws.chance(35)) side.per = site;
    return side;
}

Demand draw_demand(Draws& draws) {
    Demand demand{.form = draws.of<DemandForm>({DemandForm::never, DemandForm::count, DemandForm::before,
                                                DemandForm::before, DemandForm::then, DemandForm::then}),
                  .bound = draws.of<Bound>({Bound::exactly, Bound::at_most, Bound::at_least}),
                  .number = Expr::literal(Value::integer(draws.below(5))),
                  .left_quantifier = draws.of<Quantifier>({Quantifier::every, Quantifier::some}),
                  .right_quantifier = draws.of<Quantifier>({Quantifier::every, Quantifier::some}),
                  .left = draw_side(draws, "stop")};
    if (demand.form == DemandForm::then) demand.left_quantifier = Quantifier::every;
    if (demand.form == DemandForm::never) demand.left->per = nullptr;
    if (demand.form == DemandForm::before || demand.form == DemandForm::then) {
        demand.right = draw_side(draws, "start");
        demand.same_object = draws.chance(30);
    }
    return demand;
}

std::vector<Occurrence> draw_history(Draws& draws, std::size_t steps) {
    std::vector<Occurrence> all(steps);
    std::vector<std::uint64_t> numbers(2 * steps);
    for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = 2 * i + 2;
    for (std::size_t i = numbers.size(); i > 1; --i)
        std::swap(numbers[i - 1], numbers[draws.below(static_cast<std::uint32_t>(i))]);
    const std::uint32_t finish = draws.of<std::uint32_t>({60, 90, 100});
    for (std::size_t i = 0; i < steps; ++i) {
        if (draws.chance(10)) {
            all[i].is_skipped = true;
        } else if (draws.chance(finish)) {
            const auto [began, finished] = std::minmax(numbers[2 * i], numbers[2 * i + 1]);
            const bool is_redone = draws.chance(20);  // a later attempt did it, begun by a record of its own
            const auto later = 1 + 2 * draws.below(static_cast<std::uint32_t>(finished - began) / 2);
            const std::uint64_t since = began + (is_redone ? later : 0);
            all[i] = {.began = began, .done_after = since, .finished = draws.chance(finish) ? finished : 0};
        }
    }
    return all;
}

// ---- what the words mean ----

struct Happened {
    ObjectId object;
    std::uint64_t began;
    std::uint64_t done_after;
    std::uint64_t finished;
};

struct Meant {
    bool is_broken = false;
    std::set<std::uint64_t> records;  // by which it may be said to be broken
    bool is_open = false;

    void breaks(std::uint64_t record) {
        is_broken = true;
        records.insert(record);
    }
};

bool is_asked_of(const Plan& plan, const EventDemand& side, ObjectId object, Meant& meant) {
    if (plan.objects[object.index()].kind != side.kind) return false;
    if (!side.where) return true;
    const Value value = fixed_value(plan, *side.where, object);
    if (value.as_boolean() == nullptr) meant.is_open = true;
    return value.as_boolean() != nullptr && *value.as_boolean();
}

std::vector<Happened> events_of(const Plan& plan, const EventDemand& side, const std::vector<Occurrence>& history,
                                Meant& meant) {
    std::vector<Happened> all;
    for (std::size_t i = 0; i < history.size(); ++i) {
        const Event& event = plan.graph.nodes[i].does[0];
        if (history[i].is_skipped || event.verb != side.verb || !is_asked_of(plan, side, event.object, meant)) continue;
        const Occurrence& one = history[i];
        all.push_back({event.object, one.began ? one.began : never, one.began ? one.done_after : never,
                       one.finished ? one.finished : never});
    }
    return all;
}

std::string site_of(const Plan& plan, ObjectId object) {
    return *plan.objects[object.index()].attributes.at("site").as_string();
}

// Of which sites it is asked, each by itself; one that is empty where it is asked of all together.
std::set<std::string> sites_of(const Plan& plan, const std::vector<const EventDemand*>& sides, Meant& meant) {
    std::set<std::string> sites;
    for (const EventDemand* side : sides)
        for (std::size_t i = 0; side->per && i < plan.objects.size(); ++i)
            if (is_asked_of(plan, *side, ObjectId(i), meant)) sites.insert(site_of(plan, ObjectId(i)));
    return sites;
}

void count(const Plan& plan, const Demand& demand, const std::vector<Happened>& all, bool is_done, Meant& meant) {
    std::set<std::string> sites = sites_of(plan, {&*demand.left}, meant);
    if (!demand.left->per) sites = {""};
    const std::int64_t wanted = *demand.number->value.as_integer();
    for (const std::string& site_name : sites) {
        std::vector<std::uint64_t> begun;
        std::int64_t finished = 0;
        for (const Happened& one : all) {
            if (!site_name.empty() && site_of(plan, one.object) != site_name) continue;
            if (one.began != never) begun.push_back(one.began);
            finished += one.finished != never ? 1 : 0;
        }
        std::sort(begun.begin(), begun.end());
        if (demand.bound != Bound::at_least && static_cast<std::int64_t>(begun.size()) > wanted)
            meant.breaks(begun[static_cast<std::size_t>(wanted)]);
        if (demand.bound != Bound::at_most && is_done && finished < wanted) meant.breaks(0);
    }
}

// `left` is before, or is followed by, `right`.
void order(const Demand& demand, const std::vector<Happened>& left, const std::vector<Happened>& right, bool is_done,
           Meant& meant) {
    const bool every_left = demand.left_quantifier == Quantifier::every;
    const bool every_right = demand.right_quantifier == Quantifier::every;
    const auto follows = [](const Happened& b, const Happened& a) { return a.finished < b.began; };
    if (every_right) {  // each b that has begun came after it; with `then` it is asked in the end, and each has to come
        if (every_left && left.empty()) return;
        for (const Happened& b : right) {
            const auto before = [&](const Happened& a) { return follows(b, a); };
            const bool is_good = every_left ? std::all_of(left.begin(), left.end(), before)
                                            : std::any_of(left.begin(), left.end(), before);
            if (demand.form == DemandForm::before && b.began != never && !is_good) meant.breaks(b.began);
            if (demand.form == DemandForm::then && is_done && b.began != never && !is_good) meant.breaks(b.began);
            if (demand.form == DemandForm::then && is_done && b.finished == never) meant.breaks(0);
        }
    } else if (every_left && is_done) {  // each a has a b that came after it and was finished
        for (const Happened& a : left)
            if (std::none_of(right.begin(), right.end(),
                             [&](const Happened& b) { return b.finished != never && a.finished < b.done_after; }))
                meant.breaks(0);
    }
}

// Of `some` and `some` a pair is enough, of whichever object.
bool has_pair(const std::vector<Happened>& left, const std::vector<Happened>& right) {
    for (const Happened& a : left)
        for (const Happened& b : right)
            if (b.finished != never && a.finished < b.done_after) return true;
    return false;
}

Meant meaning(const Plan& plan, const Demand& demand, const std::vector<Occurrence>& history, bool is_done) {
    Meant meant;
    const std::vector<Happened> left = events_of(plan, *demand.left, history, meant);
    if (demand.form == DemandForm::never)
        for (const Happened& one : left)
            if (one.began != never) meant.breaks(one.began);
    if (demand.form == DemandForm::count) count(plan, demand, left, is_done, meant);
    if (!demand.right) return meant;
    const std::vector<Happened> right = events_of(plan, *demand.right, history, meant);
    // `every` of a value against a whole asks the same as of all values together.
    const auto is_keyed = [](const EventDemand& side, Quantifier quantifier, const EventDemand& other) {
        return side.per && (quantifier == Quantifier::some || other.per);
    };
    std::set<std::string> sites;
    if (is_keyed(*demand.left, demand.left_quantifier, *demand.right) ||
        is_keyed(*demand.right, demand.right_quantifier, *demand.left))
        sites = sites_of(plan, {&*demand.left, &*demand.right}, meant);
    if (sites.empty()) sites = {""};
    std::set<ObjectId> objects;
    for (const Happened& one : left) objects.insert(one.object);
    for (const Happened& one : right) objects.insert(one.object);
    if (!demand.same_object) objects = {ObjectId()};
    for (const std::string& of : sites) {
        bool is_asked = false;
        bool is_found = false;
        for (const ObjectId object : objects) {
            const auto part = [&](const EventDemand& side, const std::vector<Happened>& all) {
                std::vector<Happened> some;
                for (const Happened& one : all)
                    if ((!side.per || of.empty() || site_of(plan, one.object) == of) &&
                        (!object || one.object == object))
                        some.push_back(one);
                return some;
            };
            const auto a = part(*demand.left, left);
            const auto b = part(*demand.right, right);
            if (demand.left_quantifier == Quantifier::every || demand.right_quantifier == Quantifier::every) {
                order(demand, a, b, is_done, meant);
                continue;
            }
            is_asked = is_asked || !a.empty() || !b.empty();
            is_found = is_found || has_pair(a, b);
        }
        if (is_done && is_asked && !is_found) meant.breaks(0);
    }
    return meant;
}

}  // namespace

TEST_CASE("look back: counts and orders are what they mean, of any history") {
    const Plan plan = farm();
    Draws draws(7);
    std::size_t broken = 0;
    std::size_t open = 0;
    constexpr std::size_t histories = 10'000;
    for (std::size_t i = 0; i < histories; ++i) {
        const Demand demand = draw_demand(draws);
        const std::vector<Occurrence> history = draw_history(draws, plan.graph.nodes.size());
        const bool is_done = draws.chance(60);
        const Meant meant = meaning(plan, demand, history, is_done);
        const RequirementOutcome found = look_back(plan, demand, history, is_done);
        const RequirementOutcome::Compliance wanted = meant.is_broken ? RequirementOutcome::Compliance::broken
                                                      : meant.is_open ? RequirementOutcome::Compliance::not_told
                                                                      : RequirementOutcome::Compliance::kept;
        broken += meant.is_broken ? 1 : 0;
        open += wanted == RequirementOutcome::Compliance::not_told ? 1 : 0;
        std::string told = "the first of";
        for (const std::uint64_t record : meant.records) told += " " + std::to_string(record);
        INFO("history " << i << " of form " << int(demand.form) << " " << int(demand.left_quantifier) << " "
                        << int(demand.right_quantifier) << ", " << told << ": " << found.text);
        REQUIRE(found.compliance == wanted);
        if (!meant.is_broken) continue;
        CHECK(meant.records.contains(found.record));
        // The earliest record after which anybody could see it.
        if (!meant.records.contains(0)) CHECK(found.record == *meant.records.begin());
        CHECK_FALSE(found.text.empty());
    }
    CHECK(broken > histories / 5);
    CHECK(open > histories / 100);
}

TEST_CASE("look back: a number that is not known decides nothing") {
    const Plan plan = farm();
    const Demand demand{.form = DemandForm::count,
                        .number = std::make_shared<const Expr>(Expr{.op = Expr::Op::local}),
                        .left = EventDemand{"stop", "server", nullptr, nullptr}};
    CHECK(look_back(plan, demand, std::vector<Occurrence>(10), true).compliance ==
          RequirementOutcome::Compliance::not_told);
}

TEST_CASE("look back: that something comes before something is asked only where there is any of it") {
    const Plan plan = farm();
    const Demand demand{.form = DemandForm::before,
                        .left_quantifier = Quantifier::some,
                        .right_quantifier = Quantifier::some,
                        .left = EventDemand{"stop", "server", nullptr, nullptr},
                        .right = EventDemand{"start", "server", nullptr, nullptr}};
    const auto of = [&](const std::string& verb) {
        std::vector<Occurrence> history(plan.graph.nodes.size());
        for (std::size_t i = 0; i < history.size(); ++i)
            if (verb.empty() || plan.graph.nodes[i].does[0].verb != verb) history[i].is_skipped = true;
        return look_back(plan, demand, history, true).compliance;
    };
    CHECK(of("") == RequirementOutcome::Compliance::kept);
    CHECK(of("stop") == RequirementOutcome::Compliance::broken);
    CHECK(of("start") == RequirementOutcome::Compliance::broken);
}

}  // namespace pvsplan::verify

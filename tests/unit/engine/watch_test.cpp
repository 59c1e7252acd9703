// What states have to be at every moment, while something happens and in the end: over random journals, against what
// the words mean at each moment of them.
#include <catch2/catch.hpp>

#include <algorithm>
#include <set>

#include "runtime/journal/replay.hpp"
#include "tests/unit/checks/draws.hpp"
#include "tests/unit/engine/farm.hpp"

namespace pvsplan::engine::test {
namespace {

using journal::Record;
using pvsplan::test::Draws;
using RecordType = Record::Type;
using Bound = Demand::Bound;
using Quantifier = Demand::Quantifier;

constexpr std::size_t servers = 4;

// A step for each server, which stops it. Two sites; the last server is of unknown state.
Plan stops() {
    Plan plan = test::plan(servers);
    Graph graph;
    for (std::size_t i = 0; i < servers; ++i) {
        graph.nodes.push_back(plan.graph.nodes[2 * i]);
        graph.nodes[i].does = {{"stop", ObjectId(i)}};
        graph.nodes[i].retry.times = 1;
        plan.objects[i].attributes["site"] = Value::string(i < 2 ? "east" : "west");
    }
    plan.objects.back().state.clear();
    plan.graph = std::move(graph);
    return plan;
}

const ExprPtr site = program::make_expr({.op = Expr::Op::attribute, .name = "site", .args = {on_local()}});
ExprPtr in_site(const char* name) {
    return program::make_expr({.op = Expr::Op::equal, .args = {site, Expr::literal(Value::string(name))}});
}
// Whether it is stopped, or the first server is.
ExprPtr it_or_first_is_stopped() {
    const ExprPtr state = program::make_expr(
        {.op = Expr::Op::state, .name = "stream", .args = {Expr::literal(Value::object(ObjectId(0)))}});
    const ExprPtr first = program::make_expr({.op = Expr::Op::equal, .args = {state, word("stopped")}});
    return program::make_expr({.op = Expr::Op::logical_or, .args = {stream_is("stopped"), first}});
}

// A demand, and the same in a form that can be asked of each moment.
struct Asked {
    Demand demand;
    bool reads_first = false;
    std::string holds_if = "stopped";
    std::string where;       // a site, or empty: all
    std::string event_site;  // likewise of the event
};

Asked draw_demand(Draws& draws) {
    Asked asked;
    Demand& demand = asked.demand;
    demand.form = draws.of<Demand::Form>(
        {Demand::Form::always, Demand::Form::always, Demand::Form::during, Demand::Form::finally_});
    demand.bound = draws.of<Bound>({Bound::exactly, Bound::at_most, Bound::at_least});
    demand.number = Expr::literal(Value::integer(draws.below(servers + 1)));
    demand.right_quantifier = draws.of<Quantifier>({Quantifier::every, Quantifier::some});
    if (draws.chance(50)) asked.holds_if = "running";
    asked.reads_first = asked.holds_if == "stopped" && draws.chance(40);
    demand.state = {"server", asked.reads_first ? it_or_first_is_stopped() : stream_is(asked.holds_if.c_str()), nullptr,
                    "it(server)"};
    if (draws.chance(asked.reads_first ? 50 : 20))
        demand.state->where = in_site((asked.where = draws.chance(50) ? "east" : "west").c_str());
    if (demand.form == Demand::Form::always && draws.chance(40)) demand.per = site;
    if (demand.form == Demand::Form::during) {
        demand.left = EventDemand{"stop", "server", nullptr, nullptr};
        if (draws.chance(20)) demand.left->where = in_site((asked.event_site = "west").c_str());
        demand.same_object = draws.chance(40);
    }
    return asked;
}

// ---- a journal, and what may be at each moment of it ----

struct Moment {
    std::uint64_t record = 0;
    std::vector<std::set<std::string>> may_be;  // by server; `?`: not known
    std::vector<bool> is_under_way;
};

class WatchedStory {
  public:
    explicit WatchedStory(const Plan& plan) : plan_(&plan), run_(plan), before_(servers) {
        for (std::size_t i = 0; i < servers; ++i) now_.may_be.push_back({i + 1 < servers ? "running" : "?"});
        now_.is_under_way.assign(servers, false);
        moments.push_back(now_);
        add({.type = RecordType::began, .value = plan.digest});
    }

    void draw(Draws& draws) {
        const std::size_t i = draws.below(servers);
        Record record{.type = draws.of<RecordType>({RecordType::started, RecordType::started, RecordType::started,
                                                    RecordType::finished, RecordType::finished, RecordType::failed,
                                                    RecordType::unreached, RecordType::doubted, RecordType::reconciled,
                                                    RecordType::observed})};
        if (record.type != RecordType::observed) record.node = run_.execution.graph->nodes[i].id;
        record.attempt = run_.forward.nodes[i].attempt + (record.type == RecordType::started ? 1 : 0);
        if (record.type == RecordType::reconciled)
            record.value = draws.of<std::string>({"finished", "again", "begun", "untouched"});
        std::string seen;
        if (record.type == RecordType::finished || record.type == RecordType::observed || draws.chance(60)) {
            seen = record.type == RecordType::finished || draws.chance(50) ? "stopped" : "running";
            state::ObjectStates states;
            states[ObjectId(i)]["stream"] = Value::enumerator(seen);
            record.states = journal::encode_states(states, *plan_);
        }
        const bool had_begun = run_.forward.nodes[i].began;
        if (!had_begun &&
            (record.value == "finished" || record.value == "begun")) {  // by hand: before it, it was as known
            const auto known = run_.farm[i].find("stream");
            before_[i] = known == run_.farm[i].end() ? "" : *known->second.as_enumerator();
        }
        if (!add(record)) return;
        learn(record, i, had_begun, seen);
        moments.back() = now_;
    }
    void halt() { is_done = add({.type = RecordType::halted, .value = "done"}); }

    [[nodiscard]] verify::RequirementOutcome outcome() const {
        const verify::Report report = verify::verify(*plan_, row_of(*plan_, rows_, run_.halted), rows_);
        INFO(verify::first_fault(report));
        REQUIRE(report.damage.empty());
        return report.outcomes.at(0);
    }

    std::vector<Moment> moments;
    bool is_done = false;

  private:
    bool add(Record record) {
        ports::RecordRow row = journal::seal(run_, record);
        if (!journal::apply(run_, record)) return false;
        run_.last_hash = row.hash;
        rows_.push_back(std::move(row));
        now_.record = record.number;
        moments.push_back(now_);
        return true;
    }
    // From its start on it may be as it was, or as the step sets it, until somebody has looked.
    void learn(const Record& record, std::size_t i, bool had_begun, std::string seen) {
        std::set<std::string>& may_be = now_.may_be[i];
        if (record.type == RecordType::started) {
            if (!had_begun) before_[i] = seen;
            may_be.insert("stopped");
        } else if (record.type == RecordType::doubted) {
            if (!seen.empty()) may_be.insert(seen);  // its job may still run
        } else {
            const bool as_before = record.type == RecordType::unreached ||
                                   (record.type == RecordType::reconciled && record.value == "untouched");
            if (as_before && seen.empty()) seen = before_[i];
            if (!seen.empty()) may_be = {seen};
        }
        const state::Phase phase = run_.forward.nodes[i].phase;
        now_.is_under_way[i] = phase == state::Phase::started || phase == state::Phase::in_doubt;
    }

    const Plan* plan_;
    state::RunState run_;
    std::vector<ports::RecordRow> rows_;
    Moment now_;
    std::vector<std::string> before_;
};

// ---- what the words mean ----

std::string site_of(std::size_t server) { return server < 2 ? "east" : "west"; }

struct Truth {
    bool may_hold = false;
    bool may_fail = false;
    bool is_unknown = false;
};

Truth truth_of(const Asked& asked, const Moment& moment, std::size_t server) {
    Truth truth;
    for (const std::string& own : moment.may_be[server])
        for (const std::string& first : moment.may_be[0]) {
            if (server == 0 && own != first) continue;
            const bool holds = own == asked.holds_if || (asked.reads_first && first == "stopped");
            const bool fails = !holds && own != "?" && (!asked.reads_first || first != "?");
            (holds ? truth.may_hold : fails ? truth.may_fail : truth.is_unknown) = true;
        }
    return truth;
}

enum class Says { kept, not_told, broken };

// Whether so many more that hold, or that fail, than may.
Says bounded(const Demand& demand, std::int64_t size, std::int64_t lease, std::int64_t fail, std::int64_t hold_perhaps,
             std::int64_t fail_perhaps) {
    const std::int64_t n = *demand.number->value.as_integer();
    const auto is_good = [&](std::int64_t held, std::int64_t failed) {
        if (demand.bound != Bound::at_least && held > n) return false;
        return demand.bound == Bound::at_most || size - failed >= n;
    };
    return !is_good(lease, fail) ? Says::broken : !is_good(hold_perhaps, fail_perhaps) ? Says::not_told : Says::kept;
}

Says always(const Asked& asked, const Moment& moment) {
    Says worst = Says::kept;
    for (const char* of : {"east", "west"}) {
        std::int64_t size = 0, lease = 0, fail = 0, hold_perhaps = 0, fail_perhaps = 0;
        for (std::size_t i = 0; i < servers; ++i) {
            if (!asked.where.empty() && site_of(i) != asked.where) continue;
            if (asked.demand.per && site_of(i) != of) continue;
            const Truth truth = truth_of(asked, moment, i);
            ++size;
            lease += truth.may_hold ? 1 : 0;
            fail += truth.may_fail ? 1 : 0;
            hold_perhaps += truth.may_hold || truth.is_unknown ? 1 : 0;
            fail_perhaps += truth.may_fail || truth.is_unknown ? 1 : 0;
        }
        if (asked.demand.per && size == 0) continue;  // a site of which it is not asked
        worst = std::max(worst, bounded(asked.demand, size, lease, fail, hold_perhaps, fail_perhaps));
    }
    return worst;
}

// Every one holds for sure, or one of them does.
Says quantified(const Asked& asked, const Moment& moment, bool has_one) {
    std::size_t size = 0, fail = 0, unknown = 0;
    for (std::size_t i = 0; i < servers; ++i) {
        if (!asked.where.empty() && site_of(i) != asked.where) continue;
        const Truth truth = truth_of(asked, moment, i);
        ++size;
        fail += truth.may_fail ? 1 : 0;
        unknown += truth.is_unknown && !truth.may_fail ? 1 : 0;
    }
    const std::size_t allowed = has_one ? size - 1 : 0;
    return fail > allowed ? Says::broken : fail + unknown > allowed ? Says::not_told : Says::kept;
}

Says during(const Asked& asked, const Moment& moment) {
    Says worst = Says::kept;
    for (std::size_t i = 0; i < servers; ++i) {
        if (!moment.is_under_way[i] || (!asked.event_site.empty() && site_of(i) != asked.event_site)) continue;
        if (!asked.demand.same_object) {
            worst = std::max(worst, quantified(asked, moment, asked.demand.right_quantifier == Quantifier::some));
        } else if (asked.where.empty() || site_of(i) == asked.where) {
            const Truth truth = truth_of(asked, moment, i);
            worst = std::max(worst, truth.may_fail ? Says::broken : truth.is_unknown ? Says::not_told : Says::kept);
        }
    }
    return worst;
}

}  // namespace

TEST_CASE("watch: what states have to be is held against every moment of a journal") {
    Draws draws(11);
    std::size_t seen[3] = {0, 0, 0};
    constexpr std::size_t journals = 500;
    for (std::size_t n = 0; n < journals; ++n) {
        const Asked asked = draw_demand(draws);
        Plan plan = stops();
        plan.requirements = {{.name = "r", .demand = asked.demand}};
        plan.digest = "sha256:1";
        WatchedStory story(plan);
        for (std::uint32_t i = draws.below(25); i > 0; --i) story.draw(draws);
        if (draws.chance(50)) story.halt();
        Says wanted = Says::kept;
        std::uint64_t record = 0;
        const auto says = [&](Says now, std::uint64_t at) {
            if (now == Says::broken && wanted != Says::broken) record = at;
            wanted = std::max(wanted, now);
        };
        if (asked.demand.form == Demand::Form::finally_) {
            if (story.is_done)
                says(quantified(asked, story.moments.back(), asked.demand.right_quantifier == Quantifier::some), 0);
        } else {
            for (const Moment& moment : story.moments)
                says(asked.demand.form == Demand::Form::always ? always(asked, moment) : during(asked, moment),
                     moment.record);
        }
        const verify::RequirementOutcome found = story.outcome();
        INFO("journal " << n << ": form " << int(asked.demand.form) << " " << found.text << " at " << found.record
                        << ", wanted at " << record);
        ++seen[static_cast<std::size_t>(wanted)];
        REQUIRE(found.compliance == (wanted == Says::kept       ? verify::RequirementOutcome::Compliance::kept
                                     : wanted == Says::not_told ? verify::RequirementOutcome::Compliance::not_told
                                                                : verify::RequirementOutcome::Compliance::broken));
        if (wanted == Says::broken) CHECK(found.record == record);
    }
    for (const std::size_t times : seen) CHECK(times > journals / 20);
}

TEST_CASE("watch: more ways than can be tried are not taken for kept") {
    Plan plan = test::plan(9);
    ExprPtr all;
    for (std::uint32_t i = 0; i < 9; ++i) {
        const ExprPtr state = program::make_expr(
            {.op = Expr::Op::state, .name = "stream", .args = {Expr::literal(Value::object(ObjectId(i)))}});
        const ExprPtr one = program::make_expr({.op = Expr::Op::equal, .args = {state, word("stopped")}});
        all = all ? program::make_expr({.op = Expr::Op::logical_and, .args = {all, one}}) : one;
    }
    plan.requirements = {{.name = "r",
                          .demand = Demand{.form = Demand::Form::always,
                                           .bound = Bound::at_most,
                                           .number = Expr::literal(Value::integer(0)),
                                           .state = StateDemand{"server", all, nullptr, "all(server)"}}}};
    plan.digest = "sha256:1";
    state::RunState run(plan);
    std::vector<ports::RecordRow> rows;
    const auto add = [&](Record record) {
        rows.push_back(journal::seal(run, record));
        REQUIRE(journal::apply(run, record).ok());
        run.last_hash = rows.back().hash;
        return verify::verify(plan, row_of(plan, rows), rows).outcomes.at(0).compliance;
    };
    add({.type = RecordType::began, .value = plan.digest});
    for (std::uint32_t i = 0; i < 8; ++i)
        CHECK(add({.type = RecordType::started, .node = plan.graph.nodes[2 * i].id, .attempt = 1}) ==
              verify::RequirementOutcome::Compliance::kept);
    CHECK(add({.type = RecordType::started, .node = plan.graph.nodes[16].id, .attempt = 1}) ==
          verify::RequirementOutcome::Compliance::not_told);
}

TEST_CASE("watch: a finding names the objects that it is about, and no others") {
    const auto text_of = [](Bound bound, std::int64_t number, std::uint32_t stopped) {
        Plan plan = stops();
        plan.objects.back().state["stream"] = Value::enumerator("running");
        plan.requirements = {{.name = "r",
                              .demand = Demand{.form = Demand::Form::always,
                                               .bound = bound,
                                               .number = Expr::literal(Value::integer(number)),
                                               .state = StateDemand{"server", stream_is("stopped"), nullptr, "down"},
                                               .per = site}}};
        for (std::uint32_t i = 0; i < servers; ++i)
            if ((stopped >> i & 1U) != 0) plan.objects[i].state["stream"] = Value::enumerator("stopped");
        plan.digest = "sha256:1";
        return WatchedStory(plan).outcome().text;
    };
    CHECK(text_of(Bound::at_most, 0, 0b1000) == "1 down at one moment, 0 allowed: server/s3");
    CHECK(text_of(Bound::at_most, 1, 0b0011) == "2 down at one moment, 1 allowed: server/s0, server/s1");
    CHECK(text_of(Bound::exactly, 1, 0b0111) == "2 down at one moment, 1 allowed: server/s0, server/s1");
    CHECK(text_of(Bound::exactly, 1, 0b1000) ==
          "0 down left at one moment, 1 required; otherwise were server/s0, server/s1");
    CHECK(text_of(Bound::at_least, 1, 0b0011) ==
          "0 down left at one moment, 1 required; otherwise were server/s2, server/s3");
    CHECK(text_of(Bound::at_least, 2, 0b0111) == "1 down left at one moment, 2 required; otherwise were server/s3");
}

}  // namespace pvsplan::engine::test

// Journals that no run may have written, and plans to hold them against.
#pragma once

#include "runtime/journal/replay.hpp"
#include "tests/unit/engine/farm.hpp"

namespace pvsplan::engine::test {

using journal::Record;
using RecordType = Record::Type;

// A journal that is whole, whatever it says.
class Forged {
  public:
    explicit Forged(const program::Plan& plan) : plan_(&plan), run_(plan) {
        add({.type = RecordType::began, .value = plan.digest, .by = "anna"});
    }
    Forged(const Forged& other) : plan_(other.plan_), run_(*other.plan_) {
        for (const Record& record : other.records_) add(record);
    }
    Forged& operator=(const Forged&) = delete;
    Forged& add(Record record) {
        ports::RecordRow row = journal::seal(run_, record);
        records_.push_back(record);
        const base::Status applied = journal::apply(run_, record);
        INFO((applied.ok() ? "" : applied.error().text()));
        REQUIRE(applied.ok());
        run_.last_hash = row.hash;
        rows_.push_back(std::move(row));
        return *this;
    }
    Forged& start(const std::string& node, std::uint32_t attempt = 1) {
        return add({.type = RecordType::started, .node = node, .attempt = attempt});
    }
    Forged& finish(const std::string& node) {
        const auto id = run_.now().by_path.at(node);
        state::ObjectStates states;
        for (const program::Setting& set : run_.now().node(id).sets)
            states[set.object][set.attribute] = set.value->value;
        return add({.type = RecordType::finished,
                    .node = node,
                    .attempt = 1,
                    .states = journal::encode_states(states, *plan_)});
    }
    Forged& fail(const std::string& node) {
        return add({.type = RecordType::failed, .node = node, .attempt = 1, .exit_status = 1});
    }
    Forged& all(const std::string& node) { return start(node).finish(node); }
    Forged& halt(const std::string& outcome) { return add({.type = RecordType::halted, .value = outcome}); }

    [[nodiscard]] verify::Report report() const {
        return verify::verify(*plan_, row_of(*plan_, rows_, run_.halted), rows_);
    }
    [[nodiscard]] std::string fault() const { return verify::first_fault(report()); }

  private:
    const program::Plan* plan_;
    state::RunState run_;
    std::vector<Record> records_;
    std::vector<ports::RecordRow> rows_;
};

inline ExprPtr number(std::int64_t n) { return Expr::literal(Value::integer(n)); }

inline program::Plan chain(std::size_t servers) {
    program::Plan plan = test::plan(servers);
    for (std::uint32_t i = 0; i < 2 * servers; ++i)
        plan.graph.nodes[i].does = {{i % 2 == 0 ? "stop" : "start", plan.graph.nodes[i].on}};
    plan.graph.edges.clear();
    for (std::uint32_t i = 0; i + 1 < 2 * servers; ++i)
        plan.graph.edges.push_back({.from = NodeId(i), .to = NodeId(i + 1)});
    seal(plan);
    return plan;
}

inline program::Plan in_iterations() {
    program::Plan plan = chain(3);
    for (std::uint32_t i = 0; i < 3; ++i) {
        plan.instances.push_back({.path = "all[s" + std::to_string(i) + "]", .loop = "all", .max_failures = 1});
        plan.graph.nodes[2 * i].instance = plan.graph.nodes[2 * i + 1].instance = InstanceId(i);
    }
    seal(plan);
    return plan;
}

inline Demand about_stopped(Demand::Form is, Demand::Bound bound, std::int64_t n) {
    return {.form = is,
            .bound = bound,
            .number = number(n),
            .state = StateDemand{"server", stream_is("stopped"), nullptr, "down(server)"}};
}
inline EventDemand of(const char* verb) { return {verb, "server", nullptr, nullptr}; }

inline program::Plan asking(Demand demand) {
    program::Plan plan = test::plan(2);  // concurrently
    for (std::uint32_t i = 0; i < 4; ++i)
        plan.graph.nodes[i].does = {{i % 2 == 0 ? "stop" : "start", plan.graph.nodes[i].on}};
    plan.requirements = {{.name = "r", .demand = std::move(demand)}};
    seal(plan);
    return plan;
}

}  // namespace pvsplan::engine::test

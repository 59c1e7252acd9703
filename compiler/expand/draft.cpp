#include "compiler/expand/draft.hpp"

#include <algorithm>

#include "compiler/expand/codes.hpp"
#include "compiler/expand/expand.hpp"

namespace pvsplan::expand {

// Twice as many scopes as nodes: a loop that is skipped everywhere makes scopes alone, and has to end too.
std::uint32_t Draft::scope(Scope scope) {
    out_.scopes.push_back(scope);
    if (out_.scopes.size() > 2 * max_nodes) grown_too_large();
    return static_cast<std::uint32_t>(out_.scopes.size() - 1);
}

// Terms are shared by neighbours, which mostly have the same.
std::uint32_t Draft::node(Node node, const Terms& terms) {
    if (out_.terms.empty() || out_.terms.back() != terms) out_.terms.push_back(terms);
    node.terms = static_cast<std::uint32_t>(out_.terms.size() - 1);
    out_.nodes.push_back(node);
    if (out_.nodes.size() > max_nodes) grown_too_large();
    return count() - 1;
}

// Nodes stand in the order of the walk, so that what comes behind is what was made since.
bool Draft::has_work_after(std::uint32_t node) const {
    return std::any_of(out_.nodes.begin() + node + 1, out_.nodes.end(),
                       [](const Node& one) { return one.type != program::Node::Type::join; });
}

// Rows are found by the hash of their values and compared in full: steps of a loop mostly share theirs.
std::uint32_t Draft::frame(const std::vector<Value>& arguments) {
    std::size_t hash = arguments.size();
    for (const Value& value : arguments) hash = hash * 1099511628211U ^ value.hash();
    const auto [begin, end] = frames_.equal_range(hash);
    for (auto it = begin; it != end; ++it) {
        const std::span<const Value> row = out_.frames[it->second];
        if (std::equal(row.begin(), row.end(), arguments.begin(), arguments.end())) return it->second;
    }
    const auto row = static_cast<std::uint32_t>(out_.frames.size());
    out_.frames.items.insert(out_.frames.items.end(), arguments.begin(), arguments.end());
    out_.frames.starts.push_back(static_cast<std::uint32_t>(out_.frames.items.size()));
    frames_.emplace(hash, row);
    return row;
}

// A file has at most 4 GiB and a reason a byte, so that place and reason are one key of 64 bits.
std::uint32_t Draft::origin(program::Edge::Because because, base::Span span) {
    const std::uint64_t key = (static_cast<std::uint64_t>(span.file.value & 0xffffffU) << 40U) ^
                              (static_cast<std::uint64_t>(span.begin) << 8U) ^ static_cast<std::uint64_t>(because);
    const auto [found, is_new] = origins_.try_emplace(key, static_cast<std::uint32_t>(out_.origins.size()));
    if (is_new) out_.origins.push_back({because, span});
    return found->second;
}

// An object is its own number; any other value gets a row, marked by the highest bit.
std::uint32_t Draft::element(const Value& value) {
    if (const ObjectId* object = value.as_object()) return object->value;
    out_.values.push_back(value);
    return Scope::is_value | static_cast<std::uint32_t>(out_.values.size() - 1);
}

void Draft::link(std::uint32_t from, const std::vector<std::uint32_t>& to, std::uint32_t origin) {
    for (const std::uint32_t node : to) out_.edges.push_back({from, node, origin});
    if (out_.edges.size() > max_edges) grown_too_large();
}

// A join costs a node and saves edges: between n ends and m entries it takes n + m of them, not n × m.
std::uint32_t Draft::joined(std::vector<std::uint32_t> ends, std::uint32_t scope, const Terms& terms, base::Span span) {
    std::sort(ends.begin(), ends.end());
    ends.erase(std::unique(ends.begin(), ends.end()), ends.end());
    if (ends.empty()) return none;
    if (ends.size() == 1) return ends[0];
    const std::uint32_t join = node({.type = program::Node::Type::join, .scope = scope}, terms);
    const std::uint32_t why = origin(program::Edge::Because::sequence, span);
    for (const std::uint32_t end : ends) out_.edges.push_back({end, join, why});
    return join;
}

// Reports it once, with the step at which the bound was exceeded.
void Draft::grown_too_large() {
    if (stopped_) return;
    stopped_ = true;
    const resolve::Step* step = out_.scopes.back().step;
    sink_.report(too_many_nodes, plan_, max_nodes)
        .related(step ? step->head : base::Span{}, "it was here when that became plain")
        .hint(
            "a procedure that calls another one several times doubles with every level, a `for_each` in a "
            "`for_each` multiplies");
}

// The texts that cost most, the costliest first: that is where a person can save.
diag::Reported report_costs(const program::Budget& budget, base::Span otherwise, diag::Sink& sink) {
    static constexpr std::size_t max_named = 4;
    const std::vector<program::Budget::Cost> costs = budget.costs();
    const auto share = [](const program::Budget::Cost& cost) {
        return "this takes " + std::to_string(100 * cost.charged / program::Budget::max_charge) + " % of it";
    };
    auto reported = sink.report(too_much_work, costs.empty() ? otherwise : costs[0].place, program::Budget::max_charge);
    if (costs.size() > 1) reported.label(share(costs[0]));
    for (std::size_t i = 1; i < std::min(max_named, costs.size()); ++i)
        reported.related(costs[i].place, share(costs[i]));
    return reported;
}

}  // namespace pvsplan::expand

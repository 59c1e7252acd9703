#include "compiler/compilation.hpp"

#include "compiler/assemble.hpp"
#include "compiler/base/check.hpp"
#include "compiler/program/codec.hpp"

namespace pvsplan::compiler {

const graph::Facts& Compilation::facts() const {
    static const graph::Facts none;
    return stages ? stages->facts : none;
}

diag::Texts texts_of(const Compilation& compilation, std::string prefix) {
    std::span<const base::Span> secrets;
    if (compilation.model) secrets = compilation.model->literal_secrets;
    return {*compilation.sources, secrets, std::move(prefix)};
}

const expand::Origin& origin_of(const Compilation& compilation, std::uint32_t edge) {
    return compilation.stages->expansion.origins[compilation.stages->order.origin[edge]];
}

std::string_view edge_text(const Compilation& compilation, std::uint32_t edge) {
    switch (origin_of(compilation, edge).because) {
        case program::Edge::Because::sequence: return "sequence";
        case program::Edge::Because::after: return "after";
        case program::Edge::Because::at_most: return "at_most";
        case program::Edge::Because::data: return "data";
    }
    return "";
}

bool is_join(const Compilation& compilation, graph::Index node) {
    const Stages& stages = *compilation.stages;
    return stages.expansion.nodes[stages.order.node[node]].type == program::Node::Type::join;
}

namespace {

// A state before the run that is not known now is not known later either, so nothing about it can be decided: the
// requirement stays a text.
bool asks_what_is_not_known(const program::Demand& demand) {
    bool found = false;
    const auto look = [&](const program::ExprPtr& expr) {
        if (expr)
            program::for_each_part(*expr,
                                   [&](const program::Expr& part) { found = found || part.value.has_unknown(); });
    };
    for (const auto* side : {&demand.left, &demand.right})
        if (*side) look((*side)->where);
    if (demand.state) look(demand.state->where);
    return found;
}

// A plan with errors is made as well, to be looked at. Only of one that compiled is it a bug if putting it together
// finds anything.
program::Plan unsealed_program_of(const Compilation& compilation, link::Effects effects) {
    base::check(compilation.has_graph, "only a plan that has an order becomes a program");
    const Stages& stages = *compilation.stages;
    diag::Sink none;
    program::Plan plan = assemble(*compilation.model,
                                  {stages.expansion, stages.order.node, stages.facts.predecessors, stages.order.origin},
                                  *compilation.sources, effects, none);
    base::check(!compilation.ok() || !none.has_errors(), "a plan that compiled can be assembled");
    plan.requirements = compilation.requirements;
    for (std::size_t i = 0; i < compilation.decisions.size(); ++i)
        plan.requirements[i].verdict = checks::name_of(compilation.decisions[i].verdict);
    for (program::Requirement& requirement : plan.requirements)
        if (asks_what_is_not_known(requirement.demand)) requirement.demand = {};
    plan.inputs = compilation.inputs;
    return plan;
}

}  // namespace

program::Plan program_to_compare(const Compilation& compilation) {
    return unsealed_program_of(compilation, link::Effects::left_out);
}

program::Plan program_of(const Compilation& compilation) {
    program::Plan plan = unsealed_program_of(compilation, link::Effects::said);
    program::seal(plan);
    return plan;
}

}  // namespace pvsplan::compiler

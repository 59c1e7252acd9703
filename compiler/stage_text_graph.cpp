// The stages that know instances: the expansion, its order, and the facts about its nodes.
#include "compiler/base/lists.hpp"
#include "compiler/expand/expansion.hpp"
#include "compiler/stage_printer.hpp"

namespace pvsplan::compiler {
namespace {

std::string_view name_of(program::Node::Type type) {
    switch (type) {
        case program::Node::Type::action: return "action";
        case program::Node::Type::approval: return "approval";
        case program::Node::Type::join: return "join";
    }
    return "";
}

std::string values_text(std::span<const program::Value> values, const program::ObjectNames& names) {
    std::string text;
    for (const program::Value& value : values) base::append(text, ", ", program::to_text(value, names));
    return text;
}

}  // namespace

// Instances in the order in which they were made, then the conditions that they lie in.
std::string expansion_text(const Compilation& c) {
    StagePrinter out(c);
    const expand::Expansion& expansion = c.stages->expansion;
    const expand::FarmNames names(*c.model);
    for (std::uint32_t i = 0; i < expansion.nodes.size(); ++i) {
        const expand::Node& node = expansion.nodes[i];
        std::string line =
            std::to_string(i) + " " + expansion.path(i, *c.model) + ": " + std::string(name_of(node.type));
        if (node.type == program::Node::Type::action) {
            const resolve::Step& step = *expansion.scopes[node.scope].step;
            line += " " + c.model->actions[step.action.index()].compiled.name;
            if (node.on) line += " on " + names.id_text(node.on);
            if (!expansion.frames[node.content].empty())
                line += " with " + values_text(expansion.frames[node.content], names);
        }
        const expand::Terms& terms = expansion.terms[node.terms];
        if (terms.guard != expand::none) line += " if guard " + std::to_string(terms.guard);
        out.line(0, line);
    }
    for (std::size_t i = 0; i < expansion.guards.size(); ++i) {
        const expand::Guard& guard = expansion.guards[i];
        out.line(0, "guard " + std::to_string(i) + ": " + (guard.value ? "" : "not ") +
                        program::to_text(*guard.condition, names) +
                        (guard.parent == expand::none ? "" : ", inside of guard " + std::to_string(guard.parent)) +
                        " " + out.place(guard.span));
    }
    for (const expand::RecoverBlock& one : expansion.recoveries)
        out.line(0, "recover " + std::to_string(one.first_node) + " to " + std::to_string(one.end_node) + " " +
                        out.place(one.span));
    return out.take();
}

// Each node with the nodes that it waits for, and why.
std::string order_text(const Compilation& c) {
    StagePrinter out(c);
    const graph::Facts& facts = c.facts();
    for (graph::Index node = 0; node < facts.size(); ++node) {
        out.line(0, std::to_string(node) + " " + facts.path(node));
        for (std::uint32_t edge = facts.predecessors.starts[node]; edge < facts.predecessors.starts[node + 1]; ++edge)
            out.line(1, "after " + std::to_string(facts.predecessors.items[edge]) + " " +
                            std::string(edge_text(c, edge)) + " " + out.place(origin_of(c, edge).span));
    }
    return out.take();
}

// What the proofs know of each node: nothing else enters them.
std::string facts_text(const Compilation& c) {
    StagePrinter out(c);
    const graph::Facts& facts = c.facts();
    const expand::FarmNames names(*c.model);
    const auto variable_text = [&](graph::StateVariable variable) {
        return facts.object_name(facts.variable_object[variable]) + "." +
               facts.state_names[facts.variable_attribute[variable]];
    };
    const auto value_text = [&](graph::ValueIndex value) {
        const program::Value& its = facts.values[value];
        const auto* unknown = its.as_unknown();
        return unknown ? facts.unknown_text(*unknown) : program::to_text(its, names);
    };
    for (graph::StateVariable i = 0; i < facts.initial.size(); ++i)
        out.line(0, "at first " + variable_text(i) + " = " + value_text(facts.initial[i]));
    for (graph::Index node = 0; node < facts.size(); ++node) {
        out.line(0, std::to_string(node) + " " + facts.path(node));
        if (facts.guard[node] != graph::no_guard) out.line(1, "if guard " + std::to_string(facts.guard[node]));
        if (const auto wanted = facts.requires_of(node))
            out.line(1, "requires " + program::to_text(*wanted->condition, names));
        for (const graph::EventFact& event : facts.events[node])
            out.line(1, facts.verbs[event.verb] + "(" + facts.object_name(event.object) + ")");
        for (const graph::SetFact& set : facts.sets[node])
            out.line(1, variable_text(set.variable) + " = " + value_text(set.value));
    }
    for (std::size_t i = 0; i < facts.guards.size(); ++i)
        out.line(0, "guard " + std::to_string(i) + ": " + facts.guards[i].text);
    return out.take();
}

}  // namespace pvsplan::compiler

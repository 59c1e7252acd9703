#include "compiler/graph/vocabulary.hpp"

#include "compiler/graph/build.hpp"

namespace pvsplan::graph {
namespace {

void add_calls(const resolve::Block& block, const resolve::Model& model, Vocabulary::Names& names) {
    for (const resolve::Step& step : block.steps) switch (step.type) {
            case resolve::Step::Type::action: names.insert(model.actions[step.action.index()].compiled.name); break;
            case resolve::Step::Type::procedure: names.insert(model.procedures[step.procedure.index()].name); break;
            case resolve::Step::Type::group: add_calls(step.block, model, names); break;
            case resolve::Step::Type::approval:
            case resolve::Step::Type::error: break;
        }
}

}  // namespace

Vocabulary vocabulary(const resolve::Model& model) {
    Vocabulary found;
    for (const resolve::Procedure& procedure : model.procedures)
        add_calls(procedure.block, model, found.procedures.emplace_back(procedure.name).calls);
    for (const resolve::Action& action : model.actions)
        add_calls(action.undo.steps, model, found.undo_calls.emplace_back());
    for (std::size_t i = 0; i < model.parameters.size(); ++i)
        found.parameters.push_back({model.parameters[i].name, model.arguments[i]});
    return found;
}

}  // namespace pvsplan::graph

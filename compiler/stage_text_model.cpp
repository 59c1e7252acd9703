// The stages that know names: the model, and where each name was defined.
#include <algorithm>

#include "compiler/base/counted.hpp"
#include "compiler/expand/expansion.hpp"
#include "compiler/stage_printer.hpp"

namespace pvsplan::compiler {
namespace {

using program::ExprPtr;
using program::Value;
using resolve::Model;
using resolve::Step;

// What names have come to mean. Texts of expressions are those of findings, by the names of the farm.
class ModelPrinter {
  public:
    ModelPrinter(const Model& model, StagePrinter& out) : model_(model), out_(out), names_(model) {}

    void print() {
        for (const resolve::Kind& kind : model_.kinds) print(kind);
        for (const resolve::Predicate& one : model_.predicates)
            out_.line(0, "predicate " + one.name + " of " + kind(one.kind) + ": " + text(one.condition));
        for (const resolve::Action& one : model_.actions) print(one);
        for (const resolve::Procedure& one : model_.procedures) {
            out_.line(0, "procedure " + one.name + (one.on ? " on " + kind(one.on) : ""));
            parameters(one.parameters);
            block(1, "steps", one.block);
            if (one.recover) block(1, "recover", *one.recover);
        }
        farm();
        out_.line(0, "plan " + model_.plan);
        for (std::size_t i = 0; i < model_.parameters.size(); ++i)
            out_.line(1, "parameter " + model_.parameters[i].name + ": " + program::to_text(model_.parameters[i].type) +
                             (i < model_.arguments.size() ? " = " + text(model_.arguments[i]) : ""));
        block(1, "steps", model_.block);
        if (model_.recover) block(1, "recover", *model_.recover);
        for (const program::Requirement& one : model_.requirements)
            out_.line(0, "requirement " + one.name + ": " + one.require +
                             (one.demand.form == program::Demand::Form::error ? " (error)" : ""));
    }

  private:
    [[nodiscard]] std::string text(const ExprPtr& expr) const {
        return expr ? program::to_text(*expr, names_) : "(none)";
    }
    [[nodiscard]] std::string text(const Value& value) const { return program::to_text(value, names_); }
    [[nodiscard]] std::string kind(resolve::KindId id) const {
        return id ? model_.kinds[id.index()].name : std::string("(none)");
    }

    void print(const resolve::Kind& kind) {
        out_.line(0, "kind " + kind.name + ", plural " + kind.plural + ", of " + kind.module + ", " +
                         base::counted(kind.objects.size(), "object"));
        const auto attributes = [&](const char* what, const std::vector<resolve::Attribute>& all) {
            for (const resolve::Attribute& one : all)
                out_.line(1, std::string(what) + " " + one.name + ": " + program::to_text(one.type) +
                                 (one.default_value ? " = " + text(*one.default_value) : ""));
        };
        attributes("attribute", kind.attributes);
        attributes("state", kind.state);
    }
    void parameters(const std::vector<resolve::Parameter>& all) {
        for (const resolve::Parameter& one : all)
            out_.line(1, "parameter " + one.name + ": " + program::to_text(one.type) +
                             (one.default_value ? " = " + text(*one.default_value) : ""));
    }
    void print(const resolve::Action& action) {
        out_.line(0, "action " + action.compiled.name + (action.on ? " on " + kind(action.on) : ""));
        parameters(action.parameters);
        if (action.compiled.precondition) out_.line(1, "requires " + text(action.compiled.precondition));
        for (const auto& event : action.compiled.does)
            out_.line(1, "does " + event.verb + "(" + text(event.object) + ")");
        for (const auto& set : action.compiled.sets)
            out_.line(1, "sets " + text(set.object) + "." + set.attribute + " = " + text(set.value));
        for (const auto& [name, value] : action.compiled.outputs) out_.line(1, "output " + name + " = " + text(value));
        switch (action.undo.type) {
            case program::Undo::Type::steps: block(1, "undo", action.undo.steps); break;
            case program::Undo::Type::nothing: out_.line(1, "undo: nothing"); break;
            case program::Undo::Type::impossible: out_.line(1, "undo: impossible"); break;
        }
    }
    // Attributes without a value are left out: each object is one line.
    void farm() {
        out_.line(0, "farm " + model_.farm.name);
        for (const auto& [name, source] : model_.farm.secrets)
            out_.line(1, "secret " + name + (source.empty() ? "" : " from " + source.front()));
        for (const resolve::Object& object : model_.farm.objects) {
            const resolve::Kind& its = model_.kinds[object.kind.index()];
            std::string line = its.name + "/" + object.name;
            const auto add = [&](const std::vector<resolve::Attribute>& all, std::span<const Value> values) {
                for (std::size_t i = 0; i < all.size(); ++i)
                    if (!values[i].is_none()) line += " " + all[i].name + "=" + text(values[i]);
            };
            add(its.attributes, model_.attributes_of(object));
            add(its.state, model_.state_of(object));
            const resolve::Connect& connect = model_.farm.connects[object.connect];
            line += " over " + std::string(connect.transport ? connect.transport->name : "simulated");
            out_.line(1, line);
        }
    }
    void block(std::size_t depth, const char* what, const resolve::Block& block_) {
        out_.line(depth, std::string(what) + (block_.is_ordered ? "" : ", in any order"));
        for (const Step& step : block_.steps) print(depth + 1, step);
    }
    // A step that it waits for is `up:index`: so many blocks further out, and its number there.
    void print(std::size_t depth, const Step& step) {
        static constexpr std::string_view types[] = {"error", "action", "procedure", "group", "approval"};
        std::string line = step.id + ": " + std::string(types[static_cast<std::size_t>(step.type)]);
        if (step.action) line += " " + model_.actions[step.action.index()].compiled.name;
        if (step.procedure) line += " " + model_.procedures[step.procedure.index()].name;
        if (step.on) line += " on " + text(step.on);
        if (step.for_each) line += " for each of " + text(step.for_each->list);
        if (step.for_each && step.for_each->at_most) line += " at most " + text(step.for_each->at_most);
        if (step.for_each && step.for_each->at_most_per) line += " per " + text(step.for_each->at_most_per);
        if (step.when) line += " when " + text(step.when);
        if (step.approve) line += " asks " + text(step.approve->text);
        const auto waits = [&](const char* word, const std::vector<resolve::StepRef>& all) {
            for (const resolve::StepRef& ref : all)
                line += std::string(" ") + word + " " + std::to_string(ref.up) + ":" + std::to_string(ref.index);
        };
        waits("after", step.after);
        waits("reads", step.reads);
        out_.line(depth, line + " " + out_.place(step.head));
        for (const ExprPtr& argument : step.with) out_.line(depth + 1, "with " + text(argument));
        if (!step.block.steps.empty()) block(depth + 1, "steps", step.block);
        if (step.recover) block(depth + 1, "recover", *step.recover);
    }

    const Model& model_;
    StagePrinter& out_;
    expand::FarmNames names_;
};

}  // namespace

std::string model_text(const Compilation& c) {
    StagePrinter out(c);
    ModelPrinter(*c.model, out).print();
    return out.take();
}

// Uses are collected for editors only.
std::string uses_text(const Compilation& c) {
    StagePrinter out(c);
    if (!c.model->uses) return "not made: nobody asked for it\n";
    for (const resolve::Use& use : c.model->uses->all())
        out.line(0, out.place(use.place) + " " + std::string(name_of(use.of)) + " " + out.quoted(use.place) +
                        " is at " + out.place(use.definition) +
                        (use.by == resolve::Use::By::name ? "" : " (" + std::string(name_of(use.by)) + ")"));
    return out.take();
}

}  // namespace pvsplan::compiler

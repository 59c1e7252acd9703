#include "runtime/lsp/expression_at.hpp"

#include <functional>
#include <set>
#include <vector>

#include "compiler/base/lists.hpp"
#include "compiler/expand/env.hpp"
#include "compiler/program/blind_env.hpp"
#include "runtime/doc/facts.hpp"

namespace pvsplan::lsp {
namespace {

using program::Expr;
using program::ExprPtr;
using program::Type;
using program::Value;
using resolve::Block;
using resolve::Model;
using resolve::Step;

// What is known while a plan is written: its parameters, the farm, and the states that are expected before the run.
class BeforeRun final : public program::BlindEnv {
  public:
    explicit BeforeRun(const Model& model) : model_(model), names_(model) {}

    // None: it is not known, or would take too long to work out.
    [[nodiscard]] std::optional<Value> value_of(const Expr& expr) const {
        charged_ = 0;
        Value value = program::evaluate(expr, *this);
        if (charged_ > max_charge || value.has_unknown() || value.is_none()) return std::nullopt;
        return value;
    }

    [[nodiscard]] Value local(std::uint32_t number) const override {
        const bool is_parameter = number > 0 && number <= model_.arguments.size();
        return is_parameter ? model_.arguments[number - 1] : not_known();
    }
    [[nodiscard]] Value attribute(program::ObjectId object, const std::string& name) const override {
        return expand::attribute_of(model_, object, name);
    }
    [[nodiscard]] Value state(program::ObjectId object, const std::string& name) const override {
        Value known = expand::state_before_run(model_, object, name);
        return known.is_none() ? not_known() : known;
    }
    [[nodiscard]] const program::ObjectNames& names() const override { return names_; }
    [[nodiscard]] bool charge(std::size_t elements) const override { return (charged_ += elements) <= max_charge; }
    [[nodiscard]] program::ListIndex* list_index() const override { return model_.list_index.get(); }

  private:
    static constexpr std::size_t max_charge = 200'000;  // a few milliseconds
    const Model& model_;
    expand::FarmNames names_;
    mutable std::size_t charged_ = 0;
};

// The expressions around a place, the outermost first.
struct Around {
    std::vector<const Expr*> all;
    // Variables 1 to that number are parameters of the plan; none within a module, where they are those of an action.
    std::size_t parameters = 0;
};

// Looks through the parts of the plan that may hold an expression at that place, and stops with the first that does:
// places do not overlap.
class Search {
  public:
    explicit Search(const At& at) : at_(at), model_(*at.compilation.model) {}

    // Plan first, then modules, then requirements: whichever document the place is in, only its own expressions are of
    // its file.
    Around around() {
        for (std::size_t i = 0; i < model_.parameters.size(); ++i) {
            look_at(model_.parameters[i].default_expr);
            if (!found_.all.empty()) return with_parameters(i);  // it sees those before it
        }
        look_at(model_.block);
        if (model_.recover) look_at(*model_.recover);
        if (!found_.all.empty()) return with_parameters(model_.parameters.size());
        look_into_modules();
        if (found_.all.empty()) look_at_requirements();
        return std::move(found_);
    }

  private:
    Around with_parameters(std::size_t number) {
        found_.parameters = number;
        return std::move(found_);
    }
    [[nodiscard]] bool holds(base::Span span) const {
        return span.file == at_.file && span.begin <= at_.offset && at_.offset < span.end;
    }
    void look_at(const ExprPtr& expr) {
        if (!expr || !found_.all.empty()) return;
        // A text with `${…}` and what is read as another type have parts outside of their own places.
        program::for_each_part(*expr, [&](const Expr& part) {
            if (holds(part.span)) found_.all.push_back(&part);
        });
    }
    // Steps of other files are passed over whole: a procedure of a module is looked at as part of it.
    void look_at(const Block& block) {
        for (const Step& step : block.steps) {
            if (step.span.file != at_.file || !holds(step.span)) continue;
            look_at(step.on);
            for (const ExprPtr& argument : step.with) look_at(argument);
            if (step.for_each)
                for (const ExprPtr* const expr :
                     {&step.for_each->list, &step.for_each->at_most, &step.for_each->at_most_per})
                    look_at(*expr);
            look_at(step.when);
            if (step.approve) look_at(step.approve->text);
            look_at(step.block);
            if (step.recover) look_at(*step.recover);
        }
    }
    void look_at(const program::Body& body) {
        for (const ExprPtr& argument : body.arguments) look_at(argument);
        look_at(body.until);
    }
    // Their parameters have a value with each call, so that none of them is one here.
    void look_into_modules() {
        for (const resolve::Action& action : model_.actions) {
            if (action.span.file != at_.file) continue;
            const program::Action& compiled = action.compiled;
            look_at(compiled.precondition);
            for (const auto& does : compiled.does) look_at(does.object);
            for (const auto& sets : compiled.sets) {
                look_at(sets.object);
                look_at(sets.value);
            }
            look_at(compiled.run);
            look_at(compiled.at);
            for (const auto& [name, output] : compiled.outputs) look_at(output);
            look_at(action.undo.steps);
        }
        for (const resolve::Procedure& procedure : model_.procedures) {
            if (procedure.span.file != at_.file) continue;
            look_at(procedure.block);
            if (procedure.recover) look_at(*procedure.recover);
        }
        for (const resolve::Predicate& predicate : model_.predicates) look_at(predicate.condition);
    }
    void look_at_requirements() {
        for (const program::Requirement& requirement : at_.compilation.requirements) {
            const program::Demand& demand = requirement.demand;
            for (const auto* const event : {&demand.left, &demand.right})
                if (*event) {
                    look_at((*event)->where);
                    look_at((*event)->per);
                }
            if (demand.state) {
                look_at(demand.state->condition);
                look_at(demand.state->where);
            }
            look_at(demand.number);
            look_at(demand.per);
        }
    }

    const At& at_;
    const Model& model_;
    Around found_;
};

bool has_secret(const Expr& expr) {
    bool has = false;
    program::for_each_part(expr, [&](const Expr& part) { has = has || part.type.category == Type::Category::secret; });
    return has;
}

// Whether the expression has at most one value: it reads no variable but parameters of the plan and those that it binds
// itself.
bool has_one_value(const Expr& expr, std::size_t parameters) {
    std::set<std::uint32_t> bound;
    bool has = true;
    program::for_each_part(expr, [&](const Expr& part) {  // parents first
        if (part.op == Expr::Op::filter) bound.insert(part.local);
        if (part.op == Expr::Op::local)
            has = has && (bound.contains(part.local) || (part.local > 0 && part.local <= parameters));
    });
    return has;
}

// Names of parameters that it reads and that have no value yet.
std::string open_parameters(const Expr& expr, const Model& model, std::size_t parameters) {
    std::set<std::string> names;
    program::for_each_part(expr, [&](const Expr& part) {
        const bool is_parameter = part.op == Expr::Op::local && part.local > 0 && part.local <= parameters;
        if (is_parameter && model.arguments[part.local - 1].is_unknown())
            names.insert(doc::code(model.parameters[part.local - 1].name));
    });
    return base::joined(names);
}

// Nothing where a secret is part of it: neither its value nor that it has one.
std::string value_doc(const Expr& expr, const Model& model, std::size_t parameters) {
    if (has_secret(expr)) return "";
    const BeforeRun env(model);
    const bool reads_state = program::reads_state(expr);
    if (const auto value = env.value_of(expr)) {
        const std::string text = doc::code(doc::shortened(doc::value_text(model, *value)));
        return "\n\nvalue" + std::string(reads_state ? " before the run" : "") + ": " + (text.empty() ? "empty" : text);
    }
    const std::string open = open_parameters(expr, model, parameters);
    if (!open.empty())
        return "\n\nno value yet: " + open + (open.find(',') == std::string::npos ? " has" : " have") + " none";
    return "\n\nno value yet: the run decides";
}

}  // namespace

// From inside to outside. A name or a literal says all of itself, so the smallest that is more is told; where it takes
// many values, the first one around it that has one value is told as well.
std::optional<ExpressionAt> expression_at(const At& at) {
    const compiler::Compilation& c = at.compilation;
    const Around around = Search(at).around();
    std::optional<ExpressionAt> found;
    for (auto one = around.all.rbegin(); one != around.all.rend(); ++one) {
        const Expr& expr = **one;
        if (expr.op == Expr::Op::literal || expr.op == Expr::Op::local) continue;
        const bool is_known = has_one_value(expr, around.parameters);
        if (found && !is_known) continue;
        const std::string told = doc::written(c, expr.span) + ": " + program::to_text(expr.type) +
                                 (is_known ? value_doc(expr, *c.model, around.parameters) : "");
        if (!found)
            found = ExpressionAt{expr.span, told};
        else
            found->doc += "\n\nin " + told;
        if (is_known) break;
    }
    return found;
}

}  // namespace pvsplan::lsp

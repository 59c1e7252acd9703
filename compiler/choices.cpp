#include "compiler/choices.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "compiler/expand/env.hpp"
#include "compiler/expand/expand.hpp"
#include "compiler/program/blind_env.hpp"

namespace pvsplan::compiler {
namespace {

using diff::Choice;
using diff::Choices;
using diff::LoopChoice;
using program::Expr;
using program::ExprPtr;
using program::Value;
using resolve::Block;
using resolve::Step;
using Op = Expr::Op;

constexpr std::size_t max_steps_looked_at = 1'000'000;

// Variables by where they are bound, so that neither their names nor how many there are elsewhere matter.
constexpr std::uint32_t first_of_loops = 1U << 20U;
constexpr std::uint32_t first_of_filters = 1U << 21U;
constexpr std::uint32_t first_of_others = 1U << 22U;

// The parameters of two plans by one number each: in each of the two they may stand in another order.
using ParameterNumbers = std::map<std::string, std::uint32_t>;

// Actions that decide by a condition, in either plan, what undoes them: of the others nothing is decided there.
using ActionNames = std::set<std::string>;

using Frame = std::vector<ExprPtr>;  // by number of the variable; null: it stands for itself

ExprPtr variable(std::uint32_t number, const Expr& as) {
    return program::make_expr({.op = Op::local, .local = number, .name = as.name, .type = as.type});
}

const bool* truth_of(const ExprPtr& expr) { return expr->op == Op::literal ? expr->value.as_boolean() : nullptr; }

// For expressions of literals.
class Nothing final : public program::BlindEnv {
  public:
    [[nodiscard]] Value local(std::uint32_t) const override { return not_known(); }
    [[nodiscard]] Value attribute(program::ObjectId, const std::string&) const override { return not_known(); }
    [[nodiscard]] Value state(program::ObjectId, const std::string&) const override { return not_known(); }
    [[nodiscard]] const program::ObjectNames& names() const override { return names_; }

  private:
    program::Plan none_;
    program::PlanNames names_{none_};
};

// What is decided by literals alone: arguments of a call become conditions.
ExprPtr folded(Expr expr) {
    if (expr.op == Op::logical_not)
        if (const bool* truth = truth_of(expr.args[0])) return Expr::literal(Value::boolean(!*truth));
    if (expr.op == Op::logical_and || expr.op == Op::logical_or) {
        const bool neutral = expr.op == Op::logical_and;
        std::vector<ExprPtr> left;
        for (const ExprPtr& arg : expr.args) {
            const bool* truth = truth_of(arg);
            if (truth != nullptr && *truth != neutral) return Expr::literal(Value::boolean(!neutral));
            if (truth == nullptr) left.push_back(arg);
        }
        if (left.empty()) return Expr::literal(Value::boolean(neutral));
        if (left.size() == 1) return left.front();
        expr.args = std::move(left);
    }
    const bool are_literals = std::all_of(expr.args.begin(), expr.args.end(), [](const ExprPtr& arg) {
        return arg->op == Op::literal && !arg->value.has_unknown() && !arg->value.as_object() && !arg->value.as_list();
    });
    if (are_literals && expr.op >= Op::equal && expr.op <= Op::greater_equal)
        if (Value truth = program::evaluate(expr, Nothing()); truth.as_boolean())
            return Expr::literal(std::move(truth));
    return program::make_expr(std::move(expr));
}

// Writes expressions anew: variables by what the frame has for them.
class Rewriter {
  public:
    explicit Rewriter(const resolve::Model& model) : model_(model) {}

    ExprPtr operator()(const ExprPtr& expr, const Frame& frame) {
        if (!expr) return nullptr;
        filters_.clear();
        ExprPtr result = written(expr, frame);
        if (program::extent_of(*result) == program::Extent::bounded) return result;
        is_whole_ = false;
        return variable(first_of_others, {.name = "…", .type = expr->type});
    }
    [[nodiscard]] bool is_whole() const { return is_whole_; }

    // The blocks around what is written, and their paths: a step is named from there.
    std::vector<std::pair<const Block*, std::string>> siblings;

  private:
    ExprPtr written(const ExprPtr& expr, const Frame& frame) {
        if (expr->op == Op::local) return variable_of(*expr, frame);
        if (expr->op == Op::literal) return literal(expr);
        Expr copy = *expr;
        copy.span = {};
        copy.step = path_of(expr->step);
        if (copy.op == Op::filter) {
            copy.local = first_of_filters + static_cast<std::uint32_t>(filters_.size());
            copy.args[0] = written(copy.args[0], frame);
            filters_.emplace_back(expr->local, variable(copy.local, {.name = expr->name}));
            for (std::size_t i = 1; i < copy.args.size(); ++i) copy.args[i] = written(copy.args[i], frame);
            filters_.pop_back();
            return program::make_expr(std::move(copy));
        }
        for (ExprPtr& arg : copy.args) arg = written(arg, frame);
        return folded(std::move(copy));
    }

    [[nodiscard]] std::string path_of(const std::string& step) const {
        const auto reference = expand::reference_of(step);
        if (!reference || reference->up >= siblings.size()) return step;
        const auto& [block, prefix] = siblings[siblings.size() - 1 - reference->up];
        return prefix + (prefix.empty() ? "" : ".") + block->steps.at(reference->index).id +
               std::string(reference->below);
    }

    ExprPtr variable_of(const Expr& expr, const Frame& frame) {
        for (auto filter = filters_.rbegin(); filter != filters_.rend(); ++filter)
            if (filter->first == expr.local) return filter->second;
        if (expr.local >= frame.size() || !frame[expr.local]) return variable(first_of_others + expr.local, expr);
        const ExprPtr& now = frame[expr.local];
        const bool is_parameter = now->op != Op::local || !now->name.empty();
        return is_parameter ? now : variable(now->local, expr);
    }

    // All objects of a kind are that, whatever the farm has.
    ExprPtr literal(const ExprPtr& expr) const {
        const Value::List* list = expr->value.as_list();
        if (list == nullptr) return expr;
        for (const resolve::Kind& kind : model_.kinds)
            if (kind.all.as_list() == list) return Expr::literal(Value::enumerator(kind.plural), expr->type);
        return expr;
    }

    const resolve::Model& model_;
    std::vector<std::pair<std::uint32_t, ExprPtr>> filters_;  // around the part that is written
    bool is_whole_ = true;
};

Frame frame_of(const resolve::Model& model, const ParameterNumbers& numbers) {
    Frame frame(model.parameters.size() + 1);
    for (std::size_t i = 0; i < model.parameters.size(); ++i)
        frame[i + 1] = variable(numbers.at(model.parameters[i].name),
                                {.name = model.parameters[i].name, .type = model.parameters[i].type});
    return frame;
}

struct Around {
    std::string prefix;  // of the paths below
    ExprPtr when;
    std::uint32_t loops = 0;
    std::size_t depth = 0;
    Choice::Type type = Choice::Type::action;  // or undoing
};

class Walk {
  public:
    Walk(const resolve::Model& model, const ParameterNumbers& numbers, const ActionNames& undone)
        : model_(model), numbers_(numbers), undone_(undone), write_(model) {}

    Choices all() && {
        found_.parameters_of_both = static_cast<std::uint32_t>(numbers_.size());
        parameters();
        demands();
        Frame frame = frame_of(model_, numbers_);
        steps(model_.block, frame, {});
        if (model_.recover) recover(*model_.recover, model_.block, frame, {});
        found_.is_whole = found_.is_whole && write_.is_whole();
        return std::move(found_);
    }

  private:
    void parameters() {
        const Frame frame = frame_of(model_, numbers_);
        for (std::size_t i = 0; i < model_.parameters.size(); ++i) {
            const resolve::Parameter& one = model_.parameters[i];
            ExprPtr value = one.default_expr    ? write_(one.default_expr, frame)
                            : one.default_value ? Expr::literal(*one.default_value, one.type)
                                                : nullptr;
            found_.parameters.emplace(one.name, diff::ParameterChoice{std::move(value), model_.arguments[i]});
        }
    }

    // Variable 0 is the object that is asked about.
    void demands() {
        Frame frame = frame_of(model_, numbers_);
        frame[0] = variable(0, {});
        for (const program::Requirement& one : model_.requirements) {
            found_.demands.push_back(one.demand);
            for (ExprPtr* const part : diff::parts_of(found_.demands.back())) *part = write_(*part, frame);
        }
    }

    void steps(const Block& block, Frame& frame, Around around) {
        if (++around.depth > expand::max_depth) found_.is_whole = false;
        write_.siblings.emplace_back(&block, around.prefix);
        for (const Step& one : block.steps) step(one, frame, around);
        write_.siblings.pop_back();
    }

    void step(const Step& step, Frame& frame, Around around) {
        if (++looked_at_ > max_steps_looked_at) found_.is_whole = false;
        if (!found_.is_whole || step.type == Step::Type::error) return;
        if (!around.prefix.empty()) around.prefix += '.';
        around.prefix += step.id;
        const std::string itself = around.prefix;
        if (step.for_each) loop(step, frame, around);
        if (step.when) around.when = both(around.when, write_(step.when, frame));
        if (around.when && truth_of(around.when)) return;  // it never runs
        if (step.approve && step.type != Step::Type::approval)
            found_.steps.try_emplace(itself + ":approve", leaf(step, Choice::Type::approval, frame, around));
        switch (step.type) {
            case Step::Type::error: break;
            case Step::Type::approval: add(leaf(step, Choice::Type::approval, frame, around)); break;
            case Step::Type::action:
                add(leaf(step, Choice::Type::action, frame, around));
                undo(step, frame, around);
                break;
            case Step::Type::procedure: procedure(step, frame, around); break;
            case Step::Type::group:
                steps(step.block, frame, around);
                if (step.recover) recover(*step.recover, step.block, frame, around);
                break;
        }
    }

    void loop(const Step& step, Frame& frame, Around& around) {
        const resolve::ForEach& loop = *step.for_each;
        around.prefix += "[*]";
        if (frame.size() <= loop.local) frame.resize(loop.local + 1);
        LoopChoice choice{.list = write_(loop.list, frame), .at_most = write_(loop.at_most, frame), .per = nullptr};
        frame[loop.local] = variable(first_of_loops + around.loops++, {});
        choice.per = write_(loop.at_most_per, frame);
        if (around.type != Choice::Type::undoing) found_.loops.try_emplace(around.prefix, std::move(choice));
    }

    // Null: always.
    static ExprPtr both(const ExprPtr& outer, const ExprPtr& inner) {
        const bool* truth = truth_of(inner);
        if (truth != nullptr && *truth) return outer;
        return outer ? folded({.op = Op::logical_and, .args = {outer, inner}}) : inner;
    }

    Choice leaf(const Step& step, Choice::Type type, const Frame& frame, const Around& around) {
        Choice choice{.step = around.prefix,
                      .type = around.type == Choice::Type::undoing ? around.type : type,
                      .action = {},
                      .when = around.when,
                      .on = nullptr,
                      .with = {}};
        if (type == Choice::Type::approval && step.type != Step::Type::approval) return choice;
        if (around.type == Choice::Type::undoing) return choice;
        choice.on = write_(step.on, frame);
        if (step.type != Step::Type::action) return choice;
        const resolve::Action& action = model_.actions[step.action.index()];
        choice.action = action.compiled.name;
        for (std::size_t i = 0; i < step.with.size(); ++i)
            if (ExprPtr value = write_(step.with[i], frame); value && diff::reads_parameter(value, found_))
                choice.with.emplace_back(action.parameters[i].name, std::move(value));
        return choice;
    }
    void add(Choice choice) {
        const std::string step = choice.step;
        found_.steps.try_emplace(step, std::move(choice));
    }

    Frame frame_of_call(const Step& step, const Frame& frame) {
        Frame inner(step.with.size() + 1);
        inner[0] = write_(step.on, frame);
        for (std::size_t i = 0; i < step.with.size(); ++i) inner[i + 1] = write_(step.with[i], frame);
        return inner;
    }

    void procedure(const Step& step, const Frame& frame, const Around& around) {
        const resolve::Procedure& called = model_.procedures[step.procedure.index()];
        Frame inner = frame_of_call(step, frame);
        steps(called.block, inner, around);
        if (called.recover) recover(*called.recover, called.block, inner, around);
    }

    // It may ask for the steps of the block that it undoes.
    void recover(const Block& block, const Block& undone, const Frame& frame, Around around) {
        write_.siblings.emplace_back(&undone, around.prefix);
        around.prefix += ":recover";
        around.when = nullptr;  // what was left out needs none
        around.type = Choice::Type::undoing;
        Frame inner = frame;
        steps(block, inner, around);
        write_.siblings.pop_back();
    }

    void undo(const Step& step, const Frame& frame, Around around) {
        if (around.type == Choice::Type::undoing) return;  // what undoes an undo is never run
        const resolve::Action& action = model_.actions[step.action.index()];
        if (!undone_.contains(action.compiled.name)) return;
        around.prefix += ":undo";
        around.when = nullptr;
        around.type = Choice::Type::undoing;
        Frame inner = frame_of_call(step, frame);
        steps(action.undo.steps, inner, around);
    }
    const resolve::Model& model_;
    const ParameterNumbers& numbers_;
    const ActionNames& undone_;
    Rewriter write_;
    std::size_t looked_at_ = 0;
    Choices found_;
};

bool has_condition(const Block& block) {
    return std::any_of(block.steps.begin(), block.steps.end(), [](const Step& one) {
        return one.when || one.type == Step::Type::procedure || has_condition(one.block);
    });
}

ParameterNumbers numbers_of(const resolve::Model& before, const resolve::Model& after) {
    ParameterNumbers numbers;
    for (const resolve::Model* model : {&before, &after})
        for (const resolve::Parameter& parameter : model->parameters)
            numbers.try_emplace(parameter.name, static_cast<std::uint32_t>(numbers.size() + 1));
    return numbers;
}

ActionNames undone_by_condition(const resolve::Model& before, const resolve::Model& after) {
    ActionNames names;
    for (const resolve::Model* model : {&before, &after})
        for (const resolve::Action& action : model->actions)
            if (has_condition(action.undo.steps)) names.insert(action.compiled.name);
    return names;
}

}  // namespace

BothChoices choices_of(const resolve::Model& before, const resolve::Model& after) {
    const ParameterNumbers numbers = numbers_of(before, after);
    const ActionNames undone = undone_by_condition(before, after);
    return {Walk(before, numbers, undone).all(), Walk(after, numbers, undone).all()};
}

}  // namespace pvsplan::compiler

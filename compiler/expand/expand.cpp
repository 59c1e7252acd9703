#include "compiler/expand/expand.hpp"

#include <algorithm>

#include "compiler/expand/codes.hpp"
#include "compiler/expand/draft.hpp"
#include "compiler/expand/empty_loops.hpp"
#include "compiler/expand/env.hpp"
#include "compiler/expand/guards.hpp"
#include "compiler/expand/lanes.hpp"
#include "compiler/expand/loop_elements.hpp"
#include "compiler/expand/no_object.hpp"
#include "compiler/expand/open_blocks.hpp"
#include "compiler/expand/section.hpp"
#include "compiler/expand/skipped_reads.hpp"
#include "compiler/expand/step_values.hpp"
#include "compiler/expand/windows.hpp"
#include "compiler/resolve/codes.hpp"

namespace pvsplan::expand {
namespace {

using program::ExprPtr;
using resolve::Block;
using resolve::Model;
using resolve::Step;
using Because = program::Edge::Because;

// Skipped steps pass their order on: the order of all other steps is the same as if they were there.
bool keeps_order(const Step& step) {
    return step.is_named || !step.after.empty() || !step.reads.empty() || step.inside_waits;
}

// A depth-first walk over the steps of a block: what a step contains is expanded before the step behind it, so that the
// nodes of each part stand next to each other, and mostly in an order in which they can run.
class Expander {
  public:
    // `around`: the steps around what is expanded, from the inside out.
    Expander(const Model& model, Expansion& out, std::vector<base::Span> around, diag::Sink& sink)
        : model_(model),
          out_(out),
          sink_(sink),
          env_(model, out),
          draft_(out, model.plan_span, sink),
          values_(model, out, env_, draft_, std::move(around), sink),
          open_(draft_),
          loops_(model),
          guards_(out),
          windows_(out) {}

    // Blocks around are opened without steps: what a rollback waits for out there is over, and no edge leads to it.
    void run(const Block& block, std::vector<Value> locals, std::vector<Siblings> around, Context context) {
        env_.locals = std::move(locals);
        env_.siblings = std::move(around);
        for (std::size_t i = 0; i < env_.siblings.size(); ++i) open_.open(0);
        context.scope = draft_.scope({.step = nullptr});
        out_.root = context.scope;
        (void)expand(block, context);
        refuse_reads_of_skipped(model_, out_, skipped_, values_.finding(), sink_);
        loops_.report(env_, values_.finding(), sink_);
    }

    // The states before the run are known, and what they decide: for the plan itself, not for what undoes it.
    void before_run(const KnownWhens& known) { known_ = &known; }
    void can_be_stopped_by(const std::stop_token& stop) { env_.budget() = program::Budget(stop); }
    // The step whose `before` the steps of an `undo` mean.
    void undo_of(std::string step) { env_.before_of = std::move(step); }
    // What the steps work on may depend on a step that is not known yet.
    void leave_open() { values_.leave_open(); }

    void cover_plan(const Block& recover, base::Span span) {
        out_.recoveries.insert(out_.recoveries.begin(),
                               RecoverBlock{&recover, 0, 0, draft_.count(), env_.locals, {{&model_.block, 0}}, span});
    }

  private:
    // An ordered block is a chain of its parts; of the others all begin at once and one join ends them. A part that is
    // empty passes nothing on: what it would have waited for is handled where it is expanded.
    Section expand(const Block& block, Context context) {
        if (draft_.is_stopped()) return {};
        if (++context.depth > max_depth) {
            sink_.report(too_deep,
                         values_.place(block.steps.empty() ? model_.plan_span : block.steps[0].head, context.scope),
                         max_depth);
            draft_.stop();
            return {};
        }
        env_.siblings.push_back({&block, context.scope});
        open_.open(block.steps.size());
        Section whole;
        std::vector<std::uint32_t> ends;
        for (std::size_t i = 0; i < block.steps.size() && !draft_.is_stopped(); ++i) {
            const Step& step = block.steps[i];
            Section part = expand(step, context);
            if (part.is_empty()) continue;
            open_.add_exit(i, part.exit);
            if (block.is_ordered && !whole.is_empty()) {
                draft_.link(whole.exit, part.entries, draft_.origin(Because::sequence, step.head));
            } else {
                whole.entries.insert(whole.entries.end(), part.entries.begin(), part.entries.end());
            }
            if (block.is_ordered)
                whole.exit = part.exit;
            else
                ends.push_back(part.exit);
        }
        if (!block.is_ordered)
            whole.exit = draft_.joined(std::move(ends), context.scope, context.terms,
                                       block.steps.empty() ? base::Span{} : block.steps[0].head);
        open_.close();
        env_.siblings.pop_back();
        return whole;
    }

    // What holds for the step itself and all within it; the scope is a new one for each element of a loop.
    Context at_step(const Context& context, const Step& step, std::uint32_t element = none) {
        Context inner = context;
        inner.scope = draft_.scope({&step, context.scope, element});
        if (step.on_failure && step.on_failure->choice) inner.terms.on_failure = *step.on_failure->choice;
        if (step.window && known_)  // what undoes something waits for none
            inner.terms.window = windows_.add(step.window->window, context.terms.window,
                                              values_.place(step.window->span, inner.scope), sink_);
        return inner;
    }

    Section expand(const Step& step, const Context& context) {
        if (step.refused)
            report_refused(model_, *step.refused, values_.place(step.refused->span, context.scope), sink_);
        if (step.type == Step::Type::error) return {};
        Section section = step.for_each ? loop(step, context) : instance(step, at_step(context, step));
        if (section.is_empty() && keeps_order(step) && !draft_.is_stopped()) {
            section = place_of_skipped(step, at_step(context, step));
            if (step.type == Step::Type::action) skipped_.push_back(section.exit);
        }
        if (!section.is_empty()) order_after(step, section.entries);
        return section;
    }

    // A join in the place of what is left out: who waits for it waits for what it would have waited for.
    Section place_of_skipped(const Step& step, const Context& context) {
        const std::uint32_t join =
            draft_.node({.type = program::Node::Type::join, .scope = context.scope}, context.terms);
        if (step.inside_waits)
            for (const auto& [ref, because] : *step.inside_waits)
                open_.wait_for(ref, {join}, draft_.origin(because, ref.span));
        return {{join}, join};
    }

    // Only the entries wait; what is behind them waits through them.
    void order_after(const Step& step, const std::vector<std::uint32_t>& entries) {
        for (const resolve::StepRef& ref : step.after)
            open_.wait_for(ref, entries, draft_.origin(Because::after, ref.span));
        for (const resolve::StepRef& ref : step.reads)
            open_.wait_for(ref, entries, draft_.origin(Because::data, ref.span));
    }

    // One approval stands before all iterations, not one in each. The terms of an iteration add its own condition and,
    // with `on_failure: continue`, its own instance, so that a failure abandons this iteration alone.
    Section loop(const Step& step, const Context& context) {
        if (!step.for_each->list) return {};
        const std::optional<LoopElements> elements = list_of(step, context);
        if (!elements) return {};
        const std::size_t size = elements->all.size();
        // A loop whose elements are all done already is not empty by mistake.
        loops_.expanded(step, context.scope, elements->is_over_nothing ? 0 : std::max<std::size_t>(size, 1));
        const std::optional<std::size_t> width = values_.bound_of(step, context.scope, size);
        if (!width ||
            !are_distinct(elements->all, values_.place(step.for_each->span, context.scope), env_.names(), sink_))
            return {};
        const Context whole = at_step(context, step);
        Section section;
        std::uint32_t gate = none;
        if (step.approve) {
            gate = approval(step, whole, Node::Part::approval);
            section.entries = {gate};
        }
        std::uint32_t carried = none;
        if (step.on_failure && step.on_failure->choice == program::OnFailure::carry_on) {
            const std::int64_t max_failures = step.on_failure->max_failures.value_or(0xfffffffe);
            out_.loops.push_back(
                {context.scope, &step, static_cast<std::uint32_t>(std::min<std::int64_t>(max_failures, 0xfffffffe))});
            carried = static_cast<std::uint32_t>(out_.loops.size() - 1);
        }
        Lanes lanes(*width);
        // Iteration i waits for iteration i - width of its lane, so that never more than `at_most` are under way.
        const std::uint32_t bound = draft_.origin(Because::at_most, step.for_each->at_most_span);
        for (std::size_t i = 0; i < size && !draft_.is_stopped(); ++i) {
            const Value& element = elements->all[i];
            env_.locals[step.for_each->local] = element;
            Context each = at_step(context, step, draft_.element(element));
            if (const auto only_if = elements->only_if.find(i); only_if != elements->only_if.end())
                each.terms.guard =
                    guards_.add(only_if->second, step.for_each->span, each.scope, context.terms.guard, env_);
            if (carried != none) {
                out_.instances.push_back({carried, context.terms.instance, each.scope});
                each.terms.instance = static_cast<std::uint32_t>(out_.instances.size() - 1);
            }
            const std::optional<Value> lane = values_.lane_of(step, context.scope);
            if (!lane) return {};
            Section part = instance(step, each);
            if (part.is_empty() && step.inside_waits) part = place_of_skipped(step, each);
            const std::uint32_t earlier = lanes.earlier(*lane);
            lanes.add(*lane, part.exit);
            if (part.is_empty()) continue;
            if (earlier != none) {
                draft_.link(earlier, part.entries, bound);
            } else if (gate != none) {
                draft_.link(gate, part.entries, draft_.origin(Because::sequence, step.head));
            } else {
                section.entries.insert(section.entries.end(), part.entries.begin(), part.entries.end());
            }
        }
        section.exit = draft_.joined(lanes.ends(), whole.scope, whole.terms, step.head);
        if (gate != none && !draft_.has_work_after(gate)) section = ask_nobody(gate, std::move(section));
        return section;
    }

    // A loop without instances.
    Section ask_nobody(std::uint32_t gate, Section section) {
        if (!section.is_empty()) {
            out_.nodes[gate].type = program::Node::Type::join;
            return section;
        }
        // The approval was the last node, since nothing came after it.
        out_.nodes.pop_back();
        return {};
    }

    // The elements of the loop, without those that are done already by the states before the run.
    std::optional<LoopElements> list_of(const Step& step, const Context& context) {
        const std::size_t before = env_.budget().charged();
        env_.reads_before_run = known_ != nullptr;
        std::optional<LoopElements> elements = elements_of(step.for_each->list, env_);
        env_.reads_before_run = false;
        values_.note_costs(step.for_each->list->span, before);
        if (draft_.is_stopped()) return std::nullopt;
        if (!elements) {
            const RunsWhen when = known_ ? RunsWhen::at_once : RunsWhen::later;
            report_unknown_list(*step.for_each->list, when, values_.place(step.for_each->span, context.scope), sink_);
            return std::nullopt;
        }
        for (LoopElements::Left& left : elements->left_out) {
            const Context each = at_step(context, step, draft_.element(left.value));
            out_.left_out.push_back({out_.path_of_scope(each.scope, model_), std::move(left.why), &step});
        }
        return elements;
    }

    // One instance of a step, at `context.scope`. A `when` that is known leaves the step out or costs nothing; else it
    // becomes a guard below that of the steps around. The approval of the step comes first, under the same guard.
    Section instance(const Step& step, Context context) {
        if (step.when) {
            const Value truth = values_.if_known(step.when);
            if (const bool* known = truth.as_boolean()) {
                if (!*known) return {};
            } else {
                const KnownWhen* const before_run = known_before_run(context);
                if (before_run && before_run->holds == false) {
                    out_.left_out.push_back({out_.path_of_scope(context.scope, model_), before_run->why, &step});
                    return {};
                }
                if (!before_run || !before_run->holds)
                    context.terms.guard = guards_.add(
                        before_run ? before_run->condition : program::specialise(env_.close(step.when), env_),
                        step.when->span, context.scope, context.terms.guard, env_);
            }
        }
        const std::uint32_t first = draft_.count();
        const std::uint32_t gate = step.approve && !step.for_each && step.type != Step::Type::approval
                                       ? approval(step, context, Node::Part::approval)
                                       : none;
        Section section;
        switch (step.type) {
            case Step::Type::error: return {};
            case Step::Type::approval: section.exit = approval(step, context, Node::Part::itself); break;
            case Step::Type::action: section.exit = action(step, context); break;
            case Step::Type::procedure: section = procedure(step, context); break;
            case Step::Type::group:
                section = expand(step.block, context);
                if (step.recover) cover(*step.recover, step.block, context, first, step.span);
                break;
        }
        // A single node is entered and left by itself.
        if (section.entries.empty() && section.exit != none) section.entries = {section.exit};
        if (gate == none) return section;
        if (section.is_empty()) return {{gate}, gate};
        draft_.link(gate, section.entries, draft_.origin(Because::sequence, step.head));
        section.entries = {gate};
        return section;
    }

    // The path is made only if any condition is known so: a million of them would take longer than the expansion.
    [[nodiscard]] const KnownWhen* known_before_run(const Context& context) const {
        if (!known_ || known_->empty()) return nullptr;
        const auto found = known_->find(out_.path_of_scope(context.scope, model_));
        return found == known_->end() ? nullptr : &found->second;
    }

    // The first value of its row is the text, the others are the objects. A text that depends on a parameter without a
    // value is kept as it is written.
    std::uint32_t approval(const Step& step, const Context& context, Node::Part part) {
        if (!step.approve) return none;
        arguments_.clear();
        if (part == Node::Part::itself && step.on) {
            std::optional<Value::List> objects = values_.approved(step, context.scope);
            if (!objects) return none;
            arguments_ = std::move(*objects);
        }
        const Value text = values_.value(step.approve->text);
        arguments_.insert(
            arguments_.begin(),
            text.as_string() ? text : Value::string(program::to_text(*env_.close(step.approve->text), env_.names())));
        return draft_.node({.type = program::Node::Type::approval,
                            .part = part,
                            .scope = context.scope,
                            .content = draft_.frame(arguments_)},
                           context.terms);
    }

    // One node; `none` where its object is not known, which was reported.
    std::uint32_t action(const Step& step, const Context& context) {
        const std::optional<Value> on = values_.subject(step, context.scope);
        if (!on) return none;
        arguments_.clear();
        for (const ExprPtr& argument : step.with) arguments_.push_back(argument ? values_.value(argument) : Value());
        check_paths(step, model_.actions[step.action.index()].parameters, arguments_, values_.finding(), context.scope,
                    sink_);
        const std::uint32_t node = draft_.node({.scope = context.scope,
                                                .on = on->as_object() ? *on->as_object() : ObjectId(),
                                                .content = draft_.frame(arguments_)},
                                               context.terms);
        if (values_.is_open()) {
            out_.on.resize(node + 1);
            out_.on[node] = *on;
        }
        return node;
    }

    // The called block sees its own frame only; the caller's comes back afterwards, whatever was stopped inside.
    Section procedure(const Step& step, const Context& context) {
        const resolve::Procedure& called = model_.procedures[step.procedure.index()];
        const std::optional<Value> on = values_.subject(step, context.scope);
        if (!on) return {};
        std::vector<Value> locals(std::max<std::size_t>(called.locals, called.parameters.size() + 1));
        locals[0] = *on;
        for (std::size_t i = 0; i < step.with.size(); ++i)
            if (step.with[i]) locals[i + 1] = values_.value(step.with[i]);
        check_paths(step, called.parameters, std::span(locals).subspan(1), values_.finding(), context.scope, sink_);
        std::swap(env_.locals, locals);
        const std::uint32_t first = draft_.count();
        Section section = expand(called.block, context);
        if (called.recover) cover(*called.recover, called.block, context, first, called.span);
        std::swap(env_.locals, locals);
        return section;
    }

    // Records that `recover` undoes the nodes from `first` on.
    void cover(const Block& recover, const Block& block, const Context& context, std::uint32_t first, base::Span span) {
        RecoverBlock recovery{&recover, context.scope, first, draft_.count(), env_.locals, env_.siblings, span};
        recovery.siblings.push_back({&block, context.scope});
        // Outer blocks come before inner ones; the inner ones have been recorded already.
        const auto within = std::find_if(out_.recoveries.begin(), out_.recoveries.end(),
                                         [&](const RecoverBlock& r) { return r.first_node >= first; });
        out_.recoveries.insert(within, std::move(recovery));
    }

    const Model& model_;
    Expansion& out_;
    diag::Sink& sink_;
    CompileEnv env_;
    Draft draft_;
    StepValues values_;
    OpenBlocks open_;
    std::vector<Value> arguments_;
    EmptyLoops loops_;
    Guards guards_;
    Windows windows_;
    const KnownWhens* known_ = nullptr;   // null: this undoes a part of the plan, and runs later
    std::vector<std::uint32_t> skipped_;  // nodes in the place of skipped actions whose outputs may be read
};

}  // namespace

Expansion expand(const Model& model, const KnownWhens& known, diag::Sink& sink, const std::stop_token& stop) {
    Expansion out;
    Expander expander(model, out, {}, sink);
    expander.before_run(known);
    expander.can_be_stopped_by(stop);
    std::vector<Value> locals(std::max<std::size_t>(model.locals, model.parameters.size() + 1));
    for (std::size_t i = 0; i < model.arguments.size(); ++i) locals[i + 1] = model.arguments[i];
    Context whole{.terms = {.on_failure = model.on_failure}};
    if (model.window) {
        out.windows.push_back(model.window->window);
        whole.terms.window = program::WindowId(0);
    }
    expander.run(model.block, std::move(locals), {}, whole);
    // Last: it goes before all groups, which were recorded on the way.
    if (model.recover) expander.cover_plan(*model.recover, model.plan_span);
    return out;
}

// The frame is that of the steps it undoes: what it reads has the values that these had.
Expansion expand_recovery(const Model& model, const Expansion& plan, const RecoverBlock& recovery, diag::Sink& sink) {
    Expansion out;
    // Its own scopes come after copies of the scopes of its siblings, so that these keep their paths.
    out.unknowns = plan.unknowns;
    Expander expander(model, out, plan.finding_in(recovery.scope, {}, model).around, sink);
    std::vector<Siblings> around;
    for (const Siblings& sibling : recovery.siblings)
        around.push_back({sibling.block, out.copy_scopes(plan, sibling.scope)});
    out.path_prefix = plan.path_of_scope(recovery.scope, model) + ":recover";
    expander.run(*recovery.block, recovery.locals, std::move(around), {});
    return out;
}

// All locals of the frame are unknown; what depends on them stays an expression over the step that is undone, so that
// one proof and one program serve all steps of the action.
Expansion expand_open_undo(const Model& model, resolve::ActionId id, diag::Sink& sink) {
    Expansion out;
    const resolve::Action& action = model.actions[id.index()];
    std::vector<Value> locals(std::max<std::size_t>(action.locals, action.parameters.size() + 1));
    for (std::uint32_t i = action.on ? 0 : 1; i <= action.parameters.size(); ++i)
        locals[i] = out.unknowns->value_of(program::local_of_undone(i), FarmNames(model));
    out.path_prefix = std::string(program::open_step) + ":undo";
    Expander expander(model, out, {}, sink);
    expander.undo_of(std::string(program::open_step));
    expander.leave_open();
    expander.run(action.undo.steps, std::move(locals), {}, {});
    return out;
}

// The undo of one node, with its object and arguments put in; used where the open form could not be proved for all.
Expansion expand_undo(const Model& model, const Expansion& plan, const Node& node, std::string path, diag::Sink& sink) {
    Expansion out;
    out.unknowns = plan.unknowns;
    const resolve::Step& step = *plan.scopes[node.scope].step;
    const resolve::Action& action = model.actions[step.action.index()];
    std::vector<Value> locals(std::max<std::size_t>(action.locals, action.parameters.size() + 1));
    if (node.on) locals[0] = Value::object(node.on);
    const std::span<const Value> arguments = plan.frames[node.content];
    for (std::size_t i = 0; i < arguments.size(); ++i) locals[i + 1] = arguments[i];
    out.path_prefix = path + ":undo";
    Expander expander(model, out, plan.finding_in(node.scope, {}, model).around, sink);
    expander.undo_of(std::move(path));
    expander.run(action.undo.steps, std::move(locals), {}, {});
    return out;
}

}  // namespace pvsplan::expand

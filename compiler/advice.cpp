#include "compiler/advice.hpp"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "compiler/advice_codes.hpp"
#include "compiler/pipeline.hpp"
#include "compiler/resolve/model.hpp"
#include "compiler/trial.hpp"

namespace pvsplan::compiler {
namespace {

using resolve::Block;
using resolve::Step;
using resolve::StepRef;

// A step among its siblings.
struct Place {
    const Block* block;
    std::size_t index;
};

// No error, no verdict that is worse, and a rollback that is complete if it was.
bool loses_nothing(const Compilation& c, const Compilation& changed) {
    if (!changed.ok() || changed.decisions.size() != c.decisions.size()) return false;
    for (std::size_t i = 0; i < c.decisions.size(); ++i)
        if (checks::rank(changed.decisions[i].verdict) > checks::rank(c.decisions[i].verdict)) return false;
    return !c.rollback || !c.rollback->complete || (changed.rollback && changed.rollback->complete);
}

// Proposes to take away what nobody needs, where the plan without it was compiled and proved.
class Removals {
  public:
    Removals(const Compilation& c, const std::stop_token& stop) : c_(c), trials_(24, stop) {}

    // With as many nodes as before: a change that makes other steps is no mere removal.
    void propose(base::Span entry, std::string title, diag::Reported& finding) {
        if (!trials_.may_look()) return;
        auto fix = without_entry(*c_.sources, entry, std::move(title));
        if (!fix) return;
        const auto changed = trials_.with(c_, *fix);
        if (changed && changed->nodes == c_.nodes && loses_nothing(c_, *changed)) finding.proposal(std::move(*fix));
    }

  private:
    const Compilation& c_;
    Trials trials_;
};

// Looks at the order that is written, on whatever farm: siblings of an ordered block, `after` and data.
class NeedlessAfters {
  public:
    NeedlessAfters(const base::Sources& sources, Removals& removals, diag::Sink& sink)
        : sources_(sources), removals_(removals), sink_(sink) {}

    // `around_` holds the step and those that contain it while its names are looked at. A name that leads out of them
    // is passed over.
    void look_at(const Block& block) {
        for (std::size_t i = 0; i < block.steps.size(); ++i) {
            const Step& step = block.steps[i];
            around_.push_back({&block, i});
            for (const StepRef& ref : step.after)
                if (ref.up < around_.size() && sources_.is_editable(ref.span) && waits_anyway(ref)) report(ref);
            look_at(step.block);
            around_.pop_back();
            if (step.recover) look_at_alone(*step.recover);
        }
    }

  private:
    // What undoes something has an order of its own.
    void look_at_alone(const Block& block) {
        std::vector<Place> around = std::exchange(around_, {});
        look_at(block);
        around_ = std::move(around);
    }

    void report(const StepRef& ref) {
        const std::string& id = awaited(ref).id;
        auto reported = sink_.report(needless_after, ref.span, diag::Name(id));
        reported.hint("the name can go: the order stays as it is");
        removals_.propose(ref.span, "take `" + id + "` out of `after`", reported);
    }

    [[nodiscard]] const Step& awaited(const StepRef& ref) const {
        return around_[around_.size() - 1 - ref.up].block->steps[ref.index];
    }

    // Whether the innermost step waits for the one that `asked` names, were that not written. What a group waits for
    // all in it waits for, so the search begins with the step and with every step around it. It goes to siblings only
    // and never into a step: to wait for a group is to wait for all of it.
    [[nodiscard]] bool waits_anyway(const StepRef& asked) const {
        using At = std::pair<std::size_t, std::size_t>;  // in which of the blocks around it, and which step there
        std::set<At> seen;
        std::vector<At> open;
        for (std::size_t level = 0; level < around_.size(); ++level) open.emplace_back(level, around_[level].index);
        const auto wait_for = [&](const At& at) {
            if (seen.insert(at).second) open.push_back(at);
        };
        while (!open.empty()) {
            const auto [level, index] = open.back();
            open.pop_back();
            const Block& block = *around_[level].block;
            const Step& step = block.steps[index];
            if (block.is_ordered && index > 0) wait_for({level, index - 1});
            for (const auto* refs : {&step.after, &step.reads})
                for (const StepRef& ref : *refs)
                    if (&ref != &asked && ref.up <= level) wait_for({level - ref.up, ref.index});
        }
        return seen.contains({around_.size() - 1 - asked.up, asked.index});
    }

    const base::Sources& sources_;
    Removals& removals_;
    diag::Sink& sink_;
    std::vector<Place> around_;  // the outermost first
};

void look_at_parameters(const Compilation& c, Removals& removals, diag::Sink& sink) {
    if (!c.model->uses) return;
    for (const resolve::Parameter& parameter : c.model->parameters) {
        const auto uses = c.model->uses->of(resolve::name_in(parameter.span, parameter.name));
        const bool is_used = std::any_of(uses.begin(), uses.end(), [&](const resolve::Use& use) {
            return c.sources->path(use.place.file) != c.request.parameters_file;  // which gives it a value
        });
        if (is_used || !c.sources->is_editable(parameter.span)) continue;
        auto reported = sink.report(unused_parameter, parameter.span, diag::Name(parameter.name));
        reported.hint("take it away, or use it as `${" + parameter.name + "}`");
        removals.propose(parameter.span, "take the parameter `" + parameter.name + "` away", reported);
    }
}

// Tries how many iterations of a loop may run at once.
class LargerAtMost {
  public:
    LargerAtMost(const Compilation& c, diag::Sink& sink, const std::stop_token& stop)
        : c_(c), sink_(sink), trials_(24, stop) {}

    // Procedures are left out: their number holds for every call.
    void look_at(const Block& block) {
        for (const Step& step : block.steps) {
            if (step.for_each && step.for_each->at_most) look_at(step);
            look_at(step.block);
        }
    }

  private:
    // All first, then one more than now, then by halves. That fewer hold where more do is only relied on to find the
    // number: what is offered was itself compiled and proved.
    void look_at(const Step& loop) {
        const program::Expr& written = *loop.for_each->at_most;
        const std::int64_t* now = written.op == program::Expr::Op::literal ? written.value.as_integer() : nullptr;
        const std::int64_t all = iterations_of(loop);
        if (!now || *now >= all || !trials_.may_look()) return;
        std::int64_t enough = *now;  // every requirement holds with so many
        std::int64_t too_many = all;
        if (holds_with(loop, all)) enough = all;
        for (std::int64_t next = enough + 1; enough < next && next < too_many && trials_.may_look();
             next = enough + (too_many - enough) / 2)
            (holds_with(loop, next) ? enough : too_many) = next;
        if (enough == *now) return;
        const std::string text = enough == all ? "all" : std::to_string(enough) + per_of(*c_.sources, loop);
        auto reported = sink_.report(larger_at_most, loop.for_each->at_most_span, diag::Words(text));
        if (auto fix = at_most_of(*c_.sources, loop, text)) reported.proposal(std::move(*fix));
        if (too_many == enough + 1) reported.hint("with " + std::to_string(too_many) + " one of them would not");
        reported.hint("where there is another reason for so few, a requirement can say it");
    }

    // How many there are in the plan, of all its farm.
    [[nodiscard]] std::int64_t iterations_of(const Step& loop) const {
        const auto& scopes = c_.stages->expansion.scopes;
        return std::count_if(scopes.begin(), scopes.end(), [&](const expand::Scope& scope) {
            return scope.step == &loop && scope.element != expand::none;
        });
    }

    bool holds_with(const Step& loop, std::int64_t number) {
        const auto fix = at_most_of(*c_.sources, loop, number, per_of(*c_.sources, loop));
        if (!fix) return false;
        const auto changed = trials_.with(c_, *fix);
        return changed && loses_nothing(c_, *changed);
    }

    const Compilation& c_;
    diag::Sink& sink_;
    Trials trials_;
};

}  // namespace

std::shared_ptr<const Compilation> with_advice(const std::shared_ptr<const Compilation>& compilation,
                                               const std::stop_token& stop) {
    const Compilation& c = *compilation;
    if (!c.ok() || !c.has_graph || !c.alone.empty()) return compilation;
    diag::Sink found;
    Removals removals(c, stop);
    look_at_parameters(c, removals, found);
    NeedlessAfters afters(*c.sources, removals, found);
    afters.look_at(c.model->block);
    if (c.model->recover) afters.look_at(*c.model->recover);
    for (const resolve::Procedure& procedure : c.model->procedures) {
        afters.look_at(procedure.block);
        if (procedure.recover) afters.look_at(*procedure.recover);
    }
    for (const resolve::Action& action : c.model->actions) afters.look_at(action.undo.steps);
    if (!c.requirements.empty()) LargerAtMost(c, found, stop).look_at(c.model->block);
    if (found.all().empty()) return compilation;
    auto advised = std::make_shared<Compilation>(c);
    advised->sink.add_all(found);
    return advised;
}

}  // namespace pvsplan::compiler

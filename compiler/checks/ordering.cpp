// `A before B` and `A then B`: a ⇝ b. Where an instance may be left behind while others go on, `before` asks also that
// no b comes without its a, and `then` that b is not left behind.
#include <algorithm>
#include <map>
#include <set>

#include "compiler/checks/deciders.hpp"
#include "compiler/checks/reach.hpp"
#include "compiler/checks/schedule.hpp"

namespace pvsplan::checks {

using graph::no_index;
using program::ObjectId;

namespace {

class Ordering {
  public:
    Ordering(const Subject& subject, const World& world, const Requirement& r)
        : subject_(subject), facts_(subject.facts()), world_(world), r_(r) {}

    Decision decide() const {
        const Sides all{subject_.matching(*r_.left, world_), subject_.matching(*r_.right, world_)};
        std::vector<Sides> turns;
        if (r_.same_object) {
            std::map<ObjectId, Sides> by_object;
            for (const Happening& h : all.left) by_object[h.object].left.push_back(h);
            for (const Happening& h : all.right) by_object[h.object].right.push_back(h);
            for (auto& [object, sides] : by_object) turns.push_back(std::move(sides));
        } else {
            turns.push_back(all);
        }
        std::erase_if(turns, [&](const Sides& sides) { return !is_asked(sides); });
        if (turns.empty()) return vacuous(all.left.empty() ? *r_.left : *r_.right);
        if (!every_left() && !every_right()) return some_some(turns, all);
        for (const Sides& sides : turns)
            if (auto violated =
                    every_left() ? every_right() ? every_every(sides) : every_some(sides) : some_every(sides))
                return std::move(*violated);
        return {.verdict = Verdict::holds};
    }

  private:
    struct Sides {
        std::vector<Happening> left;
        std::vector<Happening> right;
    };
    using Violated = std::optional<Decision>;

    [[nodiscard]] bool every_left() const { return r_.left_quantifier == Quantifier::every; }
    [[nodiscard]] bool every_right() const { return r_.right_quantifier == Quantifier::every; }

    // Whether the requirement says anything about these events.
    [[nodiscard]] bool is_asked(const Sides& sides) const {
        if (every_left()) return !sides.left.empty() && (!every_right() || !sides.right.empty());
        return !sides.right.empty() || (!every_right() && !sides.left.empty());
    }

    // ---- what may be left behind ------------------------------------------------------------------------------------

    // Instances around a node that may be left behind while others go on, innermost first.
    [[nodiscard]] std::vector<std::uint32_t> failing_instances(Index node) const {
        std::vector<std::uint32_t> found;
        for (std::uint32_t i = facts_.instance[node]; i != no_index; i = facts_.instances[i].parent)
            if (facts_.loops[facts_.instances[i].loop].max_failures > 0) found.push_back(i);
        return found;
    }
    [[nodiscard]] bool is_sure(Index node) const { return failing_instances(node).empty(); }
    [[nodiscard]] bool is_in(Index node, std::uint32_t instance) const {
        for (std::uint32_t i = facts_.instance[node]; i != no_index; i = facts_.instances[i].parent)
            if (i == instance) return true;
        return false;
    }
    // `a` can be left undone while `b` goes on.
    [[nodiscard]] bool can_be_lost(Index a, Index b) const {
        const std::vector<std::uint32_t> around = failing_instances(a);
        return !around.empty() && !is_in(b, around.back());
    }

    // These may all be left behind in one run in which b comes; false only where that is sure.
    [[nodiscard]] bool can_all_be_lost(const std::vector<Index>& nodes, Index b) const {
        std::map<std::pair<std::uint32_t, std::uint32_t>, std::set<std::uint32_t>> lost;  // loop in its instance: which
        for (const Index a : nodes) {
            const std::vector<std::uint32_t> around = failing_instances(a);
            if (around.size() > 1) return true;
            if (around.empty() || is_in(b, around[0])) return false;
            const graph::LoopInstance& instance = facts_.instances[around[0]];
            lost[{instance.parent, instance.loop}].insert(around[0]);
        }
        return std::all_of(lost.begin(), lost.end(), [&](const auto& one) {
            return one.second.size() <= facts_.loops[one.first.second].max_failures;
        });
    }

    // An a that can be left behind, and a b that comes all the same.
    [[nodiscard]] std::optional<Pair> parted(const Sides& sides) const {
        std::map<std::uint32_t, std::vector<Index>> bs_in;
        for (const Happening& b : sides.right)
            for (const std::uint32_t i : failing_instances(b.node)) bs_in[i].push_back(b.node);
        for (const Happening& a : sides.left) {
            const std::vector<std::uint32_t> around = failing_instances(a.node);
            if (around.empty() || bs_in[around.back()].size() == sides.right.size()) continue;
            for (const Happening& b : sides.right)
                if (!is_in(b.node, around.back())) return Pair{a.node, b.node};
        }
        return std::nullopt;
    }

    // ---- by quantifiers ---------------------------------------------------------------------------------------------

    [[nodiscard]] Violated every_every(const Sides& sides) const {
        if (const auto pair = first_unordered(facts_, nodes_of(sides.left), nodes_of(sides.right)))
            return unordered(pair->before, pair->after);
        if (const auto pair = parted(sides)) return left_behind({pair->before}, pair->after);
        if (r_.form == Form::before) return std::nullopt;
        for (const Happening& b : sides.right)
            if (!is_sure(b.node)) return never_comes(sides.left[0].node, b.node);
        return std::nullopt;
    }

    [[nodiscard]] Violated every_some(const Sides& sides) const {
        std::vector<bool> marks(facts_.size(), false);
        for (const Happening& b : sides.right)
            if (r_.form == Form::before || is_sure(b.node)) marks[b.node] = true;
        const std::vector<bool> is_followed = before_any(facts_, marks);
        for (const Happening& a : sides.left) {
            if (is_followed[a.node]) continue;
            for (const Happening& b : sides.right)  // there, but it may be left behind
                if (reach(facts_, std::vector<Pair>{{a.node, b.node}})[0]) return never_comes(a.node, b.node);
            return too_early({{{a.node}, nodes_of(sides.right)}}, a.node, sides.right);
        }
        return std::nullopt;
    }

    [[nodiscard]] Violated some_every(const Sides& sides) const {
        std::vector<bool> sure(facts_.size(), false);
        std::vector<bool> any(facts_.size(), false);
        for (const Happening& a : sides.left) {
            any[a.node] = true;
            if (is_sure(a.node)) sure[a.node] = true;
        }
        const std::vector<bool> is_surely_after = after_any(facts_, sure);
        const std::vector<bool> is_after = after_any(facts_, any);
        for (const Happening& b : sides.right) {
            if (r_.form == Form::then && !is_sure(b.node)) return never_comes(b.node, b.node);
            if (is_surely_after[b.node]) continue;
            if (sides.left.empty()) return lonely(b.node);
            if (!is_after[b.node]) return unordered(sides.left[0].node, b.node);
            std::vector<Pair> pairs;
            for (const Happening& a : sides.left) pairs.push_back({a.node, b.node});
            const std::vector<bool> is_before = reach(facts_, pairs);
            std::vector<Index> lost;
            for (std::size_t i = 0; i < pairs.size(); ++i)
                if (is_before[i]) lost.push_back(pairs[i].before);
            if (can_all_be_lost(lost, b.node)) return left_behind(lost, b.node);
        }
        return std::nullopt;
    }

    // One pair is enough, which may be another one in each run: there is a run without any if every b can start before
    // any a of its turn has finished.
    [[nodiscard]] Decision some_some(const std::vector<Sides>& turns, const Sides& all) const {
        std::vector<StartsFirst> postponed;
        std::optional<Index> a;
        std::vector<Happening> bs;
        for (const Sides& sides : turns) {
            StartsFirst one;
            for (const Happening& h : sides.left)
                if (r_.form == Form::before || is_sure(h.node)) one.finish_later.push_back(h.node);
            for (const Happening& h : sides.right)
                if (r_.form == Form::before || is_sure(h.node)) one.start_first.push_back(h.node);
            if (one.finish_later.empty() || one.start_first.empty()) continue;
            if (!a) a = one.finish_later[0], bs = sides.right;
            postponed.push_back(std::move(one));
        }
        if (all.left.empty() || all.right.empty())
            return lonely(all.left.empty() ? all.right[0].node : all.left[0].node);
        if (a && !schedule_with(facts_, world_, postponed)) return {.verdict = Verdict::holds};
        return too_early(postponed, a.value_or(all.left[0].node), a ? bs : all.right);
    }

    // ---- what is violated -------------------------------------------------------------------------------------------

    // There is no way from a to b.
    [[nodiscard]] Decision unordered(Index a, Index b) const {
        Decision d{.verdict = Verdict::violated, .reason = too_early_text(a, b), .witness = subject_.about({a, b})};
        Schedule schedule(facts_, world_);
        schedule.start(std::span(&b, 1));
        d.witness->schedule = std::move(schedule).moments();
        d.fix = subject_.order_that_mends(a, b);
        return d;
    }

    [[nodiscard]] std::string too_early_text(Index a, Index b) const {
        return r_.form == Form::then ? subject_.path(a) + " is not followed by " + subject_.path(b)
                                     : subject_.path(b) + " can start before " + subject_.path(a) + " has finished";
    }

    // b waits for a, but may be left behind.
    [[nodiscard]] Decision never_comes(Index a, Index b) const {
        Decision d{.verdict = Verdict::violated,
                   .reason = subject_.path(b) + " can fail while the others go on, and then it never comes",
                   .witness = subject_.about(a == b ? std::vector<Index>{b} : std::vector<Index>{a, b})};
        Schedule schedule(facts_, world_);
        schedule.finish(std::span(&a, 1));
        d.witness->schedule = std::move(schedule).moments();
        return d;
    }

    // b comes all the same when all of these have failed.
    [[nodiscard]] Decision left_behind(const std::vector<Index>& lost, Index b) const {
        std::vector<Index> nodes = lost;
        nodes.push_back(b);
        Decision d{.verdict = Verdict::violated,
                   .reason = subject_.path(lost[0]) + " can fail while the others go on, and then " + subject_.path(b) +
                             " comes all the same",
                   .witness = subject_.about(std::move(nodes))};
        Schedule schedule(facts_, world_);
        schedule.let_fail(lost);
        schedule.start(std::span(&b, 1));
        d.witness->schedule = std::move(schedule).moments();
        return d;
    }

    // None of these waits for a: all of them start first, and the run goes on to its end.
    [[nodiscard]] Decision too_early(const std::vector<StartsFirst>& postponed, Index a,
                                     const std::vector<Happening>& bs) const {
        const auto other = std::find_if(bs.begin(), bs.end(), [&](const Happening& b) { return b.node != a; });
        if (other == bs.end()) return lonely(a);
        Decision d{.verdict = Verdict::violated,
                   .reason = too_early_text(a, other->node),
                   .witness = subject_.about({a, other->node})};
        d.witness->schedule = schedule_with(facts_, world_, postponed).value_or(std::vector<Moment>());
        d.fix = subject_.order_that_mends(a, other->node);
        return d;
    }

    [[nodiscard]] Decision lonely(Index node) const {
        const bool is_left = std::any_of(facts_.events[node].begin(), facts_.events[node].end(),
                                         [&](const auto& e) { return facts_.verbs[e.verb] == r_.left->verb; });
        const EventQuery& other = is_left ? *r_.right : *r_.left;
        Decision d{
            .verdict = Verdict::violated,
            .reason = "nothing does `" + other.verb + "` " + (is_left ? "after " : "before ") + subject_.path(node),
            .witness = subject_.about({node})};
        Schedule schedule(facts_, world_);
        schedule.finish_all();
        d.witness->schedule = std::move(schedule).moments();
        return d;
    }

    const Subject& subject_;
    const Facts& facts_;
    const World& world_;
    const Requirement& r_;
};

}  // namespace

Decision decide_order(const Subject& subject, const World& world, const Requirement& r) {
    return Ordering(subject, world, r).decide();
}

}  // namespace pvsplan::checks

#include <algorithm>
#include <map>
#include <set>

#include "compiler/checks/checks.hpp"
#include "compiler/checks/reach.hpp"
#include "compiler/checks/world.hpp"

namespace pvsplan::checks {

using program::ObjectId;
using program::Value;

std::string_view name_of(Verdict verdict) {
    switch (verdict) {
        case Verdict::holds: return "holds";
        case Verdict::violated: return "violated";
        case Verdict::vacuous: return "vacuous";
        case Verdict::undecided: return "undecided";
    }
    return "undecided";
}

namespace {

constexpr std::size_t most_guards = 12;

struct Happening {
    Index node;
    ObjectId object;
};

std::string plural(std::size_t n, std::string_view word) {
    return std::to_string(n) + " " + std::string(word) + (n == 1 ? "" : "s");
}

class Decider {
  public:
    explicit Decider(const Facts& facts)
        : facts_(facts), setters_(setters_by_slot(facts)), timelines_(facts, setters_), names_(facts) {
        for (Index node = 0; node < facts.size(); ++node)
            for (const graph::EventFact& event : facts.events[node])
                by_verb_[facts.verbs[event.verb]].push_back({node, event.object});
        for (std::uint32_t i = 0; i < facts.instances.size(); ++i)
            can_fail_.push_back(facts.loops[facts.instances[i].loop].max_failures > 0);
    }

    Decision decide(const Requirement& r) {
        if (r.form == Form::poison) return {.verdict = Verdict::undecided};
        const std::set<std::uint32_t> variables = relevant(r);
        if (variables.size() > most_guards) return beyond(r, variables);
        std::optional<Decision> worst;
        for (std::uint32_t bits = 0; bits < (1U << variables.size()); ++bits) {
            World world;
            std::size_t bit = 0;
            for (const std::uint32_t v : variables) world.assigned.emplace_back(v, (bits >> bit++ & 1U) == 0);
            Decision one = in(world, r);
            if (one.witness) assume(world, *one.witness);
            if (!worst || rank(one.verdict) > rank(worst->verdict)) worst = std::move(one);
            if (worst->verdict == Verdict::violated) break;
        }
        return *worst;
    }

  private:
    static int rank(Verdict v) {
        return v == Verdict::violated ? 3 : v == Verdict::undecided ? 2 : v == Verdict::holds ? 1 : 0;
    }

    void assume(const World& world, Witness& witness) const {
        for (const auto& [variable, value] : world.assigned)
            for (const graph::GuardFact& guard : facts_.guards)
                if (guard.variable == variable) {
                    witness.assumptions.emplace_back(guard.text, value == guard.value);
                    break;
                }
    }

    // More conditions than can be tried: what fails when all are met, or none, does fail; nothing is said to hold.
    Decision beyond(const Requirement& r, const std::set<std::uint32_t>& variables) {
        for (const bool all : {true, false}) {
            World world;
            for (const std::uint32_t v : variables) world.assigned.emplace_back(v, all);
            Decision one = in(world, r);
            if (one.verdict == Verdict::violated) return one;
        }
        return {.verdict = Verdict::undecided,
                .reason = "it depends on " + plural(variables.size(), "run-time condition") + "; at most " +
                          std::to_string(most_guards) + " are tried in all combinations"};
    }

    std::set<std::uint32_t> relevant(const Requirement& r) const {
        std::set<std::uint32_t> variables;
        if (facts_.guards.empty()) return variables;
        const auto add = [&](Index node) {
            for (graph::GuardIndex g = facts_.guard[node]; g != graph::no_guard; g = facts_.guards[g].parent)
                variables.insert(facts_.guards[g].variable);
        };
        for (const auto* side : {&r.left, &r.right})
            if (*side)
                for (const Happening& h : matching(**side, {})) add(h.node);
        if (r.state)
            for (const ObjectId object : objects(*r.state))
                for (const graph::Slot slot : timelines_.slots_read(*r.state->condition, object))
                    for (const Index node : setters_[slot]) add(node);
        return variables;
    }

    // ---- what is there in a world ---------------------------------------------------------------------------------

    [[nodiscard]] bool is_true(const program::ExprPtr& condition, ObjectId object) const {
        if (!condition) return true;
        const Value value = evaluate_for(facts_, *condition, object);
        return value.as_boolean() && *value.as_boolean();
    }

    [[nodiscard]] std::vector<Happening> matching(const EventQuery& query, const World& world) const {
        std::vector<Happening> found;
        const auto all = by_verb_.find(query.verb);
        if (all == by_verb_.end()) return found;
        for (const Happening& h : all->second)
            if (facts_.object_kind[h.object.index()] == query.kind && is_true(query.where, h.object) &&
                world.has(facts_, h.node))
                found.push_back(h);
        return found;
    }

    [[nodiscard]] std::vector<ObjectId> objects(const StateQuery& query) const {
        std::vector<ObjectId> found;
        for (const ObjectId object : facts_.objects_of_kind[query.kind])
            if (is_true(query.where, object)) found.push_back(object);
        return found;
    }

    [[nodiscard]] std::string short_name(ObjectId object) const {
        const std::string id = facts_.object_name(object);
        return id.substr(id.find('/') + 1);
    }

    // Instances around a node that may be left behind while others go on, innermost first.
    [[nodiscard]] std::vector<std::uint32_t> failing_instances(Index node) const {
        std::vector<std::uint32_t> found;
        for (std::uint32_t i = facts_.instance[node]; i != graph::no_index; i = facts_.instances[i].parent)
            if (can_fail_[i]) found.push_back(i);
        return found;
    }
    [[nodiscard]] bool is_in(Index node, std::uint32_t instance) const {
        for (std::uint32_t i = facts_.instance[node]; i != graph::no_index; i = facts_.instances[i].parent)
            if (i == instance) return true;
        return false;
    }
    // `a` can be left undone while `b` goes on.
    [[nodiscard]] bool can_be_lost(Index a, Index b) const {
        for (const std::uint32_t i : failing_instances(a))
            if (!is_in(b, i)) return true;
        return false;
    }

    Decision in(const World& world, const Requirement& r) {
        switch (r.form) {
            case Form::count: return count(world, r);
            case Form::never: return never(world, r);
            case Form::before: return order(world, r);
            case Form::then: return order(world, r);
            case Form::during: return during(world, r);
            case Form::always: return always(world, r);
            case Form::finally_: return finally(world, r);
            case Form::poison: break;
        }
        return {.verdict = Verdict::undecided};
    }

    // ---- counts ---------------------------------------------------------------------------------------------------

    // How many of `happenings` may not come about in a run that carries on to its end.
    [[nodiscard]] std::size_t losses(const std::vector<Happening>& happenings) const {
        std::map<std::uint32_t, std::map<std::uint32_t, std::size_t>> by_loop;  // loop -> outermost instance -> events
        for (const Happening& h : happenings) {
            const std::vector<std::uint32_t> around = failing_instances(h.node);
            if (!around.empty()) ++by_loop[facts_.instances[around.back()].loop][around.back()];
        }
        std::size_t lost = 0;
        for (const auto& [loop, instances] : by_loop) {
            std::vector<std::size_t> sizes;
            for (const auto& [instance, size] : instances) sizes.push_back(size);
            std::sort(sizes.rbegin(), sizes.rend());
            for (std::size_t i = 0; i < sizes.size() && i < facts_.loops[loop].max_failures; ++i) lost += sizes[i];
        }
        return lost;
    }

    Decision count(const World& world, const Requirement& r) {
        const Value number = evaluate_for(facts_, *r.number, {});
        const std::int64_t* wanted = number.as_integer();
        if (!wanted)
            return {.verdict = Verdict::undecided, .reason = "the number is not known", .missing = missing(number)};
        const std::vector<Happening> all = matching(*r.left, world);
        if (!r.left->per) return counted(r, all, *wanted, "", world);
        std::map<std::string, std::vector<Happening>> groups;
        for (const ObjectId object : facts_.objects_of_kind[r.left->kind])
            if (is_true(r.left->where, object)) groups[key(*r.left->per, object)];
        for (const Happening& h : all) groups[key(*r.left->per, h.object)].push_back(h);
        Decision worst{.verdict = Verdict::holds};
        for (const auto& [name, group] : groups) {
            Decision one = counted(r, group, *wanted, name, world);
            if (rank(one.verdict) > rank(worst.verdict)) worst = std::move(one);
            if (worst.verdict == Verdict::violated) break;
        }
        return worst;
    }

    [[nodiscard]] std::string key(const program::Expr& per, ObjectId object) const {
        const Value value = evaluate_for(facts_, per, object);
        return value.as_object() ? short_name(*value.as_object()) : program::to_text(value, names_);
    }

    Decision counted(const Requirement& r, const std::vector<Happening>& found, std::int64_t wanted,
                     const std::string& of, const World&) const {
        const auto most = static_cast<std::int64_t>(found.size());
        const std::int64_t least = most - static_cast<std::int64_t>(losses(found));
        const bool too_many = r.bound != Bound::at_least && most > wanted;
        const bool too_few = r.bound != Bound::at_most && least < wanted;
        Decision d{.verdict = Verdict::holds, .reached = too_few ? least : most};
        if (!too_many && !too_few) return d;
        d.verdict = Verdict::violated;
        const std::string whose = of.empty() ? "" : " of " + of;
        d.reason = "`" + r.left->verb + "`" + whose + " happens " +
                   (d.reached == 0 ? "never" : plural(static_cast<std::size_t>(d.reached), "time"));
        if (too_few && least < most) d.reason += " if as many instances fail as may";
        Witness witness;
        for (const Happening& h : found) {
            witness.nodes.push_back(h.node);
            witness.objects.push_back(h.object);
        }
        if (too_many) witness.schedule = run_through(witness.nodes);
        d.witness = std::move(witness);
        return d;
    }

    Decision never(const World& world, const Requirement& r) {
        const std::vector<Happening> found = matching(*r.left, world);
        if (found.empty()) return {.verdict = Verdict::holds, .reached = 0};
        Decision d{.verdict = Verdict::violated,
                   .reason = "`" + r.left->verb + "` happens in `" + facts_.path(found[0].node) + "`"};
        d.reached = static_cast<std::int64_t>(found.size());
        d.witness =
            Witness{.schedule = run_through({found[0].node}), .objects = {found[0].object}, .nodes = {found[0].node}};
        return d;
    }

    // ---- order ----------------------------------------------------------------------------------------------------

    // `A before B`: a ⇝ b; `A then B` reads the same with the quantifiers of response. Both ask for a way from a to b.
    Decision order(const World& world, const Requirement& r) {
        const std::vector<Happening> as = matching(*r.left, world);
        const std::vector<Happening> bs = matching(*r.right, world);
        const bool is_then = r.form == Form::then;
        if (!is_then && (as.empty() || bs.empty()) &&
            !(r.left_quantifier == Quantifier::some && as.empty() && !bs.empty()))
            return vacuous(as.empty() ? *r.left : *r.right);
        if (is_then && as.empty()) return vacuous(*r.left);
        if (!r.same_object) return order_of(r, as, bs);
        std::map<ObjectId, std::pair<std::vector<Happening>, std::vector<Happening>>> by_object;
        for (const Happening& h : as) by_object[h.object].first.push_back(h);
        for (const Happening& h : bs) by_object[h.object].second.push_back(h);
        Decision worst{.verdict = Verdict::vacuous};
        for (const auto& [object, sides] : by_object) {
            const auto& [left, right] = sides;
            const bool asked = is_then ? !left.empty()
                                       : (!left.empty() && !right.empty()) ||
                                             (r.left_quantifier == Quantifier::some && !right.empty());
            if (!asked) continue;
            Decision one = pairwise(r, left, right);
            if (rank(one.verdict) > rank(worst.verdict)) worst = std::move(one);
            if (worst.verdict == Verdict::violated) break;
        }
        if (worst.verdict == Verdict::vacuous) return vacuous(*r.right);
        return worst;
    }

    static Decision vacuous(const EventQuery& query) {
        return {.verdict = Verdict::vacuous, .reason = "no step does `" + query.verb + "` on what is asked about"};
    }

    static bool every_left(const Requirement& r) { return r.left_quantifier == Quantifier::every; }
    static bool every_right(const Requirement& r) {
        return r.form != Form::then && r.right_quantifier == Quantifier::every;
    }

    // Few on both sides: every pair is asked about.
    Decision pairwise(const Requirement& r, const std::vector<Happening>& as, const std::vector<Happening>& bs) {
        std::vector<Pair> pairs;
        for (const Happening& a : as)
            for (const Happening& b : bs) pairs.push_back({a.node, b.node});
        std::vector<bool> ok = reach(facts_, pairs);
        for (std::size_t i = 0; i < pairs.size(); ++i)
            if (ok[i])
                ok[i] = !(r.form == Form::then ? can_be_lost(pairs[i].after, pairs[i].before) ||
                                                     !failing_instances(pairs[i].after).empty()
                                               : can_be_lost(pairs[i].before, pairs[i].after));
        const auto at = [&](std::size_t a, std::size_t b) -> bool { return ok[a * bs.size() + b]; };
        const bool el = every_left(r);
        const bool er = every_right(r);
        if (el && er) {
            for (std::size_t a = 0; a < as.size(); ++a)
                for (std::size_t b = 0; b < bs.size(); ++b)
                    if (!at(a, b)) return unordered(r, as[a].node, bs[b].node);
            return {.verdict = Verdict::holds};
        }
        if (el) {
            for (std::size_t a = 0; a < as.size(); ++a) {
                bool any = false;
                for (std::size_t b = 0; b < bs.size(); ++b) any = any || at(a, b);
                if (!any) return bs.empty() ? lonely(r, as[a].node) : unordered(r, as[a].node, bs[0].node);
            }
            return {.verdict = Verdict::holds};
        }
        if (er) {
            for (std::size_t b = 0; b < bs.size(); ++b) {
                bool any = false;
                for (std::size_t a = 0; a < as.size(); ++a) any = any || at(a, b);
                if (!any) return as.empty() ? lonely(r, bs[b].node) : unordered(r, as[0].node, bs[b].node);
            }
            return {.verdict = Verdict::holds};
        }
        for (const bool one : ok)
            if (one) return {.verdict = Verdict::holds};
        if (as.empty() || bs.empty()) return lonely(r, as.empty() ? bs[0].node : as[0].node);
        return unordered(r, as[0].node, bs[0].node);
    }

    Decision order_of(const Requirement& r, const std::vector<Happening>& as, const std::vector<Happening>& bs) {
        static constexpr std::size_t few = 256;
        if (as.size() * bs.size() <= few || bs.empty() || as.empty() || !facts_.loops.empty())
            return pairwise(r, as, bs);
        const auto nodes = [](const std::vector<Happening>& all) {
            std::vector<Index> found;
            for (const Happening& h : all) found.push_back(h.node);
            return found;
        };
        if (every_left(r) && every_right(r)) {
            const auto pair = first_unordered(facts_, nodes(as), nodes(bs));
            return pair ? unordered(r, pair->before, pair->after) : Decision{.verdict = Verdict::holds};
        }
        std::vector<bool> marks(facts_.size(), false);
        const bool from_left = every_right(r) || !every_left(r);
        for (const Happening& h : from_left ? as : bs) marks[h.node] = true;
        const std::vector<bool> good = from_left ? after_any(facts_, marks) : before_any(facts_, marks);
        bool any = false;
        for (const Happening& h : from_left ? bs : as) {
            any = any || good[h.node];
            if (!good[h.node] && (every_left(r) || every_right(r)))
                return from_left ? unordered(r, as[0].node, h.node) : unordered(r, h.node, bs[0].node);
        }
        return any ? Decision{.verdict = Verdict::holds} : unordered(r, as[0].node, bs[0].node);
    }

    Decision unordered(const Requirement& r, Index a, Index b) {
        Decision d{.verdict = Verdict::violated};
        const bool way = reach(facts_, std::vector<Pair>{{a, b}})[0];
        Witness witness{.nodes = {a, b}};
        for (const Index n : {a, b})
            for (const graph::EventFact& e : facts_.events[n]) witness.objects.push_back(e.object);
        if (way) {
            const Index lost = r.form == Form::then ? b : a;
            d.reason = "`" + facts_.path(lost) + "` can fail while the others go on, and then " +
                       (r.form == Form::then ? "it never comes" : "`" + facts_.path(b) + "` comes all the same");
            witness.schedule = run_through({r.form == Form::then ? a : lost});
            if (r.form != Form::then) witness.schedule.back().what = Moment::What::fail;
        } else if (r.form == Form::then) {
            d.reason = "`" + facts_.path(a) + "` is not followed by `" + facts_.path(b) + "`";
            witness.schedule = run_through({a});
            d.fix = Decision::MissingOrder{a, b};
        } else {
            d.reason = "`" + facts_.path(b) + "` can start before `" + facts_.path(a) + "` has finished";
            witness.schedule = run_up_to({b});
            d.fix = Decision::MissingOrder{a, b};
        }
        if (d.fix && (a == b || reach(facts_, std::vector<Pair>{{b, a}})[0])) d.fix.reset();  // it would be a cycle
        d.witness = std::move(witness);
        return d;
    }

    Decision lonely(const Requirement& r, Index node) const {
        Decision d{.verdict = Verdict::violated};
        const EventQuery& other = r.form == Form::then || r.left_quantifier == Quantifier::every ? *r.right : *r.left;
        d.reason = "`" + facts_.path(node) + "` has no step that does `" + other.verb + "`";
        Witness witness{.schedule = run_through({node}), .nodes = {node}};
        for (const graph::EventFact& e : facts_.events[node]) witness.objects.push_back(e.object);
        d.witness = std::move(witness);
        return d;
    }

    // ---- states ---------------------------------------------------------------------------------------------------

    [[nodiscard]] std::string missing(const Value& value) const {
        return value.is_unknown() && value.as_unknown()->id < 0xf0000000U ? facts_.unknown_text(value.as_unknown()->id)
                                                                          : "";
    }
    [[nodiscard]] std::string missing(const Timeline& line) const {
        return line.unknown != 0 || line.first == Truth::unknown ? facts_.unknown_text(line.unknown) : "";
    }

    Decision undecided(const Timeline& line) const {
        if (!line.is_total)
            return {.verdict = Verdict::undecided,
                    .reason = "several states of `" + facts_.object_name(line.object) +
                              "` decide it, and the steps that set them have no order"};
        return {
            .verdict = Verdict::undecided, .reason = "it depends on what is not known yet", .missing = missing(line)};
    }

    Decision during(const World& world, const Requirement& r) {
        const std::vector<Happening> as = matching(*r.left, world);
        if (as.empty()) return vacuous(*r.left);
        const std::vector<ObjectId> all = objects(*r.state);
        std::map<ObjectId, Timeline> lines;
        const auto line_of = [&](ObjectId object) -> const Timeline& {
            const auto found = lines.find(object);
            return found != lines.end()
                       ? found->second
                       : lines.emplace(object, timelines_.of(*r.state->condition, object, world)).first->second;
        };
        struct Asked {
            Index node;
            ObjectId object;
            std::size_t first_pair;
        };
        std::vector<Asked> asked;
        std::vector<Pair> pairs;
        const auto ask = [&](Index node, ObjectId object) {
            asked.push_back({node, object, pairs.size()});
            for (const Timeline::Change& change : line_of(object).changes) {
                pairs.push_back({change.node, node});
                pairs.push_back({node, change.node});
            }
        };
        for (const Happening& a : as) {
            if (r.same_object) {
                if (std::binary_search(all.begin(), all.end(), a.object)) ask(a.node, a.object);
            } else {
                for (const ObjectId object : all) ask(a.node, object);
            }
        }
        if (asked.empty()) return {.verdict = Verdict::vacuous, .reason = "no " + r.state->text + " is asked about"};
        const std::vector<bool> ways = reach(facts_, pairs);
        Decision worst{.verdict = Verdict::holds};
        for (const Asked& one : asked) {
            Decision d = held_during(r, one.node, line_of(one.object), ways, one.first_pair);
            if (rank(d.verdict) > rank(worst.verdict)) worst = std::move(d);
            if (worst.verdict == Verdict::violated) break;
        }
        return worst;
    }

    Decision held_during(const Requirement& r, Index a, const Timeline& line, const std::vector<bool>& ways,
                         std::size_t pair) {
        Truth now = line.first;
        std::optional<Index> breaker;
        Truth weakest = Truth::yes;
        bool settled = false;
        for (std::size_t i = 0; i < line.changes.size(); ++i) {
            const Timeline::Change& change = line.changes[i];
            const bool is_before = ways[pair + 2 * i] && !can_be_lost(change.node, a);
            const bool is_after = ways[pair + 2 * i + 1];
            if (is_before && !settled) {
                now = change.after;
                continue;
            }
            if (is_after) break;
            // Beside it (or the step itself): whatever it leads to may hold during the step as well.
            settled = true;
            if (change.after != Truth::yes && !breaker) breaker = change.node, weakest = change.after;
        }
        if (now == Truth::yes && !breaker && line.is_total) return {.verdict = Verdict::holds};
        if (!line.is_total || now == Truth::unknown || (now == Truth::yes && weakest == Truth::unknown))
            return undecided(line);
        Decision d{.verdict = Verdict::violated};
        Witness witness{.objects = {line.object}, .nodes = {a}};
        if (now != Truth::yes) {
            d.reason = r.state->text + " does not surely hold for " + short_name(line.object) + " while `" +
                       facts_.path(a) + "` runs";
            witness.schedule = run_up_to({a});
        } else {
            d.reason = "`" + facts_.path(*breaker) + "` can end " + r.state->text + " of " + short_name(line.object) +
                       " while `" + facts_.path(a) + "` runs";
            witness.nodes.push_back(*breaker);
            witness.schedule = run_up_to(*breaker == a ? std::vector<Index>{a} : std::vector<Index>{a, *breaker});
            if (*breaker != a) d.fix = Decision::MissingOrder{a, *breaker};
        }
        d.witness = std::move(witness);
        return d;
    }

    Decision finally(const World& world, const Requirement& r) {
        const std::vector<ObjectId> all = objects(*r.state);
        Decision worst{.verdict = Verdict::holds};
        bool some_holds = false;
        for (const ObjectId object : all) {
            const Timeline line = timelines_.of(*r.state->condition, object, world);
            Truth last = line.changes.empty() ? line.first : line.changes.back().after;
            std::optional<Index> stuck;
            // A tail of changes in one instance: it may stop before, in or after each of them.
            if (!line.changes.empty()) {
                const std::vector<std::uint32_t> around = failing_instances(line.changes.back().node);
                for (std::size_t i = line.changes.size(); !around.empty() && i-- > 0;) {
                    if (!is_in(line.changes[i].node, around.back())) break;
                    const Truth before = i == 0 ? line.first : line.changes[i - 1].after;
                    if (before != Truth::yes && last == Truth::yes) last = before, stuck = line.changes[i].node;
                }
            }
            some_holds = some_holds || last == Truth::yes;
            if (last == Truth::yes && line.is_total) continue;
            Decision d =
                last == Truth::unknown || !line.is_total ? undecided(line) : Decision{.verdict = Verdict::violated};
            if (d.verdict == Verdict::violated) {
                d.reason = r.state->text + " does not hold for " + short_name(object) + " at the end";
                if (stuck) d.reason += " if `" + facts_.path(*stuck) + "` fails and the others go on";
                Witness witness{.objects = {object}};
                if (stuck)
                    witness.nodes = {*stuck};
                else if (!line.changes.empty())
                    witness.nodes = {line.changes.back().node};
                if (!witness.nodes.empty()) witness.schedule = run_through(witness.nodes);
                if (stuck) witness.schedule.back().what = Moment::What::fail;
                d.witness = std::move(witness);
            }
            if (rank(d.verdict) > rank(worst.verdict)) worst = std::move(d);
        }
        if (r.right_quantifier == Quantifier::some && some_holds) return {.verdict = Verdict::holds};
        return worst;
    }

    // ---- always ---------------------------------------------------------------------------------------------------

    Decision always(const World& world, const Requirement& r) {
        const Value number = evaluate_for(facts_, *r.number, {});
        const std::int64_t* wanted = number.as_integer();
        if (!wanted)
            return {.verdict = Verdict::undecided, .reason = "the number is not known", .missing = missing(number)};
        std::map<std::string, std::vector<ObjectId>> groups;
        for (const ObjectId object : objects(*r.state))
            groups[r.per ? key(*r.per, object) : std::string()].push_back(object);
        if (groups.empty() && !r.per) groups[""];
        Decision worst{.verdict = Verdict::holds};
        bool first = true;
        for (const auto& [name, members] : groups) {
            Decision one = bounded(world, r, members, *wanted, name);
            const bool tighter = r.bound == Bound::at_least ? one.reached < worst.reached : one.reached > worst.reached;
            if (first || rank(one.verdict) > rank(worst.verdict) || (one.verdict == worst.verdict && tighter))
                worst = std::move(one);
            first = false;
            if (worst.verdict == Verdict::violated) break;
        }
        return worst;
    }

    Decision bounded(const World& world, const Requirement& r, const std::vector<ObjectId>& members,
                     std::int64_t wanted, const std::string& of) {
        const auto size = static_cast<std::int64_t>(members.size());
        const Polarity polarity = r.bound == Bound::at_least ? Polarity::fails : Polarity::holds;
        const std::int64_t most = r.bound == Bound::at_least ? size - wanted : wanted;  // that may be open together
        std::vector<Timeline> lines;
        for (const ObjectId object : members) lines.push_back(timelines_.of(*r.state->condition, object, world));
        const auto widest = [&](bool unknown_counts, bool with_failures) {
            std::vector<Interval> intervals;
            for (const Timeline& line : lines)
                for (const Interval& i : possible_intervals(line, polarity, unknown_counts || !line.is_total))
                    intervals.push_back(i);
            return with_failures ? widest_with_failures(intervals) : Width{largest_of(intervals), {}};
        };
        const bool can_fail = std::find(can_fail_.begin(), can_fail_.end(), true) != can_fail_.end();
        Width upper = widest(true, can_fail);
        const auto reached = [&](const Width& w) {
            const auto n = static_cast<std::int64_t>(w.open.size());
            return r.bound == Bound::at_least ? size - n : n;
        };
        Decision d{.verdict = Verdict::holds, .reached = reached(upper)};
        const bool exactly_misses = r.bound == Bound::exactly;
        if (static_cast<std::int64_t>(upper.open.size()) <= most && !exactly_misses) return d;
        const bool is_sure = std::all_of(lines.begin(), lines.end(), [](const Timeline& l) {
            return l.is_total && l.unknown == 0 && l.first != Truth::unknown;
        });
        Width lower = is_sure ? upper : widest(false, can_fail);
        if (static_cast<std::int64_t>(lower.open.size()) <= most) {
            for (const Timeline& line : lines)
                if (!line.is_total || line.unknown != 0 || line.first == Truth::unknown) return undecided(line);
        }
        d.verdict = Verdict::violated;
        d.reached = reached(lower);
        describe(r, lower, of, d);
        return d;
    }

    struct Width {
        std::vector<Interval> open;
        std::vector<Index> failed;  // nodes at which instances were left behind
    };

    std::vector<Interval> largest_of(const std::vector<Interval>& intervals) const {
        std::vector<Interval> open;
        for (const std::uint32_t i : largest_antichain(facts_, intervals)) open.push_back(intervals[i]);
        return open;
    }

    // Up to max_failures instances of each loop keep the state that they were in: their intervals do not end. Chosen
    // greedily for a witness; the bound itself takes all that may be.
    Width widest_with_failures(const std::vector<Interval>& intervals) const {
        Width best{largest_of(intervals), {}};
        std::map<std::uint32_t, std::uint32_t> left;
        std::vector<Interval> open = intervals;
        for (Interval& interval : open) {
            if (interval.begin == graph::no_index || interval.end == graph::no_index) continue;
            const std::vector<std::uint32_t> around = failing_instances(interval.begin);
            if (around.empty() || !is_in(interval.end, around.back())) continue;
            const std::uint32_t loop = facts_.instances[around.back()].loop;
            if (left[loop]++ >= facts_.loops[loop].max_failures) continue;
            best.failed.push_back(interval.begin);
            interval.end = graph::no_index;
        }
        if (best.failed.empty()) return best;
        std::vector<Interval> wider = largest_of(open);
        if (wider.size() > best.open.size())
            best.open = std::move(wider);
        else
            best.failed.clear();
        return best;
    }

    void describe(const Requirement& r, const Width& width, const std::string& of, Decision& d) {
        Witness witness;
        std::vector<Index> begins;
        std::string who;
        std::size_t named = 0;
        for (const Interval& i : width.open) {
            witness.objects.push_back(i.object);
            if (i.begin != graph::no_index) begins.push_back(i.begin);
            if (named < 5) who += (named == 0 ? "" : ", ") + short_name(i.object);
            ++named;
        }
        if (named > 5) who += " and " + std::to_string(named - 5) + " more";
        std::sort(begins.begin(), begins.end());
        witness.nodes = begins;
        witness.schedule = run_up_to(begins);
        for (Moment& m : witness.schedule)
            if (m.what == Moment::What::finish && std::binary_search(width.failed.begin(), width.failed.end(), m.node))
                m.what = Moment::What::fail;
        const std::string where = of.empty() ? "" : " of " + of;
        if (r.bound == Bound::at_least)
            d.reason = "only " + std::to_string(std::max<std::int64_t>(0, d.reached)) + " " + r.state->text + where +
                       " may be left while " + who + " are not";
        else
            d.reason = std::to_string(d.reached) + " " + r.state->text + where + " are possible at once: " + who;
        // Two of them in an order that is missing: the later one waits until the earlier one is over.
        if (width.failed.empty())
            for (const Interval& a : width.open)
                for (const Interval& b : width.open)
                    if (a.end != graph::no_index && b.begin != graph::no_index && a.object != b.object &&
                        a.end != b.begin && !reach(facts_, std::vector<Pair>{{b.begin, a.end}})[0]) {
                        d.fix = Decision::MissingOrder{a.end, b.begin};
                        d.witness = std::move(witness);
                        return;
                    }
        d.witness = std::move(witness);
    }

    // ---- schedules ------------------------------------------------------------------------------------------------

    // Everything before `nodes`, then `nodes` themselves started.
    [[nodiscard]] std::vector<Moment> run_up_to(const std::vector<Index>& nodes) const {
        std::vector<Moment> schedule;
        const std::vector<Index> first = ancestors(facts_, nodes);
        for (const Index n : first) {
            schedule.push_back({Moment::What::start, n});
            schedule.push_back({Moment::What::finish, n});
        }
        for (const Index n : nodes)
            if (!std::binary_search(first.begin(), first.end(), n)) schedule.push_back({Moment::What::start, n});
        return schedule;
    }
    [[nodiscard]] std::vector<Moment> run_through(const std::vector<Index>& nodes) const {
        std::vector<Moment> schedule = run_up_to(nodes);
        const std::vector<Index> first = ancestors(facts_, nodes);
        for (const Index n : nodes)
            if (!std::binary_search(first.begin(), first.end(), n)) schedule.push_back({Moment::What::finish, n});
        return schedule;
    }

    struct Names final : program::ObjectNames {
        explicit Names(const Facts& f) : facts(f) {}
        [[nodiscard]] std::string_view name(ObjectId id) const override {
            held = facts.object_name(id);
            return held;
        }
        [[nodiscard]] std::string id_text(ObjectId id) const override { return facts.object_name(id); }
        const Facts& facts;
        mutable std::string held;
    };

    const Facts& facts_;
    graph::Rows<Index> setters_;
    Timelines timelines_;
    Names names_;
    std::map<std::string, std::vector<Happening>> by_verb_;
    std::vector<bool> can_fail_;
};

}  // namespace

std::vector<Decision> decide(const Facts& facts, const std::vector<Requirement>& requirements) {
    Decider decider(facts);
    std::vector<Decision> decisions;
    for (const Requirement& r : requirements) decisions.push_back(decider.decide(r));
    return decisions;
}

}  // namespace pvsplan::checks

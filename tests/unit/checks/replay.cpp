#include "tests/unit/checks/replay.hpp"

#include <algorithm>
#include <bit>

namespace pvsplan::test {
namespace {

using Form = Asked::Form;

// Of the ways in which the conditions turn out as the witness says, the one in which most of the others are true.
std::optional<Model::Truths> truths_of(const Model& model, const checks::Witness& witness) {
    Model::Truths known = 0;
    Model::Truths are_true = 0;
    for (const auto& [text, truth] : witness.assumptions) {
        const auto found = model.by_text.find(text);
        if (found == model.by_text.end()) return std::nullopt;
        known |= 1U << found->second.variable;
        if (truth == found->second.wanted) are_true |= 1U << found->second.variable;
    }
    std::optional<Model::Truths> best;
    for (const Model::Truths truths : model.possible)
        if ((truths & known) == are_true && (!best || std::popcount(truths) > std::popcount(*best))) best = truths;
    return best;
}

struct Replayed {
    const Model& model;
    const Asked& asked;
    const checks::Witness& witness;
    Model::Truths truths;
    std::vector<Moment> moments;  // before the first move, after each move

    [[nodiscard]] const Moment& end() const { return moments.back(); }
    [[nodiscard]] static bool has(NodeSet set, std::uint32_t node) { return (set >> node & 1U) != 0; }
    [[nodiscard]] bool are_related(const Occurrence& a, const Occurrence& b) const {
        return !asked.same_object || a.object == b.object;
    }
    // In the schedule, b started after a had finished; for `every a then`, after it had finished or failed.
    [[nodiscard]] bool came_after(const Occurrence& a, const Occurrence& b) const {
        for (std::size_t i = 1; i < moments.size(); ++i) {
            const Moment& before = moments[i - 1];
            if (has(moments[i].started, b.node) && !has(before.started, b.node))
                return has(before.finished | (is_response() ? before.failed : 0), a.node);
        }
        return false;
    }
    [[nodiscard]] bool is_response() const {
        return asked.form == Form::then && (asked.left_many == Many::every || asked.right_many == Many::some);
    }
    // It has failed, or was abandoned before it started.
    [[nodiscard]] bool never_finishes(const Occurrence& h) const {
        const std::uint32_t given = abandoned(model, end().failed).value_or(0);
        return has(end().failed, h.node) || (!has(end().started, h.node) && is_abandoned(model, given, h.node));
    }
};

std::string fault_of_count(const Replayed& r) {
    const bool is_never = r.asked.form == Form::never;
    const std::vector<Occurrence> all = matching(r.model, r.asked.left, r.truths);
    for (const auto& group :
         groups(r.model, r.asked.left.kind, r.asked.left.site, is_never ? Per::whole : r.asked.per)) {
        std::int64_t started = 0;
        std::int64_t there = 0;
        for (const Occurrence& h : all) {
            if (std::find(group.begin(), group.end(), h.object) == group.end()) continue;
            ++there;
            started += Replayed::has(r.end().started, h.node) ? 1 : 0;
        }
        if ((is_never || r.asked.count != Count::at_least) && started > (is_never ? 0 : r.asked.number)) return "";
        if (!is_never && r.asked.count != Count::at_most && there < r.asked.number) return "";
    }
    return "does not show too many or too few";
}

std::string fault_of_order(const Replayed& r, const std::vector<Occurrence>& as, const std::vector<Occurrence>& bs) {
    const bool left_every = r.asked.left_many == Many::every;
    if (r.asked.right_many == Many::every) {
        for (const Occurrence& b : bs) {
            const bool is_asked = !left_every || std::any_of(as.begin(), as.end(), [&](const Occurrence& a) {
                return r.are_related(a, b) && Replayed::has(r.end().started, a.node);
            });
            if (r.asked.form == Form::then && is_asked && r.never_finishes(b)) return "";
            if (!Replayed::has(r.end().started, b.node)) continue;
            const auto is_late = [&](const Occurrence& a) {
                return r.are_related(a, b) && !r.came_after(a, b) && !(r.is_response() && r.never_finishes(a));
            };
            const bool shows = left_every ? std::any_of(as.begin(), as.end(), is_late)
                                          : std::none_of(as.begin(), as.end(), [&](const Occurrence& a) {
                                                return r.are_related(a, b) && r.came_after(a, b);
                                            });
            if (shows) return "";
        }
        return "starts no step too early";
    }
    // No b that is asked about is left to come, and none came after.
    const auto is_lost = [&](const Occurrence& a) {
        return std::all_of(bs.begin(), bs.end(), [&](const Occurrence& b) {
            return !r.are_related(a, b) || (r.asked.form == Form::then && r.never_finishes(b)) ||
                   (Replayed::has(r.end().started, b.node) && !r.came_after(a, b));
        });
    };
    const auto is_lost_after = [&](const Occurrence& a) {
        return is_lost(a) && (r.end().failed == 0 || Replayed::has(r.end().started, a.node));
    };
    const auto has_no_pair = [&](const Occurrence& a) { return is_lost(a) || r.never_finishes(a); };
    const bool shows =
        left_every ? std::any_of(as.begin(), as.end(), is_lost_after) : std::all_of(as.begin(), as.end(), has_no_pair);
    return shows ? "" : "leaves it open whether one comes after";
}

// Decides one value of the keys.
std::string fault_of_order(const Replayed& r) {
    const std::vector<Occurrence> as = matching(r.model, r.asked.left, r.truths);
    const std::vector<Occurrence> bs = matching(r.model, r.asked.right, r.truths);
    if (r.asked.left.per == Per::whole && r.asked.right.per == Per::whole) return fault_of_order(r, as, bs);
    const auto key = [&](const EventAsked& side, std::size_t object) {
        return side.per == Per::site ? r.model.objects[object].site : r.model.objects[object].name;
    };
    std::string fault = "is about no value of the key";
    for (const EventAsked* keyed : {&r.asked.left, &r.asked.right})
        for (const auto& group : groups(r.model, keyed->kind, keyed->site, keyed->per)) {
            if (keyed->per == Per::whole || fault.empty()) continue;
            const auto with_key = [&](std::vector<Occurrence> all, const EventAsked& side) {
                std::erase_if(all, [&](const Occurrence& h) {
                    return side.per != Per::whole && key(side, h.object) != key(*keyed, group[0]);
                });
                return all;
            };
            const std::vector<Occurrence> left = with_key(as, r.asked.left);
            const std::vector<Occurrence> right = with_key(bs, r.asked.right);
            const bool is_asked = r.asked.left_many == Many::every    ? !left.empty()
                                  : r.asked.right_many == Many::every ? !right.empty()
                                                                      : !left.empty() || !right.empty();
            if (is_asked) fault = fault_of_order(r, left, right);
        }
    return fault;
}

// Tries the assignments of the unknown states in their order: one that violates the requirement is enough.
template <class Shows>
bool for_some_unknown(const Oracle& oracle, const Shows& shows) {
    const std::vector<std::uint32_t> assignments = oracle.unknown_assignments();
    return std::any_of(assignments.begin(), assignments.end(), shows);
}

NodeSet writers_of(const Replayed& r, const ToyPredicate& predicate, std::size_t object) {
    const bool reads[] = {
        predicate.holds(0, 0) != predicate.holds(1, 0) || predicate.holds(0, 1) != predicate.holds(1, 1),
        predicate.holds(0, 0) != predicate.holds(0, 1) || predicate.holds(1, 0) != predicate.holds(1, 1)};
    NodeSet writers = 0;
    for (std::size_t n = 0; n < r.model.nodes.size(); ++n)
        for (const Model::Set& set : r.model.nodes[n].sets)
            if (set.local / toy_states == object && reads[set.local % toy_states] && r.model.is_there(n, r.truths))
                writers |= 1U << n;
    return writers;
}

std::string fault_of_states(const Replayed& r, const Oracle& oracle) {
    const ToyPredicate& predicate = toy_predicates()[r.asked.predicate];
    const std::vector<Possible> states = possible_states(r.model, r.truths, r.end());
    std::vector<std::size_t> named;
    for (const program::ObjectId object : r.witness.objects) named.push_back(object.index());
    std::sort(named.begin(), named.end());
    named.erase(std::unique(named.begin(), named.end()), named.end());
    const auto is_named = [&](std::size_t object) { return std::binary_search(named.begin(), named.end(), object); };
    const auto all =
        groups(r.model, "node", r.asked.state_site, r.asked.form == Form::always ? r.asked.per : Per::whole);
    if (r.asked.form == Form::always) {
        for (const auto& group : all)
            for (const bool counts_holding : {true, false}) {
                if (r.asked.count == (counts_holding ? Count::at_least : Count::at_most)) continue;
                const auto may = counts_holding ? static_cast<std::int64_t>(r.asked.number)
                                                : static_cast<std::int64_t>(group.size()) - r.asked.number;
                const auto shows = [&](std::uint32_t unknown) {
                    return std::count_if(group.begin(), group.end(), [&](std::size_t object) {
                               return is_named(object) &&
                                      is_possible(predicate, counts_holding, object, states, unknown);
                           }) > may;
                };
                if (for_some_unknown(oracle, shows)) return "";
            }
        return "does not name that many objects that may be so at its end";
    }
    const auto may_fail = [&](std::size_t object) {
        return is_named(object) && for_some_unknown(oracle, [&](std::uint32_t unknown) {
                   return is_possible(predicate, false, object, states, unknown);
               });
    };
    const auto all_or_one_fail = [&](const std::vector<std::size_t>& objects) {
        return r.asked.right_many == Many::every ? std::any_of(objects.begin(), objects.end(), may_fail)
                                                 : std::all_of(objects.begin(), objects.end(), may_fail);
    };
    if (r.asked.form == Form::finally) {
        std::vector<std::size_t> over;
        for (const std::size_t object : all[0])
            if ((writers_of(r, predicate, object) & ~r.end().finished) == 0) over.push_back(object);
        const bool are_over = r.asked.right_many == Many::every || over.size() == all[0].size();
        return are_over && all_or_one_fail(over) ? "" : "does not name what is otherwise in the end";
    }
    for (const Occurrence& a : matching(r.model, r.asked.left, r.truths)) {
        if (!Replayed::has(r.end().running(), a.node)) continue;
        std::vector<std::size_t> objects = all[0];
        if (r.asked.same_object) std::erase_if(objects, [&](std::size_t object) { return object != a.object; });
        if (all_or_one_fail(objects)) return "";
    }
    return "does not name what may be otherwise at its end";
}

std::string fault_of_fix(const Replayed& r, const checks::Decision::MissingOrder& fix) {
    std::vector<NodeSet> all_before(r.model.nodes.size(), 0);
    for (std::size_t n = 0; n < r.model.nodes.size(); ++n)
        for (std::size_t p = 0; p < n; ++p)
            if (Replayed::has(r.model.nodes[n].before, static_cast<std::uint32_t>(p)))
                all_before[n] |= all_before[p] | 1U << p;
    if (fix.before == fix.after || Replayed::has(all_before[fix.before], fix.after))
        return "comes with a fix that makes a cycle";
    if (Replayed::has(all_before[fix.after], fix.before)) return "comes with a fix that is there already";
    return "";
}

}  // namespace

std::vector<Move> moves_of(const checks::Decision& decision) {
    std::vector<Move> moves;
    if (!decision.witness) return moves;
    for (const schedule::Moment& moment : decision.witness->schedule) {
        const auto is = moment.what == schedule::Moment::What::start    ? Move::Type::start
                        : moment.what == schedule::Moment::What::finish ? Move::Type::finish
                                                                        : Move::Type::fail;
        moves.push_back({is, moment.node});
    }
    return moves;
}

std::string fault_of_witness(const Oracle& oracle, const Asked& asked, const checks::Decision& decision) {
    if (!decision.witness) return "is missing";
    const Model& model = oracle.model();
    const auto truths = truths_of(model, *decision.witness);
    if (!truths) return "assumes a condition that the plan does not have";
    Replayed replayed{model, asked, *decision.witness, *truths, {Moment{}}};
    for (const Move& move : moves_of(decision)) {
        Moment next = replayed.end();
        // Joins and approvals pass by themselves; a schedule may say so.
        const bool is_silent =
            !model.nodes[move.node].is_action && (model.nodes[move.node].before & ~over(model, *truths, next)) == 0;
        if (!is_silent && !make(model, *truths, move, next)) {
            const char* verb = move.type == Move::Type::start    ? "starts"
                               : move.type == Move::Type::finish ? "finishes"
                                                                 : "fails";
            return std::string(verb) + " `" + model.nodes[move.node].id + "` when it cannot";
        }
        replayed.moments.push_back(next);
    }
    if (decision.fix)
        if (std::string fault = fault_of_fix(replayed, *decision.fix); !fault.empty()) return fault;
    switch (asked.form) {
        case Form::count:
        case Form::never: return fault_of_count(replayed);
        case Form::before:
        case Form::then: return fault_of_order(replayed);
        case Form::during:
        case Form::always:
        case Form::finally: return fault_of_states(replayed, oracle);
    }
    return "";
}

}  // namespace pvsplan::test

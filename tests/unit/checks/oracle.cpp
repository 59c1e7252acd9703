#include "tests/unit/checks/oracle.hpp"

#include <algorithm>
#include <bit>
#include <map>
#include <set>
#include <stdexcept>

namespace pvsplan::test {

using Form = Asked::Form;

std::vector<Occurrence> matching(const Model& model, const EventAsked& event, std::uint32_t truths) {
    std::vector<Occurrence> found;
    for (std::uint32_t n = 0; n < model.nodes.size(); ++n) {
        if (!model.is_there(n, truths)) continue;
        for (const Model::Event& e : model.nodes[n].events) {
            const Model::Object& object = model.objects[e.object];
            if (e.verb == event.verb && object.kind == event.kind && (event.site.empty() || object.site == event.site))
                found.push_back({n, e.object});
        }
    }
    return found;
}

std::vector<std::vector<std::size_t>> groups(const Model& model, const std::string& kind, const std::string& site,
                                             Per per) {
    std::map<std::string, std::vector<std::size_t>> by_key;
    if (per == Per::whole) by_key[""];
    for (std::size_t o = 0; o < model.objects.size(); ++o) {
        const Model::Object& object = model.objects[o];
        if (object.kind != kind || (!site.empty() && object.site != site)) continue;
        by_key[per == Per::whole ? "" : per == Per::site ? object.site : object.name].push_back(o);
    }
    std::vector<std::vector<std::size_t>> all;
    for (auto& [key, members] : by_key) all.push_back(std::move(members));
    return all;
}

std::vector<Possible> possible_states(const Model& model, Model::Truths truths, const Moment& moment) {
    std::vector<Possible> states;
    for (const auto& initial : model.initial) states.push_back(initial ? 1U << *initial : 4U);
    // The writers of a state are ordered, and nodes are numbered in their order.
    for (std::size_t n = 0; n < model.nodes.size(); ++n) {
        if ((moment.started >> n & 1U) == 0) continue;
        const bool is_finished = (moment.finished >> n & 1U) != 0;
        for (const Model::Set& set : model.nodes[n].sets) {
            const bool is_other = set.variable && (truths >> *set.variable & 1U) == 0;
            states[set.local] = (is_finished ? 0 : states[set.local]) | 1U << (is_other ? 1 - set.value : set.value);
        }
    }
    return states;
}

bool is_possible(const ToyPredicate& predicate, bool wanted, std::size_t object, const std::vector<Possible>& states,
                 std::uint32_t unknown) {
    const auto may_be = [&](std::size_t state, int value) {
        const std::size_t local = object * toy_states + state;
        const bool at_first = (states[local] & 4U) != 0 && static_cast<int>(unknown >> local & 1U) == value;
        return at_first || (states[local] >> value & 1U) != 0;
    };
    for (const int stream : {0, 1})
        for (const int fresh : {0, 1})
            if (may_be(0, stream) && may_be(1, fresh) && predicate.holds(stream, fresh) == wanted) return true;
    return false;
}

struct Oracle::Answer {
    Verdict verdict = Verdict::holds;
    std::optional<std::int64_t> reached = std::nullopt;
    std::vector<Move> schedule = {};
};

std::optional<Oracle> Oracle::of(const Model& model) {
    if (model.possible.size() > max_ways) return std::nullopt;
    Oracle oracle;
    oracle.model_ = &model;
    for (const Model::Truths truths : model.possible) {
        std::optional<Execution> execution = explore(model, truths, Failures::allowed);
        if (!execution) return std::nullopt;
        GuardAssignment assignment{truths, std::move(*execution), {}};
        std::set<std::pair<std::vector<Possible>, NodeSet>> known;
        for (std::uint32_t v = 0; v < assignment.execution.visits.size(); ++v) {
            const Moment& moment = assignment.execution.visits[v].moment;
            std::vector<Possible> states = possible_states(model, truths, moment);
            if (known.emplace(states, moment.running()).second)
                assignment.shapes.push_back({std::move(states), moment.running(), v});
        }
        oracle.assignments_.push_back(std::move(assignment));
    }
    return oracle;
}

bool Oracle::may_continue() const {
    return std::any_of(model_->instances.begin(), model_->instances.end(),
                       [](const Model::Instance& i) { return i.max_failures > 0; });
}

std::uint64_t Oracle::moments() const {
    std::uint64_t sum = 0;
    for (const GuardAssignment& assignment : assignments_) sum += assignment.execution.visits.size();
    return sum;
}

std::vector<std::uint32_t> Oracle::unknown_assignments() const {
    std::vector<std::uint32_t> choices = {0};
    for (std::size_t local = 0; local < model_->initial.size(); ++local) {
        if (model_->initial[local]) continue;
        const std::size_t size = choices.size();
        for (std::size_t i = 0; i < size; ++i) choices.push_back(choices[i] | 1U << local);
    }
    return choices;
}

Opinion Oracle::decide(const Asked& asked) const {
    const bool is_of_states = asked.form == Form::during || asked.form == Form::always || asked.form == Form::finally;
    const std::vector<std::uint32_t> choices = is_of_states ? unknown_assignments() : std::vector<std::uint32_t>{0};
    Opinion opinion;
    std::size_t violated = 0;
    bool any_holds = false;
    for (const std::uint32_t unknown : choices) {
        bool is_violated = false;
        for (const GuardAssignment& assignment : assignments_) {
            Answer answer = in(assignment, asked, unknown);
            if (answer.reached) {
                const std::int64_t so_far = opinion.reached.value_or(*answer.reached);
                opinion.reached = asked.count == Count::at_least ? std::min(so_far, *answer.reached)
                                                                 : std::max(so_far, *answer.reached);
            }
            any_holds = any_holds || answer.verdict == Verdict::holds;
            if (answer.verdict != Verdict::violated) continue;
            if (!is_violated) opinion.schedule = std::move(answer.schedule), opinion.truths = assignment.truths;
            is_violated = true;
        }
        violated += is_violated ? 1 : 0;
    }
    opinion.verdict = violated == choices.size() ? Verdict::violated
                      : violated > 0             ? Verdict::undecided
                      : any_holds                ? Verdict::holds
                                                 : Verdict::vacuous;
    // Which of several values of the unknown a number belongs to is not said.
    if (choices.size() > 1 && opinion.verdict != Verdict::holds) opinion.reached.reset();
    return opinion;
}

Oracle::Answer Oracle::in(const GuardAssignment& assignment, const Asked& asked, std::uint32_t unknown) const {
    switch (asked.form) {
        case Form::count:
        case Form::never: return count(assignment, asked);
        case Form::before:
        case Form::then: return order(assignment, asked);
        case Form::during: return during(assignment, asked, unknown);
        case Form::always: return always(assignment, asked, unknown);
        case Form::finally: return finally(assignment, asked, unknown);
    }
    return {};
}

Oracle::Answer Oracle::count(const GuardAssignment& assignment, const Asked& asked) const {
    const bool is_never = asked.form == Form::never;
    const Count bound = is_never ? Count::at_most : asked.count;
    const std::int64_t number = is_never ? 0 : asked.number;
    const std::vector<Occurrence> all = matching(*model_, asked.left, assignment.truths);
    Answer answer;
    for (const auto& group : groups(*model_, asked.left.kind, asked.left.site, is_never ? Per::whole : asked.per)) {
        const auto happened = [&](NodeSet nodes) {
            return std::count_if(all.begin(), all.end(), [&](const Occurrence& h) {
                return (nodes >> h.node & 1U) != 0 && std::find(group.begin(), group.end(), h.object) != group.end();
            });
        };
        for (std::uint32_t v = 0; bound != Count::at_least && v < assignment.execution.visits.size(); ++v) {
            const std::int64_t n = happened(assignment.execution.visits[v].moment.started);
            if (bound == Count::at_most) answer.reached = std::max(answer.reached.value_or(n), n);
            if (n <= number || answer.verdict == Verdict::violated) continue;
            answer.verdict = Verdict::violated;
            answer.schedule = assignment.execution.schedule(v);
        }
        for (const std::uint32_t v : assignment.execution.ends) {
            const std::int64_t n = happened(assignment.execution.visits[v].moment.finished);
            if (bound == Count::at_least) answer.reached = std::min(answer.reached.value_or(n), n);
            if (bound == Count::at_most || n >= number || answer.verdict == Verdict::violated) continue;
            answer.verdict = Verdict::violated;
            answer.schedule = assignment.execution.schedule(v);
        }
    }
    return answer;
}

// Decides each value of the keys separately.
Oracle::Answer Oracle::order(const GuardAssignment& assignment, const Asked& asked) const {
    const std::vector<Occurrence> as = matching(*model_, asked.left, assignment.truths);
    const std::vector<Occurrence> bs = matching(*model_, asked.right, assignment.truths);
    std::set<std::string> keys;
    const auto key = [&](const EventAsked& side, std::size_t object) {
        return side.per == Per::site ? model_->objects[object].site : model_->objects[object].name;
    };
    for (const EventAsked* side : {&asked.left, &asked.right})
        for (const auto& group : groups(*model_, side->kind, side->site, side->per))
            if (side->per != Per::whole) keys.insert(key(*side, group[0]));
    if (asked.left.per == Per::whole && asked.right.per == Per::whole) return order(assignment, asked, as, bs);
    Answer answer{.verdict = Verdict::vacuous};
    for (const std::string& wanted : keys) {
        const auto with_key = [&](const std::vector<Occurrence>& all, const EventAsked& side) {
            std::vector<Occurrence> some;
            for (const Occurrence& h : all)
                if (side.per == Per::whole || key(side, h.object) == wanted) some.push_back(h);
            return some;
        };
        Answer one = order(assignment, asked, with_key(as, asked.left), with_key(bs, asked.right));
        if (one.verdict == Verdict::violated) return one;
        if (one.verdict == Verdict::holds) answer = std::move(one);
    }
    return answer;
}

Oracle::Answer Oracle::order(const GuardAssignment& assignment, const Asked& asked, const std::vector<Occurrence>& as,
                             const std::vector<Occurrence>& bs) const {
    const auto are_related = [&](const Occurrence& a, const Occurrence& b) {
        return !asked.same_object || a.object == b.object;
    };
    const bool left_every = asked.left_many == Many::every;
    const bool is_then = asked.form == Form::then;
    if (asked.right_many == Many::every) {
        Answer answer{.verdict = Verdict::vacuous};
        for (const Occurrence& b : bs)
            for (const Occurrence& a : as)
                if (!left_every || are_related(a, b)) answer.verdict = Verdict::holds;
        if (!left_every && !bs.empty()) answer.verdict = Verdict::holds;
        for (const Execution::Start& start : assignment.execution.starts) {
            const Moment& moment = assignment.execution.visits[start.visit].moment;
            const NodeSet done = is_then && left_every ? over(*model_, assignment.truths, moment) : moment.finished;
            for (const Occurrence& b : bs) {
                if (b.node != start.node) continue;
                const auto is_done = [&](const Occurrence& a) { return (done >> a.node & 1U) != 0; };
                const bool is_good =
                    left_every ? std::all_of(as.begin(), as.end(),
                                             [&](const Occurrence& a) { return !are_related(a, b) || is_done(a); })
                               : std::any_of(as.begin(), as.end(),
                                             [&](const Occurrence& a) { return are_related(a, b) && is_done(a); });
                if (is_good) continue;
                answer.verdict = Verdict::violated;
                answer.schedule = assignment.execution.schedule(start.visit);
                answer.schedule.push_back({Move::Type::start, start.node});
                return answer;
            }
        }
        for (const std::uint32_t end : assignment.execution.failed_ends) {
            const Moment& moment = assignment.execution.visits[end].moment;
            for (const Occurrence& b : bs) {
                const bool is_asked = !left_every || std::any_of(as.begin(), as.end(), [&](const Occurrence& a) {
                    return are_related(a, b) && (moment.started >> a.node & 1U) != 0;
                });
                if (!is_then || !is_asked || (moment.finished >> b.node & 1U) != 0) continue;
                return {.verdict = Verdict::violated, .schedule = assignment.execution.schedule(end)};
            }
        }
        return answer;
    }
    // Is there a run to the end that has no b after the a that is asked about?
    const auto completes_without = [&](const std::vector<Occurrence>& some) -> std::optional<Answer> {
        Avoid avoid;
        for (const Occurrence& a : some)
            for (const Occurrence& b : bs)
                if (are_related(a, b)) avoid.nodes[b.node] |= 1U << a.node;
        const auto execution = explore(*model_, assignment.truths, is_then ? Failures::allowed : Failures::none, avoid,
                                       std::size_t{1} << 20U);
        if (!execution) throw std::length_error("too many moments to say which b comes after which a");
        for (const auto* ends : {&execution->ends, &execution->failed_ends})
            for (const std::uint32_t end : *ends)
                if (!left_every || (execution->visits[end].moment.started >> some[0].node & 1U) != 0)
                    return Answer{.verdict = Verdict::violated, .schedule = execution->schedule(end)};
        return std::nullopt;
    };
    if (as.empty() && (left_every || bs.empty())) return {.verdict = Verdict::vacuous};
    if (!left_every) return completes_without(as).value_or(Answer{});
    for (const Occurrence& a : as)
        if (auto violated = completes_without({a})) return *violated;
    return {};
}

Oracle::Answer Oracle::during(const GuardAssignment& assignment, const Asked& asked, std::uint32_t unknown) const {
    const ToyPredicate& predicate = toy_predicates()[asked.predicate];
    const std::vector<std::size_t> objects = groups(*model_, "node", asked.state_site, Per::whole)[0];
    Answer answer{.verdict = Verdict::vacuous};
    for (const Occurrence& a : matching(*model_, asked.left, assignment.truths)) {
        std::vector<std::size_t> of_interest;
        for (const std::size_t object : objects)
            if (!asked.same_object || object == a.object) of_interest.push_back(object);
        if (of_interest.empty() && asked.right_many == Many::every) continue;
        answer.verdict = Verdict::holds;
        for (const Shape& shape : assignment.shapes) {
            const auto may_fail = [&](std::size_t object) {
                return is_possible(predicate, false, object, shape.states, unknown);
            };
            const bool is_bad = asked.right_many == Many::every
                                    ? std::any_of(of_interest.begin(), of_interest.end(), may_fail)
                                    : std::all_of(of_interest.begin(), of_interest.end(), may_fail);
            if ((shape.running >> a.node & 1U) != 0 && is_bad)
                return {.verdict = Verdict::violated, .schedule = assignment.execution.schedule(shape.visit)};
        }
    }
    return answer;
}

Oracle::Answer Oracle::always(const GuardAssignment& assignment, const Asked& asked, std::uint32_t unknown) const {
    if (asked.count == Count::exactly) {
        Asked half = asked;
        half.count = Count::at_most;
        Answer answer = always(assignment, half, unknown);
        if (answer.verdict != Verdict::violated)
            half.count = Count::at_least, answer = always(assignment, half, unknown);
        answer.reached.reset();
        return answer;
    }
    const ToyPredicate& predicate = toy_predicates()[asked.predicate];
    const bool counts_holding = asked.count == Count::at_most;
    Answer answer;
    for (const auto& group : groups(*model_, "node", asked.state_site, asked.per)) {
        const auto size = static_cast<std::int64_t>(group.size());
        for (const Shape& shape : assignment.shapes) {
            const std::int64_t open = std::count_if(group.begin(), group.end(), [&](std::size_t object) {
                return is_possible(predicate, counts_holding, object, shape.states, unknown);
            });
            const std::int64_t number = counts_holding ? open : size - open;
            const std::int64_t so_far = answer.reached.value_or(number);
            answer.reached = counts_holding ? std::max(so_far, number) : std::min(so_far, number);
            const bool is_bad = counts_holding ? number > asked.number : number < asked.number;
            if (!is_bad || answer.verdict == Verdict::violated) continue;
            answer.verdict = Verdict::violated;
            answer.schedule = assignment.execution.schedule(shape.visit);
        }
    }
    return answer;
}

Oracle::Answer Oracle::finally(const GuardAssignment& assignment, const Asked& asked, std::uint32_t unknown) const {
    const ToyPredicate& predicate = toy_predicates()[asked.predicate];
    const std::vector<std::size_t> objects = groups(*model_, "node", asked.state_site, Per::whole)[0];
    for (const std::uint32_t end : assignment.execution.ends) {
        const std::vector<Possible> states =
            possible_states(*model_, assignment.truths, assignment.execution.visits[end].moment);
        const auto fails = [&](std::size_t object) { return is_possible(predicate, false, object, states, unknown); };
        if (asked.right_many == Many::every ? std::any_of(objects.begin(), objects.end(), fails)
                                            : std::all_of(objects.begin(), objects.end(), fails))
            return {.verdict = Verdict::violated, .schedule = assignment.execution.schedule(end)};
    }
    return {};
}

bool Oracle::has_race() const {
    return std::any_of(assignments_.begin(), assignments_.end(),
                       [&](const GuardAssignment& assignment) { return has_race_in(assignment); });
}

bool Oracle::has_race_in(const GuardAssignment& assignment) const {
    std::vector<NodeSet> open_at_start(model_->nodes.size(), 0);
    for (const Execution::Start& start : assignment.execution.starts)
        if (const Moment& moment = assignment.execution.visits[start.visit].moment; moment.failed == 0)
            open_at_start[start.node] |= ~moment.finished;
    const auto touches = [&](std::size_t node, std::size_t local) {
        const Model::Node& n = model_->nodes[node];
        const bool sets =
            std::any_of(n.sets.begin(), n.sets.end(), [&](const Model::Set& s) { return s.local == local; });
        return std::pair(sets, sets || n.need_local == local);
    };
    for (std::size_t local = 0; local < model_->initial.size(); ++local)
        for (std::size_t a = 0; a < model_->nodes.size(); ++a)
            for (std::size_t b = 0; b < model_->nodes.size(); ++b) {
                if (a == b || !touches(a, local).first || !touches(b, local).second) continue;
                if ((open_at_start[a] >> b & 1U) != 0 && (open_at_start[b] >> a & 1U) != 0) return true;
            }
    return false;
}

bool Oracle::has_false_precondition() const {
    for (const GuardAssignment& assignment : assignments_)
        for (const Execution::Start& start : assignment.execution.starts) {
            const Model::Node& node = model_->nodes[start.node];
            const Moment& moment = assignment.execution.visits[start.visit].moment;
            if (!node.need_local || moment.failed != 0) continue;
            const Possible now = possible_states(*model_, assignment.truths, moment)[*node.need_local];
            if (now != 4U && now != 1U << node.need_value) return true;
        }
    return false;
}

}  // namespace pvsplan::test

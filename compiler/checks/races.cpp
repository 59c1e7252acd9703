#include <algorithm>
#include <map>
#include <set>

#include "compiler/checks/checks.hpp"
#include "compiler/checks/codes.hpp"
#include "compiler/checks/frame_env.hpp"
#include "compiler/checks/reach.hpp"
#include "compiler/checks/world.hpp"

namespace pvsplan::checks {
namespace {

// The slots that a precondition reads for its node.
std::vector<graph::Slot> slots_read(const Facts& facts, const graph::RequireFact& fact) {
    std::set<graph::Slot> slots;
    FrameEnv env(facts, fact.node);
    env.state_of = [&](graph::Slot slot) {
        slots.insert(slot);
        return program::Value::unknown(0xf0000000U);
    };
    program::for_each_part(*fact.condition, [&](const program::Expr& part) {
        if (part.op == program::Expr::Op::state) (void)program::evaluate(part, env);
    });
    return {slots.begin(), slots.end()};
}

// Two nodes that are never there together cannot race.
bool exclude_each_other(const Facts& facts, Index a, Index b) {
    std::map<std::uint32_t, bool> wanted;
    for (graph::GuardIndex g = facts.guard[a]; g != graph::no_guard; g = facts.guards[g].parent)
        wanted[facts.guards[g].variable] = facts.guards[g].value;
    for (graph::GuardIndex g = facts.guard[b]; g != graph::no_guard; g = facts.guards[g].parent)
        if (const auto w = wanted.find(facts.guards[g].variable);
            w != wanted.end() && w->second != facts.guards[g].value)
            return true;
    return false;
}

std::string slot_text(const Facts& facts, graph::Slot slot) {
    return facts.object_name(facts.slot_object[slot]) + "." + facts.state_names[facts.slot_attribute[slot]];
}

}  // namespace

bool check_races(const Facts& facts, diag::Sink& sink) {
    static constexpr std::size_t most_shown = 20;
    std::size_t found = 0;
    const graph::Rows<Index> setters = setters_by_slot(facts);
    // Setters of a slot, neighbours in the order: if each comes after the one before, all are ordered.
    struct Question {
        graph::Slot slot;
        const graph::RequireFact* reader;  // null: two setters
    };
    std::vector<Pair> pairs;
    std::vector<Question> questions;
    const auto ask = [&](Index a, Index b, graph::Slot slot, const graph::RequireFact* reader) {
        if (a == b) return;
        pairs.push_back({std::min(a, b), std::max(a, b)});
        questions.push_back({slot, reader});
    };
    for (graph::Slot slot = 0; slot < setters.size(); ++slot) {
        const auto row = setters[slot];
        for (std::size_t i = 0; i + 1 < row.size(); ++i) ask(row[i], row[i + 1], slot, nullptr);
    }
    for (const graph::RequireFact& fact : facts.requires_)
        for (const graph::Slot slot : slots_read(facts, fact)) {
            // Given that setters are ordered, its two neighbours among them speak for all.
            const auto row = setters[slot];
            const auto next = std::lower_bound(row.begin(), row.end(), fact.node);
            if (next != row.begin()) ask(*(next - 1), fact.node, slot, &fact);
            const auto after = next != row.end() && *next == fact.node ? next + 1 : next;
            if (after != row.end()) ask(fact.node, *after, slot, &fact);
        }
    const std::vector<bool> ordered = reach(facts, pairs);
    std::set<std::pair<Index, Index>> said;
    for (std::size_t i = 0; i < pairs.size(); ++i) {
        if (ordered[i] || exclude_each_other(facts, pairs[i].before, pairs[i].after)) continue;
        if (!said.insert({pairs[i].before, pairs[i].after}).second || ++found > most_shown) continue;
        const Index a = pairs[i].before;
        const Index b = pairs[i].after;
        const std::string hint =
            "say which comes first: let `" + facts.path(b) + "` wait with `after:`, or put both into one `steps:`";
        if (!questions[i].reader) {
            sink.report(race_of_setters, facts.place(b), facts.path(a), facts.path(b),
                        slot_text(facts, questions[i].slot))
                .related(facts.place(a), "the other step")
                .hint(hint);
        } else {
            const Index reader = questions[i].reader->node;
            const Index setter = reader == a ? b : a;
            sink.report(race_of_reader, facts.place(reader), facts.path(reader), slot_text(facts, questions[i].slot),
                        facts.path(setter))
                .related(facts.place(setter), "the step that changes it")
                .related(questions[i].reader->span, "what is required")
                .hint(hint);
        }
    }
    return found == 0;
}

void check_preconditions(const Facts& facts, diag::Sink& sink) {
    static constexpr std::size_t most_shown = 20;
    std::size_t shown = 0;
    // One way through the conditions at a time would be exact; a state that depends on a guard is a set of candidates
    // here.
    std::vector<std::vector<std::pair<graph::ValueIndex, Index>>> now(facts.initial.size());
    for (graph::Slot slot = 0; slot < facts.initial.size(); ++slot)
        now[slot] = {{facts.initial[slot], graph::no_index}};
    std::size_t next = 0;
    for (Index node = 0; node < facts.size(); ++node) {
        for (; next < facts.requires_.size() && facts.requires_[next].node == node; ++next) {
            const graph::RequireFact& fact = facts.requires_[next];
            const std::vector<graph::Slot> slots = slots_read(facts, fact);
            std::vector<std::size_t> pick(slots.size(), 0);
            FrameEnv env(facts, node);
            env.state_of = [&](graph::Slot slot) {
                const auto at =
                    static_cast<std::size_t>(std::lower_bound(slots.begin(), slots.end(), slot) - slots.begin());
                return facts.values[now[slot][pick[at]].first];
            };
            for (bool more = true; more;) {
                const program::Value truth = program::evaluate(*fact.condition, env);
                if (!truth.as_boolean() || !*truth.as_boolean()) {
                    if (++shown > most_shown) return;
                    Index culprit = graph::no_index;
                    std::string states;
                    std::string unknown;
                    for (std::size_t i = 0; i < slots.size(); ++i) {
                        const auto& [value, by] = now[slots[i]][pick[i]];
                        if (by != graph::no_index) culprit = culprit == graph::no_index ? by : std::max(culprit, by);
                        if (facts.values[value].is_unknown()) {
                            unknown = facts.unknown_text(facts.values[value].as_unknown()->id);
                            continue;
                        }
                        states += (states.empty() ? "" : ", ") +
                                  ("`" + slot_text(facts, slots[i]) + "` is " + env.print(facts.values[value]));
                    }
                    const std::string wanted =
                        "`" + env.print(*fact.condition) + "`" + (states.empty() ? "" : ", but " + states);
                    auto reported = truth.is_unknown()
                                        ? sink.report(precondition_unknown, facts.place(node), facts.path(node), wanted)
                                        : sink.report(precondition_fails, facts.place(node), facts.path(node), wanted);
                    if (truth.is_unknown() && !unknown.empty()) reported.hint("it depends on " + unknown);
                    if (culprit != graph::no_index)
                        reported.related(facts.place(culprit), "`" + facts.path(culprit) + "` made it so");
                    reported.related(fact.span, "what is required");
                    break;
                }
                more = false;
                for (std::size_t i = 0; i < slots.size() && !more; ++i) {
                    if (++pick[i] < now[slots[i]].size())
                        more = true;
                    else
                        pick[i] = 0;
                }
            }
        }
        for (const graph::SetFact& set : facts.sets[node]) {
            if (facts.guard[node] == graph::no_guard) now[set.slot].clear();
            if (now[set.slot].size() < 8) now[set.slot].emplace_back(set.value, node);
        }
    }
}

}  // namespace pvsplan::checks

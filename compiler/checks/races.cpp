#include <algorithm>
#include <map>
#include <set>

#include "compiler/checks/checks.hpp"
#include "compiler/checks/codes.hpp"
#include "compiler/checks/reach.hpp"
#include "compiler/checks/slots.hpp"
#include "compiler/checks/timeline.hpp"

namespace pvsplan::checks {
namespace {

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

}  // namespace

bool check_races(const Facts& facts, diag::Sink& sink) {
    static constexpr std::size_t most_shown = 10'000;
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
        const Facts::Between between = facts.found_between(a, b);
        const std::string hint = between.way_out.empty() ? "" : "say which comes first: " + between.way_out;
        if (!questions[i].reader) {
            sink.report(race_of_setters, between.place, facts.path(a), facts.path(b),
                        slot_text(facts, questions[i].slot))
                .related(facts.place(a), "`" + facts.path(a) + "`")
                .related(facts.place(b), "`" + facts.path(b) + "`")
                .hint(hint);
        } else {
            const Index reader = questions[i].reader->node;
            const Index setter = reader == a ? b : a;
            sink.report(race_of_reader, between.place, facts.path(reader), slot_text(facts, questions[i].slot),
                        facts.path(setter))
                .related(facts.place(reader), "`" + facts.path(reader) + "`")
                .related(questions[i].reader->span, "what is required")
                .related(facts.place(setter), "`" + facts.path(setter) + "` changes it")
                .hint(hint);
        }
    }
    return found == 0;
}

}  // namespace pvsplan::checks

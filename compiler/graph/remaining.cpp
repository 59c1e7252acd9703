#include "compiler/graph/remaining.hpp"

#include <algorithm>
#include <initializer_list>
#include <map>
#include <set>
#include <string>

#include "compiler/graph/facts_maker.hpp"
#include "compiler/graph/skipped_sources.hpp"
#include "compiler/program/plan_env.hpp"
namespace pvsplan::graph {
namespace {

using program::NodeId;
using program::Value;

// A place in the order: a node of the plan, a node that may have happened before, or an auxiliary node: the record by
// which nodes were over, the present, and all that is tried before the abandoned iterations are.
struct Stand {
    NodeId node;
    enum class Type : std::uint8_t { node, earlier, record, now, all_else } type = Type::node;
    bool is_over = false;
};

class RemainingFactsBuilder {
  public:
    RemainingFactsBuilder(const program::Plan& plan, const Progress& progress, Past past, const program::Env& known)
        : plan_(plan), progress_(progress), past_(past), known_(known), is_over_(plan.graph.nodes.size()) {}

    Facts build() {
        read_ahead();
        stand_in_order();
        add_edges();
        return build_rest();
    }

    // Nothing of the plan has run: the facts have its nodes alone, with its numbers.
    Facts build_whole() {
        std::vector<std::set<Index>> before(plan_.graph.nodes.size());
        for (std::size_t i = 0; i < before.size(); ++i) put({NodeId(i)});
        for (const program::Edge& edge : plan_.graph.edges) before[edge.to.index()].insert(edge.from.value);
        add_rows(before);
        return build_rest();
    }

  private:
    Facts build_rest() {
        add_farm();
        add_guards();
        add_instances();
        for (const Stand& stand : stands_) add(stand);
        add_callbacks();
        return std::move(facts_);
    }

    // Whether the node itself has to be over before what comes after it may start.
    [[nodiscard]] bool stands_in_the_way(const program::Node& node, std::size_t i) const {
        return node.type != program::Node::Type::join && progress_.nodes[i] != Progress::NodeProgress::skipped;
    }

    // A join is over if all its predecessors are, or if a node after it is; otherwise finished nodes would not be
    // closed under predecessors.
    void read_ahead() {
        const auto& nodes = plan_.graph.nodes;
        std::vector<std::vector<std::size_t>> before(nodes.size());
        for (const program::Edge& edge : plan_.graph.edges) before[edge.to.index()].push_back(edge.from.index());
        const auto is_over = [&](std::size_t i) -> bool { return is_over_[i]; };
        for (std::size_t i = 0; i < nodes.size(); ++i)
            is_over_[i] = stands_in_the_way(nodes[i], i) ? progress_.nodes[i] == Progress::NodeProgress::over
                                                         : std::all_of(before[i].begin(), before[i].end(), is_over);
        for (std::size_t i = nodes.size(); i-- > 0;)
            for (const std::size_t from : before[i])
                if (is_over_[i] && !stands_in_the_way(nodes[from], from)) is_over_[from] = true;
    }

    // The numbers are a topological order: the past, the present, what remains, all else, what is tried again last,
    // what was left out. A node that waits for an abandoned one is not moved; the edge is omitted.
    void stand_in_order() {
        const std::size_t size = plan_.graph.nodes.size();
        index_.assign(size, no_index);
        put_past();
        now_ = put({.type = Stand::Type::now, .is_over = true});
        using NodeProgress = Progress::NodeProgress;
        const auto put_those = [&](std::initializer_list<NodeProgress> which) {
            for (std::size_t i = 0; i < size; ++i)
                if (!is_over_[i] && std::find(which.begin(), which.end(), progress_.nodes[i]) != which.end())
                    index_[i] = put({NodeId(i)});
        };
        put_those({NodeProgress::remaining, NodeProgress::over, NodeProgress::skipped, NodeProgress::unseen});
        all_else_ = put({.type = Stand::Type::all_else});
        put_those({NodeProgress::last});
        first_left_out_ = static_cast<Index>(stands_.size());
        put_those({NodeProgress::left_out});
    }

    // The number of a stand is its index in the facts that are made.
    Index put(Stand stand) {
        stands_.push_back(stand);
        return static_cast<Index>(stands_.size() - 1);
    }

    // One node came before another where it was over, by its record, before the other began.
    void put_past() {
        struct Entry {
            std::uint64_t record;
            bool is_record;  // a record comes after what began by it: a person may say of one record that both are so
            Stand stand;
            std::uint64_t over;
        };
        std::vector<Entry> past;
        std::map<std::uint64_t, std::vector<Index>> over_by;  // record -> what it ends
        for (std::size_t i = 0; i < plan_.graph.nodes.size(); ++i) {
            if (!is_over_[i]) continue;
            const auto [began, over] = progress_.recorded[i];
            past.push_back({began != 0 ? began : over, false, {.node = NodeId(i), .is_over = true}, over});
            if (over != 0 && over_by.try_emplace(over).second)
                past.push_back({over, true, {.type = Stand::Type::record, .is_over = true}, over});
        }
        for (const NodeId node : progress_.may_have_happened)
            past.push_back({progress_.recorded[node.index()].began,
                            false,
                            {.node = node, .type = Stand::Type::earlier, .is_over = true},
                            0});
        std::stable_sort(past.begin(), past.end(), [](const Entry& a, const Entry& b) {
            return std::pair(a.record, a.is_record) < std::pair(b.record, b.is_record);
        });
        Index last = no_index;
        for (const Entry& entry : past) {
            const Index at = put(entry.stand);
            if (last != no_index) past_edges_.emplace_back(last, at);
            if (entry.is_record) {
                for (const Index ended : over_by[entry.over]) past_edges_.emplace_back(ended, at);
                last = at;
            } else if (entry.stand.type == Stand::Type::node) {
                index_[entry.stand.node.index()] = at;
                if (entry.over != 0) over_by[entry.over].push_back(at);
            }
        }
    }

    // Omits an edge that contradicts what has happened: its target is over, its source was moved to the end, or
    // nothing waits for its source.
    // Omits edges between abandoned iterations too: one of them goes on where another fails again.
    void add_edges() {
        std::vector<std::set<Index>> before(stands_.size());
        for (const auto& [from, to] : past_edges_) before[to].insert(from);
        for (const program::Edge& edge : plan_.graph.edges) {
            const Index from = index_[edge.from.index()];
            const Index to = index_[edge.to.index()];
            const bool parts = from > all_else_ && to > all_else_ &&
                               progress_.abandoned[edge.from.index()] != progress_.abandoned[edge.to.index()];
            const bool is_passed =
                progress_.nodes[edge.from.index()] == Progress::NodeProgress::unseen && to < all_else_;
            if (from < to && to > now_ && !parts && !is_passed) before[to].insert(from);
        }
        for (Index i = 0; i < now_; ++i) before[now_].insert(i);
        for (Index i = now_ + 1; i < stands_.size(); ++i) {
            if (before[i].empty() || *before[i].rbegin() < now_) before[i].insert(now_);
            if (i < all_else_) before[all_else_].insert(i);
            if (i > all_else_) before[i].insert(all_else_);
            // One after the other, behind all that is tried again: the proof before they are tried knows more.
            if (i > first_left_out_) before[i].insert(i - 1);
            if (i == first_left_out_)
                for (Index last = all_else_ + 1; last < i; ++last) before[i].insert(last);
        }
        add_rows(before);
    }

    void add_rows(const std::vector<std::set<Index>>& before) {
        std::vector<std::vector<Index>> after(stands_.size());
        for (Index to = 0; to < stands_.size(); ++to) {
            for (const Index from : before[to]) {
                facts_.predecessors.items.push_back(from);
                after[from].push_back(to);
            }
            facts_.predecessors.starts.push_back(static_cast<std::uint32_t>(facts_.predecessors.items.size()));
        }
        for (const std::vector<Index>& row : after) end_row(facts_.successors, row);
    }

    // Rows are filled one after the other: the end of one is the start of the next.
    template <class T>
    static void end_row(Rows<T>& rows, const std::vector<T>& row) {
        rows.items.insert(rows.items.end(), row.begin(), row.end());
        rows.starts.push_back(static_cast<std::uint32_t>(rows.items.size()));
    }

    // Kinds come in the order of their names and objects in that of the plan, so that object ids are those of the plan.
    void add_farm() {
        std::map<std::string, std::uint32_t> row_of;
        for (const auto& [name, kind] : plan_.kinds) {
            row_of.emplace(name, static_cast<std::uint32_t>(row_of.size()));
            std::vector<FactsMaker::State> states;
            for (const program::Attribute& state : kind.state) states.push_back({state.name, state.type});
            maker_.kind(
                name, states,
                kind.observe.type == program::Body::Type::none ? FactsMaker::Observe::never : FactsMaker::Observe::can);
        }
        for (const program::Object& object : plan_.objects) {
            std::vector<Value> states;
            for (const program::Attribute& state : plan_.kinds.at(object.kind).state) {
                const auto value = object.state.find(state.name);
                states.push_back(value == object.state.end() ? Value::none() : value->second);
            }
            maker_.object(row_of.at(object.kind), states);
        }
        maker_.end_of_objects();
        for (const auto& [name, action] : plan_.actions) maker_.action({.action = &action});
    }

    // The innermost enclosing guard that is still undecided.
    [[nodiscard]] GuardIndex open_guard(program::GuardId guard) const {
        for (auto at = guard; at; at = plan_.guards[at.index()].parent)
            if (!progress_.guard_holds[at.index()]) return at.value;
        return no_guard;
    }

    // Here guards have no scope; the step that asks stands for the moment. A guard that was decided answers its
    // question for all others that ask it.
    void add_guards() {
        std::map<std::string, std::uint32_t> variables;
        std::vector<GuardQuestion> questions;
        std::vector<program::ExprPtr> conditions;
        GuardValues answered;
        for (std::size_t i = 0; i < plan_.guards.size(); ++i) {
            const program::Guard& guard = plan_.guards[i];
            const std::string text = program::to_text(*guard.condition, known_.names());
            // State may differ between moments; everything else has one value in a run.
            const program::Question question = program::question_of(guard.condition);
            std::string key = program::to_text(*question.asked, program::DistinctNames(known_.names()));
            if (program::reads_state(*guard.condition)) key += "@" + guard.step;
            const auto variable = variables.emplace(key, static_cast<std::uint32_t>(variables.size())).first->second;
            facts_.guards.push_back({variable, question.wanted, open_guard(guard.parent), text});
            if (variable == questions.size()) questions.push_back({question.asked, guard.step});
            conditions.push_back(guard.condition);
            if (progress_.guard_holds[i]) answered.emplace_back(variable, question.wanted);
        }
        std::map<std::string_view, GuardIndex> guard_of;
        for (const program::Node& node : plan_.graph.nodes)
            if (node.guard) guard_of.emplace(node.id, open_guard(node.guard));
        const auto sources = skipped_sources(facts_.guards, conditions, [&](const std::string& step) {
            const auto found = guard_of.find(step);
            return found == guard_of.end() ? no_guard : found->second;
        });
        for (GuardIndex g = 0; g < sources.size(); ++g) questions[facts_.guards[g].variable].add(sources[g]);
        facts_.guard_variables = static_cast<std::uint32_t>(variables.size());
        facts_.guard_domain = GuardDomain(questions, std::move(answered), known_.names());
    }

    // A failure that has occurred is one fewer of those that its loop allows.
    void add_instances() {
        std::set<program::InstanceId> failed;
        for (std::size_t i = 0; i < plan_.graph.nodes.size(); ++i)
            if (progress_.abandoned[i]) failed.insert(progress_.abandoned[i]);
        std::map<std::string, std::uint32_t> loops;
        for (std::size_t i = 0; i < plan_.instances.size(); ++i) {
            const program::Instance& instance = plan_.instances[i];
            const auto [loop, is_new] = loops.emplace(instance.loop, static_cast<std::uint32_t>(loops.size()));
            if (is_new) facts_.loops.push_back({instance.loop, instance.max_failures});
            facts_.instances.push_back({loop->second, instance.parent ? instance.parent.value : no_index});
            std::uint32_t& may_fail = facts_.loops[loop->second].max_failures;
            if (failed.contains(program::InstanceId(i)) && may_fail > 0) --may_fail;
        }
    }

    // What is over sets nothing, can fail no more and runs no action; its events count if the requirement looks back.
    // Auxiliary nodes have none of it and carry the order alone.
    void add(const Stand& stand) {
        const auto index = static_cast<Index>(facts_.size());
        const program::Node* node = stand.node ? &plan_.graph.nodes[stand.node.index()] : nullptr;
        const bool happens = node && node->type != program::Node::Type::join &&
                             progress_.nodes[stand.node.index()] != Progress::NodeProgress::skipped;
        const bool is_ahead = happens && !stand.is_over;
        if (happens && (is_ahead || past_ == Past::counts))
            for (const program::Event& event : node->does) maker_.event(event.verb, event.object);
        if (is_ahead) add_what_it_sets(*node);
        std::vector<Value> frame;
        if (is_ahead)
            for (const program::ExprPtr& argument : node->with)
                frame.push_back(argument ? program::evaluate(*argument, known_) : Value::none());
        end_row(facts_.frames, frame);
        const auto action = is_ahead ? facts_.action_named.find(node->action) : facts_.action_named.end();
        maker_.node({.guard = is_ahead ? open_guard(node->guard) : no_guard,
                     .is_action = is_ahead && node->type == program::Node::Type::action,
                     .is_approval = is_ahead && node->type == program::Node::Type::approval,
                     .instance = is_ahead && index < all_else_ && node->instance ? node->instance.value : no_index,
                     .on = node ? node->on : ObjectId(),
                     .frame = index,
                     .action = action == facts_.action_named.end() ? no_index : action->second});
    }

    void add_what_it_sets(const program::Node& node) {
        for (const program::Setting& set : node.sets)
            maker_.set(set.object, set.attribute,
                       program::evaluate(*program::with_before_of(node.id, set.value), known_));
    }

    // No source stands behind a compiled plan: places are nowhere, and paths have to do. Whatever they need is copied,
    // since the facts are moved out of here.
    void add_callbacks() {
        facts_.path = [plan = &plan_, stands = stands_](Index i) -> std::string {
            const Stand& stand = stands[i];
            if (stand.type == Stand::Type::record || stand.type == Stand::Type::now) return "now";
            if (stand.type == Stand::Type::all_else) return "all else";
            return plan->graph.nodes[stand.node.index()].id + (stand.type == Stand::Type::earlier ? " (before)" : "");
        };
        facts_.place = [](Index) { return base::Span{}; };
        facts_.finding_at = [](Index) { return diag::Place(base::Span()); };
        facts_.found_between = [](Index, Index) { return Facts::Between(); };
        facts_.finding_on_failure = [](Index) { return diag::Place(base::Span()); };
        facts_.object_name = [plan = &plan_](ObjectId id) { return plan->objects[id.index()].id; };
        facts_.attribute = [plan = &plan_](ObjectId id, const std::string& name) {
            return program::attribute_of(*plan, id, name);
        };
        std::vector<std::string> variable_texts;
        for (StateVariable s = 0; s < facts_.variable_object.size(); ++s)
            variable_texts.push_back(facts_.state_text(s));
        facts_.unknown_text = [texts = std::move(variable_texts)](Value::Unknown of) -> std::string {
            return of.type == Value::Unknown::Type::state ? texts[of.number] : "what a step puts out";
        };
    }

    const program::Plan& plan_;
    const Progress& progress_;
    Past past_;
    const program::Env& known_;
    Facts facts_;
    FactsMaker maker_{facts_};
    std::vector<bool> is_over_;  // by node of the plan
    std::vector<Stand> stands_;
    std::vector<Index> index_;                         // by node of the plan
    std::vector<std::pair<Index, Index>> past_edges_;  // between stands that are over
    Index now_ = no_index;
    Index all_else_ = no_index;
    Index first_left_out_ = no_index;
};

}  // namespace

Facts facts_of_remaining(const program::Plan& plan, const Progress& progress, Past past, const program::Env& known) {
    return RemainingFactsBuilder(plan, progress, past, known).build();
}

Facts facts_of_whole(const program::Plan& plan, const program::Env& known) {
    const Progress nothing{.nodes = std::vector(plan.graph.nodes.size(), Progress::NodeProgress::remaining),
                           .recorded = std::vector<Progress::Recorded>(plan.graph.nodes.size()),
                           .abandoned = std::vector<program::InstanceId>(plan.graph.nodes.size()),
                           .may_have_happened = {},
                           .guard_holds = std::vector<bool>(plan.guards.size())};
    return RemainingFactsBuilder(plan, nothing, Past::counts, known).build_whole();
}

}  // namespace pvsplan::graph

#include "compiler/link/rollback_source.hpp"

#include <algorithm>
#include <set>

#include "compiler/program/blind_env.hpp"

namespace pvsplan::link {

using expand::Expansion;
using graph::Index;
using graph::Rollback;

namespace {

// Nothing of a run is known yet, so the derivation replaces nothing but names.
class NothingKnown final : public program::BlindEnv {
  public:
    explicit NothingKnown(const resolve::Model& model) : names_(model) {}
    [[nodiscard]] program::Value local(std::uint32_t) const override { return not_known(); }
    [[nodiscard]] program::Value attribute(program::ObjectId, const std::string&) const override { return not_known(); }
    [[nodiscard]] program::Value state(program::ObjectId, const std::string&) const override { return not_known(); }
    [[nodiscard]] const program::ObjectNames& names() const override { return names_; }

  private:
    expand::FarmNames names_;
};

class Source final : public graph::RollbackSource {
  public:
    explicit Source(const RollbackGround& ground) : ground_(ground), known_(ground.model) {
        index_of_.resize(ground.node_of.size());
        for (Index i = 0; i < ground.node_of.size(); ++i) index_of_[ground.node_of[i]] = i;
    }

    // All steps of an action share one program where what there is to do does not depend on the step. Where it does, or
    // once the text of one of them had an error, each gets its own.
    [[nodiscard]] const Rollback* undo_of(Index node) override {
        const resolve::ActionId action = action_of(node);
        const auto [known, is_new] = shared_.try_emplace(action);
        if (is_new) {
            // Its text is looked at for one of its steps: what is wrong with it in any case is said there.
            if (!own_undo_of(node)) return nullptr;
            if (const auto open = ground_.linker.open_undo(action)) {
                known->second = std::make_unique<Rollback>(
                    derived({.id = std::string(program::open_step), .undo = open->undo}, own_));
                known->second->on = open->on;
            }
        }
        return known->second && !has_errors_.contains(action) ? known->second.get() : own_undo_of(node);
    }

    // `own_` is one for all: what is returned holds until the next is asked for.
    [[nodiscard]] const Rollback* own_undo_of(Index node) override {
        const expand::Node& source = ground_.expansion.nodes[ground_.node_of[node]];
        const std::string path = ground_.facts.path(node);
        diag::Sink found;
        Linker::Steps steps = ground_.linker.undo_steps(ground_.expansion, source, path, found);
        // The steps of one action are said to be wrong once.
        const resolve::ActionId action = action_of(node);
        const bool is_said = found.has_errors() && !has_errors_.insert(action).second;
        if (!is_said && (found.has_errors() || texts_.insert(action).second)) ground_.sink.add_all(found);
        if (found.has_errors()) return nullptr;
        own_.places = std::move(steps.places);
        own_.guard_places = std::move(steps.guard_places);
        own_.program = program::rollback_of({.id = path,
                                             .undo = {.type = program::Undo::Type::steps,
                                                      .steps = std::move(steps.graph),
                                                      .guards = std::move(steps.guards)}},
                                            known_);
        graph::fill_in_what_follows(ground_.facts, own_);
        return &own_;
    }

    [[nodiscard]] std::size_t recoveries() const override { return ground_.expansion.recoveries.size(); }
    [[nodiscard]] std::string group(std::size_t recovery) const override {
        return ground_.expansion.path_of_scope(block(recovery).scope, ground_.model);
    }
    // The nodes of a group stand in a row in the expansion, but not in the order of the facts.
    [[nodiscard]] std::vector<Index> covered_by(std::size_t recovery) const override {
        std::vector<Index> covered(index_of_.begin() + block(recovery).first_node,
                                   index_of_.begin() + block(recovery).end_node);
        std::sort(covered.begin(), covered.end());
        return covered;
    }
    [[nodiscard]] const Rollback* recovery(std::size_t recovery) override {
        diag::Sink found;
        Linker::Recovery linked = ground_.linker.recovery(ground_.expansion, block(recovery), found);
        ground_.sink.add_all(found);
        if (found.has_errors()) return nullptr;
        own_.places = std::move(linked.places);
        own_.guard_places = std::move(linked.guard_places);
        own_.program = program::rollback_of(linked.steps, ground_.model.plan, known_);
        graph::fill_in_what_follows(ground_.facts, own_);
        return &own_;
    }
    [[nodiscard]] base::Span place(std::size_t recovery) const override { return block(recovery).span; }
    [[nodiscard]] diag::Place finding_in(std::size_t recovery, base::Span seen) const override {
        return ground_.expansion.finding_in(block(recovery).scope, seen, ground_.model);
    }

  private:
    [[nodiscard]] resolve::ActionId action_of(Index node) const {
        return ground_.expansion.scopes[ground_.expansion.nodes[ground_.node_of[node]].scope].step->action;
    }
    [[nodiscard]] const expand::RecoverBlock& block(std::size_t recovery) const {
        return ground_.expansion.recoveries[recovery];
    }
    // The steps of an undo that is left open stand in the source where those of each of its steps do.
    [[nodiscard]] Rollback derived(const program::Node& node, const Rollback& like) const {
        Rollback result{
            .program = program::rollback_of(node, known_), .places = like.places, .guard_places = like.guard_places};
        graph::fill_in_what_follows(ground_.facts, result);
        return result;
    }

    RollbackGround ground_;
    NothingKnown known_;
    std::vector<Index> index_of_;                                    // by node of the expansion
    std::map<resolve::ActionId, std::unique_ptr<Rollback>> shared_;  // null: it depends on the step
    std::set<resolve::ActionId> texts_;                              // whose findings are reported
    std::set<resolve::ActionId> has_errors_;
    Rollback own_;  // the last one that was asked for
};

}  // namespace

std::unique_ptr<graph::RollbackSource> rollback_source(const RollbackGround& ground) {
    return std::make_unique<Source>(ground);
}

}  // namespace pvsplan::link

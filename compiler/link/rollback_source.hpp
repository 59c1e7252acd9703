// The rollback programs of an expanded plan, each linked when it is asked for: those of a million steps do not fit in
// memory, and most of them differ in nothing but the step that they undo.
#pragma once

#include <map>
#include <memory>

#include "compiler/graph/rollback_source.hpp"
#include "compiler/link/steps.hpp"

namespace pvsplan::link {

// All must outlive it, and `facts` are those of the plan.
struct RollbackGround {
    const Linker& linker;
    const resolve::Model& model;
    const expand::Expansion& expansion;
    const std::vector<std::uint32_t>& node_of;  // by Index
    const graph::Facts& facts;
    diag::Sink& sink;
};

std::unique_ptr<graph::RollbackSource> rollback_source(const RollbackGround& ground);

}  // namespace pvsplan::link

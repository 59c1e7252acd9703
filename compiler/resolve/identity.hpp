// Two objects that are one thing: `PVS01` and `pvs01`, the same address twice.
#pragma once

#include <vector>

#include "compiler/diag/diagnostic.hpp"
#include "compiler/resolve/model.hpp"

namespace pvsplan::resolve {

// Objects of one kind, in the farm's order, with the texts that they came from.
struct Listed {
    ObjectId first;
    const std::vector<syntax::FarmObject>* texts;
};

// Within each kind: equal identities (Kind::identity, compared as base::folded() does, without a final dot) are errors,
// names that differ only in how they are written are warnings. Objects of two kinds may well be on one host.
void check_identities(const Model& model, const std::vector<Listed>& lists, diag::Sink& sink);

}  // namespace pvsplan::resolve

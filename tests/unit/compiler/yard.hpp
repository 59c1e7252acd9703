// A module `yard` for samples of decisions: what can be observed and what cannot, states of each type, and actions that
// read more than they change, change two objects at once, or need no object.
#pragma once

namespace pvsplan::test {

extern const char* const yard;
extern const char* const yard_farm;

}  // namespace pvsplan::test

// A module `yard` for samples of decisions: what can be observed and what cannot, states of each type, and actions that
// read more than they change, change two objects at once, or need no object.
#pragma once

#include <string>
#include <vector>

namespace pvsplan::test {

extern const char* const yard;
extern const char* const yard_farm;

// expect_decisions() of a plan of these steps there.
void detail(const std::string& name, const std::string& steps, const std::vector<std::string>& requirements = {},
            const std::string& parameters = "");

}  // namespace pvsplan::test

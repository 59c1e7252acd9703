// An explain page taken apart; compiler/diag/explain/README.md says what is in one.
#pragma once

#include <string>
#include <string_view>

#include "tests/unit/compiler/project.hpp"

namespace pvsplan::test {

struct Half {
    Project project;
    std::vector<std::string> files;  // in their order
    compiler::Request request;       // names the plan, or the farm if there is no plan
};

struct Page {
    std::string code;  // "PV2010"
    std::string title;
    Half wrong;
    Half right;
    bool is_seen_only = false;  // `## Seen when` in place of the two halves
    std::string fault;          // what is wrong with the page itself; empty: nothing
};

Page read_page(std::string_view text);

struct Verdict {
    std::string errors;    // codes of errors, sorted
    std::string findings;  // codes of errors, warnings and notes
    std::string text;      // for people
    std::string out_of_reach;  // codes of those that stand first in a file that nobody can change
};
Verdict run_half(const Half& half);

}  // namespace pvsplan::test

// Of which objects a requirement speaks on the farms of two plans. Its text may stay while an object is moved out of
// it, by an attribute that `where`, `per` or a predicate reads.
#pragma once

#include <string>
#include <vector>

#include "compiler/diff/same.hpp"

namespace pvsplan::diff {

// Where too much would have to be looked at (Farms::budget), nothing that is said here means anything.

// Some objects of one kind: all for which `where` holds; null: all.
struct Objects {
    std::string kind;
    program::ExprPtr where;
    program::ExprPtr per;  // what they are grouped by; null: nothing
};

// Names of objects that both farms have, and that one of the two sets has only.
struct Moved {
    std::vector<std::string> out;  // no longer covered
    std::vector<std::string> in;   // newly covered
};
Moved moved(const Objects& before, const Objects& after, const Same& same);

// Objects whose group is another one. Those that were in one group count as parted if they are in several now, and the
// other way round as joined; a group that is only called otherwise is the same one.
struct Regrouped {
    std::vector<std::string> names;  // of objects that count with others now
    bool are_parted = false;
    bool are_joined = false;
};
Regrouped regrouped(const std::vector<Objects>& before, const std::vector<Objects>& after, const Same& same);

// Names the objects for which `is_fine` says no. It is asked for each object that both plans have, with what is left of
// the condition for it in the plan before, and in the plan after.
using IsFine = std::function<bool(const program::ExprPtr& before, const program::ExprPtr& after)>;
std::vector<std::string> asked_otherwise(const Objects& before, const program::ExprPtr& was, const Objects& after,
                                         const program::ExprPtr& now, const Same& same, const IsFine& is_fine);

}  // namespace pvsplan::diff

// What is shown of states that are not as required: a witness, and words.
#pragma once

#include "compiler/checks/crowd.hpp"
#include "compiler/checks/subject.hpp"

namespace pvsplan::checks {

bool is_known(const Timeline& line);
// The state of that object is not known, or may change in more ways than are tried.
Decision undecided(const Subject& subject, const Timeline& line);

// The steps with which what is open at one moment begins, ascending, and its objects by name, the first few of them.
std::vector<Index> begins_of(const std::vector<Box>& open);
std::string names_of(const Subject& subject, const std::vector<Box>& open);
// A schedule at whose end all of it is open and `events` run.
Witness crowd_of(const Subject& subject, const World& world, const Crowd::Width& width, std::vector<Index> events);
// ", after `a` has failed while others go on", if anything is left behind.
std::string after_failure(const Subject& subject, const Way& way);

}  // namespace pvsplan::checks

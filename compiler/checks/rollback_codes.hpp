// PV50xx: rollback. PV51xx: once means once.
#pragma once

#include "compiler/diag/diagnostic.hpp"

namespace pvsplan::checks {

using diag::Declared;
using diag::Name;
using diag::Owner;
using diag::Severity;
using diag::StepPath;
using diag::Verb;
using diag::When;
using diag::Words;

inline constexpr Declared<StepPath, Name> not_restored{5001, Severity::error,
                                                       "the undo of `{}` does not put `{}` back"};
inline constexpr Declared<StepPath, Words> undo_blocked{5002, Severity::error, "the undo of `{}` cannot run: {}"};
inline constexpr Declared<Owner, Name, When> recover_leaves{5003, Severity::error,
                                                            "`recover` of {} does not put `{}` back after {}"};
inline constexpr Declared<Owner, When, Words> recover_blocked{5004, Severity::error,
                                                              "`recover` of {} cannot run after {}: {}"};
inline constexpr Declared<StepPath, Name> restore_unknown{5005, Severity::warning,
                                                          "it cannot be told whether the undo of `{}` puts `{}` back"};
inline constexpr Declared<StepPath> undo_unknown{5008, Severity::warning,
                                                 "it cannot be told whether the undo of `{}` can run"};
inline constexpr Declared<StepPath, Words> undo_of_failure{
    5009, Severity::warning, "the undo of `{}` is not enough where it fails on its way: {}"};
inline constexpr Declared<Owner, Name> recover_unknown{5006, Severity::warning,
                                                       "it cannot be told whether `recover` of {} puts `{}` back"};
inline constexpr Declared<Owner, Words> recover_not_all{
    5007, Severity::warning, "it cannot be told whether `recover` of {} puts everything back: {}"};
inline constexpr Declared<StepPath> not_listed{
    5010, Severity::warning, "what can no longer be undone after `{}`, and after later steps like it, is not listed"};
inline constexpr Declared<Verb, Name> not_observable{
    5101, Severity::error, "`{}` may happen twice: after a crash nobody could tell whether `{}` was done"};

}  // namespace pvsplan::checks

// PV31xx: races and preconditions. PV40xx: requirements, a code for each form.
#pragma once

#include "compiler/diag/diagnostic.hpp"

namespace pvsplan::checks {

using diag::Declared;
using diag::Name;
using diag::OtherStep;
using diag::Severity;
using diag::StepPath;
using diag::Words;

inline constexpr Declared<StepPath, OtherStep, Name> race_of_writers{
    3101, Severity::error, "`{}` and `{}` both set `{}`, and neither waits for the other"};
inline constexpr Declared<StepPath, Name, OtherStep> race_of_reader{
    3102, Severity::error, "`{}` requires something of `{}` while `{}` may be changing it"};
inline constexpr Declared<StepPath, Name, OtherStep> race_of_condition{
    3110, Severity::error, "whether `{}` runs depends on `{}` while `{}` may be changing it"};
inline constexpr Declared<StepPath, Words> precondition_fails{3103, Severity::error,
                                                              "`{}` cannot start: it requires {}"};
inline constexpr Declared<StepPath, Words> precondition_unknown{
    3104, Severity::warning, "it cannot be told whether `{}` can start: it requires {}"};
inline constexpr Declared<StepPath, OtherStep> reads_maybe_skipped{
    3105, Severity::error, "`{}` reads an output of `{}`, which may be skipped while it runs"};

inline constexpr Declared<StepPath, Words> precondition_open{
    6001, Severity::note, "whether `{}` can start is decided when its parameters are given: it requires {}"};

inline constexpr Declared<Name, Words> count_violated{4001, Severity::error, "`{}` is violated: {}"};
inline constexpr Declared<Name, Words> before_violated{4002, Severity::error, "`{}` is violated: {}"};
inline constexpr Declared<Name, Words> then_violated{4003, Severity::error, "`{}` is violated: {}"};
inline constexpr Declared<Name, Words> while_violated{4004, Severity::error, "`{}` is violated: {}"};
inline constexpr Declared<Name, Words> always_violated{4005, Severity::error, "`{}` is violated: {}"};
inline constexpr Declared<Name, Words> never_violated{4006, Severity::error, "`{}` is violated: {}"};
inline constexpr Declared<Name, Words> finally_violated{4007, Severity::error, "`{}` is violated: {}"};
inline constexpr Declared<Name, Words> requirement_vacuous{4010, Severity::warning,
                                                           "`{}` says nothing about this plan: {}"};
inline constexpr Declared<Name, Words> requirement_undecided{4011, Severity::warning, "`{}` cannot be decided: {}"};
inline constexpr Declared<Name, Words> requirement_waived{4012, Severity::warning, "`{}` is waived, and violated: {}"};

}  // namespace pvsplan::checks

// The findings on names and types (PV2xxx). Pages: compiler/diag/explain/.
#pragma once

#include "compiler/diag/diagnostic.hpp"
#include "compiler/syntax/codes.hpp"

namespace pvsplan::resolve {

using diag::Count;
using diag::Declared;
using diag::Expected;
using diag::Found;
using diag::FoundCount;
using diag::Given;
using diag::LeftSide;
using diag::Name;
using diag::OtherName;
using diag::Owner;
using diag::RightSide;
using diag::Severity;
using diag::Words;

// files and documents
inline constexpr Declared<Words> cannot_read{2001, Severity::error, "{}"};
inline constexpr Declared<Name, Found, Expected> wrong_document{2002, Severity::error, "`{}` holds {}, not {}"};
inline constexpr Declared<Name> unknown_library_name{2003, Severity::error, "the standard library has no `{}`"};
inline constexpr Declared<Words, Name> defined_twice{2004, Severity::error, "{} `{}` is defined twice"};
inline constexpr Declared<> no_farm{2005, Severity::error, "the plan names no farm"};

// names
inline constexpr Declared<Name> unknown_name{2010, Severity::error, "unknown name `{}`"};
inline constexpr Declared<Words, Name> unknown_member{2011, Severity::error, "{} has no `{}`"};
inline constexpr Declared<Name> unknown_function{2012, Severity::error, "unknown function `{}`"};
inline constexpr Declared<Name> unknown_kind{2013, Severity::error, "unknown kind `{}`"};
inline constexpr Declared<Name> unknown_type{2014, Severity::error, "unknown type `{}`"};
inline constexpr Declared<Name> unknown_call{2015, Severity::error, "unknown action or procedure `{}`"};
inline constexpr Declared<Name> unknown_step{2016, Severity::error, "unknown step `{}`"};
inline constexpr Declared<Owner, Name> unknown_argument{2017, Severity::error, "`{}` has no parameter `{}`"};
inline constexpr Declared<Name, Words> missing_argument{2018, Severity::error, "`{}` is called without {}"};
inline constexpr Declared<Name> unknown_predicate{2019, Severity::error, "unknown predicate `{}`"};
inline constexpr Declared<Name> unknown_verb{2020, Severity::error, "no action does `{}`"};
inline constexpr Declared<Name> unknown_plural{2021, Severity::error, "`{}` is not the plural of a kind"};
inline constexpr Declared<Name> unknown_parameter{2022, Severity::error, "the plan has no parameter `{}`"};
inline constexpr Declared<Name> unknown_invariant{2023, Severity::error, "no invariant is called `{}`"};

// types
inline constexpr Declared<Expected, Found> wrong_type{2030, Severity::error, "expected {}, found {}"};
inline constexpr Declared<LeftSide, RightSide> not_comparable{2031, Severity::error, "{} and {} cannot be compared"};
inline constexpr Declared<Name, Words> bad_literal{2032, Severity::error, "`{}` is not {}"};
inline constexpr Declared<Name, Words, FoundCount> argument_count{2033, Severity::error, "`{}` takes {}, found {}"};
inline constexpr Declared<Name, Words> not_available{2034, Severity::error, "`{}` cannot be read here: {}"};
inline constexpr Declared<> secret_flows{2035, Severity::error, "a secret would be seen here"};

// objects
inline constexpr Declared<Name> missing_on{2040, Severity::error, "`{}` needs the object that it works on"};
inline constexpr Declared<Name> superfluous_on{2041, Severity::error, "`{}` works on no object"};
inline constexpr Declared<Words, Name> object_twice{2042, Severity::error, "the farm has two {} called `{}`"};
inline constexpr Declared<Owner, Name> missing_attribute{2043, Severity::error, "`{}` lacks the attribute `{}`"};
inline constexpr Declared<Words, Name> unknown_attribute{2044, Severity::error, "{} have no attribute or state `{}`"};
inline constexpr Declared<Words> bad_csv{2045, Severity::error, "{}"};
inline constexpr Declared<Name> unknown_transport{2046, Severity::error, "unknown transport `{}`"};
inline constexpr Declared<Name, Words> body_not_here{2047, Severity::error, "a `{}` body cannot run {}"};

// bounds on what a command may do
inline constexpr Declared<Name> nothing_to_kill{2080, Severity::error,
                                                "`{}` runs no process, so there is nothing to kill after its timeout"};
inline constexpr Declared<> nul_in_text{2081, Severity::error,
                                        "this text holds a NUL, which no argument of a process can"};
// how objects are reached, and secrets
inline constexpr Declared<Name> unknown_secret{2100, Severity::error, "the farm has no secret `{}`"};
inline constexpr Declared<Words> no_over{2101, Severity::error, "`connect` of {} does not say `over`"};
inline constexpr Declared<Owner, Name> unknown_connect_key{2102, Severity::error, "`{}` has no key `{}`"};
inline constexpr Declared<Name, Given, Words> bad_connect_value{2103, Severity::error, "`{}: {}` is not {}"};
inline constexpr Declared<Name, Words> connect_lacks{2104, Severity::error, "`connect` over `{}` {}"};
inline constexpr Declared<Words> not_said{2105, Severity::error, "the farm does not say how {} reached"};
inline constexpr Declared<Name, OtherName, Words> same_thing{2107, Severity::error, "`{}` and `{}` are the same {}"};
inline constexpr Declared<Name, OtherName> nearly_same_name{2108, Severity::warning,
                                                            "`{}` and `{}` differ only in how they are written"};
inline constexpr Declared<Name> hidden_in_name{2109, Severity::warning,
                                               "the name `{}` holds something that cannot be seen"};
inline constexpr Declared<Name> secret_argument{2110, Severity::error, "`--set {}`: the parameter is a secret"};
inline constexpr Declared<Name, Words> no_secret_parameter{2111, Severity::error,
                                                           "`--secret {}`: the parameter is of type `{}`"};
inline constexpr Declared<Name, Owner, Words> hidden_in_value{2112, Severity::warning,
                                                              "`{}` of `{}` holds {}, which cannot be seen"};
inline constexpr Declared<Words> bad_secret_source{2106, Severity::error, "{}"};

// steps
inline constexpr Declared<Name> step_twice{2050, Severity::error, "two steps are called `{}`"};
inline constexpr Declared<Name> calls_itself{2054, Severity::error, "the procedure `{}` calls itself"};
inline constexpr Declared<Name, Words> bad_output_ref{2055, Severity::error, "the step `{}` has no outputs: {}"};
inline constexpr Declared<> no_body{2056, Severity::error, "the action has no `run`"};
inline constexpr Declared<Name> not_waivable{2057, Severity::error, "the policy does not allow that `{}` is waived"};
inline constexpr Declared<Words, Count> predicates_too_large{2067, Severity::error,
                                                             "written out, {} more than {} operations"};
inline constexpr Declared<Name, Words> parameter_value{2058, Severity::error, "`--set {}`: {}"};

// who is told of a run
inline constexpr Declared<Words> nowhere_to_send{1121, Severity::error, "nobody can be told so: {}"};

// proved, and most likely not what was meant
inline constexpr Declared<Name, Words> no_only_object{2120, Severity::error, "`{}` works on the only {} of a farm"};
inline constexpr Declared<Name> empty_text{2121, Severity::warning, "`{}` is empty"};
inline constexpr Declared<Words, Name, Given> matches_nothing{2123, Severity::warning, "no {} has the {} `{}`"};
inline constexpr Declared<Name> program_of_values{6010, Severity::warning, "the text that `{}` runs is made of values"};
using syntax::codes::control_character;
inline constexpr Declared<Name> says_nothing{2113, Severity::warning,
                                             "the approval `{}` does not tell a person what to look at"};
inline constexpr Declared<Owner, Name, Words> policy_parameter{2115, Severity::error,
                                                               "the policy `{}` reads the parameter `{}`: {}"};
inline constexpr Declared<> after_nothing{2124, Severity::warning, "this `after` names nothing"};

// where runs are stored
inline constexpr Declared<> protected_without_store{2090, Severity::error,
                                                    "a protected farm has to say where its runs are kept"};
inline constexpr Declared<Words> no_store{2091, Severity::error, "`store` names no store: {}"};

// outputs
inline constexpr Declared<Name, Words> nothing_printed{2070, Severity::error,
                                                       "`{}` has no value: a `{}` step runs no command"};

}  // namespace pvsplan::resolve

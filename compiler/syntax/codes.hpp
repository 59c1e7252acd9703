// The findings on one text: PV10xx bytes and YAML, PV11xx the shape of a document, PV12xx what stands inside a
// scalar. Codes are for ever; each has its page under compiler/diag/explain.
#pragma once

#include "compiler/diag/diagnostic.hpp"

namespace pvsplan::syntax::codes {

using diag::Count;
using diag::Declared;
using diag::Expected;
using diag::Found;
using diag::Given;
using diag::Name;
using diag::OtherName;
using diag::Topic;
using diag::Words;
using enum diag::Severity;

// ---- bytes and YAML ---------------------------------------------------------------------------------------------
inline constexpr Declared<Words> bad_yaml{1001, error, "this is not YAML: {}"};
inline constexpr Declared<Words> tab_indent{1002, error, "a tab in the indentation{}"};
inline constexpr Declared<Name> duplicate_key{1003, error, "the key `{}` is here twice"};
inline constexpr Declared<> second_document{1004, error, "a second document starts here"};
inline constexpr Declared<Count> alias_bomb{1005, error, "the aliases of this file expand to more than {} nodes"};
inline constexpr Declared<> merge_key{1006, error, "a merge key `<<`"};
inline constexpr Declared<Name> unknown_tag{1007, error, "the tag `{}`"};
inline constexpr Declared<Count> too_deep{1008, error, "lists and mappings nest more than {} levels deep"};
inline constexpr Declared<Count> too_long{1009, error, "a text of more than {} bytes"};
inline constexpr Declared<Words> not_text{1010, error, "this file is not text: {}"};
inline constexpr Declared<Words> wrong_encoding{1011, error, "this file is encoded as {}"};
inline constexpr Declared<Words> empty_document{1012, error, "there is nothing in this file{}"};
inline constexpr Declared<Name> unknown_alias{1013, error, "no anchor `&{}` before this alias"};
inline constexpr Declared<Name> alias_of_itself{1014, error, "the alias `*{}` stands inside of what it repeats"};
inline constexpr Declared<Words> key_no_text{1015, error, "{} as a key"};
inline constexpr Declared<Count> long_flow{1016, error, "more than {} entries between brackets"};
// Where YAML could not go on, what was probably meant; `{}` at the end of one is empty, so that all are alike.
inline constexpr Declared<Words> not_closed{1017, error, "{} is not closed"};
inline constexpr Declared<Words> wrong_column{1018, error, "this line {}"};
inline constexpr Declared<Words> colon_in_text{1019, error, "{} has a `: ` in it and no quotes"};
inline constexpr Declared<Words> no_blank{1020, error, "no blank behind {}"};
inline constexpr Declared<Words> no_dash{1021, error, "no `- ` before this entry{}"};
inline constexpr Declared<Words> stray_dash{1022, error, "a `-` that {}"};
inline constexpr Declared<Words> bare_hole{1023, error, "{} between brackets without quotes"};
inline constexpr Declared<Words> typographic_quotes{1024, error, "typographic quotes do not quote{}"};
inline constexpr Declared<Name> joined_lines{1025, warning, "YAML makes one line of the lines of `{}`"};
inline constexpr Declared<Words> no_colon{1026, error, "no `:` behind this key{}"};
inline constexpr Declared<Words> not_opened{1027, error, "{} closes nothing"};

// ---- shape of a document ----------------------------------------------------------------------------------------
inline constexpr Declared<Words> no_document{1101, error, "this file does not say what it is: {}"};
inline constexpr Declared<Name, Words> unknown_key{1102, error, "unknown key `{}` in {}"};
inline constexpr Declared<Words, Name> missing_key{1103, error, "{} has no `{}`"};
inline constexpr Declared<Topic, Found, Expected> wrong_form{1104, error, "{} is {}, not {}"};
inline constexpr Declared<Words> no_value{1105, error, "{} has no value"};
inline constexpr Declared<Name, Words> bad_name{1106, error, "`{}` is not {}"};
inline constexpr Declared<Name> reserved_name{1115, error, "`{}` is a word of the language, not a name"};
inline constexpr Declared<Words> shapeless_step{1107, error, "a step without {}"};
inline constexpr Declared<Name, OtherName> contradictory{1108, error, "both `{}` and `{}`"};
inline constexpr Declared<Name, Words> misplaced_key{1109, error, "`{}` does nothing on {}"};
inline constexpr Declared<Name, Given, Words> bad_choice{1110, error, "`{}` is `{}`, not {}"};
inline constexpr Declared<Name, Words> hole_in_script{1111, error, "`{}` in {}"};
inline constexpr Declared<> shapeless_body{1112, error, "nothing here says what to run"};
inline constexpr Declared<Name> not_first{1113, error, "`{}` is not the first key of this file"};
inline constexpr Declared<Name, Words> bad_number{1114, error, "`{}` is not {}"};
inline constexpr Declared<Name> bad_time{1117, error, "`{}` is not a time of day"};
inline constexpr Declared<Name> unknown_zone{1118, error, "unknown time zone `{}`"};
inline constexpr Declared<Words> odd_window{1119, error, "this window {}"};
inline constexpr Declared<Name> named_twice{1120, error, "`{}` is named twice"};
inline constexpr Declared<Name, Words> no_entries{1116, error, "`{}` is empty: {}"};

// ---- inside a scalar --------------------------------------------------------------------------------------------
inline constexpr Declared<Words, Found> bad_expression{1201, error, "{}, found {}"};
inline constexpr Declared<Topic, Found> trailing_text{1202, error, "{} ends before {}"};
inline constexpr Declared<> hole_in_expression{1203, error, "`${{` in what is an expression already"};
inline constexpr Declared<Count> deep_expression{1204, error, "this expression nests more than {} levels deep"};
inline constexpr Declared<Name> big_number{1205, error, "the number `{}` is too large"};
inline constexpr Declared<Words, Found> bad_requirement{1206, error, "{}, found {}"};
inline constexpr Declared<Words, Found> bad_phrase{1207, error, "{}, found {}"};
inline constexpr Declared<> not_callable{1208, error, "only a function can be called"};

// ---- advice -----------------------------------------------------------------------------------------------------
inline constexpr Declared<Name> control_character{6011, warning, "there is a control character in `{}`"};

}  // namespace pvsplan::syntax::codes

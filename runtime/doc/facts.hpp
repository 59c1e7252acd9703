// What is known of an action, a procedure or a kind, a line each. Code in it stands between backticks.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "compiler/compilation.hpp"

namespace pvsplan::doc {

// Texts are an author's: whoever prints them escapes them for what they print to.
struct Fact {
    std::string_view title;  // "needs"
    std::string text;
};
using Facts = std::vector<Fact>;

// What an action needs, sets and does, how it is undone and how long it takes.
Facts facts_of(const compiler::Compilation& compilation, const resolve::Action& action);
// The steps that it is made of, and how it is undone.
Facts facts_of(const resolve::Procedure& procedure);

// As the language writes it: "`stopped`"; empty where there is none, or it is a secret.
std::string default_text(const resolve::Model& model, const program::Type& type,
                         const std::optional<program::Value>& value);
std::string value_text(const resolve::Model& model, const program::Value& value);

// What stands there in the source, on one line. Empty where that is nowhere. What looks like a secret is taken out; of
// a long one the beginning.
std::string written(const compiler::Compilation& compilation, base::Span span);
// Between backticks; empty stays empty.
std::string code(std::string_view text);
// The first 200 bytes, and "…" where there are more.
std::string shortened(const std::string& text);

// "12 m", "1 h 30 m".
std::string duration_text(std::int64_t milliseconds);

}  // namespace pvsplan::doc

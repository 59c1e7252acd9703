#include "runtime/doc/facts.hpp"

#include <algorithm>

#include "compiler/base/counted.hpp"
#include "compiler/base/lists.hpp"
#include "compiler/base/utf8.hpp"
#include "compiler/diag/secrecy.hpp"

namespace pvsplan::doc {
namespace {

using compiler::Compilation;

void add(Facts& facts, std::string_view title, std::string text) {
    if (!text.empty()) facts.push_back({title, std::move(text)});
}

std::string all_written(const Compilation& c, const std::vector<base::Span>& spans) {
    std::string text;
    for (const base::Span span : spans) base::append(text, ", ", written(c, span));
    return text;
}

// As the author wrote it, or why there is none.
std::string undo_text(const Compilation& c, const resolve::Undo& undo) {
    switch (undo.type) {
        case program::Undo::Type::nothing: return undo.why.empty() ? "nothing" : "nothing: " + undo.why;
        case program::Undo::Type::impossible: return "impossible: " + undo.why;
        case program::Undo::Type::steps: return written(c, undo.span);
    }
    return "";
}

// What happens then is said with it: a step that is killed and one that is in doubt are two things to whoever is
// called.
std::string timeout_text(const resolve::Timeout& timeout) {
    if (timeout.after_ms == 0) return "";
    return duration_text(timeout.after_ms) + (timeout.then == program::AtTimeout::kill
                                                  ? ", then it is ended and has failed"
                                                  : ", then it is in doubt and a person looks");
}

std::string retry_text(const program::Retry& retry) {
    if (retry.times == 0) return "";
    return base::counted(retry.times, "more time") +
           (retry.delay_ms > 0 ? ", each after " + duration_text(retry.delay_ms) : "");
}

std::string outputs_text(const resolve::Action& action) {
    std::string text;
    for (const auto& [name, type] : action.compiled.output_types)
        base::append(text, ", ", code(name) + " " + program::to_text(type));
    return text;
}

}  // namespace

// In the order of a run: what it needs, what it does, how it is undone, how long it takes. What does not apply is left
// out.
Facts facts_of(const Compilation& c, const resolve::Action& action) {
    Facts facts;
    add(facts, "needs", written(c, action.requires_span));
    add(facts, "does", all_written(c, action.does_spans));
    add(facts, "sets", all_written(c, action.sets_spans));
    add(facts, "puts out", outputs_text(action));
    add(facts, "undone by", undo_text(c, action.undo));
    if (action.compiled.takes_ms > 0) add(facts, "lasts about", duration_text(action.compiled.takes_ms));
    add(facts, "lasts at most", timeout_text(action.timeout));
    add(facts, "is retried", retry_text(action.retry));
    if (action.compiled.repeatable) add(facts, "again", "changes nothing");
    return facts;
}

// Only its own steps: those that they call have pages of their own.
Facts facts_of(const resolve::Procedure& procedure) {
    Facts facts;
    std::string steps;
    for (const resolve::Step& step : procedure.block.steps) base::append(steps, ", ", code(step.id));
    add(facts, "steps", steps);
    std::string recover;
    if (procedure.recover)
        for (const resolve::Step& step : procedure.recover->steps) base::append(recover, ", ", code(step.id));
    add(facts, "undone by", procedure.recover ? recover : std::string("the inverse of its steps"));
    return facts;
}

std::string value_text(const resolve::Model& model, const program::Value& value) {
    return program::to_text(value, expand::FarmNames(model));
}

// A secret's default is never shown, even where a module has one.
std::string default_text(const resolve::Model& model, const program::Type& type,
                         const std::optional<program::Value>& value) {
    return value && type.category != program::Type::Category::secret ? value_text(model, *value) : "";
}

// As it stands in the source, with what looks like a secret taken out.
std::string written(const Compilation& c, base::Span span) {
    if (span.is_nowhere()) return "";
    std::string text(c.sources->text(span));
    std::replace(text.begin(), text.end(), '\n', ' ');
    return code(shortened(diag::without_secrets(text)));
}

// Never within a character of UTF-8.
std::string shortened(const std::string& text) {
    const std::size_t size = base::cut_before(text, 200);
    return size < text.size() ? text.substr(0, size) + "…" : text;
}

std::string code(std::string_view text) { return text.empty() ? "" : "`" + std::string(text) + "`"; }

// In hours, minutes and seconds; below a second in milliseconds.
std::string duration_text(std::int64_t milliseconds) {
    std::int64_t seconds = milliseconds / 1000;
    std::string text;
    for (const auto& [size, unit] : {std::pair<std::int64_t, const char*>{3600, "h"}, {60, "m"}, {1, "s"}}) {
        if (seconds / size > 0) base::append(text, " ", std::to_string(seconds / size) + " " + unit);
        seconds %= size;
    }
    return text.empty() ? std::to_string(milliseconds) + " ms" : text;
}

}  // namespace pvsplan::doc

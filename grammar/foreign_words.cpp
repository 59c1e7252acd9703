#include "grammar/foreign_words.hpp"

#include <algorithm>
#include <array>

namespace pvsplan::grammar {
namespace {

// In alphabetical order.
constexpr std::array words = {
    ForeignWord{"action", "do then"},
    ForeignWord{"alerts", "notify"},
    ForeignWord{"approval", "approve"},
    ForeignWord{"arguments", "with parameters"},
    ForeignWord{"args", "with parameters"},
    ForeignWord{"attempts", "times"},
    ForeignWord{"bash", "command"},
    ForeignWord{"call", "do"},
    ForeignWord{"cmd", "command"},
    ForeignWord{"comment", "summary"},
    ForeignWord{"condition", "when requires until require"},
    ForeignWord{"confirm", "approve"},
    ForeignWord{"connection", "connect"},
    ForeignWord{"count", "times"},
    ForeignWord{"credentials", "secrets"},
    ForeignWord{"depends", "after"},
    ForeignWord{"depends_on", "after"},
    ForeignWord{"depends-on", "after"},
    ForeignWord{"description", "summary because"},
    ForeignWord{"do", "does"},
    ForeignWord{"environment", "env"},
    ForeignWord{"event", "does"},
    ForeignWord{"events", "does"},
    ForeignWord{"exec", "do command"},
    ForeignWord{"execute", "do"},
    ForeignWord{"exit", "exit_codes"},
    ForeignWord{"file", "csv"},
    ForeignWord{"for", "for_each until"},
    ForeignWord{"foreach", "for_each"},
    ForeignWord{"groups", "by"},
    ForeignWord{"host", "on"},
    ForeignWord{"hosts", "on"},
    ForeignWord{"idempotent", "repeatable"},
    ForeignWord{"if", "when requires until"},
    ForeignWord{"imports", "uses"},
    ForeignWord{"include", "uses"},
    ForeignWord{"inputs", "with parameters"},
    ForeignWord{"interval", "every delay"},
    ForeignWord{"inventory", "farm"},
    ForeignWord{"loop", "for_each"},
    ForeignWord{"max", "at_most"},
    ForeignWord{"max_parallel", "at_most"},
    ForeignWord{"modules", "uses"},
    ForeignWord{"name", "id requirement"},
    ForeignWord{"needs", "after"},
    ForeignWord{"notifications", "notify"},
    ForeignWord{"on_error", "on_failure"},
    ForeignWord{"only_if", "when"},
    ForeignWord{"params", "with parameters"},
    ForeignWord{"parameters", "with"},
    ForeignWord{"path", "file csv"},
    ForeignWord{"postcondition", "sets"},
    ForeignWord{"precondition", "requires"},
    ForeignWord{"pwsh", "powershell"},
    ForeignWord{"query", "sql"},
    ForeignWord{"reason", "because"},
    ForeignWord{"rescue", "recover"},
    ForeignWord{"retries", "retry times"},
    ForeignWord{"returns", "outputs"},
    ForeignWord{"rollback", "undo recover"},
    ForeignWord{"rule", "require"},
    ForeignWord{"run", "do"},
    ForeignWord{"script", "powershell"},
    ForeignWord{"serial", "at_most"},
    ForeignWord{"shell", "command"},
    ForeignWord{"target", "on"},
    ForeignWord{"task", "do"},
    ForeignWord{"tasks", "steps actions"},
    ForeignWord{"title", "summary"},
    ForeignWord{"undo", "recover"},
    ForeignWord{"url", "webhook"},
    ForeignWord{"use", "uses"},
    ForeignWord{"users", "by"},
    ForeignWord{"variable", "env"},
    ForeignWord{"variables", "parameters with"},
    ForeignWord{"vars", "parameters with"},
    ForeignWord{"wait", "delay"},
    ForeignWord{"why", "because"},
    ForeignWord{"with", "parameters"},
    ForeignWord{"with_items", "for_each"},
};

}  // namespace

std::span<const ForeignWord> foreign_words() { return words; }

const Key* key_called(std::string_view word, const Shape& shape) {
    const auto* const found =
        std::find_if(words.begin(), words.end(), [&](const ForeignWord& foreign) { return foreign.word == word; });
    if (found == words.end()) return nullptr;
    for (std::string_view rest = found->keys; !rest.empty();) {
        const std::size_t end = std::min(rest.find(' '), rest.size());
        if (const Key* key = shape.key(rest.substr(0, end))) return key;
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return nullptr;
}

}  // namespace pvsplan::grammar

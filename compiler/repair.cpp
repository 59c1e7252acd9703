#include "compiler/repair.hpp"

#include <algorithm>
#include <vector>

#include "compiler/resolve/model.hpp"
#include "compiler/step_edit.hpp"

namespace pvsplan::compiler {
namespace {

using resolve::Step;

// The scopes around a node, outermost first.
std::vector<std::uint32_t> scopes_of(const Written& written, graph::Index node) {
    std::vector<std::uint32_t> chain;
    for (std::uint32_t at = written.expansion.nodes[written.node_of[node]].scope;
         at != expand::none && written.expansion.scopes[at].step; at = written.expansion.scopes[at].parent)
        chain.push_back(at);
    std::reverse(chain.begin(), chain.end());
    return chain;
}

std::optional<diag::Fix> fix_of(const base::SourceMap& sources, const Step& waiting, const Step& awaited) {
    if (waiting.span.is_nowhere() || awaited.span.file != waiting.span.file) return std::nullopt;
    if (!sources.is_editable(waiting.span)) return std::nullopt;
    diag::Sink known;  // the text has been read without an error before
    const auto tree = syntax::read_tree(sources, waiting.span.file, known);
    if (!tree) return std::nullopt;
    const auto after = add_after(sources, *tree, waiting.span, awaited.id);
    if (!after) return std::nullopt;
    diag::Fix fix{.title = "let `" + waiting.id + "` wait for `" + awaited.id + "`", .edits = {*after}};
    // The head of a step is its id if it has one. A generated name is written into the text, so that it does not change
    // later.
    if (sources.text(awaited.head) != awaited.id)
        if (const auto id = add_id(sources, *tree, awaited.span, awaited.id)) fix.edits.push_back(*id);
    return fix;
}

// Reduces `at_most`: to the number that the requirement allows, or to 1.
std::optional<diag::Fix> fewer_at_once(const base::SourceMap& sources, const Step& loop, std::int64_t allowed,
                                       const Accept& repairs) {
    if (!sources.is_editable(loop.span)) return std::nullopt;
    diag::Sink known;
    const auto tree = syntax::read_tree(sources, loop.span.file, known);
    if (!tree) return std::nullopt;
    for (const std::int64_t number : {allowed, std::int64_t{1}}) {
        if (number < 1) continue;
        const std::string text = std::to_string(number);
        if (sources.text(loop.at_most_span) == text) continue;
        const auto edit = set_value(sources, *tree, loop.span, "at_most", text);
        if (!edit) return std::nullopt;
        if (auto accepted = repairs(diag::Fix{.title = "set `at_most: " + text + "`", .edits = {*edit}}))
            return accepted;
        if (number == 1) break;
    }
    return std::nullopt;
}

}  // namespace

std::optional<diag::Fix> repair(const Written& written, const checks::Decision::MissingOrder& order,
                                std::int64_t allowed, const Accept& repairs) {
    const auto before = scopes_of(written, order.before);
    const auto after = scopes_of(written, order.after);
    const auto [b, a] = std::mismatch(before.begin(), before.end(), after.begin(), after.end());
    if (b == before.end() || a == after.end()) return std::nullopt;  // one contains the other
    const auto step_at = [&](std::uint32_t scope) { return written.expansion.scopes[scope].step; };
    const Step* const awaited = step_at(*b);
    if (step_at(*a) == awaited) return fewer_at_once(written.sources, *awaited, allowed, repairs);
    for (auto at = a; at != after.end(); ++at) {
        const Step* const waiting = step_at(*at);
        if (const auto fix = fix_of(written.sources, *waiting, *awaited))
            if (auto accepted = repairs(*fix)) return accepted;
        if (waiting->type != Step::Type::group) break;  // inside a procedure the name means something else
    }
    return std::nullopt;
}

}  // namespace pvsplan::compiler

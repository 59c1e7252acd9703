#include "compiler/mend.hpp"

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
    if (sources.path(waiting.span.file).starts_with("stdlib/")) return std::nullopt;
    diag::Sink known;  // the text was read without an error before
    const auto tree = syntax::read_tree(sources, waiting.span.file, known);
    if (!tree) return std::nullopt;
    const auto after = add_after(sources, *tree, waiting.span, awaited.id);
    if (!after) return std::nullopt;
    diag::Fix fix{.title = "let `" + waiting.id + "` wait for `" + awaited.id + "`", .edits = {*after}};
    // Its head is its id where it has one. A name that was made up is written down, so that it does not change later.
    if (sources.text(awaited.head) != awaited.id)
        if (const auto id = add_id(sources, *tree, awaited.span, awaited.id)) fix.edits.push_back(*id);
    return fix;
}

}  // namespace

std::optional<diag::Fix> mend(const Written& written, const checks::Decision::MissingOrder& order,
                              const std::function<std::optional<diag::Fix>(const diag::Fix&)>& mends) {
    const auto before = scopes_of(written, order.before);
    const auto after = scopes_of(written, order.after);
    const auto [b, a] = std::mismatch(before.begin(), before.end(), after.begin(), after.end());
    if (b == before.end() || a == after.end()) return std::nullopt;  // one is part of the other
    const auto step_at = [&](std::uint32_t scope) { return written.expansion.scopes[scope].step; };
    const Step* const awaited = step_at(*b);
    if (step_at(*a) == awaited) return std::nullopt;
    for (auto at = a; at != after.end(); ++at) {
        const Step* const waiting = step_at(*at);
        if (const auto fix = fix_of(written.sources, *waiting, *awaited))
            if (auto accepted = mends(*fix)) return accepted;
        if (waiting->is != Step::Is::group) break;  // inside a procedure the name means something else
    }
    return std::nullopt;
}

}  // namespace pvsplan::compiler

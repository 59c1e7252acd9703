#include "compiler/expand/skipped_reads.hpp"

#include <optional>
#include <set>
#include <string>

#include "compiler/expand/codes.hpp"
#include "compiler/expand/env.hpp"

namespace pvsplan::expand {

// Where the reader runs its value would be missing in the middle of a run; so it is an error now. Each row of values is
// looked at once, however many nodes share it.
void refuse_reads_of_skipped(const resolve::Model& model, const Expansion& expansion,
                             const std::vector<std::uint32_t>& skipped, const FindingPlace& place, diag::Sink& sink) {
    if (skipped.empty()) return;
    std::set<std::string> paths;
    for (const std::uint32_t node : skipped) paths.insert(expansion.path(node, model));
    const auto reads = [&](const program::ExprPtr& expr) {
        std::optional<std::string> read;
        program::for_each_part(*expr, [&](const program::Expr& part) {
            if (part.op == program::Expr::Op::output && paths.contains(part.step)) read = part.step;
        });
        return read;
    };
    const auto refuse = [&](std::uint32_t scope, base::Span seen, const std::string& step) {
        sink.report(reads_skipped, place(seen, scope), diag::StepPath(expansion.path_of_scope(scope, model)),
                    diag::OtherStep(step))
            .hint("let both have the same `when`, or read something else where `" + step + "` is skipped");
    };
    for (const Guard& guard : expansion.guards)
        if (const auto read = reads(guard.condition)) refuse(guard.scope, guard.span, *read);
    std::vector<bool> is_known(expansion.frames.size(), false);  // equal rows give equal findings
    for (const Node& node : expansion.nodes) {
        if (node.type == program::Node::Type::join || is_known[node.content]) continue;
        is_known[node.content] = true;
        for (const Value& value : expansion.frames[node.content])
            if (value.has_unknown())
                if (const auto read = reads(program::as_expr(value, *expansion.unknowns, {})))
                    refuse(node.scope, expansion.scopes[node.scope].step->head, *read);
    }
}

}  // namespace pvsplan::expand

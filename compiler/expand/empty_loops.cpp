#include "compiler/expand/empty_loops.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "compiler/base/near.hpp"
#include "compiler/expand/codes.hpp"

namespace pvsplan::expand {

// A loop within a loop is expanded many times; one time with elements is enough.
void EmptyLoops::expanded(const resolve::Step& loop, std::uint32_t scope, std::size_t elements) {
    if (elements == 0)
        empty_.emplace(&loop, scope);
    else
        filled_.insert(&loop);
}

// Once all is expanded: only then is it known that no time had elements.
void EmptyLoops::report(CompileEnv& env, const FindingPlace& place, diag::Sink& sink) const {
    for (const auto& [loop, scope] : empty_) {
        if (filled_.contains(loop) || is_explained(*loop)) continue;
        auto reported = sink.report(empty_loop, place(loop->for_each->span, scope));
        if (loop->for_each->list->op == program::Expr::Op::filter && loop->for_each->list->args[1])
            name_near_values(*loop->for_each->list, env, reported);
        reported.hint("take the step away if that is what is meant");
    }
}

// A loop over a kind of which the farm has no object needs no finding, nor does a list in which a comparison has been
// reported.
bool EmptyLoops::is_explained(const resolve::Step& loop) const {
    const program::Expr* from = loop.for_each->list.get();
    while (from->op != program::Expr::Op::literal && !from->args.empty() && from->args[0]) from = from->args[0].get();
    const bool has_none = from->op == program::Expr::Op::literal && from->value.as_list() &&
                          from->value.as_list()->empty() && from->type.element &&
                          from->type.element->category == program::Type::Category::object;
    const base::Span list = loop.for_each->span;
    return has_none ||
           std::any_of(model_->matches_nothing.begin(), model_->matches_nothing.end(), [&](base::Span span) {
               return span.file == list.file && span.begin >= list.begin && span.end <= list.end;
           });
}

// If the filter compares an attribute with a text, names similar values of that attribute in the farm.
void EmptyLoops::name_near_values(const program::Expr& filter, CompileEnv& env, diag::Reported& reported) const {
    static constexpr std::size_t max_compared = 1000;
    const std::optional<program::Type> element =
        filter.args[0]->type.element ? std::optional(*filter.args[0]->type.element) : std::nullopt;
    if (!element || element->category != program::Type::Category::object) return;
    const resolve::Kind& kind = model_->kinds[model_->kind_by_name.at(element->names[0]).index()];
    program::for_each_part(*filter.args[1], [&](const program::Expr& part) {
        using Op = program::Expr::Op;
        if (part.op != Op::equal || part.args[0]->op != Op::attribute) return;
        if (part.args[0]->args[0]->op != Op::local || part.args[0]->args[0]->local != filter.local) return;
        const Value wanted = env.evaluate(part.args[1]);
        if (!wanted.as_string()) return;
        std::vector<std::string> texts;
        for (std::size_t i = 0; i < std::min(kind.objects.size(), max_compared); ++i)
            if (const Value has = attribute_of(*model_, kind.objects[i], part.args[0]->name); has.as_string())
                texts.push_back(*has.as_string());
        if (std::find(texts.begin(), texts.end(), *wanted.as_string()) != texts.end()) return;
        reported.did_you_mean(base::nearest(*wanted.as_string(), texts));
    });
}

}  // namespace pvsplan::expand

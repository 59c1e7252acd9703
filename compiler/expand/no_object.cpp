#include "compiler/expand/no_object.hpp"

#include "compiler/base/near.hpp"
#include "compiler/expand/codes.hpp"
#include "compiler/resolve/codes.hpp"

namespace pvsplan::expand {
namespace {

using Op = program::Expr::Op;

// `servers[NAME]` is the first of `[_ in servers where _.name == NAME]`; null for what is none.
const program::Expr* search_by_name(const program::Expr& on) {
    const program::Expr* const search = on.op == Op::first ? on.args[0].get() : nullptr;
    return search && search->op == Op::filter && search->name == "_" ? search : nullptr;
}

}  // namespace

void report_no_object(const program::ExprPtr& on, CompileEnv& env, const diag::Place& place, diag::Sink& sink) {
    const program::Expr* const search = search_by_name(*on);
    if (!search) {
        sink.report(no_object, place, on->op == Op::index ? "the list is shorter than that" : "the list is empty");
        return;
    }
    const Value name = env.evaluate(search->args[1]->args[1]);
    const Value list = env.evaluate(search->args[0]);
    // A name that is not known yet was reported where it is read.
    if (!name.as_string() || !list.as_list()) return;
    std::vector<std::string> names;
    for (const Value& one : *list.as_list())
        if (const ObjectId* object = one.as_object()) names.emplace_back(env.names().name(*object));
    sink.report(no_object, place, "none of them is called `" + *name.as_string() + "`")
        .did_you_mean(base::nearest(*name.as_string(), names));
}

// At the call in the plan: a module is right on any farm that has one such object. All calls with the same cause are
// one finding.
void report_refused(const resolve::Model& model, const resolve::Refused& refused, const diag::Place& place,
                    diag::Sink& sink) {
    const resolve::Kind& kind = model.kinds[refused.kind.index()];
    const std::string has = "the farm has " + std::to_string(kind.objects.size());
    sink.report(resolve::no_only_object, place.because_of(kind.name), diag::Name(refused.callee),
                diag::Words(kind.name))
        .label(has)
        .related(model.farm.span, has + " " + kind.plural);
}

// A value that is computed is checked here; one that is written out was checked when it was resolved.
void check_paths(const resolve::Step& step, const std::vector<resolve::Parameter>& parameters,
                 std::span<const Value> values, const FindingPlace& place, std::uint32_t scope, diag::Sink& sink) {
    for (std::size_t i = 0; i < parameters.size() && i < values.size(); ++i) {
        const std::string* const text = values[i].as_string();
        if (parameters[i].type.category != program::Type::Category::path || !text || program::is_path(*text)) continue;
        sink.report(resolve::bad_literal, place(step.with[i] ? step.with[i]->span : step.head, scope),
                    diag::Name(*text), diag::Words("a path"))
            .related(parameters[i].span, "the parameter")
            .hint("it has a control character");
    }
}

}  // namespace pvsplan::expand

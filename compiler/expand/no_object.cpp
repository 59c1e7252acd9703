#include "compiler/expand/no_object.hpp"

#include "compiler/base/near.hpp"
#include "compiler/expand/codes.hpp"

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
    if (!name.as_string() || !list.as_list()) return;
    std::vector<std::string> names;
    for (const Value& one : *list.as_list())
        if (const ObjectId* object = one.as_object()) names.emplace_back(env.names().name(*object));
    sink.report(no_object, place, "none of them is called `" + *name.as_string() + "`")
        .did_you_mean(base::nearest(*name.as_string(), names));
}

}  // namespace pvsplan::expand

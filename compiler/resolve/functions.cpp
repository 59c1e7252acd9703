#include "compiler/resolve/functions.hpp"

#include <algorithm>

namespace pvsplan::resolve {
namespace {

using Op = program::Expr::Op;
using Category = program::Type::Category;

constexpr Function all_functions[] = {
    {"first", Op::first, 1, "first(LIST)", "The first element of a list, in the order of the farm.",
     "first(servers).site == last(servers).site"},
    {"last", Op::last, 1, "last(LIST)", "The last element of a list.", "last(servers).stream == running"},
    {"rest", Op::rest, 1, "rest(LIST)", "The list without its first element.", "size(rest(servers)) > 0"},
    {"size", Op::size, 1, "size(LIST)", "How many elements a list has.",
     "size([s in servers where s.stream == running]) >= 1"},
    {"unique", Op::unique, 1, "unique(LIST)", "Each element of a list once.", "size(unique(servers.site)) == 1"},
    {"min", Op::min, 2, "min(A, B)", "The smaller of two numbers, durations or versions.",
     "min(2, size(servers)) == 2"},
    {"max", Op::max, 2, "max(A, B)", "The larger of two numbers, durations or versions.", "max(1, size(servers)) >= 1"},
    {"done", Op::done, 1, "done(STEP)", "The step has ended well.", "done(stopped)", true},
    {"started", Op::started, 1, "started(STEP)", "The step has begun, however it ended.", "started(stopped)", true},
    {"failed", Op::failed, 1, "failed(STEP)", "The step has failed.", "failed(stopped)", true},
};

constexpr SimpleType all_types[] = {
    {"string", Category::string, "A text.", "east"},
    {"path", Category::path, "A text without control characters: a file, a share.", R"('\\nas01\media')"},
    {"int", Category::integer, "A whole number.", "3010"},
    {"bool", Category::boolean, "`true` or `false`.", "true"},
    {"duration", Category::duration, "A number and one unit, of `ms`, `s`, `m`, `h` and `d`.", "45m"},
    {"version", Category::version, "Numbers with dots between them, compared one by one.", "7.15.45"},
    {"secret", Category::secret, "What is never printed, nor written down; it has no default.", ""},
};

}  // namespace

std::span<const Function> functions() { return all_functions; }

const Function* function_named(std::string_view name) {
    const auto* const found = std::find_if(std::begin(all_functions), std::end(all_functions),
                                           [&](const Function& function) { return function.name == name; });
    return found == std::end(all_functions) ? nullptr : found;
}

std::vector<std::string> function_names() {
    std::vector<std::string> names;
    for (const Function& function : all_functions) names.emplace_back(function.name);
    return names;
}

std::span<const SimpleType> simple_types() { return all_types; }

}  // namespace pvsplan::resolve

#include "compiler/losses.hpp"

#include <algorithm>

#include "compiler/syntax/codes.hpp"
#include "grammar/shapes.hpp"

namespace pvsplan::compiler {
namespace {

// The name between the last backticks of a message.
std::string_view named_in(std::string_view message) {
    const std::size_t end = message.rfind('`');
    const std::size_t begin = end == std::string_view::npos || end == 0 ? end : message.rfind('`', end - 1);
    return begin == std::string_view::npos ? std::string_view() : message.substr(begin + 1, end - begin - 1);
}

}  // namespace

void note_losses(const diag::Sink& found, resolve::Documents& documents) {
    for (const char* key : {"uses", "policies", "farm", "module"})
        if (documents.lost.contains(key)) documents.is_complete = false;
    const auto is_key = [](std::string_view name) {
        const auto shapes = grammar::shapes();
        return std::any_of(shapes.begin(), shapes.end(),
                           [&](const grammar::Shape& shape) { return shape.key(name) != nullptr; });
    };
    for (const diag::Diagnostic& d : found.all())
        if (d.code == syntax::codes::duplicate_key.code && !is_key(named_in(d.message))) documents.is_complete = false;
}

// The first list is of names that a document declares which may not have been read at all. The second is of names
// within a document that was read: they count only where an entry of that name was lost. `server.install` is lost as
// `pvs.server.install` too.
void keep_causes(const diag::Sink& found, const resolve::Documents& documents, diag::Sink& all) {
    static constexpr int unknown_names[] = {2010, 2012, 2013, 2014, 2015, 2019, 2020, 2021, 2023};
    static constexpr int also_unknown[] = {2011, 2016, 2017, 2022, 2032, 2044};
    const auto is_one_of = [](const auto& codes, int code) {
        return std::find(std::begin(codes), std::end(codes), code) != std::end(codes);
    };
    const auto may_be_lost = [&](std::string_view name) {
        return documents.lost.contains(name) ||
               std::any_of(documents.lost.begin(), documents.lost.end(), [&](const std::string& lost) {
                   return name.size() > lost.size() && name.ends_with(lost) &&
                          name[name.size() - lost.size() - 1] == '.';
               });
    };
    for (const diag::Diagnostic& d : found.all()) {
        const bool is_unknown = is_one_of(unknown_names, d.code);
        if (is_unknown && !documents.is_complete) continue;
        if (!documents.lost.empty()) {
            if (d.severity != diag::Severity::error) continue;
            if ((is_unknown || is_one_of(also_unknown, d.code)) && may_be_lost(named_in(d.message))) continue;
        }
        all.add(d);
    }
}

}  // namespace pvsplan::compiler

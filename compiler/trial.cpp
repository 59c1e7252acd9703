#include "compiler/trial.hpp"

#include "compiler/diag/render.hpp"
#include "compiler/resolve/model.hpp"
#include "compiler/step_edit.hpp"

namespace pvsplan::compiler {

Changed::Changed(const Compilation& c, const diag::Fix& fix) {
    for (const base::FileId file : c.files)
        if (c.sources->belongs(file) == base::Belongs::to_project)
            texts_[std::string(c.sources->path(file))] = c.sources->text(file);
    const diag::Diagnostic offered{.fix = fix};
    for (auto& [file, text] : diag::apply_fixes(*c.sources, {&offered, 1}))
        texts_[std::string(c.sources->path(file))] = std::move(text);
}

base::Result<std::string> Changed::read(std::string_view path) const {
    const auto found = texts_.find(path);
    if (found == texts_.end()) return base::Error{"cannot read `" + std::string(path) + "`"};
    return found->second;
}

std::string per_of(const base::Sources& sources, const resolve::Step& loop) {
    if (!loop.for_each) return "";
    const std::string_view text = sources.text(loop.for_each->at_most_span);
    const std::size_t at = loop.for_each->at_most_per ? text.find(" per ") : std::string_view::npos;
    return at == std::string_view::npos ? "" : std::string(text.substr(at));
}

std::optional<diag::Fix> at_most_of(const base::Sources& sources, const resolve::Step& loop, std::int64_t number,
                                    const std::string& per) {
    if (number < 1 || !loop.for_each || !sources.is_editable(loop.span)) return std::nullopt;
    diag::Sink known;
    const auto tree = syntax::read_tree(sources, loop.span.file, known);
    if (!tree) return std::nullopt;
    const std::string text = std::to_string(number) + per;
    if (sources.text(loop.for_each->at_most_span) == text) return std::nullopt;
    const auto edit = set_value(sources, *tree, loop.span, "at_most", text);
    if (!edit) return std::nullopt;
    return diag::Fix{.title = "set `at_most: " + text + "`", .edits = {*edit}};
}

}  // namespace pvsplan::compiler

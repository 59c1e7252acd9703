#include "compiler/trial.hpp"

#include <algorithm>
#include <map>

#include "compiler/base/files.hpp"
#include "compiler/diag/render.hpp"
#include "compiler/pipeline.hpp"
#include "compiler/resolve/model.hpp"
#include "compiler/step_edit.hpp"
#include "compiler/take_out.hpp"

namespace pvsplan::compiler {

namespace {

// The texts of a compilation, some of them changed; others from `rest`, if that is given. Nothing is read from a disk
// for a text that the compilation has: what was compiled is what is tried, also if the file has changed since.
class Changed final : public base::Files {
  public:
    Changed(const Compilation& c, const diag::Fix& fix, const base::Files* rest) : rest_(rest) {
        for (const base::FileId file : c.files)
            if (c.sources->belongs(file) == base::Belongs::to_project)
                texts_[std::string(c.sources->path(file))] = c.sources->text(file);
        const diag::Diagnostic offered{.fix = fix};
        for (auto& [file, text] : diag::apply_fixes(*c.sources, {&offered, 1}))
            texts_[std::string(c.sources->path(file))] = std::move(text);
    }
    [[nodiscard]] base::Result<std::string> read(std::string_view path) const override {
        if (const auto found = texts_.find(path); found != texts_.end()) return found->second;
        if (rest_ != nullptr) return rest_->read(path);
        return base::Error{"cannot read `" + std::string(path) + "`"};
    }

    [[nodiscard]] std::vector<std::string> names_in(std::string_view folder) const override {
        return rest_ != nullptr ? rest_->names_in(folder) : std::vector<std::string>();
    }

  private:
    std::map<std::string, std::string, std::less<>> texts_;
    const base::Files* rest_;
};

}  // namespace

std::shared_ptr<const Compilation> Trials::with(const Compilation& c, const diag::Fix& fix,
                                                std::optional<std::size_t> requirement) {
    if (!may_look()) return nullptr;
    --looks_left_;
    const Changed changed(c, fix, rest_);
    std::shared_ptr<const Compilation> tried;
    if (requirement)
        tried = compile_for(workspace_, changed, c.request, *requirement, stop_);
    else if (auto compiled = compile(workspace_, changed, c.request, stop_))
        tried = std::move(*compiled);
    if (!tried || stop_.stop_requested()) return nullptr;  // nothing of it is known to be whole
    nodes_left_ -= std::min<std::size_t>(nodes_left_, tried->nodes);
    return tried;
}

std::optional<diag::Fix> let_wait(const base::Sources& sources, const resolve::Step& waiting,
                                  const resolve::Step& awaited) {
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

std::optional<diag::Fix> without_entry(const base::Sources& sources, base::Span entry, std::string title) {
    if (!sources.is_editable(entry)) return std::nullopt;
    diag::Sink known;
    const auto tree = syntax::read_tree(sources, entry.file, known);
    if (!tree) return std::nullopt;
    const auto edit = take_out(sources, *tree, entry);
    if (!edit) return std::nullopt;
    return diag::Fix{.title = std::move(title), .edits = {*edit}};
}

std::string per_of(const base::Sources& sources, const resolve::Step& loop) {
    if (!loop.for_each) return "";
    const std::string_view text = sources.text(loop.for_each->at_most_span);
    const std::size_t at = loop.for_each->at_most_per ? text.find(" per ") : std::string_view::npos;
    return at == std::string_view::npos ? "" : std::string(text.substr(at));
}

std::optional<diag::Fix> at_most_of(const base::Sources& sources, const resolve::Step& loop, std::int64_t number,
                                    const std::string& per) {
    if (number < 1) return std::nullopt;
    return at_most_of(sources, loop, std::to_string(number) + per);
}

std::optional<diag::Fix> at_most_of(const base::Sources& sources, const resolve::Step& loop, const std::string& text) {
    if (!loop.for_each || !sources.is_editable(loop.span)) return std::nullopt;
    diag::Sink known;
    const auto tree = syntax::read_tree(sources, loop.span.file, known);
    if (!tree) return std::nullopt;
    if (sources.text(loop.for_each->at_most_span) == text) return std::nullopt;
    const auto edit = set_value(sources, *tree, loop.span, "at_most", text);
    if (!edit) return std::nullopt;
    return diag::Fix{.title = "set `at_most: " + text + "`", .edits = {*edit}};
}

}  // namespace pvsplan::compiler

#include "runtime/lsp/units.hpp"

#include <algorithm>
#include <filesystem>

#include "compiler/advice.hpp"
#include "compiler/proposals.hpp"
#include "compiler/repair.hpp"
#include "runtime/lsp/places.hpp"

namespace pvsplan::lsp {
namespace {

// By whole names: `/a/bc` is not below `/a/b`.
bool is_below(const std::string& root, const std::string& path) {
    return path.starts_with(root) && (root.ends_with('/') || (path.size() > root.size() && path[root.size()] == '/'));
}

// Whatever the document is: a module or a farm is compiled by itself.
compiler::Request request_for(const std::string& path) {
    compiler::Request request;
    request.plan = path;
    request.wants_uses = true;
    request.takes = resolve::LoadRequest::Takes::any_document;
    return request;
}

std::string relative(const std::string& root, const std::string& path) {
    return path.substr(root.size() + (root.ends_with('/') ? 0 : 1));
}

// Whether completion should look at a new compilation, rather than at the one it looked at before. While the name of a
// plan's farm or module is being typed, or a bracket is open, there is no farm, or no action, or no parameter: what was
// known of them stays offered.
bool is_of_help(const compiler::Compilation& made, const compiler::Compilation* before) {
    if (made.model->kinds.empty()) return false;
    if (!before || made.ok()) return true;
    const resolve::Model& now = *made.model;
    const resolve::Model& then = *before->model;
    const bool has_lost_its_farm = made.alone.empty() && now.farm.objects.empty() && !then.farm.objects.empty();
    const auto has_lost = [&](std::size_t left, std::size_t known) { return made.is_damaged && left < known; };
    return !has_lost_its_farm && !has_lost(now.kinds.size(), then.kinds.size()) &&
           !has_lost(now.actions.size(), then.actions.size()) &&
           !has_lost(now.procedures.size(), then.procedures.size()) &&
           !has_lost(now.farm.objects.size(), then.farm.objects.size()) &&
           !has_lost(now.parameters.size(), then.parameters.size()) &&
           !has_lost(now.block.steps.size(), then.block.steps.size());
}

}  // namespace

// Projects may lie within each other; the innermost one has the file.
std::string Units::root_of(const std::string& path) const {
    std::string deepest;
    for (const std::string& root : roots_)
        if (is_below(root, path) && root.size() > deepest.size()) deepest = root;
    return deepest.empty() ? std::filesystem::path(path).parent_path().generic_string() : deepest;
}

Unit& Units::open(const std::string& path) {
    Unit& unit = units_[path];
    unit.root = root_of(path);
    unit.path = relative(unit.root, path);
    unit.texts = ++changes_;
    return unit;
}

Unit* Units::find(const std::string& path) {
    const auto found = units_.find(path);
    return found == units_.end() ? nullptr : &found->second;
}

compiler::Workspace& Units::workspace(const std::string& root) {
    std::unique_ptr<compiler::Workspace>& workspace = workspaces_[root];
    if (!workspace) workspace = std::make_unique<compiler::Workspace>();
    return *workspace;
}

// Only units that read the file become old. What a unit will read that is being compiled, or that never was, nobody
// knows, so that everything below its root counts.
void Units::changed(const std::string& path) {
    last_changed_ = path;
    is_free_for(Doing::compiling);
    for (auto& [own, unit] : units_) {
        // What a compilation that is under way reads is not known yet.
        const bool is_under_way = doing_ == Doing::compiling && own == under_way_;
        const bool may_read = is_below(unit.root, path) &&
                              (is_under_way || !unit.compilation || unit.was_read.contains(relative(unit.root, path)));
        if (own != path && !may_read) continue;
        unit.texts = ++changes_;
        if (is_under_way) worker_.stop();
    }
}

// Only of a unit that is current: others are compiled anew in any case.
bool Units::look_at_disk(const OpenTexts& open, const std::string* path) {
    bool has_changed = false;
    for (auto& [own, unit] : units_) {
        if ((path && own != *path) || !unit.is_current() || lsp::is_current(unit.was_read, unit.root, open)) continue;
        unit.texts = ++changes_;
        has_changed = true;
    }
    return has_changed;
}

bool Units::are_current() const {
    return std::all_of(units_.begin(), units_.end(), [](const auto& one) { return one.second.is_current(); });
}

bool Units::are_advised() const {
    return std::all_of(units_.begin(), units_.end(), [](const auto& one) { return one.second.is_advised; });
}

// What is asked to stop comes to its end as an event; whoever waits is called again then.
bool Units::is_free_for(Doing next) {
    if (doing_ != Doing::nothing && doing_ < next) worker_.stop();
    return doing_ == Doing::nothing;
}

// The texts are those of now, shared and never changed, and so is the request; any number of threads may compile in a
// workspace. So the worker shares nothing else with the thread that answers. A result is taken only if its texts are
// still the newest, by their number.
void Units::compile_next(const OpenTexts& open, const Then& then) {
    if (!is_free_for(Doing::compiling)) return;
    auto next = units_.find(last_changed_);
    if (next == units_.end() || next->second.is_current())
        next = std::find_if(units_.begin(), units_.end(), [](const auto& one) { return !one.second.is_current(); });
    if (next == units_.end()) return;
    const Unit& unit = next->second;
    doing_ = Doing::compiling;
    under_way_ = next->first;
    worker_.begin([this, path = next->first, texts = unit.texts, root = unit.root, request = request_for(unit.path),
                   open, &shared = workspace(unit.root), then](const std::stop_token& stop) -> Then {
        const OverlayFiles files(root, open);
        auto compiled = compiler::compile(shared, files, request, stop);
        return [this, path, texts, then, compiled = std::move(compiled), was_read = files.was_read()] {
            doing_ = Doing::nothing;
            Unit* const made = find(path);
            if (made && compiled && made->texts == texts) {
                made->compilation = *compiled;
                made->was_read = was_read;
                made->compiled = texts;
                made->repaired = nullptr;
                made->is_advised = false;
                if (is_of_help(**compiled, made->known.get())) made->known = *compiled;
            }
            then();
        };
    });
}

// Repairs are tried by compiling, which takes a while: so they are made once somebody asks, and are dropped where the
// compilation is another one by then.
void Units::repair(const std::string& path, const OpenTexts& open, const Then& then) {
    const Unit* const unit = find(path);
    if (!is_free_for(Doing::repairing) || !unit || !unit->compilation) return;
    doing_ = Doing::repairing;
    under_way_ = path;
    worker_.begin([this, path, then, open, root = unit->root,
                   compilation = unit->compilation](const std::stop_token& stop) -> Then {
        auto repaired =
            compiler::with_proposals(compiler::with_repairs(compilation, stop), OverlayFiles(root, open), stop);
        return [this, path, then, compilation, repaired = std::move(repaired), is_whole = !stop.stop_requested()] {
            doing_ = Doing::nothing;
            Unit* const made = find(path);
            if (made && is_whole && made->compilation == compilation) made->repaired = repaired;
            then();
        };
    });
}

// Each is tried once; advice that was stopped midway is not taken for all that there is.
void Units::advise_next(const std::function<void(HasAdvice)>& then) {
    const auto next =
        std::find_if(units_.begin(), units_.end(), [](const auto& one) { return !one.second.is_advised; });
    if (!is_free_for(Doing::advising) || next == units_.end() || !next->second.compilation) return;
    doing_ = Doing::advising;
    worker_.begin(
        [this, path = next->first, compilation = next->second.compilation, then](const std::stop_token& stop) -> Then {
            auto advised = compiler::with_advice(compilation, stop);
            return [this, path, then, compilation, advised = std::move(advised), is_whole = !stop.stop_requested()] {
                doing_ = Doing::nothing;
                Unit* const made = find(path);
                if (!made || !is_whole || made->compilation != compilation) return then(HasAdvice::no);
                made->is_advised = true;
                if (advised == compilation) return then(HasAdvice::no);
                made->compilation = advised;
                made->repaired = nullptr;
                if (made->known == compilation) made->known = advised;
                then(HasAdvice::yes);
            };
        });
}

// On the thread that answers. It shares what was parsed with the others of its project.
std::shared_ptr<const compiler::Compilation> Units::compile_once(const std::string& path, const OpenTexts& open) {
    const std::string root = root_of(path);
    const OverlayFiles files(root, open);
    return compiler::compile(workspace(root), files, request_for(relative(root, path)));
}

}  // namespace pvsplan::lsp

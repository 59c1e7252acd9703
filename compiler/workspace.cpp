#include "compiler/workspace.hpp"

#include <algorithm>

namespace pvsplan::compiler {

namespace {

// What may be held beyond twice of what one compilation reads: old versions of small files are kept for a while, since
// people take an edit back.
constexpr std::size_t more_versions = 256;
constexpr std::size_t more_bytes = std::size_t{1} << 20U;

}  // namespace

std::shared_ptr<Workspace::Generation> Workspace::current() const {
    const std::lock_guard<std::mutex> lock(changing_);
    return current_;
}

// What is used is the largest of what one compilation has read: where plans of one folder are compiled in turn, none of
// them throws the texts of the others away. A generation that is left lives on as long as a compilation holds it.
void Workspace::compiled(const Generation& in, std::span<const base::FileId> files) {
    const base::Sources& sources = *in.sources;
    Size read;
    for (const base::FileId file : files) {
        ++read.versions;
        read.bytes += sources.text(file).size();
    }
    Size held{.versions = sources.size()};
    for (std::size_t file = 0; file < held.versions; ++file) held.bytes += sources.text(base::FileId(file)).size();
    const std::lock_guard<std::mutex> lock(changing_);
    if (&in != current_.get()) return;  // another thread has begun a new one
    used_ = {std::max(used_.versions, read.versions), std::max(used_.bytes, read.bytes)};
    if (held.versions <= 2 * used_.versions + more_versions && held.bytes <= 2 * used_.bytes + more_bytes) return;
    parsed_before_ += current_->documents.parsed();
    current_ = std::make_shared<Generation>();
    used_ = read;
}

std::size_t Workspace::versions() const { return current()->sources->size(); }

std::size_t Workspace::parsed() const {
    const std::lock_guard<std::mutex> lock(changing_);
    return parsed_before_ + current_->documents.parsed();
}

}  // namespace pvsplan::compiler

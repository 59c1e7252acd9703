#include "runtime/lsp/places.hpp"

#include "runtime/lsp/uris.hpp"

namespace pvsplan::lsp {

std::string path_below(const std::string& root, std::string_view path) {
    return root + (root.ends_with('/') ? "" : "/") + std::string(path);
}

// An open file is called as the editor calls it: some compare URIs as texts, and one with another escape is another
// file to them.
std::string Client::uri(const std::string& path) const {
    const auto open = uris.find(path);
    return open == uris.end() ? uri_of(path) : open->second;
}

// A reference stays valid while others are added.
const Lines& Places::lines(base::FileId file) {
    std::unique_ptr<Lines>& lines = lines_[file];
    if (!lines) lines = std::make_unique<Lines>(sources_->text(file), client_->encoding);
    return *lines;
}

std::string Places::uri(base::FileId file) const {
    const std::string_view path = sources_->path(file);
    if (sources_->belongs(file) == base::Belongs::to_library) {
        const std::optional<std::string> folder = client_->library_folder();
        return folder ? uri_of(path_below(*folder, path)) : std::string(library_scheme) + std::string(path);
    }
    return client_->uri(path_below(root_, path));
}

}  // namespace pvsplan::lsp

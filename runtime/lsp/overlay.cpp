#include "runtime/lsp/overlay.hpp"

#include <algorithm>
#include <functional>

namespace pvsplan::lsp {
namespace {

base::Result<std::string> read_open(const std::shared_ptr<const std::string>& text, std::string_view path) {
    if (text) return *text;
    return base::Error{"`" + std::string(path) + "` and what else is open is more than " +
                       std::to_string(Documents::max_bytes) + " bytes"};
}

Seen seen(const base::Result<std::string>& text) {
    return {text.ok(), std::hash<std::string>()(text ? *text : text.error().text())};
}

Seen seen(const std::vector<std::string>& names) {
    std::string all;
    for (const std::string& name : names) all += name + '\n';
    return {false, std::hash<std::string>()(all)};
}

}  // namespace

OverlayFiles::OverlayFiles(std::string root, OpenTexts open)
    : root_(std::move(root)), open_(std::move(open)), folder_(root_) {}

// Each read is noted with what it gave, so that it can be told later whether a file of the disk has changed. An open
// text is read whatever its path: it came from the editor, and opens no file.
base::Result<std::string> OverlayFiles::read(std::string_view path) const {
    const auto open = open_.find(root_ + (root_.ends_with('/') ? "" : "/") + std::string(path));
    base::Result<std::string> text = open == open_.end() ? folder_.read(path) : read_open(open->second, path);
    const std::lock_guard<std::mutex> lock(noting_);
    was_read_.insert_or_assign(std::string(path), seen(text));
    return text;
}

// As a text that lists them, so that a name more or less is a change.
std::vector<std::string> OverlayFiles::names_in(std::string_view folder) const {
    std::vector<std::string> names = folder_.names_in(folder);
    const std::lock_guard<std::mutex> lock(noting_);
    was_read_.insert_or_assign(std::string(folder) + "/", seen(names));
    return names;
}

WasRead OverlayFiles::was_read() const {
    const std::lock_guard<std::mutex> lock(noting_);
    return was_read_;
}

// By reading all of them again; of the texts only hashes were kept.
bool is_current(const WasRead& was_read, const std::string& root, const OpenTexts& open) {
    const OverlayFiles files(root, open);
    return std::all_of(was_read.begin(), was_read.end(), [&](const auto& one) {
        const auto& [path, was] = one;
        return was ==
               (path.ends_with('/') ? seen(files.names_in(path.substr(0, path.size() - 1))) : seen(files.read(path)));
    });
}

}  // namespace pvsplan::lsp

#include "runtime/lsp/documents.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "runtime/lsp/uris.hpp"

namespace pvsplan::lsp {

namespace fs = std::filesystem;

// The beginnings of lines are repaired around the change and moved behind it: typing into a large file costs no look at
// all of it. They are afterwards what line_starts() gives for the new text.
void Buffer::replace(Range range, std::string_view with, Encoding encoding) {
    if (range.end < range.start) std::swap(range.start, range.end);
    const Lines lines(text_, encoding, starts_);
    const std::uint32_t begin = lines.offset(range.start);
    const std::uint32_t end = std::max(begin, lines.offset(range.end));
    text_.replace(begin, end - begin, with);
    // A line that begins up to one byte behind the change may begin there because of it: \r and \n belong together.
    const auto first = std::lower_bound(starts_.begin() + 1, starts_.end(), begin);
    const auto last = std::upper_bound(first, starts_.end(), end + 1);
    std::vector<std::uint32_t> made;
    const std::size_t stop = std::min(text_.size(), begin + with.size() + 1);
    for (std::size_t at = begin == 0 ? 0 : begin - 1; at < stop; ++at)
        if (text_[at] == '\n' || (text_[at] == '\r' && !(at + 1 < text_.size() && text_[at + 1] == '\n')))
            made.push_back(static_cast<std::uint32_t>(at + 1));
    for (auto behind = last; behind != starts_.end(); ++behind)
        *behind = static_cast<std::uint32_t>(*behind + with.size() - (end - begin));
    starts_.insert(starts_.erase(first, last), made.begin(), made.end());
}

std::shared_ptr<const std::string> Document::snapshot() {
    if (is_lost) return nullptr;
    if (!snapshot_) snapshot_ = std::make_shared<const std::string>(buffer.text());
    return snapshot_;
}

// Links in the folders are followed, so that one file has one name whichever way an editor came to it; its last name is
// not, since base::Files decides about that.
std::string Documents::path_of(std::string_view uri) {
    const auto path = lsp::path_of(uri);
    if (!path) return "/dev/null/" + lsp::uri_of(uri).substr(7);
    std::error_code ec;
    const fs::path folder = fs::weakly_canonical(fs::path(*path).parent_path(), ec);
    return ec ? *path : (folder / fs::path(*path).filename()).generic_string();
}

// A document that is opened again replaces what was there: some editors do so without a word before.
const std::string& Documents::open(const std::string& uri, std::optional<std::int64_t> version, std::string text) {
    const std::string path = path_of(uri);
    path_of_uri_[uri] = path;
    Document& document = by_path_[path];
    document = Document{};
    document.uri = uri;
    document.version = version;
    document.buffer = Buffer(std::move(text));
    bound(document);
    return by_path_.find(path)->first;
}

const std::string* Documents::path_of_open(const std::string& uri) const {
    const auto known = path_of_uri_.find(uri);
    return known == path_of_uri_.end() ? nullptr : &known->second;
}

Document* Documents::find(const std::string& uri) {
    const std::string* const path = path_of_open(uri);
    const auto found = path ? by_path_.find(*path) : by_path_.end();
    return found == by_path_.end() ? nullptr : &found->second;
}

// One edit after another, each on the text that the one before has left, as the protocol says. Of a text that is lost
// only one that replaces all of it brings it back.
void Documents::change(Document& document, std::optional<std::int64_t> version, const std::vector<Edit>& edits,
                       Encoding encoding) {
    document.version = version;
    document.snapshot_ = nullptr;
    for (const Edit& edit : edits) {
        if (!edit.range) {
            document.buffer = Buffer(edit.text);
            document.is_lost = false;
        } else if (!document.is_lost) {
            document.buffer.replace(*edit.range, edit.text, encoding);
        }
        bound(document);
    }
}

// All open texts share one bound, so that an editor cannot fill the memory by many files; the one that was edited last
// is given up, since the others are as they were.
void Documents::bound(Document& document) {
    std::size_t bytes = 0;
    for (const auto& [path, each] : by_path_) bytes += each.buffer.text().size();
    if (bytes <= max_bytes) return;
    document.buffer = Buffer();
    document.is_lost = true;
}

// From here on the file on disk counts.
void Documents::close(const std::string& uri) {
    const auto known = path_of_uri_.find(uri);
    if (known == path_of_uri_.end()) return;
    by_path_.erase(known->second);
    path_of_uri_.erase(known);
}

// Cheap: texts are shared, and copied only where they were edited since.
OpenTexts Documents::texts() {
    OpenTexts texts;
    for (auto& [path, document] : by_path_) texts.emplace(path, document.snapshot());
    return texts;
}

}  // namespace pvsplan::lsp

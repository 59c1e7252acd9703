#include "compiler/base/source.hpp"

#include <algorithm>
#include <bit>

#include "compiler/base/check.hpp"
#include "compiler/base/digest.hpp"

namespace pvsplan::base {

Sources::~Sources() {
    for (std::atomic<File*>& block : blocks_) delete[] block.load(std::memory_order_relaxed);
}

// Each block has twice the room of the one before and is never moved, so that a text can be read while another is
// added.
Sources::Slot Sources::slot_of(std::size_t file) {
    const std::size_t block = static_cast<std::size_t>(std::bit_width(file / first_block + 1)) - 1;
    return {block, file - first_block * ((std::size_t{1} << block) - 1)};
}

const Sources::File& Sources::at(FileId file) const {
    check(file.index() < size(), "a place is in a file that was read");
    const Slot slot = slot_of(file.index());
    return blocks_[slot.block].load(std::memory_order_acquire)[slot.index];
}

// Hashed and cut into lines outside of the lock. The size is published last: whoever has an id sees the whole file.
FileId Sources::add(std::string path, std::string text, Belongs belongs) {
    File file{std::move(path), std::move(text), {}, {0}, belongs};
    file.version = sha256_hex(file.text);
    file.line_starts.reserve(1 + static_cast<std::size_t>(std::count(file.text.begin(), file.text.end(), '\n')));
    for (std::size_t at = file.text.find('\n'); at != std::string::npos; at = file.text.find('\n', at + 1))
        file.line_starts.push_back(static_cast<std::uint32_t>(at + 1));
    const std::lock_guard<std::mutex> lock(adding_);
    const auto known = known_.find({file.path, file.version});
    if (known != known_.end()) return known->second;
    const FileId id(size());
    const Slot slot = slot_of(id.index());
    check(slot.block < max_blocks, "there are fewer files than ids");
    if (slot.index == 0) blocks_[slot.block].store(new File[first_block << slot.block], std::memory_order_release);
    File& kept = blocks_[slot.block].load(std::memory_order_relaxed)[slot.index];
    kept = std::move(file);
    known_.emplace(std::pair<std::string_view, std::string_view>(kept.path, kept.version), id);
    size_.store(id.index() + 1, std::memory_order_release);
    return id;
}

std::string_view Sources::text(Span span) const {
    if (span.is_nowhere()) return {};
    return text(span.file).substr(span.begin, span.end - span.begin);
}

// Logarithmic in the number of lines, then linear in the length of one. Columns count characters.
Position Sources::position(FileId id, std::uint32_t offset) const {
    const File& file = at(id);
    offset = std::min(offset, static_cast<std::uint32_t>(file.text.size()));
    const auto after = std::upper_bound(file.line_starts.begin(), file.line_starts.end(), offset);
    const auto line = static_cast<std::uint32_t>(after - file.line_starts.begin());
    std::uint32_t column = 1;
    for (std::uint32_t i = file.line_starts[line - 1]; i < offset; ++i)
        if ((static_cast<unsigned char>(file.text[i]) & 0xC0U) != 0x80U) ++column;
    return {line, column};
}

std::string_view Sources::line(FileId id, std::uint32_t line) const {
    const File& file = at(id);
    if (line == 0 || line > file.line_starts.size()) return {};
    const std::uint32_t begin = file.line_starts[line - 1];
    std::string_view text = std::string_view(file.text).substr(begin);
    text = text.substr(0, text.find('\n'));
    if (text.ends_with('\r')) text.remove_suffix(1);
    return text;
}

std::uint32_t Sources::line_count(FileId id) const { return static_cast<std::uint32_t>(at(id).line_starts.size()); }

}  // namespace pvsplan::base

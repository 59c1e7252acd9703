#include "compiler/base/source.hpp"

#include <algorithm>

#include "compiler/base/check.hpp"

namespace pvsplan::base {

FileId SourceMap::add(std::string path, std::string text, Belongs belongs) {
    File& file = files_.emplace_back(File{std::move(path), std::move(text), {0}, belongs});
    for (std::size_t i = 0; i < file.text.size(); ++i)
        if (file.text[i] == '\n') file.line_starts.push_back(static_cast<std::uint32_t>(i + 1));
    return FileId(files_.size() - 1);
}

std::string_view SourceMap::path(FileId file) const { return files_.at(file.index()).path; }

Belongs SourceMap::belongs(FileId file) const { return files_.at(file.index()).belongs; }

std::string_view SourceMap::text(FileId file) const { return files_.at(file.index()).text; }

std::string_view SourceMap::text(Span span) const {
    if (span.is_nowhere()) return {};
    return text(span.file).substr(span.begin, span.end - span.begin);
}

Position SourceMap::position(FileId id, std::uint32_t offset) const {
    const File& file = files_.at(id.index());
    offset = std::min(offset, static_cast<std::uint32_t>(file.text.size()));
    const auto after = std::upper_bound(file.line_starts.begin(), file.line_starts.end(), offset);
    const auto line = static_cast<std::uint32_t>(after - file.line_starts.begin());
    std::uint32_t column = 1;
    for (std::uint32_t i = file.line_starts[line - 1]; i < offset; ++i)
        if ((static_cast<unsigned char>(file.text[i]) & 0xC0U) != 0x80U) ++column;
    return {line, column};
}

std::string_view SourceMap::line(FileId id, std::uint32_t line) const {
    const File& file = files_.at(id.index());
    if (line == 0 || line > file.line_starts.size()) return {};
    const std::uint32_t begin = file.line_starts[line - 1];
    std::string_view text = std::string_view(file.text).substr(begin);
    text = text.substr(0, text.find('\n'));
    if (text.ends_with('\r')) text.remove_suffix(1);
    return text;
}

std::uint32_t SourceMap::line_count(FileId id) const {
    return static_cast<std::uint32_t>(files_.at(id.index()).line_starts.size());
}

}  // namespace pvsplan::base

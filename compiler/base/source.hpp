// The texts of a compilation and places in them.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/base/id.hpp"

namespace pvsplan::base {

using FileId = Id<struct FileTag>;

// Bytes [begin, end) of a file. A default Span is "nowhere".
struct Span {
    FileId file;
    std::uint32_t begin = 0;
    std::uint32_t end = 0;

    [[nodiscard]] bool is_nowhere() const { return file.is_none(); }
    friend bool operator==(const Span&, const Span&) = default;
};

// Line and column count from 1; a column is a Unicode code point, not a byte.
struct Position {
    std::uint32_t line = 1;
    std::uint32_t column = 1;
    friend auto operator<=>(const Position&, const Position&) = default;
};

// Who can change a text: the author of a project, or nobody, since it is built into the program.
enum class Belongs : std::uint8_t { to_project, to_library };

// Owns every text that was read. Texts never move, so views into them live as long as the map.
class SourceMap {
  public:
    // `path` is what people see: relative to the project root, or "stdlib/…" for embedded files.
    FileId add(std::string path, std::string text, Belongs belongs = Belongs::to_project);

    [[nodiscard]] std::size_t size() const { return files_.size(); }
    [[nodiscard]] std::string_view path(FileId file) const;
    [[nodiscard]] Belongs belongs(FileId file) const;
    // A place that the author of the project can change.
    [[nodiscard]] bool is_editable(Span span) const {
        return !span.is_nowhere() && belongs(span.file) == Belongs::to_project;
    }
    [[nodiscard]] std::string_view text(FileId file) const;
    [[nodiscard]] std::string_view text(Span span) const;
    [[nodiscard]] Position position(FileId file, std::uint32_t offset) const;
    // The line (from 1) without its line break; empty beyond the end.
    [[nodiscard]] std::string_view line(FileId file, std::uint32_t line) const;
    [[nodiscard]] std::uint32_t line_count(FileId file) const;

    // The text at that place is the value of a secret: no finding quotes it.
    void strike(Span span) { struck_.push_back(span); }
    [[nodiscard]] const std::vector<Span>& struck() const { return struck_; }

  private:
    struct File {
        std::string path;
        std::string text;
        std::vector<std::uint32_t> line_starts;
        Belongs belongs = Belongs::to_project;
    };
    std::deque<File> files_;
    std::vector<Span> struck_;
};

}  // namespace pvsplan::base

// The texts that compilations read, and places in them.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
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
    [[nodiscard]] std::uint32_t size() const { return end - begin; }
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

// Every text that was ever read, shared by all compilations that may read it again. It only grows: a file is a path
// with one version of its text, and the same text at the same path is the same file. Texts never move, so views into
// them live as long as this does. Any thread may add, and look at a file whose id it has.
class Sources {
  public:
    Sources() = default;
    ~Sources();
    Sources(const Sources&) = delete;
    Sources& operator=(const Sources&) = delete;

    // `path` is what people see: relative to the project root, or "stdlib/…" for embedded files.
    FileId add(std::string path, std::string text, Belongs belongs = Belongs::to_project);

    // Files below it may be looked at: the number is raised once the file is there.
    [[nodiscard]] std::size_t size() const { return size_.load(std::memory_order_acquire); }
    [[nodiscard]] std::string_view path(FileId file) const { return at(file).path; }
    [[nodiscard]] Belongs belongs(FileId file) const { return at(file).belongs; }
    // The version: SHA-256 of the text, in hexadecimal digits.
    [[nodiscard]] const std::string& version(FileId file) const { return at(file).version; }
    // A place that the author of the project can change.
    [[nodiscard]] bool is_editable(Span span) const {
        return !span.is_nowhere() && belongs(span.file) == Belongs::to_project;
    }
    [[nodiscard]] std::string_view text(FileId file) const { return at(file).text; }
    // Nothing of a span that is nowhere.
    [[nodiscard]] std::string_view text(Span span) const;
    // An offset beyond the text is its end.
    [[nodiscard]] Position position(FileId file, std::uint32_t offset) const;
    // The line (from 1) without its line break; empty beyond the end.
    [[nodiscard]] std::string_view line(FileId file, std::uint32_t line) const;
    [[nodiscard]] std::uint32_t line_count(FileId file) const;

  private:
    struct File {
        std::string path;
        std::string text;
        std::string version;
        std::vector<std::uint32_t> line_starts;  // ascending; the first is 0
        Belongs belongs = Belongs::to_project;
    };
    // Blocks of 16, 32, 64, … files, which stay where they are: who reads one needs no lock.
    static constexpr std::size_t first_block = 16;
    static constexpr std::size_t max_blocks = 27;
    struct Slot {
        std::size_t block;
        std::size_t index;
    };
    // Which block has the file, and at which place: by the position of the highest bit.
    static Slot slot_of(std::size_t file);
    [[nodiscard]] const File& at(FileId file) const;

    std::array<std::atomic<File*>, max_blocks> blocks_ = {};
    std::atomic<std::size_t> size_ = 0;
    std::mutex adding_;                                                      // of whoever adds; readers need none
    std::map<std::pair<std::string_view, std::string_view>, FileId> known_;  // path, version
};

}  // namespace pvsplan::base

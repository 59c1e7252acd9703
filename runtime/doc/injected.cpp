#include "runtime/doc/injected.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

#include "compiler/base/files.hpp"

namespace pvsplan::doc {
namespace {

constexpr std::size_t max_regions = 1000;
constexpr std::size_t max_bytes = base::Files::max_bytes;
constexpr std::string_view before = "<!-- pvsplan doc ";
constexpr std::string_view behind = " -->";
constexpr std::string_view end_line = "<!-- /pvsplan doc -->";

// What a line that begins a region asks for.
std::optional<std::string> asked_in(std::string_view line) {
    if (!line.starts_with(before) || !line.ends_with(behind) || line.size() <= before.size() + behind.size())
        return std::nullopt;
    return std::string(line.substr(before.size(), line.size() - before.size() - behind.size()));
}

// A file of Windows keeps its ends of lines.
std::string with_ends(const std::string& text, bool is_crlf) {
    if (!is_crlf) return text;
    std::string result;
    for (const char c : text) result += c == '\n' ? std::string("\r\n") : std::string(1, c);
    return result;
}

// The file by its lines, as they are read one after another.
struct Reading {
    std::string result;
    std::size_t regions = 0;
    std::size_t begin_line = 0;  // of the region that is open; 0: none is
    bool is_replaced = false;    // what stands in that region is not kept
    std::string fence;           // of the code that is open
    std::uint32_t level = 0;     // of the last heading
};

// Of Markdown only what matters here: headings, by which pages fit in, and fences, within which a marker is an example.
// A fence is closed by one that is as long at least.
void note_markdown(Reading& reading, std::string_view line) {
    const std::size_t ticks = std::min(line.find_first_not_of('`'), line.size());
    if (!reading.fence.empty()) {
        if (line == reading.fence || (ticks >= reading.fence.size() && ticks == line.size())) reading.fence.clear();
        return;
    }
    if (ticks >= 3)
        reading.fence = std::string(ticks, '`');
    else if (const std::size_t signs = std::min(line.find_first_not_of('#'), line.size());
             signs > 0 && signs < line.size() && line[signs] == ' ')
        reading.level = static_cast<std::uint32_t>(signs);
}

// The file may be a stranger's: what is made of it is bounded, however often it names the largest page.
base::Result<std::string> text_of_region(Reading& reading, const std::string& what, const Asked& asked) {
    if (++reading.regions > max_regions)
        return base::Error{"it is one region more than the " + std::to_string(max_regions) +
                           " that a file may have; divide the file"};
    base::Result<std::string> text = asked(what, reading.level + 1);
    if (text && text->size() > max_bytes - std::min(max_bytes, reading.result.size()))
        return base::Error{"the file would have more than " + std::to_string(max_bytes) + " bytes; divide it"};
    return text;
}

}  // namespace

// Line by line. Headings within a region do not count for the next one, since they may be written anew. A region that
// is not closed is an error: else the rest of the file would be lost.
base::Result<Injected> inject(const std::string& file, const std::string& only, const Asked& asked) {
    Reading reading;
    std::size_t number = 0;
    for (std::size_t at = 0; at < file.size();) {
        const std::size_t end = std::min(file.find('\n', at), file.size() - 1) + 1;
        const std::string whole = file.substr(at, end - at);
        at = end;
        ++number;
        std::string_view line = whole;
        while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
        const bool is_text = reading.fence.empty() || reading.begin_line > 0;
        if (is_text && line == end_line) {
            if (reading.begin_line == 0)
                return base::Error{"line " + std::to_string(number) + ": `" + std::string(end_line) +
                                   "` without a line `" + std::string(before) + "WHAT" + std::string(behind) +
                                   "` before it"};
            reading.begin_line = 0;
            reading.is_replaced = false;
        }
        const std::optional<std::string> what = is_text ? asked_in(line) : std::nullopt;
        if (what && reading.begin_line > 0)
            return base::Error{"line " + std::to_string(number) + ": the region of line " +
                               std::to_string(reading.begin_line) + " is not closed by a line `" +
                               std::string(end_line) + "`"};
        if (!reading.is_replaced) reading.result += whole;
        if (reading.begin_line == 0) note_markdown(reading, line);
        if (!what) continue;
        reading.begin_line = number;
        reading.is_replaced = only.empty() || *what == only;
        if (!reading.is_replaced) continue;
        base::Result<std::string> text = text_of_region(reading, *what, asked);
        if (!text) return std::move(text).error().because_of("line " + std::to_string(number));
        reading.result += with_ends("\n" + *text + "\n", whole.ends_with("\r\n"));
    }
    if (reading.begin_line > 0)
        return base::Error{"line " + std::to_string(reading.begin_line) + ": the region is not closed by a line `" +
                           std::string(end_line) + "`"};
    return Injected{std::move(reading.result), reading.regions};
}

}  // namespace pvsplan::doc

#include "runtime/view/table.hpp"

#include <algorithm>

#include "compiler/diag/display.hpp"

namespace pvsplan::view {

// Every row has as many cells as the head. All but the last column are as wide as they need; a stranger's text in a
// cell cannot steer the terminal.
std::string Table::text(const Stream& stream) const {
    static constexpr std::uint32_t gap = 2;
    static constexpr std::uint32_t least_last = 16;
    std::vector<std::uint32_t> widths(head_.size());
    for (std::size_t c = 0; c < head_.size(); ++c) {
        widths[c] = diag::columns(head_[c]);
        for (const auto& row : rows_) widths[c] = std::max(widths[c], diag::columns(row[c]));
    }
    std::uint32_t before_last = 0;
    for (std::size_t c = 0; c + 1 < widths.size(); ++c) before_last += widths[c] + gap;
    const std::uint32_t last = stream.width > before_last + least_last ? stream.width - before_last : least_last;
    std::string out;
    const auto line = [&](const std::vector<std::string>& row) {
        std::string text;
        for (std::size_t c = 0; c + 1 < row.size(); ++c)
            text += diag::harmless(row[c]) + std::string(widths[c] - diag::columns(row[c]) + gap, ' ');
        bool first = true;
        for (const std::string& part : diag::wrapped(row.back(), last)) {
            text += (first ? "" : std::string(before_last, ' ')) + part;
            while (text.ends_with(' ')) text.pop_back();
            text += '\n';
            first = false;
        }
        return text;
    };
    std::string head = line(head_);
    head.pop_back();
    out += inked(stream, head, Ink::bold) + "\n";
    for (const auto& row : rows_) out += line(row);
    return out;
}

}  // namespace pvsplan::view

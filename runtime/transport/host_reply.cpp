#include "runtime/transport/host_reply.hpp"

#include <algorithm>
#include <charconv>
#include <utility>
#include <vector>

#include "runtime/transport/output.hpp"

namespace pvsplan::transport {

namespace {

using What = HostReply::Said::What;

constexpr std::string_view prefix = "pvsplan ";
constexpr std::string_view greeting = "pvsplan hello";
constexpr std::string_view over = "pvsplan over\n";
// What is sent is held here, so it is bounded; what was dropped on the host is only a size.
constexpr std::int64_t max_sent = max_output;
constexpr std::int64_t max_dropped = std::int64_t{1} << 48U;  // more than any host has, and still to be added up
constexpr std::size_t max_line = 65'536;                      // a claim is the longest that a host tells

// Up to the first word that is no number: whoever counts them then sees that one is missing.
std::vector<std::int64_t> numbers_of(std::string_view text) {
    std::vector<std::int64_t> numbers;
    while (!text.empty()) {
        std::int64_t number = 0;
        const auto [rest, wrong] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (wrong != std::errc()) break;
        numbers.push_back(number);
        text.remove_prefix(static_cast<std::size_t>(rest - text.data()));
        if (!text.empty()) text.remove_prefix(1);
    }
    return numbers;
}

}  // namespace

// `words`: of a line whose bytes follow; `used`: of what is held, for the line itself.
// Nothing is taken out of what is held until all of it has come: the next call begins with the same line.
std::optional<HostReply::Said> HostReply::counted(std::string_view words, std::size_t used) {
    const bool is_tail = words.starts_with("tail ");
    const auto numbers = numbers_of(words.substr(words.find(' ') + 1));
    const auto is_size = [&](std::size_t i) {
        const bool is_dropped = !is_tail && (i == 3 || i == 6);
        return numbers[i] >= 0 && numbers[i] <= (is_dropped ? max_dropped : max_sent);
    };
    bool are_sizes = numbers.size() == (is_tail ? 1U : 7U);
    for (std::size_t i = is_tail ? 0 : 1; are_sizes && i < numbers.size(); ++i)  // a status may be any number
        are_sizes = is_size(i);
    if (!are_sizes) {
        Said unsure{.what = What::unsure, .text = "it says `" + std::string(words) + "`, which nobody understands"};
        held_.erase(0, used);
        return unsure;
    }
    Said said{.what = is_tail ? What::tail : What::end};
    const auto size = [&numbers](std::size_t i) { return static_cast<std::size_t>(numbers[i]); };
    const std::size_t all = is_tail ? size(0) : size(1) + size(2) + size(4) + size(5) + over.size();
    if (held_.size() < used + all) return std::nullopt;
    auto next = [this, at = used](std::size_t bytes) mutable {
        at += bytes;
        return held_.substr(at - bytes, bytes);
    };
    if (is_tail) {
        said.out = next(size(0));
        if (size(0) < 2000) said.out.insert(0, "\n");
    } else {
        said.status = numbers[0];
        for (const std::size_t first : {1U, 4U}) {
            Output output{.head = next(size(first)), .tail = next(size(first + 1)), .between = size(first + 2)};
            Text text = joined(std::move(output));
            (first == 1 ? said.out : said.err) = std::move(text.text);
            said.dropped += text.dropped;
        }
    }
    held_.erase(0, used + all);
    return said;
}

// Line by line; before its greeting a host may print anything, such as a banner.
std::optional<HostReply::Said> HostReply::next() {
    while (true) {
        const auto end = held_.find('\n');
        // Nothing that never ends is kept. A greeting may still come behind it, and may have come in part.
        if (const std::size_t length = std::min(end, held_.size()); length > max_line) {
            held_.erase(0, length - (has_greeted_ ? 0 : greeting.size()));
            if (has_greeted_) return Said{.what = What::unsure, .text = "it sends lines that nobody understands"};
            continue;
        }
        if (end == std::string::npos) return std::nullopt;
        const auto line = std::string_view(held_).substr(0, end);
        // A login may print without a newline at its end.
        const auto at = has_greeted_ ? 0 : line.find(greeting);
        if (at == std::string_view::npos || !line.substr(at).starts_with(prefix)) {
            held_.erase(0, end + 1);
            continue;
        }
        const std::string words(line.substr(at + prefix.size()));
        if (words.starts_with("tail ") || words.starts_with("end ")) return counted(words, end + 1);
        held_.erase(0, end + 1);
        if (words == "hello") {
            has_greeted_ = true;
            return Said{.what = What::hello};
        }
        if (words == "want") return Said{.what = What::want};
        if (words == "running") return Said{.what = What::running};
        if (words == "gone") return Said{.what = What::gone};
        if (words == "unknown") return Said{.what = What::unknown};
        if (words == "killed") return Said{.what = What::killed};
        if (words == "claimed") return Said{.what = What::claimed};
        if (words.starts_with("claimed ")) return Said{.what = What::claimed, .text = words.substr(8)};
        if (words.starts_with("place ")) return Said{.what = What::place, .text = words.substr(6)};
        if (words.starts_with("elsewhere ")) return Said{.what = What::elsewhere, .text = words.substr(10)};
        if (words.starts_with("file ")) file_ = words.substr(5);
        if (words.starts_with("held ")) return Said{.what = What::held, .err = file_, .text = words.substr(5)};
        if (words.starts_with("refused ")) return Said{.what = What::refused, .text = words.substr(8)};
        if (words.starts_with("hindered ")) return Said{.what = What::hindered, .text = words.substr(9)};
        if (words.starts_with("unsure ")) return Said{.what = What::unsure, .text = words.substr(7)};
    }
}

}  // namespace pvsplan::transport

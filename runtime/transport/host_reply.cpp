#include "runtime/transport/host_reply.hpp"

#include <charconv>
#include <vector>

namespace pvsplan::transport {

namespace {

using What = HostReply::Said::What;

constexpr std::string_view prefix = "pvsplan ";
constexpr std::string_view over = "pvsplan over\n";

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
std::optional<HostReply::Said> HostReply::counted(std::string_view words, std::size_t used) {
    const bool is_tail = words.starts_with("tail ");
    const auto numbers = numbers_of(words.substr(words.find(' ') + 1));
    Said said{.what = is_tail ? What::tail : What::end};
    if (numbers.size() != (is_tail ? 1U : 3U)) {
        held_.erase(0, used);
        return Said{.what = What::unsure, .text = "it says `" + std::string(words) + "`, which nobody understands"};
    }
    const auto out_size = static_cast<std::size_t>(is_tail ? numbers[0] : numbers[1]);
    const auto err_size = static_cast<std::size_t>(is_tail ? 0 : numbers[2]);
    const std::size_t after = is_tail ? 0 : over.size();
    if (held_.size() < used + out_size + err_size + after) return std::nullopt;
    said.out = held_.substr(used, out_size);
    said.err = held_.substr(used + out_size, err_size);
    if (is_tail) {
        if (out_size < 2000) said.out.insert(0, "\n");
    } else {
        said.status = numbers[0];
    }
    held_.erase(0, used + out_size + err_size + after);
    return said;
}

std::optional<HostReply::Said> HostReply::next() {
    while (true) {
        const auto end = held_.find('\n');
        if (end == std::string::npos) return std::nullopt;
        const auto line = std::string_view(held_).substr(0, end);
        // A login may print without a newline at its end.
        const auto at = has_greeted_ ? 0 : line.find("pvsplan hello");
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
        if (words.starts_with("refused ")) return Said{.what = What::refused, .text = words.substr(8)};
        if (words.starts_with("unsure ")) return Said{.what = What::unsure, .text = words.substr(7)};
    }
}

}  // namespace pvsplan::transport

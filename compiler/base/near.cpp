#include "compiler/base/near.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>

#include "compiler/base/lower_case.hpp"

namespace pvsplan::base {
namespace {

constexpr std::size_t max_length = 100;  // nobody means a name of this length

// The distance of `a` and `b`, or any number above `limit` if it is larger. Only cells near the diagonal are computed
// (Ukkonen's band). Both texts are at most twice as long as the longest name.
std::size_t distance(std::string_view a, std::string_view b, std::size_t limit) {
    static constexpr std::size_t room = 2 * max_length + 2;
    std::array<std::size_t, room> before{}, last{}, now{};
    const std::size_t too_far = limit + 1;
    for (std::size_t j = 0; j <= b.size(); ++j) last[j] = std::min(j, too_far);
    for (std::size_t i = 1; i <= a.size(); ++i) {
        const std::size_t first = i > limit ? i - limit : 1;
        const std::size_t end = std::min(b.size(), i + limit);
        now[first - 1] = first == 1 ? std::min(i, too_far) : too_far;
        std::size_t least = now[first - 1];
        for (std::size_t j = first; j <= end; ++j) {
            const std::size_t substitute = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            now[j] = std::min({last[j] + 1, now[j - 1] + 1, substitute, too_far});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                now[j] = std::min(now[j], before[j - 2] + 1);
            least = std::min(least, now[j]);
        }
        if (end < b.size()) now[end + 1] = too_far;
        if (least > limit && i > 1) {  // one row more may still be reached by a swap
            const auto row_end = last.begin() + static_cast<std::ptrdiff_t>(std::min(b.size(), end + 1)) + 1;
            if (*std::min_element(last.begin() + static_cast<std::ptrdiff_t>(first) - 1, row_end) > limit)
                return too_far;
        }
        std::swap(before, last);
        std::swap(last, now);
    }
    return last[b.size()];
}

// A histogram of the bytes of a word, folded to 32 buckets. A byte of `b` that `a` does not have costs at least one
// edit, so the difference of two histograms is a lower bound of the distance, and cheap.
using Histogram = std::array<std::int8_t, 32>;
// How often each byte stands in the word; some bytes share a place.
Histogram histogram_of(std::string_view word) {
    Histogram histogram{};
    for (const char c : word) ++histogram[static_cast<unsigned char>(c) % histogram.size()];
    return histogram;
}
std::size_t least_distance(const Histogram& a, std::string_view b) {
    Histogram remaining = a;
    std::size_t missing = 0;
    for (const char c : b)
        if (--remaining[static_cast<unsigned char>(c) % remaining.size()] < 0) ++missing;
    return missing;
}

bool differ_in_case_only(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return lower_case(x) == lower_case(y); });
}

}  // namespace

// Lower bounds that are cheap come first, and the best distance so far bounds the next search: this is asked of every
// name of a farm where many are unknown.
std::optional<std::string> nearest(std::string_view name, std::span<const std::string> candidates) {
    if (name.size() > max_length) return std::nullopt;
    for (const std::string& candidate : candidates)
        if (differ_in_case_only(name, candidate)) return candidate;
    const std::size_t limit = std::max<std::size_t>(1, name.size() / 3);
    const Histogram histogram = histogram_of(name);
    const std::string* best = nullptr;
    std::size_t best_distance = limit + 1;
    for (const std::string& candidate : candidates) {
        const std::size_t gap =
            candidate.size() > name.size() ? candidate.size() - name.size() : name.size() - candidate.size();
        if (gap >= best_distance || least_distance(histogram, candidate) >= best_distance) continue;
        const std::size_t d = distance(name, candidate, best_distance - 1);
        if (d >= best_distance) continue;
        best_distance = d;
        best = &candidate;
        if (d == 0) break;
    }
    return best ? std::optional(*best) : std::nullopt;
}

}  // namespace pvsplan::base

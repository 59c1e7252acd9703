// The text of a scalar and where its bytes stand in the source, so that what is read from inside it has a place.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

#include "compiler/base/source.hpp"
#include "compiler/syntax/ends.hpp"

namespace pvsplan::syntax {

// A view: the source and the tree that it came from must outlive it.
struct Slice {
    std::string_view text;
    base::Span span;          // of the text in the source; with its quotes where it is not exact
    bool is_exact = true;     // byte i of `text` is byte span.begin + i of the source
    std::string_view source;  // of the whole file, where it is not exact

    // Bytes [begin, end) of `text`. Where folding or escapes have moved them this takes time linear in the text, so ask
    // for many parts through Places.
    [[nodiscard]] base::Span part(std::size_t begin, std::size_t end) const;
};

// Answers for the parts of one slice in constant time.
class Places {
  public:
    // Aligns the text with its source once, where they are not the same byte by byte.
    explicit Places(const Slice& slice) : span_(slice.span), is_exact_(slice.is_exact) {
        if (is_exact_) return;
        if (auto found = align(slice.source, span_.begin, span_.end, slice.text)) moved_ = std::move(*found);
    }
    [[nodiscard]] base::Span part(std::size_t begin, std::size_t end) const {
        if (is_exact_) return {span_.file, from(begin), from(end)};
        if (moved_.empty()) return span_;
        const std::uint32_t first = begin < moved_.size() ? moved_[begin].begin : moved_.back().end;
        return {span_.file, first, end > begin && end <= moved_.size() ? moved_[end - 1].end : first};
    }

  private:
    [[nodiscard]] std::uint32_t from(std::size_t offset) const {
        return span_.begin + static_cast<std::uint32_t>(offset);
    }
    base::Span span_;
    bool is_exact_;
    std::vector<BytePlace> moved_;  // by byte of the text; empty: exact, or it could not be aligned
};

inline base::Span Slice::part(std::size_t begin, std::size_t end) const { return Places(*this).part(begin, end); }

}  // namespace pvsplan::syntax

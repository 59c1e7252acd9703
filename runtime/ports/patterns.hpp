// Many words looked for in one text at once (Aho and Corasick): time linear in the text, whatever the words are.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace pvsplan::ports {

// After finish() from any number of threads. Words have less than 4 GiB together.
class Patterns {
  public:
    Patterns() : nodes_(1) { root_.fill(0); }

    // `number` is told with every place where `word` stands; a word that is there already keeps its first number.
    void add(std::string_view word, std::size_t number);
    // After the last word and before the first search.
    void finish();

    // The longest word that ends at each place of `text`.
    struct Hit {
        std::size_t begin;
        std::size_t end;
        std::size_t number;
    };
    void each(std::string_view text, const std::function<void(const Hit&)>& found) const;
    [[nodiscard]] bool is_empty() const { return nodes_.size() == 1; }

  private:
    struct Node {
        std::uint32_t child = 0;   // the first one; 0: none
        std::uint32_t next = 0;    // its sibling
        std::uint32_t fall = 0;    // the longest end of what was read that is a beginning of a word
        std::uint32_t length = 0;  // of the longest word that ends here; 0: none does
        std::uint32_t number = 0;  // which word that is
        unsigned char byte = 0;    // that leads to this node
    };
    [[nodiscard]] std::uint32_t child_of(std::uint32_t node, unsigned char byte) const;
    [[nodiscard]] std::uint32_t step(std::uint32_t node, unsigned char byte) const;

    std::vector<Node> nodes_;                // the first is the root
    std::array<std::uint32_t, 256> root_{};  // children of the root, which are asked for most
};

}  // namespace pvsplan::ports

#include "runtime/ports/patterns.hpp"

namespace pvsplan::ports {

// The root has a child for nearly every byte and is asked for nearly every byte, so it has a table; all others have
// few.
std::uint32_t Patterns::child_of(std::uint32_t node, unsigned char byte) const {
    if (node == 0) return root_[byte];
    for (std::uint32_t child = nodes_[node].child; child != 0; child = nodes_[child].next)
        if (nodes_[child].byte == byte) return child;
    return 0;
}

// Children are a list of siblings, in no order; of a word that is there already the first number stays.
void Patterns::add(std::string_view word, std::size_t number) {
    if (word.empty()) return;
    std::uint32_t at = 0;
    for (const char c : word) {
        const auto byte = static_cast<unsigned char>(c);
        std::uint32_t child = child_of(at, byte);
        if (child == 0) {
            child = static_cast<std::uint32_t>(nodes_.size());
            nodes_.push_back({.next = nodes_[at].child, .byte = byte});
            nodes_[at].child = child;
            if (at == 0) root_[byte] = child;
        }
        at = child;
    }
    if (nodes_[at].length != 0) return;
    nodes_[at].length = static_cast<std::uint32_t>(word.size());
    nodes_[at].number = static_cast<std::uint32_t>(number);
}

// By depth, since where a node falls back to lies less deep and is finished by then. A node that ends no word takes
// over the word of the node that it falls back to, which is the longest that ends there.
void Patterns::finish() {
    std::vector<std::uint32_t> order;  // by depth
    for (std::uint32_t child = nodes_[0].child; child != 0; child = nodes_[child].next) order.push_back(child);
    for (std::size_t i = 0; i < order.size(); ++i) {
        const Node here = nodes_[order[i]];
        for (std::uint32_t child = here.child; child != 0; child = nodes_[child].next) {
            nodes_[child].fall = step(here.fall, nodes_[child].byte);
            order.push_back(child);
        }
        const Node& shorter = nodes_[here.fall];
        if (here.length != 0 || shorter.length == 0) continue;
        nodes_[order[i]].length = shorter.length;
        nodes_[order[i]].number = shorter.number;
    }
}

// Each fall shortens what is remembered and each byte lengthens it by one, so all of a text costs time linear in it.
std::uint32_t Patterns::step(std::uint32_t node, unsigned char byte) const {
    for (;;) {
        if (const std::uint32_t child = child_of(node, byte); child != 0) return child;
        if (node == 0) return 0;
        node = nodes_[node].fall;
    }
}

// One step for each byte, however many patterns there are.
void Patterns::each(std::string_view text, const std::function<void(const Hit&)>& found) const {
    std::uint32_t at = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        at = step(at, static_cast<unsigned char>(text[i]));
        const Node& node = nodes_[at];
        if (node.length != 0) found({.begin = i + 1 - node.length, .end = i + 1, .number = node.number});
    }
}

}  // namespace pvsplan::ports

#include "compiler/syntax/escapes.hpp"

#include <algorithm>
#include <string>

#include "compiler/syntax/codes.hpp"

namespace pvsplan::syntax {
namespace {

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

// The escapes of YAML that stand for a control character, and what they are called.
std::string_view name_of(char escape) {
    switch (escape) {
        case 'n': return "a line break";
        case 't': return "a tab";
        case 'r': return "a carriage return";
        case 'b': return "a backspace";
        case 'a': return "a bell";
        case 'f': return "a form feed";
        case 'v': return "a vertical tab";
        case 'e': return "an escape character";
        case '0': return "a NUL";
        case 'x':
        case 'u':
        case 'U': return "a control character";
        default: return "";
    }
}

}  // namespace

// The first escape is enough: who wrote one by accident wrote a path, and the hint shows all of it. Texts over several
// lines are left alone, since there the escapes were meant.
void check_escapes(const Tree& tree, NodeId scalar, std::string_view what, diag::Sink& sink) {
    const TreeNode& node = tree[scalar];
    if (node.type != TreeNode::Type::scalar || node.is_plain || node.is_exact) return;
    const std::string_view text = tree.text(scalar);
    if (std::none_of(text.begin(), text.end(), is_control)) return;
    const std::string_view source = tree.slice(scalar).source.substr(node.begin, node.end - node.begin);
    if (source.size() < 2 || source.front() != '"' || source.find('\n') != std::string_view::npos) return;
    for (std::size_t i = 1; i + 1 < source.size(); ++i) {
        if (source[i] != '\\') continue;
        const std::string_view name = name_of(source[i + 1]);
        if (name.empty()) {
            ++i;
            continue;
        }
        const std::string_view inside = source.substr(1, source.size() - 2);
        base::Span place = tree.span(scalar);
        place.begin += static_cast<std::uint32_t>(i);
        place.end = place.begin + 2;
        auto reported = sink.report(codes::control_character, place, what);
        reported.label("`" + std::string(source.substr(i, 2)) + "` between double quotes is " + std::string(name));
        static constexpr std::size_t max_length = 60;
        const bool can_be_shown = inside.size() <= max_length && inside.find('\'') == std::string_view::npos;
        reported.hint("between single quotes a backslash is a backslash" +
                      (can_be_shown ? ": '" + std::string(inside) + "'" : std::string()));
        return;
    }
}

}  // namespace pvsplan::syntax

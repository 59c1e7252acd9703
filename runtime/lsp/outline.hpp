// What a document declares, as a tree.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/syntax/parse.hpp"
#include "runtime/lsp/positions.hpp"

namespace pvsplan::lsp {

// Spans are of the one file; a head that is nowhere is passed over with all that is in it.
struct Symbol {
    enum class Of : std::uint8_t {
        step,
        group,
        parameter,
        requirement,
        object,
        list,
        kind,
        attribute,
        predicate,
        action
    };
    std::string name;
    std::string detail;  // stands beside the name, fainter
    Of of = Of::step;
    base::Span whole;  // with all that is in it
    base::Span head;   // within it
    std::vector<Symbol> children;
};

// All that could be read of it.
std::vector<Symbol> outline(const syntax::Document& document);

// As a list of trees, as the protocol has them. Of text that cannot be read an empty list.
std::string outline_json(const std::string& path, const std::string& text, Encoding encoding);

// Adds what is called so, each as JSON, up to the bound. `query` counts whether it is written large or small; an empty
// one finds everything.
void find_symbols(const std::string& query, const std::string& uri, const std::string& path, const std::string& text,
                  Encoding encoding, std::vector<std::string>& found);
inline constexpr std::size_t max_symbols = 500;
// "[a,b]" of what is JSON already.
std::string joined_json(const std::vector<std::string>& items);

}  // namespace pvsplan::lsp

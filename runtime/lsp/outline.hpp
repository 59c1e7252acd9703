// What a document declares, as a tree.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/syntax/parse.hpp"
#include "runtime/lsp/positions.hpp"

namespace pvsplan::lsp {

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
    std::string detail;
    Of of = Of::step;
    base::Span whole;
    base::Span head;  // within it
    std::vector<Symbol> children;
};

// All that could be read of it.
std::vector<Symbol> outline(const syntax::Document& document);

// As a list of trees.
std::string outline_json(const std::string& path, const std::string& text, Encoding encoding);

// Adds what is called so, each as JSON, up to the bound.
void find_symbols(const std::string& query, const std::string& uri, const std::string& path, const std::string& text,
                  Encoding encoding, std::vector<std::string>& found);
inline constexpr std::size_t max_symbols = 500;
std::string joined_json(const std::vector<std::string>& items);

}  // namespace pvsplan::lsp

// Lines of a printed stage. Private to the files that print one.
#pragma once

#include <string>
#include <string_view>

#include "compiler/compilation.hpp"
#include "compiler/syntax/tree.hpp"

namespace pvsplan::compiler {

class StagePrinter {
  public:
    explicit StagePrinter(const Compilation& compilation) : c_(compilation) {}

    // A line at this depth; line breaks and what steers a terminal become visible.
    void line(std::size_t depth, std::string_view text);
    [[nodiscard]] std::string take() { return std::move(out_); }

    // "plan.yaml:9:3", and without the path.
    [[nodiscard]] std::string place(base::Span span) const;
    [[nodiscard]] std::string position(base::Span span) const;
    // A part of the source between backticks, without the values of secrets.
    [[nodiscard]] std::string quoted(base::Span span) const;

  private:
    const Compilation& c_;
    std::string out_;
};

// Each prints one stage.
std::string pieces_text(const Compilation& compilation);
std::string tree_text(const Compilation& compilation);
std::string documents_text(const Compilation& compilation);
std::string model_text(const Compilation& compilation);
std::string uses_text(const Compilation& compilation);
std::string expansion_text(const Compilation& compilation);
std::string order_text(const Compilation& compilation);
std::string facts_text(const Compilation& compilation);

}  // namespace pvsplan::compiler

// Parses a text and shows what was found as "PV1102 3:5" lines.
#pragma once

#include <fmt/core.h>

#include <optional>
#include <string>
#include <vector>

#include "compiler/syntax/parse.hpp"

namespace pvsplan::tests {

struct Parsed {
    base::Sources sources;
    base::FileId file;
    diag::Sink sink;
    std::optional<syntax::Document> document;

    explicit Parsed(std::string text) : file(sources.add("test.yaml", std::move(text))) {
        document = syntax::parse(sources, file, sink);
    }

    // Code and place of everything that was found: "PV1102 3:5".
    [[nodiscard]] std::vector<std::string> found() const {
        std::vector<std::string> result;
        for (const diag::Diagnostic& d : sink.sorted()) {
            const base::Position at = sources.position(file, d.span.begin);
            result.push_back(fmt::format("{} {}:{}", diag::code_text(d.code), at.line, at.column));
        }
        return result;
    }
    // The same with words, for messages of tests that fail.
    [[nodiscard]] std::string report() const {
        std::string text;
        for (const diag::Diagnostic& d : sink.sorted()) {
            const base::Position at = sources.position(file, d.span.begin);
            text += fmt::format("{} {}:{} {} [{}]\n", diag::code_text(d.code), at.line, at.column, d.message,
                                sources.text(d.span).substr(0, 60));
            for (const std::string& hint : d.hints) text += "    hint: " + hint + "\n";
        }
        return text;
    }
    template <class Kind>
    [[nodiscard]] const Kind& as() const {
        return std::get<Kind>(*document);
    }
    [[nodiscard]] std::string at(base::Span span) const { return std::string(sources.text(span)); }
};

}  // namespace pvsplan::tests

// The members of a canonical JSON object, written in the order in which member_reader.hpp reads them.
#pragma once

#include <string>
#include <string_view>

#include "compiler/program/codec_values.hpp"

namespace pvsplan::program {

// Writes behind what is there already; who calls it writes the braces. `x_if` leaves a member out where it has its
// default.
class MemberWriter {
  public:
    explicit MemberWriter(std::string& out) : out_(out) {}

  protected:
    // A member begins behind its comma, unless it is the first of its object.
    void name(std::string_view member) {
        if (out_.back() != '{') out_ += ", ";
        write_json_string(out_, member);
        out_ += ": ";
    }
    void string(std::string_view member, std::string_view text) {
        name(member);
        write_json_string(out_, text);
    }
    void string_if(std::string_view member, std::string_view text) {
        if (!text.empty()) string(member, text);
    }
    void duration_if(std::string_view member, std::int64_t milliseconds) {
        if (milliseconds != 0) string(member, duration_json_text(milliseconds));
    }
    void flag_if(std::string_view member, bool flag) {
        if (flag) name(member), out_ += "true";
    }
    // Also where it is 0: who leaves it out asks before.
    void number(std::string_view member, std::int64_t value) {
        name(member);
        out_ += std::to_string(value);
    }
    template <class Range, class Write>
    void elements(const Range& range, const Write& write_one) {
        out_ += '[';
        bool first = true;
        for (const auto& element : range) {
            if (!first) out_ += ", ";
            first = false;
            write_one(element);
        }
        out_ += ']';
    }
    template <class Range, class Write>
    void each(std::string_view member, const Range& range, const Write& write_one) {
        name(member);
        elements(range, write_one);
    }
    template <class Range>
    void strings(std::string_view member, const Range& range) {
        each(member, range, [&](std::string_view text) { write_json_string(out_, text); });
    }
    // A place that is nowhere is left out.
    void place_if(const Place& source) {
        if (source == Place{}) return;
        name("source");
        out_ += '{';
        string("file", source.file);
        number("line", source.line);
        if (source.column != 0) number("column", source.column);
        out_ += '}';
    }

    std::string& out_;
};

// Writes members that are expressions and values, which may name objects.
class ExpressionWriter : protected MemberWriter {
  public:
    ExpressionWriter(std::string& out, const ObjectNames& names) : MemberWriter(out), names_(names) {}

  protected:
    void expression_if(std::string_view member, const ExprPtr& expr, const Type* declared = nullptr) {
        if (!expr) return;
        name(member);
        write_expr(out_, *expr, declared, names_);
    }

    const ObjectNames& names_;
};

}  // namespace pvsplan::program

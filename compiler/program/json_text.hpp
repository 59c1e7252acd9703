// The little of JSON that the canonical encoding needs: writing strings, and reading in a fixed order with the byte
// offset of whatever is wrong. A reader that has failed stays failed and yields empty values, so that callers check
// once.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "compiler/base/result.hpp"

namespace pvsplan::program {

// With the quotes. UTF-8 stays as it is, so that one text has one form.
void write_json_string(std::string& out, std::string_view text);

// Over twenty methods: one for each form of value that is read, and for each way to walk through one.
class JsonReader {
  public:
    enum class Next : std::uint8_t { string, number, boolean, null, array, object, nothing };

    explicit JsonReader(std::string_view text) : text_(text) {}

    [[nodiscard]] bool ok() const { return !error_; }
    // The first thing that went wrong: "byte 312: …".
    [[nodiscard]] const base::Error& error() const { return *error_; }
    void fail(std::string message);
    void fail_at(std::size_t offset, std::string message);
    [[nodiscard]] std::size_t offset() const { return at_; }

    // The kind of the next token, after commas and colons. Consumes white space only.
    [[nodiscard]] Next peek();

    // An opened collection has to be closed, by close_…() or by reading until nothing more follows.
    void open_object();
    void close_object();
    // The next member has to be `name` …
    void field(std::string_view name);
    // … or is skipped over if it is not.
    [[nodiscard]] bool maybe(std::string_view name);
    // The next member of an object with free names; nothing at its end.
    [[nodiscard]] std::optional<std::string> any_field();

    void open_array();
    // Whether another element follows; else consumes the end of the array.
    [[nodiscard]] bool more();
    // Before an element of an array of fixed length, and its end.
    void element();
    void close_array();

    // Each reads one value of that form; any other fails the reader.
    std::string string();
    std::string_view number();  // as written
    std::int64_t integer();
    // One of 32 bits without a sign.
    std::uint32_t natural();
    bool boolean();
    void null();
    // Anything, of any depth.
    void skip();
    // Fails if anything but blanks follows.
    void end_of_text();

  private:
    void space();
    void expect(char c);
    void comma();
    // Nothing, without failing, where there is no string or it is not well formed.
    [[nodiscard]] std::optional<std::string> raw_string();
    [[nodiscard]] bool escape(std::string& out);
    [[nodiscard]] std::optional<std::uint32_t> hex4();

    std::string_view text_;
    std::size_t at_ = 0;
    bool first_ = true;  // of the innermost open collection
    std::optional<base::Error> error_;
};

}  // namespace pvsplan::program

// The members of a canonical JSON object, read into the fields of a plan in the order in which they are written.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "compiler/program/codec_names.hpp"
#include "compiler/program/codec_values.hpp"

namespace pvsplan::program {

// Keys are the ids in the nodes themselves.
using NodesById = std::unordered_map<std::string_view, NodeId>;

// `x_if` reads a member that is left out where it has its default.
class MemberReader {
  public:
    explicit MemberReader(JsonReader& in) : in_(in) {}

  protected:
    // Another member there fails the reader: a canonical object has one order.
    void string(std::string_view member, std::string& into) {
        in_.field(member);
        into = in_.string();
    }
    void string_if(std::string_view member, std::string& into) {
        if (in_.maybe(member)) into = in_.string();
    }
    // In milliseconds; written as the language writes durations.
    void duration_if(std::string_view member, std::int64_t& into) {
        if (in_.maybe(member)) into = read_duration(in_);
    }
    void flag_if(std::string_view member, bool& into) {
        if (in_.maybe(member)) into = in_.boolean();
    }
    template <class Read>
    void elements(const Read& read_one) {
        in_.open_array();
        while (in_.more()) read_one();
    }
    template <class Read>
    void each(std::string_view member, const Read& read_one) {
        in_.field(member);
        elements(read_one);
    }
    void strings(std::vector<std::string>& into) {
        elements([&] { into.push_back(in_.string()); });
    }
    // An object whose keys are names: `read_one` is given the name and reads the value.
    template <class Read>
    void members(const Read& read_one) {
        in_.open_object();
        while (const std::optional<std::string> name = in_.any_field()) read_one(*name);
    }
    // The value of a word; a wrong one fails the reader and gives the first.
    template <class T, std::size_t N>
    T word(const Words<T, N>& words) {
        const std::size_t where = in_.offset();
        const std::string text = in_.string();
        const std::optional<T> value = value_of(words, text);
        if (!value) in_.fail_at(where, "`" + text + "` is not one of the words that may stand here");
        return value.value_or(words.front().first);
    }
    // A node of the graph at hand, by its path.
    NodeId node_id(const NodesById& nodes) {
        const std::size_t where = in_.offset();
        const std::string id = in_.string();
        const auto found = nodes.find(id);
        if (found == nodes.end()) in_.fail_at(where, "there is no node `" + id + "`");
        return found == nodes.end() ? NodeId() : found->second;
    }
    // An index that has to be below `end`.
    template <class Id>
    Id index(std::size_t end, std::string_view what) {
        const std::size_t where = in_.offset();
        const std::uint32_t number = in_.natural();
        if (in_.ok() && number >= end)
            in_.fail_at(where, "there is no " + std::string(what) + " " + std::to_string(number));
        return Id(number);
    }
    // Without a line there is no place; the column is left out where nobody knows it.
    void place_if(Place& source) {
        if (!in_.maybe("source")) return;
        in_.open_object();
        string("file", source.file);
        in_.field("line");
        source.line = in_.natural();
        if (in_.maybe("column")) source.column = in_.natural();
        in_.close_object();
    }

    JsonReader& in_;
};

// Reads members that are expressions and values, which may name objects.
class ExpressionReader : protected MemberReader {
  public:
    ExpressionReader(JsonReader& in, const ObjectsById& objects) : MemberReader(in), objects_(objects) {}

  protected:
    // `declared`: the type that a plain value is read as.
    [[nodiscard]] ExprPtr expression(const Type* declared = nullptr) { return read_expr(in_, declared, objects_); }
    void expression(std::string_view member, ExprPtr& into) {
        in_.field(member);
        into = expression();
    }
    void expression_if(std::string_view member, ExprPtr& into) {
        if (in_.maybe(member)) into = expression();
    }
    // None where there is no such object; the reader has failed then.
    ObjectId object_id() {
        const std::size_t where = in_.offset();
        const std::string id = in_.string();
        const auto found = objects_.find(id);
        if (found == objects_.end()) in_.fail_at(where, "there is no object `" + id + "`");
        return found == objects_.end() ? ObjectId() : found->second;
    }
    ObjectId object_or_null(std::string_view member) {
        in_.field(member);
        if (in_.peek() != JsonReader::Next::null) return object_id();
        in_.null();
        return {};
    }

    const ObjectsById& objects_;
};

}  // namespace pvsplan::program

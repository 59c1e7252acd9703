// An environment for expressions: maps of known facts. Every other fact is unknown, the same each time it is asked.
#pragma once

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "compiler/program/expr.hpp"

namespace pvsplan::program::testing {

struct TestEnvironment final : Env, ObjectNames {
    std::map<std::uint32_t, Value> locals;
    std::map<std::pair<std::uint32_t, std::string>, Value> attributes;
    std::map<std::pair<std::uint32_t, std::string>, Value> states;
    std::vector<std::string> objects = {"pvs01", "pvs02", "pvs03"};
    mutable std::map<std::string, std::uint32_t> ids;
    ListIndex* index = nullptr;

    [[nodiscard]] Value unknown(const std::string& what) const {
        return Value::unnamed_unknown(ids.emplace(what, static_cast<std::uint32_t>(ids.size())).first->second);
    }
    [[nodiscard]] Value local(std::uint32_t number) const override {
        const auto found = locals.find(number);
        return found == locals.end() ? unknown("local " + std::to_string(number)) : found->second;
    }
    [[nodiscard]] Value attribute(ObjectId object, const std::string& name) const override {
        const auto found = attributes.find({object.value, name});
        return found == attributes.end() ? Value::none() : found->second;
    }
    [[nodiscard]] Value state(ObjectId object, const std::string& name) const override {
        const auto found = states.find({object.value, name});
        return found == states.end() ? unknown(std::to_string(object.value) + "." + name) : found->second;
    }
    [[nodiscard]] Value before(const std::string& name, const std::string& step) const override {
        return unknown("before " + step + " " + name);
    }
    [[nodiscard]] Value output(const std::string& step, const std::string& name) const override {
        return unknown("output " + step + " " + name);
    }
    [[nodiscard]] Value special(Expr::Op op, const std::string& step) const override {
        return unknown("special " + std::to_string(static_cast<int>(op)) + step);
    }
    [[nodiscard]] Value json(const std::vector<std::string>& path) const override {
        std::string text = "json";
        for (const std::string& part : path) text += "/" + part;
        return path == std::vector<std::string>{"file"} ? Value::string("a.bak") : unknown(text);
    }
    [[nodiscard]] Value derived_unknown(const Expr& expr) const override {
        return unknown("of " + to_text(expr, *this));
    }
    [[nodiscard]] const ObjectNames& names() const override { return *this; }
    [[nodiscard]] ListIndex* list_index() const override { return index; }
    [[nodiscard]] std::string_view name(ObjectId id) const override { return objects.at(id.index()); }
    [[nodiscard]] std::string id_text(ObjectId id) const override { return "server/" + objects.at(id.index()); }
};

// Short forms, so that a test shows the expression and not its scaffolding.
inline ExprPtr op(Expr::Op which, std::vector<ExprPtr> args, std::string name = {}) {
    return std::make_shared<const Expr>(Expr{.op = which, .name = std::move(name), .args = std::move(args)});
}
inline ExprPtr lit(Value value) { return Expr::literal(std::move(value)); }
inline ExprPtr num(std::int64_t n) { return lit(Value::integer(n)); }
inline ExprPtr boolean(bool b) { return lit(Value::boolean(b)); }
inline ExprPtr text(std::string s) { return lit(Value::string(std::move(s))); }
inline ExprPtr variable(std::uint32_t number, std::string name) {
    return std::make_shared<const Expr>(Expr{.op = Expr::Op::local, .local = number, .name = std::move(name)});
}
inline ExprPtr object(std::size_t index) { return lit(Value::object(ObjectId(index))); }
inline ExprPtr state_of(ExprPtr of, std::string name) { return op(Expr::Op::state, {std::move(of)}, std::move(name)); }

}  // namespace pvsplan::program::testing

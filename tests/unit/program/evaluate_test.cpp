#include <catch2/catch.hpp>

#include "compiler/program/list_index.hpp"
#include "tests/unit/program/test_environment.hpp"

namespace pvsplan::program::testing {
namespace {

using Op = Expr::Op;

bool is(const Value& value, bool wanted) { return value.as_boolean() && *value.as_boolean() == wanted; }
bool unknown(const Value& value) { return value.is_unknown(); }

const ExprPtr x = variable(7, "x");
const ExprPtr y = variable(8, "y");

}  // namespace

TEST_CASE("an unknown operand makes a result unknown only if the result depends on it") {
    const TestEnvironment env;
    const auto run = [&](Op which, std::vector<ExprPtr> args) { return evaluate(*op(which, std::move(args)), env); };

    CHECK(is(run(Op::equal, {x, x}), true));
    CHECK(is(run(Op::not_equal, {x, x}), false));
    CHECK(is(run(Op::less_equal, {x, x}), true));
    CHECK(is(run(Op::less, {x, x}), false));
    CHECK(unknown(run(Op::equal, {x, y})));
    CHECK(unknown(run(Op::equal, {x, num(1)})));
    CHECK(is(run(Op::logical_and, {x, boolean(false)}), false));
    CHECK(is(run(Op::logical_or, {x, boolean(true)}), true));
    CHECK(run(Op::logical_and, {x, boolean(true)}) == evaluate(*x, env));
    CHECK(run(Op::logical_and, {x, x}) == evaluate(*x, env));
    CHECK(unknown(run(Op::logical_or, {x, y})));
    CHECK(unknown(run(Op::logical_not, {x})));
    CHECK(unknown(run(Op::add, {x, num(1)})));
    CHECK(run(Op::min, {x, x}) == evaluate(*x, env));

    const ExprPtr list = op(Op::list, {num(1), x});
    CHECK(is(run(Op::in, {num(1), list}), true));
    CHECK(is(run(Op::in, {x, list}), true));
    CHECK(unknown(run(Op::in, {num(2), list})));
    CHECK(is(run(Op::equal, {list, op(Op::list, {num(2), x})}), false));
    CHECK(is(run(Op::equal, {list, list}), true));
    CHECK(unknown(run(Op::equal, {list, op(Op::list, {num(1), y})})));
    CHECK(run(Op::size, {list}) == Value::integer(2));
    CHECK(run(Op::first, {list}) == Value::integer(1));
}

TEST_CASE("expressions are total") {
    const TestEnvironment env;
    const auto run = [&](Op which, std::vector<ExprPtr> args, std::string name = {}) {
        return evaluate(*op(which, std::move(args), std::move(name)), env);
    };
    const ExprPtr empty = lit(Value::list({}));
    CHECK(run(Op::first, {empty}).is_none());
    CHECK(run(Op::last, {empty}).is_none());
    CHECK(run(Op::rest, {empty}) == Value::list({}));
    CHECK(run(Op::index, {empty, num(0)}).is_none());
    CHECK(run(Op::index, {empty, num(-1)}).is_none());
    CHECK(run(Op::less, {text("a"), num(1)}).is_none());
    CHECK(run(Op::add, {num(INT64_MAX), num(1)}).is_none());
    CHECK(run(Op::subtract, {num(INT64_MIN), num(1)}).is_none());
    CHECK(run(Op::logical_not, {num(1)}).is_none());
    CHECK(run(Op::attribute, {num(1)}, "site").is_none());
    CHECK(run(Op::attribute, {lit(Value::none())}, "name").is_none());
    CHECK(run(Op::member, {op(Op::json, {})}, "file") == Value::string("a.bak"));
    CHECK(unknown(run(Op::member, {op(Op::json, {})}, "other")));
}

TEST_CASE("values of the language combine as people expect") {
    TestEnvironment env;
    const auto run = [&](Op which, std::vector<ExprPtr> args) { return evaluate(*op(which, std::move(args)), env); };
    const auto version = [](const char* t) { return lit(*parse_version(t)); };
    CHECK(is(run(Op::less, {version("7.15"), version("7.15.45")}), true));
    CHECK(is(run(Op::equal, {version("2402"), version("2402.0.0")}), true));
    CHECK(version("2402")->value.hash() == version("2402.0")->value.hash());
    CHECK(run(Op::add, {text("a"), text("b")}) == Value::string("ab"));
    CHECK(run(Op::add, {lit(*parse_duration("30s")), lit(*parse_duration("1m"))}) == *parse_duration("90s"));
    CHECK(run(Op::concat, {text("v"), version("2402"), text(" on "), object(1)}) == Value::string("v2402 on pvs02"));

    env.attributes[{0, "site"}] = Value::string("east");
    env.attributes[{1, "site"}] = Value::string("west");
    env.attributes[{2, "site"}] = Value::string("east");
    const ExprPtr servers = op(Op::list, {object(0), object(1), object(2)});
    const Expr east{.op = Op::filter,
                    .local = 3,
                    .name = "s",
                    .args = {servers, op(Op::equal, {op(Op::attribute, {variable(3, "s")}, "site"), text("east")})}};
    CHECK(evaluate(east, env) == Value::list({Value::object(ObjectId(0)), Value::object(ObjectId(2))}));
    CHECK(to_text(east, env) == "[s in [pvs01, pvs02, pvs03] where s.site == \"east\"]");
}

TEST_CASE("an index of lists answers as a look at every element does") {
    for (const bool are_known : {true, false}) {
        TestEnvironment plain;
        Value::List all;
        for (std::uint32_t i = 0; i < 40; ++i) {
            plain.objects.push_back("s" + std::to_string(i));
            all.push_back(Value::object(ObjectId(i)));
            if (i % 5 != 0) plain.attributes[{i, "site"}] = Value::string(i % 3 == 0 ? "east" : "west");
            if (i % 4 != 0) plain.states[{i, "stream"}] = Value::enumerator(i % 8 == 1 ? "running" : "stopped");
        }
        if (!are_known) plain.attributes[{7, "site"}] = plain.unknown("the site of s7");
        plain.locals[0] = Value::object(ObjectId(3));
        ListIndex index;
        TestEnvironment indexed = plain;
        indexed.index = &index;

        const ExprPtr servers = lit(Value::list(all));
        const auto site_of = [](ExprPtr of) { return op(Op::attribute, {std::move(of)}, "site"); };
        const ExprPtr s = variable(3, "s");
        const ExprPtr runs = op(Op::equal, {state_of(s, "stream"), lit(Value::enumerator("running"))});
        const auto agree = [&](const ExprPtr& expr) {
            const Value with = evaluate(*expr, indexed);
            const Value without = evaluate(*expr, plain);
            return with == without || (with.is_unknown() && without.is_unknown());
        };
        const auto check = [&](const ExprPtr& condition) {
            const auto chosen = std::make_shared<const Expr>(
                Expr{.op = Op::filter, .local = 3, .name = "s", .args = {servers, condition}});
            const Value whole = evaluate(*chosen, plain);
            CHECK(agree(chosen));
            const Value first = evaluate(*op(Op::first, {chosen}), indexed);
            if (whole.as_list()) CHECK(first == (whole.as_list()->empty() ? Value() : whole.as_list()->front()));
            if (whole.is_unknown()) CHECK(first.is_unknown());
        };
        for (const ExprPtr& wanted :
             {text("east"), text("nowhere"), lit(Value::none()), num(1), site_of(variable(0, "on")), x, site_of(s)})
            for (const ExprPtr& equal : {op(Op::equal, {site_of(s), wanted}), op(Op::equal, {wanted, site_of(s)})}) {
                check(equal);
                check(op(Op::logical_and, {equal, runs}));
                check(op(Op::logical_and, {runs, equal}));
                check(op(Op::logical_or, {equal, runs}));
            }
        for (const ExprPtr& element : {object(3), lit(Value::object(ObjectId(41))), text("s3"), x})
            CHECK(agree(op(Op::in, {element, servers})));
    }
}

TEST_CASE("durations and versions are read strictly and printed shortly") {
    struct None final : ObjectNames {
        [[nodiscard]] std::string_view name(ObjectId) const override { return ""; }
        [[nodiscard]] std::string id_text(ObjectId) const override { return ""; }
    } none;
    CHECK(to_text(*parse_duration("90s"), none) == "90s");
    CHECK(to_text(*parse_duration("120s"), none) == "2m");
    CHECK(to_text(*parse_duration("0ms"), none) == "0s");
    CHECK(to_text(*parse_duration("7d"), none) == "7d");
    for (const char* wrong : {"", "5", "m", "-5m", "5 m", "5M", "5m ", "99999999999999999d", "1.5h"})
        CHECK_FALSE(parse_duration(wrong));
    for (const char* wrong : {"", ".", "1.", ".1", "1..2", "1a", "99999999999999999999999", "-1"})
        CHECK_FALSE(parse_version(wrong));
    CHECK(parse_version("7.15.0.45"));
}

TEST_CASE("specialising keeps only what the run decides") {
    TestEnvironment env;
    env.locals[0] = Value::object(ObjectId(1));
    env.locals[1] = Value::boolean(true);
    const ExprPtr running = op(Op::equal, {state_of(variable(0, "on"), "stream"), lit(Value::enumerator("running"))});
    const auto text_of = [&](const ExprPtr& e) { return to_text(*specialise(e, env), env); };

    CHECK(text_of(op(Op::logical_and, {variable(1, "flag"), running})) == "pvs02.stream == running");
    CHECK(text_of(op(Op::logical_or, {variable(1, "flag"), running})) == "true");
    CHECK(text_of(op(Op::add, {op(Op::add, {num(1), num(2)}), variable(5, "n")})) == "3 + n");
    env.states[{1, "stream"}] = Value::enumerator("running");
    CHECK(text_of(running) == "true");

    // The variable of a filter hides the one of the frame with the same number.
    const auto filter = std::make_shared<const Expr>(
        Expr{.op = Op::filter,
             .local = 0,
             .name = "s",
             .args = {op(Op::list, {object(0), object(1)}),
                      op(Op::logical_and, {variable(1, "flag"), op(Op::equal, {state_of(variable(0, "s"), "stream"),
                                                                               lit(Value::enumerator("stopped"))})})}});
    CHECK(text_of(filter) == "[s in [pvs01, pvs02] where s.stream == stopped]");
}

TEST_CASE("the text of an expression parses as it was meant") {
    const TestEnvironment env;
    const auto text_of = [&](const ExprPtr& e) { return to_text(*e, env); };
    const ExprPtr a = variable(1, "a");
    const ExprPtr b = variable(2, "b");
    CHECK(text_of(op(Op::subtract, {a, op(Op::subtract, {a, b})})) == "a - (a - b)");
    CHECK(text_of(op(Op::subtract, {op(Op::subtract, {a, b}), b})) == "a - b - b");
    CHECK(text_of(op(Op::logical_and, {op(Op::logical_or, {a, b}), a})) == "(a or b) and a");
    CHECK(text_of(op(Op::logical_not, {op(Op::equal, {a, b})})) == "not a == b");
    CHECK(text_of(op(Op::equal, {op(Op::equal, {a, b}), a})) == "(a == b) == a");
    CHECK(text_of(op(Op::concat, {text("x \"y\" "), a})) == "\"x \\\"y\\\" ${a}\"");
    // What a text says is told apart from what stands for something else.
    CHECK(text_of(op(Op::concat, {text("${a} "), a})) == R"("\${a} ${a}")");
    CHECK(text_of(op(Op::concat, {text("$"), text("{a} "), a})) == R"("\${a} ${a}")");
    CHECK(text_of(op(Op::concat, {text("$"), a})) == R"("$${a}")");
    CHECK(text_of(op(Op::first, {op(Op::list, {a, b})})) == "first([a, b])");
}

}  // namespace pvsplan::program::testing

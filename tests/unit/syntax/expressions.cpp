// Expressions, texts with `${…}` and requirements: what they mean, what is said of those that do not parse, and that
// every span covers what was written.
#include <catch2/catch.hpp>

#include <functional>

#include "tests/unit/syntax/reading.hpp"

using namespace pvsplan;
using namespace pvsplan::syntax;
using tests::Parsed;
using Found = std::vector<std::string>;

namespace {

struct Read {
    base::Sources sources;
    base::FileId file;
    diag::Sink sink;
    Expression expression;

    explicit Read(const std::string& text) : file(sources.add("x", text)) {
        expression = parse_expression(sources, {file, 0, static_cast<std::uint32_t>(text.size())}, sink);
    }
    [[nodiscard]] std::string at(base::Span span) const { return std::string(sources.text(span)); }
};

// The tree with brackets around everything, so that precedence can be seen.
std::string shape(const Expression& e) {
    static const char* const names[] = {
        "error", "",    "",   "",   "",   "",  "none", "",  "",   "index", "",       "list", "filter",
        "not",   "and", "or", "==", "!=", "<", "<=",   ">", ">=", "in",    "not in", "+",    "-"};
    using ExpressionForm = Expression::Form;
    if (e.form == ExpressionForm::string) return "'" + e.text + "'";
    if (e.args.empty() && e.form != ExpressionForm::list && e.form != ExpressionForm::call)
        return e.text.empty() ? names[static_cast<int>(e.form)] : e.text;
    if (e.form == ExpressionForm::member) return shape(e.args[0]) + "." + e.text;
    std::string text = "(" + (e.form == ExpressionForm::call || e.form == ExpressionForm::filter
                                  ? e.text
                                  : std::string(names[static_cast<int>(e.form)]));
    for (const Expression& argument : e.args) text += " " + shape(argument);
    return text + ")";
}

// First finding of a `when` with this text: "PV1201 expected …, found …".
std::string complaint(const std::string& when) {
    const Parsed p("plan: p\nsteps:\n  - do: a.b\n    when: " + when + "\n");
    if (p.sink.all().empty()) return "";
    const diag::Diagnostic d = p.sink.sorted().front();
    return fmt::format("{} {}: {}", p.sources.position(p.file, d.span.begin).column - 10, diag::code_text(d.code),
                       d.message);
}

std::string requirement_complaint(const std::string& require) {
    const Parsed p("policy: p\ninvariants:\n  - name: a\n    require: " + require + "\n");
    if (p.sink.all().empty()) return "";
    const diag::Diagnostic d = p.sink.sorted().front();
    return fmt::format("{} {}: {}", p.sources.position(p.file, d.span.begin).column - 13, diag::code_text(d.code),
                       d.message);
}

}  // namespace

TEST_CASE("precedence") {
    CHECK(shape(Read("a or b and not c == d + e").expression) == "(or a (and b (not (== c (+ d e)))))");
    CHECK(shape(Read("a or b or c").expression) == "(or (or a b) c)");
    CHECK(shape(Read("a - b + 1").expression) == "(+ (- a b) 1)");
    CHECK(shape(Read("a-b").expression) == "a-b");
    CHECK(shape(Read("a -b").expression) == "(- a b)");
    CHECK(shape(Read("(a or b) and c").expression) == "(and (or a b) c)");
    CHECK(shape(Read("a.b.c[1].d").expression) == "(index a.b.c 1).d");
    CHECK(shape(Read("first(servers).site").expression) == "(first servers).site");
    CHECK(shape(Read("min(a, max(b, 2))").expression) == "(min a (max b 2))");
    CHECK(shape(Read("size([])").expression) == "(size (list))");
    CHECK(shape(Read("x not in [a, 'b', \"c\\\"\\\\\\n\"]").expression) == "(not in x (list a 'b' 'c\"\\\n'))");
    CHECK(shape(Read("'it''s'").expression) == "'it's'");
    CHECK(shape(Read("not not a").expression) == "(not (not a))");
    CHECK(shape(Read("nothing or notes and inner").expression) == "(or nothing (and notes inner))");
    CHECK(shape(Read("[s in servers where s.site == \"east\" and s != t]").expression) ==
          "(s servers (and (== s.site 'east') (!= s t)))");
    CHECK(shape(Read("[s in [a in b]]").expression) == "(s (a b))");
    CHECK(shape(Read("[(a in b), c]").expression) == "(list (in a b) c)");
    CHECK(shape(Read("true == false or none == x").expression) == "(or (== true false) (== none x))");
    CHECK(shape(Read("a <= b").expression) == "(<= a b)");
    CHECK(shape(Read("f()").expression) == "(f)");
}

TEST_CASE("literals") {
    CHECK(Read("7.15.45").expression.form == Expression::Form::version);
    CHECK(Read("2203").expression.form == Expression::Form::integer);
    CHECK(Read("45m").expression.form == Expression::Form::duration);
    CHECK(Read("200ms").expression.text == "200ms");
    CHECK(Read("none").expression.form == Expression::Form::none);
    CHECK(Read("stopped").expression.form == Expression::Form::name);
}

TEST_CASE("every span covers what was written") {
    const Read r("first([s in rest(servers) where s.site == \"east\"]).address + \" x\" == a[0] and (b)");
    REQUIRE(r.sink.all().empty());
    std::function<void(const Expression&)> visit = [&](const Expression& e) {
        const Read again(r.at(e.span));  // the text of a span parses to the same expression
        CHECK(shape(again.expression) == shape(e));
        for (const Expression& argument : e.args) visit(argument);
    };
    visit(r.expression);
    CHECK(r.at(r.expression.span) == r.at({r.file, 0, 82}));
    CHECK(r.at(r.expression.args[1].span) == "(b)");
    CHECK(r.at(r.expression.args[0].args[0].args[0].text_span) == "address");
}

TEST_CASE("spans within quotes, escapes and folded texts") {
    const Parsed p(R"yaml(policy: p
invariants:
  - name: a
    require: 'every upgrade(server s) where s.site == ''east'' before every upgrade(console)'
  - name: b
    require: "every upgrade(server s) where s.site == \"e\x61st\" before every upgrade(console)"
  - name: c
    require: >-
      every upgrade(server s)
      where s.site == "east"

      before every upgrade(console)
  - name: d
    require: every upgrade(server s)
      where s.site == "east"
      before every upgrade(console)
)yaml");
    INFO(p.report());
    REQUIRE(p.found().empty());
    for (const Invariant& invariant : p.as<PolicyDocument>().invariants) {
        const RequirementText& require = invariant.require;
        CHECK(p.at(require.right->span) == "upgrade(console)");
        CHECK(p.at(require.left->kind.span) == "server");
        CHECK(require.left->where->args[1].text == "east");
        CHECK(p.at(require.left->where->args[0].span) == "s.site");
        CHECK(p.at(require.left->where->span).starts_with("s.site == "));
    }
}

TEST_CASE("texts with expressions") {
    const Parsed p(R"(plan: p
steps:
  - do: a.b
    with:
      plain: ${version}
      mixed: "Upgrade ${on.name} to ${ version } now"
      escaped: costs $${x} and ${y}$
      text: none of it
      empty: ""
      number: 3
      list: [a, "${b}", [c, d]]
      brace: "${ '}' }"
)");
    INFO(p.report());
    REQUIRE(p.found().empty());
    const std::vector<NamedValue>& with = p.as<PlanDocument>().steps[0].with;
    REQUIRE(with.size() == 8);
    CHECK(with[0].value.scalar->is_expression());
    CHECK(with[0].value.scalar->is_plain);
    const Template& mixed = *with[1].value.scalar;
    REQUIRE(mixed.parts.size() == 5);
    CHECK(mixed.parts[0].text == "Upgrade ");
    CHECK(p.at(mixed.parts[1].span) == "${on.name}");
    CHECK(p.at(mixed.parts[1].expression->span) == "on.name");
    CHECK(p.at(mixed.parts[3].expression->span) == "version");
    CHECK(mixed.parts[4].text == " now");
    const Template& escaped = *with[2].value.scalar;
    REQUIRE(escaped.parts.size() == 3);
    CHECK(escaped.parts[0].text == "costs ${x} and ");
    CHECK(escaped.parts[2].text == "$");
    CHECK(with[3].value.scalar->is_text());
    CHECK(with[4].value.scalar->is_text());
    CHECK(with[4].value.scalar->text().empty());
    CHECK(with[5].value.scalar->is_plain);
    CHECK_FALSE(with[6].value.scalar);
    CHECK(with[6].value.elements[1].scalar->is_expression());
    CHECK(with[6].value.elements[2].elements.size() == 2);
    CHECK(with[7].value.scalar->parts[0].expression->text == "}");
}

TEST_CASE("expressions that do not parse") {
    CHECK(complaint("a and") == "6 PV1201: expected an expression after `and`, found the end");
    CHECK(complaint("a or or b") == "6 PV1201: expected an expression after `or`, found `or`");
    CHECK(complaint("a = b") == "3 PV1202: the expression ends before `=`");
    CHECK(complaint("a && b") == "3 PV1202: the expression ends before `&&`");
    CHECK(complaint("a == b == c") == "8 PV1202: the expression ends before `==`");
    CHECK(complaint("(a") == "3 PV1201: expected `)`, found the end");
    CHECK(complaint("(a))") == "4 PV1202: the expression ends before `)`");
    CHECK(complaint("Foo == 1") == "1 PV1201: expected an expression, found `Foo`");
    CHECK(complaint("3days").starts_with("2 PV1201: expected the number to end here"));
    CHECK(complaint("1.").starts_with("2 PV1201: expected the number to end here"));
    CHECK(complaint("99999999999999999999") == "1 PV1205: the number `99999999999999999999` is too large");
    CHECK(complaint("x.y(1)") == "1 PV1208: only a function can be called");
    CHECK(complaint("f(a,)") == "5 PV1201: expected an argument, found `)`");
    CHECK(complaint("\"[s in servers where]\"") == "21 PV1201: expected a condition after `where`, found `]`");
    CHECK(complaint("\"'abc\"") == "6 PV1201: expected `'` at the end of the text, found the end");
    CHECK(complaint("${a}") == "1 PV1203: `${` in what is an expression already");
    CHECK(complaint("a.B") == "3 PV1201: expected a name after `.`, found `B`");
    CHECK(complaint("x in") == "5 PV1201: expected a list after `in`, found the end");
    CHECK(complaint("x not y") == "3 PV1202: the expression ends before `not`");
    CHECK(complaint("é") == "1 PV1201: expected an expression, found `é`");
    CHECK(complaint("a ==\n      b and") == "2 PV1201: expected an expression after `and`, found the end");
}

TEST_CASE("expressions without end") {
    const auto many = [](std::string_view what, std::size_t times) {
        std::string text;
        for (std::size_t i = 0; i < times; ++i) text += what;
        return text;
    };
    const std::string words = "PV1204: this expression nests more than 100 levels deep";
    CHECK(complaint(many("(", 10'000)) == "101 " + words);
    CHECK(complaint(many("not ", 10'000) + "a") == "401 " + words);
    CHECK(complaint("\"" + many("[", 10'000) + "\"") == "102 " + words);
    CHECK(complaint("a" + many(" + a", 10'000)) == "1 " + words);
    CHECK(complaint("a" + many(".a", 10'000)) == "1 " + words);
    CHECK(complaint("a" + many("[0]", 10'000)) == "1 " + words);
    CHECK(complaint("a" + many(" or a", 10'000)) == "1 " + words);
    CHECK(complaint("f(" + many("a, ", 10'000) + "a)").empty());
    CHECK(complaint(many("(", 90) + "a" + many(")", 90)).empty());
    const Parsed types("plan: p\nsteps: []\nparameters: {a: {type: " + many("list of ", 10'000) + "x}}\n");
    CHECK(types.found() == Found{"PV1204 3:832"});
}

TEST_CASE("requirements") {
    const auto read = [](const std::string& text) {
        base::Sources sources;
        diag::Sink sink;
        const base::FileId file = sources.add("x", text);
        RequirementText r = parse_requirement(sources, {file, 0, static_cast<std::uint32_t>(text.size())}, sink);
        CHECK(sink.all().empty());
        return r;
    };
    using RequirementTextForm = RequirementText::Form;
    RequirementText r = read("exactly 1 upgrade(server s) where s.site == \"east\" per s");
    CHECK(r.form == RequirementTextForm::count);
    CHECK(r.bound == Demand::Bound::exactly);
    CHECK(r.number->text == "1");
    CHECK(r.left->variable->value == "s");
    CHECK(r.left->where);
    CHECK(r.left->per);
    r = read("always at least size(servers) - 1 streaming(server s) where s.site == \"x\" per s.site");
    CHECK(r.form == RequirementTextForm::always);
    CHECK(r.bound == Demand::Bound::at_least);
    CHECK(r.number->form == Expression::Form::subtract);
    CHECK(r.state->predicate->value == "streaming");
    CHECK(r.state->where);
    CHECK(r.per);
    r = read("always at most 1 server s with s.stream == stopped where s.site == \"east\" per s.site");
    CHECK_FALSE(r.state->predicate);
    CHECK(r.state->with);
    CHECK(r.state->where);
    r = read("some backup(database) before every upgrade(server)");
    CHECK(r.form == RequirementTextForm::before);
    CHECK(r.left_quantifier == Demand::Quantifier::some);
    CHECK(r.right_quantifier == Demand::Quantifier::every);
    r = read("every upgrade(server s) then some verify(server s)");
    CHECK(r.form == RequirementTextForm::then);
    CHECK(r.right_quantifier == Demand::Quantifier::some);
    r = read("every upgrade(database) while every closed(console)");
    CHECK(r.form == RequirementTextForm::during);
    CHECK(r.state->kind.value == "console");
    r = read("never uninstall(server s) where s.site == \"east\"");
    CHECK(r.form == RequirementTextForm::never);
    r = read("finally every server s with s.version == version");
    CHECK(r.form == RequirementTextForm::finally_);
    CHECK(r.right_quantifier == Demand::Quantifier::every);
    CHECK(r.source == "finally every server s with s.version == version");
}

TEST_CASE("requirements that do not parse") {
    CHECK(requirement_complaint("every upgrade(server) befor every upgrade(console)") ==
          "23 PV1206: expected `before`, `then` or `while` after the event, found `befor`");
    CHECK(requirement_complaint("always 1 down(server)") ==
          "8 PV1206: expected `at most`, `at least` or `exactly` after `always`, found `1`");
    CHECK(requirement_complaint("exactly 1") ==
          "10 PV1206: expected an event after the number, as in `exactly 1 upgrade(server)`, found the end");
    CHECK(requirement_complaint("sometimes x").starts_with("1 PV1206: expected a requirement: it starts with"));
    CHECK(requirement_complaint("every upgrade before every x(y)") ==
          "15 PV1206: expected `(` and a kind, as in `upgrade(server s)`, found `before`");
    CHECK(requirement_complaint("every upgrade(server s) while down(s)") ==
          "31 PV1206: expected `every` or `some`, found `down`");
    CHECK(requirement_complaint("exactly 1 upgrade(server s) per s x") == "35 PV1202: the requirement ends before `x`");
}

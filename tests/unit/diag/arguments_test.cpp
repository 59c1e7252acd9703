// A call that swaps two arguments of a finding does not compile.
#include <catch2/catch.hpp>

#include "compiler/diag/diagnostic.hpp"

namespace pvsplan::diag {
namespace {

constexpr Declared<Owner, Name> two_names{9011, Severity::error, "`{}` has no `{}`"};
constexpr Declared<Name> one_name{9012, Severity::error, "`{}` is wrong"};
constexpr Declared<Count> one_count{9013, Severity::error, "more than {}"};

template <const auto& code, class... Args>
concept Reports = requires(Sink& sink, base::Span span, Args... args) {
    sink.report(code, span, args...);
};

static_assert(Reports<two_names, Owner, Name>);
static_assert(!Reports<two_names, Name, Owner>);
static_assert(!Reports<two_names, Owner, Owner>);
static_assert(!Reports<two_names, Owner, const char*>);
static_assert(!Reports<two_names, std::string, std::string>);
static_assert(!Reports<two_names, Owner>);
static_assert(!Reports<two_names, Owner, Name, Name>);
static_assert(!are_distinct<Name, Words, Name>);
static_assert(are_distinct<Name, Words, OtherName>);

// There is nothing to confuse a sole one with, except a number with a text.
static_assert(Reports<one_name, const char*> && Reports<one_name, std::string> && Reports<one_name, Name>);
static_assert(!Reports<one_name, Words> && !Reports<one_name, int>);
static_assert(Reports<one_count, int> && Reports<one_count, std::size_t> && !Reports<one_count, const char*>);

TEST_CASE("each argument stands where its role does", "[diag]") {
    Sink sink;
    sink.report(two_names, base::Span(), Owner("m.stop"), Name("speed"));
    sink.report(one_name, base::Span(), std::string("a"));
    sink.report(one_count, base::Span(), 3);
    CHECK(sink.all()[0].message == "`m.stop` has no `speed`");
    CHECK(sink.all()[1].message == "`a` is wrong");
    CHECK(sink.all()[2].message == "more than 3");
}

}  // namespace
}  // namespace pvsplan::diag

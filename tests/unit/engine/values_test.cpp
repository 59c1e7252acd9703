// What came from a host, made values of the language; what a step sets, held against what was seen.
#include "runtime/engine/values.hpp"

#include <catch2/catch.hpp>

#include "tests/unit/engine/farm.hpp"

namespace pvsplan::engine::test {
namespace {

using Kinds = Type::Category;

const Type on_off = Type::enumeration({"running", "stopped"});

Kind server() {
    Kind kind{.name = "server"};
    kind.state = {{"stream", on_off, std::nullopt},
                  {"version", Type::of(Kinds::version), std::nullopt},
                  {"count", Type::of(Kinds::integer), std::nullopt},
                  {"roles", Type::list_of(Type::of(Kinds::string)), std::nullopt}};
    return kind;
}

std::string fault(std::string_view out) {
    const auto states = read_observation(out, server());
    REQUIRE_FALSE(states.ok());
    return states.error().text();
}

}  // namespace

TEST_CASE("values: text and numbers become what is wanted where they can, and stay what they are elsewhere") {
    const auto made = [](const char* text, const Type& type) { return coerce(Value::string(text), type); };
    for (const char* text : {"true", "TRUE", "True"})
        CHECK(made(text, Type::of(Kinds::boolean)) == Value::boolean(true));
    CHECK(made("false", Type::of(Kinds::boolean)) == Value::boolean(false));
    CHECK(made("yes", Type::of(Kinds::boolean)) == Value::string("yes"));
    CHECK(made("-12", Type::of(Kinds::integer)) == Value::integer(-12));
    for (const char* text : {"12x", "x", "", "99999999999999999999"})
        CHECK(made(text, Type::of(Kinds::integer)) == Value::string(text));
    CHECK(made("7.15", Type::of(Kinds::version)) == *parse_version("7.15"));
    CHECK(made("x", Type::of(Kinds::version)) == Value::string("x"));
    CHECK(made("5m", Type::of(Kinds::duration)) == Value::duration(300'000));
    CHECK(made("x", Type::of(Kinds::duration)) == Value::string("x"));
    CHECK(made("Stopped", on_off) == Value::enumerator("stopped"));
    CHECK(made("STOPPED", Type::enumeration({"Running", "Stopped"})) == Value::enumerator("Stopped"));
    CHECK(made("az[AZ", Type::enumeration({"AZ{az", "AZ[az"})) == Value::enumerator("AZ[az"));
    CHECK(made("gone", on_off) == Value::string("gone"));
    CHECK(made("12", Type::of(Kinds::string)) == Value::string("12"));

    CHECK(coerce(Value::integer(2402), Type::of(Kinds::version)) == *parse_version("2402"));
    CHECK(coerce(Value::integer(3), Type::of(Kinds::string)) == Value::string("3"));
    CHECK(coerce(Value::integer(3), Type::of(Kinds::integer)) == Value::integer(3));
    CHECK(coerce(Value::integer(3), Type::of(Kinds::json)) == Value::integer(3));
    CHECK(coerce(Value::boolean(true), Type::of(Kinds::string)) == Value::string("true"));
    CHECK(coerce(Value::boolean(false), Type::of(Kinds::string)) == Value::string("false"));
    CHECK(coerce(Value::boolean(true), Type::of(Kinds::integer)) == Value::boolean(true));
}

TEST_CASE("values: each value fits its own type and no other") {
    const std::vector<std::pair<Kinds, Value>> own = {
        {Kinds::boolean, Value::boolean(false)},    {Kinds::integer, Value::integer(0)},
        {Kinds::string, Value::string("x")},        {Kinds::duration, Value::duration(1)},
        {Kinds::version, *parse_version("1.2")},    {Kinds::secret, Value::secret("s")},
        {Kinds::object, Value::object(ObjectId(0))}};
    for (const auto& [type, value] : own) {
        for (const auto& [other, unused] : own) {
            INFO(int(type) << " as " << int(other));
            CHECK(misfit(value, Type::of(other)).empty() == (type == other));
        }
        CHECK(misfit(value, Type::of(Kinds::json)).empty());
        const Type list = Type::list_of(Type::of(type));
        CHECK(misfit(Value::list({value, value}), list).empty());
        CHECK(misfit(Value::list({}), list).empty());
        CHECK_FALSE(misfit(Value::list({value, Value::enumerator("e")}), list).empty());
        CHECK_FALSE(misfit(value, list).empty());
    }
    CHECK(misfit(Value::enumerator("stopped"), on_off).empty());
    CHECK(misfit(Value::enumerator("stoped"), on_off) ==
          "`stoped`, which is none of running, stopped; did you mean `stopped`?");
    CHECK(misfit(Value::string("zzz"), on_off) == "`zzz`, which is none of running, stopped");
    CHECK(misfit(Value::none(), on_off) == "no value");
    CHECK(misfit(Value::unnamed_unknown(1), on_off) == "no value");
    CHECK(misfit(Value::string("\xFF"), Type::of(Kinds::string)) == "text in an encoding that is not UTF-8");
    CHECK(misfit(Value::string("a\nb"), Type::of(Kinds::integer)) == "`a`, which is no int");
    CHECK(misfit(Value::string(std::string(60, 'x')), Type::of(Kinds::integer)) ==
          "`" + std::string(60, 'x') + "`, which is no int");
    CHECK(misfit(Value::string(std::string(61, 'x')), Type::of(Kinds::integer)) ==
          "`" + std::string(60, 'x') + "…`, which is no int");
    CHECK(misfit(Value::list({}), Type::of(Kinds::integer)) == "a list, which is no int");
    CHECK(misfit(Value::string("C:\\media"), Type::of(Kinds::path)).empty());
    CHECK_FALSE(misfit(Value::string("C:\new\table"), Type::of(Kinds::path)).empty());
    CHECK_FALSE(misfit(Value::integer(3), Type::of(Kinds::path)).empty());
}

TEST_CASE("values: an observation tells states of its kind, each once, and says what it does not tell") {
    const auto states = read_observation(
        "W\n{\"stream\": \"Stopped\", \"version\": 2402, \"count\": null, \"roles\": [\"a\", \"b\"]}\n", server());
    REQUIRE(states.ok());
    CHECK(states->size() == 4);
    CHECK(states->at("stream") == Value::enumerator("stopped"));
    CHECK(states->at("version") == *parse_version("2402"));
    CHECK(states->at("count").is_none());
    CHECK(states->at("roles") == Value::list({Value::string("a"), Value::string("b")}));
    CHECK(read_observation("{}", server())->empty());
    const std::string begin = "it does not tell the states of a server";
    CHECK(fault("").find(begin) == 0);
    CHECK(fault("[]").find("it printed JSON that is no object") != std::string::npos);
    CHECK(fault("{\"Stream\": \"running\"}")
              .find("`Stream` is none of stream, version, count, roles; did you mean `stream`?") != std::string::npos);
    CHECK(fault("{\"count\": 1, \"count\": 1}").find("`count` is there twice") != std::string::npos);
    CHECK(fault("{\"count\": {}}").find("`count`: it is an object") != std::string::npos);
    CHECK(fault("{\"count\": \"x\"}").find("`count` is `x`, which is no int") != std::string::npos);
    CHECK(fault("{\"roles\": [\"a\", {}]}").find("`roles`: it is an object") != std::string::npos);
    CHECK_FALSE(fault("{\"roles\": \"a\"}").empty());
    CHECK(fault("{\"count\": [1]}").find("`count`: it is a list") != std::string::npos);
}

TEST_CASE("values: a script is given values as data, and no secret") {
    Plan plan = test::plan(2);
    plan.objects[0].attributes = {{"site", Value::string("e\"st")},
                                  {"name", Value::string("other")},
                                  {"peer", Value::object(ObjectId(1))},
                                  {"key", Value::secret("k")},
                                  {"port", Value::integer(8)}};
    Action action{.name = "a"};
    for (const char* name : {"flag", "wait", "all", "who", "none", "secret", "hidden", "more"})
        action.parameters.push_back({name, Type::of(Kinds::json)});
    action.parameters[5].type = Type::of(Kinds::secret);
    const std::vector<Value> frame = {
        Value::object(ObjectId(0)), Value::boolean(true),
        Value::duration(1500),      Value::list({Value::integer(1), Value::boolean(false)}),
        Value::object(ObjectId(1)), Value::none(),
        Value::string("x"),         Value::secret("s")};
    const state::States before{{"stream", Value::enumerator("running")}, {"v", *parse_version("1.2")}};
    CHECK(job_data(plan, ObjectId(0), action, frame, &before) ==
          R"({"Before":{"stream":"running","v":"1.2"},"On":{"name":"s0","port":8,"site":"e\"st"},)"
          R"("With":{"flag":true,"wait":1500,"all":[1,false],"who":{"name":"s1"},"none":null}})");
    CHECK(job_data(plan, {}, action, {Value::none()}, nullptr) == R"({"Before":{},"On":{},"With":{}})");
    const Value hidden = Value::list({Value::secret("s"), Value::unnamed_unknown(1), Value::none()});
    CHECK(job_data(plan, {}, action, {Value::none(), Value::unnamed_unknown(1), hidden}, nullptr) ==
          R"({"Before":{},"On":{},"With":{"flag":null,"wait":[null,null,null]}})");
}

TEST_CASE("values: of objects that name each other in lists, each list is written once") {
    Plan plan = test::plan(2);
    const auto list = [](std::vector<std::size_t> of) {
        Value::List all;
        for (const std::size_t one : of) all.push_back(Value::object(ObjectId(one)));
        return Value::list(std::move(all));
    };
    plan.objects[0].attributes = {{"peers", list({0, 1})}, {"port", Value::integer(8)}};
    plan.objects[1].attributes = {
        {"all", Value::list({list({0})})}, {"peers", list({0})}, {"site", Value::string("e")}};
    Action action{.name = "a"};
    action.parameters.push_back({"who", Type::of(Kinds::json)});
    CHECK(
        job_data(plan, ObjectId(0), action, {Value::object(ObjectId(0)), list({1})}, nullptr) ==
        R"({"Before":{},"On":{"name":"s0","peers":[{"name":"s0","port":8},{"name":"s1","site":"e"}],"port":8},)"
        R"("With":{"who":[{"name":"s1","all":[[{"name":"s0","port":8}]],"peers":[{"name":"s0","port":8}],"site":"e"}]}})");
}

TEST_CASE("values: what a step sets is all there, not there, or nobody can tell") {
    using journal::Shows;
    const Value on = Value::enumerator("running"), off = Value::enumerator("stopped"), odd = Value::enumerator("odd");
    const ObjectId id(0);
    const auto states = [&](const std::map<std::string, Value>& values) {
        return state::ObjectStates{{id, {values.begin(), values.end()}}};
    };
    const std::vector<Set> one = {{id, "a", off}};
    CHECK(shows({}, {}, {}) == Shows::nothing_to_tell);
    CHECK(shows(one, states({{"a", on}}), states({{"a", off}})) == Shows::all);
    CHECK(shows(one, {}, states({{"a", off}})) == Shows::all);
    CHECK(shows(one, states({{"a", on}}), states({{"a", on}})) == Shows::nothing);
    CHECK(shows(one, states({{"a", on}}), states({{"a", odd}})) == Shows::other);
    CHECK(shows(one, {}, states({{"a", on}})) == Shows::other);
    CHECK(shows(one, states({{"a", off}}), states({{"a", off}})) == Shows::nothing_to_tell);
    CHECK(shows(one, states({{"a", on}}), {}) == Shows::unseen);
    CHECK(shows(one, states({{"a", on}}), states({{"b", off}})) == Shows::unseen);
    const std::vector<Set> two = {{id, "a", off}, {id, "b", off}};
    CHECK(shows(two, states({{"a", on}, {"b", on}}), states({{"a", off}, {"b", off}})) == Shows::all);
    CHECK(shows(two, states({{"a", on}, {"b", off}}), states({{"a", off}, {"b", off}})) == Shows::all);
    CHECK(shows(two, states({{"a", off}, {"b", on}}), states({{"a", off}, {"b", off}})) == Shows::all);
    CHECK(shows(two, states({{"a", on}, {"b", on}}), states({{"a", off}, {"b", on}})) == Shows::other);
    CHECK(shows(two, states({{"a", on}, {"b", on}}), states({{"a", on}, {"b", off}})) == Shows::other);
    CHECK(shows(two, states({{"a", on}, {"b", on}}), states({{"a", on}, {"b", on}})) == Shows::nothing);
    CHECK(shows(two, states({{"a", on}, {"b", on}}), states({{"a", off}})) == Shows::unseen);

    const Plan plan = test::plan(1);
    CHECK(difference(two, states({{"a", off}, {"b", off}}), plan).empty());
    CHECK(difference(two, states({{"a", on}, {"b", Value::none()}}), plan) ==
          "server/s0.a is running, not stopped; server/s0.b is undefined, not stopped");
    CHECK(difference(two, states({{"a", off}}), plan) == "server/s0.b is not known, not stopped");
}

}  // namespace pvsplan::engine::test

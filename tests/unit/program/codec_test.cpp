#include <catch2/catch.hpp>

#include <random>

#include "compiler/program/codec.hpp"
#include "compiler/program/codec_names.hpp"
#include "tests/unit/program/test_environment.hpp"

namespace pvsplan::program::testing {
namespace {

using Op = Expr::Op;

// Plans at random, within what the compiler may build.
class Generator {
  public:
    explicit Generator(unsigned seed) : random_(seed) {}

    Plan plan() {
        plan_ = {.name = word(), .summary = maybe(word()), .farm = word(), .is_protected = chance(2)};
        plan_.on_failure = chance(2) ? OnFailure::halt : OnFailure::rollback;
        if (chance(2)) plan_.approvers = {word(), word()};
        if (chance(2)) notify();
        plan_.inputs = {{"a.yaml", word()}, {"b \"\\\n\x01.yaml", word()}};
        kinds();
        actions();
        for (unsigned i = 0; i < objects; ++i) object(i);
        for (const auto& type : types()) {
            const std::string name = "p" + std::to_string(plan_.parameter_types.size());
            plan_.parameter_types[name] = type;
            plan_.parameters[name] = value(type);
        }
        for (unsigned i = 0; i < 3; ++i)
            plan_.guards.push_back({.step = word(), .condition = expr(3), .parent = i ? GuardId(i - 1) : GuardId()});
        plan_.instances = {{.path = "rest[a]", .loop = "rest", .max_failures = 2},
                           {.path = "rest[b]", .loop = "rest", .max_failures = 2, .parent = InstanceId(0)}};
        for (std::uint16_t i = 0; i < 2; ++i)
            plan_.windows.push_back({.from = static_cast<std::uint16_t>(below(1440)),
                                     .to = Window::whole_day,
                                     .zone = i == 0 ? "UTC" : "Europe/Berlin",
                                     .days = static_cast<std::uint8_t>(1 + below(127)),
                                     .parent = i == 0 || chance(2) ? WindowId() : WindowId(0)});
        plan_.graph = graph(6, 2);
        for (Node& node : plan_.graph.nodes)
            if (chance(2)) node.window = WindowId(below(2));
        plan_.recoveries.push_back({.group = "g",
                                    .covers = {NodeId(0), NodeId(3)},
                                    .steps = graph(2, 1),
                                    .guards = {{.step = "r", .condition = expr(2)}},
                                    .source = place()});
        for (Node& node : plan_.recoveries.back().steps.nodes) node.guard = chance(2) ? GuardId(0) : GuardId();
        plan_.requirements = {{.name = "n", .require = "always at most 1 down(server)", .verdict = "holds"}};
        for (unsigned form = 0; form < 7; ++form) requirement(static_cast<Demand::Form>(form));
        return plan_;
    }

  private:
    static constexpr unsigned objects = 3;

    unsigned below(unsigned n) { return static_cast<unsigned>(random_() % n); }
    bool chance(unsigned n) { return below(n) == 0; }
    std::string word() {
        static const char* const words[] = {"",     "a",     "pvs",     "ein Wörtchen",
                                            "x\ty", "\"q\"", "C:\\pvs", "\xf0\x9f\x9a\x80"};
        return words[below(8)];
    }
    std::string maybe(std::string text) { return chance(2) ? text : ""; }
    Place place() { return chance(3) ? Place{} : Place{"p.yaml", below(100), below(2) * 7}; }

    static std::vector<Type> types() {
        using TypeCategory = Type::Category;
        return {Type::of(TypeCategory::boolean),
                Type::of(TypeCategory::integer),
                Type::of(TypeCategory::string),
                Type::of(TypeCategory::duration),
                Type::of(TypeCategory::version),
                Type::of(TypeCategory::secret),
                Type::enumeration({"running", "stopped"}),
                Type::object("server"),
                Type::list_of(Type::object("server")),
                Type::list_of(Type::list_of(Type::of(TypeCategory::version)))};
    }
    Type type() { return types()[below(10)]; }

    Value value(const Type& type) {
        if (chance(12)) return Value::none();
        switch (type.category) {
            case Type::Category::boolean: return Value::boolean(chance(2));
            case Type::Category::integer: return Value::integer(static_cast<std::int64_t>(random_()));
            case Type::Category::duration: return Value::duration(static_cast<std::int64_t>(below(100000)) - 500);
            case Type::Category::version: return *parse_version(chance(2) ? "2402.0" : "7.15.45");
            case Type::Category::secret: return Value::secret("winrm");
            case Type::Category::enumeration: return Value::enumerator(type.names[below(2)]);
            case Type::Category::object: return Value::object(ObjectId(below(objects)));
            case Type::Category::list: {
                Value::List list;
                for (unsigned i = below(4); i > 0; --i) list.push_back(value(*type.element));
                return Value::list(std::move(list));
            }
            default: return Value::string(word());
        }
    }

    ExprPtr expr(unsigned depth) {
        if (depth == 0 || chance(4)) return chance(2) ? lit(value(type())) : variable(below(4), "v");
        const auto sub = [&] { return expr(depth - 1); };
        switch (below(10)) {
            case 0: return op(Op::logical_and, {sub(), sub(), sub()});
            case 1: return op(Op::equal, {sub(), sub()});
            case 2: return state_of(sub(), "stream");
            case 3: return op(Op::member, {op(Op::json, {})}, "file");
            case 4: return op(Op::concat, {sub(), sub()});
            case 5: return op(Op::list, {sub()});
            case 6: return std::make_shared<const Expr>(Expr{.op = Op::output, .name = "file", .step = "a.b"});
            case 7: return std::make_shared<const Expr>(Expr{.op = Op::done, .step = word()});
            case 8:
                return std::make_shared<const Expr>(
                    Expr{.op = Op::filter, .local = 9, .name = "s", .args = {sub(), sub()}});
            default: return op(Op::not_in, {sub(), sub()});
        }
    }

    void notify() {
        using When = Notify::When;
        const std::string secret = chance(2) ? "hook" : "";
        plan_.notify = {{.on = {When::waiting, When::done}, .command = {"page", word()}},
                        {.on = {When::failed},
                         .channel = Notify::Channel::webhook,
                         .url = secret.empty() ? "https://h/x" : "",
                         .url_secret = secret,
                         .format = static_cast<Notify::Format>(below(3)),
                         .ca = maybe("ca.pem")},
                        {.on = {When::doubt},
                         .channel = Notify::Channel::mail,
                         .url = "smtp://h",
                         .to = {"a@b", "c@d"},
                         .from = "e@f",
                         .user = maybe("u"),
                         .password_secret = maybe("p"),
                         .ca = maybe("ca.pem")}};
    }

    void requirement(Demand::Form form) {
        using DemandForm = Demand::Form;
        const auto maybe_expr = [&] { return chance(2) ? expr(2) : nullptr; };
        const auto events = [&] { return EventDemand{word(), "server", maybe_expr(), maybe_expr()}; };
        const auto quantifier = [&] { return chance(2) ? Demand::Quantifier::some : Demand::Quantifier::every; };
        Demand demand{.form = form, .left_quantifier = quantifier(), .right_quantifier = quantifier()};
        if (form == DemandForm::count || form == DemandForm::always) {
            demand.bound = static_cast<Demand::Bound>(below(3));
            demand.number = expr(2);
        }
        if (form != DemandForm::always && form != DemandForm::finally_) demand.left = events();
        if (form == DemandForm::before || form == DemandForm::then) demand.right = events();
        if (form == DemandForm::always || form == DemandForm::during || form == DemandForm::finally_)
            demand.state = StateDemand{"server", expr(3), maybe_expr(), word()};
        demand.per = maybe_expr();
        demand.same_object = chance(2);
        plan_.requirements.push_back({.name = word(), .require = word(), .waived_because = word(), .demand = demand});
    }

    void kinds() {
        Kind server{.name = "server", .plural = "servers", .source = place()};
        for (const auto& type : types())
            server.state.push_back({.name = "s" + std::to_string(server.state.size()), .type = type});
        server.attributes = {{"site", Type::of(Type::Category::string), Value::string("default")},
                             {"peer", Type::object("server"), std::nullopt}};
        server.observe = {.type = Body::Type::powershell, .text = "@{ a = 1 } | ConvertTo-Json\n"};
        plan_.kinds["server"] = server;
    }

    void actions() {
        for (const char* name : {"m.one", "m.two"}) {
            Action action{.name = name, .summary = maybe(word()), .on_kind = maybe("server")};
            for (const auto& type : types())
                action.parameters.push_back({"p" + std::to_string(action.parameters.size()), type});
            if (chance(2)) action.precondition = expr(3);
            action.does = {{"stop", variable(0, "on")}};
            action.sets = {{variable(0, "on"), "s1", expr(2)}};
            const Body bodies[] = {{.type = Body::Type::command, .arguments = {text("ls"), expr(2)}},
                                   {.type = Body::Type::wait, .until = expr(2), .every_ms = 10, .at_most_ms = 60000},
                                   {.type = Body::Type::manual, .arguments = {text("look")}},
                                   {}};
            action.run = bodies[below(4)];
            if (chance(2)) action.exit_codes = {0, 3010};
            action.outputs["file"] = expr(2);
            action.output_types["file"] = type();
            action.repeatable = chance(2);
            plan_.actions[name] = action;
        }
    }

    void object(unsigned i) {
        Object object{.id = "server/s" + std::to_string(i), .kind = "server", .name = "s" + std::to_string(i)};
        object.attributes["peer"] = Value::object(ObjectId(below(objects)));
        for (const Attribute& state : plan_.kinds["server"].state)
            if (chance(2)) object.state[state.name] = value(state.type);
        if (chance(2)) object.connect = {{"over", Value::string("winrm")}, {"password", Value::secret("p")}};
        plan_.objects.push_back(object);
    }

    Graph graph(unsigned size, unsigned depth) {
        Graph graph;
        for (unsigned i = 0; i < size; ++i) {
            Node node{.id = "n" + std::to_string(i), .source = place()};
            if (chance(4)) {
                node.type = Node::Type::approval;
                node.text = word();
                if (chance(2)) node.approvers = Approvers{.by = {"a", "CORP\\b"}, .is_not_by_starter = chance(2)};
            } else {
                node.action = chance(2) ? "m.one" : "m.two";
                for (const auto& parameter : plan_.actions[node.action].parameters)
                    node.with.push_back(chance(3) ? nullptr : chance(2) ? expr(2) : lit(value(parameter.type)));
                node.on = ObjectId(below(objects));
                node.does = {{"stop", node.on}};
                const Attribute& state = plan_.kinds["server"].state[below(10)];
                node.sets = {{node.on, state.name, chance(2) ? lit(value(state.type)) : expr(2)}};
                node.timeout_ms = below(2) * 1500;
                node.retry = {below(2), 0};
            }
            if (chance(2) && depth == 2) node.guard = GuardId(below(3));
            if (chance(3)) node.instance = InstanceId(below(2));
            if (depth > 0 && chance(2)) node.undo = {.type = Undo::Type::steps, .steps = this->graph(2, depth - 1)};
            if (chance(5)) node.undo = {.type = Undo::Type::impossible, .why = "gone"};
            graph.nodes.push_back(std::move(node));
        }
        for (unsigned to = 1; to < size; ++to)
            graph.edges.push_back({NodeId(below(to)), NodeId(to), static_cast<Edge::Because>(below(4)), place()});
        return graph;
    }

    std::mt19937 random_;
    Plan plan_;
};

}  // namespace

TEST_CASE("a compiled plan survives encoding and decoding") {
    for (unsigned seed = 0; seed < 200; ++seed) {
        Plan plan = Generator(seed).plan();
        seal(plan);
        const std::string text = encode(plan);
        const base::Result<Plan> back = decode(text);
        INFO("seed " << seed << (back.ok() ? "" : "\n" + back.error().text() + "\n" + text));
        REQUIRE(back.ok());
        REQUIRE(encode(*back) == text);
        CHECK(back->parameters == plan.parameters);
        REQUIRE(back->objects.size() == plan.objects.size());
        for (std::size_t i = 0; i < plan.objects.size(); ++i) {
            CHECK(back->objects[i].state == plan.objects[i].state);
            CHECK(back->objects[i].connect == plan.objects[i].connect);
        }
        CHECK(back->graph.nodes.size() == plan.graph.nodes.size());
        CHECK(back->graph.edges.size() == plan.graph.edges.size());
    }
}

TEST_CASE("a change of any byte of a compiled plan is reported, and nothing crashes") {
    Plan plan = Generator(3).plan();
    seal(plan);
    const std::string text = encode(plan);
    std::mt19937 random(1);
    for (int i = 0; i < 3000; ++i) {
        std::string changed = text;
        const std::size_t at = random() % changed.size();
        switch (random() % 3) {
            case 0: changed[at] = static_cast<char>(random() % 128); break;
            case 1: changed.erase(at, 1 + random() % 20); break;
            default: changed.insert(at, text.substr(random() % text.size(), random() % 30));
        }
        if (changed != text) CHECK_FALSE(decode(changed).ok());
    }
    for (std::size_t length = 0; length < text.size(); length += 97) CHECK_FALSE(decode(text.substr(0, length)).ok());
}

TEST_CASE("the digest covers what will happen, the checksum every byte") {
    Plan plan = Generator(7).plan();
    seal(plan);
    const auto sealed = [&](const auto& change) {
        Plan other = plan;
        change(other);
        seal(other);
        CHECK(other.checksum != plan.checksum);
        REQUIRE(decode(encode(other)).ok());
        return other.digest;
    };
    CHECK(sealed([](Plan& p) { p.inputs["plans/x.yaml"] = std::string(64, 'a'); }) == plan.digest);
    CHECK(sealed([](Plan& p) { p.summary += " in short"; }) == plan.digest);
    CHECK(sealed([](Plan& p) { p.graph.nodes[0].source = {"moved.yaml", 77, 3}; }) == plan.digest);
    CHECK(sealed([](Plan& p) { p.graph.nodes[0].summary += "!"; }) == plan.digest);
    CHECK(sealed([](Plan& p) { p.graph.nodes[0].text += "!"; }) != plan.digest);
    CHECK(sealed([](Plan& p) { p.graph.nodes[0].timeout_ms += 1; }) != plan.digest);
    CHECK(sealed([](Plan& p) { p.objects[0].connect["user"] = Value::string("somebody else"); }) != plan.digest);
    CHECK(sealed([](Plan& p) { p.graph.nodes[0].id += "-renamed"; }) != plan.digest);
    CHECK(sealed([](Plan& p) { p.requirements.push_back({.name = "n", .require = "r"}); }) != plan.digest);
    Plan forged = plan;  // a checksum that is right does not make a digest right
    forged.digest[8] = forged.digest[8] == '0' ? '1' : '0';
    forged.checksum = checksum_of(encode_without_checksum(forged));
    CHECK_FALSE(decode(encode(forged)).ok());
}

TEST_CASE("a fault in a compiled plan is reported with its place") {
    Plan plan = Generator(5).plan();
    plan.name = "upgrade";
    seal(plan);
    const std::string text = encode(plan);
    const auto says = [](const std::string& t) { return decode(t).error().text(); };
    const auto with = [&](std::string from, const std::string& to) {
        std::string changed = text;
        changed.replace(changed.find(from), from.size(), to);
        return changed;
    };
    CHECK(says("hello") == "this is not a compiled plan: byte 0: expected `{`, found `h`");
    CHECK_THAT(says(with("upgrade", "Upgrade")), Catch::Contains("was changed after it was written"));
    CHECK_THAT(says(with("compiled/1", "compiled/2")), Catch::Contains("`pvsplan.compiled/2` is not known"));
    CHECK_THAT(says(with("\"plan\"", "\"name\"")), Catch::Contains("expected the field `plan`, found `name`"));
    CHECK_THAT(says(with("\"farm\": ", "\"farm\":")), Catch::Contains("is not what the compiler writes there"));
    CHECK_THAT(says(std::string(100000, '[')), Catch::Contains("byte 0"));
    const std::string deep = with(
        "\"guards\": [\n  {", "\"guards\": [\n  {\"step\": \"x\", \"condition\": " + [] {
            std::string s;
            for (int i = 0; i < 100000; ++i) s += "[\"not\", ";
            return s;
        }());
    CHECK_THAT(says(deep), Catch::Contains("nested too deeply"));
}

// With its digest and checksum right: what shows a plan would leave such an edge out, and call steps unordered.
TEST_CASE("edges stand by the nodes that they lead to, whoever has written them") {
    Plan plan;
    plan.name = "p";
    for (const char* const id : {"a", "b", "c"}) plan.graph.nodes.push_back({.id = id, .type = Node::Type::approval});
    plan.graph.edges = {{NodeId(0), NodeId(1)}, {NodeId(0), NodeId(2)}, {NodeId(1), NodeId(2)}};
    seal(plan);
    REQUIRE(decode(encode(plan)).ok());
    std::swap(plan.graph.edges[0], plan.graph.edges[2]);
    // seal() would put them in order again.
    plan.digest = digest_of(plan);
    plan.checksum = checksum_of(encode_without_checksum(plan));
    const base::Result<Plan> turned = decode(encode(plan));
    REQUIRE_FALSE(turned.ok());
    CHECK(turned.error().text().find("do not stand by the nodes") != std::string::npos);
}

TEST_CASE("values are read by their type") {
    Plan plan;
    plan.objects = {{.id = "server/a", .kind = "server", .name = "a"}};
    const auto read = [&](const char* json, const Type& type) { return decode_value(json, type, plan); };
    const PlanNames names(plan);
    const Type stream = Type::enumeration({"running", "stopped"});
    CHECK(*read("\"stopped\"", stream) == Value::enumerator("stopped"));
    CHECK_THAT(read("\"gone\"", stream).error().text(), Catch::Contains("not of type [running, stopped]"));
    CHECK(*read("2402", Type::of(Type::Category::version)) == *parse_version("2402"));
    CHECK(*read("7.15", Type::of(Type::Category::version)) == *parse_version("7.15"));
    CHECK(*read("\"server/a\"", Type::object("server")) == Value::object(ObjectId(0)));
    CHECK(read("null", stream)->is_none());
    CHECK_FALSE(read("true", stream).ok());
    CHECK_FALSE(read("1 2", Type::of(Type::Category::integer)).ok());
    CHECK(encode_value(Value::list({*parse_version("2402"), Value::object(ObjectId(0))}), names) ==
          "[\"2402\", \"server/a\"]");
}

}  // namespace pvsplan::program::testing

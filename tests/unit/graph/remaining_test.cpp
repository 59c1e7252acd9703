// What is left of a plan of which a part has run: random plans and courses of them, against what the header promises,
// worked out here by itself.
#include "compiler/graph/remaining.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <random>
#include <set>

#include "tests/unit/program/test_environment.hpp"

namespace pvsplan::graph::test {
namespace {

using namespace program;
using program::testing::TestEnvironment;
using NodeProgress = Progress::NodeProgress;

struct PartialRun {
    Plan plan;
    Progress progress;
};

class Drawing {
  public:
    explicit Drawing(std::uint32_t seed) : random_(seed) {}

    PartialRun partial_run() {
        add_farm();
        const std::size_t size = 2 + below(5);
        for (std::size_t i = 0; i < size; ++i) {
            add_node(i);
            for (std::size_t before = 0; before < i; ++before)
                if (chance(35)) of_.plan.graph.edges.push_back({.from = NodeId(before), .to = NodeId(i)});
            add_progress(i);
        }
        for (std::size_t g = 0; g < of_.plan.guards.size(); ++g) of_.progress.guard_holds.push_back(chance(40));
        return std::move(of_);
    }

  private:
    std::uint32_t below(std::uint32_t end) { return static_cast<std::uint32_t>(random_() % end); }
    bool chance(std::uint32_t percent) { return below(100) < percent; }

    void add_farm() {
        const Attribute stream{"stream", Type::enumeration({"running", "stopped"}), {}};
        const Attribute level{"level", Type::of(Type::Category::boolean), {}};
        Plan& plan = of_.plan;
        plan.kinds["server"] = {.name = "server", .plural = "servers", .state = {stream, level}};
        plan.kinds["box"] = {.name = "box", .plural = "boxes", .state = {level}};
        for (const char* name : {"server/a", "box/c", "server/b"}) {
            Object object{.id = name, .kind = std::string(name).substr(0, std::string(name).find('/')), .name = name};
            if (object.kind == "server" && chance(70)) object.state["stream"] = Value::enumerator("running");
            if (chance(30)) object.state["level"] = chance(50) ? Value::boolean(true) : Value::none();
            object.attributes["port"] = Value::integer(5);
            plan.objects.push_back(std::move(object));
        }
        plan.actions["stop"] = {.name = "stop", .precondition = Expr::literal(Value::boolean(true))};
        plan.actions["note"] = {.name = "note"};
        plan.instances = {{.path = "all[0]", .loop = "all", .max_failures = 2},
                          {.path = "all[1]", .loop = "all", .max_failures = 2},
                          {.path = "all[0].in[0]", .loop = "in", .max_failures = 1, .parent = InstanceId(0)},
                          {.path = "few[0]", .loop = "few", .max_failures = 0}};
        // One question twice, the second time the other way round; one of a state, at two moments; and one that
        // excludes the first.
        const auto output_is = [](std::int64_t n) {
            return testing::op(Expr::Op::equal, {testing::variable(7, "x"), testing::num(n)});
        };
        const ExprPtr output = output_is(1);
        const ExprPtr state = testing::state_of(testing::object(0), "level");
        plan.guards = {{.step = "g0", .condition = output},
                       {.step = "g1", .condition = state, .parent = GuardId(0)},
                       {.step = "g2", .condition = testing::op(Expr::Op::logical_not, {output}), .parent = GuardId(1)},
                       {.step = "g3", .condition = state},
                       {.step = "g4", .condition = output_is(2)}};
    }
    void add_node(std::size_t i) {
        Node node{.id = "n" + std::to_string(i)};
        node.type = chance(20) ? Node::Type::join : chance(20) ? Node::Type::approval : Node::Type::action;
        node.action = chance(50) ? "stop" : "note";
        if (chance(80)) node.on = ObjectId(below(3));
        if (chance(50)) node.does = {{chance(50) ? "stop" : "start", ObjectId(below(3))}};
        if (chance(30)) node.does.push_back({"verify", ObjectId(below(3))});
        if (chance(50)) node.sets = {{ObjectId(below(3)), "level", testing::boolean(chance(50))}};
        if (chance(20)) node.sets.push_back({ObjectId(0), "stream", Expr::literal(Value::enumerator("stopped"))});
        if (chance(30)) node.with = {testing::num(3), nullptr};
        if (chance(60)) node.guard = GuardId(below(5));
        if (chance(60)) node.instance = InstanceId(below(4));
        of_.plan.graph.nodes.push_back(std::move(node));
    }
    void add_progress(std::size_t i) {
        Progress& progress = of_.progress;
        const auto is = static_cast<NodeProgress>(below(6));
        const bool is_abandoned = is >= NodeProgress::last;
        progress.nodes.push_back(is);
        Progress::Recorded recorded;
        if (chance(70)) recorded.began = 1 + below(8);
        if (chance(70)) recorded.over = std::max<std::uint64_t>(recorded.began, 1) + below(4);
        progress.recorded.push_back(recorded);
        progress.abandoned.push_back(is_abandoned ? InstanceId(below(3)) : InstanceId());
        if (is == NodeProgress::remaining && chance(20)) progress.may_have_happened.emplace_back(i);
    }

    std::mt19937 random_;
    PartialRun of_;
};

// What the header promises.
class Promise {
  public:
    explicit Promise(const PartialRun& partial_run) : plan_(partial_run.plan), progress_(partial_run.progress) {}

    [[nodiscard]] bool happens(std::size_t i) const {
        return plan_.graph.nodes[i].type != Node::Type::join && progress_.nodes[i] != NodeProgress::skipped;
    }
    // A join, or what is skipped, is over where all before it is, or where something after it is.
    [[nodiscard]] bool is_over(std::size_t i) const {
        if (is_over_by_itself(i)) return true;
        for (const Edge& edge : plan_.graph.edges)
            if (!happens(i) && edge.from.index() == i && is_over(edge.to.index())) return true;
        return false;
    }
    // Behind all else.
    [[nodiscard]] bool is_last(std::size_t i) const {
        return progress_.nodes[i] == NodeProgress::last || progress_.nodes[i] == NodeProgress::left_out;
    }
    [[nodiscard]] GuardIndex open_guard(GuardId guard) const {
        while (guard && progress_.guard_holds[guard.index()]) guard = plan_.guards[guard.index()].parent;
        return guard ? guard.value : no_guard;
    }
    // Of all names that stand in the order, those that come before each.
    [[nodiscard]] std::map<std::string, std::set<std::string>> before() const {
        struct Past {
            std::string name;
            std::uint64_t began;
            std::uint64_t over;  // 0: no record says when
        };
        std::vector<Past> past;
        std::vector<std::size_t> left, last, left_out;
        for (std::size_t i = 0; i < plan_.graph.nodes.size(); ++i) {
            const Progress::Recorded& at = progress_.recorded[i];
            if (is_over(i))
                past.push_back({plan_.graph.nodes[i].id, at.began != 0 ? at.began : at.over, at.over});
            else
                (is_left_out(i) ? left_out : is_last(i) ? last : left).push_back(i);
        }
        for (const NodeId node : progress_.may_have_happened)
            past.push_back(
                {plan_.graph.nodes[node.index()].id + " (before)", progress_.recorded[node.index()].began, 0});
        std::map<std::string, std::set<std::string>> table;
        std::set<std::string> all;
        for (const Past& one : past)
            for (const Past& other : past)
                if (other.over != 0 && other.over < one.began) table[one.name].insert(other.name);
        for (const Past& one : past) all.insert(one.name);
        table["now"] = all;
        all.insert("now");
        add_rest(left, all, table,
                 [this](std::size_t a, std::size_t) { return progress_.nodes[a] != NodeProgress::unseen; });
        for (const std::size_t i : left) all.insert(plan_.graph.nodes[i].id);
        table["all else"] = all;
        all.insert("all else");
        add_rest(last, all, table,
                 [this](std::size_t a, std::size_t b) { return progress_.abandoned[a] == progress_.abandoned[b]; });
        for (const std::size_t i : last) all.insert(plan_.graph.nodes[i].id);
        for (const std::size_t i : left_out) {
            table[plan_.graph.nodes[i].id] = all;
            all.insert(plan_.graph.nodes[i].id);
        }
        return table;
    }

  private:
    [[nodiscard]] bool is_left_out(std::size_t i) const { return progress_.nodes[i] == NodeProgress::left_out; }
    [[nodiscard]] bool is_over_by_itself(std::size_t i) const {
        if (happens(i)) return progress_.nodes[i] == NodeProgress::over;
        for (const Edge& edge : plan_.graph.edges)
            if (edge.to.index() == i && !is_over_by_itself(edge.from.index())) return false;
        return true;
    }
    template <class Counts>
    void add_rest(const std::vector<std::size_t>& nodes, const std::set<std::string>& all,
                  std::map<std::string, std::set<std::string>>& table, const Counts& counts) const {
        for (const std::size_t i : nodes) {
            std::set<std::string>& mine = table[plan_.graph.nodes[i].id];
            mine = all;
            for (const std::size_t before : nodes)
                for (const Edge& edge : plan_.graph.edges)
                    if (edge.from.index() == before && edge.to.index() == i && counts(before, i)) {
                        const std::string& name = plan_.graph.nodes[before].id;
                        mine.insert(name);
                        mine.insert(table[name].begin(), table[name].end());
                    }
        }
    }
    const Plan& plan_;
    const Progress& progress_;
};

std::map<std::string, std::set<std::string>> before_of(const Facts& facts, const std::vector<std::string>& names) {
    std::vector<std::set<std::string>> before(facts.size());
    std::map<std::string, std::set<std::string>> table;
    for (Index i = 0; i < facts.size(); ++i) {
        for (const Index from : facts.predecessors[i]) {
            before[i].insert(before[from].begin(), before[from].end());
            if (!names[from].empty()) before[i].insert(names[from]);
        }
        if (!names[i].empty() && !before[i].empty()) table[names[i]] = before[i];
    }
    return table;
}

// A stand by its name; records have none.
std::vector<std::string> names_of(const Facts& facts) {
    std::vector<std::string> names;
    Index now = no_index;
    for (Index i = 0; i < facts.size(); ++i) {
        names.push_back(facts.path(i));
        if (names.back() != "now") continue;
        if (now != no_index) names[now].clear();
        now = i;
    }
    return names;
}

}  // namespace

TEST_CASE(
    "remaining: what is over stands in the order of its records, all else behind it, what was abandoned last, "
    "and nothing waits for what nobody sees") {
    const TestEnvironment known;
    for (std::uint32_t seed = 1; seed <= 1200; ++seed) {
        const PartialRun partial_run = Drawing(seed).partial_run();
        const Facts facts = facts_of_remaining(partial_run.plan, partial_run.progress, Past::counts, known);
        std::map<std::string, std::set<std::string>> expected = Promise(partial_run).before();
        std::erase_if(expected, [](const auto& row) { return row.second.empty(); });
        INFO("seed " << seed);
        REQUIRE(before_of(facts, names_of(facts)) == expected);
        for (Index i = 0; i < facts.size(); ++i)  // each edge is there from both sides
            for (const Index next : facts.successors[i]) {
                const auto from = facts.predecessors[next];
                REQUIRE(std::find(from.begin(), from.end(), i) != from.end());
            }
        REQUIRE(facts.successors.items.size() == facts.predecessors.items.size());
    }
}

TEST_CASE("remaining: each node does what is left of it to do") {
    const TestEnvironment known;
    for (std::uint32_t seed = 1; seed <= 700; ++seed)
        for (const Past past : {Past::counts, Past::is_forgotten}) {
            const PartialRun partial_run = Drawing(seed).partial_run();
            const Plan& plan = partial_run.plan;
            const Promise promise(partial_run);
            const Facts facts = facts_of_remaining(plan, partial_run.progress, past, known);
            const std::vector<std::string> names = names_of(facts);
            std::set<Index> requires_;
            for (Index at = 0; at < facts.size(); ++at)
                if (facts.requires_of(at)) requires_.insert(at);
            std::size_t wrong = 0;
            for (Index at = 0; at < facts.size(); ++at) {
                const bool is_earlier = names[at].ends_with(" (before)");
                const bool is_node = names[at].starts_with("n") && names[at] != "now";
                const std::size_t i = is_node ? static_cast<std::size_t>(names[at][1] - '0') : 0;
                const Node* node = is_node ? &plan.graph.nodes[i] : nullptr;
                const bool is_over = is_earlier || (is_node && promise.is_over(i));
                const bool acts = is_node && promise.happens(i) && !is_over;
                const bool counts = is_node && promise.happens(i) && (!is_over || past == Past::counts);
                wrong += facts.guard[at] == (acts ? promise.open_guard(node->guard) : no_guard) ? 0 : 1;
                const bool may_fail = acts && !promise.is_last(i) && node->instance;
                wrong += facts.instance[at] == (may_fail ? node->instance.value : no_index) ? 0 : 1;
                wrong += facts.is_action[at] == (acts && node->type == Node::Type::action) ? 0 : 1;
                wrong += facts.on[at] == (is_node ? node->on : ObjectId()) ? 0 : 1;
                wrong += requires_.contains(at) == (acts && node->action == "stop") ? 0 : 1;
                const auto events = facts.events[at];
                wrong += events.size() == (counts ? node->does.size() : 0) ? 0 : 1;
                for (std::size_t e = 0; e < events.size(); ++e)
                    wrong +=
                        facts.verbs[events[e].verb] == node->does[e].verb && events[e].object == node->does[e].object
                            ? 0
                            : 1;
                const auto sets = facts.sets[at];
                std::vector<std::string> wanted;
                for (const Setting& set : acts ? node->sets : std::vector<Setting>())
                    if (set.attribute == "level" || plan.objects[set.object.index()].kind == "server")
                        wanted.push_back(plan.objects[set.object.index()].id + "." + set.attribute + " " +
                                         to_text(set.value->value, known));
                std::vector<std::string> found;
                for (const SetFact& set : sets)
                    found.push_back(facts.object_name(facts.variable_object[set.variable]) + "." +
                                    facts.state_names[facts.variable_attribute[set.variable]] + " " +
                                    to_text(facts.values[set.value], known));
                wrong += found == wanted ? 0 : 1;
                const auto frame = facts.frames[facts.frame[at]];
                wrong += frame.size() == (acts ? node->with.size() : 0) ? 0 : 1;
                if (frame.size() == 2) wrong += frame[0] == Value::integer(3) && frame[1].is_none() ? 0 : 1;
            }
            INFO("seed " << seed);
            REQUIRE(wrong == 0);
        }
}

TEST_CASE("remaining: conditions, loops and objects are those of the plan, less what is decided and used up") {
    const TestEnvironment known;
    for (std::uint32_t seed = 1; seed <= 300; ++seed) {
        const PartialRun partial_run = Drawing(seed).partial_run();
        const Plan& plan = partial_run.plan;
        const Facts facts = facts_of_remaining(plan, partial_run.progress, Past::counts, known);
        INFO("seed " << seed);
        REQUIRE(facts.guards.size() == 5);
        CHECK(facts.guard_variables == 4);
        CHECK((facts.guards[0].variable == facts.guards[2].variable && facts.guards[0].value != facts.guards[2].value));
        CHECK(facts.guards[1].variable != facts.guards[3].variable);  // a state may differ between them
        for (std::size_t g = 0; g < 5; ++g)
            CHECK(facts.guards[g].parent == Promise(partial_run).open_guard(plan.guards[g].parent));
        const std::vector<bool>& holds = partial_run.progress.guard_holds;
        const GuardValues second = {{facts.guards[4].variable, true}};
        if (!holds[2] && !holds[4]) CHECK(facts.guard_domain.can_be(second) == !holds[0]);
        if (!holds[0] && !holds[4]) CHECK(facts.guard_domain.can_be(second));
        std::set<InstanceId> used;
        for (std::size_t i = 0; i < plan.graph.nodes.size(); ++i)
            if (const InstanceId one = partial_run.progress.abandoned[i]) used.insert(one);
        REQUIRE(facts.loops.size() == 3);
        const auto is_used = [&](std::uint32_t i) -> std::uint32_t { return used.contains(InstanceId(i)) ? 1 : 0; };
        CHECK(facts.loops[0].max_failures == 2 - is_used(0) - is_used(1));
        CHECK(facts.loops[1].max_failures == 1 - is_used(2));
        CHECK(facts.loops[2].max_failures == 0);
        for (std::uint32_t i = 0; i < 4; ++i) {
            CHECK(facts.loops[facts.instances[i].loop].path == plan.instances[i].loop);
            CHECK(facts.instances[i].parent == (i == 2 ? 0 : no_index));
        }
        CHECK((facts.objects_of("server").size() == 2 && facts.objects_of("box").size() == 1));
        CHECK((facts.objects_of("server")[1] == ObjectId(2) && facts.objects_of("box")[0] == ObjectId(1)));
        REQUIRE(facts.initial.size() == 5);
        for (StateVariable variable = 0; variable < 5; ++variable) {
            const Object& object = plan.objects[facts.variable_object[variable].index()];
            const std::string& name = facts.state_names[facts.variable_attribute[variable]];
            const auto said = object.state.find(name);
            const Value& initial = facts.values[facts.initial[variable]];
            if (said != object.state.end() && !said->second.is_none()) {
                CHECK(initial == said->second);
                continue;
            }
            REQUIRE(initial.is_unknown());
            CHECK(facts.unknown_text(*initial.as_unknown()) == "the state `" + name + "` of `" + object.id + "`");
        }
        CHECK(facts.unknown_text({Value::Unknown::Type::expression, 3}) == "what a step puts out");
        CHECK(facts.attribute(ObjectId(1), "name") == Value::string("box/c"));
        CHECK(facts.attribute(ObjectId(1), "port") == Value::integer(5));
        CHECK(facts.attribute(ObjectId(1), "other").is_none());
    }
}

}  // namespace pvsplan::graph::test

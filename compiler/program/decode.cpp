#include <algorithm>
#include <optional>

#include "compiler/program/codec.hpp"
#include "compiler/program/codec_definitions.hpp"
#include "compiler/program/codec_names.hpp"
#include "compiler/program/codec_people.hpp"
#include "compiler/program/codec_requirement.hpp"
#include "compiler/program/codec_window.hpp"
#include "compiler/program/max_wait.hpp"
#include "compiler/program/member_reader.hpp"

namespace pvsplan::program {
namespace {

using Next = JsonReader::Next;

// Objects may be named before they are described: their ids are collected first.
ObjectsById objects_in(std::string_view text) {
    ObjectsById objects;
    JsonReader ahead(text);
    ahead.open_object();
    while (const std::optional<std::string> member = ahead.any_field()) {
        if (*member != "objects") {
            ahead.skip();
            continue;
        }
        ahead.open_array();
        while (ahead.more()) {
            JsonReader inside = ahead;
            inside.open_object();
            inside.field("id");
            const std::string id = inside.string();
            if (inside.ok()) objects.emplace(id, ObjectId(objects.size()));
            ahead.skip();
        }
    }
    return objects;
}

// Reads in exactly the order in which encode() writes. What fits the shape but not the bytes (white space, a default
// that is written out) is found by decode(), which writes the plan again and compares.
class Decoder : ExpressionReader {
  public:
    using ExpressionReader::ExpressionReader;

    base::Result<Plan> plan() && {
        in_.open_object();
        in_.field("format");
        if (const std::string format = in_.string(); in_.ok() && format != "pvsplan.compiled/1")
            in_.fail("the format `" + format + "` is not known; this program reads `pvsplan.compiled/1`");
        string("plan", plan_.name);
        string("digest", plan_.digest);
        string("checksum", plan_.checksum);
        head();
        each("kinds", [&] { add(plan_.kinds, read_kind(in_, objects_)); });
        each("actions", [&] { add(plan_.actions, read_action(in_, objects_)); });
        each("objects", [&] { object(); });
        if (in_.maybe("guards")) elements([&] { plan_.guards.push_back(guard(plan_.guards.size())); });
        if (in_.maybe("instances")) elements([&] { instance(); });
        if (in_.maybe("windows")) elements([&] { plan_.windows.push_back(read_window(in_, plan_.windows.size())); });
        if (in_.maybe("left_out")) elements([&] { left_out(); });
        plan_nodes_ = graph(plan_.graph, 0, plan_.guards.size());
        if (in_.maybe("recoveries")) elements([&] { recovery(); });
        if (in_.maybe("requirements")) elements([&] { plan_.requirements.push_back(read_requirement(in_, objects_)); });
        in_.close_object();
        in_.end_of_text();
        if (!in_.ok()) return in_.error();
        return std::move(plan_);
    }

  private:
    // The first of two with one name is kept. decode() then finds that the plan written again lacks the other.
    template <class Definition>
    static void add(std::map<std::string, Definition>& into, Definition definition) {
        const std::string name = definition.name;
        into.emplace(name, std::move(definition));
    }

    // Types of parameters come before their values, which are read by them.
    void head() {
        string_if("summary", plan_.summary);
        string("farm", plan_.farm);
        flag_if("protected", plan_.is_protected);
        string_if("store", plan_.store);
        if (in_.maybe("on_failure")) plan_.on_failure = word(on_failure_words);
        if (in_.maybe("approvers")) strings(plan_.approvers);
        if (in_.maybe("notify")) elements([&] { plan_.notify.push_back(read_notify(in_)); });
        if (in_.maybe("secrets")) members([&](const std::string& name) { strings(plan_.secrets[name]); });
        in_.field("parameter_types");
        members([&](const std::string& name) { plan_.parameter_types[name] = read_type(in_); });
        in_.field("parameters");
        members([&](const std::string& name) {
            const auto type = plan_.parameter_types.find(name);
            plan_.parameters[name] =
                read_value(in_, type == plan_.parameter_types.end() ? nullptr : &type->second, objects_);
        });
        each("inputs", [&] {
            std::string file;
            in_.open_object();
            string("file", file);
            string("sha256", plan_.inputs[file]);
            in_.close_object();
        });
    }

    // Where the kind declares no such attribute the value has to carry its own type.
    void values(std::map<std::string, Value>& into, const std::vector<Attribute>* declared) {
        members([&](const std::string& name) {
            into[name] = read_value(in_, declared ? type_of(*declared, name) : nullptr, objects_);
        });
    }

    // Ids were collected before, in this same order; one that is there twice does not have the number that it should
    // have.
    void object() {
        Object object;
        in_.open_object();
        string("id", object.id);
        in_.field("kind");
        const std::size_t where = in_.offset();
        object.kind = in_.string();
        string("name", object.name);
        const auto kind = plan_.kinds.find(object.kind);
        if (kind == plan_.kinds.end()) return in_.fail_at(where, "there is no kind `" + object.kind + "`");
        in_.field("attributes");
        values(object.attributes, &kind->second.attributes);
        in_.field("state");
        values(object.state, &kind->second.state);
        if (in_.maybe("connect")) values(object.connect, nullptr);
        place_if(object.source);
        in_.close_object();
        const auto known = objects_.find(object.id);
        if (known == objects_.end() || known->second.index() != plan_.objects.size())
            return in_.fail_at(where, "the object `" + object.id + "` is there twice");
        plan_.objects.push_back(std::move(object));
    }

    // A parent stands before its guard, so guards have no cycle.
    Guard guard(std::size_t number) {
        Guard guard;
        in_.open_object();
        string("step", guard.step);
        expression_if("condition", guard.condition);
        if (in_.maybe("parent")) guard.parent = index<GuardId>(number, "earlier guard");
        place_if(guard.source);
        in_.close_object();
        return guard;
    }

    // Steps that were done already before the run.
    void left_out() {
        LeftOut step;
        in_.open_object();
        string("step", step.step);
        string("why", step.why);
        in_.close_object();
        plan_.left_out.push_back(std::move(step));
    }

    // A parent stands before its iterations, as with guards.
    void instance() {
        Instance instance;
        in_.open_object();
        string("path", instance.path);
        string("loop", instance.loop);
        in_.field("max_failures");
        instance.max_failures = in_.natural();
        if (in_.maybe("parent")) instance.parent = index<InstanceId>(plan_.instances.size(), "earlier instance");
        in_.close_object();
        plan_.instances.push_back(std::move(instance));
    }

    // Passed by name and stored by number; a parameter that is not there stays null, and has its default.
    void with(Node& node, const Action* action) {
        if (action) node.with.resize(action->parameters.size());
        if (!in_.maybe("with")) return;
        members([&](const std::string& name) {
            for (std::size_t i = 0; action && i < action->parameters.size(); ++i)
                if (action->parameters[i].name == name) {
                    node.with[i] = expression(&action->parameters[i].type);
                    return;
                }
            in_.fail("`" + node.action + "` has no parameter `" + name + "`");
        });
    }

    // Null for approvals and joins, which run none.
    const Action* action_of(Node& node) {
        in_.field("action");
        if (in_.peek() == Next::null) {
            in_.null();
            return nullptr;
        }
        const std::size_t where = in_.offset();
        node.action = in_.string();
        const auto found = plan_.actions.find(node.action);
        if (found == plan_.actions.end()) in_.fail_at(where, "there is no action `" + node.action + "`");
        return found == plan_.actions.end() ? nullptr : &found->second;
    }

    // Every index is held against what was read by then, so that no reference leads out of a table.
    Node node(std::size_t guards, unsigned depth) {
        Node node;
        in_.open_object();
        string("id", node.id);
        in_.field("type");
        node.type = word(node_words);
        const Action* action = action_of(node);
        if (in_.ok() && (node.type == Node::Type::action) != (action != nullptr))
            in_.fail("a node has an action exactly if its type is `action`");
        node.on = object_or_null("on");
        in_.field("guard");
        if (in_.peek() == Next::null) {
            in_.null();
        } else {
            node.guard = index<GuardId>(guards, "guard");
        }
        with(node, action);
        each("does", [&] {
            Event& event = node.does.emplace_back();
            in_.open_object();
            string("event", event.verb);
            event.object = object_or_null("object");
            in_.close_object();
        });
        each("sets", [&] { node.sets.push_back(setting()); });
        string_if("text", node.text);
        if (Approvers approvers = read_approvers(in_); approvers != Approvers{}) node.approvers = std::move(approvers);
        string_if("summary", node.summary);
        duration_if("timeout", node.timeout_ms);
        if (in_.maybe("at_timeout")) node.at_timeout = word(at_timeout_words);
        if (in_.maybe("retry")) {
            in_.open_object();
            in_.field("times");
            node.retry.times = in_.natural();
            if (node.retry.times > max_retries) in_.fail("it is tried again too often");
            duration_if("delay", node.retry.delay_ms);
            in_.close_object();
        }
        if (in_.maybe("on_failure")) node.on_failure = word(on_failure_words);
        if (in_.maybe("instance")) node.instance = index<InstanceId>(plan_.instances.size(), "instance");
        if (in_.maybe("window")) node.window = index<WindowId>(plan_.windows.size(), "window");
        undo(node.undo, depth);
        place_if(node.source);
        in_.close_object();
        return node;
    }

    // The type comes from the kind of the object, so the object is read first.
    Setting setting() {
        Setting setting;
        in_.open_object();
        in_.field("object");
        setting.object = object_id();
        string("attribute", setting.attribute);
        in_.field("value");
        const Type* type = nullptr;
        if (in_.ok() && setting.object.index() < plan_.objects.size()) {
            const auto kind = plan_.kinds.find(plan_.objects[setting.object.index()].kind);
            type = type_of(kind->second.state, setting.attribute);
        }
        if (!type) in_.fail("`" + setting.attribute + "` is not a state of that object");
        setting.value = expression(type);
        in_.close_object();
        return setting;
    }

    // Without the member the undo is `nothing` without a reason: there is nothing to undo.
    void undo(Undo& undo, unsigned depth) {
        if (!in_.maybe("undo")) return;
        in_.open_object();
        if (in_.maybe("nothing")) {
            undo.why = in_.string();
        } else if (in_.maybe("impossible")) {
            undo.type = Undo::Type::impossible;
            undo.why = in_.string();
        } else {
            undo.type = Undo::Type::steps;
            if (in_.maybe("guards")) elements([&] { undo.guards.push_back(guard(undo.guards.size())); });
            graph(undo.steps, depth + 1, undo.guards.size());
        }
        in_.close_object();
    }

    // Edges lead forward, so that a plan that was read has no cycle, whoever wrote it.
    NodesById graph(Graph& graph, unsigned depth, std::size_t guards) {
        if (depth > max_encoded_depth) in_.fail("the steps are nested too deeply");
        each("nodes", [&] { graph.nodes.push_back(node(guards, depth)); });
        NodesById nodes;
        nodes.reserve(graph.nodes.size());
        // Edges name nodes by their ids, so all nodes are there before the first edge.
        for (const Node& node : graph.nodes)
            if (!nodes.emplace(node.id, NodeId(nodes.size())).second)
                in_.fail("the node `" + node.id + "` is there twice");
        NodeId before;  // to which the edge before leads; whoever reads a graph goes through its edges with its nodes
        each("edges", [&] {
            Edge& edge = graph.edges.emplace_back();
            in_.open_object();
            in_.field("from");
            edge.from = node_id(nodes);
            in_.field("to");
            edge.to = node_id(nodes);
            in_.field("because");
            edge.because = word(because_words);
            place_if(edge.source);
            in_.close_object();
            if (in_.ok() && !(edge.from < edge.to)) in_.fail("an edge leads back in the order of the nodes");
            if (in_.ok() && before && edge.to < before)
                in_.fail("the edges do not stand by the nodes that they lead to");
            before = edge.to;
        });
        return nodes;
    }

    // Read after the nodes of the plan, which it names.
    void recovery() {
        RecoverSteps recovery;
        in_.open_object();
        string("group", recovery.group);
        each("covers", [&] { recovery.covers.push_back(node_id(plan_nodes_)); });
        if (!std::is_sorted(recovery.covers.begin(), recovery.covers.end())) in_.fail("`covers` is not in order");
        if (in_.maybe("guards")) elements([&] { recovery.guards.push_back(guard(recovery.guards.size())); });
        graph(recovery.steps, 0, recovery.guards.size());
        place_if(recovery.source);
        in_.close_object();
        plan_.recoveries.push_back(std::move(recovery));
    }

    Plan plan_;
    NodesById plan_nodes_;
};

}  // namespace

namespace {

// Whether `text` is `empty` with `checksum` put where its checksum is empty; else where they part.
std::optional<std::size_t> differs_at(std::string_view text, std::string_view empty, std::string_view checksum) {
    static constexpr std::string_view member = "\"checksum\": \"";
    const std::size_t head = empty.find(member) + member.size();
    std::size_t at = 0;
    // In three parts, so that a plan of gigabytes is not copied once more.
    for (const std::string_view part : {empty.substr(0, head), checksum, empty.substr(head)}) {
        const std::string_view found = text.substr(std::min(at, text.size()), part.size());
        if (found != part)
            return at + static_cast<std::size_t>(
                            std::mismatch(part.begin(), part.end(), found.begin(), found.end()).first - part.begin());
        at += part.size();
    }
    return at == text.size() ? std::nullopt : std::optional(at);
}

}  // namespace

// Written again and compared: what the shape lets pass, a space or a default that is written out, is still refused. The
// checksum comes before the digest, since it says more.
base::Result<Plan> decode(std::string_view text) {
    JsonReader in(text);
    const ObjectsById objects = objects_in(text);
    base::Result<Plan> plan = Decoder(in, objects).plan();
    if (!plan) return std::move(plan).error().because_of("this is not a compiled plan");
    const std::string empty = encode_without_checksum(*plan);
    if (const auto place = differs_at(text, empty, plan->checksum))
        return base::Error{"this is not a compiled plan as it was written",
                           {"byte " + std::to_string(*place) + " is not what the compiler writes there"}};
    if (const std::string checksum = checksum_of(empty); checksum != plan->checksum)
        return base::Error{"the compiled plan was changed after it was written",
                           {"it says that its checksum is " + plan->checksum + ", but its content has " + checksum}};
    if (const std::string digest = digest_of(*plan); digest != plan->digest)
        return base::Error{"the compiled plan was changed after it was written",
                           {"it says that its digest is " + plan->digest + ", but its content has " + digest}};
    return plan;
}

// Objects are looked up only for a type that may hold one: a command prints thousands of values.
base::Result<Value> decode_value(std::string_view json, const Type& type, const Plan& plan) {
    ObjectsById objects;
    const Type* innermost = &type;
    while (innermost->category == Type::Category::list && innermost->element) innermost = innermost->element.get();
    if (innermost->category == Type::Category::object || innermost->category == Type::Category::error ||
        innermost->category == Type::Category::json)
        for (const Object& object : plan.objects) objects.emplace(object.id, ObjectId(objects.size()));
    JsonReader in(json);
    // A version may come as a number: 2402, 7.15.
    if (type.category == Type::Category::version && in.peek() == Next::number) {
        const std::string_view number = in.number();
        in.end_of_text();
        if (std::optional<Value> version = parse_version(number); in.ok() && version) return std::move(*version);
        return base::Error{"`" + std::string(json) + "` is not of type version"};
    }
    Value value = read_value(in, &type, objects);
    in.end_of_text();
    if (!in.ok()) return in.error();
    if (!value.is_none() && !fits_type(value, type))
        return base::Error{"`" + std::string(json) + "` is not of type " + to_text(type)};
    return value;
}

}  // namespace pvsplan::program

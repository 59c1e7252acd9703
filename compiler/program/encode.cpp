#include <algorithm>
#include <numeric>
#include <tuple>

#include "compiler/base/check.hpp"
#include "compiler/base/digest.hpp"
#include "compiler/program/codec.hpp"
#include "compiler/program/codec_definitions.hpp"
#include "compiler/program/codec_names.hpp"
#include "compiler/program/codec_people.hpp"
#include "compiler/program/codec_requirement.hpp"
#include "compiler/program/codec_window.hpp"
#include "compiler/program/member_writer.hpp"
#include "compiler/program/what_happens.hpp"

namespace pvsplan::program {
namespace {

enum class View : std::uint8_t {
    whole,
    happens  // what the digest is of: see codec.hpp
};

// Over twenty methods: one for each part of a plan, and one for each order that means nothing.
//
// Writes one plan. Every member is a line of its own at the top, every element of a long array is one line: a compiled
// plan can be read, searched and compared with the usual tools. What has its default is left out.
class Encoder : ExpressionWriter {
  public:
    Encoder(const Plan& plan, const PlanNames& names, View view, std::string& out)
        : ExpressionWriter(out, names), plan_(plan), is_whole_(view == View::whole) {}

    // The order of the members belongs to the format: the decoder asks for them in this order alone.
    void plan(std::string_view checksum) {
        out_ = "{\"format\": \"pvsplan.compiled/1\"";
        line("plan", plan_.name);
        if (is_whole_) line("digest", plan_.digest), line("checksum", checksum);
        head();
        table("kinds", plan_.kinds, [&](const auto& entry) {
            write_kind(out_, is_whole_ ? entry.second : what_happens(entry.second), names_);
        });
        table("actions", plan_.actions, [&](const auto& entry) {
            write_action(out_, is_whole_ ? entry.second : what_happens(entry.second), names_);
        });
        table("objects", objects(), [&](const Object* object) { write(*object); });
        const auto guards = in_order(plan_.guards, guard_key);
        const Numbers guard_numbers = numbers(plan_.guards, guards);
        if (!guards.empty()) table("guards", guards, [&](const Guard* guard) { write(*guard, guard_numbers); });
        const auto instances = in_order(
            plan_.instances, [](const Instance& i) -> const auto& { return i.path; });
        instance_numbers_ = numbers(plan_.instances, instances);
        if (!instances.empty()) table("instances", instances, [&](const Instance* i) { write(*i); });
        if (!plan_.windows.empty() && is_whole_)
            table("windows", plan_.windows, [&](const Window& window) { write_window(out_, window); });
        if (is_whole_ && !plan_.left_out.empty())
            table("left_out", plan_.left_out, [&](const LeftOut& step) { write(step); });
        table("nodes", nodes(plan_.graph), [&](const Node* node) { write(*node, guard_numbers, 0); });
        table("edges", edges(plan_.graph), [&](const Edge* edge) { write(*edge, plan_.graph); });
        if (!plan_.recoveries.empty())
            table("recoveries",
                  in_order(
                      plan_.recoveries, [](const RecoverSteps& r) -> const auto& { return r.group; }),
                  [&](const RecoverSteps* r) { write(*r); });
        if (!plan_.requirements.empty())
            table("requirements", requirements(),
                  [&](const Requirement* r) { write_requirement(out_, is_whole_ ? *r : what_happens(*r), names_); });
        out_ += "}\n";
    }

  private:
    // ---- members ----------------------------------------------------------------------------------------------

    void id(ObjectId object) { write_json_string(out_, plan_.objects.at(object.index()).id); }
    // A member of the plan itself, on a line of its own.
    void line(std::string_view member) {
        out_ += ",\n ";
        write_json_string(out_, member);
        out_ += ": ";
    }
    void line(std::string_view member, std::string_view text) {
        line(member);
        write_json_string(out_, text);
    }
    // What people read is no part of what happens.
    void summary(std::string_view text) { string_if("summary", is_whole_ ? text : ""); }
    void object_or_null(std::string_view member, ObjectId object) {
        name(member);
        object.is_none() ? void(out_ += "null") : id(object);
    }
    template <class Range, class Write>
    // A line for each element.
    void table(std::string_view member, const Range& range, const Write& write_one) {
        line(member);
        out_ += '[';
        bool first = true;
        for (const auto& element : range) {
            out_ += first ? "\n  " : ",\n  ";
            first = false;
            write_one(element);
        }
        out_ += ']';
    }
    // Where something stands in the source says nothing of what happens.
    void place(const Place& source) {
        if (is_whole_) place_if(source);
    }

    // ---- what has an order that means nothing ------------------------------------------------------------------

    // All of them as they are, or by their keys in what happens: members of `parallel:` may change places.
    template <class Part, class Key>
    [[nodiscard]] std::vector<const Part*> in_order(const std::vector<Part>& parts, const Key& key_of) const {
        std::vector<const Part*> all;
        all.reserve(parts.size());
        for (const Part& part : parts) all.push_back(&part);
        if (!is_whole_)
            std::stable_sort(all.begin(), all.end(),
                             [&](const Part* a, const Part* b) { return key_of(*a) < key_of(*b); });
        return all;
    }
    static const std::string& guard_key(const Guard& guard) { return guard.step; }
    [[nodiscard]] std::vector<const Node*> nodes(const Graph& graph) const {
        return in_order(graph.nodes, [](const Node& node) -> const std::string& { return node.id; });
    }
    // By the ids of both ends, since numbers of nodes change with the order of members.
    [[nodiscard]] std::vector<const Edge*> edges(const Graph& graph) const {
        const auto path = [&](NodeId id) -> const std::string& { return graph.nodes.at(id.index()).id; };
        return in_order(graph.edges, [&](const Edge& edge) { return std::tie(path(edge.to), path(edge.from)); });
    }
    [[nodiscard]] std::vector<const Object*> objects() const {
        return in_order(plan_.objects, [](const Object& object) -> const std::string& { return object.id; });
    }
    [[nodiscard]] std::vector<const Requirement*> requirements() const {
        return in_order(plan_.requirements, [](const Requirement& r) { return std::tie(r.name, r.require); });
    }
    [[nodiscard]] std::vector<const Setting*> settings(const Node& node) const {
        return in_order(node.sets,
                        [&](const Setting& s) { return std::tie(plan_.objects.at(s.object.index()).id, s.attribute); });
    }
    // By index into `parts`: where that part stands in `order`.
    using Numbers = std::vector<std::uint32_t>;
    template <class Part>
    static Numbers numbers(const std::vector<Part>& parts, const std::vector<const Part*>& order) {
        Numbers all(parts.size());
        for (std::uint32_t i = 0; i < order.size(); ++i) all[static_cast<std::size_t>(order[i] - parts.data())] = i;
        return all;
    }
    template <class Id>
    // A reference into a table that may have been sorted anew.
    void refer(std::string_view member, Id id, const Numbers& numbers) {
        if (id) number(member, numbers.at(id.index()));
    }

    // ---- parts ------------------------------------------------------------------------------------------------

    // Without what says nothing of what happens where that alone is wanted: the summary and which files it came from.
    void head() {
        if (!plan_.summary.empty() && is_whole_) line("summary", plan_.summary);
        line("farm", plan_.farm);
        if (plan_.is_protected) line("protected"), out_ += "true";
        if (!plan_.store.empty()) line("store", plan_.store);
        if (plan_.on_failure != OnFailure::halt) line("on_failure", word_of(on_failure_words, plan_.on_failure));
        if (!plan_.approvers.empty()) {
            line("approvers");
            std::vector<std::string> approvers = plan_.approvers;
            if (!is_whole_) std::sort(approvers.begin(), approvers.end());
            elements(approvers, [&](const std::string& who) { write_json_string(out_, who); });
        }
        if (!plan_.notify.empty()) table("notify", plan_.notify, [&](const Notify& one) { write_notify(out_, one); });
        if (!plan_.secrets.empty()) {
            line("secrets");
            out_ += '{';
            for (const auto& [secret, words] : plan_.secrets) strings(secret, words);
            out_ += '}';
        }
        line("parameter_types");
        out_ += '{';
        for (const auto& [parameter, type] : plan_.parameter_types) name(parameter), write_type(out_, type);
        out_ += '}';
        line("parameters");
        out_ += '{';
        for (const auto& [parameter, value] : plan_.parameters) {
            const auto type = plan_.parameter_types.find(parameter);
            name(parameter);
            write_value(out_, value, type == plan_.parameter_types.end() ? nullptr : &type->second, names_);
        }
        out_ += '}';
        if (!is_whole_) return;
        table("inputs", plan_.inputs, [&](const auto& input) {
            out_ += '{';
            string("file", input.first);
            string("sha256", input.second);
            out_ += '}';
        });
    }

    // Values of connections have no declared type, so they carry their own.
    void values(std::string_view member, const std::map<std::string, Value>& all,
                const std::vector<Attribute>* declared) {
        name(member);
        out_ += '{';
        for (const auto& [key, value] : all) {
            name(key);
            write_value(out_, value, declared ? type_of(*declared, key) : nullptr, names_);
        }
        out_ += '}';
    }

    // Values are written by the types that the kind declares, so most need no tag.
    void write(const Object& object) {
        const auto kind = plan_.kinds.find(object.kind);
        base::check(kind != plan_.kinds.end(), "every object of a compiled plan has a kind");
        out_ += '{';
        string("id", object.id);
        string("kind", object.kind);
        string("name", object.name);
        values("attributes", object.attributes, &kind->second.attributes);
        values("state", object.state, &kind->second.state);
        if (!object.connect.empty()) values("connect", object.connect, nullptr);
        place(object.source);
        out_ += '}';
    }

    // Members in the order of the format, here as in each of the following.
    void write(const Guard& guard, const Numbers& guards) {
        out_ += '{';
        string("step", guard.step);
        expression_if("condition", guard.condition);
        refer("parent", guard.parent, guards);
        place(guard.source);
        out_ += '}';
    }

    void write(const Instance& instance) {
        out_ += '{';
        string("path", instance.path);
        string("loop", instance.loop);
        number("max_failures", instance.max_failures);
        refer("parent", instance.parent, instance_numbers_);
        out_ += '}';
    }

    void write(const LeftOut& step) {
        out_ += '{';
        string("step", step.step);
        string("why", step.why);
        out_ += '}';
    }

    // By name, as `with` of a step does; parameters in the order of the action, or of their names in what happens.
    void with(const Node& node) {
        if (std::none_of(node.with.begin(), node.with.end(), [](const ExprPtr& e) { return e != nullptr; })) return;
        const auto action = plan_.actions.find(node.action);
        base::check(action != plan_.actions.end() && node.with.size() <= action->second.parameters.size(),
                    "a node passes only what its action takes");
        name("with");
        out_ += '{';
        const std::vector<Action::Parameter>& parameters = action->second.parameters;
        std::vector<std::size_t> order(node.with.size());
        std::iota(order.begin(), order.end(), std::size_t{0});
        if (!is_whole_)
            std::sort(order.begin(), order.end(),
                      [&](std::size_t a, std::size_t b) { return parameters[a].name < parameters[b].name; });
        for (const std::size_t i : order) expression_if(parameters[i].name, node.with[i], &parameters[i].type);
        out_ += '}';
    }

    // `depth`: within how many undo programs the node stands, which is bounded.
    void write(const Node& node, const Numbers& guards, unsigned depth) {
        out_ += '{';
        string("id", node.id);
        string("type", word_of(node_words, node.type));
        name("action");
        node.action.empty() ? void(out_ += "null") : write_json_string(out_, node.action);
        object_or_null("on", node.on);
        if (node.guard)
            refer("guard", node.guard, guards);
        else
            name("guard"), out_ += "null";
        with(node);
        each("does", node.does, [&](const Event& event) {
            out_ += '{';
            string("event", event.verb);
            object_or_null("object", event.object);
            out_ += '}';
        });
        each("sets", settings(node), [&](const Setting* setting) { write(*setting); });
        string_if("text", node.text);
        if (node.approvers) write_approvers(out_, *node.approvers);
        summary(node.summary);
        duration_if("timeout", node.timeout_ms);
        if (node.at_timeout != AtTimeout::doubt) string("at_timeout", word_of(at_timeout_words, node.at_timeout));
        if (node.retry.times != 0 || node.retry.delay_ms != 0) {
            name("retry");
            out_ += '{';
            number("times", node.retry.times);
            duration_if("delay", node.retry.delay_ms);
            out_ += '}';
        }
        if (node.on_failure != OnFailure::halt) string("on_failure", word_of(on_failure_words, node.on_failure));
        refer("instance", node.instance, instance_numbers_);
        window(node.window);
        undo(node.undo, depth);
        place(node.source);
        out_ += '}';
    }

    void write(const Setting& setting) {
        const Object& object = plan_.objects.at(setting.object.index());
        const auto kind = plan_.kinds.find(object.kind);
        base::check(kind != plan_.kinds.end(), "every object of a compiled plan has a kind");
        out_ += '{';
        string("object", object.id);
        string("attribute", setting.attribute);
        expression_if("value", setting.value, type_of(kind->second.state, setting.attribute));
        out_ += '}';
    }

    // By its number; in what happens it and those around it, as they are written.
    void window(WindowId id) {
        if (!id) return;
        if (is_whole_) return number("window", id.value);
        std::vector<Window> around;
        for (; id; id = around.back().parent) around.push_back(plan_.windows.at(id.index()));
        each("window", around, [&](Window one) {
            one.parent = {};
            write_window(out_, one);
        });
    }

    // `nothing` without a reason is the default, and left out.
    void undo(const Undo& undo, unsigned depth) {
        if (undo.type == Undo::Type::nothing && undo.why.empty()) return;
        name("undo");
        out_ += '{';
        switch (undo.type) {
            case Undo::Type::nothing: string("nothing", undo.why); break;
            case Undo::Type::impossible: string("impossible", undo.why); break;
            case Undo::Type::steps: graph(undo.steps, undo.guards, depth + 1); break;
        }
        out_ += '}';
    }

    // Numbers of guards are those of this graph, since every undo has its own.
    void graph(const Graph& graph, const std::vector<Guard>& guards, unsigned depth) {
        base::check(depth < max_encoded_depth, "the undo of an undo ends somewhere");
        const auto written = in_order(guards, guard_key);
        const Numbers guard_numbers = numbers(guards, written);
        if (!written.empty()) each("guards", written, [&](const Guard* g) { write(*g, guard_numbers); });
        each("nodes", nodes(graph), [&](const Node* node) { write(*node, guard_numbers, depth); });
        each("edges", edges(graph), [&](const Edge* edge) { write(*edge, graph); });
    }

    void write(const Edge& edge, const Graph& graph) {
        out_ += '{';
        string("from", graph.nodes.at(edge.from.index()).id);
        string("to", graph.nodes.at(edge.to.index()).id);
        string("because", word_of(because_words, edge.because));
        place(edge.source);
        out_ += '}';
    }

    // What it covers are nodes of the plan, by their paths.
    void write(const RecoverSteps& recovery) {
        out_ += '{';
        string("group", recovery.group);
        const auto path = [&](NodeId node) -> const std::string& { return plan_.graph.nodes.at(node.index()).id; };
        each("covers", in_order(recovery.covers, path),
             [&](const NodeId* node) { write_json_string(out_, path(*node)); });
        graph(recovery.steps, recovery.guards, 0);
        place(recovery.source);
        out_ += '}';
    }

    const Plan& plan_;
    bool is_whole_;
    Numbers instance_numbers_;
};

// In time and memory linear in the plan, apart from the sorting of what happens.
std::string text_of(const Plan& plan, View view, std::string_view checksum) {
    std::string out;
    Encoder(plan, PlanNames(plan), view, out).plan(checksum);
    return out;
}

}  // namespace

std::string encode(const Plan& plan) { return text_of(plan, View::whole, plan.checksum); }

std::string encode_without_checksum(const Plan& plan) { return text_of(plan, View::whole, ""); }

// Over all bytes but its own.
std::string checksum_of(std::string_view text) { return "sha256:" + base::sha256_hex(text); }

// Two plans with one digest do the same, however they are written.
std::string digest_of(const Plan& plan) { return checksum_of(text_of(plan, View::happens, "")); }

// The digest goes before the checksum, which covers it too. A plan of the linker has its edges in order already.
void seal(Plan& plan) {
    auto& edges = plan.graph.edges;
    const auto by_target = [](const Edge& a, const Edge& b) { return a.to < b.to; };
    if (!std::is_sorted(edges.begin(), edges.end(), by_target)) std::stable_sort(edges.begin(), edges.end(), by_target);
    plan.digest = digest_of(plan);
    plan.checksum = checksum_of(encode_without_checksum(plan));
}

}  // namespace pvsplan::program

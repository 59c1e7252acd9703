#include "tests/unit/checks/promela.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "tests/unit/checks/oracle.hpp"

namespace pvsplan::test {
namespace {

using Form = Asked::Form;
using Texts = std::vector<std::string>;

std::string joined(const Texts& parts, const std::string& between, const std::string& if_none) {
    std::string text;
    for (const std::string& part : parts) text += (text.empty() ? "" : between) + part;
    return parts.empty() ? if_none : "(" + text + ")";
}
std::string any(const Texts& parts) { return joined(parts, " || ", "false"); }
std::string all(const Texts& parts) { return joined(parts, " && ", "true"); }
std::string sum(const Texts& parts) { return joined(parts, " + ", "0"); }

// Those that happen in some way in which the conditions turn out: none has all that depend on a condition and its
// opposite.
std::vector<Occurrence> ever_matching(const Model& model, const EventAsked& asked) {
    std::vector<Occurrence> all;
    for (const Model::Truths truths : model.possible)
        for (const Occurrence& one : matching(model, asked, truths))
            if (std::none_of(all.begin(), all.end(), [&](const Occurrence& known) {
                    return known.node == one.node && known.object == one.object;
                }))
                all.push_back(one);
    return all;
}

// s[n]: 0 waits, 1 runs, 2 finished, 3 failed, 4 passed. g[v]: conditions. f[i]: the instance has failed. c[l]: how
// many of the loop have. p[s]: bit v, the state may be v. k[a]: a b came after the a.
class Writer {
  public:
    Writer(const Model& model, const Asked& asked, int number) : model_(model), asked_(asked), number_(number) {
        as_ = ever_matching(model, asked.left);
        bs_ = ever_matching(model, asked.right);
        for (const auto& group : groups(model, "node", asked.state_site, Per::whole)) objects_ = group;
    }

    std::string write() {
        const auto size = [](std::size_t n) { return std::max<std::size_t>(1, n); };
        std::string text =
            fmt::format("proctype m{}() {{\n  byte s[{}]; bit g[{}]; bit f[{}]; byte c[{}]; byte p[{}]; bit k[{}];\n",
                        number_, size(model_.nodes.size()), size(model_.variables), size(model_.instances.size()),
                        size(model_.instances.size()), size(model_.initial.size()), size(as_.size()));
        text += "  d_step {\n";
        for (std::size_t local = 0; local < model_.initial.size(); ++local)
            text += fmt::format("    p[{}] = {};\n", local, 1 << model_.initial[local].value());
        text += "  }\n";
        text += "  if\n";
        for (const Model::Truths truths : model_.possible) {
            text += "  :: skip";
            for (std::uint32_t v = 0; v < model_.variables; ++v)
                text += fmt::format("; g[{}] = {}", v, truths >> v & 1U);
            text += "\n";
        }
        text += "  fi;\n";
        text += "  " + check(at_any_moment()) + "\n  do\n";
        for (std::uint32_t n = 0; n < model_.nodes.size(); ++n) text += node(n);
        text += fmt::format("  :: {} -> {} break\n  od;\n  goto quiet;\nfound: bad = {};\nquiet: skip\n}}\n", at_end(),
                            check(when_completed()), number_);
        return text;
    }

  private:
    static std::string check(const std::string& bad) {
        return bad == "false" ? "" : fmt::format("if :: {} -> goto found :: else fi;", bad);
    }
    [[nodiscard]] std::string is_there(std::size_t node) const {
        Texts parts;
        for (const Model::Condition& condition : model_.nodes[node].conditions)
            parts.push_back(fmt::format("{}g[{}]", condition.wanted ? "" : "!", condition.variable));
        return all(parts);
    }
    [[nodiscard]] std::string is_abandoned(std::size_t node) const {
        Texts parts;
        for (int i = model_.nodes[node].instance; i >= 0; i = model_.instances[static_cast<std::size_t>(i)].parent)
            parts.push_back(fmt::format("f[{}]", i));
        return any(parts);
    }

    std::string node(std::uint32_t n) const {
        const Model::Node& node = model_.nodes[n];
        Texts waits = {fmt::format("s[{}] == 0", n)};
        for (std::uint32_t p = 0; p < n; ++p)
            if ((node.before >> p & 1U) != 0) waits.push_back(fmt::format("s[{}] >= 2", p));
        const std::string may = all(waits);
        if (!node.is_action) return fmt::format("  :: atomic {{ {} -> s[{}] = 4 }}\n", may, n);
        std::string text =
            fmt::format("  :: atomic {{ {} && (!{} || {}) -> s[{}] = 4 }}\n", may, is_there(n), is_abandoned(n), n);
        std::string effect;
        for (const Model::Set& set : node.sets)
            effect += fmt::format("p[{0}] = p[{0}] | {1}; ", set.local, 1 << set.value);
        text += fmt::format("  :: atomic {{ {} && {} && !{} -> {} s[{}] = 1; {}{} }}\n", may, is_there(n),
                            is_abandoned(n), at_start(n), n, effect, check(at_any_moment()));
        effect.clear();
        for (const Model::Set& set : node.sets) effect += fmt::format(" p[{}] = {};", set.local, 1 << set.value);
        text += fmt::format("  :: atomic {{ s[{0}] == 1 -> s[{0}] = 2;{1} {2} }}\n", n, effect, check(at_any_moment()));
        if (node.instance >= 0)
            text += fmt::format("  :: atomic {{ s[{0}] == 1 -> s[{0}] = 3; {1} }}\n", n, fails(node.instance));
        return text;
    }

    // Propagates from the inside out, as long as a loop has more failures than it allows.
    std::string fails(int instance) const {
        if (instance < 0) return "goto quiet";
        const Model::Instance& i = model_.instances[static_cast<std::size_t>(instance)];
        const std::uint32_t max_failures = std::min<std::uint32_t>(i.max_failures, 200);
        return fmt::format(
            "if :: f[{0}] :: else -> f[{0}] = 1; c[{1}] = c[{1}] + 1; if :: c[{1}] > {2} -> {3} :: else fi fi",
            instance, i.loop, max_failures, fails(i.parent));
    }

    [[nodiscard]] bool are_related(const Occurrence& a, const Occurrence& b) const {
        return !asked_.same_object || a.object == b.object;
    }
    [[nodiscard]] bool is_order() const { return asked_.form == Form::before || asked_.form == Form::then; }

    // Before `s[n] = 1`: what is asked about every b; what is noted for the sake of some b.
    std::string at_start(std::uint32_t n) const {
        std::string text;
        if (!is_order()) return text;
        for (const Occurrence& b : bs_) {
            if (b.node != n) continue;
            Texts late;
            Texts early;
            for (std::size_t i = 0; i < as_.size(); ++i) {
                if (!are_related(as_[i], b)) continue;
                late.push_back(fmt::format("({} && s[{}] != 2)", is_there(as_[i].node), as_[i].node));
                early.push_back(fmt::format("s[{}] == 2", as_[i].node));
                if (asked_.right_many == Many::some)
                    text += fmt::format("if :: s[{}] == 2 -> k[{}] = 1 :: else fi; ", as_[i].node, i);
            }
            if (asked_.right_many == Many::every)
                text += check(asked_.left_many == Many::every ? any(late) : "!" + any(early)) + " ";
        }
        return text;
    }

    [[nodiscard]] std::string may_be(std::size_t object, bool wanted) const {
        Texts ways;
        for (const int stream : {0, 1})
            for (const int fresh : {0, 1})
                if (toy_predicates()[asked_.predicate].holds(stream, fresh) == wanted)
                    ways.push_back(fmt::format("((p[{}] & {}) != 0 && (p[{}] & {}) != 0)", object * toy_states,
                                               1 << stream, object * toy_states + 1, 1 << fresh));
        return any(ways);
    }
    // How many of the events of a group have got to s[n] >= stage.
    [[nodiscard]] std::string number_of(const std::vector<std::size_t>& group, const char* stage) const {
        Texts parts;
        for (const Occurrence& a : as_)
            if (std::find(group.begin(), group.end(), a.object) != group.end())
                parts.push_back(fmt::format("({} -> 1 : 0)", fmt::format(fmt::runtime(stage), a.node)));
        return sum(parts);
    }
    [[nodiscard]] std::vector<std::vector<std::size_t>> counted() const {
        return groups(model_, asked_.left.kind, asked_.left.site, asked_.form == Form::never ? Per::whole : asked_.per);
    }

    std::string at_any_moment() const {
        Texts bad;
        const bool is_never = asked_.form == Form::never;
        if (is_never || (asked_.form == Form::count && asked_.count != Count::at_least))
            for (const auto& group : counted())
                bad.push_back(fmt::format("{} > {}", number_of(group, "(s[{0}] >= 1 && s[{0}] <= 3)"),
                                          is_never ? 0 : asked_.number));
        if (asked_.form == Form::during)
            for (const Occurrence& a : as_) {
                Texts fail;
                for (const std::size_t object : objects_)
                    if (!asked_.same_object || object == a.object) fail.push_back(may_be(object, false));
                bad.push_back(fmt::format("(s[{}] == 1 && {})", a.node,
                                          asked_.right_many == Many::every ? any(fail) : all(fail)));
            }
        if (asked_.form == Form::always)
            for (const auto& group : groups(model_, "node", asked_.state_site, asked_.per))
                for (const bool at_most : {true, false}) {
                    if (asked_.count == (at_most ? Count::at_least : Count::at_most)) continue;
                    Texts open;
                    for (const std::size_t object : group)
                        open.push_back(fmt::format("({} -> 1 : 0)", may_be(object, at_most)));
                    const int allowed = at_most ? asked_.number : static_cast<int>(group.size()) - asked_.number;
                    bad.push_back(fmt::format("({} > {})", sum(open), allowed));
                }
        return any(bad);
    }

    // All is over and nothing has failed.
    [[nodiscard]] std::string at_end() const {
        Texts parts;
        for (std::size_t n = 0; n < model_.nodes.size(); ++n)
            parts.push_back(fmt::format("(s[{0}] == 2 || s[{0}] == 4)", n));
        return all(parts);
    }

    std::string when_completed() const {
        Texts bad;
        if (asked_.form == Form::count && asked_.count != Count::at_most)
            for (const auto& group : counted())
                bad.push_back(fmt::format("{} < {}", number_of(group, "(s[{}] == 2)"), asked_.number));
        if (asked_.form == Form::finally) {
            Texts fail;
            for (const std::size_t object : objects_) fail.push_back(may_be(object, false));
            bad.push_back(asked_.right_many == Many::every ? any(fail) : all(fail));
        }
        if (is_order() && asked_.right_many == Many::some) {
            Texts good;
            for (std::size_t i = 0; i < as_.size(); ++i) {
                good.push_back(fmt::format("k[{}]", i));
                if (asked_.left_many == Many::every)
                    bad.push_back(fmt::format("({} && !k[{}])", is_there(as_[i].node), i));
            }
            // Without either there is nothing to ask.
            Texts either;
            for (const auto* side : {&as_, &bs_})
                for (const Occurrence& h : *side) either.push_back(is_there(h.node));
            if (asked_.left_many == Many::some) bad.push_back(any(either) + " && !" + any(good));
        }
        return any(bad);
    }

    const Model& model_;
    const Asked& asked_;
    int number_;
    std::vector<Occurrence> as_;
    std::vector<Occurrence> bs_;
    std::vector<std::size_t> objects_;
};

}  // namespace

std::string promela(const Model& model, const Asked& asked, int number) { return Writer(model, asked, number).write(); }

std::string promela_file(const std::vector<std::string>& processes) {
    std::string text = "short bad = 0;\n";
    for (const std::string& process : processes) text += process;
    text += "init {\n  if\n";
    for (std::size_t i = 0; i < processes.size(); ++i) text += fmt::format("  :: run m{}()\n", i);
    return text + "  fi\n}\n";
}

}  // namespace pvsplan::test

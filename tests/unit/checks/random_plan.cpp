#include "tests/unit/checks/random_plan.hpp"

#include <algorithm>

namespace pvsplan::test {
namespace {

// Writes steps. `mine` are the objects whose states the steps may set here: siblings in `parallel:` share none of them,
// so that most plans have no race.
class Steps {
  public:
    Steps(Draws& draws, std::size_t nodes, Skips skips) : draws_(draws), skips_(skips), reckless_(draws.chance(12)) {
        for (std::size_t i = 0; i < nodes; ++i) nodes_.push_back("nodes[" + std::to_string(i) + "]");
    }

    std::string write() {
        std::vector<std::string> mine = nodes_;
        mine.emplace_back("bases[0]");
        text_ = "steps:\n";
        lookers_.emplace_back();
        ids_.emplace_back();
        if (draws_.chance(45)) look(2, 1);
        if (draws_.chance(20)) look(2, 1);
        const std::uint32_t steps = 1 + draws_.below(3);
        for (std::uint32_t i = 0; i < steps; ++i) step(2, mine, 1, 0);
        return text_;
    }

    // The written steps, each as often as it runs.
    [[nodiscard]] const std::vector<std::string>& verbs() const { return verbs_; }

  private:
    using Objects = std::vector<std::string>;
    // Conditions compare with a text: some exclude each other, some hold together.
    const std::vector<std::string> compared_ = {
        " == 'a'", " == 'b'", " != 'a'", " != 'b'", " in ['a', 'b']", " not in ['a', 'b']", " == none", " != none"};

    std::string new_id() { return "s" + std::to_string(next_id_++); }
    void line(std::size_t indent, const std::string& what) { text_ += std::string(indent, ' ') + what + "\n"; }

    // `head` is the first key of the step; what comes after it stands two columns further in.
    std::string open(std::size_t indent, bool may_wait) {
        const std::string id = new_id();
        line(indent, "- id: " + id);
        if (!ids_.empty() && may_wait && !ids_.back().empty() && draws_.chance(skips_ == Skips::many ? 60 : 30))
            line(indent + 2, "after: " + draws_.of(ids_.back()));
        else if (ids_.size() > 1 && draws_.chance(skips_ == Skips::many ? 50 : 8))
            if (const auto& outer = ids_[draws_.below(static_cast<std::uint32_t>(ids_.size() - 1))]; !outer.empty())
                line(indent + 2, "after: " + draws_.of(outer));
        return id;
    }
    // The steps whose outputs can be read here.
    [[nodiscard]] std::vector<std::string> seen() const {
        std::vector<std::string> all;
        for (const auto& scope : lookers_) all.insert(all.end(), scope.begin(), scope.end());
        return all;
    }
    // Of a step that may be skipped an output may be none, which can only be compared.
    std::string condition() {
        static const std::vector<std::string> of_truth = {" == true", " == false", " != true", " == none", " != none"};
        const std::string step = "steps." + draws_.of(seen());
        if (draws_.chance(40)) return step + ".mode" + draws_.of(compared_);
        if (draws_.chance(skips_ == Skips::few ? 35 : 0)) return step + ".old" + draws_.of(of_truth);
        return (draws_.chance(40) ? "not " : "") + step + ".old";
    }
    bool maybe_ask(std::size_t indent) {
        if (seen().empty() || !draws_.chance(35)) return false;
        std::string when = condition();
        if (draws_.chance(20)) when += (draws_.chance(50) ? " and " : " or ") + condition();
        line(indent, "when: " + when);
        return true;
    }
    void maybe_when(std::size_t indent) {
        if (maybe_ask(indent)) return;
        if (draws_.chance(skips_ == Skips::many ? 50 : 10))
            line(indent, draws_.chance(50) ? "when: here" : "when: not here");
    }
    void look(std::size_t indent, std::size_t times) {
        const std::string id = open(indent, is_parallel_);
        if (skips_ == Skips::few) maybe_ask(indent + 2);
        line(indent + 2, "do: toy.look");
        line(indent + 2, "on: " + draws_.of(nodes_));
        lookers_.back().push_back(id);
        ids_.back().push_back(id);
        spent_ += times;
    }

    void step(std::size_t indent, const Objects& mine, std::size_t times, std::size_t depth) {
        if (spent_ + times > max_nodes) return;
        const std::uint32_t drawn = draws_.below(100);
        Objects settable;
        for (const std::string& object : mine)
            if (object != "bases[0]") settable.push_back(object);
        const bool room = spent_ + 2 * times <= max_nodes;
        if (drawn < 5)
            look(indent, times);
        else if (drawn < (skips_ == Skips::many ? 60 : 30) && room && depth < 3)
            group(indent, mine, times, depth);
        else if (drawn < (skips_ == Skips::many ? 75 : 60) && room && depth < 2 && !settable.empty())
            loop(indent, settable, times, depth);
        else {
            const std::string id = open(indent, is_parallel_);
            maybe_when(indent + 2);
            act(indent + 2, mine, times);
            ids_.back().push_back(id);
        }
    }

    void call(std::size_t indent, const std::string& name) {
        line(indent, "do: toy." + name);
        for (const std::string& verb : toy_verbs(name)) verbs_.push_back(verb);
    }

    void act(std::size_t indent, const Objects& mine, std::size_t times) {
        static const std::vector<std::string> writers = {"halt",  "halt",    "wake",  "wake",  "stop",
                                                         "start", "install", "renew", "spoil", "reset"};
        spent_ += times;
        if (const std::vector<std::string> read = seen(); !read.empty() && draws_.chance(15)) {
            const bool sets = !mine.empty() && mine[0] != "bases[0]" && draws_.chance(40);
            call(indent, sets ? "put" : "note");
            line(indent, "with: {" + std::string(sets ? "to" : "text") + ": \"${steps." + draws_.of(read) +
                             (sets ? ".old}\"}" : ".mode}\"}"));
            line(indent, "on: " + (sets ? mine[0] : draws_.of(nodes_)));
            return;
        }
        if (mine.empty() || draws_.chance(15)) {
            if (draws_.chance(15))
                ++spent_, call(indent, "check-both");
            else
                call(indent, "verify");
            line(indent, "on: " + (mine.empty() || mine[0] == "bases[0]"
                                       ? draws_.of(nodes_)
                                       : draws_.of(mine[0][0] == 'n' && mine[0] != "n" ? nodes_ : mine)));
            return;
        }
        const std::string object = draws_.of(reckless_ ? nodes_ : mine);
        if (object == "bases[0]") {
            call(indent, "migrate");
        } else if (draws_.chance(8) && spent_ + 2 * times <= max_nodes) {
            spent_ += 2 * times;
            call(indent, "roll");
        } else if (draws_.chance(8) && mine.size() > 1 && mine[1] != "bases[0]" && object != mine[1]) {
            call(indent, "hand-over");
            line(indent, "with: {other: \"${" + mine[1] + "}\"}");
        } else {
            call(indent, draws_.of(writers));
        }
        line(indent, "on: " + object);
    }

    void group(std::size_t indent, const Objects& mine, std::size_t times, std::size_t depth) {
        const std::string id = open(indent, is_parallel_);
        maybe_when(indent + 2);
        block(indent + 2, mine, times, depth);
        ids_.back().push_back(id);
    }

    void block(std::size_t indent, const Objects& mine, std::size_t times, std::size_t depth) {
        const bool around = is_parallel_;
        const bool is_parallel = draws_.chance(skips_ == Skips::many ? 85 : 60);
        line(indent, is_parallel ? "parallel:" : "steps:");
        const std::uint32_t steps = 2 + draws_.below(2);
        std::vector<Objects> shares(steps, mine);
        if (is_parallel && !reckless_) {
            for (Objects& share : shares) share.clear();
            for (const std::string& object : mine) shares[draws_.below(steps)].push_back(object);
        }
        ids_.emplace_back();
        lookers_.emplace_back();
        is_parallel_ = is_parallel;
        const std::size_t before = text_.size();
        for (const Objects& share : shares) {
            step(indent + 2, share, times, depth + 1);
            is_parallel_ = is_parallel;
        }
        if (text_.size() == before) {  // a block has a step
            line(indent + 2, "- id: " + new_id());
            line(indent + 4, "do: toy.verify");
            line(indent + 4, "on: " + draws_.of(nodes_));
            spent_ += times;
        }
        lookers_.pop_back();
        ids_.pop_back();
        is_parallel_ = around;
    }

    void loop(std::size_t indent, Objects objects, std::size_t times, std::size_t depth) {
        const std::string id = open(indent, is_parallel_);
        maybe_when(indent + 2);
        const bool by_site =
            depth == 0 && objects.size() == nodes_.size() && objects[0] == "nodes[0]" && draws_.chance(20);
        const std::string variable = "x" + std::to_string(depth);
        if (by_site) {
            line(indent + 2, "for_each: g in [\"east\", \"west\"]");
            bounds(indent + 2);
            line(indent + 2, "steps:");
            line(indent + 4, "- id: " + new_id());
            body(indent + 6, variable, "[y in nodes where y.site == g]", nodes_.size() * times, depth + 1);
        } else {
            while (objects.size() > 1 && draws_.chance(20)) objects.pop_back();
            std::string list;
            for (const std::string& object : objects) list += (list.empty() ? "" : ", ") + object;
            list = "[" + list + "]";
            if (draws_.chance(skips_ == Skips::many ? 30 : 8)) list = "[z in " + list + " where here]";
            body(indent + 2, variable, list, objects.size() * times, depth);
        }
        ids_.back().push_back(id);
    }
    void bounds(std::size_t indent) {
        static const std::vector<std::string> widths = {"1", "2", "2", "all", "all"};
        line(indent, "at_most: " + draws_.of(widths));
        if (draws_.chance(60)) return;
        line(indent, "on_failure: continue");
        if (draws_.chance(85))
            line(indent, "max_failures: " + std::to_string(draws_.below(10) == 0 ? 0 : 1 + draws_.below(2)));
    }
    void body(std::size_t indent, const std::string& variable, const std::string& list, std::size_t times,
              std::size_t depth) {
        line(indent, "for_each: " + variable + " in " + list);
        bounds(indent);
        const Objects mine = {variable};
        if (draws_.chance(50) && spent_ + 2 * times <= max_nodes)
            block(indent, mine, times, depth + 1);
        else
            act(indent, mine, times);
    }

    static constexpr std::size_t max_nodes = 8;
    Draws& draws_;
    Skips skips_;
    bool reckless_;
    Objects nodes_;
    std::string text_;
    std::vector<std::string> verbs_;
    std::size_t spent_ = 0;
    std::size_t next_id_ = 0;
    bool is_parallel_ = false;
    std::vector<std::vector<std::string>> lookers_;
    std::vector<std::vector<std::string>> ids_;
};

std::string draw_farm(Draws& draws, std::size_t nodes) {
    std::string text = "farm: toy\nuses: [./toy.yaml]\nnodes:\n";
    const bool has_unknown = draws.chance(30);
    std::uint32_t unknown = 0;
    for (std::size_t i = 0; i < nodes; ++i) {
        std::string state;
        const auto say = [&](const std::string& name, const char* zero, const char* one, std::uint32_t ones) {
            const bool is_one = draws.chance(ones);
            if (has_unknown && unknown < 3 && draws.chance(35))
                ++unknown;
            else
                state += (state.empty() ? "" : ", ") + name + ": " + (is_one ? one : zero);
        };
        say("stream", "running", "stopped", 25);
        say("fresh", "false", "true", 40);
        text += "  - {name: n" + std::to_string(i + 1) + ", site: " + (draws.chance(50) ? "east" : "west");
        text += state.empty() ? "}\n" : ", state: {" + state + "}}\n";
    }
    return text + "bases:\n  - {name: main, state: {schema: old}}\n";
}

}  // namespace

std::string RandomPlan::plan() const {
    std::string text = "plan: random\nuses: [./toy.yaml]\nfarm: ./farm.yaml\nparameters: {here: {type: bool, default: ";
    text += std::string(is_here ? "true" : "false") + "}}\n" + steps + "invariants:\n";
    for (std::size_t i = 0; i < asked.size(); ++i)
        text += "  - name: r" + std::to_string(i) + "\n    require: " + asked[i].text() + "\n";
    return text;
}

RandomPlan draw_plan(std::uint32_t seed, Skips skips) {
    Draws draws(seed);
    RandomPlan plan;
    const std::size_t nodes = 1 + draws.below(4);
    plan.farm = draw_farm(draws, nodes);
    plan.is_here = draws.chance(50);
    Steps steps(draws, nodes, skips);
    plan.steps = steps.write();
    for (int i = 0; i < 8; ++i) plan.asked.push_back(draw_asked(draws, steps.verbs()));
    return plan;
}

}  // namespace pvsplan::test

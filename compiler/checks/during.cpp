// `every A while every P`, `every A while some P`: what states may be while something happens.
#include <algorithm>
#include <map>

#include "compiler/checks/deciders.hpp"
#include "compiler/checks/reach.hpp"
#include "compiler/checks/schedule.hpp"
#include "compiler/checks/shown.hpp"

namespace pvsplan::checks {

using graph::no_index;
using program::ObjectId;

namespace {

Decision nothing_to_hold(const Subject& subject, const World& world, const Requirement& r, Index event) {
    Decision d{.verdict = Verdict::violated,
               .reason = "there is no " + r.state->text + " that could hold while " + subject.path(event) + " runs",
               .witness = subject.about({event}),
               .step = event};
    Schedule schedule(subject.facts(), world);
    schedule.start(std::span(&event, 1));
    d.witness->schedule = std::move(schedule).moments();
    return d;
}

// Each event by itself, with each object: `every A while every P`, or with the object of the event.
class During {
  public:
    During(const Subject& subject, const World& world, const Requirement& r)
        : subject_(subject), facts_(subject.facts()), world_(world), r_(r) {}

    Decision decide() {
        const std::vector<Happening> as = subject_.matching(*r_.left, world_);
        if (as.empty()) return vacuous(*r_.left);
        const std::vector<ObjectId> all = subject_.objects(*r_.state);
        std::optional<Decision> worst;
        const auto ask_about = [&](Index node, ObjectId object) {
            if (worst && worst->verdict == Verdict::violated) return;
            ask(node, object);
            if (cases_.size() >= most_cases) judge_and_forget(worst);
        };
        for (const Happening& a : as) {
            if (!r_.same_object)
                for (const ObjectId object : all) ask_about(a.node, object);
            else if (std::binary_search(all.begin(), all.end(), a.object))
                ask_about(a.node, a.object);
            else if (r_.right_quantifier == Quantifier::some)
                return nothing_to_hold(subject_, world_, r_, a.node);
        }
        if (!asked_.empty()) judge_and_forget(worst);
        return worst.value_or(
            Decision{.verdict = Verdict::vacuous, .reason = "no " + r_.state->text + " is asked about"});
    }

  private:
    struct Asked {
        Index node;
        const Timeline* line;
    };
    // The state may be otherwise in the box; the event goes on during it if the two meet.
    struct Case {
        std::size_t asked;
        Box box;
        Way way;
        bool is_sure;
    };

    // Some thousand at a time: that is enough for a sweep over the plan to serve many, and bounds what is kept.
    static constexpr std::size_t most_cases = 4096;
    void judge_and_forget(std::optional<Decision>& worst) {
        Decision one = judge();
        if (!worst || rank(one.verdict) > rank(worst->verdict)) worst = std::move(one);
        cases_.clear();
        asked_.clear();
        if (r_.same_object || lines_.size() > most_cases) lines_.clear();
    }

    void ask(Index node, ObjectId object) {
        auto found = lines_.find(object);
        if (found == lines_.end())
            found = lines_.emplace(object, subject_.timelines().of(*r_.state->condition, object, world_)).first;
        const Timeline& line = found->second;
        static constexpr std::size_t most_ways = 1024;
        const LeftBehind left(facts_, world_, {line.changes, {&node, 1}}, most_ways);
        for (const Way& way : left.ways())
            if (left.fates(std::span(&node, 1), way)[0] != Fate::left_out)
                add(line, left.fates(line.changes, way), way);
        if (!left.are_all()) add(line, left.open_fates(line.changes), {}, Unknown::counted);
        asked_.push_back({node, &line});
    }

    void add(const Timeline& line, const std::vector<Fate>& fates, const Way& way) {
        add(line, fates, way, Unknown::left_out);
        if (!is_known(line) || !is_tried(line)) add(line, fates, way, Unknown::counted);
    }
    void add(const Timeline& line, const std::vector<Fate>& fates, const Way& way, Unknown unknown) {
        std::vector<Box> boxes;
        if (is_tried(line))
            boxes = subject_.timelines().boxes(line, fates, Truth::no, unknown);
        else if (unknown == Unknown::counted)
            boxes = {{{.object = line.object}}};
        for (Box& box : boxes) cases_.push_back({asked_.size(), std::move(box), way, unknown == Unknown::left_out});
    }
    [[nodiscard]] bool is_tried(const Timeline& line) const {
        static constexpr std::size_t most_boxes = 4096;
        return line.is_total || subject_.timelines().most_boxes(line) <= most_boxes;
    }

    Decision judge() const {
        std::vector<Box> events;
        for (const Asked& one : asked_) events.push_back({{.begin = one.node, .end = one.node}});
        std::vector<std::pair<const Box*, const Box*>> pairs;
        for (const Case& one : cases_) {
            pairs.emplace_back(&one.box, &events[one.asked]);
            pairs.emplace_back(&one.box, &one.box);
        }
        const std::vector<bool> can_meet = meet(facts_, pairs);
        const Case* worst = nullptr;
        for (std::size_t i = 0; i < cases_.size(); ++i) {
            const Case& one = cases_[i];
            if (!can_meet[2 * i] || !can_meet[2 * i + 1]) continue;
            if (!worst || (one.is_sure && !worst->is_sure) ||
                (one.is_sure == worst->is_sure && one.way.size() < worst->way.size()))
                worst = &one;
        }
        if (!worst) return {.verdict = Verdict::holds};
        if (!worst->is_sure) return undecided(subject_, *asked_[worst->asked].line);
        return violated(*worst);
    }

    // A way is as much as can be left behind together: here it is no more than shows it.
    [[nodiscard]] Case shortest(Case found) const {
        const Asked& one = asked_[found.asked];
        const Box event{{.begin = one.node, .end = one.node}};
        const LeftBehind left(facts_, world_, {one.line->changes, {&one.node, 1}}, 1024);
        for (std::size_t i = 0; i < found.way.size();) {
            Way fewer = found.way;
            fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
            const std::vector<Box> boxes = subject_.timelines().boxes(*one.line, left.fates(one.line->changes, fewer),
                                                                      Truth::no, Unknown::left_out);
            const auto shows_it = std::find_if(boxes.begin(), boxes.end(), [&](const Box& box) {
                const std::vector<bool> both = meet(facts_, {{&box, &event}, {&box, &box}});
                return both[0] && both[1];
            });
            if (shows_it == boxes.end())
                ++i;
            else
                found.box = *shows_it, found.way = std::move(fewer);
        }
        return found;
    }

    Decision violated(const Case& worst) const {
        const Case shown = shortest(worst);
        const Index a = asked_[shown.asked].node;
        const Timeline& line = *asked_[shown.asked].line;
        Decision d{.verdict = Verdict::violated};
        Witness witness{.objects = {line.object}, .nodes = {a}};
        const std::vector<Index> lost = LeftBehind::failed(shown.way);
        std::vector<Index> open{a};
        Index beside = no_index;  // what may be ending it meanwhile
        Index before = no_index;  // what has ended it
        for (const Interval& interval : shown.box) {
            if (interval.begin == no_index) continue;
            open.push_back(interval.begin);
            const bool is_before = reach(facts_, std::vector<Pair>{{interval.begin, a}})[0];
            (is_before ? before : beside) = interval.begin;
        }
        std::sort(open.begin(), open.end());
        open.erase(std::unique(open.begin(), open.end()), open.end());
        const std::string what = r_.state->text + " may not hold for " + subject_.short_name(line.object) + " while " +
                                 subject_.path(a) + " runs: ";
        if (!lost.empty())
            d.reason = what + subject_.path(lost[0]) + " can fail before while others go on";
        else if (beside != no_index)
            d.reason = what + subject_.path(beside) + " can be ending it";
        else if (before != no_index)
            d.reason = what + subject_.path(before) + " has ended it";
        else
            d.reason = what + "nothing has brought it about", d.lacks = Decision::Missing::state;
        d.step = a;
        if (!lost.empty())
            d.fails = lost[0];
        else if (beside != no_index)
            d.step = beside, d.other = a;
        else if (before != no_index)
            d.other = before;
        if (beside != no_index) {
            witness.nodes.push_back(beside);
            if (lost.empty()) d.fix = subject_.order_that_mends(a, beside);
        }
        Schedule schedule(facts_, world_);
        schedule.leave_behind(shown.way);
        schedule.start(open);
        witness.schedule = std::move(schedule).moments();
        d.witness = std::move(witness);
        return d;
    }

    const Subject& subject_;
    const Facts& facts_;
    const World& world_;
    const Requirement& r_;
    std::map<ObjectId, Timeline> lines_;
    std::vector<Asked> asked_;
    std::vector<Case> cases_;
};

// Each moment of each event needs one of the objects: `every A while some P`.
class DuringSome {
  public:
    DuringSome(const Subject& subject, const World& world, const Requirement& r)
        : subject_(subject), facts_(subject.facts()), world_(world), r_(r) {
        for (const ObjectId object : subject_.objects(*r_.state))
            lines_.push_back(subject_.timelines().of(*r_.state->condition, object, world_));
    }

    Decision decide() const {
        std::vector<Index> events = nodes_of(subject_.matching(*r_.left, world_));
        if (events.empty()) return vacuous(*r_.left);
        if (lines_.empty()) return nothing_to_hold(subject_, world_, r_, events[0]);
        // Mostly one holds at any moment of the run.
        if (Crowd(facts_, world_, subject_.timelines(), lines_, Truth::no).bound(Unknown::counted) < lines_.size())
            return {.verdict = Verdict::holds};
        events.erase(std::unique(events.begin(), events.end()), events.end());
        static constexpr std::size_t most_nodes = 50'000'000;  // for all events together
        if (events.size() * std::size_t{facts_.size()} > most_nodes)
            return {.verdict = Verdict::undecided,
                    .reason = "it is asked of " + plural(events.size(), "step") + ", more than are tried"};
        Decision worst{.verdict = Verdict::holds};
        for (const Index event : events) {
            if (Decision one = ask(event); rank(one.verdict) > rank(worst.verdict)) worst = std::move(one);
            if (worst.verdict == Verdict::violated) break;
        }
        return worst;
    }

  private:
    [[nodiscard]] Decision ask(Index event) const {
        const Crowd others(facts_, world_, subject_.timelines(), lines_, Truth::no, event);
        const Crowd::Width sure = others.widest(Unknown::left_out);
        if (sure.open.size() == lines_.size())
            return {.verdict = Verdict::violated,
                    .reason = "no " + r_.state->text + " may be left while " + subject_.path(event) +
                              " runs: " + names_of(subject_, sure.open) + " can be otherwise" +
                              (lines_.size() == 1 ? "" : " at once") + after_failure(subject_, sure.way),
                    .witness = crowd_of(subject_, world_, sure, {event}),
                    .step = event};
        if (others.bound(Unknown::counted) < lines_.size()) return {.verdict = Verdict::holds};
        const auto unknown = std::find_if(lines_.begin(), lines_.end(), [](const Timeline& l) { return !is_known(l); });
        return undecided(subject_, unknown == lines_.end() ? lines_.front() : *unknown);
    }

    const Subject& subject_;
    const Facts& facts_;
    const World& world_;
    const Requirement& r_;
    std::vector<Timeline> lines_;
};

}  // namespace

Decision decide_during(const Subject& subject, const World& world, const Requirement& r) {
    const bool is_of_all = r.right_quantifier == Quantifier::some && !r.same_object;
    return is_of_all ? DuringSome(subject, world, r).decide() : During(subject, world, r).decide();
}

}  // namespace pvsplan::checks

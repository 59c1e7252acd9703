// `while`, `always` and `finally`: what states may be at the moments of a run.
#include <algorithm>
#include <map>

#include "compiler/checks/crowd.hpp"
#include "compiler/checks/deciders.hpp"
#include "compiler/checks/reach.hpp"
#include "compiler/checks/schedule.hpp"

namespace pvsplan::checks {

using graph::no_index;
using program::ObjectId;

namespace {

bool is_known(const Timeline& line) { return !line.unknown && line.first() != Truth::unknown; }

Decision undecided(const Subject& subject, const Timeline& line) {
    if (is_known(line))
        return {.verdict = Verdict::undecided,
                .reason = "states of `" + subject.facts().object_name(line.object) +
                          "` may change, or be left behind, in more ways than are tried"};
    return {.verdict = Verdict::undecided,
            .reason = "it depends on what is not known yet",
            .missing = subject.missing(line)};
}

// ---- while ----------------------------------------------------------------------------------------------------------

Decision nothing_to_hold(const Subject& subject, const World& world, const Requirement& r, Index event) {
    Decision d{.verdict = Verdict::violated,
               .reason = "there is no " + r.state->text + " that could hold while " + subject.path(event) + " runs",
               .witness = subject.about({event})};
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
            d.reason = what + "nothing has brought it about";
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

// What is open at one moment, for a witness: the steps that begin it, and the objects by name.
std::vector<Index> begins_of(const std::vector<Box>& open) {
    std::vector<Index> begins;
    for (const Box& box : open)
        for (const Interval& interval : box)
            if (interval.begin != no_index) begins.push_back(interval.begin);
    std::sort(begins.begin(), begins.end());
    begins.erase(std::unique(begins.begin(), begins.end()), begins.end());
    return begins;
}

std::string names_of(const Subject& subject, const std::vector<Box>& open) {
    static constexpr std::size_t most_named = 5;
    std::string names;
    for (std::size_t i = 0; i < open.size() && i < most_named; ++i)
        names += (i == 0 ? "" : ", ") + subject.short_name(open[i][0].object);
    return open.size() <= most_named ? names : names + " and " + std::to_string(open.size() - most_named) + " more";
}

Witness crowd_of(const Subject& subject, const World& world, const Crowd::Width& width, std::vector<Index> events) {
    Witness witness;
    for (const Box& box : width.open) witness.objects.push_back(box[0].object);
    witness.nodes = begins_of(width.open);
    witness.nodes.insert(witness.nodes.begin(), events.begin(), events.end());
    events = witness.nodes;
    std::sort(events.begin(), events.end());
    events.erase(std::unique(events.begin(), events.end()), events.end());
    Schedule schedule(subject.facts(), world);
    schedule.leave_behind(width.way);
    schedule.start(events);
    witness.schedule = std::move(schedule).moments();
    return witness;
}

std::string after_failure(const Subject& subject, const Way& way) {
    return way.empty() ? "" : ", after " + subject.path(way[0].nodes[0]) + " has failed while others go on";
}

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
                    .witness = crowd_of(subject_, world_, sure, {event})};
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

// ---- always ---------------------------------------------------------------------------------------------------------

class Always {
  public:
    Always(const Subject& subject, const World& world, const Requirement& r, std::int64_t wanted)
        : subject_(subject), facts_(subject.facts()), world_(world), r_(r), wanted_(wanted) {}

    // Over the objects of one group, which is called `of`.
    [[nodiscard]] Decision over(const std::vector<ObjectId>& members, const std::string& of) const {
        std::vector<Timeline> lines;
        for (const ObjectId object : members)
            lines.push_back(subject_.timelines().of(*r_.state->condition, object, world_));
        if (r_.bound != Bound::exactly) return bounded(lines, of, r_.bound);
        Decision most = bounded(lines, of, Bound::at_most);
        if (most.verdict == Verdict::violated) return most;
        Decision least = bounded(lines, of, Bound::at_least);
        if (rank(least.verdict) < rank(most.verdict)) return most;
        return least.verdict == Verdict::undecided ? changed(lines).value_or(std::move(least)) : least;
    }

  private:
    [[nodiscard]] Decision bounded(const std::vector<Timeline>& lines, const std::string& of, Bound bound) const {
        const auto size = static_cast<std::int64_t>(lines.size());
        const bool is_least = bound == Bound::at_least;
        const std::int64_t most = is_least ? size - wanted_ : wanted_;  // of those that are counted, at one moment
        const auto reached = [&](std::size_t open) {
            const auto n = static_cast<std::int64_t>(open);
            return is_least ? size - n : n;
        };
        const Crowd crowd(facts_, world_, subject_.timelines(), lines, is_least ? Truth::no : Truth::yes);
        const Crowd::Width sure = crowd.widest(Unknown::left_out);
        Decision d{.verdict = Verdict::violated, .reached = reached(sure.open.size())};
        if (static_cast<std::int64_t>(sure.open.size()) > most) {
            describe(sure, of, is_least, d);
            return d;
        }
        const std::size_t limit = crowd.bound(Unknown::counted);
        d = {.verdict = Verdict::holds, .reached = reached(limit)};
        if (static_cast<std::int64_t>(limit) <= most) return d;
        const auto unknown = std::find_if(lines.begin(), lines.end(), [](const Timeline& l) { return !is_known(l); });
        d = undecided(subject_, unknown == lines.end() ? lines.front() : *unknown);
        d.reached = reached(limit);
        return d;
    }

    // A number that changes is not the same at every moment, whatever it is at first.
    [[nodiscard]] std::optional<Decision> changed(const std::vector<Timeline>& lines) const {
        for (const Timeline& line : lines) {
            const Crowd::Width with = alone(line, Truth::yes);
            const Crowd::Width without = alone(line, Truth::no);
            if (with.open.empty() || without.open.empty()) continue;
            Decision d{.verdict = Verdict::violated,
                       .reason = r_.state->text + " changes for " + subject_.short_name(line.object) +
                                 ", so there are not " + std::to_string(wanted_) + " at every moment",
                       .witness = crowd_of(subject_, world_, begins_of(with.open).empty() ? without : with, {})};
            d.witness->objects.clear();
            for (const Timeline& one : lines) d.witness->objects.push_back(one.object);
            return d;
        }
        return std::nullopt;
    }
    [[nodiscard]] Crowd::Width alone(const Timeline& line, Truth truth) const {
        return Crowd(facts_, world_, subject_.timelines(), {line}, truth).widest(Unknown::left_out);
    }

    void describe(const Crowd::Width& width, const std::string& of, bool is_least, Decision& d) const {
        const std::string who = names_of(subject_, width.open);
        const std::string where = of.empty() ? "" : " of " + of;
        const std::string wanted = std::to_string(wanted_) + (wanted_ == 1 ? " is" : " are");
        const bool is_exact = r_.bound == Bound::exactly;
        const std::string reached = std::to_string(std::max<std::int64_t>(0, d.reached));
        const bool is_one = width.open.size() == 1;
        if (is_least)
            d.reason = (d.reached <= 0 ? "no " : "only " + reached + " ") + r_.state->text + where + " may be left, " +
                       (is_exact ? "exactly " : "at least ") + wanted + " required" +
                       (width.open.empty() ? "" : ": " + who + " can be otherwise" + (is_one ? "" : " at once"));
        else
            d.reason = reached + " " + r_.state->text + where +
                       (is_one ? " is possible, " : " are possible at once, ") +
                       (wanted_ == 0 ? "none is allowed"
                        : is_exact   ? "exactly " + wanted + " required"
                                     : "at most " + wanted + " allowed") +
                       ": " + who;
        d.reason += after_failure(subject_, width.way);
        d.witness = crowd_of(subject_, world_, width, {});
        if (width.way.empty()) d.fix = missing_order(width.open);
    }

    // Two of them in an order that is missing: the later one waits until the earlier one is over.
    [[nodiscard]] std::optional<Decision::MissingOrder> missing_order(const std::vector<Box>& open) const {
        for (const Box& a : open)
            for (const Box& b : open)
                if (a.size() == 1 && b.size() == 1 && a[0].end != no_index && b[0].begin != no_index &&
                    a[0].object != b[0].object && a[0].end != b[0].begin &&
                    !reach(facts_, std::vector<Pair>{{b[0].begin, a[0].end}})[0])
                    return Decision::MissingOrder{a[0].end, b[0].begin};
        return std::nullopt;
    }

    const Subject& subject_;
    const Facts& facts_;
    const World& world_;
    const Requirement& r_;
    std::int64_t wanted_;
};

}  // namespace

Decision decide_during(const Subject& subject, const World& world, const Requirement& r) {
    const bool is_of_all = r.right_quantifier == Quantifier::some && !r.same_object;
    return is_of_all ? DuringSome(subject, world, r).decide() : During(subject, world, r).decide();
}

Decision decide_always(const Subject& subject, const World& world, const Requirement& r) {
    const program::Value number = evaluate_for(subject.facts(), *r.number, {});
    const std::int64_t* wanted = number.as_integer();
    if (!wanted)
        return {.verdict = Verdict::undecided, .reason = "the number is not known", .missing = subject.missing(number)};
    std::map<std::string, std::vector<ObjectId>> groups;
    for (const ObjectId object : subject.objects(*r.state))
        groups[r.per ? subject.key(*r.per, object) : std::string()].push_back(object);
    if (groups.empty() && !r.per) groups[""];
    const Always always(subject, world, r, *wanted);
    std::optional<Decision> worst;
    for (const auto& [name, members] : groups) {
        Decision one = always.over(members, name);
        const bool is_tighter =
            worst && r.bound != Bound::exactly &&
            (r.bound == Bound::at_least ? one.reached < worst->reached : one.reached > worst->reached);
        if (!worst || rank(one.verdict) > rank(worst->verdict) || (one.verdict == worst->verdict && is_tighter))
            worst = std::move(one);
    }
    return worst.value_or(Decision{.verdict = Verdict::holds});
}

// Asked of runs that are complete: each state is what the last that sets it has set.
Decision decide_finally(const Subject& subject, const World& world, const Requirement& r) {
    const bool is_every = r.right_quantifier == Quantifier::every;
    std::vector<Timeline> failing;
    std::optional<Timeline> open;
    bool some_hold = false;
    for (const ObjectId object : subject.objects(*r.state)) {
        Timeline line = subject.timelines().of(*r.state->condition, object, world);
        switch (line.last()) {
            case Truth::yes: some_hold = true; break;
            case Truth::unknown: open = std::move(line); break;
            case Truth::no: failing.push_back(std::move(line)); break;
        }
    }
    const bool is_violated = is_every ? !failing.empty() : !some_hold && !open;
    if (!is_violated) return open && (is_every || !some_hold) ? undecided(subject, *open) : Decision{};
    if (is_every) failing.resize(1);
    Decision d{.verdict = Verdict::violated, .witness = Witness{}};
    std::vector<Index> changes;
    for (const Timeline& line : failing) {
        d.witness->objects.push_back(line.object);
        changes.insert(changes.end(), line.changes.begin(), line.changes.end());
        if (!line.changes.empty()) d.witness->nodes.push_back(line.changes.back());
    }
    const std::string last = d.witness->nodes.empty() ? "" : subject.path(d.witness->nodes.front()) + " leaves it so";
    if (is_every)
        d.reason = r.state->text + " does not hold for " + subject.short_name(failing[0].object) + " at the end" +
                   (last.empty() ? "" : ": " + last);
    else
        d.reason = "no " + r.state->text + " is left at the end" + (last.empty() ? "" : ": " + last);
    std::sort(changes.begin(), changes.end());
    changes.erase(std::unique(changes.begin(), changes.end()), changes.end());
    Schedule schedule(subject.facts(), world);
    schedule.finish(changes);
    d.witness->schedule = std::move(schedule).moments();
    return d;
}

}  // namespace pvsplan::checks

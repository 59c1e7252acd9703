#include "tests/unit/engine/trace.hpp"

#include <catch2/catch.hpp>

#include "runtime/engine/messages.hpp"
#include "tests/unit/golden.hpp"

namespace pvsplan::engine::test {
namespace {

constexpr ports::Millis began = 1'000'000;

// NAME VALUE, if there is one.
std::string with(const std::string& name, const std::string& value) {
    return value.empty() ? "" : " " + name + (name.empty() ? "" : " ") + value;
}
std::string with(const std::string& name, std::int64_t value) {
    return value == 0 ? "" : with(name, std::to_string(value));
}
std::string quoted(const std::string& text) {
    std::string line = text;
    for (std::size_t at = 0; (at = line.find('\n', at)) != std::string::npos; at += 3) line.replace(at, 1, " / ");
    return line.empty() ? "" : "\"" + line + "\"";
}

std::string text_of_job(const Job& job) {
    constexpr const char* types[] = {"command", "see", "claim", "release"};
    constexpr const char* asks[] = {"start", "attach", "look", "kill"};
    std::string text = std::string("ask ") + types[static_cast<std::size_t>(job.type)];
    if (job.type == Job::Type::command) text += std::string(" ") + asks[static_cast<std::size_t>(job.ask)];
    text += with("", job.step) + with("#", job.attempt) + with("on", job.host != nullptr ? job.host->id : "here");
    if (job.text != "…") text += with("", quoted(job.text));
    for (const std::string& argument : job.arguments) text += " [" + argument + "]";
    text += with("within", job.timeout_ms) + with("patience", job.patience_ms) + with("in", job.place);
    if (job.at_timeout == Job::AtTimeout::kill) text += " then kill";
    if (job.claim)
        text += with("token", static_cast<std::int64_t>(job.claim->token)) + with("instead of", job.claim->instead_of) +
                (job.claim->is_over ? " over" : "");
    for (const Job::Effect& effect : job.effects) text += " sets " + effect.attribute;
    return text + (job.precondition ? " if" : "");
}

std::string text_of_record(const journal::Record& record) {
    std::string text = "record " + std::string(journal::name_of(record.type)) + with("", record.node) +
                       with("#", record.attempt) + with("=", record.value) + with("exit", record.exit_status) +
                       with("", quoted(record.text)) + with("by", record.by) + with("on", record.host) +
                       with("said", record.said);
    for (const auto& [object, states] : record.states) {
        text += " " + object + "{";
        for (const auto& [name, value] : states) text += " " + name + "=" + value;
        text += " }";
    }
    for (const auto& [name, value] : record.outputs) text += " puts " + name + "=" + value;
    return text + with("out", quoted(record.out)) + with("err", quoted(record.err));
}

std::string text_of_event(const Event& event) {
    std::string text = "told " + std::string(name_of(event.type)) + with("", event.node) + with("#", event.attempt) +
                       with("on", event.object) + with("exit", event.exit_status) + with("took", event.duration_ms);
    if (event.retry_in_ms >= 0) text += " again in " + std::to_string(event.retry_in_ms);
    text += with("", quoted(event.text)) + " (" + std::to_string(event.running) + " run, " +
            std::to_string(event.over) + " over, " + std::to_string(event.left) + " left)";
    if (event.nodes != nullptr) {
        text += " of " + std::to_string(event.nodes->nodes.size()) + " nodes, over before:";
        for (const NodeId node : event.over_before) text += " " + event.nodes->nodes[node.index()].id;
    }
    return text + with("simulated", event.simulated) + with("at +", event.steady - began);
}

std::string text_of_wanted(const Wanted& wanted) {
    return "wanted " + std::string(name_of(wanted.type)) + with("", wanted.node) + with("", quoted(wanted.text)) +
           with("", wanted.where) + with("in", wanted.iteration);
}

const pvsplan::test::Golden& traces() {
    static const pvsplan::test::Golden file(
        "tests/unit/engine/traces.txt",
        "Runs from start to end, for tests/unit/engine/trace.cpp: what is asked of hosts, recorded and told.\n"
        "Written by PVSPLAN_BLESS=1 test_engine 'trace*'; each line was read by a person, and a change of one wants "
        "that again.\n");
    return file;
}

}  // namespace

Trace::Trace(const std::function<void(Plan&)>& change, std::size_t servers) : story(change, servers, nullptr) {
    auto watched = std::make_unique<WatchedStore>(std::move(story.farm->store));
    watched->after = [this](std::string_view call) {
        if (is_reading_) return;
        ++calls_[std::string(call)];
        if (call == "append" || call == "create_run") recorded();
    };
    story.farm->store = std::move(watched);
    story.farm->environment.store = story.farm->store.get();
    story.farm->environment.me.user = "otto";
    story.farm->environment.me.host = "here";
    story.hosts->answer = [this](const Job& job) { return asked(job); };
}

std::vector<JobEvent> Trace::asked(const Job& job) {
    line("  " + text_of_job(job));
    if (when_asked) when_asked(job);
    constexpr const char* asks[] = {"start ", "attach ", "look ", "kill "};
    std::string what = job.type == Job::Type::command ? asks[static_cast<std::size_t>(job.ask)] + job.step : job.step;
    if (job.type == Job::Type::observation) what = "see " + job.host->id;
    const auto found = said_.find(what);
    if (found == said_.end() || found->second.empty()) return {};
    std::vector<JobEvent> events = std::move(found->second.front());
    found->second.pop_front();
    if (events.empty()) events.push_back({.key = "nobody's"});
    return events;
}

void Trace::recorded() {
    is_reading_ = true;
    const auto runs = story.farm->store->runs();
    if (std::exchange(story.run, runs->back().id) != story.run) records_ = 0;
    const auto rows = story.farm->store->records(runs->back().id);
    line("  commit" + with("outcome", quoted(runs->back().outcome)));
    for (; records_ < rows->size(); ++records_)
        line("    " + text_of_record(*journal::decode((*rows)[records_].bytes)));
    is_reading_ = false;
}

void Trace::on(const Event& event) {
    line("  " + text_of_event(event));
    if (when_told) when_told(event);
}

void Trace::ended(const std::string& what, const Ended& ended) {
    story.ended = ended;
    if (!ended.run.empty()) story.run = ended.run;
    line("  " + what + " ends " + std::to_string(exit_status(ended)) + ": " + ended.message +
         (ended.is_asked ? ", as asked" : "") + with("signal", ended.signal));
    for (const Wanted& wanted : ended.wanted) line("    " + text_of_wanted(wanted));
    std::string calls = "  store:";
    for (const auto& [name, times] : calls_) calls += " " + name + " " + std::to_string(times);
    line(calls);
    calls_.clear();
    line("  hosts: forget " + std::to_string(story.hosts->forgotten) + ", recorded " +
         std::to_string(story.hosts->ended.size()));
    story.hosts->forgotten = 0;
    story.hosts->ended.clear();
    is_reading_ = true;
    if (!story.run.empty()) line("  fault: " + story.fault());
    is_reading_ = false;
}

void Trace::go() {
    line("start");
    ended("start", start(story.farm->environment, story.plan, encode(story.plan), story.options, *this));
}
void Trace::again(std::vector<OperatorDecision> decisions) {
    line("resume");
    resume_options.decisions = std::move(decisions);
    ended("resume", resume(story.farm->environment, story.run, resume_options, story.options, *this));
}
void Trace::back(const std::string& because) {
    line("rollback");
    ended("rollback", rollback(story.farm->environment, story.run, {.because = because}, story.options, *this));
}
void Trace::abandon(const std::string& because) {
    line("abandon");
    ended("abandon", engine::abandon(story.farm->environment, story.run, because));
}
void Trace::approve(const std::string& node, const std::string& because) {
    line("approve " + node);
    ended("approve", engine::approve(story.farm->environment, story.run, node, because, 250));
}
void Trace::post(const std::string& node, const std::string& by) {
    const journal::Record message = approval_message(story.plan, node, "from afar", by, "there", 1);
    line("post an approval of " + node + " by " + by + " as " + message.said);
    is_reading_ = true;
    const auto runs = story.farm->store->runs();
    CHECK(story.farm->store->post_message(runs->back().id, journal::encode(message)).ok());
    is_reading_ = false;
}

void Trace::show() {
    is_reading_ = true;
    const auto found =
        status(*story.farm->store, story.run, std::nullopt, [](const auto&, const auto&) { return base::Done{}; });
    REQUIRE(found.ok());
    line("status: " + std::string(name_of(found->standing.type)) + " by " + found->by +
         with("simulated", found->simulated) + (found->is_rolling_back ? ", is rolled back" : ""));
    for (const auto* nodes : {&found->nodes, &found->rollback})
        for (const NodeStatus& node : *nodes)
            line("  " + node.node + with("on", node.object) + ": " + node.state + with("#", node.attempts) +
                 with("", quoted(node.text)) + with("from +", std::max<std::int64_t>(node.started_at - began, 0)) +
                 with("to +", std::max<std::int64_t>(node.ended_at - began, 0)));
    for (const Wanted& wanted : found->wanted) line("  " + text_of_wanted(wanted));
    for (const Offer& offer : found->next) line("  next: " + offer.command + with("", quoted(offer.what)));
    is_reading_ = false;
}

void Trace::show_log() {
    is_reading_ = true;
    const auto lines = log(*story.farm->store, story.run);
    for (const LogLine& one : *lines)
        line("  log " + std::to_string(one.number) + " " + one.kind + with("", one.node) + with("", quoted(one.text)) +
             with("printed", quoted(one.output)));
    is_reading_ = false;
}

// What differs from one time to the next: the run, names of messages and calls, this process, the zone.
std::string Trace::clean(std::string text) {
    const auto replace_all = [&text](const std::string& part, const std::string& by) {
        for (std::size_t at = 0; !part.empty() && (at = text.find(part, at)) != std::string::npos; at += by.size())
            text.replace(at, part.size(), by);
    };
    const auto replace_behind = [&text](const std::string& before, std::size_t size, const std::string& by) {
        for (std::size_t at = 0; (at = text.find(before, at)) != std::string::npos; at += before.size())
            text.replace(at + before.size(), size, by);
    };
    replace_all(story.plan.digest, "DIGEST");
    replace_all(story.run, "RUN");
    replace_all("process " + std::to_string(story.farm->environment.me.pid) + ")", "process N)");
    static constexpr std::size_t length_of_moment = 26;  // 1970-01-01 00:16:40 +00:00
    replace_behind(" since ", text.find(" since 1") == std::string::npos ? 0 : length_of_moment, "");
    static constexpr std::size_t length_of_name = 16;
    const auto is_hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
    for (std::size_t at = 0; at < text.size(); ++at) {
        std::size_t end = at;
        while (end < text.size() && is_hex(text[end])) ++end;
        if (end - at != length_of_name) {
            at = end;
            continue;
        }
        const auto known = names_.emplace(text.substr(at, length_of_name), "m" + std::to_string(names_.size() + 1));
        text.replace(at, length_of_name, known.first->second);
        at += known.first->second.size();
    }
    return text;
}

void Trace::expect(const std::string& name) { traces().expect(name, lines_); }

}  // namespace pvsplan::engine::test

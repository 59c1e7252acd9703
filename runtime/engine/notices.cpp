#include "runtime/engine/notices.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "compiler/base/digest.hpp"
#include "compiler/base/lists.hpp"
#include "compiler/base/shell_word.hpp"
#include "compiler/base/utf8.hpp"
#include "compiler/program/simulated.hpp"
#include "runtime/engine/lease.hpp"
#include "runtime/ports/calendar.hpp"

namespace pvsplan::engine {

using program::Notify;
using Record = journal::Record;
using Json = nlohmann::ordered_json;

namespace {

constexpr ports::Millis age_when_told = 2'000;  // what happens within it is told together
constexpr ports::Millis wait_at_end = 10'000;   // how long what is still to be sent may hold the end up
constexpr ports::Millis look_every = 100;
constexpr std::size_t max_steps = 10;  // that one message names; the others are counted
constexpr std::size_t max_text = 600;

// Short enough for every receiver, and not cut within a character.
std::string shortened(std::string text) {
    if (text.size() <= max_text) return text;
    text.resize(base::cut_before(text, max_text));
    return text + "…";
}

// The first line of a message whose steps come behind it.
std::string usual_message(Notify::When when) {
    switch (when) {
        case Notify::When::waiting: return "the run waits for a person";
        case Notify::When::failed: return "a step failed";
        case Notify::When::doubt: return "a step is in doubt: an operator must decide";
        case Notify::When::done: break;
    }
    return "the run has ended";
}

// The secrets of one receiver, read anew for each message; `why` is set where one cannot be read.
std::map<std::string, std::string> secrets_of(const Environment& environment, const Notify& how, std::string& why) {
    std::map<std::string, std::string> secrets;
    for (const std::string* name : {&how.url_secret, &how.password_secret}) {
        if (name->empty()) continue;
        base::Result<std::string> secret = environment.secrets->read(*name);
        if (secret)
            secrets[*name] = std::move(*secret);
        else
            why = secret.error().text();
    }
    return secrets;
}

}  // namespace

// Without a courier, or without anybody to tell, nothing is noted and nothing recorded.
Notices::Notices(Recorder& recorder)
    : recorder_(&recorder),
      courier_(recorder.plan().notify.empty() ? nullptr : recorder.environment().courier),
      is_simulated_(program::simulated_part(recorder.plan()) == program::Simulated::all) {}

bool Notices::is_wanted(When when) const {
    const std::vector<Notify>& all = recorder_->plan().notify;
    return std::any_of(all.begin(), all.end(), [&](const Notify& one) {
        return std::find(one.on.begin(), one.on.end(), when) != one.on.end();
    });
}

// A step that is tried again and fails again is told of again.
Notices::Thing Notices::thing_of(When when, std::string is, const std::string& step, std::string text) const {
    std::string key = is + " " + step;
    const auto& by_path = recorder_->run().now().by_path;
    if (const auto found = by_path.find(step); found != by_path.end())
        if (const std::uint32_t attempt = recorder_->state(found->second).attempt; attempt > 1)
            key += " " + std::to_string(attempt);
    return {.when = when, .key = std::move(key), .is = std::move(is), .step = step, .text = std::move(text)};
}

// Each thing is told once by its key, however often it happens: the journal knows the keys of earlier processes,
// `shown_` and `pending_` those of this one.
void Notices::add(Thing thing) {
    const auto same = [&](const Thing& other) { return other.key == thing.key; };
    if (!is_wanted(thing.when) || recorder_->run().told.contains(thing.key) || shown_.contains(thing.key) ||
        std::any_of(pending_.begin(), pending_.end(), same))
        return;
    if (pending_.empty()) pending_since_ = recorder_->environment().clock->steady();
    pending_.push_back(std::move(thing));
}

// Only what wants somebody is noted; what is over takes back what was not told yet.
void Notices::take_note(const Event& event) {
    if (courier_ == nullptr) return;
    switch (event.type) {
        case Event::Type::approval_wanted: return add(thing_of(When::waiting, "approval", event.node, event.text));
        case Event::Type::person_wanted: return add(thing_of(When::waiting, "manual", event.node, event.text));
        case Event::Type::window_closed: return add(thing_of(When::waiting, "window", event.node, event.text));
        case Event::Type::step_failed:
            if (event.retry_in_ms < 0) add(thing_of(When::failed, "failed", event.node, event.text));
            return;
        case Event::Type::step_unreached: return add(thing_of(When::failed, "unreached", event.node, event.text));
        case Event::Type::step_in_doubt: return add(thing_of(When::doubt, "doubt", event.node, event.text));
        case Event::Type::approval_given:
        case Event::Type::window_opened:
        case Event::Type::step_started:
        case Event::Type::step_finished:
        case Event::Type::step_reconciled:
        case Event::Type::step_skipped:  // nobody has to be told of what is over
            std::erase_if(pending_, [&](const Thing& thing) { return thing.step == event.node; });
            break;
        default: break;
    }
}

std::optional<ports::Millis> Notices::due() const {
    return pending_.empty() ? std::nullopt : std::optional(pending_since_ + age_when_told);
}

// After a pause, so that ten servers that wait for the same window are one message.
void Notices::queue_what_is_due() {
    if (pending_.empty() || recorder_->environment().clock->steady() < pending_since_ + age_when_told) return;
    for (const When when : {When::waiting, When::failed, When::doubt}) queue_pending(when, usual_message(when), {});
}

// What was said already is left out; if nothing new is left, no message goes out.
void Notices::queue_pending(When when, const std::string& message, std::vector<std::string> keys) {
    std::vector<Thing> things;
    for (const Thing& thing : pending_)
        if (thing.when == when) things.push_back(thing);
    std::erase_if(pending_, [&](const Thing& thing) { return thing.when == when; });
    std::erase_if(keys,
                  [&](const std::string& key) { return recorder_->run().told.contains(key) || !is_wanted(when); });
    if (!things.empty() || !keys.empty()) queue(when, message, std::move(keys), things);
}

void Notices::queue(When when, const std::string& message, std::vector<std::string> keys,
                    const std::vector<Thing>& things) {
    for (const Thing& thing : things) keys.push_back(thing.key);
    // What would have been told is shown, once for each key, and nothing is recorded.
    if (is_simulated_) {
        shown_.insert(keys.begin(), keys.end());
        std::string who;
        for (const Notify& one : recorder_->plan().notify)
            if (std::find(one.on.begin(), one.on.end(), when) != one.on.end())
                base::append(who, ", ", program::text_of(one));
        recorder_->tell({.type = Event::Type::note,
                         .text = "nobody is told, because the farm is simulated: `" +
                                 std::string(program::name_of(when)) + "` would go to " + who});
        return;
    }
    // The number of the record that write() makes next: deliveries are known by it.
    const std::uint64_t number = recorder_->run().records + 1;
    recorder_->journal().write({.type = Record::Type::told,
                                .value = std::string(program::name_of(when)),
                                .text = recorder_->redactor().clean(message),
                                .names = std::move(keys),
                                .out = recorder_->redactor().clean(content_of(when, message, things))});
    queued_.push_back(number);
}

// How the run ends: an outcome about the same steps as before is no news.
void Notices::queue_the_end(const Ended& ended) {
    if (courier_ == nullptr) return;
    std::string about;
    for (const Wanted& wanted : ended.wanted) {
        Thing thing;
        switch (wanted.type) {
            case Wanted::Type::approval: thing = thing_of(When::waiting, "approval", wanted.node, wanted.text); break;
            case Wanted::Type::manual: thing = thing_of(When::waiting, "manual", wanted.node, wanted.text); break;
            case Wanted::Type::window: thing = thing_of(When::waiting, "window", wanted.node, wanted.text); break;
            case Wanted::Type::until: thing = thing_of(When::waiting, "until", wanted.node, wanted.text); break;
            case Wanted::Type::left_out: thing = thing_of(When::failed, "left out", wanted.node, wanted.text); break;
            case Wanted::Type::failed: thing = thing_of(When::failed, "failed", wanted.node, wanted.text); break;
            case Wanted::Type::unreached: thing = thing_of(When::failed, "unreached", wanted.node, wanted.text); break;
            case Wanted::Type::doubt:
            case Wanted::Type::no_return: thing = thing_of(When::doubt, "doubt", wanted.node, wanted.text); break;
        }
        about += thing.key + "\n";
        add(std::move(thing));
    }
    static constexpr std::size_t length = 8;
    const std::string of_these = " " + base::sha256_hex(about).substr(0, length);
    const auto end = [&](When when, std::vector<std::string> keys) {
        queue_pending(when, ended.message, std::move(keys));
        for (const When other : {When::waiting, When::failed, When::doubt})
            queue_pending(other, usual_message(other), {});
    };
    const std::string& back_to = recorder_->run().back_to;
    switch (ended.outcome) {
        case Outcome::waiting: return end(When::waiting, {});
        case Outcome::failed: return end(When::failed, {"halted" + of_these});
        case Outcome::in_doubt: return end(When::doubt, {"in doubt" + of_these});
        case Outcome::done: return end(When::done, {"done"});
        case Outcome::rolled_back:
            return end(ended.is_asked ? When::done : When::failed,
                       {"rolled back" + (back_to.empty() ? "" : " to " + back_to)});
        default: break;
    }
}

// An end like any other, for whoever asked to be told of ends.
void Notices::queue_that_it_is_given_up(const std::string& message) {
    if (courier_ != nullptr) queue_pending(When::done, message, {"given up"});
}

// The command that the first thing wants; `status` says more where a person has to look first.
std::string Notices::next_words(When when, const std::vector<Thing>& things) const {
    const std::string& run = recorder_->run_id();
    if (when == When::done) return "";
    const bool waits_for_time = !things.empty() && (things[0].is == "window" || things[0].is == "until");
    if (when == When::failed || waits_for_time) return "pvsplan resume " + run;
    if (!things.empty() && things[0].is == "approval")
        return "pvsplan approve " + run + " " + base::shell_word(things[0].step);
    return "pvsplan status " + run;
}

// The same object goes to every receiver; each forms its own message of it.
std::string Notices::content_of(When when, const std::string& message, const std::vector<Thing>& things) const {
    const Environment& environment = recorder_->environment();
    const program::Plan& plan = recorder_->plan();
    Json json = {{"run", recorder_->run_id()},
                 {"farm", plan.farm},
                 {"plan", plan.name},
                 {"state", program::name_of(when)},
                 {"message", message},
                 {"step", things.empty() ? "" : things[0].step},
                 {"asked", things.empty() ? "" : shortened(things[0].text)},
                 {"steps", Json::array()}};
    for (std::size_t i = 0; i < std::min(things.size(), max_steps); ++i)
        json["steps"].push_back({{"step", things[i].step}, {"is", things[i].is}, {"text", shortened(things[i].text)}});
    json["more"] = things.size() - json["steps"].size();
    json["host"] = environment.me.host;
    json["by"] = environment.me.user;
    json["at"] = ports::utc_text(environment.clock->now(), "%Y-%m-%dT%H:%M:%SZ");
    json["next"] = next_words(when, things);
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// What an earlier process had recorded and did not see delivered. It may arrive twice; without this it might never.
void Notices::send_what_is_left() {
    if (courier_ == nullptr) return;
    for (const auto& [number, notice] : recorder_->run().notices)
        if (!notice.open.empty()) queued_.push_back(number);
    send_queued();
}

// A notice without a record is none: what the journal does not have is not sent.
void Notices::send_queued() {
    for (const std::uint64_t number : std::exchange(queued_, {}))
        if (const auto found = recorder_->run().notices.find(number); found != recorder_->run().notices.end())
            send(number, state::Notice(found->second));
}

// A copy is passed in, since giving up writes a record, which changes the notices of the run.
void Notices::send(std::uint64_t number, const state::Notice& notice) {
    for (const std::size_t to : notice.open) {
        ports::Notification notification{
            .number = number, .to = to, .how = recorder_->plan().notify[to], .content = notice.content};
        std::string why;
        notification.secrets = secrets_of(recorder_->environment(), notification.how, why);
        why.empty() ? courier_->send(std::move(notification)) : give_up(number, to, why);
    }
}

// Said at the terminal and recorded: a person who counts on the message has to know.
void Notices::give_up(std::uint64_t number, std::size_t to, std::string why) {
    const std::string entry = program::entry_of_notify(to);
    recorder_->tell({.type = Event::Type::note,
                     .text = program::text_of(recorder_->plan().notify[to]) + " (" + entry + ") was not told: " + why});
    recorder_->journal().write({.type = Record::Type::unsent,
                                .node = entry,
                                .text = recorder_->redactor().clean(std::move(why)),
                                .said = std::to_string(number)});
}

// Told of twice, as after a resume, only the first delivery is recorded.
void Notices::record_deliveries() {
    if (courier_ == nullptr) return;
    for (ports::Delivery& one : courier_->take_delivered()) {
        const auto notice = recorder_->run().notices.find(one.number);
        if (notice == recorder_->run().notices.end()) continue;
        if (!notice->second.open.contains(one.to)) continue;
        if (one.state == ports::Delivery::State::given_up) {
            give_up(one.number, one.to, std::move(one.why));
            continue;
        }
        recorder_->journal().write({.type = Record::Type::sent,
                                    .node = program::entry_of_notify(one.to),
                                    .attempt = one.attempts,
                                    .said = std::to_string(one.number)});
    }
}

// Two signals end the waiting: whoever wants to leave is not kept by a mail server.
void Notices::finish() {
    if (courier_ == nullptr || is_simulated_) return;
    courier_->hurry();
    const ports::Signals& signals = *recorder_->environment().signals;
    for (ports::Millis waited = 0; waited < wait_at_end && signals.count() < 2; waited += look_every)
        if (courier_->wait(look_every)) break;
    record_deliveries();
}

std::vector<std::string> Notices::untold() const {
    if (courier_ == nullptr) return {};
    return untold_of(recorder_->run(), courier_->open());
}

std::vector<std::string> untold_of(const state::RunState& run, const std::vector<ports::Delivery>& open) {
    std::vector<std::string> all;
    const auto add = [&](const state::Notice& notice, std::size_t to, const std::string& what) {
        all.push_back(program::text_of(run.plan->notify[to]) + " (" + program::entry_of_notify(to) + ") " + what +
                      " `" + notice.when + "`");
    };
    for (const auto& [number, notice] : run.notices) {
        for (const auto& [to, why] : notice.given_up) {
            add(notice, to, "was not told");
            all.back() += ", which was given up: " + why;
        }
        for (const std::size_t to : notice.open) {
            add(notice, to, "is not known to have been told");
            for (const ports::Delivery& one : open)
                if (one.number == number && one.to == to && !one.why.empty()) all.back() += ": " + one.why;
            all.back() += "; `resume` sends it";
        }
    }
    return all;
}

// The run is over, so its farm may belong to another run by now. Then what was not told waits, and nothing of that run
// is touched.
std::string send_what_is_left(const Environment& environment, const std::string& run) {
    if (environment.courier == nullptr) return "";
    base::Result<LoadedRun> loaded = load(*environment.store, run);
    if (!loaded) return "";
    const auto is_open = [](const auto& notice) { return !notice.second.open.empty(); };
    if (std::none_of(loaded->state->notices.begin(), loaded->state->notices.end(), is_open)) return "";
    Ended ended;
    const std::optional<Taken> taken = take(environment, loaded->row.farm, run, ended);
    if (!taken) return "what was not told yet waits: " + ended.message;
    loaded = load(*environment.store, run);
    std::string words;
    if (loaded) {
        Recorder recorder(environment, *loaded->plan, taken->lease, run, *loaded->state);
        Notices notices(recorder);
        notices.send_what_is_left();
        notices.finish();
        const base::Status written = recorder.journal().commit();
        for (const std::string& one : notices.untold()) base::append(words, "; ", one);
        if (words.empty()) words = "what was not told yet is sent";
        if (!written) words += " (" + written.error().text() + ")";
    } else {
        words = loaded.error().text();
    }
    (void)environment.store->release(taken->lease);
    return words;
}

}  // namespace pvsplan::engine

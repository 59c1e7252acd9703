#include "runtime/cli/follow.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "compiler/diag/display.hpp"
#include "runtime/cli/changed_sources.hpp"
#include "runtime/cli/keyboard.hpp"
#include "runtime/cli/operator.hpp"
#include "runtime/cli/prove.hpp"
#include "runtime/ports/terminal.hpp"
#include "runtime/report/lines.hpp"
#include "runtime/report/views.hpp"

namespace pvsplan::cli {
namespace {

using Wanted = engine::Wanted;

// The keyboard first: a key that is pressed because of what the view shows must be one that counts.
class Both final : public engine::Observer {
  public:
    Both(engine::Observer& first, engine::Observer* second) : first_(&first), second_(second) {}
    void on(const engine::Event& event) override {
        if (second_) second_->on(event);
        first_->on(event);
    }

  private:
    engine::Observer* first_;
    engine::Observer* second_;
};

std::uint32_t terminal_rows() { return ports::terminal_size(ports::StandardStream::out).rows; }

std::uint32_t terminal_columns() { return ports::terminal_size(ports::StandardStream::out).columns; }

// A store that cannot tell gives no estimate; the run goes on without.
std::map<std::string, std::int64_t> usual_durations(const ports::Runs& runs, const std::string& plan) {
    base::Result<std::map<std::string, std::int64_t>> usual = engine::usual_durations(runs, plan);
    return usual.ok() ? std::move(*usual) : std::map<std::string, std::int64_t>();
}

// A live view only where somebody looks: into a file or a pipe go lines, without a colour.
std::unique_ptr<engine::Observer> view_for(const Session& session, const std::string& format,
                                           std::map<std::string, std::int64_t> usual) {
    if (format == "json") return report::make_json(session.out.write);
    if (!session.out.is_terminal) return report::make_lines(session.out.write, std::move(usual));
    using Colour = report::LiveOptions::Colour;
    const bool coloured = session.out.colour == diag::Colour::always;
    return report::make_live(session.out.write, {.columns = terminal_columns,
                                                 .rows = terminal_rows,
                                                 .colour = coloured ? Colour::always : Colour::never,
                                                 .usual = std::move(usual),
                                                 .hint = session.may_ask() ? "press y to say yes" : ""});
}

// Another run, or another process, has the farm: what can be done about it.
void tell_what_held_wants(Session& session, const engine::Ended& ended) {
    const bool is_out_of_sight = ended.other == engine::Standing::Type::out_of_sight;
    const auto type = [&](std::string command, std::string_view what) {
        command.resize(std::max<std::size_t>(command.size(), 30), ' ');
        session.err.write(with_store(session, "    $ pvsplan " + command + "  # " + std::string(what) + "\n"));
    };
    if (ended.run.empty()) {
        if (is_out_of_sight)
            say(session, "if that process is surely gone, pass `--take-over --because '…'` to take the farm from it");
        return;
    }
    // A command that somebody else has written into the store is not one to be typed.
    if (base::Status fine = engine::check_run_id(ended.run); !fine)
        return (void)complain(session, fine.error(), Exit::held);
    type("status " + ended.run, "how far it is");
    if (ended.other == engine::Standing::Type::under_way) {
        say(session,
            "it can be stopped there; `resume`, `rollback` and `abandon` take it from that process with "
            "`--take-over --because '…'`");
        return;
    }
    const std::string how = is_out_of_sight ? " --take-over --because '…'" : "";
    if (is_out_of_sight) say(session, "if that process is surely gone, take the run from it by one of:");
    type("resume " + ended.run + how, "go on with it");
    type("rollback " + ended.run + how, "undo what it did");
    type("abandon " + ended.run + how, "leave the farm as it is");
}

// What it is, and what to type. `words` is in the order of Wanted::Type; one that is missing would end the command by
// an exception and not read beyond it.
void tell(Session& session, const Wanted& wanted, const std::vector<engine::Offer>& offers) {
    constexpr std::array<std::string_view, 9> words = {"waits for approval",
                                                       "is done by a person",
                                                       "is in doubt: look, then decide by one of",
                                                       "failed",
                                                       "was not reached",
                                                       "stays as it is",
                                                       "waits for its window",
                                                       "is what comes next",
                                                       "is left out, until somebody has dealt with it"};
    session.err.write(inked(session.err, "  " + diag::harmless(wanted.node), Ink::yellow) + " " +
                      std::string(words.at(static_cast<std::size_t>(wanted.type))) + "\n");
    for (const std::string& text : {wanted.text, wanted.where})
        if (!text.empty())
            for (const std::string& part : diag::wrapped(text, session.err.width - 4))
                session.err.write("    " + part + "\n");
    session.err.write(offers_text(session, offers, session.err.width));
}

// The run is not over, and goes on when somebody says so.
bool has_halted(const engine::Ended& ended) {
    using engine::Outcome;
    const bool wants = ended.outcome == Outcome::failed || ended.outcome == Outcome::in_doubt ||
                       ended.outcome == Outcome::waiting || ended.outcome == Outcome::interrupted;
    return wants && !ended.run.empty();
}

// None for a run that is over.
engine::Advice advice_after(const ports::Runs& runs, const engine::Ended& ended) {
    if (!has_halted(ended)) return {};
    const base::Result<engine::StoredRun> stored = engine::stored_run(runs, ended.run);
    return stored.ok() ? engine::advice_on(*stored, ended.wanted, ended.reach, proof_for_advice()) : engine::Advice();
}

// The last line of a run, in the format of its events.
std::string conclusion_json(const engine::Ended& ended) {
    nlohmann::ordered_json json = {
        {"format", report::event_format},     {"event", "result"}, {"outcome", engine::name_of(ended.outcome)},
        {"exit", engine::exit_status(ended)}, {"run", ended.run},  {"message", ended.message}};
    if (!ended.causes.empty()) json["causes"] = ended.causes;
    if (ended.other) json["other"] = engine::name_of(*ended.other);
    json["wanted"] = nlohmann::ordered_json::array();
    for (const Wanted& wanted : ended.wanted)
        json["wanted"].push_back({{"is", engine::name_of(wanted.type)}, {"step", wanted.node}, {"text", wanted.text}});
    if (!ended.untold.empty()) json["untold"] = ended.untold;
    return diag::printed_json(json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace)) + "\n";
}

}  // namespace

// Keyboard and view are gone before the conclusion is said: the terminal is as it was, and the live view has given back
// its lines. Whether files have changed is told of a run that somebody is about to try again, since the usual next step
// is to repair one of them.
int follow(Session& session, const engine::Environment& environment, const FollowArguments& arguments, const Go& go) {
    std::unique_ptr<engine::Observer> view =
        view_for(session, arguments.format, usual_durations(*environment.store, arguments.plan));
    const bool is_live = session.out.is_terminal && arguments.format != "json";
    std::unique_ptr<Keyboard> keyboard;
    if (is_live && session.may_ask()) keyboard = make_keyboard(*environment.mailbox);
    engine::Options options{.max_parallel = arguments.max_parallel,
                            .until = arguments.until,
                            .use = arguments.use,
                            .again = arguments.again};
    if (is_live) options.heartbeat_ms = 1000;
    if (!arguments.in_real_time) options.simulated_delays = engine::Options::Delays::none;
    options.person = keyboard.get();
    Both observer(*view, keyboard.get());
    const engine::Ended ended = go(options, observer);
    keyboard.reset();
    view.reset();
    const engine::Advice advice =
        arguments.format == "json" ? engine::Advice() : advice_after(*environment.store, ended);
    const int exit = conclude(session, ended, arguments.format, advice);
    const bool is_tried_again = ended.outcome == engine::Outcome::failed || ended.outcome == engine::Outcome::in_doubt;
    if (is_tried_again && arguments.compiled != nullptr && arguments.format != "json")
        say_what_changed(session, *environment.store, ended.run, *arguments.compiled);
    return exit;
}

// The status comes from engine::exit_status in every format. Commands that are named in a sentence and those that are
// offered get the store, so that they work where they are pasted.
int conclude(Session& session, const engine::Ended& ended, const std::string& format, const engine::Advice& advice) {
    const int exit = engine::exit_status(ended);
    if (format == "json") {
        session.out.write(conclusion_json(ended));
        return exit;
    }
    using engine::Outcome;
    const bool is_good = ended.outcome == Outcome::done;
    const bool is_calm = ended.outcome == Outcome::waiting || ended.outcome == Outcome::interrupted ||
                         ended.outcome == Outcome::rolled_back || ended.outcome == Outcome::left;
    if (ended.outcome == Outcome::wrong || ended.outcome == Outcome::usage) {
        complain(session, with_store(session, ended.message), Exit::wrong);
    } else {
        const Ink ink = is_good ? Ink::green : is_calm ? Ink::yellow : Ink::red;
        announce(session, engine::name_of(ended.outcome), ink, with_store(session, ended.message));
    }
    list(session, ended.causes);
    for (std::size_t i = 0; i < ended.wanted.size(); ++i)
        tell(session, ended.wanted[i], i < advice.about.size() ? advice.about[i] : std::vector<engine::Offer>());
    if (ended.outcome == Outcome::held) tell_what_held_wants(session, ended);
    for (const std::string& one : ended.untold) say(session, one);
    session.err.write(offers_text(session, advice.about_all, session.err.width));
    return exit;
}

// Nobody is taken to agree: the end of the input is a no, and without a terminal nothing is read, since what a pipe
// holds is not an answer.
Answer ask(Session& session, const std::string& question, const std::string& expected, const std::string& option) {
    if (!session.may_ask()) {
        complain(session, "nobody can be asked here (" + question + "); pass `" + option + "`", Exit::usage);
        return Answer::nobody;
    }
    session.err.write(question + " ");
    const std::optional<std::string> line = session.read_line();
    if (!line) return Answer::no;
    if (expected.empty()) return *line == "y" || *line == "Y" || *line == "yes" ? Answer::yes : Answer::no;
    return *line == expected ? Answer::yes : Answer::no;
}

}  // namespace pvsplan::cli

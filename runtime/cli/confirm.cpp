#include "runtime/cli/confirm.hpp"

#include "compiler/program/simulated.hpp"
#include "runtime/cli/follow.hpp"

namespace pvsplan::cli {
namespace {

Exit exit_of(Session& session, Answer answer) {
    if (answer == Answer::nobody) return Exit::usage;
    return answer == Answer::yes ? Exit::done : complain(session, "not confirmed; nothing was done", Exit::wrong);
}

// Said in the question itself: whoever answers knows whether a real host is concerned.
std::string simulated_words(const program::Plan& plan) {
    if (program::simulated_text(plan).empty()) return "";
    return program::simulated_part(plan) == program::Simulated::all ? " (simulated: nothing is done to a real host)"
                                                                    : " (partly simulated)";
}

// Whoever types the name of the farm knows what else runs here.
std::string commands_words(const program::Plan& plan, Wish wish) {
    std::vector<std::string> commands;
    for (const program::Notify& one : plan.notify)
        if (one.channel == program::Notify::Channel::command) commands.push_back("`" + one.command[0] + "`");
    if (commands.empty() || wish != Wish::run || program::simulated_part(plan) == program::Simulated::all) return "";
    return ", and its notifications run " + program::one_of(commands) + " on this machine";
}

}  // namespace

// `--yes` never confirms a protected farm: it is typed by habit and stands in scripts, and a name says which farm is
// meant. A name that is wrong is refused on any farm, for then somebody means another one.
Exit confirm(Session& session, const program::Plan& plan, const std::string& named, Wish wish) {
    if (!named.empty() && named != plan.farm)
        return complain(session, "`--confirm " + named + "` is not the name of the farm `" + plan.farm + "`",
                        Exit::usage);
    if (named == plan.farm) return Exit::done;
    const std::string farm = plan.farm + simulated_words(plan);
    if (plan.is_protected) {
        const std::string verb = wish == Wish::run ? "run" : "undo";
        return exit_of(session, ask(session,
                                    "The farm " + farm + " is protected" + commands_words(plan, wish) +
                                        ". Type its name to " + verb + " this:",
                                    plan.farm, "--confirm " + plan.farm));
    }
    if (session.yes) return Exit::done;
    const std::string verb = wish == Wish::run ? "Run" : "Undo";
    return exit_of(session, ask(session, verb + " this on the farm " + farm + "? [y/N]", "", "--yes"));
}

Option confirm_option(std::string* into) {
    return {"--confirm", "FARM", "The name of a protected farm, as what would be typed", into};
}

}  // namespace pvsplan::cli

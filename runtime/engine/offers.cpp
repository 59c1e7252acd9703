#include "runtime/engine/offers.hpp"

#include <algorithm>

#include "compiler/base/shell_word.hpp"

namespace pvsplan::engine {

using base::shell_word;
using Type = Wanted::Type;

namespace {

constexpr std::string_view because = " --because '…'";

bool is_failure(const Wanted& one) { return one.type == Type::failed || one.type == Type::unreached; }

class Offers {
  public:
    explicit Offers(const std::string& run) : run_(run) {}

    void add(const std::string& command, const std::string& rest, const std::string& what) {
        offers_.push_back({"pvsplan " + command + " " + run_ + (rest.empty() ? "" : " " + rest), what});
    }
    void done(const Wanted& step) { add("resume", option("--done", step.node), "it was done by hand"); }
    void skip(const Wanted& step) {
        if (!step.iteration.empty()) add("resume", option("--skip", step.iteration), "go on without it");
    }
    std::vector<Offer> take() { return std::move(offers_); }

    static std::string option(const std::string& name, const std::string& path) {
        return name + " " + shell_word(path) + std::string(because);
    }

  private:
    std::string run_;
    std::vector<Offer> offers_;
};

}  // namespace

std::vector<Offer> offers_about(const std::string& run, const Wanted& wanted) {
    Offers offers(run);
    switch (wanted.type) {
        case Type::approval: offers.add("approve", shell_word(wanted.node), ""); break;
        case Type::manual: offers.add("resume", "--done " + shell_word(wanted.node), "when it is done"); break;
        case Type::doubt:
            offers.add("resume", "", "look again, and wait for its end where it still runs");
            if (wanted.has_command)
                offers.add("resume", Offers::option("--kill", wanted.node), "end it on its host, with all it started");
            offers.done(wanted);
            offers.add("resume", Offers::option("--redo", wanted.node), "it did not run, or may run again");
            offers.skip(wanted);
            break;
        case Type::left_out: offers.add("resume", Offers::option("--redo", wanted.node), "try it again"); break;
        case Type::failed:
        case Type::unreached:
        case Type::no_return:
        case Type::window:
        case Type::until: break;
    }
    return offers.take();
}

// A doubt is never answered by a plain `resume` alone, so that is offered with the step, not here. With one failed step
// a person can say what became of it; with several the steps have to be named.
std::vector<Offer> offers_about(const std::string& run, const std::vector<Wanted>& wanted, RollbackReach reach) {
    Offers offers(run);
    std::vector<Wanted> failed;
    std::copy_if(wanted.begin(), wanted.end(), std::back_inserter(failed), is_failure);
    const auto is = [&](Type type) {
        return std::any_of(wanted.begin(), wanted.end(), [&](const Wanted& one) { return one.type == type; });
    };
    const bool goes_no_further = std::all_of(wanted.begin(), wanted.end(), [](const Wanted& one) {
        return one.type == Type::no_return || one.type == Type::left_out;
    });
    if (!failed.empty())
        offers.add("resume", "", "try again");
    else if (wanted.empty())
        offers.add("resume", "", "go on");
    else if (!goes_no_further && !is(Type::doubt))
        offers.add("resume", "", is(Type::window) ? "wait for it" : is(Type::until) ? "go on" : "go on after that");
    if (failed.size() == 1) {
        offers.done(failed.front());
        offers.skip(failed.front());
    }
    if (reach == RollbackReach::all) offers.add("rollback", "", "undo what was done");
    if (reach == RollbackReach::part) offers.add("rollback", "", "undo what can be undone");
    offers.add("abandon", "", is(Type::left_out) ? "end it, without what is left out" : "leave the farm as it is");
    return offers.take();
}

}  // namespace pvsplan::engine

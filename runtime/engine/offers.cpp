#include "runtime/engine/offers.hpp"

#include <algorithm>

#include "compiler/base/shell_word.hpp"

namespace pvsplan::engine {

using base::shell_word;
using WantedType = Wanted::Type;

namespace {

constexpr std::string_view because = " --because '…'";

// What `resume` alone tries again.
bool is_failure(const Wanted& one) { return one.type == WantedType::failed || one.type == WantedType::unreached; }

// Commands for people, each tried on a copy of the run first: none that would be refused is offered.
class Offers {
  public:
    Offers(const std::string& run, const Tried& tried) : run_(run), tried_(tried) {}

    void add(const std::string& command, const std::string& rest, const std::string& what) {
        offers_.push_back({"pvsplan " + command + " " + run_ + (rest.empty() ? "" : " " + rest), what});
    }
    // Unless it is known to be refused: a run that is too large to try it is offered at least this.
    void resume(const std::string& what) {
        if (tried_({}) != Trial::Answer::refused) add("resume", "", what);
    }
    // The three answers to a step in doubt or failed; only those that the run would take are added.
    void done(const Wanted& step) { decide(Decision::done, step.node, outputs_of(step), "it was done by hand"); }
    void redo(const std::string& path, const std::string& what) { decide(Decision::redo, path, "", what); }
    void skip(const Wanted& step) {
        if (!step.iteration.empty()) decide(Decision::skip, step.iteration, "", "go on without it");
    }
    std::vector<Offer> take() { return std::move(offers_); }

    // What comes after it needs what it put out, which the person who did it knows.
    static std::string outputs_of(const Wanted& step) {
        std::string text;
        for (const std::string& output : step.outputs) text += " --output " + shell_word(output) + "=VALUE";
        return text;
    }

  private:
    using Decision = OperatorDecision::Type;

    void decide(Decision is, const std::string& path, const std::string& more, const std::string& what) {
        if (tried_({{.type = is, .node = path, .because = "…"}}) == Trial::Answer::accepted)
            add("resume", std::string(option_of(is)) + " " + shell_word(path) + more + std::string(because), what);
    }

    std::string run_;
    const Tried& tried_;
    std::vector<Offer> offers_;
};

}  // namespace

// Nothing for what is answered with the run as a whole, by the function below: a failure, a window, `until`.
std::vector<Offer> offers_about(const std::string& run, const Wanted& wanted, const Tried& tried) {
    Offers offers(run, tried);
    switch (wanted.type) {
        case WantedType::approval: offers.add("approve", shell_word(wanted.node), ""); break;
        case WantedType::manual:
            offers.add("resume", "--done " + shell_word(wanted.node) + Offers::outputs_of(wanted), "when it is done");
            break;
        case WantedType::doubt:
            offers.resume("look again, and wait for its end where it still runs");
            if (wanted.has_command)
                offers.add("resume", "--kill " + shell_word(wanted.node) + std::string(because),
                           "end it on its host, with all it started");
            offers.done(wanted);
            offers.redo(wanted.node, "it did not run, or may run again");
            offers.skip(wanted);
            break;
        case WantedType::left_out: offers.redo(wanted.node, "try it again"); break;
        case WantedType::failed:
        case WantedType::unreached:
        case WantedType::no_return:
        case WantedType::window:
        case WantedType::until: break;
    }
    return offers.take();
}

// A doubt is never answered by a plain `resume` alone, so that is offered with the step, not here. With one failed step
// a person can say what became of it; with several the steps have to be named.
std::vector<Offer> offers_about(const std::string& run, const std::vector<Wanted>& wanted, RollbackReach reach,
                                const Tried& tried) {
    Offers offers(run, tried);
    std::vector<Wanted> failed;
    std::copy_if(wanted.begin(), wanted.end(), std::back_inserter(failed), is_failure);
    const auto is = [&](WantedType type) {
        return std::any_of(wanted.begin(), wanted.end(), [&](const Wanted& one) { return one.type == type; });
    };
    const bool goes_no_further = std::all_of(wanted.begin(), wanted.end(), [](const Wanted& one) {
        return one.type == WantedType::no_return || one.type == WantedType::left_out;
    });
    if (!failed.empty())
        offers.resume("try again");
    else if (wanted.empty())
        offers.resume("go on");
    else if (!goes_no_further && !is(WantedType::doubt))
        offers.resume(is(WantedType::window) ? "wait for it" : is(WantedType::until) ? "go on" : "go on after that");
    if (failed.size() == 1) {
        offers.done(failed.front());
        offers.skip(failed.front());
    }
    if (reach == RollbackReach::all) offers.add("rollback", "", "undo what was done");
    if (reach == RollbackReach::part) offers.add("rollback", "", "undo what can be undone");
    offers.add("abandon", "",
               is(WantedType::left_out) ? "end it, without what is left out" : "leave the farm as it is");
    return offers.take();
}

// The trial replays the run once and is shared by all questions.
Advice advice_on(const StoredRun& stored, const std::vector<Wanted>& wanted, RollbackReach reach,
                 const ProveAgain& prove) {
    Trial trial(stored, prove);
    const Tried tried = [&](const std::vector<OperatorDecision>& decisions) { return trial.answer_to(decisions); };
    Advice advice;
    for (const Wanted& one : wanted) advice.about.push_back(offers_about(stored.row.id, one, tried));
    advice.about_all = offers_about(stored.row.id, wanted, reach, tried);
    return advice;
}

}  // namespace pvsplan::engine

// The two decision tables that recovery hangs on, against what they are to say: each cell, and each row by itself.
#include <catch2/catch.hpp>

#include <set>

#include "runtime/journal/recovery.hpp"
#include "runtime/state/phase.hpp"

namespace pvsplan {
namespace {

using namespace journal;

constexpr Last lasts[] = {Last::open, Last::failed, Last::unreached, Last::asks_first};
constexpr JobState jobs[] = {JobState::never_begun, JobState::gone, JobState::unclear};
constexpr ActionType actions[] = {ActionType::once, ActionType::repeatable, ActionType::manual};
constexpr Shows shown[] = {Shows::all, Shows::nothing, Shows::nothing_to_tell, Shows::other, Shows::unseen};

// What becomes of a step, from what is promised rather than from the table: what is not known is never taken for fine.
RecoveryAction promised(Last last, JobState job, ActionType action, Shows shows) {
    if (last == Last::unreached) return RecoveryAction::run_again;  // nothing was done
    if (action == ActionType::manual)
        return shows == Shows::all ? RecoveryAction::finished : RecoveryAction::wait_for_person;
    if (action == ActionType::repeatable) return RecoveryAction::run_again;
    if (last == Last::asks_first) return RecoveryAction::ask_person;  // it may have been done
    if (last == Last::failed) {
        if (job == JobState::unclear) return RecoveryAction::ask_person;
        return shows == Shows::all ? RecoveryAction::ask_person : RecoveryAction::run_again;
    }
    if (job == JobState::never_begun) return RecoveryAction::run_again;
    if (shows == Shows::all) return RecoveryAction::finished;
    if (job == JobState::unclear) return RecoveryAction::ask_person;
    return shows == Shows::nothing ? RecoveryAction::run_again : RecoveryAction::ask_person;
}

template <class Each>
void for_each_case(const Each& each) {
    for (const Last last : lasts)
        for (const JobState job : jobs)
            for (const ActionType action : actions)
                for (const Shows shows : shown) each(last, job, action, shows);
}

}  // namespace

TEST_CASE("recovery: each of the 180 cases has the verdict that is promised") {
    int cases = 0;
    for_each_case([&](Last last, JobState job, ActionType action, Shows shows) {
        ++cases;
        INFO(int(last) << " " << int(job) << " " << int(action) << " " << int(shows));
        CHECK(recover(last, job, action, shows) == promised(last, job, action, shows));
    });
    CHECK(cases == 180);
}

TEST_CASE("recovery: each case is decided by one row, and each row decides one") {
    const auto table = recovery_table();
    std::set<std::size_t> deciding;
    for_each_case([&](Last last, JobState job, ActionType action, Shows shows) {
        std::size_t first = 0;
        while (first < table.size() && !table[first].fits(last, job, action, shows)) ++first;
        REQUIRE(first < table.size());
        CHECK(table[first].verdict == recover(last, job, action, shows));
        deciding.insert(first);
    });
    CHECK(deciding.size() == table.size());
    for (const RecoveryRow& row : table) CHECK_FALSE(row.because.empty());
}

TEST_CASE("recovery: nothing that may have happened once is done twice, nor taken for done unseen") {
    for_each_case([&](Last last, JobState job, ActionType action, Shows shows) {
        const RecoveryAction verdict = recover(last, job, action, shows);
        if (verdict == RecoveryAction::finished) CHECK(shows == Shows::all);
        const bool may_have_happened =
            last == Last::asks_first || (last == Last::open && job != JobState::never_begun && shows != Shows::nothing);
        if (may_have_happened && action == ActionType::once) CHECK(verdict != RecoveryAction::run_again);
        const bool may_run = job == JobState::unclear && last != Last::unreached;
        if (may_run && action == ActionType::once) CHECK(verdict != RecoveryAction::run_again);
    });
}

TEST_CASE("phases: each move from each phase") {
    using state::Move;
    using state::Phase;
    // A letter for the phase after it, `.` where it may not be recorded.
    //                                     waiting started finished retrying failed unreached in doubt
    static constexpr std::string_view letters = "wsfrxud";
    static constexpr std::pair<Move, std::string_view> moves[] = {
        {Move::start, "s..s..."},                //
        {Move::finish, ".f....f"},               // of what was started, or came to light
        {Move::fail, "xx.x..x"},                 //
        {Move::not_reach, "uu....u"},            //
        {Move::doubt, ".d..d.d"},                //
        {Move::approve, "f......"},              //
        {Move::reconcile_finished, "ff.ffff"},   // found done: of all but what is finished
        {Move::reconcile_again, ".w.wwww"},      //
        {Move::reconcile_begun, ".x.xxxx"},      //
        {Move::reconcile_untouched, "ww.wwww"},  //
    };
    CHECK(std::size(moves) == state::move_count);
    for (const auto& [move, row] : moves)
        for (std::size_t from = 0; from < state::phase_count; ++from) {
            INFO(state::name_of(move) << " of " << state::name_of(static_cast<Phase>(from)));
            const std::optional<Phase> to = state::after(static_cast<Phase>(from), move);
            CHECK((to ? letters[static_cast<std::size_t>(*to)] : '.') == row[from]);
        }
}

}  // namespace pvsplan

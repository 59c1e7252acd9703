#include "runtime/state/phase.hpp"

namespace pvsplan::state {

namespace {

using P = Phase;
constexpr auto no = std::optional<Phase>{};
constexpr auto go(Phase phase) { return std::optional<Phase>{phase}; }

using Row = std::array<std::optional<Phase>, move_count>;
// clang-format off
constexpr std::array<Row, phase_count> table = {{
    //           start           finish          fail           not_reach         doubt            approve          reconcile: finished again        begun           untouched
    /*waiting*/  {go(P::started), no,             go(P::failed), go(P::unreached), no,              go(P::finished), go(P::finished),  no,             no,             go(P::waiting)},
    /*started*/  {no,             go(P::finished), go(P::failed), go(P::unreached), go(P::in_doubt), no,             go(P::finished),  go(P::waiting), go(P::failed),  go(P::waiting)},
    /*finished*/ {no,             no,             no,            no,               no,              no,              no,               no,             no,             no},
    /*retrying*/ {go(P::started), no,             go(P::failed), no,               no,              no,              go(P::finished),  go(P::waiting), go(P::failed),  go(P::waiting)},
    /*failed*/   {no,             no,             no,            no,               go(P::in_doubt), no,              go(P::finished),  go(P::waiting), go(P::failed),  go(P::waiting)},
    /*unreached*/{no,             no,             no,            no,               no,              no,              go(P::finished),  go(P::waiting), go(P::failed),  go(P::waiting)},
    /*in_doubt*/ {no,             go(P::finished), go(P::failed), go(P::unreached), go(P::in_doubt), no,             go(P::finished),  go(P::waiting), go(P::failed),  go(P::waiting)},
}};
// clang-format on

}  // namespace

// A finished step moves no more, whatever anybody says: others may have built on it.
std::optional<Phase> after(Phase phase, Move move) {
    return table.at(static_cast<std::size_t>(phase)).at(static_cast<std::size_t>(move));
}

std::string_view name_of(Phase phase) {
    constexpr std::array<std::string_view, phase_count> names = {"waiting", "started",   "finished", "retrying",
                                                                 "failed",  "unreached", "in doubt"};
    return names.at(static_cast<std::size_t>(phase));
}

std::string_view name_of(Move move) {
    constexpr std::array<std::string_view, move_count> names = {"start",
                                                                "finish",
                                                                "fail",
                                                                "not reach",
                                                                "doubt",
                                                                "approve",
                                                                "reconcile finished",
                                                                "reconcile again",
                                                                "reconcile begun",
                                                                "reconcile untouched"};
    return names.at(static_cast<std::size_t>(move));
}

}  // namespace pvsplan::state

// What is different between two versions of a plan, for people and programs.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compiler/diff/diff.hpp"
#include "runtime/view/stream.hpp"

namespace pvsplan::view {

// Two versions of one plan; one of them may not be there.
struct PlanDiff {
    std::string plan;                       // as people know it: its path
    std::string was = {};                   // its path before, where that was another
    const diff::Version* before = nullptr;  // null: it is new
    const diff::Version* after = nullptr;   // null: it is gone
    diff::Differences differences = {};     // empty where one is missing
    std::vector<std::string> wrong = {};    // why a version is not there, or not whole: it does not compile
    [[nodiscard]] bool is_none() const {
        return wrong.empty() && before != nullptr && after != nullptr && differences.none();
    }
};

enum class DiffShows : std::uint8_t { worst, everything };  // worst: as much as one reads

// A number of the plan, before and after; what only one of them has is none in the other.
struct Figure {
    enum class Unit : std::uint8_t { number, milliseconds };
    std::string name;
    std::optional<std::int64_t> before;  // none: that version does not have it
    std::optional<std::int64_t> after;
    Unit unit = Unit::number;
    bool is_of_group = false;  // one of perhaps many: of a site
};
// Each name once; a figure that neither side knows is not there.
std::vector<Figure> figures_of(const PlanDiff& diff);
struct ShownFigures {
    std::vector<Figure> figures;  // in the order in which they are read
    std::size_t left_out = 0;
};
// Those that one reads: of groups a few that differ.
ShownFigures figures_shown(const PlanDiff& diff, DiffShows shows);
// "-": that side does not have it.
std::string text_of(const std::optional<std::int64_t>& value, Figure::Unit unit);

// Whether it could hurt: a requirement that is not kept or weaker, a loss, a version that does not compile.
bool could_hurt(const PlanDiff& diff);

// "1 requirement now violated, 2 weakened", the worst first; "nothing changes in what will happen". Without a text of
// the plan, so that it can stand in any format.
std::string summary_of(const PlanDiff& diff);

std::string diff_text(const PlanDiff& diff, const Stream& stream, DiffShows shows);
// For a comment: a stranger's names are text in it.
std::string diff_markdown(const PlanDiff& diff, DiffShows shows);
// One object `pvsplan.diff/1` for all of them. With every difference. The versions that the differences refer to
// outlive the call.
std::string diff_json(const std::vector<PlanDiff>& diffs);

}  // namespace pvsplan::view

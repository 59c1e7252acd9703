#include "runtime/view/schedule_text.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "compiler/base/counted.hpp"
#include "runtime/view/verdict_text.hpp"

namespace pvsplan::view {
namespace {

using schedule::Moment;
using What = Moment::What;

constexpr std::size_t max_lines = 12;
constexpr std::size_t last_lines = 8;  // of them, when there are more: the violation is at the end

std::string_view verb_of(What what) {
    switch (what) {
        case What::start: return "starts";
        case What::finish: return "finishes";
        case What::fail: return "fails";
    }
    return "";
}

}  // namespace

// Steps that neither the witness is about nor that are under way at its end are counted by their ends; a start that is
// followed at once by its end is told in one moment.
std::vector<ScheduleMoment> schedule_moments(const graph::Facts& facts, const checks::Witness& witness) {
    std::set<std::uint32_t> shown(witness.nodes.begin(), witness.nodes.end());
    std::map<std::uint32_t, What> last;
    for (const Moment& moment : witness.schedule) last[moment.node] = moment.what;
    for (const auto& [node, what] : last)
        if (what != What::finish) shown.insert(node);

    std::vector<ScheduleMoment> moments;
    std::size_t left_out = 0;  // steps between two of them
    const auto close = [&] {
        if (left_out > 0)
            moments.push_back(
                {base::counted(left_out, "other step") + (left_out == 1 ? " runs" : " run"), std::nullopt});
        left_out = 0;
    };
    for (std::size_t i = 0; i < witness.schedule.size(); ++i) {
        const Moment& moment = witness.schedule[i];
        if (!shown.contains(moment.node)) {
            // What starts here and finishes later counts once.
            if (moment.what == What::finish && !facts.on[moment.node].is_none()) ++left_out;
            continue;
        }
        close();
        std::string line = "`" + facts.path(moment.node) + "` " + std::string(verb_of(moment.what));
        if (i + 1 < witness.schedule.size() && moment.what == What::start &&
            witness.schedule[i + 1].node == moment.node) {
            line += " and " + std::string(verb_of(witness.schedule[i + 1].what));
            ++i;
        }
        moments.push_back({std::move(line), moment.node});
    }
    close();
    return moments;
}

// A moment is a line. What is cut out of the middle is counted.
std::vector<std::string> schedule_lines(const graph::Facts& facts, const checks::Witness& witness) {
    std::vector<std::string> lines;
    for (ScheduleMoment& moment : schedule_moments(facts, witness)) lines.push_back(std::move(moment.text));
    if (lines.size() > max_lines) {
        const std::size_t first = max_lines - last_lines - 1;
        const std::size_t dropped = lines.size() - first - last_lines;
        lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(first),
                    lines.begin() + static_cast<std::ptrdiff_t>(first + dropped));
        lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(first),
                     "… " + base::counted(dropped, "more moment") + " …");
    }
    return lines;
}

}  // namespace pvsplan::view

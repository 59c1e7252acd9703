#include "compiler/repair.hpp"

#include <algorithm>
#include <functional>
#include <vector>

#include "compiler/base/check.hpp"
#include "compiler/diag/render.hpp"
#include "compiler/pipeline.hpp"
#include "compiler/resolve/model.hpp"
#include "compiler/step_edit.hpp"
#include "compiler/trial.hpp"

namespace pvsplan::compiler {
namespace {

using resolve::Step;

// A change of the texts of `from` as one of the texts of `to` under the same paths.
diag::Fix moved(diag::Fix fix, const Compilation& from, const Compilation& to) {
    for (diag::Edit& edit : fix.edits) {
        const auto same = std::find_if(to.files.begin(), to.files.end(), [&](base::FileId file) {
            return to.sources->path(file) == from.sources->path(edit.span.file);
        });
        base::check(same != to.files.end(), "a repair changes what was read before");
        edit.span.file = *same;
    }
    return fix;
}

class Repairs {
  public:
    explicit Repairs(std::stop_token stop) : trials_(16, std::move(stop)) {}

    // The first change with which the requirement holds; where one is not enough, with another one. A bound for each
    // value is tried before one for all, since it lets more run at once; if it is not enough alone, it is dropped.
    std::optional<diag::Fix> repair(const Compilation& c, const MissingOrder& order) {
        if (order.waiting.front() == order.awaited) {
            const std::string per = per_of(*c.sources, *order.awaited);
            for (const std::string& one : per.empty() ? std::vector{per} : std::vector{per, std::string()})
                for (const std::int64_t number : {order.allowed, std::int64_t{1}})
                    if (auto proved = prove(c, at_most_of(*c.sources, *order.awaited, number, one), order,
                                            one.empty() ? With::others : With::nothing_else))
                        return proved;
            return std::nullopt;
        }
        for (const Step* const waiting : order.waiting) {
            if (auto proved = prove(c, let_wait(*c.sources, *waiting, *order.awaited), order)) return proved;
            if (waiting->type != Step::Type::group) break;  // inside a procedure the name means something else
        }
        return std::nullopt;
    }
    [[nodiscard]] bool may_look() const { return trials_.may_look(); }

  private:
    // Whether a change that is not enough may be told together with others.
    enum class With : std::uint8_t { others, nothing_else };
    // It and repair() call each other; that ends, since each round takes one of the trials.
    std::optional<diag::Fix> prove(const Compilation& c, const std::optional<diag::Fix>& fix, const MissingOrder& order,
                                   With with = With::others) {
        const std::size_t requirement = order.requirement;
        const auto changed = fix ? trials_.with(c, *fix, requirement) : nullptr;
        if (!changed || !changed->has_graph || requirement >= changed->decisions.size()) return std::nullopt;
        if (changed->decisions[requirement].verdict == checks::Verdict::holds) return fix;
        if (with == With::nothing_else) return std::nullopt;
        for (const MissingOrder& next : changed->missing_orders)
            if (next.requirement == requirement)
                if (const auto rest = repair(*changed, next))
                    return diag::in_one(*c.sources, *fix, moved(*rest, *changed, c));
        return std::nullopt;
    }

    Trials trials_;
};

}  // namespace

std::shared_ptr<const Compilation> with_repairs(const std::shared_ptr<const Compilation>& compilation,
                                                const std::stop_token& stop) {
    std::vector<std::optional<diag::Fix>> fixes(compilation->missing_orders.size());
    std::vector<bool> is_told(fixes.size());
    for (const diag::Diagnostic& d : compilation->sink.all())
        if (d.missing_order) is_told[*d.missing_order] = true;
    Repairs repairs(stop);
    bool is_any = false;
    for (std::size_t i = 0; i < fixes.size(); ++i) {
        if (is_told[i] && repairs.may_look()) fixes[i] = repairs.repair(*compilation, compilation->missing_orders[i]);
        is_any = is_any || fixes[i];
    }
    if (!is_any) return compilation;
    auto repaired = std::make_shared<Compilation>(*compilation);
    repaired->sink.change_each([&](diag::Diagnostic& d) {
        if (!d.missing_order || !fixes[*d.missing_order]) return;
        d.fix = fixes[*d.missing_order];
        std::erase(d.hints, d.fix->title);  // the fix says the same
    });
    return repaired;
}

}  // namespace pvsplan::compiler

#include "runtime/cli/go_on.hpp"

#include "runtime/cli/follow.hpp"

namespace pvsplan::cli {

// The plan is the one that the store has, so that a run goes on as it was compiled, wherever its files are by now.
Exit go_on_with(Session& session, const RunInput& input, const GoOnArguments& arguments, const GoOn& go_on) {
    const base::Result<StorePlace> place = store_from_here(session);
    if (!place) return complain(session, place.error(), Exit::wrong);
    base::Result<std::unique_ptr<OpenEnvironment>> environment =
        open_environment(session, *place, input.plan, arguments.environment);
    if (!environment) return complain(session, environment.error(), Exit::wrong);
    const base::Result<engine::Environment> taken = taking_over((*environment)->environment(), arguments.take_over);
    if (!taken) return complain(session, taken.error(), Exit::usage);
    const engine::Environment& parts = *taken;
    const FollowArguments how{.format = arguments.format,
                              .max_parallel = arguments.environment.max_parallel,
                              .in_real_time = arguments.environment.in_real_time,
                              .until = arguments.until,
                              .plan = input.plan.name,
                              .compiled = &input.plan};
    return static_cast<Exit>(follow(session, parts, how, [&](const engine::Options& options, engine::Observer& view) {
        return go_on(parts, input.row.id, options, view);
    }));
}

}  // namespace pvsplan::cli

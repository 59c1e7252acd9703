// A plan of one step, and what its host may answer.
#pragma once

#include "tests/unit/engine/hosts.hpp"

namespace pvsplan::engine::test {

inline const JobEvent no_route = {.type = JobEventType::never_started, .text = "no route"};
inline const JobEvent seen_paused = {.out = R"({"stream": "paused"})"};

// Only the first step, whose server may also be paused.
inline void one_step(Plan& plan) {
    plan.graph.nodes.pop_back();
    plan.graph.edges.clear();
    plan.kinds["server"].state[0].type = Type::enumeration({"running", "stopped", "paused"});
    plan.actions["stop"].precondition = plan.actions["start"].precondition = nullptr;
}

// That step waits, at most 10 s.
inline void one_wait(Plan& plan) {
    one_step(plan);
    plan.actions["stop"].run = {
        .type = Body::Type::wait, .until = stream_is("stopped"), .every_ms = 1000, .at_most_ms = 10'000};
}

}  // namespace pvsplan::engine::test

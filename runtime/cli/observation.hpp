// The observed states of the farm, and where they differ from the plan or the farm file.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "runtime/cli/project.hpp"
#include "runtime/cli/session.hpp"
#include "runtime/engine/run.hpp"

namespace pvsplan::cli {

// Nothing is known of its states.
inline bool is_away(const engine::ObservedObject& one) { return !one.error.empty(); }

// For the compiler's second look. By the id of the object and the name of the state; without what nobody saw.
ObservedStates states_of(const program::Plan& plan, const std::vector<engine::ObservedObject>& observed);

// States whose value nobody has seen, although their object answered or cannot be asked at all: a witness that is
// silent agrees with nothing.
struct Unseen {
    std::string object;
    std::vector<std::string> attributes;
    std::string expected;  // "stream = running": what the farm file says of them; empty: nothing
};
std::vector<Unseen> unseen(const program::Plan& plan, const std::vector<engine::ObservedObject>& observed);

// A state that was seen and is not as expected; values as people read them.
struct Difference {
    std::string object;
    std::string attribute;
    std::string expected;
    std::string found;
};
std::vector<Difference> differences(const program::Plan& plan, const std::vector<engine::ObservedObject>& observed);
// "server/pvs02: stream is stopped, not running"
std::string text_of(const Difference& difference);

// Objects that could not be observed for the same reason, which is told without their names. The most frequent first.
struct Cause {
    std::string why;  // without names and times
    std::vector<std::string> objects;
};
std::vector<Cause> causes(const program::Plan& plan, const std::vector<engine::ObservedObject>& observed);
// How long a host that is away is tried: a person waits for the answer.
inline constexpr std::int64_t look_patience_ms = 10'000;
// So many objects that could not be observed are each told by themselves; more of them are told by their causes.
inline constexpr std::size_t told_singly = 3;

// One line at a terminal that says how far an observation has come and who is away; it is gone when all were asked, or
// this is. Nothing is drawn where standard error is no terminal, and none within the first second. The session and the
// plan outlive it, and it outlives what it told to.
class ObservationLine {
  public:
    ObservationLine(const Session& session, const program::Plan& plan)
        : to_(&session.err), plan_(&plan), began_(std::chrono::steady_clock::now()) {}
    ~ObservationLine();
    ObservationLine(const ObservationLine&) = delete;
    ObservationLine& operator=(const ObservationLine&) = delete;

    [[nodiscard]] engine::ToldSoFar told() {
        return [this](const engine::ObservedSoFar& so_far) { draw(so_far); };
    }

  private:
    void draw(const engine::ObservedSoFar& so_far);
    const Stream* to_;
    const program::Plan* plan_;
    std::chrono::steady_clock::time_point began_;
    std::string drawn_;  // what stands there now; empty: nothing
};
// "observed 140 of 200; away: pvs03, pvs07 and 18 more", at most so wide.
std::string text_of(const program::Plan& plan, const engine::ObservedSoFar& so_far, std::size_t width);

}  // namespace pvsplan::cli

// A whole run as text: what is asked of hosts, what is recorded, what is told and what the store is asked for, in that
// order, turn by turn. `expect` holds it against tests/unit/engine/traces.txt.
#pragma once

#include <deque>
#include <initializer_list>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/unit/engine/hosts.hpp"
#include "tests/unit/engine/watched_store.hpp"

namespace pvsplan::engine::test {

class Trace final : public Observer {
  public:
    explicit Trace(const std::function<void(Plan&)>& change = {}, std::size_t servers = 1);

    // The next time that this is asked of a host it answers so: "start STEP", "attach STEP", "look STEP", "kill STEP",
    // "see server/s0", "claim server/s0". No events: it says nothing.
    void answers(const std::string& what, std::vector<JobEvent> events) { said_[what].push_back(std::move(events)); }
    void fails(const std::string& step, const std::string& why = "no room") {
        answers("start " + step, {{.exit_status = 3, .err = why}});
    }
    void is(ObjectId server, const char* stream) { story.hosts->streams[server] = stream; }

    void go();
    void again(std::vector<OperatorDecision> decisions = {});
    void back(const std::string& because = "enough");
    void abandon(const std::string& because = "enough");
    void approve(const std::string& node, const std::string& because = "fine");
    void post(const std::string& node, const std::string& by);  // from another terminal
    void show();                                                // its status
    void show_log();
    void line(const std::string& what) { lines_.push_back(clean(what)); }

    // Compares, once; with PVSPLAN_BLESS=1 in the environment writes it instead, for a person to read.
    void expect(const std::string& name);

    void on(const Event& event) override;

    HostStory story;
    ResumeOptions resume_options;
    std::function<void(const Event&)> when_told;
    std::function<void(const Job&)> when_asked;

  private:
    std::vector<JobEvent> asked(const Job& job);
    void recorded();
    void ended(const std::string& what, const Ended& ended);
    std::string clean(std::string text);

    std::map<std::string, std::deque<std::vector<JobEvent>>> said_;
    std::map<std::string, int> calls_;
    std::map<std::string, std::string> names_;
    std::size_t records_ = 0;
    bool is_reading_ = false;
    std::vector<std::string> lines_;
};

}  // namespace pvsplan::engine::test

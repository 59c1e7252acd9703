// The process dies at every durable write in turn, and another one goes on: the same end, and no step run twice.
#include <catch2/catch.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <map>

#include "runtime/journal/record.hpp"
#include "tests/unit/engine/farm.hpp"

namespace pvsplan::engine::test {
namespace {

// Ends the process before or after the n-th write.
class MortalStore final : public ports::Store {
  public:
    enum class When : std::uint8_t { before, after };
    MortalStore(std::unique_ptr<ports::Store> inner, int writes, When when)
        : inner_(std::move(inner)), left_(writes), when_(when) {}

    base::Status create_run(const ports::Hold& hold, const ports::RunRow& row, const std::string& bytes, Use use,
                            const std::vector<ports::RecordRow>& first) override {
        return dying([&] { return inner_->create_run(hold, row, bytes, use, first); });
    }
    base::Result<std::vector<ports::RunRow>> runs() override { return inner_->runs(); }
    base::Result<std::optional<ports::RunRow>> run(const std::string& id) override { return inner_->run(id); }
    base::Result<std::string> plan_bytes(const std::string& run) override { return inner_->plan_bytes(run); }
    base::Status append(const ports::Hold& hold, const std::string& run, const std::vector<ports::RecordRow>& rows,
                        const std::optional<std::string>& outcome, ports::Millis now) override {
        return dying([&] { return inner_->append(hold, run, rows, outcome, now); });
    }
    base::Result<std::vector<ports::RecordRow>> records(const std::string& run) override {
        return inner_->records(run);
    }
    base::Result<ports::TakeResult> take_farm(const std::string& farm, const ports::Holder& holder) override {
        return inner_->take_farm(farm, holder);
    }
    base::Status release_farm(const ports::Hold& hold) override {
        return dying([&] { return inner_->release_farm(hold); });
    }
    base::Result<std::optional<ports::Holder>> holder(const std::string& farm) override { return inner_->holder(farm); }
    base::Status post_letter(const std::string& run, const std::string& bytes) override {
        return inner_->post_letter(run, bytes);
    }
    base::Result<std::vector<ports::Letter>> letters(const std::string& run) override { return inner_->letters(run); }
    base::Status remove_letters(const std::string& run, std::uint64_t up_to) override {
        return inner_->remove_letters(run, up_to);
    }
    base::Result<std::map<std::string, std::map<std::string, std::string>>> simulated_state(
        const std::string& farm) override {
        return inner_->simulated_state(farm);
    }
    base::Result<std::optional<ports::SimulatedJob>> simulated_job(const std::string& farm,
                                                                   const std::string& key) override {
        return inner_->simulated_job(farm, key);
    }
    base::Status change_simulated(const std::string& farm, const ports::SimulatedChange& change) override {
        return dying([&] { return inner_->change_simulated(farm, change); });
    }
    [[nodiscard]] std::uint64_t commits() const override { return inner_->commits(); }

  private:
    template <class Write>
    base::Status dying(const Write& write) {
        const bool is_last = --left_ == 0;
        if (is_last && when_ == When::before) ::_exit(77);
        base::Status status = write();
        if (is_last) ::_exit(77);
        return status;
    }

    std::unique_ptr<ports::Store> inner_;
    int left_;
    When when_;
};

// In a process of its own; its exit status.
template <class Act>
int elsewhere(const Act& act) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(act());
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

int run_in(const Folder& folder, const Plan& plan, int writes, MortalStore::When when,
           transport::SimulatedOptions options = {}) {
    return elsewhere([&] {
        Farm farm(std::make_unique<MortalStore>(open(folder), writes, when), plan, std::move(options));
        NoObserver nobody;
        return exit_status(start(farm.world, plan, encode(plan), {}, nobody));
    });
}

void check_story(const Folder& folder, const Plan& plan, const std::string& expected) {
    Farm farm(open(folder), plan);
    CHECK(states(farm.world, plan) == expected);
    const auto rows = farm.store->runs();
    for (const ports::RunRow& row : *rows) {
        const auto verified = verify_log(*farm.store, row.id);
        REQUIRE(verified.ok());
        CHECK(verified->problems.empty());
        std::map<std::string, int> finished;
        const auto lines = log(*farm.store, row.id);
        for (const LogLine& line : *lines)
            if (line.kind == "finished") ++finished[line.node];
        for (const auto& [node, times] : finished) CHECK(times == 1);
    }
}

}  // namespace

TEST_CASE("killed at every write in turn and resumed, a run ends like one that was never interrupted") {
    const Plan plan = test::plan(2);
    for (const auto when : {MortalStore::When::before, MortalStore::When::after})
        for (int writes = 1;; ++writes) {
            const Folder folder;
            const int first = run_in(folder, plan, writes, when);
            INFO("died at write " << writes << (when == MortalStore::When::before ? ", before" : ", after"));
            if (first == 0) break;
            REQUIRE(first == 77);
            Farm farm(open(folder), plan);
            const auto rows = farm.store->runs();
            if (rows->empty()) continue;  // it never began
            NoObserver nobody;
            const Ended ended = resume(farm.world, rows->back().id, {}, {}, nobody);
            CHECK((ended.outcome == Outcome::done || ended.message.ends_with("is over: done")));
            check_story(folder, plan, "running running ");
        }
}

TEST_CASE("failed at every step in every way and rolled back, the farm is as it was") {
    using When = transport::SimulatedFault::When;
    const Plan plan = test::plan(2);
    for (const Node& node : plan.graph.nodes)
        for (const When when : {When::before, When::halfway, When::after}) {
            const Folder folder;
            const transport::SimulatedOptions options{.faults = {{.step = node.id, .when = when}}};
            INFO(node.id << " fails, " << static_cast<int>(when));
            CHECK(run_in(folder, plan, 1'000'000, MortalStore::When::after, options) == 4);
            // The way back dies as well, everywhere.
            for (int writes = 1; writes < 40; ++writes) {
                const int status = elsewhere([&] {
                    Farm farm(std::make_unique<MortalStore>(open(folder), writes, MortalStore::When::after), plan);
                    NoObserver nobody;
                    return exit_status(rollback(farm.world, farm.store->runs()->back().id, "", {}, nobody));
                });
                if (status == 5 || status == 2) break;
                REQUIRE(status == 77);
            }
            Farm farm(open(folder), plan);
            CHECK(farm.store->runs()->back().outcome == "rolled back");
            check_story(folder, plan, "running running ");
        }
}

TEST_CASE("resumed after a failure, the step is tried again and the rest goes on") {
    const Plan plan = test::plan(3);
    for (const Node& node : plan.graph.nodes) {
        const Folder folder;
        CHECK(run_in(folder, plan, 1'000'000, MortalStore::When::after,
                     {.faults = {{.step = node.id, .when = transport::SimulatedFault::When::before}}}) == 4);
        Farm farm(open(folder), plan);
        NoObserver nobody;
        CHECK(resume(farm.world, farm.store->runs()->back().id, {}, {}, nobody).outcome == Outcome::done);
        check_story(folder, plan, "running running running ");
    }
}

}  // namespace pvsplan::engine::test

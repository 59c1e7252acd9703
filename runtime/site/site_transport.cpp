#include "runtime/site/site_transport.hpp"

#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "compiler/base/digest.hpp"
#include "compiler/program/codec.hpp"
#include "runtime/engine/job.hpp"
#include "runtime/ports/places.hpp"
#include "runtime/site/next_look.hpp"
#include "runtime/site/sealed.hpp"

namespace pvsplan::site {

namespace {

using ports::Job;
using ports::JobEvent;
using ports::Millis;

class SiteTransport final : public ports::Transport {
  public:
    SiteTransport(const program::Plan& plan, ports::Sites& sites, ports::Mailbox& mailbox, const ports::Clock& clock,
                  SiteOptions options)
        : plan_(&plan),
          sites_(&sites),
          mailbox_(&mailbox),
          clock_(&clock),
          options_(options),
          next_(sites, mailbox),
          asker_(ports::random_word()) {}

    void start_or_attach(Job job) override {
        if (std::optional<ports::SiteJob> asked = sealed(std::move(job))) to_ask_.push_back(std::move(*asked));
    }

    // Once the store has the plan, to which the rows of jobs refer.
    [[nodiscard]] bool goes_with_records() const override { return !plan_sha_.empty() && plan_bytes_.empty(); }
    void start_with_records(Job job) override {
        if (std::optional<ports::SiteJob> asked = sealed(std::move(job)))
            sites_->ask_with_records({std::move(*asked)}, std::exchange(taken_, {}));
    }

    void forget(const std::string& key) override {
        if (awaited_.erase(key) == 0) return;
        withdrawn_.insert(key);
        std::erase_if(to_ask_, [&](const ports::SiteJob& job) { return job.key == key; });
    }

    // Nothing is asked of the store while no job is awaited.
    std::optional<Millis> turn(Millis now) override {
        send();
        if (awaited_.empty()) return std::nullopt;
        if (next_.is_due(now)) {
            receive();
            if (now >= look_at_) look(now);
            next_.has_looked(now, options_.poll_ms);
        }
        return next_.at();
    }

  private:
    struct Awaited {
        std::string site;
        std::string seal_key;
        Job::Ask ask = Job::Ask::start;
        Millis since = 0;  // nobody has had it
        Millis patience_ms = 0;
        bool is_unreachable = false;  // which was told
    };

    static std::string key_of(const Job& job) {
        const auto named = job.host->connect.find("site_key");
        const std::string* const secret = named == job.host->connect.end() ? nullptr : named->second.as_secret();
        const auto key = secret == nullptr ? job.connect_secrets.end() : job.connect_secrets.find(*secret);
        return key == job.connect_secrets.end() ? "" : key->second;
    }

    // As it waits; nothing where it cannot be asked for, which is told.
    // Awaited from here on, before the store has it: what a worker reports is never met by nobody. The token is that of
    // the last claim, under which all commands of this run go.
    std::optional<ports::SiteJob> sealed(Job job) {
        if (job.claim) token_ = job.claim->token;
        const bool changes = job.type == Job::Type::command;
        const std::string site = engine::site_of(*job.host);
        std::string key = key_of(job);
        if ((changes && token_ == 0) || key.empty()) {
            fail(job.key, job.ask, key.empty() ? "its site has no key" : "nobody has claimed its host for this run");
            return std::nullopt;
        }
        Ordered order{.asker = asker_,
                      .site = site,
                      .farm = plan_->farm,
                      .token = changes ? token_ : 0,
                      .plan = plan_sha(),
                      .at = clock_->now(),
                      .job = std::move(job),
                      .host = {},
                      .with_values = {}};
        order.host = order.job.host->id;
        const Job& its = order.job;
        awaited_.insert_or_assign(its.key, Awaited{.site = site,
                                                   .seal_key = key,
                                                   .ask = its.ask,
                                                   .since = clock_->steady(),
                                                   .patience_ms = its.patience_ms});
        return ports::SiteJob{.asker = asker_,
                              .key = its.key,
                              .site = site,
                              .farm = plan_->farm,
                              .token = order.token,
                              .plan = order.plan,
                              .bytes = seal(order, key, *plan_)};
    }

    // The digest of the compiled plan, by which workers find it in the store.
    const std::string& plan_sha() {
        if (plan_sha_.empty()) {
            plan_bytes_ = program::encode(*plan_);
            plan_sha_ = base::sha256_hex(plan_bytes_);
        }
        return plan_sha_;
    }

    // A job that was begun may be running, whatever has failed since.
    void fail(const std::string& key, Job::Ask ask, std::string why) {
        mailbox_->post({.key = key,
                        .type = ask == Job::Ask::start ? JobEvent::Type::never_started : JobEvent::Type::lost,
                        .text = std::move(why)});
    }

    // What a server that is away does not take stays for the next turn.
    void send() {
        for (const std::string& key : std::exchange(withdrawn_, {})) (void)sites_->withdraw(asker_, key);
        if (to_ask_.empty()) return;
        if (!plan_bytes_.empty()) {
            if (base::Status kept = sites_->keep_plan(plan_sha_, plan_bytes_); !kept) return not_taken(kept.error());
            plan_bytes_.clear();
        }
        if (base::Status asked = sites_->ask(to_ask_); !asked) return not_taken(asked.error());
        to_ask_.clear();
    }

    // Told like what no worker takes, and given up like that: a store without room is nothing to wait for in silence.
    void not_taken(const base::Error& why) {
        const Millis now = clock_->steady();
        for (const ports::SiteJob& job : std::vector(to_ask_)) {
            const auto found = awaited_.find(job.key);
            if (found == awaited_.end()) continue;  // the answer was lost, and it was taken and done all the same
            Awaited& one = found->second;
            const std::string words = "the store takes no job for the site " + one.site + ": " + why.text();
            if (one.patience_ms > 0 && now - one.since > one.patience_ms) {
                forget(job.key);
                fail(job.key, Job::Ask::look, words);
            } else if (now - one.since > options_.untaken_after_ms && !std::exchange(one.is_unreachable, true)) {
                mailbox_->post({.key = job.key, .type = JobEvent::Type::unreachable, .text = words});
            }
        }
    }

    // Every report is taken, also one that nobody awaits or whose seal does not hold: it would come again and again.
    void receive() {
        const auto reports = sites_->reports(asker_, taken_);
        if (!reports) return;
        taken_.clear();
        for (const ports::SiteReport& report : *reports) {
            taken_.push_back(report.number);
            const auto found = awaited_.find(report.key);
            if (found == awaited_.end()) continue;
            base::Result<JobEvent> event = open_event(report.bytes, asker_, found->second.seal_key);
            if (!event || event->key != report.key) continue;  // nobody of the site says so
            found->second.since = clock_->steady();
            if (event->is_final()) awaited_.erase(found);
            mailbox_->post(std::move(*event));
        }
    }

    // What no worker has: that is told, and in the end given up.
    void look(Millis now) {
        look_at_ = now + 1000;
        const auto open = sites_->open_jobs(asker_);
        if (!open) return;
        std::set<std::string> missing;
        for (const auto& [key, one] : awaited_)
            if (now - one.since > options_.untaken_after_ms) missing.insert(key);
        for (const ports::SiteJobStands& stands : *open) {
            missing.erase(stands.key);
            const auto found = awaited_.find(stands.key);
            if (found == awaited_.end()) continue;
            Awaited& one = found->second;
            if (stands.is_held) {
                one.since = now;
                if (std::exchange(one.is_unreachable, false))
                    mailbox_->post({.key = stands.key, .type = JobEvent::Type::reachable});
            } else if (one.patience_ms > 0 && now - one.since > one.patience_ms) {
                give_up(stands.key, one);
            } else if (now - one.since > options_.untaken_after_ms && !std::exchange(one.is_unreachable, true)) {
                mailbox_->post({.key = stands.key, .type = JobEvent::Type::unreachable, .text = no_worker(one.site)});
            }
        }
        // What the store could not be given yet is not missing in it.
        if (!to_ask_.empty()) return;
        for (const std::string& key : missing) {
            awaited_.erase(key);
            mailbox_->post({.key = key,
                            .type = JobEvent::Type::lost,
                            .text = "the store has lost it, or what was reported of it was changed on the way"});
        }
    }

    // Withdrawn first: a worker that takes it at this moment makes it `lost`, never `never_started`.
    void give_up(const std::string& key, const Awaited& one) {
        const base::Result<bool> was_untaken = sites_->withdraw(asker_, key);
        if (!was_untaken) return;
        const bool never = *was_untaken && one.ask == Job::Ask::start;
        JobEvent event{.key = key,
                       .type = never ? JobEvent::Type::never_started : JobEvent::Type::lost,
                       .text = no_worker(one.site)};
        awaited_.erase(key);
        mailbox_->post(std::move(event));
    }

    static std::string no_worker(const std::string& site) { return "no worker of the site " + site + " answers"; }

    const program::Plan* plan_;
    ports::Sites* sites_;
    ports::Mailbox* mailbox_;
    const ports::Clock* clock_;
    SiteOptions options_;
    NextLook next_;
    std::string asker_;
    std::string plan_sha_;
    std::string plan_bytes_;  // until the store has them
    std::uint64_t token_ = 0;
    std::map<std::string, Awaited> awaited_;  // by key of the job
    std::vector<ports::SiteJob> to_ask_;
    std::set<std::string> withdrawn_;
    std::vector<std::uint64_t> taken_;
    Millis look_at_ = 0;
};

}  // namespace

std::unique_ptr<ports::Transport> make_site(const program::Plan& plan, ports::Sites& sites, ports::Mailbox& mailbox,
                                            const ports::Clock& clock, SiteOptions options) {
    return std::make_unique<SiteTransport>(plan, sites, mailbox, clock, options);
}

}  // namespace pvsplan::site

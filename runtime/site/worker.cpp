#include "runtime/site/worker.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <utility>
#include <vector>

#include "compiler/base/digest.hpp"
#include "compiler/program/codec.hpp"
#include "runtime/engine/console_text.hpp"
#include "runtime/engine/redact.hpp"
#include "runtime/ports/places.hpp"
#include "runtime/site/next_look.hpp"
#include "runtime/site/sealed.hpp"
#include "runtime/transport/connect.hpp"

namespace pvsplan::site {

namespace {

using base::Error;
using base::Result;
using base::Status;
using ports::Job;
using ports::JobEvent;
using ports::Millis;
using Held = ports::Sites::Held;

// A compiled plan out of the store, whose bytes are those of its digest.
struct KnownPlan {
    program::Plan plan;
    ports::Secrets* secrets = nullptr;
};

class Worker {
  public:
    Worker(const WorkerEnvironment& environment, const WorkerOptions& options)
        : environment_(&environment),
          options_(&options),
          random_(std::random_device()()),
          next_(*environment.sites, *environment.mailbox),
          me_{.name = ports::random_word(), .site = options.site, .who = environment.me} {}

    // What is still to be said goes out before it leaves; its jobs are free then, and go on at their hosts. A store
    // that it has worked with is waited for: nobody may be there to start another worker.
    Status go() {
        while (environment_->signals->count() == 0) {
            const Millis now = environment_->clock->steady();
            Status worked = turn(now);
            if (!worked && !has_worked_) return worked;
            if (!worked) stays_away(worked.error());
            if (worked && std::exchange(is_away_, false)) environment_->tell("its store answers again");
            has_worked_ = has_worked_ || worked.ok();
            Millis wake = worked ? next_.at() : environment_->clock->steady() + options_->idle_ms;
            for (ports::Transport* transport : transports_)
                if (const auto wants = transport->turn(now)) wake = std::min(wake, *wants);
            for (JobEvent& event : environment_->clock->wait(*environment_->mailbox, wake)) {
                take_event(std::move(event));
                next_.at_once();
            }
        }
        if (Status said = send_reports(); !said) return said;
        return environment_->sites->leave(me_.name);
    }

  private:
    // Reports go first: a job that is over must not be held on to. A third of the time of a hold leaves two more tries.
    Status turn(Millis now) {
        if (Status said = send_reports(); !said) return said;
        if (now >= hold_at_) {
            hold_at_ = now + options_->hold_ms / 3;
            if (Status there = environment_->sites->be_present(me_); !there) return there;
            if (Status holds = hold(); !holds) return holds;
        }
        return next_.is_due(now) ? look(now) : base::Done{};
    }

    // The next turn asks all of it again: one that has nothing to ask would pass for an answer.
    void stays_away(const Error& why) {
        tell_away(why);
        hold_at_ = 0;
        next_.at_once();
    }

    // Again and again, for as long as it is so: it may be that rights were taken from it, which come back only where
    // somebody reads that.
    void tell_away(const Error& why) {
        const Millis now = environment_->clock->steady();
        if (std::exchange(is_away_, true) && now < tell_at_) return;
        tell_at_ = now + options_->tell_again_ms;
        environment_->tell("its store is asked again and again: " + why.text());
    }

    // Takes no more jobs than it has room for: another worker may have some.
    Status look(Millis now) {
        next_.has_looked(now, jittered(now < busy_until_ ? options_->busy_ms : options_->idle_ms));
        if (held_.size() >= options_->max_jobs) return base::Done{};
        const auto room = static_cast<std::uint32_t>(options_->max_jobs - held_.size());
        Result<std::vector<ports::SiteJob>> taken = environment_->sites->take(me_, room, options_->hold_ms);
        if (!taken) return std::move(taken).error();
        for (const ports::SiteJob& job : *taken) begin(job);
        // What comes of a job is soon another one.
        if (!taken->empty() || !held_.empty()) {
            busy_until_ = now + options_->busy_for_ms;
            next_.has_looked(now, jittered(options_->busy_ms));
        }
        return base::Done{};
    }

    // Workers that began together do not ask together for ever.
    Millis jittered(Millis pause) { return pause * std::uniform_int_distribution<Millis>(80, 120)(random_) / 100; }

    // What was taken away goes on at its host; whoever has it now attaches to it.
    Status hold() {
        if (held_.empty()) return base::Done{};
        std::vector<Held> jobs;
        for (const auto& [key, doing] : held_) jobs.push_back(doing.job);
        const auto still = environment_->sites->hold(me_.name, jobs, options_->hold_ms);
        if (!still) return still.error();
        const std::set<Held> kept(still->begin(), still->end());
        for (auto it = held_.begin(); it != held_.end();) {
            if (kept.contains(it->second.job)) {
                ++it;
                continue;
            }
            it->second.transport->forget(it->first);
            it = held_.erase(it);
        }
        return base::Done{};
    }

    // Nothing is begun that is not sealed, of this site, of a farm that it works for, and young enough. What is refused
    // is reported, so that whoever asked does not wait.
    void begin(const ports::SiteJob& taken) {
        const Held held{taken.asker, taken.key};
        Result<Ordered> order = checked(taken);
        // Whoever had taken it before may have begun it, and of what is not sealed nobody knows what it asks.
        const bool is_new = taken.takes == 1;
        if (!order) return refuse(held, order.error(), is_new);
        const bool never_began = is_new && order->job.ask == Job::Ask::start;
        Result<Job> job = whole(std::move(*order), taken.takes);
        if (!job) return refuse(held, job.error(), never_began);
        const std::string over = transport::connect_text(*job, "over").value_or("");
        ports::Transport* const transport = environment_->transport(over);
        if (transport == nullptr)
            return refuse(held, Error{"this worker has no way to reach `" + over + "`"}, never_began);
        if (std::find(transports_.begin(), transports_.end(), transport) == transports_.end())
            transports_.push_back(transport);
        // The same job for another asker: whoever asked before has gone.
        if (const auto before = held_.find(taken.key); before != held_.end())
            before->second.transport->forget(taken.key);
        held_.insert_or_assign(taken.key, Doing{.job = held, .transport = transport});
        if (job->type == Job::Type::command) environment_->tell(job->run + "  " + job->step);
        transport->start_or_attach(std::move(*job));
    }

    // Whether it is what was asked for, by somebody who may ask.
    Result<Ordered> checked(const ports::SiteJob& taken) const {
        Result<Ordered> order = open_order(taken.bytes, options_->key);
        if (!order) return order;
        const bool is_its_row = order->asker == taken.asker && order->job.key == taken.key &&
                                order->site == options_->site && order->farm == taken.farm &&
                                order->token == taken.token && order->plan == taken.plan;
        if (!is_its_row) return Error{"its row says something else than what was sealed: it was changed"};
        if (!options_->farms.contains(order->farm))
            return Error{"this worker does nothing for the farm `" + order->farm + "`"};
        const std::int64_t age = environment_->clock->now() - order->at;
        if (age > options_->max_age_ms || age < -options_->max_age_ms)
            return Error{"it was asked for too long ago, or the clocks are set apart by as much"};
        return order;
    }

    // With its host, what it runs, and its secrets.
    Result<Job> whole(Ordered order, std::uint32_t takes) {
        Result<const KnownPlan*> known = plan_of(order);
        if (!known) return std::move(known).error();
        const program::Plan& plan = (*known)->plan;
        Job job = std::move(order.job);
        const auto host = std::find_if(plan.objects.begin(), plan.objects.end(),
                                       [&](const program::Object& one) { return one.id == order.host; });
        if (host == plan.objects.end()) return Error{"its plan has no object `" + order.host + "`"};
        job.host = &*host;
        if (Status body = add_body(job, plan, order.with_values); !body) return std::move(body).error();
        if (Status secrets = add_secrets(job, *(*known)->secrets); !secrets) return std::move(secrets).error();
        // SQL is no job of its own on a host: what another worker had taken may have been done.
        const bool leaves_no_trace = job.type == Job::Type::command && job.body == program::Body::Type::sql;
        if (leaves_no_trace && takes > 1 && job.ask == Job::Ask::start) job.ask = Job::Ask::attach;
        return job;
    }

    // The store is not trusted with what is run: the digest of the plan is sealed, and its bytes have to have that.
    Result<const KnownPlan*> plan_of(const Ordered& order) {
        if (const auto known = plans_.find(order.plan); known != plans_.end()) return known->second.get();
        Result<std::string> bytes = environment_->sites->plan_bytes_of(order.plan);
        if (!bytes) return std::move(bytes).error();
        if (base::sha256_hex(*bytes) != order.plan)
            return Error{"the store has another plan under this digest: it was changed"};
        Result<program::Plan> plan = program::decode(*bytes);
        if (!plan) return std::move(plan).error();
        if (plan->farm != order.farm) return Error{"its plan is of the farm `" + plan->farm + "`"};
        auto known = std::make_unique<KnownPlan>(KnownPlan{.plan = std::move(*plan)});
        known->secrets = environment_->secrets(known->plan);
        return plans_.emplace(order.plan, std::move(known)).first->second.get();
    }

    // What is run comes from the plan whose digest is sealed, never from the store's row.
    static Status add_body(Job& job, const program::Plan& plan, const std::string& with_values) {
        if (job.type == Job::Type::observation) {
            const auto kind = plan.kinds.find(job.host->kind);
            if (kind == plan.kinds.end()) return Error{"its plan has no kind `" + job.host->kind + "`"};
            job.body = kind->second.observe.type;
            job.text = kind->second.observe.text;
        }
        if (job.type != Job::Type::command) return base::Done{};
        const auto action = plan.actions.find(job.action);
        if (action == plan.actions.end()) return Error{"its plan has no action `" + job.action + "`"};
        job.body = action->second.run.type;
        job.text = action->second.run.text;
        return add_values(job, action->second, plan, with_values);
    }

    static Status add_values(Job& job, const program::Action& action, const program::Plan& plan,
                             const std::string& with_values) {
        Result<std::map<std::string, std::string>> values = values_of(with_values);
        if (!values) return std::move(values).error();
        for (const program::Action::Parameter& parameter : action.parameters) {
            const auto given = values->find(parameter.name);
            if (given == values->end()) continue;
            Result<program::Value> value = program::decode_value(given->second, parameter.type, plan);
            if (!value) return std::move(value).error();
            job.with.emplace(parameter.name, std::move(*value));
            values->erase(given);
        }
        if (!values->empty()) return Error{"its action has no parameter `" + values->begin()->first + "`"};
        return base::Done{};
    }

    // Each is known to the redactor before the job begins.
    Status add_secrets(Job& job, ports::Secrets& secrets) {
        const auto read = [&](const std::string& name, std::string& into) -> Status {
            Result<std::string> secret = secrets.read(name);
            if (!secret) return std::move(secret).error();
            redactor_.add(*secret);
            into = std::move(*secret);
            return base::Done{};
        };
        for (const auto& [parameter, name] : job.secret_names)
            if (Status known = read(name, job.secrets[parameter]); !known) return known;
        for (const auto& [key, value] : job.host->connect)
            if (const auto* name = value.as_secret(); name != nullptr && key != "site_key")
                if (Status known = read(*name, job.connect_secrets[*name]); !known) return known;
        return base::Done{};
    }

    // Nothing of it was begun, or nobody knows.
    void refuse(const Held& job, const Error& why, bool never_began) {
        JobEvent event{.key = job.key,
                       .type = never_began ? JobEvent::Type::never_started : JobEvent::Type::lost,
                       .text = "a worker of the site " + options_->site + " refuses it: " + why.text()};
        environment_->tell("refused " + job.key + ": " + why.text());
        report(job, event);
    }

    // Secrets are read here and nowhere else, so they are taken out here, before anything leaves the site.
    void take_event(JobEvent event) {
        const auto found = held_.find(event.key);
        if (found == held_.end()) return;
        event.out = redactor_.clean(engine::as_utf8(std::move(event.out)));
        event.err = redactor_.clean(engine::as_utf8(std::move(event.err)));
        event.text = event.type == JobEvent::Type::output ? redactor_.clean_line(engine::as_utf8(std::move(event.text)))
                                                          : redactor_.clean(engine::as_utf8(std::move(event.text)));
        report(found->second.job, event);
        if (event.is_final()) held_.erase(found);
    }

    void report(const Held& job, const JobEvent& event) {
        reports_.push_back({.job = job, .bytes = seal(event, job.asker, options_->key), .is_final = event.is_final()});
    }

    // What could not be sent stays, in its order, for the next turn. Reports of a job that is another's by now are
    // dropped by the store.
    Status send_reports() {
        if (reports_.empty()) return base::Done{};
        Status said = environment_->sites->report(me_.name, reports_);
        if (said) reports_.clear();
        return said;
    }

    struct Doing {
        Held job;
        ports::Transport* transport = nullptr;
    };

    const WorkerEnvironment* environment_;
    const WorkerOptions* options_;
    std::mt19937_64 random_;
    NextLook next_;
    ports::SiteWorker me_;
    std::map<std::string, Doing> held_;  // by key of the job
    std::vector<ports::Transport*> transports_;
    std::map<std::string, std::unique_ptr<KnownPlan>> plans_;  // by sha256
    engine::RunRedactor redactor_;
    std::vector<ports::Sites::Report> reports_;
    Millis hold_at_ = 0;
    Millis busy_until_ = 0;
    bool has_worked_ = false;
    bool is_away_ = false;  // which was told, and is told again then:
    Millis tell_at_ = 0;
};

}  // namespace

Status work(const WorkerEnvironment& environment, const WorkerOptions& options) {
    return Worker(environment, options).go();
}

}  // namespace pvsplan::site

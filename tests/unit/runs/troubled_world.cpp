#include "tests/unit/runs/troubled_world.hpp"

#include <algorithm>

namespace pvsplan::test {

using ports::Job;
using ports::Millis;
using JobEventType = ports::JobEvent::Type;

std::vector<ports::JobEvent> SetClock::wait(ports::Mailbox& mailbox, std::optional<Millis> deadline) {
    if (draws_->chance(steps_)) ahead_ += static_cast<Millis>(draws_->below(7'200'000)) - 3'600'000;
    return VirtualClock::wait(mailbox, deadline);
}

void TroubledHosts::start_or_attach(Job job) {
    if (is_cut_) return;
    const bool only_looks = job.type == Job::Type::observation;
    Millis takes = draws_->below(only_looks ? 300 : 2000);
    if (only_looks && draws_->chance(trouble_.late)) takes += draws_->below(60'000);
    held_.emplace(clock_->steady() + takes, std::move(job));
}

void TroubledHosts::forget(const std::string& key) {
    std::erase_if(held_, [&](const auto& one) { return one.second.key == key; });
    farm_->forget(key);
}

std::optional<Millis> TroubledHosts::turn(Millis now) {
    while (!held_.empty() && held_.begin()->first <= now) give(std::move(held_.extract(held_.begin()).mapped()));
    const std::optional<Millis> wants = is_cut_ ? std::nullopt : farm_->turn(now);
    if (held_.empty()) return wants;
    return wants ? std::min(*wants, held_.begin()->first) : held_.begin()->first;
}

void TroubledHosts::give(Job job) {
    if (job.type == Job::Type::observation && draws_->chance(trouble_.blind))
        return mailbox_->post({.key = job.key, .type = JobEventType::lost, .text = "it does not answer"});
    if (job.type != Job::Type::command || job.ask != Job::Ask::start) return farm_->start_or_attach(std::move(job));
    if (draws_->chance(trouble_.unreached))
        return mailbox_->post({.key = job.key, .type = JobEventType::never_started, .text = "no route to it"});
    const bool hangs = job.at_timeout == Job::AtTimeout::kill && draws_->chance(trouble_.hangs);
    if (!hangs && !draws_->chance(trouble_.lost)) return farm_->start_or_attach(std::move(job));
    mailbox_->post({.key = job.key,
                    .type = hangs ? JobEventType::killed : JobEventType::lost,
                    .text = hangs ? "" : "not heard of again"});
    if (!draws_->chance(50)) return;
    job.key += "-unheard";  // it is done all the same, and its host keeps no record of it
    farm_->start_or_attach(std::move(job));
}

void Interrupts::on(const engine::Event&) {
    if (left_ > 0) --left_;
    if (meanwhile_left_ > 0 && --meanwhile_left_ == 0) std::exchange(meanwhile_, {})();
}

std::vector<engine::Person::Answer> Nodding::answers() {
    if (asked_.empty() || !draws_->chance(20)) return {};
    return {{.node = draws_->of(asked_), .because = "fine"}};
}

}  // namespace pvsplan::test

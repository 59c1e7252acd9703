#include "runtime/site/next_look.hpp"

#include <algorithm>

namespace pvsplan::site {

namespace {

constexpr ports::Millis told_pause_ms = 5;

}  // namespace

// What is told within a few milliseconds of a look waits for the end of them, so a store that tells all the time is not
// asked all the time.
void NextLook::has_looked(ports::Millis now, ports::Millis pause) {
    at_ = now + pause;
    told_at_ = now + std::min(pause, told_pause_ms);
}

// Sooner where the store has told of something; else the mailbox wakes whoever waits once it does.
ports::Millis NextLook::at() {
    const ports::Sites::News news = sites_->news();
    if (news.is_there) at_ = std::min(at_, told_at_);
    if (at_ > told_at_ && news.descriptor >= 0) mailbox_->wake_once_readable(news.descriptor);
    return at_;
}

}  // namespace pvsplan::site

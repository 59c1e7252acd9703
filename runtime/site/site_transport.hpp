// Asks the workers of a site, through the store. It has no thread: all of it happens in turn().
#pragma once

#include <memory>

#include "compiler/program/plan.hpp"
#include "runtime/ports/sites.hpp"
#include "runtime/ports/transport.hpp"

namespace pvsplan::site {

struct SiteOptions {
    ports::Millis poll_ms = 50;             // how often reports are looked for while something is awaited
    ports::Millis untaken_after_ms = 5000;  // a job that no worker has taken by then is told as unreachable
};

// All that is referred to outlives it.
// A word of its own tells this process from others that ask: one that resumes the run asks anew.
std::unique_ptr<ports::Transport> make_site(const program::Plan& plan, ports::Sites& sites, ports::Mailbox& mailbox,
                                            const ports::Clock& clock, SiteOptions options = {});

}  // namespace pvsplan::site

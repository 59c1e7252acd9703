// What people say to a run from elsewhere: it waits in the inbox of the run until its process receives it into the
// journal. Whoever posts needs no lease.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "compiler/base/result.hpp"

namespace pvsplan::ports {

// An operator decision that another process left.
struct Message {
    std::uint64_t number = 0;  // grows with each that is posted, and is never used again
    std::string run;
    std::string bytes;
};

class Inbox {
  public:
    virtual ~Inbox() = default;

    // Durable when it returns. Whether there is such a run is not looked at: the caller has read it.
    virtual base::Status post_message(const std::string& run, const std::string& bytes) = 0;
    // In the order in which they were posted.
    virtual base::Result<std::vector<Message>> messages(const std::string& run) const = 0;
    // Those up to that number, once the journal has answered them.
    virtual base::Status remove_messages(const std::string& run, std::uint64_t up_to) = 0;
};

}  // namespace pvsplan::ports

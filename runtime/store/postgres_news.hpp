// Notifications between who asks for jobs and the workers of sites, beside the tables that hold them: whoever waits
// looks at once, and not only when its time has come. Nothing depends on one: it may be missing, and anybody who has
// the database can send some.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "runtime/ports/clock.hpp"
#include "runtime/store/postgres_session.hpp"

namespace pvsplan::store {

// Used by the thread of the session.
class PostgresNews {
  public:
    explicit PostgresNews(PostgresSession& session) : session_(&session) {}  // which outlives it

    // The channels of a site, and of whoever asks: names that want no quotes, whatever theirs are.
    static std::string jobs_for(const std::string& site);
    static std::string reports_to(const std::string& asker);

    // After the commit of what it is about. Each wakes every connection that listens in the database, so the more there
    // are, the less often: what has to wait goes with a later call.
    void tell(const std::set<std::string>& channels);
    void tell_what_waits() { tell({}); }

  private:
    // Asks the server how many listen, from time to time: the delay between two calls follows that number.
    void count_connections(ports::Millis now);

    PostgresSession* session_;
    std::set<std::string> waiting_;  // channels to tell at the next call
    ports::Millis not_before_ = 0;   // since_boot(): when the next call may tell
    ports::Millis count_at_ = 0;     // likewise, when to count again
    std::int64_t connections_ = 1;
};

}  // namespace pvsplan::store

#include "runtime/store/postgres_news.hpp"

#include <algorithm>
#include <utility>

#include "compiler/base/digest.hpp"

namespace pvsplan::store {

namespace {

constexpr ports::Millis shortest_pause_ms = 5;
constexpr ports::Millis count_each_ms = 10'000;

// A notification costs the server about 30 us for each connection that listens. So that `connections` that all tell and
// all listen cost it two thirds of a core together, however many they are.
ports::Millis pause_among(std::int64_t connections) {
    return std::max(shortest_pause_ms, connections * connections / 20);
}

// Names of sites and processes may be long and hold anything; the name of a channel is an identifier.
std::string channel_of(const std::string& what) { return "pvsplan_" + base::sha256_hex(what).substr(0, 32); }

}  // namespace

std::string PostgresNews::jobs_for(const std::string& site) { return channel_of("jobs\n" + site); }
std::string PostgresNews::reports_to(const std::string& asker) { return channel_of("reports\n" + asker); }

// The server knows how many there are; asked seldom, since it is only to be about right.
void PostgresNews::count_connections(ports::Millis now) {
    if (now < count_at_) return;
    count_at_ = now + count_each_ms;
    const Reply counted = session_->ask_once(
        "SELECT numbackends FROM pg_catalog.pg_stat_database WHERE datname = current_database()", {});
    if (!counted.rows.empty()) connections_ = number(counted.rows.front(), 0);
}

// A commit of its own, for which neither the disk nor a copy is waited.
void PostgresNews::tell(const std::set<std::string>& channels) {
    waiting_.insert(channels.begin(), channels.end());
    const ports::Millis now = ports::since_boot();
    if (waiting_.empty() || now < not_before_) return;
    count_connections(now);
    not_before_ = now + pause_among(connections_);
    session_->send(
        "SELECT set_config('synchronous_commit', 'off', true), (SELECT count(pg_notify(channel, '')) FROM "
        "unnest($1::text[]) AS channel)",
        {column(std::exchange(waiting_, {}), [](const std::string& one) { return one; })});
}

}  // namespace pvsplan::store

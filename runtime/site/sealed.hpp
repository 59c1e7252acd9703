// What goes through the store between who asks and the workers of a site: JSON under a seal of the site's key, which
// the store never has. Whoever owns the database can delay and withhold, but not make a worker do something, nor say
// how something ended.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "compiler/base/result.hpp"
#include "runtime/ports/clock.hpp"
#include "runtime/ports/transport.hpp"

namespace pvsplan::site {

// A job as it is sealed: what it is, but not what it runs, which stands in the compiled plan.
struct Ordered {
    std::string asker;
    std::string site;
    std::string farm;
    std::uint64_t token = 0;
    std::string plan;         // sha256 of the compiled plan
    ports::Millis at = 0;     // when it was asked for
    ports::Job job;           // without host, text and secrets
    std::string host;         // id of the object
    std::string with_values;  // JSON object: values of `with`, each encoded by its type
};

std::string seal(const Ordered& order, std::string_view key, const program::Plan& plan);
// An error if the seal is not of this key, or it is nothing that seal() writes.
base::Result<Ordered> open_order(std::string_view bytes, std::string_view key);

// The values of an order by parameter, each as it was encoded.
base::Result<std::map<std::string, std::string>> values_of(const std::string& with_values);

// Seals and opens what happened to the job `key` of `asker`.
std::string seal(const ports::JobEvent& event, const std::string& asker, std::string_view key);
base::Result<ports::JobEvent> open_event(std::string_view bytes, const std::string& asker, std::string_view key);

}  // namespace pvsplan::site

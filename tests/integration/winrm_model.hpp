// A host that understands our questions, and keeps jobs: a model of Windows, of its protocol and of our scripts'
// contract. It takes messages apart by means of its own.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/integration/https.hpp"

namespace pvsplan::integration {

// The text between the two, found without a regex, which long texts would overflow.
std::string between(const std::string& text, const std::string& before, const std::string& after);
std::string action_of(const std::string& request);
// An independent base64 of the standard's own words.
std::string plain_base64(const std::string& text);

struct ModelHost {
    struct JobOf {
        std::string begun;
        int asked = 0;
    };
    std::map<std::string, JobOf> jobs;  // by key; begun "": void
    std::map<std::string, int> ran;
    std::map<std::string, std::string> input;  // by command
    nlohmann::json last;
    std::string loader;
    int commands = 0;
    int shells = 0;
    int until_done = 1;     // questions before a job has ended
    std::string vanish_at;  // an action at which the connection is cut, once
    int status_401 = 0;     // answers so many times
    std::string log;        // all that came over the wire

    Response answer(const Request& request);

  private:
    Response act(const std::string& action, const std::string& body);
    Response receive(const std::string& command);
    nlohmann::json reply_to(const nlohmann::json& ask);
};

}  // namespace pvsplan::integration

// Which requests are answered: those that were meant for this server, and of those that change something the ones that
// a person sent from a page of ours.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runtime/serve/http.hpp"

namespace pvsplan::serve {

// Made once, before the server listens; read by several threads.
struct Admission {
    std::vector<std::string> hosts;  // further names under which browsers may call this server
    bool is_on_socket = false;  // only what stands before it connects: the name is that one's affair, unless listed
    std::string trust_header;   // in lower case: who is there, as what stands before it says; empty: nobody is known
    std::string secret;         // of this process: what tokens are made with
};

// Why the request is refused; nothing: it is answered. A page of somebody else that gives its own name our address is
// told apart by that name. The answer tells what was wrong and nothing of any run.
std::optional<Response> refused(const Admission& admission, const Request& request);

// Who sent the request; empty: nobody who is known.
std::string person(const Admission& admission, const Request& request);

// What a form of that person about that thing carries: nobody who cannot read our page knows it. Lower-case hex.
// `about`: the run and the step.
std::string token(const Admission& admission, const std::string& person, const std::string& about);
// In a time that does not depend on where the two differ.
bool is_token(const Admission& admission, const std::string& person, const std::string& about,
              const std::optional<std::string>& given);

// The response, with what browsers are told besides: nothing of it comes from elsewhere, nobody shows it within another
// page, nothing is kept.
Response with_policy(Response response);

}  // namespace pvsplan::serve

// What a browser asks and what it is answered, as data.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pvsplan::serve {

// As a stranger sent it, within the limits of the server; nothing in it is trusted.
struct Request {
    std::string method;  // "GET"
    std::string path;    // without what follows a `?`, and as it was written: nothing of it is decoded
    std::string query;   // what follows the `?`, as it was written
    std::vector<std::pair<std::string, std::string>> headers;  // names in lower case, in the order of the request
    std::string body;
};

// The value of a header that is there exactly once: of one that is there twice nobody can tell who wrote which.
std::optional<std::string> header(const Request& request, std::string_view name);

// Sent as it is: whoever makes it escapes what it holds.
struct Response {
    unsigned status = 200;  // of HTTP
    std::string type = "text/html; charset=utf-8";
    std::string body;
    std::vector<std::pair<std::string, std::string>> headers = {};
};

// The value of a field of a form or a query; nothing if it is not there exactly once, or is written wrongly.
std::optional<std::string> field(std::string_view form, std::string_view name);

}  // namespace pvsplan::serve

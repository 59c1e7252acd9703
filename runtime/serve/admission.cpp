#include "runtime/serve/admission.hpp"

#include <algorithm>
#include <array>

#include "compiler/base/digest.hpp"

namespace pvsplan::serve {

namespace {

// "localhost:8470" is "localhost", "[::1]:8470" is "[::1]".
std::string_view without_port(std::string_view host) {
    const std::size_t colon = host.rfind(':');
    const std::size_t bracket = host.rfind(']');
    const bool has_port = colon != std::string_view::npos && (bracket == std::string_view::npos || bracket < colon);
    return has_port ? host.substr(0, colon) : host;
}

// A page elsewhere whose name is made to lead to this machine (DNS rebinding) sends that name: so only names that are
// ours are answered. On a socket no browser connects by itself.
bool is_host(const Admission& admission, std::string_view host) {
    constexpr std::array<std::string_view, 3> own = {"localhost", "127.0.0.1", "[::1]"};
    const std::string_view name = without_port(host);
    if (std::find(admission.hosts.begin(), admission.hosts.end(), name) != admission.hosts.end()) return true;
    if (admission.is_on_socket) return admission.hosts.empty();
    return std::find(own.begin(), own.end(), name) != own.end();
}

// Whether a page of ours sent it. All browsers say so themselves since 2023; of an older one it is told by the name of
// the page's server.
bool is_from_our_page(const Admission& admission, const Request& request) {
    if (const std::optional<std::string> site = header(request, "sec-fetch-site")) return *site == "same-origin";
    const std::optional<std::string> origin = header(request, "origin");
    const std::optional<std::string> host = header(request, "host");
    if (!origin || !host) return false;
    const std::size_t scheme = origin->find("://");
    if (scheme == std::string::npos) return false;
    const std::string from = origin->substr(scheme + 3);
    return from == *host ||
           std::find(admission.hosts.begin(), admission.hosts.end(), without_port(from)) != admission.hosts.end();
}

Response refusal(unsigned status, std::string words) {
    return {.status = status, .type = "text/plain; charset=utf-8", .body = std::move(words) + "\n"};
}

bool has(const std::vector<std::pair<std::string, std::string>>& headers, std::string_view name) {
    return std::any_of(headers.begin(), headers.end(), [&](const auto& one) { return one.first == name; });
}

}  // namespace

// In the order in which least is done for whoever is refused. Whatever does not only ask changes something, and wants a
// person and a page of ours: another site can make a browser send a form, and cannot make it come from here.
std::optional<Response> refused(const Admission& admission, const Request& request) {
    const std::optional<std::string> host = header(request, "host");
    if (!host || !is_host(admission, *host))
        return refusal(421, "this server is not called so; `pvsplan serve --host NAME` allows a further name");
    if (request.method == "GET" || request.method == "HEAD") return std::nullopt;
    if (request.method != "POST" || admission.trust_header.empty()) {
        Response response = refusal(405, "nothing can be changed here");
        response.headers.emplace_back("Allow", "GET, HEAD");
        return response;
    }
    if (person(admission, request).empty())
        return refusal(403, "nobody says who you are: what stands before this server has to name you, once");
    if (!is_from_our_page(admission, request)) return refusal(403, "this was not sent from a page of this server");
    return std::nullopt;
}

// A name is taken as it is given, up to a bound; with a control character it is nobody, since it goes into the journal.
std::string person(const Admission& admission, const Request& request) {
    if (admission.trust_header.empty()) return "";
    static constexpr std::size_t max_name = 256;
    const std::string name = header(request, admission.trust_header).value_or("");
    const bool is_printed = std::all_of(name.begin(), name.end(),
                                        [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f; });
    return name.size() <= max_name && is_printed ? name : "";
}

namespace {

// The length keeps names and what they ask for apart. One text cannot be read as another person with another thing.
std::string asked(const std::string& person, const std::string& about) {
    return std::to_string(person.size()) + "\n" + person + "\n" + about;
}

}  // namespace

// Keyed by a secret that lives as long as this process: a form from before it was started anew is not accepted.
std::string token(const Admission& admission, const std::string& person, const std::string& about) {
    return base::sealed_hex(admission.secret, asked(person, about));
}

bool is_token(const Admission& admission, const std::string& person, const std::string& about,
              const std::optional<std::string>& given) {
    return given && base::is_sealed(admission.secret, asked(person, about), *given);
}

// A page that says itself what it may load, the picture of a run, keeps that.
Response with_policy(Response response) {
    if (!has(response.headers, "Content-Security-Policy"))
        response.headers.emplace_back(
            "Content-Security-Policy",
            "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; "
            "form-action 'self'; base-uri 'none'; frame-ancestors 'none'");
    response.headers.emplace_back("X-Content-Type-Options", "nosniff");
    response.headers.emplace_back("X-Frame-Options", "DENY");
    response.headers.emplace_back("Referrer-Policy", "no-referrer");
    response.headers.emplace_back("Cross-Origin-Resource-Policy", "same-origin");
    response.headers.emplace_back("Cross-Origin-Opener-Policy", "same-origin");
    response.headers.emplace_back("Cache-Control", "no-store");
    return response;
}

}  // namespace pvsplan::serve

// Webhooks and mails, both with libcurl.
#include <curl/curl.h>

#include <algorithm>
#include <memory>
#include <mutex>

#include "runtime/notify/attempt.hpp"

namespace pvsplan::notify {

namespace {

using program::Notify;

struct Free {
    void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Curl = std::unique_ptr<CURL, Free>;
using List = std::unique_ptr<curl_slist, Free>;

void append(List& list, const std::string& text) { list.reset(curl_slist_append(list.release(), text.c_str())); }

// An answer is not read, but has to be taken.
std::size_t drop(char*, std::size_t size, std::size_t count, void*) { return size * count; }

std::size_t give(char* into, std::size_t size, std::size_t count, void* from) {
    auto& left = *static_cast<std::string_view*>(from);
    const std::size_t bytes = std::min(left.size(), size * count);
    std::copy_n(left.begin(), bytes, into);
    left.remove_prefix(bytes);
    return bytes;
}

int look_at_stop(void* stop, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    return static_cast<const std::atomic<bool>*>(stop)->load() ? 1 : 0;
}

void set_limits(CURL* curl, const Parcel& parcel, ports::Millis timeout_ms, const std::atomic<bool>& stop) {
    curl_easy_setopt(curl, CURLOPT_URL, parcel.url.c_str());
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(timeout_ms));
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);  // what is told here goes where the plan says, and nowhere else
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, look_at_stop);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, const_cast<std::atomic<bool>*>(&stop));
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, drop);
    if (!parcel.how.ca.empty()) curl_easy_setopt(curl, CURLOPT_CAINFO, parcel.how.ca.c_str());
}

// Later it may answer otherwise, unless it says that it does not want this.
Attempt judged(long status) {
    constexpr long ok = 200;
    constexpr long redirect = 300;
    constexpr long refused = 400;
    constexpr long broken = 500;
    const std::string answer = "it answers with " + std::to_string(status);
    if (status >= ok && status < redirect) return {.result = Attempt::Result::sent};
    if (status >= redirect && status < refused)
        return {.result = Attempt::Result::hopeless, .why = answer + ", a redirection, which is not followed"};
    const bool is_later = status == 408 || status == 425 || status == 429 || status >= broken;
    return {.result = is_later ? Attempt::Result::failed : Attempt::Result::hopeless, .why = answer};
}

}  // namespace

Attempt post(const Parcel& parcel, ports::Millis timeout_ms, const std::atomic<bool>& stop) {
    static std::once_flag once;
    std::call_once(once, [] { curl_global_init(CURL_GLOBAL_ALL); });
    const Curl curl(curl_easy_init());
    if (!curl) return {.result = Attempt::Result::hopeless, .why = "there is no libcurl.so.4 on this machine"};
    set_limits(curl.get(), parcel, timeout_ms, stop);
    List list;
    std::string from;
    std::string_view left = parcel.bytes;
    if (parcel.how.way == Notify::Way::webhook) {
        curl_easy_setopt(curl.get(), CURLOPT_PROTOCOLS_STR, "http,https");
        append(list, "Content-Type: application/json");
        append(list, "Expect:");
        curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, list.get());
        curl_easy_setopt(curl.get(), CURLOPT_USERAGENT, "pvsplan");
        curl_easy_setopt(curl.get(), CURLOPT_POST, 1L);
        curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDSIZE, static_cast<long>(parcel.bytes.size()));
        curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDS, parcel.bytes.data());
    } else {
        curl_easy_setopt(curl.get(), CURLOPT_PROTOCOLS_STR, "smtp,smtps");
        from = "<" + parcel.how.from + ">";
        for (const std::string& to : parcel.how.to) append(list, "<" + to + ">");
        curl_easy_setopt(curl.get(), CURLOPT_MAIL_FROM, from.c_str());
        curl_easy_setopt(curl.get(), CURLOPT_MAIL_RCPT, list.get());
        curl_easy_setopt(curl.get(), CURLOPT_UPLOAD, 1L);
        curl_easy_setopt(curl.get(), CURLOPT_READFUNCTION, give);
        curl_easy_setopt(curl.get(), CURLOPT_READDATA, &left);
        // A password never goes out in the clear.
        const bool has_password = !parcel.password.empty();
        curl_easy_setopt(curl.get(), CURLOPT_USE_SSL,
                         static_cast<long>(has_password ? CURLUSESSL_ALL : CURLUSESSL_TRY));
        if (has_password) {
            curl_easy_setopt(curl.get(), CURLOPT_USERNAME, parcel.how.user.c_str());
            curl_easy_setopt(curl.get(), CURLOPT_PASSWORD, parcel.password.c_str());
        }
    }
    const CURLcode code = curl_easy_perform(curl.get());
    long status = 0;
    curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
    if (code == CURLE_OK && parcel.how.way == Notify::Way::webhook) return judged(status);
    if (code == CURLE_OK) return {.result = Attempt::Result::sent};
    if (code == CURLE_OPERATION_TIMEDOUT)
        return {.why = "it has not answered within " + std::to_string(timeout_ms / 1000) + " s"};
    // A message of its own about this transfer could hold the URL, which may be a secret.
    std::string why = curl_easy_strerror(code);
    if (parcel.how.way == Notify::Way::mail && status != 0)
        why += " (the mail server answers " + std::to_string(status) + ")";
    return {.why = std::move(why)};
}

}  // namespace pvsplan::notify

// Webhooks and mails, both with libcurl.
#include <curl/curl.h>

#include <algorithm>
#include <memory>
#include <mutex>

#include "runtime/notify/sending.hpp"

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

// What libcurl asks for piece by piece; 0 is the end of the mail.
std::size_t give(char* into, std::size_t size, std::size_t count, void* from) {
    auto& left = *static_cast<std::string_view*>(from);
    const std::size_t bytes = std::min(left.size(), size * count);
    std::copy_n(left.begin(), bytes, into);
    left.remove_prefix(bytes);
    return bytes;
}

// Called about once a second, and while data moves; not 0 ends the transfer.
int look_at_stop(void* stop, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    return static_cast<const std::atomic<bool>*>(stop)->load() ? 1 : 0;
}

// `parcel` and `stop` outlive the transfer. Signals are left alone: there are other threads.
void set_limits(CURL* curl, const Parcel& parcel, ports::Millis timeout_ms, const std::atomic<bool>& stop) {
    curl_easy_setopt(curl, CURLOPT_URL, parcel.url.c_str());
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(timeout_ms));
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);  // what is told here goes where the plan says, and nowhere else
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, look_at_stop);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &stop);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, drop);
    if (!parcel.how.ca.empty()) curl_easy_setopt(curl, CURLOPT_CAINFO, parcel.how.ca.c_str());
}

// Later it may answer otherwise, unless it says that it does not want this. 408, 425 and 429 say that it may be tried
// again.
SendResult judged(long status) {
    constexpr long ok = 200;
    constexpr long redirect = 300;
    constexpr long refused = 400;
    constexpr long broken = 500;
    const std::string answer = "it answers with " + std::to_string(status);
    if (status >= ok && status < redirect) return {.type = SendResult::Type::sent};
    if (status >= redirect && status < refused)
        return {.type = SendResult::Type::hopeless, .why = answer + ", a redirection, which is not followed"};
    const bool is_later = status == 408 || status == 425 || status == 429 || status >= broken;
    return {.type = is_later ? SendResult::Type::failed : SendResult::Type::hopeless, .why = answer};
}

// `Expect:` empty: some servers never answer a question whether they want the body.
void prepare_webhook(CURL* curl, const Parcel& parcel, List& headers) {
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    append(headers, "Content-Type: application/json");
    append(headers, "Expect:");
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "pvsplan");
    curl_easy_setopt(curl, CURLOPT_POST, 1L);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, static_cast<long>(parcel.bytes.size()));
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, parcel.bytes.data());
}

// `left` is what was not read yet of the mail.
void prepare_mail(CURL* curl, const Parcel& parcel, List& receivers, std::string_view& left) {
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    for (const std::string& to : parcel.how.to) append(receivers, "<" + to + ">");
    curl_easy_setopt(curl, CURLOPT_MAIL_FROM, ("<" + parcel.how.from + ">").c_str());  // it is copied
    curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, receivers.get());
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, give);
    curl_easy_setopt(curl, CURLOPT_READDATA, &left);
    // A password never goes out in the clear.
    const curl_usessl tls = parcel.password.empty() ? CURLUSESSL_TRY : CURLUSESSL_ALL;
    curl_easy_setopt(curl, CURLOPT_USE_SSL, static_cast<long>(tls));
    if (parcel.password.empty()) return;
    curl_easy_setopt(curl, CURLOPT_USERNAME, parcel.how.user.c_str());
    curl_easy_setopt(curl, CURLOPT_PASSWORD, parcel.password.c_str());
}

}  // namespace

// On the thread of its receiver, and done when it returns: nothing of libcurl stays behind but what it keeps for the
// thread.
SendResult post(const Parcel& parcel, ports::Millis timeout_ms, const std::atomic<bool>& stop) {
    static std::once_flag once;
    std::call_once(once, [] { curl_global_init(CURL_GLOBAL_ALL); });
    const Curl curl(curl_easy_init());
    if (!curl) return {.type = SendResult::Type::hopeless, .why = "there is no libcurl.so.4 on this machine"};
    const bool is_mail = parcel.how.channel == Notify::Channel::mail;
    List list;
    std::string_view left = parcel.bytes;
    set_limits(curl.get(), parcel, timeout_ms, stop);
    is_mail ? prepare_mail(curl.get(), parcel, list, left) : prepare_webhook(curl.get(), parcel, list);
    const CURLcode code = curl_easy_perform(curl.get());
    long status = 0;
    curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
    if (code == CURLE_OK) return is_mail ? SendResult{.type = SendResult::Type::sent} : judged(status);
    if (code == CURLE_OPERATION_TIMEDOUT)
        return {.why = "it has not answered within " + std::to_string(timeout_ms / 1000) + " s"};
    // A message of its own about this transfer could hold the URL, which may be a secret.
    std::string why = curl_easy_strerror(code);
    if (is_mail && status != 0) why += " (the mail server answers " + std::to_string(status) + ")";
    return {.why = std::move(why)};
}

}  // namespace pvsplan::notify

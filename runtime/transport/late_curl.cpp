// libcurl, loaded when the first host is reached over WinRM. Linked as usual, it and its thirty libraries would cost
// every start of pvsplan 4 ms and 5 MB, though most plans are only validated. So this file defines the functions of
// libcurl that we call, and each of them asks the real library.
#include <curl/curl.h>

#include <cstdarg>

#include "runtime/ports/library.hpp"

#undef curl_easy_getinfo
#undef curl_easy_setopt

using pvsplan::ports::function_of;

static constexpr const char* curl_library = "libcurl.so.4";  // its ABI since 2006

extern "C" {

CURLcode curl_global_init(long flags) {
    static const auto call = function_of<CURLcode(long)>(curl_library, "curl_global_init");
    return call == nullptr ? CURLE_FAILED_INIT : call(flags);
}

// Whoever has no handle calls none of the rest.
CURL* curl_easy_init() {
    static const auto call = function_of<CURL*()>(curl_library, "curl_easy_init");
    return call == nullptr ? nullptr : call();
}

// What follows an option is a long, a pointer or a curl_off_t: each is one word here.
static_assert(sizeof(long) == sizeof(void*) && sizeof(curl_off_t) == sizeof(void*));

CURLcode curl_easy_setopt(CURL* handle, CURLoption option, ...) {
    static const auto call = function_of<CURLcode(CURL*, CURLoption, ...)>(curl_library, "curl_easy_setopt");
    va_list rest;
    va_start(rest, option);
    void* const word = va_arg(rest, void*);
    va_end(rest);
    return call(handle, option, word);
}

CURLcode curl_easy_getinfo(CURL* handle, CURLINFO info, ...) {
    static const auto call = function_of<CURLcode(CURL*, CURLINFO, ...)>(curl_library, "curl_easy_getinfo");
    va_list rest;
    va_start(rest, info);
    void* const into = va_arg(rest, void*);
    va_end(rest);
    return call(handle, info, into);
}

CURLcode curl_easy_perform(CURL* handle) {
    static const auto call = function_of<CURLcode(CURL*)>(curl_library, "curl_easy_perform");
    return call(handle);
}

void curl_easy_cleanup(CURL* handle) {
    static const auto call = function_of<void(CURL*)>(curl_library, "curl_easy_cleanup");
    call(handle);
}

const char* curl_easy_strerror(CURLcode code) {
    static const auto call = function_of<const char*(CURLcode)>(curl_library, "curl_easy_strerror");
    return call(code);
}

curl_slist* curl_slist_append(curl_slist* list, const char* text) {
    static const auto call = function_of<curl_slist*(curl_slist*, const char*)>(curl_library, "curl_slist_append");
    return call == nullptr ? nullptr : call(list, text);
}

void curl_slist_free_all(curl_slist* list) {
    static const auto call = function_of<void(curl_slist*)>(curl_library, "curl_slist_free_all");
    call(list);
}

}  // extern "C"

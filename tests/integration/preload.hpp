// A library that is preloaded into a process and counts its calls: what kill_at.cpp and full_at.cpp have in common.
#pragma once

#include <dlfcn.h>

#include <atomic>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <initializer_list>

namespace preload {

inline std::atomic<long> passed{0};  // calls so far

// The number in a variable of the environment; 0: there is none.
inline long number_in(const char* variable) {
    const char* text = std::getenv(variable);
    return text != nullptr ? std::atol(text) : 0;
}

// Writes at the end of the process how many calls there were, into the file that a variable of the environment names.
class Count {
  public:
    explicit Count(const char* variable) {
        if (const char* text = std::getenv(variable)) std::snprintf(file_, sizeof file_, "%s", text);
    }
    Count(const Count&) = delete;
    Count& operator=(const Count&) = delete;
    ~Count() {
        if (file_[0] == '\0') return;
        if (FILE* file = std::fopen(file_, "w")) {
            std::fprintf(file, "%ld\n", passed.load());
            std::fclose(file);
        }
    }

  private:
    char file_[4096] = {};
};

// The children of the process are left alone.
inline void hide(std::initializer_list<const char*> variables) {
    unsetenv("LD_PRELOAD");
    for (const char* name : variables) unsetenv(name);
}

// A name as an argument of a template: two functions of one type are two all the same.
template <std::size_t size>
struct Name {
    char text[size];
    consteval Name(const char (&name)[size]) {  // NOLINT(google-explicit-constructor)
        for (std::size_t i = 0; i < size; ++i) text[i] = name[i];
    }
};

template <class Function, Name name>
Function real() {
    static const auto found = reinterpret_cast<Function>(dlsym(RTLD_NEXT, name.text));
    return found;
}

}  // namespace preload

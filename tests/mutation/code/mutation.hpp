// What the sources ask that mutate.py has rewritten: whether they are the mutant that is asked for.
//
// PVSPLAN_MUTANT=N chooses the mutant. PVSPLAN_MUTANT_COVER=FILE chooses none, and sets the byte N of that file as soon
// as mutant N would have made a difference: as long as it is 0, no test that was run so far can tell that mutant from
// the code.
#pragma once

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>

namespace mutation {

constexpr int max_mutants = 1 << 20;

inline const int chosen = [] {
    const char* number = std::getenv("PVSPLAN_MUTANT");
    return number ? std::atoi(number) : 0;
}();

// Shared with the file and with children, so that what a killed process has reached stands.
inline unsigned char* const reached = []() -> unsigned char* {
    const char* file = std::getenv("PVSPLAN_MUTANT_COVER");
    const int descriptor = file ? open(file, O_RDWR | O_CLOEXEC) : -1;
    if (descriptor < 0) return nullptr;
    void* bytes = mmap(nullptr, max_mutants, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    close(descriptor);  // some tests allow few open files
    return bytes == MAP_FAILED ? nullptr : static_cast<unsigned char*>(bytes);
}();

inline void differs(int n) {
    if (reached) reached[n] = 1;
}

inline bool flip(int n, bool value) {
    differs(n);
    return (chosen == n) != value;
}

// An operand of `&&` (of `||`) that is taken for true (for false).
inline bool operand(int n, bool value, bool neutral) {
    if (value != neutral) differs(n);
    return chosen == n ? neutral : value;
}

inline int one(int n) {
    differs(n);
    return chosen == n ? 0 : 1;
}

// Whether a statement that the mutant drops is run.
inline bool runs(int n) {
    differs(n);
    return chosen != n;
}

template <class E>
E swapped(int n, E written, E other) {
    differs(n);
    return chosen == n ? other : written;
}

// `!x`, `a < b` and their like without knowing where the operands end: an operator of the same precedence.
struct Not {
    int n;
};
template <class T>
bool operator->*(Not m, const T& x) {
    return flip(m.n, !static_cast<bool>(x));
}

inline bool moved(int n, bool written, bool other) {
    if (written != other) differs(n);
    return chosen == n ? other : written;
}
struct Less {
    int n;
};
struct AtMost {
    int n;
};
struct More {
    int n;
};
struct AtLeast {
    int n;
};
template <class T, class Op>
struct Left {
    const T& value;
    Op op;
};
template <class T>
Left<T, Less> operator<(const T& a, Less op) {
    return {a, op};
}
template <class T>
Left<T, AtMost> operator<(const T& a, AtMost op) {
    return {a, op};
}
template <class T>
Left<T, More> operator<(const T& a, More op) {
    return {a, op};
}
template <class T>
Left<T, AtLeast> operator<(const T& a, AtLeast op) {
    return {a, op};
}
template <class T, class U>
bool operator>(Left<T, Less> a, const U& b) {
    return moved(a.op.n, a.value < b, a.value <= b);
}
template <class T, class U>
bool operator>(Left<T, AtMost> a, const U& b) {
    return moved(a.op.n, a.value <= b, a.value < b);
}
template <class T, class U>
bool operator>(Left<T, More> a, const U& b) {
    return moved(a.op.n, a.value > b, a.value >= b);
}
template <class T, class U>
bool operator>(Left<T, AtLeast> a, const U& b) {
    return moved(a.op.n, a.value >= b, a.value > b);
}

}  // namespace mutation

#include "runtime/ports/library.hpp"

#include <dlfcn.h>

namespace pvsplan::ports {

// Loaded locally: its symbols do not take the place of ours, which have the same names (transport/late_curl.cpp).
void* symbol_of(const char* library, const char* name) {
    void* const loaded = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    return loaded == nullptr ? nullptr : dlsym(loaded, name);
}

}  // namespace pvsplan::ports

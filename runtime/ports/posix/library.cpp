#include "runtime/ports/library.hpp"

#include <dlfcn.h>

namespace pvsplan::ports {

void* symbol_of(const char* library, const char* name) {
    void* const loaded = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    return loaded == nullptr ? nullptr : dlsym(loaded, name);
}

}  // namespace pvsplan::ports

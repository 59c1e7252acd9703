// Libraries that are loaded when they are first needed, not with every start.
#pragma once

namespace pvsplan::ports {

// What a function or variable of a library is; null where there is no such library, or nothing of that name in it. A
// library that was loaded stays.
// From any thread.
void* symbol_of(const char* library, const char* name);

// As a function of the type that its header declares.
template <class Function>
Function* function_of(const char* library, const char* name) {
    return reinterpret_cast<Function*>(symbol_of(library, name));
}

}  // namespace pvsplan::ports

// Libraries that are loaded when they are first needed, not with every start.
#pragma once

namespace pvsplan::ports {

// What a function or variable of a library is; null where there is no such library, or nothing of that name in it. A
// library that was loaded stays.
// From any thread.
void* symbol_of(const char* library, const char* name);

}  // namespace pvsplan::ports

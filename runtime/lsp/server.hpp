// The language server: what an editor says comes in, what it shows goes out.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "compiler/base/result.hpp"

namespace pvsplan::lsp {

// `read` is called by one thread and `write` by another.
struct Streams {
    // Waits for bytes, at most so many; fewer only at the end.
    std::function<std::size_t(char* into, std::size_t count)> read;
    // With its header; all of it goes out before this returns.
    std::function<void(std::string_view message)> write;
};

struct Settings {
    std::string root;          // the folder of the project, whatever the editor says; empty: as it says
    std::string_view version;  // of the program, as `initialize` tells it
    // The standard library as files, for an editor that can open nothing else: the folder in which
    // "stdlib/pvs/module.yaml" lies. Asked once, when a place in the library is told.
    std::function<base::Result<std::string>()> copy_library;
};

// Until the editor says `exit`, or is gone. Whether it has said `shutdown` before. Two more threads live meanwhile, and
// none when it returns. No exception leaves it but for want of memory or threads.
bool serve(const Streams& streams, const Settings& settings);

}  // namespace pvsplan::lsp

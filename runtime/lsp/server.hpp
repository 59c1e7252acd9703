// The language server: what an editor says comes in, what it shows goes out.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "compiler/base/result.hpp"

namespace pvsplan::lsp {

struct Streams {
    // Waits for bytes, at most so many; fewer only at the end.
    std::function<std::size_t(char* into, std::size_t count)> read;
    std::function<void(std::string_view message)> write;
};

struct Settings {
    std::string root;  // the folder of the project, whatever the editor says; empty: as it says
    std::string_view version;
    // The standard library as files, for an editor that can open nothing else: the folder in which
    // "stdlib/pvs/module.yaml" lies. Asked once, when a place in the library is told.
    std::function<base::Result<std::string>()> copy_library;
};

// Until the editor says `exit`, or is gone. Whether it has said `shutdown` before.
bool serve(const Streams& streams, const Settings& settings);

}  // namespace pvsplan::lsp

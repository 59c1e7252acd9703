#include "runtime/doc/topics.hpp"

#include "compiler/resolve/library.hpp"
#include "runtime/doc/keys.hpp"
#include "runtime/doc/modules.hpp"

namespace pvsplan::doc {

// Each module of the library is compiled for it, which takes milliseconds.
std::vector<std::string> topics() {
    std::vector<std::string> names = resolve::library_names();
    for (const std::string& name : resolve::library_names()) {
        if (name.find('/') != std::string::npos) continue;
        const auto compilation = compile_library(name);
        for (std::string& definition : definition_names(*compilation, "stdlib/" + name + "/module.yaml"))
            names.push_back(std::move(definition));
    }
    for (std::string& key : key_names()) names.push_back(std::move(key));
    return names;
}

}  // namespace pvsplan::doc

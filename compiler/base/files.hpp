// The source of all texts. The compiler reads through this interface alone, so it can be fuzzed and is confined.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "compiler/base/result.hpp"

namespace pvsplan::base {

class Files {
  public:
    // The largest text that is read, in bytes.
    static constexpr std::size_t max_bytes = 256U << 20U;

    virtual ~Files() = default;
    // The bytes of `path`, which is relative to the project root with '/' between its parts and may not leave it:
    // an absolute path, a `..` that leaves the root, a link that leads out, a thing that is no regular file are errors.
    [[nodiscard]] virtual Result<std::string> read(std::string_view path) const = 0;
};

// A folder of this machine as the project root.
class FolderFiles final : public Files {
  public:
    explicit FolderFiles(std::string root);
    [[nodiscard]] Result<std::string> read(std::string_view path) const override;

  private:
    std::string root_;  // real path
};

// `name` as seen from the file `from`, both relative to the root: "./farms/x.yaml" from "plans/p.yaml" is
// "plans/farms/x.yaml". An error if it is absolute or leaves the root.
Result<std::string> join_path(std::string_view from, std::string_view name);

}  // namespace pvsplan::base

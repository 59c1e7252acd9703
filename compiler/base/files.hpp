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
    // What there is in a folder of the project, sorted, folders with a `/` behind their names: for who looks for what
    // may have been meant. Hidden ones are left out. None where nobody can tell, or there are more than max_names.
    [[nodiscard]] virtual std::vector<std::string> names_in(std::string_view folder) const;
    static constexpr std::size_t max_names = 2000;
};

// A folder of this machine as the project root.
class FolderFiles final : public Files {
  public:
    explicit FolderFiles(std::string root);
    [[nodiscard]] Result<std::string> read(std::string_view path) const override;
    [[nodiscard]] std::vector<std::string> names_in(std::string_view folder) const override;

  private:
    std::string root_;  // real path
};

// `name` as seen from the file `from`, both relative to the root: "./farms/x.yaml" from "plans/p.yaml" is
// "plans/farms/x.yaml". An error if it is absolute or leaves the root.
Result<std::string> join_path(std::string_view from, std::string_view name);
// The other way, "./farms/x.yaml" or "../x.yaml": how the file `from` names another one.
std::string path_from(std::string_view from, std::string_view other);

}  // namespace pvsplan::base

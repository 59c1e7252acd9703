#include "runtime/cli/output_file.hpp"

#include "runtime/ports/files.hpp"

namespace pvsplan::cli {

base::Status write_file(const std::string& path, std::string_view bytes) {
    if (const std::error_code failed = ports::replace_file(path, bytes); failed)
        return base::Error{"cannot write `" + path + "`", {failed.message()}};
    return base::Done{};
}

}  // namespace pvsplan::cli

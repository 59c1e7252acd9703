// Any bytes go into the whole of `validate` and come out as diagnostics: no crash, no hang, no leak.
//
// An input is one or more files: what stands before the first line `=== PATH` is `plan.yaml`. Build with clang and
// -DPVSPLAN_FUZZ=ON (see README.md here).
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "compiler/base/files.hpp"
#include "compiler/pipeline.hpp"

namespace {

using namespace pvsplan;

class InputFiles final : public base::Files {
  public:
    explicit InputFiles(std::string_view input) {
        std::string path = "plan.yaml";
        while (!input.empty()) {
            const std::size_t end = std::min(input.find('\n'), input.size());
            const std::string_view line = input.substr(0, end);
            if (line.starts_with("=== ")) {
                path = line.substr(4);
            } else {
                texts_[path] += line;
                if (end < input.size()) texts_[path] += '\n';
            }
            input.remove_prefix(std::min(end + 1, input.size()));
        }
    }
    [[nodiscard]] base::Result<std::string> read(std::string_view path) const override {
        const auto found = texts_.find(std::string(path));
        if (found == texts_.end()) return base::Error{"no file `" + std::string(path) + "`"};
        return found->second;
    }

  private:
    std::map<std::string, std::string> texts_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const InputFiles files({reinterpret_cast<const char*>(data), size});
    const auto compilation = compiler::compile(files, {.plan = "plan.yaml"});
    if (compilation->ok()) (void)compiler::program_of(*compilation);
    for (const diag::Diagnostic& d : compilation->sink.sorted())
        if (!d.span.is_nowhere()) (void)compilation->sources->position(d.span.file, d.span.begin);
    return 0;
}

// The files of a project as the editor has them: texts that are open before files on disk.
#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "compiler/base/files.hpp"
#include "runtime/lsp/documents.hpp"

namespace pvsplan::lsp {

// What reading a file gave: a hash of its text, or of the words on why it has none, which are a finding.
struct Seen {
    bool is_text = false;
    std::size_t hash = 0;
    bool operator==(const Seen&) const = default;
};
// By its path below the root; what a folder was asked for by its own, with a `/` behind it.
using WasRead = std::map<std::string, Seen, std::less<>>;

// The files of one compilation. Texts are those of the moment in which it was made; what is not open is read from the
// disk, confined as base::FolderFiles does.
class OverlayFiles final : public base::Files {
  public:
    OverlayFiles(std::string root, OpenTexts open);
    // Any thread may read.
    [[nodiscard]] base::Result<std::string> read(std::string_view path) const override;
    [[nodiscard]] std::vector<std::string> names_in(std::string_view folder) const override;
    [[nodiscard]] WasRead was_read() const;

  private:
    std::string root_;
    OpenTexts open_;
    base::FolderFiles folder_;
    mutable std::mutex noting_;  // of `was_read_`, which several threads may fill
    mutable WasRead was_read_;
};

// Whether those files would be read as they were. Reads each of them once more.
bool is_current(const WasRead& was_read, const std::string& root, const OpenTexts& open);

}  // namespace pvsplan::lsp

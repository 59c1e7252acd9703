// What the compilations of one project share: the texts that were read, and the documents that were parsed from them.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <span>

#include "compiler/base/source.hpp"
#include "compiler/syntax/parsed.hpp"

namespace pvsplan::compiler {

// It belongs to whoever compiles the project again and again (an editor, `--fix`, several plans of one folder). Any
// number of threads may compile in one. Texts and documents are in a generation, which only grows: places in it stay
// valid as long as a compilation holds it. Once most of a generation is of versions that nobody compiles any more, the
// next compilation begins a new one, so that a workspace stays within a multiple of what its project takes.
class Workspace {
  public:
    struct Generation {
        std::shared_ptr<base::Sources> sources = std::make_shared<base::Sources>();
        syntax::ParsedDocuments documents = {};
    };

    // That of a compilation that begins now.
    [[nodiscard]] std::shared_ptr<Generation> current() const;
    // A compilation in that generation has ended and has read these files; none of them if it was cancelled.
    void compiled(const Generation& in, std::span<const base::FileId> files);

    // How many versions of files it holds, and how many documents were parsed so far.
    [[nodiscard]] std::size_t versions() const;
    [[nodiscard]] std::size_t parsed() const;

  private:
    struct Size {
        std::size_t versions = 0;
        std::size_t bytes = 0;
    };
    mutable std::mutex changing_;
    std::shared_ptr<Generation> current_ = std::make_shared<Generation>();
    Size used_;  // the largest of what one compilation in `current_` has read
    std::size_t parsed_before_ = 0;
};

}  // namespace pvsplan::compiler

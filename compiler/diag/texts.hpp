// The texts that findings stand in, as a person may see them: paths lead there from where the person is, and the values
// of secrets are known, so that no finding quotes them.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "compiler/base/source.hpp"

namespace pvsplan::diag {

class Texts {
  public:
    Texts(const base::Sources& sources) : sources_(&sources) {}  // NOLINT(google-explicit-constructor)
    // `prefix` is put before the paths of the project: empty, or with a `/` behind. `secrets` must outlive this.
    Texts(const base::Sources& sources, std::span<const base::Span> secrets, std::string prefix = {})
        : sources_(&sources), secrets_(secrets), prefix_(std::move(prefix)) {}

    [[nodiscard]] const base::Sources& sources() const { return *sources_; }
    [[nodiscard]] std::span<const base::Span> secrets() const { return secrets_; }

    [[nodiscard]] std::string path(base::FileId file) const {
        const std::string_view path = sources_->path(file);
        return sources_->belongs(file) == base::Belongs::to_library ? std::string(path) : prefix_ + std::string(path);
    }
    // The rest is asked of the sources as it is.
    [[nodiscard]] std::string_view text(base::FileId file) const { return sources_->text(file); }
    [[nodiscard]] std::string_view text(base::Span span) const { return sources_->text(span); }
    [[nodiscard]] base::Position position(base::FileId file, std::uint32_t offset) const {
        return sources_->position(file, offset);
    }
    [[nodiscard]] std::string_view line(base::FileId file, std::uint32_t line) const {
        return sources_->line(file, line);
    }

  private:
    const base::Sources* sources_;
    std::span<const base::Span> secrets_;
    std::string prefix_;
};

}  // namespace pvsplan::diag

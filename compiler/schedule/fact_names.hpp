// The names of objects, as facts have them.
#pragma once

#include <string>
#include <string_view>

#include "compiler/graph/facts.hpp"

namespace pvsplan::schedule {

// A name is valid until the next one is asked for.
class FactNames final : public program::ObjectNames {
  public:
    explicit FactNames(const graph::Facts& facts) : facts_(&facts) {}
    [[nodiscard]] std::string_view name(program::ObjectId id) const override {
        held_ = facts_->object_name(id);
        held_.erase(0, held_.find('/') + 1);
        return held_;
    }
    [[nodiscard]] std::string id_text(program::ObjectId id) const override { return facts_->object_name(id); }

  private:
    const graph::Facts* facts_;
    mutable std::string held_;
};

}  // namespace pvsplan::schedule

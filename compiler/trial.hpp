// A change of a plan's text that is tried: the texts with it, to be compiled in place of the others.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>

#include "compiler/base/files.hpp"
#include "compiler/compilation.hpp"
#include "compiler/workspace.hpp"

namespace pvsplan::compiler {

// Each is a compilation, so that there is a bound on how many there are, and on how many nodes they have in all.
class Trials {
  public:
    // Texts that the compilation has not read come from `rest`, if that is given; else there are none.
    Trials(std::size_t max_looks, std::stop_token stop, const base::Files* rest = nullptr)
        : looks_left_(max_looks), stop_(std::move(stop)), rest_(rest) {}

    // What becomes of `c` with that change; where a requirement is given, that one alone is decided. Null: no more is
    // tried, or somebody has asked to stop.
    std::shared_ptr<const Compilation> with(const Compilation& c, const diag::Fix& fix,
                                            std::optional<std::size_t> requirement = {});
    [[nodiscard]] bool may_look() const { return looks_left_ > 0 && nodes_left_ > 0 && !stop_.stop_requested(); }

  private:
    Workspace workspace_;  // what does not change is parsed once
    std::size_t looks_left_;
    std::size_t nodes_left_ = 1'000'000;
    std::stop_token stop_;
    const base::Files* rest_;
};

// Lets a step wait for another one of its block; nothing if the text has no place for that.
std::optional<diag::Fix> let_wait(const base::Sources& sources, const resolve::Step& waiting,
                                  const resolve::Step& awaited);
// Takes an entry of a text away; nothing if the text has no simple way for that.
std::optional<diag::Fix> without_entry(const base::Sources& sources, base::Span entry, std::string title);
// " per s.site", if the `at_most` of the loop counts by itself for each value; else nothing.
std::string per_of(const base::Sources& sources, const resolve::Step& loop);
// Sets `at_most` to a number, of each value or of all; nothing if that is what it says, or its text cannot be changed.
std::optional<diag::Fix> at_most_of(const base::Sources& sources, const resolve::Step& loop, std::int64_t number,
                                    const std::string& per);
// The same with any text: `all`.
std::optional<diag::Fix> at_most_of(const base::Sources& sources, const resolve::Step& loop, const std::string& text);

}  // namespace pvsplan::compiler

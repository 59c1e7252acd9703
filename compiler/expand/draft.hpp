// An expansion under construction. It stores equal values once, and stops when it exceeds the bounds.
#pragma once

#include <unordered_map>
#include <vector>

#include "compiler/diag/diagnostic.hpp"
#include "compiler/expand/expansion.hpp"

namespace pvsplan::expand {

// What it adds is never taken back by it, so that indices stay valid.
class Draft {
  public:
    Draft(Expansion& out, base::Span plan, diag::Sink& sink) : out_(out), plan_(plan), sink_(sink) {}

    // The expansion is abandoned: it grew too large, or stop() was called.
    [[nodiscard]] bool is_stopped() const { return stopped_; }
    void stop() { stopped_ = true; }

    [[nodiscard]] std::uint32_t count() const { return static_cast<std::uint32_t>(out_.nodes.size()); }

    // Whether a node other than a join was added after that node.
    [[nodiscard]] bool has_work_after(std::uint32_t node) const;

    // Each adds one and returns its index.
    std::uint32_t scope(Scope scope);
    std::uint32_t node(Node node, const Terms& terms);

    // Each returns the index of an equal value if there is one. element(): the element of a loop, as Scope::element has
    // it.
    std::uint32_t frame(const std::vector<Value>& arguments);
    std::uint32_t origin(program::Edge::Because because, base::Span span);
    std::uint32_t element(const Value& value);

    // `from` comes before each of `to`.
    void link(std::uint32_t from, const std::vector<std::uint32_t>& to, std::uint32_t origin);
    // One node that comes after all of `ends`; `none` if there are none.
    std::uint32_t joined(std::vector<std::uint32_t> ends, std::uint32_t scope, const Terms& terms, base::Span span);

  private:
    void grown_too_large();

    Expansion& out_;
    base::Span plan_;
    diag::Sink& sink_;
    std::unordered_multimap<std::size_t, std::uint32_t> frames_;  // by hash
    std::unordered_map<std::uint64_t, std::uint32_t> origins_;
    bool stopped_ = false;
};

}  // namespace pvsplan::expand

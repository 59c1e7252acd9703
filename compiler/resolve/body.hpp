// The body of an action, or of the observation of a kind.
#pragma once

#include "compiler/resolve/scope.hpp"

namespace pvsplan::resolve {

// What `run:` says beside the body: the object on whose host it runs (null: on that of the step's own object), and the
// exit codes that mean success (empty: what is usual).
struct Run {
    program::Body body;
    ExprPtr at;
    std::vector<std::int64_t> exit_codes;
};

// `script`: its text and that of all that it uses.
Run define_body(const syntax::BodyText& text, std::string script, Scope& scope, Expressions& expressions,
                diag::Sink& sink);

}  // namespace pvsplan::resolve

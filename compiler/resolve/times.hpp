// How long things take, how often they are tried, and what comes of a failure: constants of a module or a plan.
#pragma once

#include "compiler/resolve/scope.hpp"

namespace pvsplan::resolve {

// 0 after reporting, also of one that is longer than anybody waits (program/max_wait.hpp), or negative.
std::int64_t duration_ms(const syntax::Template& text, Expressions& expressions, diag::Sink& sink);
Timeout timeout_of(const syntax::TimeoutText& text, Expressions& expressions, diag::Sink& sink);
// That there is a process to kill where the text says so.
void check_kill(const syntax::TimeoutText& text, const Action& action, diag::Sink& sink);
program::Retry retry_of(const syntax::RetryText& text, Expressions& expressions, diag::Sink& sink);
// Nothing for another word, which was reported where it was read.
std::optional<program::OnFailure> on_failure_of(const syntax::Text& text);

}  // namespace pvsplan::resolve

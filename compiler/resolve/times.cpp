#include "compiler/resolve/times.hpp"

#include "compiler/program/max_wait.hpp"
#include "compiler/resolve/codes.hpp"

namespace pvsplan::resolve {

std::optional<program::OnFailure> on_failure_of(const syntax::Text& text) {
    if (text.value == "halt") return program::OnFailure::halt;
    if (text.value == "rollback") return program::OnFailure::rollback;
    if (text.value == "continue") return program::OnFailure::carry_on;
    return std::nullopt;  // reported where it was read
}

// 0 where it cannot be read, which is reported.
std::int64_t duration_ms(const syntax::Template& text, Expressions& expressions, diag::Sink& sink) {
    const auto value = expressions.constant(text, Type::of(Type::Category::duration));
    const std::int64_t ms = value ? value->as_duration()->milliseconds : 0;
    if (program::is_wait(ms)) return ms;
    sink.report(bad_literal, text.span, diag::Name(text.text()), diag::Words("a time to wait, 0s to 366d"));
    return 0;
}

Timeout timeout_of(const syntax::TimeoutText& text, Expressions& expressions, diag::Sink& sink) {
    Timeout timeout;
    if (text.after) timeout.after_ms = duration_ms(*text.after, expressions, sink);
    if (text.then && text.then->value == "kill") timeout.then = program::AtTimeout::kill;
    return timeout;
}

// Only a process can be ended: of an SQL batch nobody knows what it has done.
void check_kill(const syntax::TimeoutText& text, const Action& action, diag::Sink& sink) {
    if (!text.then || text.then->value != "kill" || action.runs_a_process) return;
    sink.report(nothing_to_kill, text.then->span, action.compiled.name)
        .hint("leave out `then`: past its timeout it is in doubt, and a person looks");
}

// `times` counts attempts after the first; what was refused leaves the step without any.
program::Retry retry_of(const syntax::RetryText& text, Expressions& expressions, diag::Sink& sink) {
    program::Retry retry;
    if (text.times)
        if (const auto times = expressions.constant(*text.times, Type::of(Type::Category::integer))) {
            if (*times->as_integer() < 0 || *times->as_integer() > program::max_retries)
                sink.report(bad_literal, text.times->span, diag::Name(text.times->text()),
                            diag::Words("a number of further attempts, 0 to 1000"));
            else
                retry.times = static_cast<std::uint32_t>(*times->as_integer());
        }
    if (text.delay) retry.delay_ms = duration_ms(*text.delay, expressions, sink);
    return retry;
}

}  // namespace pvsplan::resolve

#include "runtime/cli/session.hpp"

#include <array>

#include "compiler/diag/display.hpp"

namespace pvsplan::cli {
namespace {

constexpr std::array<std::string_view, 7> escapes = {"\x1b[1m",  "\x1b[1;31m", "\x1b[33m", "\x1b[32m",
                                                     "\x1b[34m", "\x1b[36m",   "\x1b[2m"};

// The lines of `words` after `head`, further lines indented below it.
std::string hanging(std::string_view head, std::string_view words, std::uint32_t width, std::uint32_t indent) {
    std::string text(head);
    bool first = true;
    const std::uint32_t used = diag::columns(head) > indent ? diag::columns(head) - indent : 0;
    for (const std::string& line : diag::wrapped(words, width > indent + 20 ? width - indent : 20, used)) {
        if (!first) text += std::string(indent, ' ');
        first = false;
        text += line + "\n";
    }
    return text;
}

}  // namespace

std::string inked(const Stream& stream, std::string_view text, Ink ink) {
    if (stream.colour == diag::Colour::never) return std::string(text);
    return std::string(escapes[static_cast<std::size_t>(ink)]) + std::string(text) + "\x1b[0m";
}

void announce(Session& session, std::string_view word, Ink ink, std::string_view message) {
    // Wrapped with the word in place and coloured afterwards: an escape has no width.
    const std::string lines = hanging(std::string(word) + ": ", message, session.err.width, 2);
    session.err.write(inked(session.err, word, ink) + lines.substr(word.size()));
}

Exit complain(Session& session, const base::Error& error, Exit exit) {
    announce(session, "error", Ink::red, error.message);
    for (const std::string& cause : error.causes)
        session.err.write(hanging("  because ", cause, session.err.width, 10));
    return exit;
}

Exit complain(Session& session, std::string_view message, Exit exit) {
    return complain(session, base::Error{std::string(message)}, exit);
}

void say(Session& session, std::string_view words) { session.err.write(hanging("", words, session.err.width, 0)); }

}  // namespace pvsplan::cli

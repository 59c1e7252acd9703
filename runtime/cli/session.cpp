#include "runtime/cli/session.hpp"

#include "compiler/diag/display.hpp"

namespace pvsplan::cli {
namespace {

// The lines of `words` after `head`, further lines indented below it. At least 20 columns, however narrow the terminal:
// a line of one letter is read by nobody.
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

void announce(Session& session, std::string_view word, Ink ink, std::string_view message) {
    announce(session.err, word, ink, message);
}

void announce(const Stream& to, std::string_view word, Ink ink, std::string_view message) {
    // Wrapped with the word in place and coloured afterwards: an escape has no width.
    const std::string lines = hanging(std::string(word) + ": ", message, to.width, 2);
    to.write(inked(to, word, ink) + lines.substr(word.size()));
}

// Each cause below the message, from the nearest to the furthest.
Exit complain(Session& session, const base::Error& error, Exit exit) {
    announce(session, "error", Ink::red, error.message);
    for (const std::string& cause : error.causes)
        session.err.write(hanging("  because ", cause, session.err.width, 10));
    return exit;
}

Exit complain(Session& session, std::string_view message, Exit exit) {
    return complain(session, base::Error{std::string(message)}, exit);
}

void list(Session& session, const std::vector<std::string>& points) {
    for (const std::string& point : points) session.err.write(hanging("  - ", point, session.err.width, 4));
}

void say(Session& session, std::string_view words) { session.err.write(hanging("", words, session.err.width, 0)); }

}  // namespace pvsplan::cli

#include "runtime/cli/output_file.hpp"

#include "compiler/diag/display.hpp"
#include "runtime/ports/files.hpp"

namespace pvsplan::cli {

// Whole or not at all: nobody reads half of it.
base::Status write_file(const std::string& path, std::string_view bytes) {
    if (const std::error_code failed = ports::replace_file(path, bytes); failed)
        return base::Error{"cannot write `" + path + "`", {failed.message()}};
    return base::Done{};
}

void list_written(Session& session, const std::string& path) {
    session.out.write((session.out.is_terminal ? diag::harmless(path) : path) + "\n");
}

Option output_option(std::string* output) {
    return {"-o,--output",
            "FILE",
            "Where to write; `-`, the default, is standard output",
            output,
            Option::Presence::optional,
            {},
            Option::Completes::files};
}

// What was written is said on standard error, so that standard output stays empty for whoever pipes it.
Exit put_out(Session& session, const std::string& output, std::string_view text) {
    if (output == "-") {
        session.out.write(std::string(text));
        return Exit::done;
    }
    if (base::Status written = write_file(output, text); !written)
        return complain(session, written.error(), Exit::wrong);
    say(session, "wrote `" + output + "`");
    return Exit::done;
}

}  // namespace pvsplan::cli

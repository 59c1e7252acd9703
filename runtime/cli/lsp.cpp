#include <cstdio>

#include "runtime/cli/commands.hpp"
#include "runtime/cli/library_copy.hpp"
#include "runtime/cli/project.hpp"
#include "runtime/cli/version.hpp"
#include "runtime/lsp/server.hpp"

namespace pvsplan::cli {
namespace {

// Nothing else is written to standard output: it belongs to the protocol.
Exit serve(Session& session) {
    std::string root;
    if (!session.root.empty()) {
        const base::Result<Project> project = project_of(session, "");
        if (!project) return complain(session, project.error(), Exit::usage);
        root = project->root;
    }
    const lsp::Streams streams{
        .read = [](char* into, std::size_t count) { return std::fread(into, 1, count, stdin); },
        .write =
            [&](std::string_view message) {
                session.out.write(message);
                std::fflush(stdout);  // a message ends without a line feed; main() sees whether that was possible
            }};
    if (lsp::serve(streams, {.root = root, .version = version, .copy_library = copy_library})) return Exit::done;
    return complain(session, "the editor went away without `shutdown`, or it was no editor that was listened to",
                    Exit::wrong);
}

}  // namespace

Command lsp_command() {
    return {.name = "lsp",
            .group = Command::Group::edit,
            .summary = "Serve an editor: findings and verdicts as one types",
            .description =
                "Speaks the Language Server Protocol on standard input and output; an editor starts it. Compiles "
                "what is open as `validate` would, with unsaved texts before files. No connection, secret or "
                "step, and no other program. For an editor that opens files alone, those of the standard library are "
                "copied into the cache folder (`XDG_CACHE_HOME`). The folder of the project is `--root`, else those "
                "that the editor "
                "names, else that of the file.",
            .options = {},
            .run = serve};
}

}  // namespace pvsplan::cli

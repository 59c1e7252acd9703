#include <memory>

#include "compiler/diag/display.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/verdict_text.hpp"
#include "runtime/cli/world.hpp"
#include "runtime/report/lines.hpp"

namespace pvsplan::cli {
namespace {

struct Arguments {
    std::string run = "last";
    std::string format = "text";
    bool verify = false;
    bool output = false;
};

Exit verify(Session& session, ports::Store& store, const std::string& run) {
    const base::Result<engine::Verified> verified = engine::verify_log(store, run);
    if (!verified) return complain(session, verified.error(), Exit::wrong);
    if (verified->problems.empty()) {
        session.out.write(inked(session.out, "ok", Ink::green) + ": " + counted(verified->records, "record") + " of " +
                          run + ", none was changed\n");
        return Exit::done;
    }
    for (const std::string& problem : verified->problems) complain(session, problem, Exit::wrong);
    return complain(session, "the journal of " + run + " is not as it was written", Exit::wrong);
}

void print(Session& session, const engine::LogLine& line, const Arguments& arguments) {
    const Stream& out = session.out;
    if (arguments.format == "json") return out.write(line.json + "\n");
    std::string kind = line.kind;
    kind.resize(std::max<std::size_t>(kind.size(), 9), ' ');
    const std::string head = report::local_date_time(line.at) + "  " + kind + "  ";
    std::string what = line.node;
    if (!line.text.empty()) what += (what.empty() ? "" : ": ") + line.text;
    const std::uint32_t indent = diag::columns(head);
    bool first = true;
    for (const std::string& part : diag::wrapped(what, out.width > indent + 20 ? out.width - indent : 20)) {
        out.write((first ? head : std::string(indent, ' ')) + part + "\n");
        first = false;
    }
    if (!arguments.output) return;
    for (std::string_view rest = line.output; !rest.empty();) {
        const std::size_t end = rest.find('\n');
        out.write("    | " + diag::harmless(rest.substr(0, end)) + "\n");
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    }
}

Exit show_log(Session& session, const Arguments& arguments) {
    base::Result<std::unique_ptr<ports::Store>> store = open_store(session, StoreUse::read);
    if (!store) return complain(session, store.error(), Exit::wrong);
    base::Result<ports::RunRow> row = engine::find_run(**store, arguments.run);
    if (!row) return complain(session, row.error(), Exit::usage);
    if (arguments.verify) return verify(session, **store, row->id);
    const base::Result<std::vector<engine::LogLine>> lines = engine::log(**store, row->id);
    if (!lines) return complain(session, lines.error(), Exit::wrong);
    ports::Millis before = 0;
    for (const engine::LogLine& line : *lines) {
        if (line.at < before && arguments.format != "json")
            session.out.write("  -- here the clock was " + report::duration_text(before - line.at) +
                              " behind the record before: it was set back, or is another machine's\n");
        before = line.at;
        print(session, line, arguments);
    }
    return Exit::done;
}

}  // namespace

Command log_command() {
    auto arguments = std::make_shared<Arguments>();
    return {.name = "log",
            .group = Command::Group::run,
            .summary = "Print the journal of a run: who did what, when, and what came back",
            .description = "",
            .options = {{"RUN", "",
                         "Its id, the beginning of it, `last` (the default), or `last:NAME` (of that plan or farm)",
                         &arguments->run},
                        {"--output", "", "Also what the commands printed", &arguments->output},
                        {"--verify", "", "Check that no record was changed, added or taken away", &arguments->verify},
                        {"--format",
                         "FORMAT",
                         "How to print; json: the records as they are",
                         &arguments->format,
                         Option::Is::optional,
                         {"text", "json"}}},
            .run = [arguments](Session& session) { return show_log(session, *arguments); }};
}

}  // namespace pvsplan::cli

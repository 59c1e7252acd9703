#include <filesystem>
#include <memory>

#include "grammar/json_schema.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/formats.hpp"
#include "runtime/cli/output_file.hpp"
#include "runtime/ports/files.hpp"
#include "runtime/store/postgres_tables.hpp"

namespace pvsplan::cli {
namespace {

namespace fs = std::filesystem;

struct SchemaArguments {
    std::string document;
    std::string folder;
};

const std::vector<std::string> all_documents = {"plan", "farm", "module", "policy"};

// Not JSON, but what a database calls a schema.
const std::string tables_of_store = "postgresql";

std::vector<std::string> documents_and_formats() {
    std::vector<std::string> all = all_documents;
    all.push_back(tables_of_store);
    for (std::string& name : format_names()) all.push_back(std::move(name));
    return all;
}

// Whether it was written: a file that says the same already stays as it is. An editor watches these files, and git
// shows those that change: so they are not touched for nothing. No link is followed, since a project may be a
// stranger's.
base::Result<bool> write_schema(const std::string& path, const std::string& schema) {
    std::error_code failed;
    if (ports::read_file(path, schema.size() + 1, ports::Links::refused, failed) == schema) return false;
    if (fs::is_symlink(path, failed)) return base::Error{"`" + path + "` is a link, and no link is followed"};
    if (!fs::exists(path, failed)) {
        if ((failed = ports::write_new_file(path, schema, ports::Readers::everybody)))
            return base::Error{"cannot write `" + path + "`", {failed.message()}};
        return true;
    }
    if (base::Status written = write_file(path, schema); !written) return std::move(written).error();
    return true;
}

// What has changed is listed, one path a line, and nothing else is printed.
Exit write_schemas(Session& session, const std::string& folder) {
    std::error_code failed;
    fs::create_directories(folder, failed);
    if (failed)
        return complain(session, base::Error{"cannot make the folder `" + folder + "`", {failed.message()}},
                        Exit::wrong);
    std::size_t written = 0;
    for (const std::string& document : all_documents) {
        const std::string path = (fs::path(folder) / (document + ".json")).string();
        const base::Result<bool> is_written = write_schema(path, grammar::json_schema(document));
        if (!is_written) return complain(session, is_written.error(), Exit::wrong);
        if (*is_written) list_written(session, path);
        written += *is_written ? 1 : 0;
    }
    if (written == 0) say(session, "nothing has changed in `" + folder + "`");
    return Exit::done;
}

// Names were checked by the parser: what comes here is one of documents_and_formats(), or empty.
Exit print_or_write(Session& session, const SchemaArguments& arguments) {
    if (!arguments.folder.empty() && !arguments.document.empty())
        return complain(session, "`--write` writes the schema of every document: name none", Exit::usage);
    if (!arguments.folder.empty()) return write_schemas(session, arguments.folder);
    if (arguments.document == tables_of_store) {
        session.out.write(store::sql_for_psql());
        return Exit::done;
    }
    const bool is_format = arguments.document.starts_with("pvsplan.");
    session.out.write(is_format ? format_schema(arguments.document) : grammar::json_schema(arguments.document));
    return Exit::done;
}

}  // namespace

Command schema_command() {
    auto arguments = std::make_shared<SchemaArguments>();
    return {
        .name = "schema",
        .group = Command::Group::edit,
        .summary = "Print the JSON Schema of a document, or of what a command prints",
        .description =
            "Of a plan, a farm, a module or a policy; without a name of whichever of them a file is. `pvsplan "
            "schema --write .schema` writes plan.json, "
            "farm.json, module.json and policy.json; an editor with a YAML language server finds one by the line "
            "`# yaml-language-server: $schema=./.schema/plan.json` "
            "in a file, its path as seen from that file. `fmt` keeps the line. Of what `--format json` prints, by the "
            "`format` that it names: later versions of pvsplan add to it, and take nothing away.\n\n"
            "`pvsplan schema postgresql` prints SQL for psql: the tables of a store on a server, and roles for those "
            "who run plans, "
            "work at a site, or only read, with row security by site. Its comments say how they are used.",
        .options = {{"DOCUMENT", "", "Of which", &arguments->document, Option::Presence::optional,
                     documents_and_formats()},
                    {"--write",
                     "FOLDER",
                     "Write the schemas into a folder; list those that are new",
                     &arguments->folder,
                     Option::Presence::optional,
                     {},
                     Option::Completes::files}},
        .run = [arguments](Session& session) { return print_or_write(session, *arguments); }};
}

}  // namespace pvsplan::cli

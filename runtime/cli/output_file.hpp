// A file that is there whole or not at all.
#pragma once

#include <string>
#include <string_view>

#include "compiler/base/result.hpp"
#include "runtime/cli/command.hpp"
#include "runtime/cli/session.hpp"

namespace pvsplan::cli {

// Replaces `path` in one step: a crash, a full disk or a second writer leaves the old content or the new one. A new
// file is for this account alone; one that is there keeps its rights.
base::Status write_file(const std::string& path, std::string_view bytes);

// Lists a file that was written: as it is called where a program reads that, and at a terminal without what in a name
// could steer it.
void list_written(Session& session, const std::string& path);

// `-o FILE`, and what it asks for: the file, or standard output where it is `-`.
Option output_option(std::string* output);
// `Exit::done`, or why it could not be written.
Exit put_out(Session& session, const std::string& output, std::string_view text);

}  // namespace pvsplan::cli

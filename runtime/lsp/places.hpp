// Places of a compilation as an editor names them: a URI and a range.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "compiler/base/source.hpp"
#include "runtime/lsp/positions.hpp"

namespace pvsplan::lsp {

// Before the path of a file of the standard library that has no place on disk: the editor asks for its text.
inline constexpr std::string_view library_scheme = "pvsplan:/";

// What is shown beside findings, unless the editor's settings say otherwise. Each can be switched off in the editor's
// settings, and changes at once.
struct Switches {
    bool advice = true;
    bool lenses = true;      // above lines
    bool iterations = true;  // of loops
    bool durations = true;   // of calls
    bool verdicts = true;    // behind requirements
};

// What the editor said of itself, and how it calls the files that are open. Filled by `initialize`, but for
// `pulls_diagnostics`, `switches` and `uris`, which change later.
struct Client {
    Encoding encoding = Encoding::utf16;  // the protocol's own, where the editor names no other
    bool can_pull_diagnostics = false;
    bool pulls_diagnostics = false;  // has done so: some say that they can and wait to be told all the same
    bool can_refresh_diagnostics = false;
    bool shows_verdicts = false;  // what a command returns: nobody needs to be told of it as well
    // Where files of the standard library lie that can be opened as such; nothing: the editor asks for their texts
    // itself, or they could not be written.
    std::function<std::optional<std::string>()> library_folder = [] { return std::optional<std::string>(); };
    bool can_ask_for_library = false;
    Switches switches = {};
    std::map<std::string, std::string> uris = {};  // by path, of what is open

    [[nodiscard]] std::string uri(const std::string& path) const;
};

// As the protocol has it; `uri` is written as the editor writes it, where the file is open.
struct Location {
    std::string uri;
    Range range;
    friend bool operator==(const Location&, const Location&) = default;
};
template <class Json>
void to_json(Json& json, const Location& at) {
    json = Json{{"uri", at.uri}, {"range", at.range}};
}

// The places of one compilation, for as long as it is looked at: the lines of a file are counted once. Used by one
// thread. What it refers to outlives it: the sources, the client.
class Places {
  public:
    Places(const base::Sources& sources, std::string root, const Client& client)
        : sources_(&sources), root_(std::move(root)), client_(&client) {}

    [[nodiscard]] const Lines& lines(base::FileId file);
    [[nodiscard]] Range range(base::Span span) { return lines(span.file).range(span.begin, span.end); }
    [[nodiscard]] Location location(base::Span span) { return {uri(span.file), range(span)}; }
    // A file of the project, or of the library.
    [[nodiscard]] std::string uri(base::FileId file) const;
    // False: a file of the library, whose text the editor cannot have.
    [[nodiscard]] bool can_be_opened(const Location& at) const {
        return client_->can_ask_for_library || !at.uri.starts_with(library_scheme);
    }
    [[nodiscard]] const base::Sources& sources() const { return *sources_; }
    [[nodiscard]] const std::string& root() const { return root_; }
    [[nodiscard]] const Client& client() const { return *client_; }

  private:
    const base::Sources* sources_;
    std::string root_;
    const Client* client_;
    std::map<base::FileId, std::unique_ptr<Lines>> lines_;
};

// The path of a file of the project in that folder.
std::string path_below(const std::string& root, std::string_view path);

}  // namespace pvsplan::lsp

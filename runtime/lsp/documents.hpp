// The texts that are open in the editor, which count before the files of the same names.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/lsp/positions.hpp"

namespace pvsplan::lsp {

// A text that is edited, with the beginnings of its lines: an edit costs what it changes, and a move of what is behind.
// `starts_` is what line_starts() gives of `text_`, always. At most Documents::max_bytes, so that 32 bits hold any
// place.
class Buffer {
  public:
    Buffer() = default;
    explicit Buffer(std::string text) : text_(std::move(text)), starts_(line_starts(text_)) {}

    // A range whose end is before its start is the one between the two.
    void replace(Range range, std::string_view with, Encoding encoding);
    [[nodiscard]] const std::string& text() const { return text_; }
    [[nodiscard]] const std::vector<std::uint32_t>& starts() const { return starts_; }

  private:
    std::string text_;
    std::vector<std::uint32_t> starts_ = {0};  // of its lines
};

// As the editor sends it: the range is in units of its encoding, and may lie anywhere.
struct Edit {
    std::optional<Range> range;  // none: all of the text
    std::string text;
};

struct Document {
    std::string uri;                      // as the editor writes it
    std::optional<std::int64_t> version;  // as the editor counts; none: it did not say
    Buffer buffer;                        // empty where it is lost
    bool is_lost = false;                 // it became larger than anything that is read

    // The text as it is now; the same one until it is edited.
    [[nodiscard]] std::shared_ptr<const std::string> snapshot();

  private:
    friend class Documents;
    std::shared_ptr<const std::string> snapshot_;
};

// Texts by the path of their file, null for one that is lost.
using OpenTexts = std::map<std::string, std::shared_ptr<const std::string>, std::less<>>;

// Used by the thread that answers alone; what texts() gives may be read by any.
class Documents {
  public:
    static constexpr std::size_t max_bytes = std::size_t{128} << 20U;  // of all together

    // By the path of its file, which is absolute and has no links but perhaps its last name. What is no file has a path
    // below one that cannot be a folder, so that nothing is ever read beside it.
    [[nodiscard]] static std::string path_of(std::string_view uri);

    // Returns its path.
    const std::string& open(const std::string& uri, std::optional<std::int64_t> version, std::string text);
    // Null: it is not open. By the URI as the editor wrote it. Valid until the document is closed or opened anew.
    Document* find(const std::string& uri);
    [[nodiscard]] const std::string* path_of_open(const std::string& uri) const;
    // `document` is one of these.
    void change(Document& document, std::optional<std::int64_t> version, const std::vector<Edit>& edits,
                Encoding encoding);
    // One that is not open is passed over: editors close twice.
    void close(const std::string& uri);

    [[nodiscard]] std::map<std::string, Document>& all() { return by_path_; }
    [[nodiscard]] OpenTexts texts();

  private:
    void bound(Document& document);  // gives up its text where all together are too much

    std::map<std::string, Document> by_path_;
    std::map<std::string, std::string> path_of_uri_;  // of all that is open
};

}  // namespace pvsplan::lsp

// A document as it was parsed: a value that many compilations share.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "compiler/syntax/parse.hpp"

namespace pvsplan::syntax {

// One version of a file, with everything that is wrong with it by itself. It never changes.
struct ParsedDocument {
    std::optional<Document> document;  // none: it is not even one of the four
    LostNames lost;
    diag::Sink findings;
};

// Never null.
std::shared_ptr<const ParsedDocument> parse_document(const base::Sources& sources, base::FileId file);

// What was parsed of some Sources. After an edit only the version that is new is parsed. Any thread may ask; two that
// ask for one file at once may both parse it, and get the same.
class ParsedDocuments {
  public:
    std::shared_ptr<const ParsedDocument> of(const base::Sources& sources, base::FileId file);

    // How many documents were parsed so far.
    [[nodiscard]] std::size_t parsed() const;

  private:
    mutable std::mutex looking_;
    std::map<base::FileId, std::shared_ptr<const ParsedDocument>> known_;
    std::size_t parsed_ = 0;
};

}  // namespace pvsplan::syntax

#include "compiler/syntax/parsed.hpp"

namespace pvsplan::syntax {

std::shared_ptr<const ParsedDocument> parse_document(const base::Sources& sources, base::FileId file) {
    auto parsed = std::make_shared<ParsedDocument>();
    parsed->document = parse(sources, file, parsed->findings, &parsed->lost);
    return parsed;
}

// The lock is not held while parsing, so that many files are parsed at once. Of two that parse one file the first is
// kept, and both get that one.
std::shared_ptr<const ParsedDocument> ParsedDocuments::of(const base::Sources& sources, base::FileId file) {
    {
        const std::lock_guard<std::mutex> lock(looking_);
        if (const auto known = known_.find(file); known != known_.end()) return known->second;
    }
    std::shared_ptr<const ParsedDocument> parsed = parse_document(sources, file);
    const std::lock_guard<std::mutex> lock(looking_);
    ++parsed_;
    return known_.try_emplace(file, std::move(parsed)).first->second;
}

std::size_t ParsedDocuments::parsed() const {
    const std::lock_guard<std::mutex> lock(looking_);
    return parsed_;
}

}  // namespace pvsplan::syntax

#include "compiler/diag/diagnostic.hpp"

#include "compiler/base/utf8.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace pvsplan::diag {

// Words of the formats too.
std::string_view name_of(Severity severity) {
    switch (severity) {
        case Severity::error: return "error";
        case Severity::warning: return "warning";
        case Severity::note: return "note";
    }
    return "error";
}

std::string code_text(int code) { return fmt::format("PV{:04}", code); }

std::string Diagnostic::others_text() const {
    if (other_count == 0) return "";
    std::string text = "the same of ";
    for (std::size_t i = 0; i < others.size(); ++i) {
        const bool is_last = i + 1 == others.size() && other_count == others.size();
        text += (i == 0 ? "" : is_last ? " and " : ", ") + ("`" + others[i] + "`");
    }
    if (other_count > others.size()) text += fmt::format(" and {} more", other_count - others.size());
    return text;
}

// Nobody can change a module of the library: the finding stands at the call in the project, and shows where it was
// seen.
void point_at_project(const base::Sources& sources, base::Span last_resort, Diagnostic& diagnostic) {
    const std::vector<base::Span> around = std::exchange(diagnostic.around, {});
    if (diagnostic.span.is_nowhere() || sources.is_editable(diagnostic.span)) return;
    const auto found = std::find_if(around.begin(), around.end(), [&](base::Span s) { return sources.is_editable(s); });
    const base::Span seen = std::exchange(diagnostic.span, found == around.end() ? last_resort : *found);
    diagnostic.meant.clear();  // it was said of the text that is not marked any more
    std::string words = std::exchange(diagnostic.label_text, "");
    const auto same = std::find_if(diagnostic.related.begin(), diagnostic.related.end(),
                                   [&](const Label& label) { return label.span == seen; });
    if (same != diagnostic.related.end()) {
        if (!words.empty()) same->message += ": " + words;
    } else {
        if (words.empty()) words = diagnostic.instance.empty() ? "it is here" : "`" + diagnostic.instance + "`";
        diagnostic.related.insert(diagnostic.related.begin(), {seen, std::move(words)});
    }
    // A place that is pointed at twice says nothing twice.
    std::erase_if(diagnostic.related, [&](const Label& label) { return label.span == diagnostic.span; });
}

namespace {

// Shortens a name of a megabyte to its beginning and its end.
std::string with_short_words(std::string message) {
    static constexpr std::size_t max_length = 300;
    static constexpr std::size_t kept_bytes = 120;
    if (message.size() <= max_length) return message;
    std::string text;
    for (std::size_t at = 0; at < message.size();) {
        const std::size_t end = std::min(message.find(' ', at), message.size());
        if (end - at > max_length) {
            const std::size_t first = base::cut_before(message, at + kept_bytes);
            const std::size_t last = base::cut_before(message, end - kept_bytes);
            text += message.substr(at, first - at) + "…" + message.substr(last, end - last);
        } else {
            text += message.substr(at, end - at);
        }
        if (end < message.size()) text += ' ';
        at = end + 1;
    }
    return text;
}

}  // namespace

// What is dropped still counts as an error, so that a plan with too many findings never passes. The details of a
// dropped one go nowhere.
Reported Sink::add(Diagnostic diagnostic) {
    diagnostic.message = with_short_words(std::move(diagnostic.message));
    if (diagnostic.severity == Severity::error) ++errors_;
    if (all_.size() >= max_kept) {
        ++dropped_;
        discarded_ = std::move(diagnostic);
        return Reported(discarded_);
    }
    all_.push_back(std::move(diagnostic));
    return Reported(all_.back());
}

// Counts go along: what was dropped there is not there to be counted.
void Sink::add_all(const Sink& found) {
    for (const Diagnostic& diagnostic : found.all_) add(diagnostic);
    const auto is_error = [](const Diagnostic& d) { return d.severity == Severity::error; };
    const auto kept = std::count_if(found.all_.begin(), found.all_.end(), is_error);
    errors_ += found.errors_ - static_cast<std::size_t>(kept);
    dropped_ += found.dropped_;
}

// Only findings about an instance are merged: an iteration of a loop has the same fault as the one before it. An index
// beyond the findings is of one that was dropped.
Diagnostic* Sink::already_said(int code, const Place& place) {
    if (place.instance.empty()) return nullptr;
    std::string key = fmt::format("{} {} {}", code, place.span.file.value, place.span.begin);
    for (const base::Span& span : place.around) key += fmt::format(" {} {}", span.file.value, span.begin);
    key += " " + place.cause;
    const auto [found, is_new] = said_.try_emplace(std::move(key), all_.size());
    return is_new || found->second >= all_.size() ? nullptr : &all_[found->second];
}

// What is said further of the finding is discarded: the first one has said it.
Reported Sink::another(Diagnostic& same, const Place& place) {
    static constexpr std::size_t max_named = 3;
    discarded_ = {};
    if (same.instance == place.instance) return Reported(discarded_);
    const bool is_named = std::find(same.others.begin(), same.others.end(), place.instance) != same.others.end();
    if (same.others.size() < max_named && !is_named) same.others.push_back(place.instance);
    ++same.other_count;
    return Reported(discarded_);
}

// The sort is stable, so that of findings at one place the order of the reports decides.
std::vector<Diagnostic> Sink::sorted() const {
    std::vector<Diagnostic> result = all_;
    std::unordered_map<base::FileId, std::size_t> rank;
    for (const base::FileId file : files_) rank.emplace(file, rank.size() + 1);
    const auto place_of = [&](base::FileId file) -> std::size_t {
        if (file.is_none()) return 0;
        const auto known = rank.find(file);
        return known == rank.end() ? rank.size() + 1 + file.index() : known->second;
    };
    const auto key = [&](const Diagnostic& d) {
        return std::tuple(d.severity, place_of(d.span.file), d.span.begin, d.code);
    };
    std::stable_sort(result.begin(), result.end(),
                     [&](const Diagnostic& a, const Diagnostic& b) { return key(a) < key(b); });
    return result;
}

}  // namespace pvsplan::diag

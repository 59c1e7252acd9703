// "The plan is wrong": what a person is told about a text, as data. Rendering is in render.hpp.
//
// Every diagnostic is declared once as a typed constant in its stage's codes.hpp:
//     inline constexpr Declared<Name, Name> unknown_key{1203, Severity::error, "unknown key `{}` in {}"};
// and reported with arguments that are checked against it at compile time:
//     sink.report(unknown_key, span, diag::Name(key), diag::Words("a step")).label("not a key of a step").hint("did you
//     mean `after`?");
// Wording: lower case, no final period, code in backticks; state what was found; the way out is a hint.
#pragma once

#include <fmt/core.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

#include "compiler/base/source.hpp"
#include "compiler/diag/arguments.hpp"

namespace pvsplan::diag {

enum class Severity : std::uint8_t { error, warning, note };
std::string_view name_of(Severity severity);

// A place that helps to understand the finding, with a few words on what it is.
struct Label {
    base::Span span;
    std::string message;
};

// One change of a text. Edits of a fix do not overlap.
struct Edit {
    base::Span span;  // replaced by `text`; an empty span inserts
    std::string text;
};

// A change of the source that repairs the finding.
struct Fix {
    std::string title;
    std::vector<Edit> edits;
};

// Two steps of one block, the whole of each text, whose order is the matter.
struct StepPair {
    base::Span earlier;  // as they run now, if there is an order
    base::Span later;
};

// Where a finding stands: the place where it was seen, then what encloses or caused it, from the inside out (the call
// of the procedure, the entry that names the policy). The report points at the first of these that its author can
// change.
struct Place {
    base::Span span;
    std::vector<base::Span> around = {};
    // The instance that it is about: `rest[pvs02].stop`. Findings of one code, place and cause are reported as one,
    // with a count and a few instances. Empty: it is reported by itself.
    std::string instance = {};
    std::string cause = {};

    Place(base::Span seen) : span(seen) {}  // NOLINT(google-explicit-constructor)
    Place(base::Span seen, std::vector<base::Span> outwards) : span(seen), around(std::move(outwards)) {}

    // The same, told apart from others at this place by what it is about.
    [[nodiscard]] Place because_of(std::string what) const {
        Place copy = *this;
        copy.cause = std::move(what);
        return copy;
    }
};

// A finding with all that is known of it; formats take what they have room for.
struct Diagnostic {
    int code = 0;  // 4002 is printed as PV4002
    Severity severity = Severity::error;
    std::string message;
    base::Span span;                 // nowhere: about the invocation, not about a text
    std::vector<base::Span> around;  // from the inside out; empty once it is pointed at what can be changed
    std::string label_text;          // words next to the marked span
    std::vector<Label> related;
    std::vector<Label> schedule;     // one that shows it, moment by moment, for formats in which one steps through it
    std::vector<std::string> hints;  // "did you mean …", ways out
    std::optional<Fix> fix;
    // What its author may have meant in place of the marked text, and the steps that may want another order: guesses.
    // proposals.hpp makes changes of them, and tries each.
    std::vector<std::string> meant;
    std::optional<StepPair> steps;
    std::vector<Fix> proposals;  // each repairs it, and only its author knows which one is right
    std::string instance;        // of Place
    std::string cause;
    // Names of the actions that would repair it. Findings that share one are reported as one (causes.hpp).
    std::vector<std::string> remedies;
    // Which of the missing orders of its compilation would repair it, for who asks for a fix of that.
    std::optional<std::uint32_t> missing_order;
    bool is_consequence = false;      // of another one, so that it is not told
    std::vector<std::string> others;  // the first few of which the same is said
    std::uint64_t other_count = 0;

    // "the same of `a`, `b`, `c` and 17 more"; empty if it is said of one only.
    [[nodiscard]] std::string others_text() const;
};

// Points a finding at the innermost place that the author of the project can change, else at `last_resort`. What it
// pointed at becomes a related place.
void point_at_project(const base::Sources& sources, base::Span last_resort, Diagnostic& diagnostic);

// As the pages of `explain` are named.
std::string code_text(int code);  // "PV4002"

// A declared diagnostic; Args say what its `{}` stand for (arguments.hpp).
template <class... Args>
struct Declared {
    static_assert(are_distinct<Args...>, "two arguments of one role can be swapped");

    int code;
    Severity severity;
    std::string_view text;

    consteval Declared(int code_, Severity severity_, const char* text_)
        : code(code_), severity(severity_), text(text_) {
        std::size_t holes = 0;
        for (std::size_t i = 0; i + 1 < text.size(); ++i)
            if (text[i] == '{' && text[i + 1] == '}') ++holes;
        if (holes != sizeof...(Args)) throw "the text has not one {} for each argument";
    }
};

// Adds details to a diagnostic that has just been reported.
class Reported {
  public:
    explicit Reported(Diagnostic& diagnostic) : diagnostic_(&diagnostic) {}
    Reported& label(std::string words) {
        diagnostic_->label_text = std::move(words);
        return *this;
    }
    Reported& related(base::Span span, std::string words) {
        diagnostic_->related.push_back({span, std::move(words)});
        return *this;
    }
    // An empty one is none.
    Reported& hint(std::string words) {
        if (!words.empty()) diagnostic_->hints.push_back(std::move(words));
        return *this;
    }
    // "did you mean `x`?" if there is one.
    Reported& did_you_mean(const std::optional<std::string>& near) {
        if (near) hint("did you mean `" + *near + "`?").may_mean({*near});
        return *this;
    }
    Reported& may_mean(const std::vector<std::string>& texts) {
        diagnostic_->meant.insert(diagnostic_->meant.end(), texts.begin(), texts.end());
        return *this;
    }
    Reported& between(const std::optional<StepPair>& steps) {
        diagnostic_->steps = steps;
        return *this;
    }
    Reported& remedies(std::vector<std::string> names) {
        diagnostic_->remedies = std::move(names);
        return *this;
    }
    // One that was tried already.
    Reported& proposal(Fix fix) {
        diagnostic_->proposals.push_back(std::move(fix));
        return *this;
    }
    Reported& fix(std::string title, std::vector<Edit> edits) {
        diagnostic_->fix = Fix{std::move(title), std::move(edits)};
        return *this;
    }

  private:
    Diagnostic* diagnostic_;
};

// Collects the findings of the stages in the order of reports; sorted() gives the order in which people read.
class Sink {
  public:
    static constexpr std::size_t max_kept = 1000;  // beyond this many, further ones are counted and dropped

    template <class... Args>
    Reported report(const Declared<Args...>& what, const Place& place, std::type_identity_t<Args>... args) {
        if (Diagnostic* const same = already_said(what.code, place)) return another(*same, place);
        return add(Diagnostic{.code = what.code,
                              .severity = what.severity,
                              .message = fmt::format(fmt::runtime(what.text), printable(args)...),
                              .span = place.span,
                              .around = place.around,
                              .instance = place.instance,
                              .cause = place.cause});
    }
    template <class... Args>
    Reported report(const Declared<Args...>& what, base::Span span, std::type_identity_t<Args>... args) {
        return report(what, Place(span), args...);
    }
    // A sole argument needs no role.
    template <class Arg, SoleFor<Arg> From>
    Reported report(const Declared<Arg>& what, const Place& place, const From& only) {
        return report(what, place, Arg(only));
    }
    template <class Arg, SoleFor<Arg> From>
    Reported report(const Declared<Arg>& what, base::Span span, const From& only) {
        return report(what, Place(span), Arg(only));
    }
    Reported add(Diagnostic diagnostic);
    // What was found elsewhere, with what was dropped there.
    void add_all(const Sink& found);
    // The order in which the files were read: sorted() keeps to it. Without it files come by their ids.
    void order_files(std::vector<base::FileId> files) { files_ = std::move(files); }
    // For what is decided when all findings are there, such as which of them are consequences.
    template <class Change>
    void change_each(const Change& change) {
        for (Diagnostic& diagnostic : all_) change(diagnostic);
    }
    // What is taken back was found of a text that is looked at again.
    template <class Predicate>
    void erase_if(const Predicate& is) {
        errors_ -= std::erase_if(all_, [&](const Diagnostic& d) { return d.severity == Severity::error && is(d); });
        std::erase_if(all_, is);
        said_.clear();
    }

    [[nodiscard]] bool has_errors() const { return errors_ > 0; }
    [[nodiscard]] std::size_t error_count() const { return errors_; }
    [[nodiscard]] std::size_t dropped() const { return dropped_; }
    [[nodiscard]] const std::vector<Diagnostic>& all() const { return all_; }
    // Errors first, then by file, place, code; places "nowhere" first.
    [[nodiscard]] std::vector<Diagnostic> sorted() const;

  private:
    static std::string_view printable(const Text& text) { return text.text; }
    static std::uint64_t printable(const Number& number) { return number.number; }

    // The finding on another instance at this place, or null.
    Diagnostic* already_said(int code, const Place& place);
    Reported another(Diagnostic& same, const Place& place);

    std::vector<Diagnostic> all_;
    std::unordered_map<std::string, std::size_t> said_;  // code, place and cause -> index in `all_`
    Diagnostic discarded_;                               // takes the details of dropped ones
    std::vector<base::FileId> files_;
    std::size_t errors_ = 0;
    std::size_t dropped_ = 0;
};

}  // namespace pvsplan::diag

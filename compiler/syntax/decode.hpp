// located tree -> AST, along the shapes of grammar/. Private to syntax.
#pragma once

#include <array>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <vector>

#include "compiler/diag/diagnostic.hpp"
#include "compiler/syntax/ast.hpp"
#include "compiler/syntax/codes.hpp"
#include "compiler/syntax/phrases.hpp"
#include "compiler/syntax/tree.hpp"
#include "grammar/shapes.hpp"

namespace pvsplan::syntax {

// The input of every decoder, and where it reports to.
struct Reading {
    const Tree& tree;  // of the whole document
    diag::Sink& sink;  // for what is wrong in it
};

// The members of a mapping by the keys of its shape. Unknown, missing and ill-formed ones have been reported when it
// stands; those are absent here.
class Fields {
  public:
    // `map` may be any node: what is no mapping is reported and has no fields.
    // `what` is how it is called where the shape's own words would not tell which it is.
    Fields(const Reading& in, NodeId map, const grammar::Shape& shape, std::string_view what = {});

    [[nodiscard]] bool is_map() const { return is_map_; }
    // The node, or none.
    [[nodiscard]] NodeId operator[](std::string_view key) const;
    // Whether the key is written, with whatever value, or is what a misspelt key was meant to be.
    [[nodiscard]] bool has(std::string_view key) const { return !key_of(key).is_none(); }
    // Whether it is written and holds something of another form, which has been reported.
    [[nodiscard]] bool is_unreadable(std::string_view key) const { return has(key) && (*this)[key].is_none(); }
    // Whether any other key is written.
    [[nodiscard]] bool has_beside(std::initializer_list<std::string_view> keys) const;
    // Whether there is a key that nobody understands: it may have been meant for any key that is missing.
    [[nodiscard]] bool has_unknown() const { return !unknown_.empty(); }
    // None if it is not written; a key that was meant counts as the one it was meant for.
    [[nodiscard]] NodeId key_of(std::string_view key) const;
    // Reports that `map` lacks the key, which the other keys ask for.
    void demand(const Reading& in, NodeId map, std::string_view key) const;
    // Members that are not keys of an open shape.
    [[nodiscard]] const std::vector<Tree::Member>& others() const { return others_; }
    // The key as it is written, also where it is misspelt; nowhere if it is not there.
    [[nodiscard]] base::Span key_span(std::string_view key) const;

  private:
    struct Field {
        NodeId key;
        NodeId value;  // none: ill-formed
    };
    // The constructor in steps.
    void read_member(const Reading& in, const Tree::Member& member);
    bool is_entry(const Reading& in, const Tree::Member& member) const;
    void read_unknown(const Reading& in, const Tree::Member& member);
    bool report_run_on(const Reading& in, NodeId key);
    void take_meant(const Reading& in);
    void report_unknown(const Reading& in, const std::vector<const grammar::Key*>& missing) const;
    void report_missing(const Reading& in, NodeId map, const std::vector<const grammar::Key*>& missing) const;

    const grammar::Shape* shape_;
    const Tree* tree_;
    std::array<Field, std::tuple_size_v<decltype(grammar::Shape::slots)>> fields_;  // by Shape::keys
    std::vector<Tree::Member> others_;
    struct Meant {
        NodeId written;
        NodeId value;  // none: what is written there is not the value of that key
        std::size_t field;
    };
    std::vector<Meant> meant_;     // misspelt keys and what they are near to
    std::vector<NodeId> unknown_;  // keys that are near to none
    bool is_map_ = false;
};

// ---- what stands at one node; a node of another form is reported and gives an empty or error value ---------------

// "a text", "a list", …
std::string_view words_for(const TreeNode& node);
// The key that `name` is a slip of, or is called so elsewhere; null if there is none.
const grammar::Key* meant_key(std::string_view name, const grammar::Shape& shape);
// Reports a key that `shape` hasn't, and which one was meant.
void report_unknown_key(const Reading& in, NodeId key, const grammar::Shape& shape, const grammar::Key* meant);
// True if `node` has that form; else reported under the name `what`.
bool expect(const Reading& in, NodeId node, TreeNode::Type type, std::string_view what, std::string_view wanted);

// Reports a list without entries; `why` says what such a list would mean.
void expect_entries(const Reading& in, NodeId node, std::string_view what, std::string_view why, std::string hint);

// A scalar as it is written. None of an absent (none) node.
std::optional<Text> read_text(const Reading& in, NodeId node, std::string_view what);
// The same of a name by the rules of the language; what is none is reported.
std::optional<Text> read_name(const Reading& in, NodeId node, std::string_view what);
// Where it can be no name its place stays, by which others know the file of the document.
Text read_document_name(const Reading& in, NodeId node, std::string_view what);
// A text that may have `${…}` in it.
std::optional<Template> read_mixed(const Reading& in, NodeId node, std::string_view what);
// A text that is an expression as a whole, as `when` is.
std::optional<Expression> read_bare(const Reading& in, NodeId node, std::string_view what);
// False where it is absent or no truth.
bool read_flag(const Reading& in, NodeId node, std::string_view what);
// A list of texts, or one text alone.
std::vector<Text> read_texts(const Reading& in, NodeId node, std::string_view what);
std::vector<Text> read_names(const Reading& in, NodeId node, std::string_view what);
// A value of `with` or of an object, with its `${…}` parsed.
ValueTree read_value(const Reading& in, NodeId node, std::string_view what);
std::vector<NamedValue> read_values(const Reading& in, NodeId map, std::string_view what);
std::vector<Parameter> read_parameters(const Reading& in, NodeId map, std::string_view what);
// None of an absent node, and of one that could not be read.
std::optional<TimeoutText> read_timeout(const Reading& in, NodeId node);
std::optional<RetryText> read_retry(const Reading& in, NodeId node);
std::optional<WindowText> read_window(const Reading& in, NodeId node);
// The key itself, checked to be a name.
std::optional<Text> read_key(const Reading& in, NodeId key, std::string_view what);
// One of `choices`.
std::optional<Text> read_choice(const Reading& in, NodeId node, std::string_view what, const grammar::Shape& shape);

// `approve` of a step, and the names of those who may.
std::optional<ApproveText> read_approve(const Reading& in, NodeId node);
std::vector<Text> read_approvers(const Reading& in, NodeId node, std::string_view what);
std::vector<NotifyText> decode_notify(const Reading& in, NodeId list);

void decode_step(const Reading& in, NodeId node, Step& step);  // into a step that says nothing yet
// An entry for each of the list, be it an error value.
std::vector<Step> decode_steps(const Reading& in, NodeId list);
std::optional<std::vector<Step>> decode_recover(const Reading& in, NodeId list);
// Steps of a rollback halt where they fail, and nothing undoes them: what says otherwise is reported.
void check_rollback_steps(const Reading& in, const std::vector<Step>& steps, std::string_view words);
std::vector<Invariant> decode_invariants(const Reading& in, NodeId list);
enum class BodyOf : std::uint8_t { action, observation };
BodyText decode_body(const Reading& in, NodeId node, BodyOf of);

// Always a document; what could not be read is absent or an error value in it.
PlanDocument decode_plan(const Reading& in);
FarmDocument decode_farm(const Reading& in);
ModuleDocument decode_module(const Reading& in);
PolicyDocument decode_policy(const Reading& in);

}  // namespace pvsplan::syntax

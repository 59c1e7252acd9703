#include "runtime/lsp/completion.hpp"

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "compiler/base/files.hpp"
#include "compiler/resolve/functions.hpp"
#include "compiler/resolve/library.hpp"
#include "grammar/transports.hpp"
#include "runtime/doc/keys.hpp"
#include "runtime/lsp/descriptions.hpp"
#include "runtime/lsp/json_text.hpp"
#include "runtime/lsp/names_at.hpp"
#include "runtime/lsp/project_files.hpp"

namespace pvsplan::lsp {
namespace {

using Json = nlohmann::json;
using grammar::Form;
using grammar::Key;
using resolve::Kind;
using resolve::Model;

// With more an editor asks again at each key (`isIncomplete`), by which the list gets shorter.
constexpr std::size_t max_items = 1000;

// As the protocol numbers the kinds of what is offered.
enum class Icon : int {
    function = 3,
    field = 5,
    variable = 6,
    type = 7,
    module = 9,
    property = 10,
    value = 12,
    keyword = 14,
    file = 17,
    member = 20,
    event = 23
};

// What is told of an item beside its label.
struct More {
    std::string detail = {};
    std::string doc = {};
    std::string text = {};  // what is written; empty: the label
};

// A method for each thing that a cursor may stand on, which is why there are so many: what is offered there, and no
// more.
class Completion {
  public:
    explicit Completion(const CompletionRequest& request)
        : request_(request), slot_(slot_at(request.lines, request.offset)), cursor_(slot_.cursor) {
        if (request.known) model_ = request.known->model.get();
    }

    // The list is sent whole whatever was typed of the word: editors filter it themselves, each in its own way.
    std::string json() {
        if (is_in_comment() || is_at_dash()) return R"({"isIncomplete":false,"items":[]})";
        if (cursor_.at == Cursor::At::key) {
            keys();
        } else if (slot_.value) {
            value();
        }
        return json_text(Json{{"isIncomplete", is_cut_}, {"items", items_}});
    }

  private:
    // The edit replaces the word at the cursor to its end, so that nothing is left of it behind what was chosen; what
    // stands behind it already, the colon of a key or the brackets of an event, is not written again. A label is
    // offered once: the first meaning of a name is the innermost.
    void add(const std::string& label, Icon icon, More more = {}) {
        if (!labels_.insert(label).second) return;
        if (items_.size() == max_items) {
            is_cut_ = true;
            return;
        }
        const auto [begin, end] = replaced_by(label);
        Json item = {{"label", label},
                     {"kind", static_cast<int>(icon)},
                     {"textEdit",
                      {{"range", request_.lines.range(begin, end)},
                       {"newText", without_what_follows(more.text.empty() ? label : more.text)}}}};
        if (!more.detail.empty()) item["detail"] = more.detail;
        if (!more.doc.empty()) item["documentation"] = {{"kind", "markdown"}, {"value", more.doc}};
        items_.push_back(std::move(item));
    }

    // The word at the cursor; of two words, as `at most`, the other one as well, be it `least`.
    [[nodiscard]] std::pair<std::uint32_t, std::uint32_t> replaced_by(std::string_view label) const {
        std::uint32_t begin = begin_.value_or(cursor_.begin);
        std::uint32_t end = end_.value_or(cursor_.end);
        const std::string_view text = request_.lines.text();
        for (const std::string_view first : {"at ", "list "}) {
            if (!label.starts_with(first)) continue;
            if (text.substr(0, begin).ends_with(first)) begin -= static_cast<std::uint32_t>(first.size());
            for (const std::string_view second : {" most", " least", " of"})
                if (text.substr(begin, end - begin) == first.substr(0, first.size() - 1) &&
                    text.substr(end).starts_with(second))
                    end += static_cast<std::uint32_t>(second.size());
        }
        return {begin, end};
    }
    [[nodiscard]] std::string without_what_follows(std::string written) const {
        const std::string_view text = request_.lines.text();
        std::size_t at = end_.value_or(cursor_.end);
        const bool is_quoted = at < text.size() && (text[at] == '"' || text[at] == '\'');
        if (at + (is_quoted ? 1 : 0) < text.size() && text[at + (is_quoted ? 1 : 0)] == ':' &&
            written.find(':') != std::string::npos)
            written.erase(written.find(':'));
        if (at < text.size() && text[at] == '(' && written.ends_with(')')) written.erase(written.find('('));
        return written;
    }

    // A dash that begins an entry is no word that could become another.
    [[nodiscard]] bool is_at_dash() const {
        return request_.lines.text().substr(cursor_.begin, cursor_.end - cursor_.begin) == "-";
    }

    // By the line alone; a `#` between quotes is taken for a comment, where nothing would be offered but words.
    [[nodiscard]] bool is_in_comment() const {
        const std::string_view line = request_.lines.line(request_.lines.position(request_.offset).line);
        const std::size_t column =
            request_.offset - request_.lines.start(request_.lines.position(request_.offset).line);
        const std::string_view before = line.substr(0, std::min(column, line.size()));
        return before.find(" #") != std::string_view::npos || before.starts_with('#');
    }

    // ---- keys ----

    // An empty document is offered the four that there are; a mapping whose keys are names is offered these.
    void keys() {
        if (slot_.shape) return keys_of(*slot_.shape);
        if (!slot_.value && cursor_.way.empty())
            for (const grammar::Shape& shape : grammar::shapes().first(4)) add_key(shape.keys[0]);
        if (slot_.value && slot_.value->form == Form::option) return connect_keys();
        if (slot_.value && model_) names_of(*slot_.value);
    }
    // Keys of the transport that is named, or of all while none is.
    void connect_keys() {
        const grammar::Transport* const named = grammar::transport(cursor_.sibling(cursor_.way.size(), "over"));
        if (!is_there("over")) add("over", Icon::property, {{}, {}, "over: "});
        for (const grammar::Transport& transport : grammar::transports())
            for (const grammar::ConnectKey& key : transport.keys)
                if ((!named || named == &transport) && !is_there(key.name))
                    add(std::string(key.name), Icon::property,
                        {grammar::words_for(key), std::string(key.doc), std::string(key.name) + ": "});
    }
    [[nodiscard]] bool is_there(std::string_view key) const {
        return std::any_of(cursor_.keys.begin(), cursor_.keys.end(), [&](const Sibling& s) { return s.key == key; });
    }
    void add_key(const Key& key) {
        if (is_there(key.name)) return;
        add(std::string(key.name), Icon::property,
            {doc::form_of(key), std::string(key.doc), std::string(key.name) + ": "});
    }
    // Keys that are there are left out: YAML refuses a second one.
    void keys_of(const grammar::Shape& shape) {
        for (const Key& key : shape.keys) add_key(key);
        if (slot_.value && slot_.value->form == Form::undo)
            for (const char* const other : {"nothing", "impossible"}) add_key(grammar::shape(other).keys[0]);
        if (!model_ || !shape.is_open) return;
        if (shape.name == "farm") {
            for (const Kind& kind : model_->kinds)
                if (!is_there(kind.plural))
                    add(kind.plural, Icon::property, {"list of " + kind.name, {}, kind.plural + ":"});
        } else if (const Kind* const kind = kind_around()) {
            attributes(kind->attributes, Icon::field, ": ");
        }
    }
    // The kind of the objects of a farm that are being written.
    [[nodiscard]] const Kind* kind_around() const {
        if (cursor_.way.empty()) return nullptr;
        if (cursor_.way[0].name != "defaults") return kind_of_plural(*model_, cursor_.way[0].name);
        const auto kind =
            cursor_.way.size() < 2 ? model_->kind_by_name.end() : model_->kind_by_name.find(cursor_.way[1].name);
        return kind == model_->kind_by_name.end() ? nullptr : &model_->kinds[kind->second.index()];
    }
    void attributes(const std::vector<resolve::Attribute>& all, Icon icon, const std::string& behind) {
        for (const resolve::Attribute& attribute : all)
            if (behind.empty() || !is_there(attribute.name))
                add(attribute.name, icon, {attribute_text(*model_, attribute), {}, attribute.name + behind});
    }
    // The keys of `with`, `state`, `sets`, `defaults`.
    void names_of(const Key& key) {
        if (key.name == "with" && !cursor_.way.empty()) {
            const Callee callee = callee_named(*model_, cursor_.sibling(cursor_.way.size() - 1, "do"));
            if (!callee) return;
            for (const resolve::Parameter& parameter : callee.parameters())
                if (!is_there(parameter.name))
                    add(parameter.name, Icon::property,
                        {parameter_text(*model_, parameter), {}, parameter.name + ": "});
        } else if (key.name == "state") {
            if (const Kind* const kind = kind_around()) attributes(kind->state, Icon::field, ": ");
        } else if (key.name == "sets") {
            if (const Kind* const on = kind_on(*model_, cursor_))
                for (const resolve::Attribute& state : on->state)
                    if (!is_there("on." + state.name))
                        add("on." + state.name, Icon::field,
                            {attribute_text(*model_, state), {}, "on." + state.name + ": "});
        } else if (key.name == "defaults") {
            for (const Kind& kind : model_->kinds)
                if (!is_there(kind.name)) add(kind.name, Icon::type, {{}, {}, kind.name + ": "});
        }
    }

    // ---- values ----

    // By the form that the table of shapes asks for; within `${…}` of a text it is an expression.
    void value() {
        const Key& key = *slot_.value;
        for (const std::string_view choice : key.choices) add(std::string(choice), Icon::member);
        switch (key.form) {
            case Form::flag: add("true", Icon::value), add("false", Icon::value); return;
            case Form::path: return paths(key);
            case Form::dotted_name: return callees();
            case Form::name: return names(key);
            case Form::type:
            case Form::typed: return types();
            case Form::event: return events();
            case Form::requirement: return requirement();
            case Form::loop: return loop();
            case Form::expression: return expression(cursor_.before);
            case Form::value: typed_value(); break;
            case Form::option: connect_value(); break;
            default: break;
        }
        if (key.name == "requirement") waived();
        if (key.name == "at_most") limit();
        if (const std::size_t open = cursor_.before.rfind("${");
            open != std::string::npos && cursor_.before.find('}', open) == std::string::npos)
            expression(cursor_.before.substr(open + 2));
    }
    // `s in LIST`: the author gives the variable its name.
    void loop() {
        const std::size_t blank = cursor_.before.find(' ');
        if (blank == std::string::npos) return;
        if (cursor_.before.find(' ', blank + 1) == std::string::npos) return add("in", Icon::keyword);
        expression(cursor_.before);
    }
    // `2 per s.site` of a loop: what stands behind `per` is an expression.
    void limit() {
        if (cursor_.sibling(cursor_.way.size() - 1, "for_each").empty()) return;
        const std::size_t per = cursor_.before.find("per ");
        if (per != std::string::npos) return expression(std::string_view(cursor_.before).substr(per + 4));
        add("all", Icon::keyword);
        if (cursor_.before.find(' ') != std::string::npos) add("per", Icon::keyword);
    }
    void connect_value() {
        const std::size_t level = cursor_.way.size() - 1;
        const std::string& name = cursor_.way[level].name;
        if (name == "over")
            for (const grammar::Transport& transport : grammar::transports())
                add(std::string(transport.name), Icon::member, {{}, std::string(transport.doc)});
        const grammar::Transport* const over = grammar::transport(cursor_.sibling(level, "over"));
        const grammar::ConnectKey* const key = over ? over->key(name) : nullptr;
        if (!key) return;
        for (const std::string_view choice : key->choices) add(std::string(choice), Icon::member);
        if (key->form == grammar::ConnectKey::Form::flag) add("true", Icon::value), add("false", Icon::value);
    }
    // With their modules before them: that is how a step calls them.
    void callees() {
        if (!model_) return;
        for (const resolve::Action& action : model_->actions)
            add(action.compiled.name, Icon::function,
                {action.compiled.on_kind.empty() ? "action" : "action on " + action.compiled.on_kind,
                 action_doc(*request_.known, action)});
        for (const resolve::Procedure& procedure : model_->procedures)
            add(procedure.name, Icon::function,
                {procedure.on ? "procedure on " + model_->kinds[procedure.on.index()].name : "procedure",
                 procedure_doc(*request_.known, procedure)});
    }
    // `after` takes steps of the list around it, and not those within them.
    void names(const Key& key) {
        if (key.name == "after") {
            for (std::size_t i = cursor_.way.size(); i-- > 0;) {
                const bool is_step = cursor_.way[i].name == "-" && i > 0 && cursor_.way[i - 1].name != "after";
                if (!is_step) continue;
                for (const std::string& id : ids_beside(request_.lines, cursor_, i)) add(id, Icon::variable, {"step"});
                return;
            }
        } else if (key.name == "on" && model_) {
            for (const Kind& kind : model_->kinds) add(kind.name, Icon::type, {"kind"});
        }
    }
    // Between brackets stand names that the author gives.
    void types() {
        if (!cursor_.way.empty() && cursor_.way.back().name == "-") return;
        for (const char* const type : {"string", "int", "bool", "version", "duration", "path", "secret", "list of"})
            add(type, Icon::type);
        if (!model_) return;
        for (const Kind& kind : model_->kinds) add(kind.name, Icon::type, {"an object of the farm"});
    }
    void verbs() {
        for (const auto& [verb, place] : model_->verbs) add(verb, Icon::event, {"event"});
        add("approve", Icon::event, {"event of a step that waits for a person"});
    }
    void events() {
        add("nothing", Icon::keyword, {"it only tells or asks"});
        if (!model_) return;
        for (const auto& [verb, place] : model_->verbs) add(verb + "(on)", Icon::event, {"event"});
    }
    // The words of the language stand beside what the plan defines, since a requirement is a sentence. Within a
    // condition names of an expression may follow as well.
    void requirement() {
        if (!model_) return;
        narrow_to_name(cursor_.before);
        const bool is_condition = cursor_.before.find("where") != std::string::npos ||
                                  cursor_.before.find(" with ") != std::string::npos ||
                                  cursor_.before.find(" per ") != std::string::npos;
        for (const char* const word : {"exactly", "at most", "at least", "always", "never", "finally", "every", "some",
                                       "before", "then", "while", "where", "initially", "with", "per"})
            add(word, Icon::keyword);
        for (const resolve::Predicate& predicate : model_->predicates) {
            const std::string kind = predicate.kind ? model_->kinds[predicate.kind.index()].name : "";
            add(predicate.name, Icon::function, {"predicate of " + kind, {}, predicate.name + "(" + kind + ")"});
        }
        verbs();
        for (const Kind& kind : model_->kinds) add(kind.name, Icon::type, {"kind"});
        const bool is_member = cursor_.begin < cursor_.end || cursor_.before.ends_with('.');
        if (is_condition || is_member) expression(cursor_.before);
    }
    // Names of several words: each replaces the whole value.
    void waived() {
        if (!request_.known) return;
        const std::string_view text = request_.lines.text();
        begin_ = request_.offset - static_cast<std::uint32_t>(cursor_.before.size());
        const bool is_quoted = *begin_ < text.size() && (text[*begin_] == '"' || text[*begin_] == '\'');
        const std::string_view ends = is_quoted ? text.substr(*begin_, 1) : std::string_view(",}#");
        if (is_quoted && *begin_ < request_.offset) ++*begin_;
        end_ = request_.offset;
        while (*end_ < text.size() && text[*end_] != '\n' && text[*end_] != '\r' &&
               ends.find(text[*end_]) == std::string_view::npos)
            ++*end_;
        while (*end_ > request_.offset && text[*end_ - 1] == ' ') --*end_;
        for (const program::Requirement& requirement : request_.known->requirements)
            add(requirement.name, Icon::value, {requirement.require, requirement.because});
    }
    // What a parameter, an attribute or a state may be, where its type says so; the same of entries of a list.
    void typed_value() {
        std::size_t at = cursor_.way.size();
        while (at > 0 && cursor_.way[at - 1].name == "-") --at;
        if (!model_ || at == 0) return;
        const std::optional<program::Type> type = type_of(at - 1);
        if (!type) return;
        const program::Type& one = type->element ? *type->element : *type;
        const bool is_enumeration = one.category == program::Type::Category::enumeration;
        for (const std::string& name : resolve::names_of_values(*model_, one))
            add(name, is_enumeration ? Icon::member : Icon::value, {is_enumeration ? "" : program::to_text(one)});
    }
    // The type of the value that the key at that level of the way takes.
    [[nodiscard]] std::optional<program::Type> type_of(std::size_t level) const {
        const std::string& name = cursor_.way[level].name;
        if (slot_.value->name == "default") return written_type(*model_, cursor_.sibling(level, "type"));
        const std::string in = level > 0 ? cursor_.way[level - 1].name : "";
        if (in == "with") {
            const Callee callee = callee_named(*model_, cursor_.sibling(level - 1, "do"));
            if (!callee) return std::nullopt;
            for (const resolve::Parameter& parameter : callee.parameters())
                if (parameter.name == name) return parameter.type;
        } else if (const Kind* const kind = kind_around()) {
            const resolve::Attribute* const found = in == "state" ? kind->state_attribute(name) : kind->attribute(name);
            if (found) return found->type;
        }
        return std::nullopt;
    }
    // Documents of the kind that the key wants; where it wants a file of any other kind, those that are no document.
    void paths(const Key& key) {
        const std::string want = key.name == "uses"       ? "module"
                                 : key.name == "policies" ? "policy"
                                 : key.name == "farm"     ? "farm"
                                                          : "";
        if (want == "module" || want == "policy")
            for (const std::string& name : resolve::library_names()) {
                const bool is_policy = name.find('/') != std::string::npos;
                if (is_policy == (want == "policy")) add(name, Icon::module, {"of the standard library"});
            }
        for (const ProjectFile& file : project_files(request_.root))
            if ((want.empty() ? file.first_key.empty() : file.first_key == want) && file.path != request_.path)
                add(base::path_from(request_.path, file.path), Icon::file);
    }

    // ---- expressions ----

    // Behind a dot only members are right, so that what was gathered before is dropped. The edit begins at the name and
    // not at the whole chain.
    void expression(std::string_view before) {
        if (!model_) return;
        const std::string_view chain = narrow_to_name(before);
        if (const std::size_t dot = chain.rfind('.'); dot != std::string_view::npos) {
            labels_.clear();
            items_.clear();
            return members(chain.substr(0, dot));
        }
        compared(before.substr(0, before.size() - chain.size()));
        for (const NameAt& name : names_at(*model_, request_.lines, slot_)) add(name.name, Icon::variable, {name.type});
        for (const std::string& function : resolve::function_names()) add(function, Icon::function, {"function"});
        for (const resolve::Predicate& predicate : model_->predicates)
            add(predicate.name, Icon::function, {"predicate"});
        for (const char* const word : {"in", "where", "and", "or", "not", "true", "false", "none", "steps", "farm"})
            add(word, Icon::keyword);
        if (!model_->farm.secrets.empty()) add("secret", Icon::keyword);
        for (const resolve::Object& object : model_->farm.objects)
            add(object.name, Icon::value, {model_->kinds[object.kind.index()].name});
    }
    // The chain of names up to the cursor; what is offered replaces the one name in it at which the cursor is.
    std::string_view narrow_to_name(std::string_view before) {
        std::size_t begin = before.size();
        while (begin > 0 && is_chain(before[begin - 1])) --begin;
        const std::string_view chain = before.substr(begin);
        const std::size_t dot = chain.rfind('.');
        const std::size_t length = dot == std::string_view::npos ? chain.size() : chain.size() - dot - 1;
        begin_ = request_.offset - static_cast<std::uint32_t>(length);
        const std::string_view text = request_.lines.text();
        end_ = request_.offset;
        while (*end_ < text.size() && is_chain(text[*end_]) && text[*end_] != '.') ++*end_;
        return chain;
    }
    // What the left side of a comparison may be, where its type says so.
    void compared(std::string_view before) {
        const auto trim = [&] { before = before.substr(0, before.find_last_not_of(' ') + 1); };
        trim();
        if (!before.ends_with("==") && !before.ends_with("!=")) return;
        before.remove_suffix(2);
        trim();
        std::size_t begin = before.size();
        while (begin > 0 && is_chain(before[begin - 1])) --begin;
        const auto type = type_of_chain(before.substr(begin));
        if (!type || type->category != program::Type::Category::enumeration) return;
        for (const std::string& name : resolve::names_of_values(*model_, *type)) add(name, Icon::member);
    }
    // Of `method`, or of `s.stream`.
    [[nodiscard]] std::optional<program::Type> type_of_chain(std::string_view chain) const {
        const std::size_t dot = chain.find('.');
        if (dot == std::string_view::npos) {
            const Callee callee = around(*model_, request_.lines, cursor_);
            for (const resolve::Parameter& parameter : callee ? callee.parameters() : model_->parameters)
                if (parameter.name == chain) return parameter.type;
            return std::nullopt;
        }
        const Kind* const kind = kind_of_name(chain.substr(0, dot));
        if (!kind) return std::nullopt;
        const std::string name(chain.substr(dot + 1));
        const resolve::Attribute* const found =
            kind->attribute(name) ? kind->attribute(name) : kind->state_attribute(name);
        return found ? std::optional(found->type) : std::nullopt;
    }
    // The kind whose attributes a name has: a variable hides an object.
    [[nodiscard]] const Kind* kind_of_name(std::string_view head) const {
        for (const NameAt& name : names_at(*model_, request_.lines, slot_)) {
            if (name.name != head) continue;
            if (name.of == NameAt::Of::list) return kind_of_plural(*model_, head);
            if (name.kind) return name.kind;
        }
        if (head == "before") return kind_on(*model_, cursor_);
        for (const resolve::Object& object : model_->farm.objects)
            if (object.name == head) return &model_->kinds[object.kind.index()];
        return nullptr;
    }
    static bool is_chain(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
               c == '.';
    }
    // The innermost name of that spelling counts, as in the language: a variable hides an object.
    void members(std::string_view head) {
        if (head == "farm") return add("name", Icon::field, {"string"});
        if (head == "secret")
            for (const auto& [name, words] : model_->farm.secrets) add(name, Icon::field, {"secret"});
        if (head == "steps" || head.starts_with("steps.")) return steps(head);
        const Kind* const kind = kind_of_name(head);
        if (!kind) return;
        if (head == "before") return attributes(kind->state, Icon::field, "");
        add("name", Icon::field, {"string"});
        attributes(kind->attributes, Icon::field, "");
        attributes(kind->state, Icon::field, "");
    }
    // Offers the names of the siblings around, or what one of them puts out.
    void steps(std::string_view head) {
        for (std::size_t i = cursor_.way.size(); i-- > 0;) {
            const bool is_step = cursor_.way[i].name == "-" && i > 0 &&
                                 (cursor_.way[i - 1].name == "steps" || cursor_.way[i - 1].name == "parallel" ||
                                  cursor_.way[i - 1].name == "recover");
            if (!is_step || head != "steps") continue;
            for (const std::string& id : ids_beside(request_.lines, cursor_, i)) add(id, Icon::variable, {"step"});
        }
        if (head != "steps") outputs(model_->block, head.substr(6));
    }
    // In every block, since the text around the cursor may not be read yet; a step of that name elsewhere is offered
    // too.
    void outputs(const resolve::Block& block, std::string_view id) {
        for (const resolve::Step& step : block.steps) {
            if (step.id == id && step.action)
                for (const auto& [name, type] : model_->actions[step.action.index()].compiled.output_types)
                    add(name, Icon::field, {program::to_text(type)});
            outputs(step.block, id);
        }
    }

    const CompletionRequest& request_;
    Slot slot_;
    const Cursor& cursor_;
    const Model* model_ = nullptr;
    std::optional<std::uint32_t> begin_;  // of what is replaced, where it is not the word at the cursor
    std::optional<std::uint32_t> end_;
    std::set<std::string> labels_;
    Json items_ = Json::array();
    bool is_cut_ = false;
};

}  // namespace

std::string completion_json(const CompletionRequest& request) { return Completion(request).json(); }

}  // namespace pvsplan::lsp

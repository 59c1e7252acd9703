#include "compiler/resolve/farm.hpp"

#include <algorithm>
#include <set>
#include <span>
#include <unordered_set>

#include "compiler/base/lists.hpp"
#include "compiler/base/near.hpp"
#include "compiler/base/store_name.hpp"
#include "compiler/resolve/codes.hpp"
#include "compiler/resolve/connect.hpp"
#include "compiler/resolve/csv.hpp"
#include "compiler/resolve/identity.hpp"
#include "grammar/shapes.hpp"

namespace pvsplan::resolve {
namespace {

// A name as a message can show it.
std::string on_one_line(std::string_view name) {
    std::string text;
    for (const char c : name) {
        if (c == '\n')
            text += "\\n";
        else if (c == '\t')
            text += "\\t";
        else
            text += c;
    }
    return text;
}

// Reads objects in two passes: their names, then their values, which may name any of them.
class FarmReader {
  public:
    FarmReader(Model& model, Expressions& expressions, diag::Sink& sink)
        : model_(model), expressions_(expressions), sink_(sink), connects_(model, expressions, sink) {}

    // Names first, so that attributes may name any object of the farm.
    void add_names(KindId kind, const std::vector<syntax::FarmObject>& objects) {
        Kind& its = model_.kinds[kind.index()];
        const std::size_t values = its.attributes.size() + its.state.size();
        its.objects.reserve(its.objects.size() + objects.size());
        model_.farm.objects.reserve(model_.farm.objects.size() + objects.size());
        model_.farm.values.reserve(model_.farm.values.size() + objects.size() * values);
        for (const syntax::FarmObject& text : objects) {
            // Names stand in paths (`rest[n1].stop`), in logs and on the command line.
            const auto is_odd = [](unsigned char c) { return c < 0x20 || c == 0x7f || c == '[' || c == ']'; };
            if (std::any_of(text.name.value.begin(), text.name.value.end(), is_odd))
                sink_.report(bad_literal, text.name.span, diag::Name(on_one_line(text.name.value)),
                             diag::Words("the name of an object: it has brackets or control characters"));
            const ObjectId id(model_.farm.objects.size());
            its.objects.push_back(id);
            model_.farm.objects.push_back({.name = text.name.value,
                                           .kind = kind,
                                           .values = static_cast<std::uint32_t>(model_.farm.values.size()),
                                           .span = text.name.span});
            model_.farm.values.resize(model_.farm.values.size() + values);
        }
    }

    // Runs after all objects have their names.
    void order_names(Kind& kind) {
        const auto name_of = [&](ObjectId id) -> const std::string& { return model_.farm.objects[id.index()].name; };
        kind.by_name = kind.objects;
        std::stable_sort(kind.by_name.begin(), kind.by_name.end(),
                         [&](ObjectId a, ObjectId b) { return name_of(a) < name_of(b); });
        // The sort is stable, so that the first of equal names is the one that stands first in the farm.
        for (std::size_t i = 1, first = 0; i < kind.by_name.size(); ++i) {
            if (name_of(kind.by_name[i]) != name_of(kind.by_name[first])) {
                first = i;
                continue;
            }
            const Object& twin = model_.farm.objects[kind.by_name[i].index()];
            sink_.report(object_twice, twin.span, diag::Words(kind.plural), diag::Name(twin.name))
                .related(model_.farm.objects[kind.by_name[first].index()].span, "the other one");
        }
    }

    // Defaults are read once and copied to each object, so that one wrong default is one finding. An attribute is
    // missing only if the object has no other fault: a misspelt one is often the one that is missing. Objects that say
    // nothing of their connection share one entry.
    void read(KindId kind_id, const std::vector<syntax::FarmObject>& objects, const syntax::FarmDefaults* defaults,
              std::size_t first_object) {
        const Kind& kind = model_.kinds[kind_id.index()];
        std::vector<Value> attributes = defaults_of(kind.attributes);
        std::vector<Value> state = defaults_of(kind.state);
        static const Connects::Said nothing;
        const Connects::Said& usual = defaults ? defaults->connect : nothing;
        if (defaults) {
            assign(kind, kind.attributes, defaults->attributes, attributes, "attribute");
            assign(kind, kind.state, defaults->state, state, "state");
            connects_.check_defaults(usual);
        }
        std::optional<std::uint32_t> shared;
        for (std::size_t i = 0; i < objects.size(); ++i) {
            const syntax::FarmObject& text = objects[i];
            Object& object = model_.farm.objects[first_object + i];
            const std::span<Value> own_attributes = model_.attributes_of(object);
            const std::span<Value> own_state = model_.state_of(object);
            std::copy(attributes.begin(), attributes.end(), own_attributes.begin());
            std::copy(state.begin(), state.end(), own_state.begin());
            const std::size_t errors = sink_.error_count();
            assign(kind, kind.attributes, text.attributes, own_attributes, "attribute");
            assign(kind, kind.state, text.state, own_state, "state");
            if (errors == sink_.error_count())
                for (std::size_t a = 0; a < kind.attributes.size(); ++a)
                    if (kind.attributes[a].is_required && own_attributes[a].is_none())
                        sink_
                            .report(missing_attribute, text.name.span, diag::Owner(text.name.value),
                                    diag::Name(kind.attributes[a].name))
                            .related(kind.attributes[a].span, "every " + kind.name + " has one");
            if (text.connect.empty()) {
                if (!shared) shared = connects_.add(usual, {}, "the " + kind.plural + " that say nothing else");
                object.connect = *shared;
            } else {
                object.connect = connects_.add(usual, text.connect, "`" + text.name.value + "`");
            }
            check_address(kind, object, text);
        }
    }

    void report_connects() { connects_.report(); }

  private:
    // None where the kind has no default.
    static std::vector<Value> defaults_of(const std::vector<Attribute>& attributes) {
        std::vector<Value> values;
        for (const Attribute& a : attributes) values.push_back(a.default_value ? *a.default_value : Value());
        return values;
    }

    // A value that cannot be read leaves what was there, and is reported.
    void assign(const Kind& kind, const std::vector<Attribute>& attributes,
                const std::vector<syntax::NamedValue>& given, std::span<Value> values, std::string_view what) {
        for (const syntax::NamedValue& one : given) {
            const auto found = std::find_if(attributes.begin(), attributes.end(),
                                            [&](const Attribute& a) { return a.name == one.name.value; });
            if (found == attributes.end()) {
                unknown(kind, one, what);
                continue;
            }
            note_attribute(one.name, *found);
            if (auto value = expressions_.constant(one.value, found->type))
                values[static_cast<std::size_t>(found - attributes.begin())] = shared(std::move(*value));
        }
    }

    // The column of an inventory is named once, whatever objects there are; state has `state.` before it.
    void note_attribute(const syntax::Text& name, const Attribute& attribute) {
        if (!model_.uses) return;
        if (name.span == last_noted_ || !columns_.insert({name.span.file, name.span.begin}).second) return;
        last_noted_ = name.span;
        base::Span place = name.span;
        static constexpr std::string_view before = "state.";
        if (place.size() == name.value.size() + before.size()) place.begin += std::uint32_t(before.size());
        model_.note_use(Use::Of::attribute, name.value, place, attribute.span);
    }

    // A transport to a host takes this value for its address, so it has to be one.
    void check_address(const Kind& kind, const Object& object, const syntax::FarmObject& text) {
        const Connect& connect = model_.farm.connects[object.connect];
        const grammar::ConnectKey* key = connect.transport ? connect.transport->key("address") : nullptr;
        if (!key || key->form != grammar::ConnectKey::Form::host || connect.values.contains("address")) return;
        const std::string* address = nullptr;
        if (const auto index = kind.attribute_index("address"))
            address = model_.attributes_of(object)[*index].as_string();
        if (address && address->empty()) address = nullptr;  // as where there is none
        const std::string& host = address ? *address : object.name;
        if (grammar::is_host(host)) return;
        base::Span place = text.name.span;
        for (const syntax::NamedValue& one : text.attributes)
            if (one.name.value == "address") place = one.value.span;
        sink_
            .report(bad_connect_value, place, diag::Name(address ? "address" : "name"), diag::Given(host),
                    diag::Words(grammar::words_for(*key)))
            .hint(address ? "it is what `" + std::string(connect.transport->name) + "` goes to"
                          : "without an `address` the name is what `" + std::string(connect.transport->name) +
                                "` goes to: add one");
    }

    // Objects of a farm are much alike: equal values are shared, as long as there are few distinct ones.
    Value shared(Value value) {
        static constexpr std::size_t max_shared = 1'000;
        if (const auto equal = shared_.find(value); equal != shared_.end()) return *equal;
        if (shared_.size() < max_shared) shared_.insert(value);
        return value;
    }

    // The likeliest slip first: a state among attributes, an attribute among states, then a misspelt name.
    void unknown(const Kind& kind, const syntax::NamedValue& one, std::string_view what) {
        if (!unknown_.insert({one.name.span.file, one.name.span.begin}).second) return;  // a column, of a row before
        std::vector<std::string> names;
        for (const auto* list : {&kind.attributes, &kind.state})
            for (const Attribute& a : *list) names.push_back(a.name);
        auto reported =
            sink_.report(unknown_attribute, one.name.span, diag::Words(kind.plural), diag::Name(one.name.value));
        if (what == "attribute" && kind.state_attribute(one.name.value))
            reported.hint("it is state, which steps change: write `state: {" + one.name.value +
                          ": …}`, or as a column `state." + one.name.value + "`");
        else if (what == "state" && kind.attribute(one.name.value))
            reported.hint("it is a fixed attribute: write it beside `name`, not in `state`");
        else if (const auto near = base::nearest(one.name.value, names); !near)
            reported.hint("there are " + known_names(kind) + ": take out what is none of them");
        else
            reported.did_you_mean(near);
    }

    // "`address`, `site`, and as state `version`"
    static std::string known_names(const Kind& kind) {
        const auto listed = [](const std::vector<Attribute>& attributes, const std::string& first) {
            std::string text = first;
            for (const Attribute& one : attributes) base::append(text, ", ", "`" + one.name + "`");
            return text;
        };
        std::string text = listed(kind.attributes, "`name`");
        if (!kind.state.empty()) text += ", and as state " + listed(kind.state, "");
        return text;
    }

    Model& model_;
    Expressions& expressions_;
    diag::Sink& sink_;
    Connects connects_;
    std::unordered_set<Value, Value::Hash> shared_;
    std::set<std::pair<base::FileId, std::uint32_t>> columns_;
    std::set<std::pair<base::FileId, std::uint32_t>> unknown_;  // likewise, of those that are none
    base::Span last_noted_;
};

// A key of the farm's document is suggested too: `"deflaults"` is no plural of a kind.
KindId kind_of_plural(Model& model, const syntax::Text& plural, diag::Sink& sink) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < model.kinds.size(); ++i)
        if (model.kinds[i].plural == plural.value) {
            model.note_use(Use::Of::kind, plural.value, plural.span, model.kinds[i].plural_span);
            return KindId(i);
        }
    for (std::size_t i = 0; i < model.kinds.size(); ++i) {
        if (model.kinds[i].plural.empty()) return {};  // it may be this one; reported where it is missing
        names.push_back(model.kinds[i].plural);
    }
    const bool uses_nothing = names.empty();
    for (std::string& key : grammar::shape("farm").key_names()) names.push_back(std::move(key));
    auto reported =
        sink.report(unknown_plural, plural.span, plural.value).did_you_mean(base::nearest(plural.value, names));
    if (uses_nothing) reported.hint("the farm uses no module: add `uses: [MODULE]`");
    return {};
}

// The plural of a kind that holds no objects.
void report_no_list(const syntax::FarmList& list, diag::Sink& sink) {
    static constexpr std::string_view wanted = "a list of objects or `{csv: FILE}`";
    const std::string what = "`" + list.plural.value + "`";
    if (list.is_instead == "empty")
        sink.report(syntax::codes::no_value, list.value_span, what)
            .hint("write " + std::string(wanted) + ", or leave the key out");
    else
        sink.report(syntax::codes::wrong_form, list.value_span, diag::Topic(what), diag::Found(list.is_instead),
                    diag::Expected(wanted))
            .hint(list.is_instead == "a text" ? "from a file beside the farm: `{csv: FILE}`"
                                              : "each object is an entry: `- {name: …}`");
}

// An object without `connect` is simulated. That must not happen by oversight: where another object is on a host, or
// the farm is protected, each object says how it is reached.
void check_all_said(const Documents& documents, const Model& model, diag::Sink& sink) {
    const Object* real = nullptr;
    for (const Object& object : model.farm.objects)
        if (!model.farm.connects[object.connect].is_simulated()) real = real ? real : &object;
    if (!real && !model.farm.is_protected) return;
    for (const Kind& kind : model.kinds) {
        std::vector<const Object*> silent;
        for (const ObjectId id : kind.objects)
            if (model.farm.objects[id.index()].connect == 0) silent.push_back(&model.farm.objects[id.index()]);
        if (silent.empty()) continue;
        static constexpr std::size_t max_named = 3;
        auto reported =
            sink.report(not_said, silent.front()->span,
                        base::some_quoted(silent, max_named, &Object::name) + (silent.size() == 1 ? " is" : " are"));
        if (real)
            reported.label("it would be simulated").related(real->span, "this one is on a host");
        else
            reported.label("it would be simulated, in a farm of production")
                .related(documents.farm->name.span, "the farm is `protected`");
        reported.hint("simulated or not, it is said: `defaults: {" + kind.name + ": {connect: {over: simulated}}}`");
    }
}

// Two stores let two runs have one farm, so a protected farm has to name its store.
std::string store_of(const syntax::FarmDocument& farm, Model& model, diag::Sink& sink) {
    if (!farm.store) {
        if (farm.is_protected)
            sink.report(protected_without_store, farm.protected_span)
                .hint(
                    "say `store: here` if every plan on this farm lies in this project, and nobody has another copy "
                    "of it; else name one file for all of them: `store: /srv/pvsplan/" +
                    farm.name.value + ".db`");
        return "";
    }
    if (farm.store->value == base::store_here) return farm.store->value;
    if (const base::Result<base::StoreName> name = base::store_name(farm.store->value); !name) {
        if (base::shown_store(farm.store->value) != farm.store->value)
            model.literal_secrets.push_back(farm.store->span);  // a password that was put into it
        sink.report(no_store, farm.store->span, name.error().text());
    }
    return farm.store->value;
}

}  // namespace

namespace {

// As shells take them.
bool is_variable(std::string_view name) {
    const auto is_word = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    };
    return !name.empty() && !(name[0] >= '0' && name[0] <= '9') && std::all_of(name.begin(), name.end(), is_word);
}

// `$NAME`, `${NAME}`, `%NAME%`: how shells ask for it.
std::string without_signs(std::string name) {
    std::erase_if(name, [](char c) { return std::string_view("${}%").find(c) != std::string_view::npos; });
    return is_variable(name) ? name : "NAME";
}

// A text that is no source may be the secret itself, so the finding does not quote it.
void check_source(const syntax::SecretSource& secret, Model& model, diag::Sink& sink) {
    if (secret.from.value.empty()) return;  // reported where it was read
    const bool is_empty = secret.what.empty() || secret.what[0].value.empty();
    const base::Span place = secret.what.empty() ? secret.from.span : secret.what[0].span;
    const std::string of = "`" + secret.from.value + "` of the secret `" + secret.name.value + "` ";
    if (is_empty) {
        sink.report(bad_secret_source, place, of + "is empty");
    } else if (secret.from.value == "env" && !is_variable(secret.what[0].value)) {
        model.literal_secrets.push_back(place);
        sink.report(bad_secret_source, place, of + "is not the name of a variable")
            .hint("the name alone, without signs around it: `{env: " + without_signs(secret.what[0].value) + "}`");
    } else if (secret.from.value == "command" && secret.what.size() == 1 &&
               secret.what[0].value.find(' ') < secret.what[0].value.find_first_of("/\\")) {
        sink.report(bad_secret_source, place, of + "is one word with blanks in it")
            .hint("a command is a list, without a shell: `{command: [PROGRAM, ARGUMENT]}`");
    }
}

}  // namespace

// `is_known` says that far only that the secrets are: it is set for good once the objects are read.
void define_secrets(const Documents& documents, Model& model, diag::Sink& sink) {
    if (!documents.farm) return;
    model.farm.is_known = true;
    model.literal_secrets = documents.farm->literal_secrets;
    for (const syntax::SecretSource& secret : documents.farm->secrets) {
        check_source(secret, model, sink);
        model.farm.secret_spans.emplace(secret.name.value, secret.name.span);
        std::vector<std::string>& source = model.farm.secrets[secret.name.value];
        source = {secret.from.value};
        for (const syntax::Text& word : secret.what) source.push_back(word.value);
    }
}

// In two rounds over the lists: all names, then all values, which may name objects of any list. Objects of one list
// have ids in a row, from `first_object`, so that texts and objects are matched by position.
void define_farm(const Inputs& inputs, Documents& documents, Model& model, Expressions& expressions, diag::Sink& sink) {
    if (!documents.farm) return;
    const syntax::FarmDocument& farm = *documents.farm;
    model.farm.name = farm.name.value;
    model.farm.is_protected = farm.is_protected;
    model.farm.store = store_of(farm, model, sink);
    model.farm.span = farm.name.span;
    std::map<std::string, const syntax::FarmDefaults*> defaults;
    for (const syntax::FarmDefaults& one : farm.defaults)
        if (expressions.kind(one.kind)) defaults[one.kind.value] = &one;

    struct List {
        KindId kind;
        const std::vector<syntax::FarmObject>* objects;
        std::size_t first_object;
    };
    std::vector<List> lists;
    // A deque, since `lists` points into it while it grows.
    std::deque<std::vector<syntax::FarmObject>> from_files;
    FarmReader reader(model, expressions, sink);
    for (const syntax::FarmList& list : farm.lists) {
        const KindId kind = kind_of_plural(model, list.plural, sink);
        if (!kind) continue;
        if (!list.is_instead.empty()) {
            report_no_list(list, sink);
            continue;
        }
        const std::vector<syntax::FarmObject>* objects = &list.objects;
        if (list.csv) {
            const auto file = load_text(inputs, *list.csv, documents, sink);
            if (!file) continue;
            objects = &from_files.emplace_back(read_csv(inputs.sources, *file, model.literal_secrets, sink));
        }
        lists.push_back({kind, objects, model.farm.objects.size()});
        reader.add_names(kind, *objects);
    }
    for (Kind& kind : model.kinds) reader.order_names(kind);
    for (const List& list : lists) {
        const auto its = defaults.find(model.kinds[list.kind.index()].name);
        reader.read(list.kind, *list.objects, its == defaults.end() ? nullptr : its->second, list.first_object);
    }
    reader.report_connects();
    std::vector<Listed> listed;
    for (const List& list : lists) listed.push_back({ObjectId(list.first_object), list.objects});
    check_identities(model, listed, sink);
    check_all_said(documents, model, sink);
    for (Kind& kind : model.kinds) {
        Value::List all;
        all.reserve(kind.objects.size());
        for (const ObjectId id : kind.objects) all.push_back(Value::object(id));
        kind.all = Value::list(std::move(all));
    }
}

}  // namespace pvsplan::resolve

#include "compiler/resolve/farm.hpp"

#include <algorithm>
#include <span>
#include <unordered_set>

#include "compiler/base/near.hpp"
#include "compiler/resolve/codes.hpp"
#include "compiler/resolve/csv.hpp"

namespace pvsplan::resolve {
namespace {

class Reader {
  public:
    Reader(Model& model, Expressions& expressions, diag::Sink& sink)
        : model_(model), expressions_(expressions), sink_(sink) {}

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
                sink_.report(bad_literal, text.name.span, text.name.value,
                             "the name of an object: it has brackets or control characters");
            const ObjectId id(model_.farm.objects.size());
            its.objects.push_back(id);
            model_.farm.objects.push_back({.name = text.name.value,
                                           .kind = kind,
                                           .values = static_cast<std::uint32_t>(model_.farm.values.size()),
                                           .span = text.name.span});
            model_.farm.values.resize(model_.farm.values.size() + values);
        }
    }

    // When all have their names.
    void order_names(Kind& kind) {
        const auto name_of = [&](ObjectId id) -> const std::string& { return model_.farm.objects[id.index()].name; };
        kind.by_name = kind.objects;
        std::stable_sort(kind.by_name.begin(), kind.by_name.end(),
                         [&](ObjectId a, ObjectId b) { return name_of(a) < name_of(b); });
        for (std::size_t i = 1, first = 0; i < kind.by_name.size(); ++i) {
            if (name_of(kind.by_name[i]) != name_of(kind.by_name[first])) {
                first = i;
                continue;
            }
            const Object& twin = model_.farm.objects[kind.by_name[i].index()];
            sink_.report(object_twice, twin.span, kind.plural, twin.name)
                .related(model_.farm.objects[kind.by_name[first].index()].span, "the other one");
        }
    }

    void read(KindId kind_id, const std::vector<syntax::FarmObject>& objects, const syntax::FarmDefaults* defaults,
              std::size_t first_object) {
        const Kind& kind = model_.kinds[kind_id.index()];
        std::vector<Value> attributes = defaults_of(kind.attributes);
        std::vector<Value> state = defaults_of(kind.state);
        std::map<std::string, Value> connect;
        if (defaults) {
            assign(kind, kind.attributes, defaults->attributes, attributes, "attribute");
            assign(kind, kind.state, defaults->state, state, "state");
            assign_connect(defaults->connect, connect);
        }
        const std::uint32_t shared = connect.empty() ? 0 : keep(connect);
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
                        sink_.report(missing_attribute, text.name.span, text.name.value, kind.attributes[a].name)
                            .related(kind.attributes[a].span, "every " + kind.name + " has one");
            object.connect = shared;
            if (!text.connect.empty()) {
                std::map<std::string, Value> own = connect;
                assign_connect(text.connect, own);
                object.connect = keep(own);
            }
        }
    }

  private:
    static std::vector<Value> defaults_of(const std::vector<Attribute>& attributes) {
        std::vector<Value> values;
        for (const Attribute& a : attributes) values.push_back(a.default_value ? *a.default_value : Value());
        return values;
    }

    void assign(const Kind& kind, const std::vector<Attribute>& attributes,
                const std::vector<syntax::NamedValue>& given, std::span<Value> values, std::string_view what) {
        for (const syntax::NamedValue& one : given) {
            const auto found = std::find_if(attributes.begin(), attributes.end(),
                                            [&](const Attribute& a) { return a.name == one.name.value; });
            if (found == attributes.end()) {
                unknown(kind, one, what);
                continue;
            }
            if (auto value = expressions_.constant(one.value, found->type))
                values[static_cast<std::size_t>(found - attributes.begin())] = shared(std::move(*value));
        }
    }

    // Objects of a farm are much alike: equal values are kept once, as long as there are few of them.
    Value shared(Value value) {
        static constexpr std::size_t most_kept = 1'000;
        if (const auto kept = kept_.find(value); kept != kept_.end()) return *kept;
        if (kept_.size() < most_kept) kept_.insert(value);
        return value;
    }

    void unknown(const Kind& kind, const syntax::NamedValue& one, std::string_view what) {
        std::vector<std::string> names;
        for (const auto* list : {&kind.attributes, &kind.state})
            for (const Attribute& a : *list) names.push_back(a.name);
        auto reported = sink_.report(unknown_attribute, one.name.span, kind.plural, one.name.value);
        if (what == "attribute" && kind.state_attribute(one.name.value))
            reported.hint("it is state, which steps change: write `state: {" + one.name.value +
                          ": …}`, or as a column `state." + one.name.value + "`");
        else if (what == "state" && kind.attribute(one.name.value))
            reported.hint("it is a fixed attribute: write it beside `name`, not in `state`");
        else
            reported.did_you_mean(base::nearest(one.name.value, names));
    }

    void assign_connect(const std::vector<syntax::NamedValue>& given, std::map<std::string, Value>& connect) {
        static const std::vector<std::string> transports = {"simulated", "local", "ssh", "winrm", "odbc", "manual"};
        for (const syntax::NamedValue& one : given) {
            const bool is_secret = one.value.scalar && one.value.scalar->is_expression();
            auto value = expressions_.constant(one.value, Type::of(is_secret ? Type::Is::secret : Type::Is::string));
            if (!value) continue;
            if (one.name.value == "password" && !is_secret) {
                sink_.report(secret_flows, one.value.span)
                    .label("a password in a file")
                    .hint("write `password: \"${secret.NAME}\"`");
                continue;
            }
            if (one.name.value == "over") {
                const std::string& over = *value->as_string();
                if (std::find(transports.begin(), transports.end(), over) == transports.end())
                    sink_.report(unknown_transport, one.value.span, over).did_you_mean(base::nearest(over, transports));
            }
            connect[one.name.value] = std::move(*value);
        }
    }

    std::uint32_t keep(const std::map<std::string, Value>& connect) {
        model_.farm.connects.push_back(connect);
        return static_cast<std::uint32_t>(model_.farm.connects.size() - 1);
    }

    struct Hash {
        std::size_t operator()(const Value& value) const { return value.hash(); }
    };

    Model& model_;
    Expressions& expressions_;
    diag::Sink& sink_;
    std::unordered_set<Value, Hash> kept_;
};

KindId kind_of_plural(const Model& model, const syntax::Text& plural, diag::Sink& sink) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < model.kinds.size(); ++i) {
        if (model.kinds[i].plural == plural.value) return KindId(i);
        names.push_back(model.kinds[i].plural);
    }
    auto reported =
        sink.report(unknown_plural, plural.span, plural.value).did_you_mean(base::nearest(plural.value, names));
    if (names.empty()) reported.hint("the farm uses no module: add `uses: [MODULE]`");
    return {};
}

}  // namespace

void define_farm(const base::Files& files, Documents& documents, Model& model, Expressions& expressions,
                 base::SourceMap& sources, diag::Sink& sink) {
    if (!documents.farm) return;
    const syntax::FarmDocument& farm = *documents.farm;
    model.farm.name = farm.name.value;
    model.farm.is_protected = farm.is_protected;
    model.farm.span = farm.name.span;
    for (const syntax::SecretSource& secret : farm.secrets) {
        std::vector<std::string>& source = model.farm.secrets[secret.name.value];
        source = {secret.from.value};
        for (const syntax::Text& word : secret.what) source.push_back(word.value);
    }
    std::map<std::string, const syntax::FarmDefaults*> defaults;
    for (const syntax::FarmDefaults& one : farm.defaults)
        if (expressions.kind(one.kind)) defaults[one.kind.value] = &one;

    struct List {
        KindId kind;
        const std::vector<syntax::FarmObject>* objects;
        std::size_t first_object;
    };
    std::vector<List> lists;
    std::deque<std::vector<syntax::FarmObject>> from_files;
    Reader reader(model, expressions, sink);
    for (const syntax::FarmList& list : farm.lists) {
        const KindId kind = kind_of_plural(model, list.plural, sink);
        if (!kind) continue;
        const std::vector<syntax::FarmObject>* objects = &list.objects;
        if (list.csv) {
            const auto file = load_text(files, *list.csv, sources, documents.inputs, sink);
            if (!file) continue;
            objects = &from_files.emplace_back(read_csv(sources, *file, sink));
        }
        lists.push_back({kind, objects, model.farm.objects.size()});
        reader.add_names(kind, *objects);
    }
    for (Kind& kind : model.kinds) reader.order_names(kind);
    for (const List& list : lists) {
        const auto its = defaults.find(model.kinds[list.kind.index()].name);
        reader.read(list.kind, *list.objects, its == defaults.end() ? nullptr : its->second, list.first_object);
    }
    for (Kind& kind : model.kinds) {
        Value::List all;
        all.reserve(kind.objects.size());
        for (const ObjectId id : kind.objects) all.push_back(Value::object(id));
        kind.all = Value::list(std::move(all));
    }
}

}  // namespace pvsplan::resolve

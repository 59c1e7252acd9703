#include "compiler/resolve/identity.hpp"

#include <map>
#include <optional>
#include <string>
#include <unordered_map>

#include "compiler/base/folded.hpp"
#include "compiler/base/lists.hpp"
#include "compiler/program/expr.hpp"
#include "compiler/resolve/codes.hpp"

namespace pvsplan::resolve {
namespace {

// One identity of an object.
struct Thing {
    std::string key;   // for comparing
    std::string text;  // as it is written
    std::string what;  // "`address`"
    base::Span span;
};

std::string key_of(std::string_view text) {
    std::string key = base::folded(text);
    while (key.ends_with('.')) key.pop_back();  // the root of the domain names, which nobody writes
    return key;
}

class Checker {
  public:
    Checker(const Model& model, diag::Sink& sink) : model_(model), sink_(sink) {}

    // In one pass over all objects, with a table of the keys seen.
    void check(const std::vector<Listed>& lists) {
        for (const Listed& list : lists)
            for (std::size_t i = 0; i < list.texts->size(); ++i)
                check(model_.farm.objects[list.first.index() + i], (*list.texts)[i]);
        report();
    }

  private:
    // The first object with a key and the second; of further ones only how many there are.
    struct Twin {
        Thing first;
        Thing second;
        std::size_t count = 1;
        const Object* one = nullptr;
        const Object* other = nullptr;
    };

    // One fault is told once: an object that is the same thing as another is told neither its nearly equal name nor the
    // hidden signs of its values, which are mostly why.
    void check(const Object& object, const syntax::FarmObject& text) {
        if (base::has_hidden(object.name))
            sink_.report(hidden_in_name, object.span, base::folded(object.name))
                .label(base::hidden_in(object.name))
                .hint("blanks at the ends, blanks that do not break and signs without width look like nothing");
        const bool is_one = check_thing(object, text);
        if (!is_one)
            for (const syntax::NamedValue& one : text.attributes) check_value(object, one);
        const Thing name{key_of(object.name), object.name, "`name`", object.span};
        Twin& twin = names_[name_key(object, name.key)];
        if (!twin.one) {
            twin = {.first = name, .one = &object};
        } else if (twin.first.text != object.name && !is_one && twin.count++ == 1) {
            twin.second = name;
            twin.other = &object;
            alike_.push_back(&twin);
        }
    }

    // `per s.site` and `==` take what looks the same for two values. Told once for each attribute of a kind.
    void check_value(const Object& object, const syntax::NamedValue& one) {
        if (!one.value.scalar || !one.value.scalar->is_text() || !base::has_hidden(one.value.scalar->text())) return;
        Hidden& found = hidden_[name_key(object, one.name.value)];
        if (found.count++ == 0) found = {&object, &one, 1};
    }

    // Whether it is a thing that was there before.
    bool check_thing(const Object& object, const syntax::FarmObject& text) {
        const std::optional<Thing> thing = thing_of(object, text);
        if (!thing) return false;
        Twin& twin = things_[name_key(object, thing->key)];
        if (!twin.one) {
            twin = {.first = *thing, .one = &object};
            return false;
        }
        // Twice the same name is told as that.
        if (twin.one->name == object.name) return true;
        if (twin.count++ == 1) {
            twin.second = *thing;
            twin.other = &object;
            order_.push_back(&twin);
        }
        return true;
    }

    // Keys of two kinds never meet: a database and a service may well have one address.
    std::string name_key(const Object& object, const std::string& key) const {
        return std::to_string(object.kind.index()) + "/" + key;
    }

    // All attributes of an identity count together; where one is missing, the object has none by them, and only its
    // name can tell. Separators in the key keep `ab`, `c` apart from `a`, `bc`.
    std::optional<Thing> thing_of(const Object& object, const syntax::FarmObject& text) const {
        const Kind& kind = model_.kinds[object.kind.index()];
        const Connect& connect = model_.farm.connects[object.connect];
        Thing thing{.span = object.span};
        for (const std::string& attribute : kind.identity) {
            const std::optional<std::string> value = value_of(object, kind, connect, attribute);
            if (!value) return by_name(object, kind, connect);
            thing.key += key_of(*value) + '\x1f';
            base::append(thing.text, ", ", *value);
            thing.what += (thing.what.empty() ? "`" : " and `") + attribute + "`";
        }
        if (kind.identity.empty()) return by_name(object, kind, connect);
        for (const syntax::NamedValue& one : text.attributes)
            if (one.name.value == kind.identity.front()) thing.span = one.value.span;
        for (const syntax::NamedValue& one : text.connect)
            if (one.name.value == kind.identity.front()) thing.span = one.value.span;
        return thing;
    }

    // A transport without an address uses the name as one.
    static std::optional<Thing> by_name(const Object& object, const Kind& kind, const Connect& connect) {
        const grammar::ConnectKey* key = connect.transport ? connect.transport->key("address") : nullptr;
        if (!key || key->form != grammar::ConnectKey::Form::host || connect.values.contains("address") ||
            kind.attribute("address"))
            return std::nullopt;
        return Thing{key_of(object.name) + '\x1e', object.name, "`name`, which is where it is reached", object.span};
    }

    // The effective value: `connect` goes before the attribute of the same name.
    std::optional<std::string> value_of(const Object& object, const Kind& kind, const Connect& connect,
                                        const std::string& attribute) const {
        if (attribute == "name") return object.name;
        if (const auto said = connect.values.find(attribute); said != connect.values.end())
            if (const std::string* text = said->second.as_string()) return *text;
        const auto index = kind.attribute_index(attribute);
        const Value value = index ? model_.attributes_of(object)[*index] : Value();
        if (value.is_none() || (value.as_string() && value.as_string()->empty())) return std::nullopt;
        return value.as_string() ? *value.as_string() : program::to_text(value, Names(model_));
    }

    class Names final : public program::ObjectNames {
      public:
        explicit Names(const Model& model) : model_(&model) {}
        [[nodiscard]] std::string_view name(ObjectId id) const override {
            return model_->farm.objects[id.index()].name;
        }
        [[nodiscard]] std::string id_text(ObjectId id) const override { return model_->farm.objects[id.index()].name; }

      private:
        const Model* model_;
    };

    void report_hidden() {
        for (const auto& [key, found] : hidden_) {
            auto reported = sink_.report(hidden_in_value, found.value->value.span, diag::Name(found.value->name.value),
                                         diag::Owner(found.object->name),
                                         diag::Words(base::hidden_in(found.value->value.scalar->text())));
            reported.hint("it is another value than the one that looks like it; write it again by hand");
            if (found.count > 1) reported.hint("so it is with " + std::to_string(found.count) + " objects");
        }
    }

    // In the order of the farm, as the second of each pair stands there: the hash maps are never iterated over.
    void report() {
        report_hidden();
        for (const Twin* twin : order_) {
            const Kind& kind = model_.kinds[twin->one->kind.index()];
            auto reported = sink_
                                .report(same_thing, twin->second.span, diag::Name(twin->one->name),
                                        diag::OtherName(twin->other->name), diag::Words(kind.name))
                                .label("the same " + twin->second.what)
                                .related(twin->first.span, "as here");
            if (twin->first.text != twin->second.text)
                reported.hint("case, blanks, a final dot and the form of a letter make no other " + kind.name);
            if (twin->count > 2) reported.hint("so it is with " + std::to_string(twin->count) + " objects");
        }
        for (const Twin* twin : alike_)
            sink_
                .report(nearly_same_name, twin->second.span, diag::Name(twin->one->name),
                        diag::OtherName(twin->other->name))
                .label("is it another " + model_.kinds[twin->one->kind.index()].name + "?")
                .related(twin->first.span, "the other one");
    }

    const Model& model_;
    diag::Sink& sink_;
    std::unordered_map<std::string, Twin> things_;
    std::unordered_map<std::string, Twin> names_;
    struct Hidden {
        const Object* object = nullptr;
        const syntax::NamedValue* value = nullptr;
        std::size_t count = 0;
    };
    std::map<std::string, Hidden> hidden_;
    std::vector<const Twin*> order_;  // of things that are there twice
    std::vector<const Twin*> alike_;  // of names
};

}  // namespace

void check_identities(const Model& model, const std::vector<Listed>& lists, diag::Sink& sink) {
    Checker(model, sink).check(lists);
}

}  // namespace pvsplan::resolve

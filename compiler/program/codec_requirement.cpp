#include "compiler/program/codec_requirement.hpp"

#include "compiler/program/codec_names.hpp"

namespace pvsplan::program {
namespace {

constexpr Words<Demand::Form, 7> form_words = {{{Demand::Form::count, "count"},
                                                {Demand::Form::always, "always"},
                                                {Demand::Form::before, "before"},
                                                {Demand::Form::then, "then"},
                                                {Demand::Form::during, "while"},
                                                {Demand::Form::never, "never"},
                                                {Demand::Form::finally_, "finally"}}};
constexpr Words<Demand::Bound, 3> bound_words = {
    {{Demand::Bound::exactly, "exactly"}, {Demand::Bound::at_most, "at most"}, {Demand::Bound::at_least, "at least"}}};
constexpr Words<Demand::Quantifier, 2> quantifier_words = {
    {{Demand::Quantifier::every, "every"}, {Demand::Quantifier::some, "some"}}};

class Writer {
  public:
    Writer(std::string& out, const ObjectNames& names) : out_(out), names_(names) {}

    void requirement(const Requirement& r) {
        out_ += '{';
        string("name", r.name);
        string("require", r.require);
        string_if("because", r.because);
        string_if("verdict", r.verdict);
        string_if("waived_because", r.waived_because);
        if (r.is_waivable) name("waivable"), out_ += "true";
        if (r.demand.form != Demand::Form::error) name("demand"), demand(r.demand);
        out_ += '}';
    }

  private:
    void demand(const Demand& d) {
        out_ += '{';
        string("form", word_of(form_words, d.form));
        if (d.number) string("bound", word_of(bound_words, d.bound)), expression("number", d.number);
        if (d.left_quantifier != Demand::Quantifier::every)
            string("left_quantifier", word_of(quantifier_words, d.left_quantifier));
        if (d.right_quantifier != Demand::Quantifier::every)
            string("right_quantifier", word_of(quantifier_words, d.right_quantifier));
        if (d.left) name("left"), events(*d.left);
        if (d.right) name("right"), events(*d.right);
        if (d.state) name("state"), states(*d.state);
        expression("per", d.per);
        if (d.same_object) name("same_object"), out_ += "true";
        out_ += '}';
    }
    void events(const EventDemand& e) {
        out_ += '{';
        string("event", e.verb);
        string("kind", e.kind);
        expression("where", e.where);
        expression("per", e.per);
        out_ += '}';
    }
    void states(const StateDemand& s) {
        out_ += '{';
        string("kind", s.kind);
        expression("condition", s.condition);
        expression("where", s.where);
        string("text", s.text);
        out_ += '}';
    }

    void name(std::string_view member) {
        if (out_.back() != '{') out_ += ", ";
        write_json_string(out_, member);
        out_ += ": ";
    }
    void string(std::string_view member, std::string_view text) {
        name(member);
        write_json_string(out_, text);
    }
    void string_if(std::string_view member, std::string_view text) {
        if (!text.empty()) string(member, text);
    }
    void expression(std::string_view member, const ExprPtr& expr) {
        if (!expr) return;
        name(member);
        write_expr(out_, *expr, nullptr, names_);
    }

    std::string& out_;
    const ObjectNames& names_;
};

class RequirementReader {
  public:
    RequirementReader(JsonReader& in, const ObjectsById& objects) : in_(in), objects_(objects) {}

    Requirement requirement() {
        Requirement r;
        in_.open_object();
        string("name", r.name);
        string("require", r.require);
        string_if("because", r.because);
        string_if("verdict", r.verdict);
        string_if("waived_because", r.waived_because);
        if (in_.maybe("waivable")) r.is_waivable = in_.boolean();
        if (in_.maybe("demand")) r.demand = demand();
        in_.close_object();
        return r;
    }

  private:
    // A form without the parts that it speaks of would be a question without an answer.
    void check_parts(const Demand& d) {
        using DemandForm = Demand::Form;
        const bool counts = d.form == DemandForm::count || d.form == DemandForm::always;
        const bool has_left = d.form != DemandForm::always && d.form != DemandForm::finally_;
        const bool has_right = d.form == DemandForm::before || d.form == DemandForm::then;
        const bool has_state =
            d.form == DemandForm::always || d.form == DemandForm::during || d.form == DemandForm::finally_;
        if (!in_.ok()) return;
        if (counts != (d.number != nullptr) || has_left != d.left.has_value() || has_right != d.right.has_value() ||
            has_state != d.state.has_value())
            in_.fail("the requirement is not whole");
    }

    Demand demand() {
        Demand d;
        in_.open_object();
        in_.field("form");
        d.form = word(form_words);
        if (in_.maybe("bound")) d.bound = word(bound_words);
        expression_if("number", d.number);
        if (in_.maybe("left_quantifier")) d.left_quantifier = word(quantifier_words);
        if (in_.maybe("right_quantifier")) d.right_quantifier = word(quantifier_words);
        if (in_.maybe("left")) d.left = events();
        if (in_.maybe("right")) d.right = events();
        if (in_.maybe("state")) d.state = states();
        expression_if("per", d.per);
        if (in_.maybe("same_object")) d.same_object = in_.boolean();
        in_.close_object();
        check_parts(d);
        return d;
    }
    EventDemand events() {
        EventDemand e;
        in_.open_object();
        string("event", e.verb);
        string("kind", e.kind);
        expression_if("where", e.where);
        expression_if("per", e.per);
        in_.close_object();
        return e;
    }
    StateDemand states() {
        StateDemand s;
        in_.open_object();
        string("kind", s.kind);
        in_.field("condition");
        s.condition = read_expr(in_, nullptr, objects_);
        expression_if("where", s.where);
        string("text", s.text);
        in_.close_object();
        return s;
    }

    void string(std::string_view member, std::string& into) {
        in_.field(member);
        into = in_.string();
    }
    void string_if(std::string_view member, std::string& into) {
        if (in_.maybe(member)) into = in_.string();
    }
    void expression_if(std::string_view member, ExprPtr& into) {
        if (in_.maybe(member)) into = read_expr(in_, nullptr, objects_);
    }
    template <class T, std::size_t N>
    T word(const Words<T, N>& words) {
        const std::size_t where = in_.offset();
        const std::string text = in_.string();
        const std::optional<T> value = value_of(words, text);
        if (!value) in_.fail_at(where, "`" + text + "` is not one of the words that may stand here");
        return value.value_or(words.front().first);
    }

    JsonReader& in_;
    const ObjectsById& objects_;
};

}  // namespace

void write_requirement(std::string& out, const Requirement& requirement, const ObjectNames& names) {
    Writer(out, names).requirement(requirement);
}

Requirement read_requirement(JsonReader& in, const ObjectsById& objects) {
    return RequirementReader(in, objects).requirement();
}

}  // namespace pvsplan::program

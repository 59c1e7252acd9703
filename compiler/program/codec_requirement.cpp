#include "compiler/program/codec_requirement.hpp"

#include "compiler/program/codec_names.hpp"
#include "compiler/program/member_reader.hpp"
#include "compiler/program/member_writer.hpp"

namespace pvsplan::program {
namespace {

// The words belong to the format: whoever renames a form keeps its word.
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

// The reader below mirrors it, member by member.
class RequirementWriter : ExpressionWriter {
  public:
    using ExpressionWriter::ExpressionWriter;

    // One whose text could not be read has no demand.
    void requirement(const Requirement& r) {
        out_ += '{';
        string("name", r.name);
        string("require", r.require);
        string_if("because", r.because);
        string_if("verdict", r.verdict);
        string_if("waived_because", r.waived_because);
        flag_if("waivable", r.is_waivable);
        if (r.demand.form != Demand::Form::error) name("demand"), demand(r.demand);
        out_ += '}';
    }

  private:
    // What the form does not speak of is left out, and `every` as the usual word.
    void demand(const Demand& d) {
        out_ += '{';
        string("form", word_of(form_words, d.form));
        if (d.number) string("bound", word_of(bound_words, d.bound)), expression_if("number", d.number);
        if (d.left_quantifier != Demand::Quantifier::every)
            string("left_quantifier", word_of(quantifier_words, d.left_quantifier));
        if (d.right_quantifier != Demand::Quantifier::every)
            string("right_quantifier", word_of(quantifier_words, d.right_quantifier));
        if (d.left) name("left"), events(*d.left);
        if (d.right) name("right"), events(*d.right);
        if (d.state) name("state"), states(*d.state);
        expression_if("per", d.per);
        flag_if("same_object", d.same_object);
        out_ += '}';
    }
    // Which events are meant: verb, kind, and what narrows them.
    void events(const EventDemand& e) {
        out_ += '{';
        string("event", e.verb);
        string("kind", e.kind);
        expression_if("where", e.where);
        expression_if("per", e.per);
        out_ += '}';
    }
    // The text goes along for messages: nobody prints the condition anew.
    void states(const StateDemand& s) {
        out_ += '{';
        string("kind", s.kind);
        expression_if("condition", s.condition);
        expression_if("where", s.where);
        string("text", s.text);
        out_ += '}';
    }
};

class RequirementReader : ExpressionReader {
  public:
    using ExpressionReader::ExpressionReader;

    Requirement requirement() {
        Requirement r;
        in_.open_object();
        string("name", r.name);
        string("require", r.require);
        string_if("because", r.because);
        string_if("verdict", r.verdict);
        string_if("waived_because", r.waived_because);
        flag_if("waivable", r.is_waivable);
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

    // Parts are read by the members that are there, and held against the form at the end.
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
        flag_if("same_object", d.same_object);
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
        expression("condition", s.condition);
        expression_if("where", s.where);
        string("text", s.text);
        in_.close_object();
        return s;
    }
};

}  // namespace

void write_requirement(std::string& out, const Requirement& requirement, const ObjectNames& names) {
    RequirementWriter(out, names).requirement(requirement);
}

Requirement read_requirement(JsonReader& in, const ObjectsById& objects) {
    return RequirementReader(in, objects).requirement();
}

}  // namespace pvsplan::program

#include "tests/unit/checks/asked.hpp"

namespace pvsplan::test {
namespace {

using Form = Asked::Form;

std::string text_of(Count count) {
    return count == Count::exactly ? "exactly" : count == Count::at_most ? "at most" : "at least";
}
std::string text_of(Many many) { return many == Many::every ? "every" : "some"; }
std::string text_of(Per per, const std::string& variable) {
    return per == Per::whole ? "" : " per " + variable + (per == Per::site ? ".site" : "");
}
std::string where_site(const std::string& variable, const std::string& site) {
    return site.empty() ? "" : " where " + variable + ".site == \"" + site + "\"";
}
std::string text_of(const EventAsked& event, const std::string& variable) {
    return event.verb + "(" + event.kind + " " + variable + ")" + where_site(variable, event.site) +
           text_of(event.per, variable);
}

EventAsked draw_event(Draws& draws, const std::vector<std::string>& likely) {
    static const std::vector<std::string> verbs = {"stop", "start", "upgrade", "spoil", "verify"};
    if (draws.chance(7)) return {"upgrade", "base", ""};
    EventAsked event{!likely.empty() && draws.chance(75) ? draws.of(likely) : draws.of(verbs)};
    if (draws.chance(15)) event.site = draws.chance(50) ? "east" : "west";
    return event;
}

}  // namespace

std::string Asked::text() const {
    // A variable that is not named in both halves is another object.
    const std::string other = same_object ? "s" : "t";
    const ToyPredicate& p = toy_predicates()[predicate];
    const std::string variable = form == Form::during ? other : "s";
    std::string state = spelled_out ? "node " + variable + " with " : std::string(p.name) + "(node " + variable + ")";
    if (spelled_out)
        for (std::size_t i = 0; i < p.with.size(); ++i)
            state += p.with.substr(i, 2) == "s." && (i == 0 || p.with[i - 1] == ' ') ? variable[0] : p.with[i];
    state += where_site(variable, state_site);
    switch (form) {
        case Form::count:
            return text_of(count) + " " + std::to_string(number) + " " + text_of(left, "s") + text_of(per, "s");
        case Form::never: return "never " + text_of(left, "s");
        case Form::before:
        case Form::then:
            return text_of(left_many) + " " + text_of(left, "s") + (form == Form::before ? " before " : " then ") +
                   text_of(right_many) + " " + text_of(right, other);
        case Form::during: return "every " + text_of(left, "s") + " while " + text_of(right_many) + " " + state;
        case Form::always:
            return "always " + text_of(count) + " " + std::to_string(number) + " " + state + text_of(per, "s");
        case Form::finally: return "finally " + text_of(right_many) + " " + state;
    }
    return "";
}

std::string Asked::form_name() const {
    const std::string same = same_object ? " (same object)" : "";
    if (left.per != Per::whole || right.per != Per::whole) return form == Form::before ? "before per" : "then per";
    switch (form) {
        case Form::count: return text_of(count) + (per == Per::whole ? "" : " per");
        case Form::never: return "never";
        case Form::before: return text_of(left_many) + " before " + text_of(right_many) + same;
        case Form::then: return text_of(left_many) + " then " + text_of(right_many) + same;
        case Form::during: return "every while " + text_of(right_many) + same;
        case Form::always: return "always " + text_of(count) + (per == Per::whole ? "" : " per");
        case Form::finally: return "finally " + text_of(right_many);
    }
    return "";
}

Asked draw_asked(Draws& draws, const std::vector<std::string>& likely) {
    Asked asked;
    static const std::vector<Form> forms = {Form::count,  Form::count,   Form::never,  Form::before, Form::before,
                                            Form::before, Form::before,  Form::then,   Form::then,   Form::then,
                                            Form::during, Form::during,  Form::during, Form::always, Form::always,
                                            Form::always, Form::finally, Form::finally};
    asked.form = draws.of(forms);
    asked.left = draw_event(draws, likely);
    asked.right = draw_event(draws, likely);
    asked.left_many = draws.chance(50) ? Many::every : Many::some;
    asked.right_many = draws.chance(50) ? Many::every : Many::some;
    asked.predicate = draws.below(static_cast<std::uint32_t>(toy_predicates().size()));
    asked.spelled_out = draws.chance(30);
    if (draws.chance(15)) asked.state_site = draws.chance(50) ? "east" : "west";
    if (asked.form == Form::count || asked.form == Form::always) {
        asked.count =
            static_cast<Count>(asked.form == Form::always && draws.chance(70) ? 1 + draws.below(2) : draws.below(3));
        asked.number = static_cast<int>(draws.below(4));
        if (draws.chance(40)) asked.per = draws.chance(50) && asked.left.kind == "node" ? Per::site : Per::object;
        if (asked.form == Form::always && asked.per == Per::object) asked.per = Per::site;
    }
    if (asked.form == Form::before || asked.form == Form::then) {
        asked.same_object = asked.left.kind == asked.right.kind && draws.chance(40);
        for (EventAsked* side : {&asked.left, &asked.right})
            if (draws.chance(12)) side->per = side->kind == "node" && draws.chance(70) ? Per::site : Per::object;
    }
    if (asked.form == Form::during) asked.same_object = asked.left.kind == "node" && draws.chance(50);
    return asked;
}

}  // namespace pvsplan::test

#include "grammar/shapes.hpp"

#include <array>

#include "compiler/base/check.hpp"

namespace pvsplan::grammar {
namespace {

using enum Form;
using enum Need;
// Short names, so that an entry of the table fits a line.
constexpr Layout one = Layout::one;
constexpr Layout list = Layout::list;
constexpr Layout one_or_list = Layout::one_or_list;
constexpr Layout map = Layout::map;

// Keys of more than one shape.
Key summary_key() { return {"summary", one, text, optional, "A line for people."}; }
Key uses_key() {
    return {"uses", one_or_list, path, optional,
            "Modules that this file speaks of: of the standard library or files of the project."};
}

// The same key, whose list is not empty.
Key not_empty(Key key) {
    key.entries = Key::Entries::one_at_least;
    return key;
}

// The same key, a mapping by other keys than names.
Key by(Form entries, Key key) {
    key.entry_form = entries;
    return key;
}

Key notify_key() {
    return {"notify", list, shape, optional, "Who is told when a run waits, fails, is in doubt or ends.", "notify"};
}

// NOLINTNEXTLINE(readability-function-size): a table
std::vector<Shape> documents() {
    return {
        {"plan",
         "a plan",
         "One upgrade procedure.",
         {{"plan", one, name, required, "How the plan is called."},
          summary_key(),
          uses_key(),
          {"policies", one_or_list, path, optional, "Policies that the plan keeps."},
          {"farm", one, path, optional, "The farm that it works on, unless --farm names another."},
          {"parameters", map, typed, optional, "What is asked for before the run.", "parameter", {}, "a parameter"},
          {"steps", list, shape, required, "What is done, one after another.", "step"},
          {"recover", list, shape, optional, "Steps that undo the plan, instead of the automatic inverse.", "step"},
          {"on_failure", one, choice, optional, "What happens when a step fails.", {}, {"halt", "rollback"}},
          {"window", one, shape, optional, "When steps may start.", "window"},
          not_empty({"approvers", one_or_list, text, optional,
                     "Who may approve, where it has to be somebody other than who runs it: users, or groups of the "
                     "operating system."}),
          notify_key(),
          {"invariants", list, shape, optional, "What must hold in every schedule.", "invariant"},
          {"waive", list, shape, optional, "Requirements of a policy that this plan does without, and why.",
           "waiver"}}},
        {"farm",
         "a farm",
         "The objects that a plan works on.",
         {{"farm", one, name, required, "How the farm is called."},
          uses_key(),
          {"protected", one, flag, optional, "A production farm: confirmed by typing its name."},
          {"store", one, text, optional,
           "Where its runs are kept, for all who work on it: a file, or `here` (in the plan's project). A protected "
           "farm has to say it."},
          {"defaults",
           map,
           shape,
           optional,
           "For each kind: attributes, state and connect of objects that say nothing else.",
           "object-defaults",
           {},
           "a kind"},
          {"secrets", map, shape, optional, "Where secrets come from.", "secret", {}, "a secret"},
          notify_key()},
         true,
         {{}, one, objects, optional, "The objects of a kind, under its plural.", "object"}},
        {"module",
         "a module",
         "Kinds of objects, and what can be done with them.",
         {{"module", one, name, required, "How the module is called."},
          summary_key(),
          uses_key(),
          {"kinds", map, shape, optional, "Kinds of objects.", "kind", {}, "a kind"},
          by(text, {"predicates",
                    map,
                    expression,
                    optional,
                    "Names for states: `down(server s): s.stream == stopped`.",
                    {},
                    {},
                    "a predicate"}),
          by(dotted_name,
             {"actions", map, shape, optional, "What can be done to an object.", "action", {}, "an action"}),
          by(dotted_name,
             {"procedures", map, shape, optional, "Steps under a name.", "procedure", {}, "a procedure"})}},
        {"policy",
         "a policy",
         "Invariants that plans must keep.",
         {{"policy", one, name, required, "How the policy is called."},
          summary_key(),
          uses_key(),
          {"parameters",
           map,
           typed,
           optional,
           "Parameters of the plan that the invariants read; a plan without them does not keep the policy.",
           "parameter",
           {},
           "a parameter"},
          {"invariants", list, shape, required, "What must hold in every schedule.", "invariant"},
          {"waivable", one_or_list, text, optional, "Names of invariants that a plan may waive."}}},
    };
}

// NOLINTNEXTLINE(readability-function-size): a table
std::vector<Shape> parts_of_plans() {
    return {
        {"step",
         "a step",
         "A call, a group in order, a group without order, or an approval.",
         {{"id", one, name, optional, "Its name, unique among its siblings."},
          summary_key(),
          {"do", one, dotted_name, optional, "The action or procedure of a module that it calls."},
          {"steps", list, shape, optional, "A group: one after another.", "step"},
          {"parallel", list, shape, optional, "A group without order.", "step"},
          {"approve", one, question, optional,
           "The run waits for a person before the step starts; alone: a step that is only that. A text, or "
           "`{text: …, by: [NAMES], not: starter}`.",
           "approval"},
          {"on", one, expression, optional, "The object that it works on; of an approval: what it is about."},
          {"with", map, value, optional, "The parameters of the call.", {}, {}, "a parameter"},
          {"after", one_or_list, name, optional, "Steps that must finish first."},
          {"for_each", one, loop, optional, "One iteration for each element: `s in servers`."},
          {"at_most", one, mixed, optional,
           "With for_each: how many iterations may be under way at once: `2`, `all`, `2 per s.site`; 1 if left out."},
          {"when", one, expression, optional, "Run it or skip it."},
          {"timeout", one, limit, optional, "How long it may take: `45m`, or `{after: 45m, then: kill}`.", "timeout"},
          {"retry", one, shape, optional, "How often it is tried again.", "retry"},
          {"window", one, shape, optional, "When it, and the steps within it, may start.", "window"},
          {"on_failure", one, choice, optional, "What happens when it fails.", {}, {"halt", "rollback", "continue"}},
          {"max_failures", one, mixed, optional, "With `on_failure: continue`: how many iterations may fail."},
          {"recover", list, shape, optional, "On a group: the steps that undo it, instead of the automatic inverse.",
           "step"}}},
        {"timeout",
         "`timeout`",
         "How long a command may take, and what becomes of it then.",
         {{"after", one, mixed, required, "How long it may take: `45m`."},
          {"then",
           one,
           choice,
           optional,
           "`doubt`: it is left as it is, and a person looks; `kill`: it is ended with all that it started, and has "
           "failed.",
           {},
           {"doubt", "kill"}}}},
        {"approval",
         "`approve`",
         "What a person is asked, and who may say yes.",
         {{"text", one, mixed, required, "What to look at, and when it may go on."},
          not_empty({"by", one_or_list, text, optional,
                     "Who may approve: users, or groups of the operating system; anybody if left out."}),
          {"not",
           one,
           choice,
           optional,
           "`starter`: not whoever started the run, nor who took it over.",
           {},
           {"starter"}}}},
        {"retry",
         "`retry`",
         "Further attempts after a failure.",
         {{"times", one, mixed, required, "How many further attempts."},
          {"delay", one, mixed, optional, "How long to wait before each: `30s`."}}},
        {"window",
         "`window`",
         "A window of time: steps start only within it, what runs is finished.",
         {{"from", one, text, required, "When it opens: `\"22:00\"`."},
          {"to", one, text, required, "When it closes: `\"05:00\"`; not later than `from`: on the next day."},
          {"zone", one, text, required, "The time zone of both: `Europe/Berlin`."},
          not_empty(
              {"days",
               one_or_list,
               choice,
               optional,
               "The days on which it opens, of `mon`, `tue`, `wed`, `thu`, `fri`, `sat`, `sun`; every day if left "
               "out.",
               {},
               {"mon", "tue", "wed", "thu", "fri", "sat", "sun"}})}},
        {"invariant",
         "an invariant",
         "What must hold in every schedule.",
         {{"name", one, text, required, "How people call it."},
          {"require", one, requirement, required, "The requirement."},
          {"because", one, text, optional, "Why."}}},
        {"waiver",
         "an entry of `waive`",
         "A requirement of a policy that this plan does without.",
         {{"requirement", one, text, required, "The name of the invariant."},
          {"because", one, text, required, "Why."}}},
        {"parameter",
         "a parameter",
         "A value that is given from outside.",
         {not_empty({"type", one, type, required, "Its type."}),
          {"default", one, value, optional, "Its value where none is given."},
          summary_key()}},
    };
}

// Objects have any other key too: the attributes of their kind, which no table can know.
std::vector<Shape> parts_of_farms() {
    const Key state{"state", map, value,    optional, "What its state is expected to be before the run.",
                    {},      {},  "a state"};
    const Key connect = not_empty(
        {"connect", map, option, optional, "How it is reached: `{over: winrm, user: …}`.", {}, {}, "an option"});
    const Key attribute{{}, one, value, optional, "An attribute of its kind."};
    return {
        {"object",
         "an object",
         "One object of the farm.",
         {{"name", one, text, required, "Its name, unique among its kind."}, state, connect},
         true,
         attribute},
        {"object-defaults",
         "the defaults of a kind",
         "What holds for the objects of a kind that say nothing else.",
         {state, connect},
         true,
         attribute},
        {"objects-file",
         "a list from a file",
         "Objects that stand in a file beside the farm.",
         {{"csv", one, path, required, "A CSV file: its first line names the attributes."}}},
        {"secret",
         "a secret",
         "Where a secret comes from: one of these.",
         {{"env", one, text, optional, "The environment variable that holds it."},
          {"file", one, text, optional, "The file that holds it."},
          {"command", one_or_list, text, optional, "The command that prints it, as a list of arguments."}}},
    };
}

// A key of more than one channel is in each: the rules below say which of them belong together.
std::vector<Shape> parts_of_notify() {
    const Key ca{"ca", one, text, optional, "The file of the certificates to trust, in place of the system's."};
    return {
        {"notify",
         "an entry of `notify`",
         "When somebody is told of a run, and how: one of `command`, `webhook` and `mail`.",
         {not_empty({"on",
                     one_or_list,
                     choice,
                     required,
                     "When: `waiting`, `failed`, `doubt`, `done`, one or several.",
                     {},
                     {"waiting", "failed", "doubt", "done"}}),
          not_empty({"command", one_or_list, text, optional,
                     "A program of this machine and its arguments, without a shell; it reads the message as JSON from "
                     "its standard input."}),
          {"webhook", one, text, optional, "A URL to which the message is posted, or `${secret.NAME}`."},
          {"format",
           one,
           choice,
           optional,
           "Of a webhook: `json` (if left out), `teams` or `slack`.",
           {},
           {"json", "teams", "slack"}},
          {"mail", one, shape, optional, "A mail: `{to: […], from: …, smtp: HOST}`.", "mail"},
          ca}},
        {"mail",
         "`mail`",
         "A mail that is sent through a server of one's own.",
         {not_empty({"to", one_or_list, text, required, "The addresses."}),
          {"from", one, text, required, "The address that it comes from."},
          {"smtp", one, text, required, "The server: `mail.contoso.com`, `smtp://HOST:PORT` or `smtps://HOST`."},
          {"user", one, text, optional, "As whom to log in there."},
          {"password", one, text, optional, "The secret for that: `${secret.NAME}`."},
          ca}},
    };
}

// NOLINTNEXTLINE(readability-function-size): a table
std::vector<Shape> parts_of_modules() {
    return {
        {"kind",
         "a kind",
         "A kind of object.",
         {{"plural", one, name, required, "How a list of them is called, in farms and expressions."},
          summary_key(),
          {"attributes", map, typed, optional, "Fixed facts.", "parameter", {}, "an attribute"},
          {"state", map, typed, optional, "What steps change.", "parameter", {}, "a state"},
          {"identity", one_or_list, name, optional,
           "The attribute, or attributes together, by which two objects of a farm are the same thing."},
          {"observe", one, shape, optional, "How the state is read off the real object.", "body"}}},
        {"action",
         "an action",
         "What can be done to an object.",
         {summary_key(),
          {"on", one, name, optional, "The kind of object that it works on."},
          {"parameters", map, typed, optional, "What a call gives it.", "parameter", {}, "a parameter"},
          {"requires", one, expression, optional, "What must hold when it starts."},
          {"does", one_or_list, event, optional,
           "The events that happen: `upgrade(on)`; `nothing` of what only tells or asks."},
          by(expression, {"sets",
                          map,
                          value,
                          optional,
                          "The state that holds afterwards: `on.version: \"${version}\"`.",
                          {},
                          {},
                          "a state"}),
          {"run", one, shape, optional, "What is run.", "body"},
          {"outputs",
           map,
           mixed,
           optional,
           "What comes back: expressions over `exit`, `stdout` and `json`.",
           {},
           {},
           "an output"},
          {"repeatable", one, flag, optional, "Doing it again changes nothing."},
          {"undo", one, undo, optional, "How it is undone; only what `does: nothing` needs none."},
          {"takes", one, mixed, optional, "How long it usually takes: `12m`, the first estimate of `show`."},
          {"timeout", one, limit, optional, "How long it may take: `45m`, or `{after: 45m, then: kill}`.", "timeout"},
          {"retry", one, shape, optional, "How often it is tried again.", "retry"}}},
        {"procedure",
         "a procedure",
         "Steps under a name.",
         {summary_key(),
          {"on", one, name, optional, "The kind of object that it works on."},
          {"parameters", map, typed, optional, "What a call gives it.", "parameter", {}, "a parameter"},
          {"steps", list, shape, required, "What is done, one after another.", "step"},
          {"recover", list, shape, optional, "Steps that undo it, instead of the automatic inverse.", "step"}}},
        {"body",
         "what is run",
         "One of `powershell`, `command`, `sql`, `manual` and `wait`.",
         {{"powershell", one, script, optional,
           "A PowerShell script, or `{file: PATH}`; values are in `$With`, `$On`, `$Before`, `$Secret`.", "script"},
          not_empty({"command", list, mixed, optional, "A program and its arguments, without a shell."}),
          {"sql", one, script, optional,
           "SQL batches, or `{file: PATH}`; values are bound parameters: `:With.name`, `:On.attribute`, "
           "`:Before.attribute`, `:Secret.name`.",
           "script"},
          {"manual", one, mixed, optional, "Instructions for a person."},
          {"wait", one, shape, optional, "Waits until the observed state is so.", "wait"},
          {"at", one, expression, optional, "The object whose connection runs it, when that is not `on`."},
          not_empty(
              {"exit_codes", one_or_list, integer, optional, "Exit statuses that are success; `[0]` if left out."})}},
        {"script",
         "a script",
         "A script in a file of its own.",
         {{"file", one, path, required, "The file, by its path from the module: `scripts/install.ps1`."},
          {"uses", one_or_list, path, optional,
           "PowerShell that its functions come from: `windows/host` of the standard library, or `scripts/site.ps1`."}}},
        {"wait",
         "`wait`",
         "Waits until the observed state is so.",
         {{"until", one, expression, required, "What must hold."},
          {"every", one, mixed, optional, "How often it is looked at: `30s`."},
          {"at_most", one, mixed, optional, "How long: `20m`."}}},
        {"nothing", "`undo`", "There is nothing to undo.", {{"nothing", one, text, required, "Why."}}},
        {"impossible", "`undo`", "A point of no return.", {{"impossible", one, text, required, "Why."}}},
    };
}

// What keys of one shape say of each other.
struct RulesOfShape {
    std::string_view shape;
    std::vector<KeyRule> rules;
};

// Each pair is said once, by the earlier key: a rule for both would report every pair twice.
std::vector<KeyRule> exactly_one(const std::vector<std::string_view>& keys, std::vector<KeyRule> more = {}) {
    more.push_back({.one_of = keys});
    for (auto key = keys.begin(); key != keys.end(); ++key)
        if (key + 1 != keys.end()) more.push_back({.given = *key, .without = {key + 1, keys.end()}});
    return more;
}

// NOLINTNEXTLINE(readability-function-size): a table
std::vector<RulesOfShape> rules() {
    return {
        {"step",
         {{.one_of = {"do", "steps", "parallel", "approve"}},
          {.given = "do", .without = {"steps", "parallel"}},
          {.given = "steps", .without = {"parallel"}},
          {.given = "on", .one_of = {"do", "approve"}, .without = {"steps", "parallel"}},
          {.given = "with", .one_of = {"do"}},
          {.given = "timeout", .one_of = {"do"}},
          {.given = "retry", .one_of = {"do"}},
          {.given = "recover", .one_of = {"steps", "parallel"}},
          {.given = "window", .one_of = {"do", "steps", "parallel"}},
          {.given = "at_most", .one_of = {"for_each"}},
          {.given = "on_failure=continue", .one_of = {"for_each"}},
          {.given = "max_failures", .one_of = {"on_failure=continue"}}}},
        {"object-defaults", {{.given = "name", .without = {"name"}, .why = "each object has a name of its own"}}},
        {"secret", exactly_one({"env", "file", "command"})},
        {"notify", exactly_one({"command", "webhook", "mail"}, {{.given = "format", .without = {"command", "mail"}},
                                                                {.given = "ca", .without = {"command", "mail"}}})},
        {"mail", {{.given = "user", .one_of = {"password"}}, {.given = "password", .one_of = {"user"}}}},
        {"action",
         {{.one_of = {"undo", "does=nothing"}},
          {.given = "does=nothing", .without = {"sets"}},
          {.given = "timeout", .without = {"run.wait", "run.manual"}}}},
        {"body", exactly_one({"powershell", "command", "sql", "manual", "wait"},
                             {{.given = "at", .without = {"manual", "wait"}},
                              {.given = "exit_codes", .without = {"manual", "wait"}},
                              {.given = "sql.uses", .without = {"sql"}, .why = "an `sql` script has no functions"}})}};
}

// Length, first and last byte tell the keys of one shape apart well enough, and reading them is cheap: a large farm
// asks for every key of every object.
std::size_t slot_of(std::string_view name) {
    if (name.empty()) return 0;
    const auto byte = [&](std::size_t at) { return static_cast<std::size_t>(static_cast<unsigned char>(name[at])); };
    return name.size() + 7 * byte(0) + 13 * byte(name.size() - 1);
}

// Open addressing: the next free slot, so that a search ends at the first one that is empty.
void fill_slots(Shape& shape) {
    const std::size_t size = shape.slots.size();
    base::check(2 * shape.keys.size() <= size, "half of the slots of a shape are free, so that a look for a key ends");
    for (std::size_t i = 0; i < shape.keys.size(); ++i) {
        std::size_t at = slot_of(shape.keys[i].name) % size;
        while (shape.slots[at] != 0) at = (at + 1) % size;
        shape.slots[at] = static_cast<std::uint8_t>(i + 1);
    }
}

// Made once, when it is first asked for.
const std::vector<Shape>& all() {
    static const std::vector<Shape> table = [] {
        std::vector<Shape> t = documents();
        for (auto part : {parts_of_plans, parts_of_farms, parts_of_notify, parts_of_modules})
            for (Shape& s : part()) t.push_back(std::move(s));
        for (RulesOfShape& of : rules())
            for (Shape& s : t)
                if (s.name == of.shape) s.rules = std::move(of.rules);
        for (Shape& s : t) fill_slots(s);
        return t;
    }();
    return table;
}

}  // namespace

// Ends at the first free slot, of which there is at least one.
const Key* Shape::key(std::string_view wanted) const {
    for (std::size_t at = slot_of(wanted) % slots.size(); slots[at] != 0; at = (at + 1) % slots.size())
        if (const Key& found = keys[slots[at] - 1]; found.name == wanted) return &found;
    return nullptr;
}

std::vector<std::string> Shape::key_names() const {
    std::vector<std::string> names;
    for (const Key& k : keys) names.emplace_back(k.name);
    return names;
}

std::span<const Shape> shapes() { return all(); }

// In time linear in the shapes: whoever reads many documents keeps what it got.
const Shape& shape(std::string_view name) {
    for (const Shape& s : all())
        if (s.name == name) return s;
    base::bug("a shape of the table is asked for by its name");
}

}  // namespace pvsplan::grammar

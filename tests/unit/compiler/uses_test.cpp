// Each name that stands in a text leads to where it is defined: over all plans and the library, by a walk over the
// documents that knows nothing of how names are resolved; and whatever is renamed along the uses still compiles.
#include <catch2/catch.hpp>

#include <filesystem>
#include <set>

#include "compiler/diag/render.hpp"
#include "tests/unit/compiler/project.hpp"

namespace pvsplan::test {
namespace {

namespace fs = std::filesystem;
using resolve::Use;
using ExpressionForm = syntax::Expression::Form;

// Visits every place of a document where a name is referenced. Over twenty methods: one for each part of a document.
class Walk {
  public:
    Walk(const compiler::Compilation& c, std::string& faults) : c_(c), uses_(*c.model->uses), faults_(faults) {}

    std::size_t names = 0;

    void document(const syntax::Document& document) {
        std::visit([&](const auto& one) { of(one); }, document);
    }

  private:
    void fault(base::Span at, const std::string& what) {
        const base::Position position = c_.sources->position(at.file, at.begin);
        faults_ += std::string(c_.sources->path(at.file)) + ":" + std::to_string(position.line) + ":" +
                   std::to_string(position.column) + ": " + what + " `" + std::string(c_.sources->text(at)) + "`\n";
    }
    // The name that ends at the end of the place.
    void wants(base::Span place, Use::Of of) {
        ++names;
        std::uint32_t last = place.end - 1;
        const std::string_view text = c_.sources->text(place);
        if (text.ends_with('"') || text.ends_with('\'')) --last;
        const Use* use = uses_.at(place.file, last);
        if (!use)
            fault(place, "nobody knows the " + std::string(name_of(of)));
        else if (use->of != of)
            fault(place, "not a " + std::string(name_of(of)) + " but a " + std::string(name_of(use->of)));
    }
    void wants(const syntax::Text& text, Use::Of of) { wants(text.span, of); }

    void type(const syntax::TypeName& name) {
        static const std::set<std::string> simple = {"string", "int", "bool", "duration", "path", "version", "secret"};
        if (name.form == syntax::TypeName::Form::name && !simple.contains(name.name)) wants(name.span, Use::Of::kind);
        for (const syntax::TypeName& element : name.element) type(element);
        for (const syntax::Text& one : name.enumerators) enumerators_.insert(one.value);
    }
    void value(const syntax::ValueTree& tree) {
        if (tree.scalar) text(*tree.scalar);
        for (const syntax::ValueTree& one : tree.elements) value(one);
    }
    void text(const syntax::Template& text) {
        for (const syntax::Template::Part& part : text.parts)
            if (part.expression) expression(*part.expression);
    }
    void text(const std::optional<syntax::Template>& one) {
        if (one) text(*one);
    }
    void expression(const std::optional<syntax::Expression>& e) {
        if (e) expression(*e);
    }
    static bool is_json(const syntax::Expression& e) {
        return (e.form == ExpressionForm::name && e.text == "json") ||
               ((e.form == ExpressionForm::member || e.form == ExpressionForm::index) && is_json(e.args[0]));
    }
    void expression(const syntax::Expression& e) {
        static const std::set<std::string> built_in = {"on",     "exit",   "stdout", "json",
                                                       "before", "secret", "steps",  "farm"};
        static const std::set<std::string> functions = {"first", "rest", "last",    "size",   "min",
                                                        "max",   "done", "started", "failed", "unique"};
        switch (e.form) {
            case ExpressionForm::name:
                if (!built_in.contains(e.text) && !uses_.at(e.text_span.file, e.text_span.begin))
                    bare_.push_back({e.text, e.text_span});
                break;
            case ExpressionForm::member: {
                const bool is_root = e.args[0].form == ExpressionForm::name && e.args[0].text == "steps";
                const bool is_output = e.args[0].form == ExpressionForm::member &&
                                       e.args[0].args[0].form == ExpressionForm::name &&
                                       e.args[0].args[0].text == "steps";
                const bool is_secret = e.args[0].form == ExpressionForm::name && e.args[0].text == "secret";
                if (e.text != "name" && !is_json(e.args[0]))
                    wants(e.text_span, is_root     ? Use::Of::step
                                       : is_output ? Use::Of::output
                                       : is_secret ? Use::Of::secret
                                                   : Use::Of::attribute);
                break;
            }
            case ExpressionForm::call:
                if (!functions.contains(e.text)) wants(e.text_span, Use::Of::predicate);
                if (e.text == "done" || e.text == "started" || e.text == "failed") return outcome(e.args.at(0));
                break;
            default: break;
        }
        for (const syntax::Expression& part : e.args) expression(part);
    }
    void outcome(const syntax::Expression& step) {
        wants(step.text_span, Use::Of::step);
        for (const syntax::Expression& part : step.args) outcome(part);
    }
    void steps(const std::vector<syntax::Step>& all) {
        for (const syntax::Step& one : all) {
            if (one.call) {
                wants(*one.call, uses_.at(one.call->span.file, one.call->span.end - 1) &&
                                         uses_.at(one.call->span.file, one.call->span.end - 1)->of == Use::Of::procedure
                                     ? Use::Of::procedure
                                     : Use::Of::action);
                wants({one.call->span.file, one.call->span.begin, one.call->span.begin + 1}, Use::Of::module);
            }
            expression(one.on);
            for (const syntax::NamedValue& argument : one.with) {
                wants(argument.name, Use::Of::parameter);
                value(argument.value);
            }
            for (const syntax::Text& name : one.after) wants(name, Use::Of::step);
            if (one.for_each) expression(one.for_each->list);
            if (one.at_most) text(one.at_most->number), expression(one.at_most->per);
            if (one.when) expression(*one.when);
            if (one.approve) text(one.approve->text);
            steps(one.steps);
            if (one.recover) steps(*one.recover);
        }
    }
    void parameters(const std::vector<syntax::Parameter>& all) {
        for (const syntax::Parameter& one : all) {
            type(one.type);
            if (one.default_value) value(*one.default_value);
        }
    }
    void invariants(const std::vector<syntax::Invariant>& all) {
        for (const syntax::Invariant& one : all) {
            const syntax::RequirementText& r = one.require;
            expression(r.number);
            for (const auto* side : {&r.left, &r.right})
                if (*side) {
                    if ((*side)->verb.value != program::approve_verb) wants((*side)->verb, Use::Of::event);
                    wants((*side)->kind, Use::Of::kind);
                    expression((*side)->where);
                    expression((*side)->per);
                }
            if (r.state) {
                if (r.state->predicate) wants(*r.state->predicate, Use::Of::predicate);
                wants(r.state->kind, Use::Of::kind);
                expression(r.state->with);
                expression(r.state->where);
            }
            expression(r.per);
        }
    }
    void attributes(const std::vector<syntax::AttributeText>& all) {
        for (const syntax::AttributeText& one : all) type(one.type);
    }
    void body(const std::optional<syntax::BodyText>& body) {
        if (!body) return;
        for (const syntax::Template& argument : body->arguments) text(argument);
        text(body->instructions);
        expression(body->until);
        expression(body->at);
    }
    void files(const std::vector<syntax::Text>& all, Use::Of of) {
        for (const syntax::Text& name : all) wants(name, of);
    }

    void of(const syntax::PlanDocument& plan) {
        files(plan.uses, Use::Of::module);
        files(plan.policies, Use::Of::policy);
        if (plan.farm) wants(*plan.farm, Use::Of::farm);
        parameters(plan.parameters);
        steps(plan.steps);
        if (plan.recover) steps(*plan.recover);
        invariants(plan.invariants);
        for (const syntax::Waiver& waiver : plan.waive) wants(waiver.requirement, Use::Of::requirement);
    }
    void of(const syntax::PolicyDocument& policy) {
        files(policy.uses, Use::Of::module);
        invariants(policy.invariants);
        files(policy.waivable, Use::Of::requirement);
    }
    void of(const syntax::FarmDocument& farm) {
        files(farm.uses, Use::Of::module);
        const auto named = [&](const std::vector<syntax::NamedValue>& values) {
            for (const syntax::NamedValue& one : values) {
                wants(one.name, Use::Of::attribute);
                value(one.value);
            }
        };
        for (const syntax::FarmDefaults& one : farm.defaults) {
            wants(one.kind, Use::Of::kind);
            named(one.attributes);
            named(one.state);
            for (const syntax::NamedValue& connect : one.connect) value(connect.value);
        }
        for (const syntax::FarmList& list : farm.lists) {
            wants(list.plural, Use::Of::kind);
            for (const syntax::FarmObject& object : list.objects) {
                named(object.attributes);
                named(object.state);
                for (const syntax::NamedValue& connect : object.connect) value(connect.value);
            }
        }
    }
    void of(const syntax::ModuleDocument& module) {
        files(module.uses, Use::Of::module);
        for (const syntax::KindText& kind : module.kinds) {
            attributes(kind.attributes);
            attributes(kind.state);
            for (const syntax::Text& name : kind.identity)
                if (name.value != "name") wants(name, Use::Of::attribute);
            body(kind.observe);
        }
        for (const syntax::PredicateText& predicate : module.predicates) {
            wants(predicate.kind, Use::Of::kind);
            expression(predicate.condition);
        }
        for (const syntax::ActionText& action : module.actions) {
            if (action.on) wants(*action.on, Use::Of::kind);
            parameters(action.parameters);
            expression(action.precondition);
            for (const syntax::EventText& event : action.does) expression(event.object);
            for (const syntax::SetText& set : action.sets) {
                expression(set.object);
                wants(set.attribute, Use::Of::attribute);
                value(set.value);
            }
            body(action.run);
            for (const syntax::OutputText& output : action.outputs) text(output.value);
            if (action.undo) steps(action.undo->steps);
        }
        for (const syntax::ProcedureText& procedure : module.procedures) {
            if (procedure.on) wants(*procedure.on, Use::Of::kind);
            parameters(procedure.parameters);
            steps(procedure.steps);
            if (procedure.recover) steps(*procedure.recover);
        }
    }

  public:
    // A bare name that stands for nothing else is one of a list of words.
    void check_bare(const std::set<std::string>& enumerators) {
        for (const auto& [name, place] : bare_)
            if (!enumerators.contains(name)) fault(place, "nobody knows the name");
    }
    [[nodiscard]] const std::set<std::string>& enumerators() const { return enumerators_; }

  private:
    const compiler::Compilation& c_;
    const resolve::Uses& uses_;
    std::string& faults_;
    std::set<std::string> enumerators_;
    std::vector<std::pair<std::string, base::Span>> bare_;
};

// What the uses of a compilation lack: empty if there is nothing.
std::string faults_of(const compiler::Compilation& c, std::size_t& names) {
    std::string faults;
    Walk walk(c, faults);
    for (const base::FileId file : c.files) {
        const auto parsed = syntax::parse_document(*c.sources, file);
        if (parsed->document) walk.document(*parsed->document);
    }
    std::set<std::string> enumerators = walk.enumerators();
    walk.check_bare(enumerators);
    for (const Use& use : c.model->uses->all())
        if (use.by == Use::By::name && c.sources->text(use.place) != c.sources->text(use.definition))
            faults += "`" + std::string(c.sources->text(use.place)) + "` leads to `" +
                      std::string(c.sources->text(use.definition)) + "`\n";
    names += walk.names;
    return faults;
}

Compiled with_uses(const base::Files& files, const std::string& plan) {
    return compiler::compile(files, {.plan = plan, .wants_uses = true});
}

// A module, a plan, a farm and a policy with a name of each kind at each place where one may stand.
Project everything() {
    Project project({{"shop.yaml", shop}, {"farm.yaml", shop_farm}});
    project["more.yaml"] = R"(module: more
uses: [./shop.yaml]
kinds:
  rack:
    plural: racks
    attributes: {room: {type: string}, host: {type: node}, others: {type: list of node, default: []}}
    state: {mode: {type: [eager, lazy], default: eager}}
    identity: [room, name]
    observe: {powershell: "echo $On.room"}
predicates:
  lazy_one(rack r): r.mode == lazy and down(r.host)
actions:
  tune:
    on: rack
    parameters: {by: {type: int, default: 1}, key: {type: secret}, of: {type: rack}}
    requires: on.mode == eager and by > 0
    does: [tune(on), look(on.host)]
    sets: {on.mode: lazy}
    run: {powershell: "Set-It $With.by $Secret.key $on.room", at: on.host}
    outputs: {speed: "${json.speed}"}
    undo: {do: more.tune, with: {by: "${by}", key: "${key}", of: "${of}"}}
procedures:
  both:
    on: rack
    parameters: {key: {type: secret}}
    steps:
      - {id: one, do: more.tune, with: {key: "${key}", of: "${on}"}}
      - {id: two, do: shop.look, on: on.host, after: [one], with: {note: "${steps.one.speed}"}}
    recover:
      - {id: again, do: shop.look, on: on.host, when: done(one)}
)";
    project["farm.yaml"] = std::string(R"(farm: shop
uses: [./more.yaml]
secrets: {pin: {env: PIN}}
defaults:
  rack: {room: a, state: {mode: eager}}
)") + std::string(shop_farm).substr(std::string(shop_farm).find("nodes:")) +
                           R"(racks: {csv: racks.csv}
)";
    project["racks.csv"] = "name,host,state.mode\nr1,n1,eager\nr2,n2,lazy\n";
    project["own.policy.yaml"] = R"(policy: own
uses: [./more.yaml]
invariants:
  - name: tuned first
    require: every tune(rack r) before every tune(rack r) where r.name == "r2" and r.room == "a"
  - name: few down
    require: always at most 2 down(node n) where n.site == "west" per n.site
  - name: none lazy
    require: always at most 4 rack r with r.mode == lazy
waivable: [tuned first]
)";
    project["plan.yaml"] = R"(plan: all
uses: [./more.yaml]
policies: [./own.policy.yaml]
farm: ./farm.yaml
parameters: {chosen: {type: node, default: n2}, those: {type: list of node, default: [n1, n3]}}
waive: [{requirement: tuned first, because: it is only a test}]
steps:
  - id: first
    do: more.both
    on: racks["r1"]
    with: {key: "${secret.pin}"}
  - id: looks
    for_each: n in [m in those where m.site in ["west"]]
    do: shop.look
    on: n
    when: size([r in racks where r.host == n]) < 5
  - do: shop.look
    on: chosen
  - id: last
    after: [look, first]
    parallel:
      - {id: inner, do: shop.look, on: 'nodes["n3"]'}
      - {id: other, do: shop.migrate, on: base}
recover:
  - {id: back, do: shop.look, on: 'nodes["n1"]', when: done(first.one) and not failed(last.inner)}
)";
    return project;
}

std::string shown(const compiler::Compilation& c, const Use& use) {
    const base::Position at = c.sources->position(use.place.file, use.place.begin);
    const base::Position to = c.sources->position(use.definition.file, use.definition.begin);
    return std::string(c.sources->path(use.place.file)) + ":" + std::to_string(at.line) + " " +
           std::string(name_of(use.of)) + " `" + std::string(c.sources->text(use.place)) + "` " +
           std::string(c.sources->path(use.definition.file)) + ":" + std::to_string(to.line);
}

}  // namespace

TEST_CASE("uses: every name in the plans and the library leads to its definition") {
    std::size_t plans = 0;
    std::size_t names = 0;
    const base::FolderFiles files(std::string(PVSPLAN_SOURCE_DIR) + "/plans");
    for (const fs::directory_entry& entry : fs::directory_iterator(std::string(PVSPLAN_SOURCE_DIR) + "/plans")) {
        const std::string name = entry.path().filename().string();
        if (!name.ends_with(".plan.yaml")) continue;
        INFO(name);
        const Compiled c = with_uses(files, name);
        CHECK(errors_of(*c).empty());
        CHECK(faults_of(*c, names) == "");
        ++plans;
    }
    CHECK(plans >= 3);
    CHECK(names > 1000);
    // Policies that no plan names.
    for (const fs::directory_entry& entry : fs::directory_iterator(std::string(PVSPLAN_SOURCE_DIR) + "/stdlib/pvs")) {
        const std::string file = entry.path().filename().string();
        if (!file.ends_with(".policy.yaml")) continue;
        const std::string policy = "pvs/" + file.substr(0, file.find('.'));
        INFO(policy);
        const Compiled c =
            compiler::compile(files, {.plan = "rolling-upgrade.plan.yaml", .policies = {policy}, .wants_uses = true});
        CHECK(faults_of(*c, names) == "");
    }
}

TEST_CASE("uses: of each kind, at each place where one may stand") {
    const Compiled c = with_uses(everything(), "plan.yaml");
    INFO(text_of(*c));
    REQUIRE(errors_of(*c) == "PV5003");  // its `recover` is there for the names
    std::size_t names = 0;
    CHECK(faults_of(*c, names) == "");
    std::set<Use::Of> seen;
    std::string all;
    for (const Use& use : c->model->uses->all()) {
        seen.insert(use.of);
        all += shown(*c, use) + "\n";
    }
    INFO(all);
    CHECK(seen.size() == 16);
    for (const char* line : {"plan.yaml:9 module `more` more.yaml:1",
                             "plan.yaml:9 procedure `both` more.yaml:23",
                             "plan.yaml:10 kind `racks` more.yaml:5",
                             "plan.yaml:10 object `r1` racks.csv:2",
                             "plan.yaml:11 secret `pin` farm.yaml:3",
                             "plan.yaml:5 object `n2` farm.yaml:8",
                             "plan.yaml:6 requirement `tuned first` own.policy.yaml:4",
                             "plan.yaml:15 variable `n` plan.yaml:13",
                             "plan.yaml:20 step `look` plan.yaml:17",
                             "plan.yaml:25 step `one` more.yaml:27",
                             "plan.yaml:25 step `inner` plan.yaml:22",
                             "racks.csv:1 attribute `mode` more.yaml:7",
                             "racks.csv:2 object `n1` farm.yaml:7",
                             "more.yaml:19 parameter `by` more.yaml:15",
                             "more.yaml:19 parameter `key` more.yaml:15",
                             "more.yaml:19 attribute `room` more.yaml:6",
                             "more.yaml:28 output `speed` more.yaml:20",
                             "own.policy.yaml:5 event `tune` more.yaml:17",
                             "own.policy.yaml:5 variable `r` own.policy.yaml:5",
                             "own.policy.yaml:5 object `r2` racks.csv:3"}) {
        INFO(line);
        CHECK(all.find(std::string(line) + "\n") != std::string::npos);
    }
}

TEST_CASE("uses: whatever is renamed along them still compiles to the same") {
    const Project project = everything();
    const Compiled c = with_uses(project, "plan.yaml");
    REQUIRE(errors_of(*c) == "PV5003");
    const std::string findings = findings_of(*c);
    std::set<std::pair<std::string, std::uint32_t>> done;
    std::size_t renamed = 0;
    for (const Use& use : c->model->uses->all()) {
        if (use.by != Use::By::name || !c->sources->is_editable(use.definition)) continue;
        if (c->sources->text(use.place) == "look") continue;  // a step without an id is called so, and awaited
        if (!done.emplace(c->sources->path(use.definition.file), use.definition.begin).second) continue;
        const std::string name = std::string(c->sources->text(use.definition)) + "_renamed";
        diag::Fix rename{.title = "rename", .edits = {{use.definition, name}}};
        bool is_made_up = false;
        for (const Use& other : c->model->uses->of(use.definition)) {
            is_made_up = is_made_up || other.by == Use::By::made_up;
            if (other.by == Use::By::name) rename.edits.push_back({other.place, name});
        }
        if (is_made_up) continue;
        Project changed = project;
        const diag::Diagnostic offered{.fix = rename};
        for (auto& [file, text] : diag::apply_fixes(*c->sources, {&offered, 1}))
            changed[std::string(c->sources->path(file))] = text;
        const Compiled again = with_uses(changed, "plan.yaml");
        INFO(shown(*c, use) << "\n" << text_of(*again));
        CHECK(findings_of(*again) == findings);
        CHECK(again->model->uses->all().size() == c->model->uses->all().size());
        ++renamed;
    }
    CHECK(renamed > 40);
}

TEST_CASE("uses: nobody pays for what nobody asks for") { CHECK_FALSE(compiled(everything())->model->uses); }

}  // namespace pvsplan::test

// Every key has an example, and every example compiles.
#include <catch2/catch.hpp>

#include <fstream>
#include <sstream>

#include "compiler/resolve/functions.hpp"
#include "grammar/examples.hpp"
#include "grammar/shapes.hpp"
#include "runtime/doc/keys.hpp"
#include "runtime/doc/reference.hpp"
#include "tests/unit/compiler/project.hpp"

using namespace pvsplan;

namespace {

// What an example names of other files.
test::Project project_with(const grammar::Example& example) {
    test::Project project;
    project["farm.yaml"] =
        "farm: example\nuses: [pvs]\n"
        "defaults: {server: {state: {version: 2203, configured: 2203}}}\n"
        "databases:\n  - {name: ProvisioningDB, instance: sql01, state: {schema: 2203}}\n"
        "servers:\n  - {name: pvs01, address: pvs01}\n  - {name: pvs02, address: pvs02}\n";
    project["policy.yaml"] =
        "policy: looked\nuses: [pvs]\ninvariants:\n  - name: Somebody looks first\n"
        "    require: some look(server) before every stop(server)\nwaivable: Somebody looks first\n";
    project["servers.csv"] = "name,address\npvs01,pvs01.contoso.local\n";
    project["scripts/look.ps1"] = "Get-Service\n";
    project["plan.yaml"] = grammar::document_of(example);
    return project;
}

}  // namespace

TEST_CASE("every key of every document has an example, which has that key") {
    for (const grammar::Shape& shape : grammar::shapes())
        for (const grammar::Key& key : shape.keys) {
            INFO(shape.name << "." << key.name);
            const grammar::Example* const example = grammar::example_of(shape.name, key.name);
            REQUIRE(example);
            CHECK(example->text.find(std::string(key.name) + ":") != std::string_view::npos);
        }
}

TEST_CASE("every example compiles in the document that is complete with it") {
    for (const grammar::Example& example : grammar::examples()) {
        INFO(grammar::document_of(example));
        compiler::Request request;
        request.plan = "plan.yaml";
        request.takes = resolve::LoadRequest::Takes::any_document;
        const auto compiled = compiler::compile(project_with(example), request);
        INFO(test::text_of(*compiled));
        CHECK(compiled->ok());
    }
}

TEST_CASE("an example is of keys that there are") {
    for (const grammar::Example& example : grammar::examples()) {
        std::string_view rest = example.keys;
        while (!rest.empty()) {
            const std::string_view word = rest.substr(0, rest.find(' '));
            rest.remove_prefix(std::min(word.size() + 1, rest.size()));
            INFO(word);
            const std::size_t dot = word.find('.');
            REQUIRE(dot != std::string_view::npos);
            CHECK(grammar::shape(word.substr(0, dot)).key(word.substr(dot + 1)) != nullptr);
            CHECK(doc::key_page(word).has_value());
        }
    }
}

TEST_CASE("the example of every function and of every type compiles") {
    const auto compiles = [](const std::string& text) {
        const grammar::Example plan{"", "plan", text};
        compiler::Request request;
        request.plan = "plan.yaml";
        const auto compiled = compiler::compile(project_with(plan), request);
        INFO(grammar::document_of(plan) << test::text_of(*compiled));
        CHECK(compiled->ok());
    };
    const std::string step = "      - {id: stopped, do: pvs.database.look}\n";
    for (const resolve::Function& function : resolve::functions()) {
        CHECK(function.example.find(std::string(function.name) + "(") != std::string_view::npos);
        const std::string when = "when: '" + std::string(function.example) + "'";
        compiles(function.is_of_steps
                     ? "steps:\n  - steps:\n" + step + "    recover:\n      - {" + when + ", do: pvs.database.look}\n"
                     : "steps:\n  - {" + when + ", do: pvs.database.look}\n");
    }
    for (const resolve::SimpleType& type : resolve::simple_types())
        if (!type.example.empty())
            compiles("parameters:\n  it: {type: " + std::string(type.name) + ", default: " + std::string(type.example) +
                     "}\n");
}

TEST_CASE("grammar/reference.md is what the program prints") {
    std::ifstream file(PVSPLAN_SOURCE_DIR "/grammar/reference.md");
    std::stringstream text;
    text << file.rdbuf();
    INFO("pvsplan doc --reference > grammar/reference.md");
    CHECK((text.str() == doc::markdown_of(doc::reference_page())));
}

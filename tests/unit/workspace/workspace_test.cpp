// Compilations as values: shared, movable, made again after an edit, by several threads at once, and taken back.
#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <functional>
#include <memory>
#include <thread>

#include "compiler/base/digest.hpp"
#include "compiler/program/codec.hpp"
#include "compiler/repair.hpp"
#include "tests/unit/compiler/project.hpp"

namespace pvsplan::test {
namespace {

using compiler::Compilation;
using compiler::Workspace;
using Shared = std::shared_ptr<const Compilation>;

const char* const steps = "steps:\n  - {id: a, do: shop.look, on: 'nodes[\"n1\"]'}\n";

// The shop, its module split off into ten that use each other in a row.
Project many_modules() {
    Project project = shop_plan(steps);
    for (int i = 0; i < 10; ++i) {
        const std::string next = i == 9 ? "" : "uses: [./m" + std::to_string(i + 1) + ".yaml]\n";
        project["m" + std::to_string(i) + ".yaml"] = "module: m" + std::to_string(i) + "\n" + next +
                                                     "predicates:\n  p" + std::to_string(i) +
                                                     "(node n): n.stream == stopped\n";
    }
    project["m9.yaml"] = "module: m9\nuses: [./shop.yaml]\n";
    project["plan.yaml"] = "plan: test\nuses: [./m0.yaml]\nfarm: ./farm.yaml\n" + std::string(steps);
    return project;
}

Shared cold(const Project& project) { return compiler::compile(project, {.plan = "plan.yaml"}); }
Shared in(Workspace& workspace, const Project& project) {
    return compiler::compile(workspace, project, {.plan = "plan.yaml"});
}

// All that a compilation says.
std::string said(const Compilation& c) {
    std::string text = text_of(c) + edges_of(c);
    if (c.ok() && c.open_parameters.empty()) text += program::encode(compiler::program_of(c));
    return text;
}

// Files that call somebody whenever one of them is read.
class Watched final : public base::Files {
  public:
    Watched(const base::Files& files, std::function<void()> seen) : files_(files), seen_(std::move(seen)) {}
    [[nodiscard]] base::Result<std::string> read(std::string_view path) const override {
        seen_();
        return files_.read(path);
    }

  private:
    const base::Files& files_;
    std::function<void()> seen_;
};

}  // namespace

TEST_CASE("after an edit only the document that changed is parsed") {
    Workspace workspace;
    Project project = many_modules();
    const Shared first = in(workspace, project);
    CHECK(errors_of(*first).empty());
    CHECK(workspace.parsed() == 13);  // a plan, a farm, the shop and ten modules
    project["plan.yaml"] += "  - {id: b, do: shop.look, on: 'nodes[\"n2\"]', after: [nobody]}\n";
    const Shared second = in(workspace, project);
    CHECK(workspace.parsed() == 14);
    CHECK(errors_of(*second) == "PV2016");
    project["m3.yaml"] += "kinds: [\n";
    const Shared third = in(workspace, project);
    CHECK(workspace.parsed() == 15);
    CHECK_FALSE(third->ok());
    // An old one is what it was, and each says what it would say alone.
    CHECK(errors_of(*first).empty());
    CHECK(said(*second).find("PV2016") != std::string::npos);
    CHECK(said(*third) == said(*cold(project)));
    project = many_modules();
    CHECK(said(*in(workspace, project)) == said(*first));
    CHECK(workspace.parsed() == 15);
}

TEST_CASE("a workspace forgets what nobody compiles any more") {
    Workspace workspace;
    Project project = shop_plan(steps);
    const Shared first = in(workspace, project);
    const std::string whole = said(*first);
    const std::string_view text = first->sources->text(first->files.at(0));
    std::size_t most = 0;
    for (int edit = 0; edit < 10'000; ++edit) {
        project["small.yaml"] = "module: small\n# " + std::to_string(edit) + "\n";
        const Shared c = compiler::compile(workspace, project,
                                           {.plan = "small.yaml", .takes = resolve::LoadRequest::Takes::any_document});
        REQUIRE(c->sources->text(c->files.at(0)) == project["small.yaml"]);
        most = std::max(most, workspace.versions());
    }
    CHECK(most < 300);
    CHECK(workspace.parsed() == 10'003);
    // A compilation that is alive is what it was, with its places.
    CHECK(said(*first) == whole);
    CHECK(first->sources->text(first->files.at(0)).data() == text.data());
    CHECK(said(*in(workspace, project)) == whole);
}

TEST_CASE("texts that nobody compiles any more go with the last compilation that read them") {
    Workspace workspace;
    Project project = shop_plan(steps);
    const std::string plan = project["plan.yaml"];
    Shared first = in(workspace, project);
    const std::weak_ptr<const base::Sources> texts = first->sources;
    const std::string filling = "# " + std::string(500'000, 'x') + "\n";
    std::size_t held = 0;
    for (int edit = 0; edit < 20; ++edit) {
        project["plan.yaml"] = plan + "# " + std::to_string(edit) + "\n" + filling;
        (void)in(workspace, project);
        held = std::max(held, workspace.versions());
    }
    CHECK(held < 10);  // few versions, if they are large
    CHECK_FALSE(texts.expired());
    first.reset();
    CHECK(texts.expired());
}

TEST_CASE("who cancels every compilation keeps what is parsed, and no more than a bound") {
    Workspace workspace;
    Project project = many_modules();
    const std::string plan = project["plan.yaml"];
    (void)in(workspace, project);
    std::size_t most = 0;
    for (int edit = 0; edit < 600; ++edit) {
        project["plan.yaml"] = plan + "# " + std::to_string(edit) + "\n";
        std::stop_source stop;
        const Watched files(project, [&] { stop.request_stop(); });
        CHECK_FALSE(compiler::compile(workspace, files, {.plan = "plan.yaml"}, stop.get_token()).ok());
        most = std::max(most, workspace.versions());
    }
    CHECK(most < 300);
    CHECK(workspace.parsed() < 700);
}

TEST_CASE("findings come in the order of the files, whatever was read before") {
    Project project({{"shop.yaml", std::string(shop) + "x: 1\n"},
                     {"farm.yaml", shop_farm},
                     {"plan.yaml", "plan: test\nuses: [./shop.yaml]\nfarm: ./farm.yaml\ny: 1\n" + std::string(steps)}});
    const std::string alone = said(*cold(project));
    Workspace workspace;
    (void)in(workspace, shop_plan(steps));
    (void)compiler::compile(workspace, project, {.plan = "shop.yaml"});  // so that its id comes first
    CHECK(said(*in(workspace, project)) == alone);
    CHECK(alone.find("plan.yaml") < alone.find("shop.yaml:"));
}

TEST_CASE("a compilation moves, and outlives whatever it was made with") {
    Shared kept;
    std::optional<Compilation> moved;
    std::string alone;
    {
        Workspace workspace;
        const Project project = shop_plan("parameters: {fast: {type: bool}}\n" + std::string(steps));
        kept = in(workspace, project);
        Compilation copy = *kept;
        alone = said(*kept);
        moved.emplace(std::move(copy));
    }
    CHECK(said(*kept) == alone);
    kept.reset();
    CHECK(said(*moved) == alone);
    CHECK(moved->facts().unknown_text({program::Value::Unknown::Type::parameter, 0}) == "the parameter `fast`");
    CHECK(moved->facts().path(0) == "a");
}

TEST_CASE("the parameters that are shown are those of the program's facts") {
    // The first combination holds, the second fails, the third does not matter.
    const Project project = shop_plan(
        "parameters: {way: {type: [one, two, three]}}\n"
        "steps:\n"
        "  - {id: a, do: shop.stop, on: 'nodes[\"n1\"]'}\n"
        "  - {id: b, do: shop.stop, on: 'nodes[\"n1\"]', when: way == two}\n"
        "  - {id: c, do: shop.look, on: 'nodes[\"n2\"]', when: way == three}\n");
    const Shared c = cold(project);
    CHECK_FALSE(c->ok());
    CHECK(nodes_of(*c) == "a b");
    CHECK(c->model->arguments[0] == program::Value::enumerator("two"));
}

TEST_CASE("fixes are made for who asks for them") {
    const Project project = shop_plan(
        "steps:\n"
        "  - parallel:\n"
        "      - {id: one, do: shop.stop, on: 'nodes[\"n1\"]'}\n"
        "      - {id: two, do: shop.stop, on: 'nodes[\"n2\"]'}\n"
        "invariants:\n"
        "  - name: first\n"
        "    require: every stop(node n) where n.name == \"n1\" before every stop(node m) where m.name == \"n2\"\n");
    const Shared c = cold(project);
    const auto has_fix = [](const Compilation& of) {
        for (const diag::Diagnostic& d : of.sink.all())
            if (d.fix) return true;
        return false;
    };
    REQUIRE(errors_of(*c) == "PV4002");
    CHECK_FALSE(has_fix(*c));
    const Shared repaired = compiler::with_repairs(c);
    CHECK(has_fix(*repaired));
    CHECK_FALSE(has_fix(*c));
    CHECK(compiler::with_repairs(cold(shop_plan(steps)))->ok());
}

TEST_CASE("who asks to stop gets no result at all") {
    const Project project = many_modules();
    const std::string whole = said(*cold(project));
    std::size_t reads = 0;
    (void)compiler::compile(Watched(project, [&] { ++reads; }), {.plan = "plan.yaml"});
    REQUIRE(reads == 13);
    for (std::size_t at = 0; at <= reads; ++at) {
        INFO(at);
        Workspace workspace;
        std::stop_source stop;
        std::size_t seen = 0;
        if (at == 0) stop.request_stop();
        const Watched files(project, [&] {
            if (++seen == at) stop.request_stop();
        });
        const auto c = compiler::compile(workspace, files, {.plan = "plan.yaml"}, stop.get_token());
        REQUIRE_FALSE(c.ok());
        CHECK(c.error().text() == "the compilation was cancelled");
        CHECK(said(*in(workspace, project)) == whole);  // nothing that is kept was cut short
    }
    Workspace workspace;
    const auto c = compiler::compile(workspace, project, {.plan = "plan.yaml"}, std::stop_source().get_token());
    REQUIRE(c.ok());
    CHECK(said(**c) == whole);
}

TEST_CASE("a stop at any time gives no result or the whole one") {
    const Project project = shop_plan(
        "parameters: {a: {type: bool}, b: {type: bool}, c: {type: bool}}\n"
        "steps:\n  - {for_each: n in nodes, do: shop.look, on: n}\n");
    const std::string whole = said(*cold(project));
    Workspace workspace;
    for (int turn = 0; turn < 200; ++turn) {
        std::stop_source stop;
        std::thread other([&] {
            for (std::atomic<int> i = 0; i < turn * 2000;) ++i;
            stop.request_stop();
        });
        const auto c = compiler::compile(workspace, project, {.plan = "plan.yaml"}, stop.get_token());
        other.join();
        if (c.ok()) CHECK(said(**c) == whole);
    }
}

TEST_CASE("a budget that is stopped is exhausted") {
    std::stop_source stop;
    program::Budget budget(stop.get_token());
    CHECK(budget.charge(1));
    stop.request_stop();
    CHECK_FALSE(budget.charge(1));
    CHECK(budget.is_exhausted());
}

TEST_CASE("threads share a workspace, and each reads what the others have made") {
    Workspace workspace;
    const Project base = many_modules();
    std::vector<Project> projects;
    std::vector<std::string> alone;
    for (int i = 0; i < 4; ++i) {
        Project project = base;
        project["m" + std::to_string(i) + ".yaml"] += "# " + std::to_string(i) + "\n";
        project["plan.yaml"] += "  - {id: b, do: shop.look, on: 'nodes[\"n" + std::to_string(i) + "\"]'}\n";
        alone.push_back(said(*cold(project)));
        projects.push_back(std::move(project));
    }
    const Shared shared = in(workspace, base);
    const std::string whole = said(*shared);
    std::vector<std::string> faults(4);
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < 4; ++i)
        threads.emplace_back([&, i] {
            for (int turn = 0; turn < 10; ++turn) {
                if (said(*in(workspace, projects[i])) != alone[i]) faults[i] = "another result";
                if (said(*shared) != whole) faults[i] = "a compilation changed";
            }
        });
    for (std::thread& thread : threads) thread.join();
    for (const std::string& fault : faults) CHECK(fault.empty());
}

TEST_CASE("files are versions of paths, and stay where they are") {
    base::Sources sources;
    const base::FileId a = sources.add("a", "one");
    const std::string_view text = sources.text(a);
    std::vector<base::FileId> others;
    for (int i = 0; i < 1000; ++i) others.push_back(sources.add("b", "text " + std::to_string(i)));
    CHECK(sources.add("a", "one") == a);
    CHECK(sources.add("a", "two") != a);
    CHECK(sources.add("c", "one") != a);
    CHECK(sources.text(a).data() == text.data());
    CHECK(sources.version(a) == base::sha256_hex("one"));
    CHECK(sources.size() == 1003);
    for (std::size_t i = 0; i < others.size(); ++i) REQUIRE(sources.text(others[i]) == "text " + std::to_string(i));
}

}  // namespace pvsplan::test

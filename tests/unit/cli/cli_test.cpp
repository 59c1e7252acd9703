#include <catch2/catch.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

#include "compiler/base/digest.hpp"
#include "compiler/diag/display.hpp"
#include "runtime/cli/changed_sources.hpp"
#include "runtime/cli/command.hpp"
#include "runtime/cli/output_file.hpp"
#include "runtime/cli/project.hpp"
#include "runtime/view/plan_order.hpp"
#include "runtime/view/table.hpp"

namespace pvsplan::cli {
namespace {

namespace fs = std::filesystem;

struct Terminal {
    std::string out;
    std::string err;
    Session session;

    Terminal() {
        session.out.write = [this](std::string_view text) { out += text; };
        session.err.write = [this](std::string_view text) { err += text; };
        session.read_line = [] { return std::nullopt; };
    }
    int run(const std::vector<std::string>& arguments) { return cli::run(session, arguments); }
};

struct Folder {
    fs::path path = fs::temp_directory_path() / ("pvsplan-cli-" + std::to_string(::getpid()));
    Folder() {
        fs::remove_all(path);  // of a process that had the same number, and died
        fs::create_directories(path);
    }
    ~Folder() { fs::remove_all(path); }
};

std::string read(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

void narrow(const std::string& text, std::uint32_t width) {
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = text.find('\n', begin);
        INFO(text.substr(begin, end - begin));
        CHECK(diag::columns(text.substr(begin, end - begin)) <= width);
        begin = end + 1;
    }
}

}  // namespace

TEST_CASE("help fits into 80 columns, for every command") {
    Terminal terminal;
    CHECK(terminal.run({"--help"}) == 0);
    for (const Command& command : commands()) {
        CHECK(terminal.run({command.name, "--help"}) == 0);
        CHECK_FALSE(command.summary.ends_with('.'));
        for (const Option& option : command.options) CHECK_FALSE(option.help.ends_with('.'));
    }
    CHECK(terminal.err.empty());
    narrow(terminal.out, 80);
}

TEST_CASE("wrong usage exits with 2 and suggests the right one") {
    const std::pair<std::vector<std::string>, const char*> wrong[] = {
        {{"valdate"}, "did you mean `validate`?"},
        {{"show"}, "needs `PLAN`"},
        {{"show", "x", "--formt", "json"}, "did you mean `--format`?"},
        {{"show", "x", "--format", "xml"}, "`--format` is one of text, json, dot, mermaid"},
        {{"show", "x", "y"}, "one too many"},
        {{"--no-color"}, "no command is named"},
        {{"explain", "PV1", "x"}, "takes a code"},
    };
    for (const auto& [arguments, words] : wrong) {
        Terminal terminal;
        CHECK(terminal.run(arguments) == 2);
        CHECK(terminal.out.empty());
        CHECK_THAT(terminal.err, Catch::Contains(words));
        narrow(terminal.err, 80);
    }
}

TEST_CASE("steps may overlap exactly if no path orders them") {
    std::mt19937 random(7);
    for (int round = 0; round < 50; ++round) {
        const std::uint32_t n = 1 + random() % 12;
        program::Graph graph;
        graph.nodes.resize(n);
        std::vector<std::vector<bool>> before(n, std::vector<bool>(n));
        for (std::uint32_t to = 0; to < n; ++to)
            for (std::uint32_t from = 0; from < to; ++from)
                if (random() % 4 == 0) {
                    graph.edges.push_back({.from = program::NodeId(from), .to = program::NodeId(to)});
                    before[from][to] = true;
                }
        for (std::uint32_t k = 0; k < n; ++k)
            for (std::uint32_t i = 0; i < n; ++i)
                for (std::uint32_t j = 0; j < n; ++j)
                    if (before[i][k] && before[k][j]) before[i][j] = true;
        const view::Overlaps found(view::predecessors_of(graph));
        for (std::uint32_t a = 0; a < n; ++a) {
            std::vector<std::uint32_t> expected;
            for (std::uint32_t b = 0; b < n; ++b)
                if (a != b && !before[a][b] && !before[b][a]) expected.push_back(b);
            CHECK(found.with(std::array{a}) == expected);
        }
        const auto chain = view::longest_chain(graph, [](std::uint32_t) { return 1; });
        for (std::size_t i = 1; i < chain.size(); ++i) CHECK(before[chain[i - 1]][chain[i]]);
    }
}

TEST_CASE("numbers for people") {
    CHECK(view::ranges({}) == "");
    CHECK(view::ranges({2, 4, 5, 6, 7, 9, 10}) == "2, 4-7, 9, 10");
    CHECK(view::duration_for_people(45'000) == "45s");
    CHECK(view::duration_for_people(4'800'000) == "1h 20m");
    CHECK(view::duration_for_people(90'000'000) == "1d 1h");
    CHECK(view::duration_for_people(3'600'000) == "1h");
}

TEST_CASE("a table wraps its last column") {
    view::Table table({"a", "what"});
    table.add({"name", "word word word word word word word word word word word word word word word word word word"});
    narrow(table.text({.width = 40}), 40);
}

TEST_CASE("a file is replaced as a whole") {
    const Folder folder;
    const fs::path file = folder.path / "x";
    CHECK(write_file(file.string(), "one").ok());
    ::chmod(file.c_str(), 0600);
    CHECK(write_file(file.string(), "two").ok());
    CHECK(read(file) == "two");
    struct stat about {};
    REQUIRE(::stat(file.c_str(), &about) == 0);
    CHECK((about.st_mode & 0777U) == 0600U);
    fs::create_symlink(file, folder.path / "link");
    CHECK(write_file((folder.path / "link").string(), "three").ok());
    CHECK(read(file) == "three");
    CHECK(fs::is_symlink(folder.path / "link"));
    CHECK_FALSE(write_file((folder.path / "no" / "x").string(), "").ok());
    CHECK(std::distance(fs::directory_iterator(folder.path), {}) == 2);
}

// A device never ends and a pipe is waited for: where one of them was read, this test would not return.
TEST_CASE("files that a compiled plan names are looked at inside of the project alone") {
    const Folder folder;
    const std::string project = (folder.path / "project").string();
    fs::create_directories(project);
    std::ofstream(fs::path(project) / "plan.yaml") << "plan: a\n";
    std::ofstream(folder.path / "outside.yaml") << "plan: b\n";
    REQUIRE(::mkfifo((fs::path(project) / "pipe").c_str(), 0600) == 0);
    fs::create_symlink("/dev/zero", fs::path(project) / "zero");
    program::Plan plan;
    for (const char* const name : {"/dev/zero", "pipe", "zero", "../outside.yaml"}) plan.inputs[name] = "";
    CHECK(changed_sources(project, plan).empty());

    plan.inputs["plan.yaml"] = base::sha256_hex("plan: a\n");
    CHECK(changed_sources(project, plan) == std::vector<std::string>{"`../outside.yaml` is gone", "`/dev/zero` is gone",
                                                                     "`pipe` is gone", "`zero` is gone"});
}

TEST_CASE("paths that were typed are seen from the project folder") {
    const Folder folder;
    fs::create_directories(folder.path / "plans");
    fs::create_directories(folder.path / "farms");
    Terminal terminal;
    const std::string plan = (folder.path / "plans" / "p.yaml").string();
    const std::string farm = (folder.path / "farms" / "f.yaml").string();
    const auto alone = project_of(terminal.session, plan);
    REQUIRE(alone.ok());
    CHECK(*path_inside(*alone, plan) == "p.yaml");
    CHECK_THAT(path_inside(*alone, farm).error().message, Catch::Contains("--root DIR"));
    terminal.session.root = folder.path.string();
    const auto both = project_of(terminal.session, plan);
    REQUIRE(both.ok());
    CHECK(*path_inside(*both, plan) == "plans/p.yaml");
    CHECK(*path_inside(*both, farm) == "farms/f.yaml");
    terminal.session.root = (folder.path / "nowhere").string();
    CHECK_FALSE(project_of(terminal.session, plan).ok());
}

}  // namespace pvsplan::cli

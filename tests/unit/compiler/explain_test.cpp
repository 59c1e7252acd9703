// Every code has its page, every page a code, and what a page shows is what the compiler says.
#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "compiler/diag/explain.hpp"
#include "tests/unit/compiler/page.hpp"

namespace fs = std::filesystem;
using namespace pvsplan;

namespace {

// "PV2010" -> "error", for every Declared<…> of every codes.hpp.
std::map<std::string, std::string> declared_codes() {
    static const std::regex declaration(R"(Declared<[^;=]*>\s+\w+\{\s*(\d{4}),\s*(?:Severity::)?(\w+),)");
    std::map<std::string, std::string> codes;
    for (const char* half : {"compiler", "runtime"}) {
        const fs::path root = fs::path(PVSPLAN_SOURCE_DIR) / half;
        REQUIRE(fs::exists(root));
        for (const auto& entry : fs::recursive_directory_iterator(root)) {
            if (!entry.path().filename().string().ends_with("codes.hpp")) continue;
            std::ifstream in(entry.path());
            std::ostringstream text;
            text << in.rdbuf();
            const std::string all = text.str();
            for (std::sregex_iterator at(all.begin(), all.end(), declaration), end; at != end; ++at) {
                INFO(entry.path());
                const bool is_new = codes.emplace("PV" + (*at)[1].str(), (*at)[2].str()).second;
                CHECK(is_new);
            }
        }
    }
    return codes;
}

}  // namespace

TEST_CASE("every code has a page, and every page a code") {
    std::set<std::string> codes;
    for (const auto& [code, severity] : declared_codes()) codes.insert(code);
    REQUIRE(codes.size() > 40);
    std::set<std::string> pages;
    for (const base::Embedded& page : diag::explain_pages())
        pages.insert(std::string(page.name.substr(0, page.name.find('.'))));
    for (const std::string& code : codes) {
        INFO(code << " has no page");
        CHECK(pages.contains(code));
    }
    for (const std::string& page : pages) {
        INFO(page << " explains a code that is not declared");
        CHECK(codes.contains(page));
    }
}

TEST_CASE("every page shows what it explains") {
    const std::map<std::string, std::string> codes = declared_codes();
    std::size_t seen_only = 0;
    for (const base::Embedded& embedded : diag::explain_pages()) {
        INFO(embedded.name);
        const test::Page page = test::read_page(embedded.text);
        CHECK(page.fault.empty());
        CHECK(page.code + ".md" == embedded.name);
        CHECK(!page.title.empty());
        CHECK(!page.title.ends_with('.'));
        if (page.is_seen_only) {
            ++seen_only;
            continue;
        }
        if (!page.fault.empty()) continue;
        const test::Verdict wrong = test::run_half(page.wrong);
        const test::Verdict right = test::run_half(page.right);
        const auto severity = codes.find(page.code);
        INFO("## Wrong: " << wrong.findings << "\n"
                          << wrong.text << "## Right: " << right.findings << "\n"
                          << right.text);
        if (severity != codes.end() && severity->second == "error") {
            CHECK(wrong.errors == page.code);
        } else {
            CHECK(wrong.errors.empty());
            CHECK(wrong.findings.find(page.code) != std::string::npos);
        }
        CHECK(right.findings.find(page.code) == std::string::npos);
        CHECK(right.errors.empty());
        CHECK(wrong.out_of_reach.empty());
        CHECK(right.out_of_reach.empty());
    }
    CHECK(seen_only <= 8);
}

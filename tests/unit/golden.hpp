// Texts that tests compare with a file of this repository, sample by sample: "== NAME", then its lines.
#pragma once

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>
#include <string>
#include <vector>

namespace pvsplan::test {

class Golden {
  public:
    // `file`: from the root of the repository; `head`: what its first lines say.
    Golden(const std::string& file, std::string head)
        : path_(std::string(PVSPLAN_SOURCE_DIR) + "/" + file), head_(std::move(head)) {}

    // With PVSPLAN_BLESS=1 in the environment the lines are written instead, for a person to read.
    void expect(const std::string& name, const std::vector<std::string>& lines) const {
        const char* is_blessed = std::getenv("PVSPLAN_BLESS");
        if (is_blessed != nullptr && *is_blessed != '\0') bless(name, lines);
        const auto all = samples();
        const auto found = all.find(name);
        INFO("`" << name << "` of " << path_ << "; PVSPLAN_BLESS=1 writes it");
        REQUIRE(found != all.end());
        const std::size_t size = std::max(lines.size(), found->second.size());
        for (std::size_t i = 0; i < size; ++i)
            if (line_of(lines, i) != line_of(found->second, i)) {
                INFO("line " << i + 1);
                REQUIRE(line_of(lines, i) == line_of(found->second, i));
            }
        CHECK(size > 0);
    }

  private:
    using Samples = std::map<std::string, std::vector<std::string>>;

    static std::string line_of(const std::vector<std::string>& lines, std::size_t i) {
        return i < lines.size() ? lines[i] : "(none)";
    }
    [[nodiscard]] Samples samples() const {
        Samples all;
        std::ifstream file(path_);
        std::string name;
        for (std::string line; std::getline(file, line);)
            if (line.starts_with("== "))
                name = line.substr(3);
            else if (!name.empty() && !line.empty())
                all[name].push_back(line);
        return all;
    }
    void bless(const std::string& name, const std::vector<std::string>& lines) const {
        Samples all = samples();
        all[name] = lines;
        std::ofstream file(path_);
        file << head_;
        for (const auto& [title, text] : all) {
            file << "\n== " << title << "\n";
            for (const std::string& line : text)
                if (!line.empty()) file << line << "\n";
        }
    }

    std::string path_;
    std::string head_;
};

}  // namespace pvsplan::test

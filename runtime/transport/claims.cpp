#include "runtime/transport/claims.hpp"

#include <charconv>
#include <filesystem>
#include <optional>
#include <utility>

#include "compiler/base/digest.hpp"
#include "compiler/base/lists.hpp"
#include "runtime/ports/files.hpp"
#include "runtime/ports/this_process.hpp"

namespace pvsplan::transport {

namespace fs = std::filesystem;

namespace {

struct Found {
    std::string line;
    std::string run;
    std::uint64_t token = 0;
};

constexpr std::uint64_t max_claim_bytes = 10'000;

// Where others can write too, anything may stand under this name: a link to a file that only we may read, a pipe that
// never ends. It is looked at and not followed; what is no claim that can be read is somebody's all the same.
std::optional<Found> read_claim(const std::string& file) {
    std::error_code failed;
    const fs::file_type type = fs::symlink_status(file, failed).type();
    if (type == fs::file_type::not_found || type == fs::file_type::none) return std::nullopt;
    const auto unreadable = [](const std::string& why) { return Found{.line = "? " + why, .run = {}, .token = 0}; };
    if (type == fs::file_type::symlink) return unreadable("it is a link");
    if (type != fs::file_type::regular) return unreadable("it is no plain file");
    const auto text = ports::read_file(file, max_claim_bytes, ports::Links::refused, failed);
    if (!text && failed == std::errc::no_such_file_or_directory) return std::nullopt;
    if (!text) return unreadable(failed.message());
    Found found{.line = text->substr(0, text->find('\n')), .run = {}, .token = 0};
    const auto space = found.line.find(' ');
    found.run = found.line.substr(0, space);
    if (space != std::string::npos)
        std::from_chars(found.line.data() + space + 1, found.line.data() + found.line.size(), found.token);
    return found;
}

// The name of a file of this process beside `file`, for which nobody waits.
std::string beside(const std::string& file) { return file + "." + std::to_string(ports::process_id()); }

// A file of ours, complete, under that name.
// What an earlier process of our number left is in the way. The file is readable for everybody: whoever is refused has
// to see by whom.
std::error_code draft(const std::string& mine, const std::string& line) {
    std::error_code failed;
    fs::remove(mine, failed);
    return ports::write_new_file(mine, line + "\n", ports::Readers::everybody);
}

void drop_file(const std::string& file) {
    std::error_code failed;
    fs::remove(file, failed);
}

// Moves a claim that gives way aside, unless it has become another's meanwhile.
void set_aside(const std::string& file, const std::string& line) {
    const std::string aside = beside(file + ".over");
    std::error_code failed;
    fs::rename(file, aside, failed);
    if (failed) return;
    if (const auto moved = read_claim(aside); moved && moved->line != line) fs::create_hard_link(aside, file, failed);
    drop_file(aside);  // a folder too
}

// Writes a claim that is ours anew. Where it is somebody else's file, the run is ours all the same.
void renew(const std::string& file, const std::string& line) {
    const std::string mine = beside(file);
    if (draft(mine, line)) return;
    std::error_code failed;
    fs::rename(mine, file, failed);
    if (failed) drop_file(mine);
}

struct Look {
    enum class Whose : std::uint8_t { nobody, ours, held };
    Whose whose = Whose::nobody;
    std::string line;  // what stands there
};

// A larger token of the same run is not ours: somebody has taken the run over, and this process may begin nothing more.
Look look_at(const std::string& file, const ports::Claim& claim) {
    auto found = read_claim(file);
    if (found && !claim.instead_of.empty() && found->line == claim.instead_of) {
        set_aside(file, found->line);
        found = read_claim(file);
    }
    if (!found) return {};
    const bool is_ours = found->run == claim.run && found->token <= claim.token;
    return {.whose = is_ours ? Look::Whose::ours : Look::Whose::held, .line = std::move(found->line)};
}

Claimed held_by(Look look, std::string file) {
    return {.result = Claimed::Result::held, .line = std::move(look.line), .file = std::move(file), .why = {}};
}

}  // namespace

// The readable part may be the same for two farms; the digest behind it is not.
std::string claim_name(const std::string& farm) {
    std::string name;
    for (const char c : farm.substr(0, 40)) {
        const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
        name += is_plain ? c : '_';
    }
    return name + "-" + base::sha256_hex(farm).substr(0, 12);
}

std::string claim_line(const ports::Claim& claim) {
    return claim.run + " " + std::to_string(claim.token) + " " + claim.owner;
}

// First every place is looked at, then the claim is made where that can be, then every place is looked at once more. Of
// two who do so at once in different places each sees the other, and one of them gives way at least.
Claimed make_claim(const std::vector<std::string>& places, const ports::Claim& claim) {
    const std::string name = claim_name(claim.farm);
    const std::string line = claim_line(claim);
    bool is_ours = false;
    for (const std::string& place : places) {
        const std::string file = place + name;
        Look look = look_at(file, claim);
        if (look.whose == Look::Whose::held) return held_by(std::move(look), file);
        if (look.whose != Look::Whose::ours) continue;
        is_ours = true;
        if (look.line != line) renew(file, line);
    }
    if (is_ours) return {};
    std::string why;
    for (const std::string& place : places) {
        const std::string file = place + name;
        const std::string mine = beside(file);
        std::error_code failed = draft(mine, line);
        if (!failed) {
            // A link is made only where nothing stands, and is complete when it appears: a rename would replace what
            // somebody else had made.
            fs::create_hard_link(mine, file, failed);
            drop_file(mine);
        }
        if (failed) {
            Look look = failed == std::errc::file_exists ? look_at(file, claim) : Look{};
            if (look.whose == Look::Whose::held) return held_by(std::move(look), file);
            base::append(why, ", ", "`" + file + "`: " + failed.message());
            continue;
        }
        for (const std::string& other : places)
            if (Look look = look_at(other + name, claim); look.whose == Look::Whose::held) {
                drop_file(file);
                return held_by(std::move(look), other + name);
            }
        return {};
    }
    return {.result = Claimed::Result::nowhere, .line = {}, .file = {}, .why = why};
}

// Only one of this run: that of whoever has taken the farm over stays.
void release_claim(const std::vector<std::string>& places, const ports::Claim& claim) {
    for (const std::string& place : places) {
        const std::string file = place + claim_name(claim.farm);
        const auto found = read_claim(file);
        if (found && found->run == claim.run && found->token <= claim.token) drop_file(file);
    }
}

}  // namespace pvsplan::transport

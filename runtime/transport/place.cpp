#include "runtime/transport/place.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>

#include "runtime/ports/files.hpp"
#include "runtime/ports/places.hpp"
#include "runtime/ports/private_files.hpp"
#include "runtime/ports/process_group.hpp"
#include "runtime/ports/this_process.hpp"
#include "runtime/transport/folder_files.hpp"

namespace pvsplan::transport {

namespace fs = std::filesystem;

namespace {

// The word of the folder, written if nobody has done so.
base::Result<std::string> word_of(const std::string& folder) {
    const std::string file = folder + "/.place";
    if (const auto word = read_own_file(file, 100); word && !word->empty()) return word->substr(0, word->find('\n'));
    const std::string word = ports::random_word();
    if (word.empty()) return base::Error{"there is no source of random words here"};
    const std::string mine = file + "." + std::to_string(ports::process_id());
    const bool is_for_all = ports::is_shared_folder(folder);
    std::error_code failed;
    fs::remove(mine, failed);  // of a process that had our number
    failed =
        ports::write_new_file(mine, word + "\n", is_for_all ? ports::Readers::everybody : ports::Readers::this_account);
    if (failed) return base::Error{"`" + mine + "` cannot be written", {failed.message()}};
    fs::create_hard_link(mine, file, failed);  // complete when it appears, and the first one stays
    const bool is_ours = !failed;
    fs::remove(mine, failed);
    if (is_ours) return word;
    const auto theirs = read_own_file(file, 100);
    if (!theirs || theirs->empty()) return base::Error{"`" + file + "` cannot be written"};
    return theirs->substr(0, theirs->find('\n'));
}

// `folder` is the last of them and may hold blanks.
std::string part_of(std::string_view place, std::string_view name) {
    const auto at = place.find(" " + std::string(name) + "=");
    if (at == std::string_view::npos) return {};
    place.remove_prefix(at + name.size() + 2);
    return std::string(name == "folder" ? place : place.substr(0, place.find(' ')));
}

std::string in_words(std::string_view place) {
    return "`" + part_of(place, "folder") + "` of the account " + part_of(place, "uid") + " on the machine " +
           part_of(place, "machine");
}

}  // namespace

std::string JobsFolder::place() const {
    return id + " uid=" + ports::account_id() + " machine=" + ports::borders_here().machine + " folder=" + path;
}

// It is checked each time that it is opened: what was ours yesterday may belong to somebody else today.
base::Result<JobsFolder> open_jobs_folder(const std::string& given) {
    JobsFolder folder{.path = given, .id = {}, .claims = {given + "/.claim-"}};
    if (given.empty()) {
        auto usual = ports::usual_jobs_folder();
        if (!usual) return std::move(usual).error();
        folder.path = std::move(*usual);
        folder.claims = ports::usual_claim_places();
    }
    if (auto made = make_folders(folder.path); !made) return std::move(made).error();
    if (std::string why = ports::distrust(folder.path); !why.empty()) return base::Error{std::move(why)};
    auto word = word_of(folder.path);
    if (!word) return std::move(word).error();
    folder.id = std::move(*word);
    return folder;
}

// Only the word counts. A folder that was moved, or is reached under another name, is the same place.
std::string difference(std::string_view place, std::string_view here) {
    if (place.empty() || place.substr(0, place.find(' ')) == here.substr(0, here.find(' '))) return "";
    return "its job was begun in " + in_words(place) + ", and is looked for in " + in_words(here) +
           (part_of(place, "folder") == part_of(here, "folder") && part_of(place, "machine") == part_of(here, "machine")
                ? ", which was made anew since"
                : "");
}

namespace {

constexpr std::string_view ledgers = ".begun.";

// The run in a key "RUN-STEP-ATTEMPT".
std::string run_of(const std::string& key) {
    const auto attempt = key.rfind('-');
    return key.substr(0, attempt == std::string::npos || attempt == 0 ? attempt : key.rfind('-', attempt - 1));
}

std::string ledger_of(const std::string& folder, const std::string& run) {
    return folder + "/" + std::string(ledgers) + ports::account_id() + "." + run;
}

}  // namespace

base::Status note_begun(const std::string& folder, const std::string& key) {
    const std::string file = ledger_of(folder, run_of(key));
    // Whoever else looks for the job of this account has to see that it began.
    const auto readers = ports::is_shared_folder(folder) ? ports::Readers::everybody : ports::Readers::this_account;
    if (const std::error_code failed = ports::append_to_file(file, key + "\n", readers); failed)
        return base::Error{"`" + file + "` cannot be written", {failed.message()}};
    // For the keeper, which comes upon it without that as well, only later.
    (void)ports::append_to_file(folder + "/.open." + ports::account_id(), key + "\n", ports::Readers::this_account);
    return base::Done{};
}

// In the order in which they began.
std::vector<std::string> begun_of(const std::string& folder, const std::string& run) {
    std::istringstream lines(read_own_file(ledger_of(folder, run), max_ledger_bytes).value_or(""));
    std::vector<std::string> keys;
    for (std::string key; std::getline(lines, key);) keys.push_back(key);
    return keys;
}

void forget_begun(const std::string& folder, const std::string& run) {
    std::error_code code;
    std::vector<fs::path> of_run;
    for (const auto& entry : fs::directory_iterator(folder, code)) {
        const std::string name = entry.path().filename().string();
        if (name.starts_with(ledgers) && name.ends_with("." + run)) of_run.push_back(entry.path());
    }
    for (const fs::path& file : of_run) fs::remove(file, code);  // another account's stays
}

// Ledgers of all accounts are read: the job may have been begun by another one.
bool was_begun(const std::string& folder, const std::string& key) {
    std::error_code code;
    for (const auto& entry : fs::directory_iterator(folder, code)) {
        if (!entry.path().filename().string().starts_with(ledgers)) continue;
        if (entry.symlink_status(code).type() != fs::file_type::regular) continue;  // others may write here
        std::ifstream file(entry.path());
        for (std::string line; std::getline(file, line);)
            if (line == key) return true;
    }
    return false;
}

}  // namespace pvsplan::transport

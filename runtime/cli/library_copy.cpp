#include "runtime/cli/library_copy.hpp"

#include <filesystem>
#include <system_error>

#include "compiler/base/digest.hpp"
#include "compiler/resolve/library.hpp"
#include "runtime/ports/files.hpp"
#include "runtime/ports/places.hpp"
#include "runtime/ports/private_files.hpp"

namespace pvsplan::cli {
namespace {

namespace fs = std::filesystem;

base::Error cannot(const std::string& path, const std::string& why) {
    return base::Error{"cannot write `" + path + "`", {why}};
}

// Of paths and texts both, each with its end: one that is moved gives another folder.
std::string checksum_of_library() {
    std::string all;
    for (const std::string& path : resolve::library_paths())
        all += path + '\0' + base::sha256_hex(*resolve::library_text("stdlib/" + path)) + '\n';
    return base::sha256_hex(all).substr(0, 16);
}

// Each level is looked at, since a cache folder may lie where others can write, and an editor opens what it finds
// there.
base::Status make_folder(const std::string& folder) {
    if (const std::error_code failed = ports::make_private_folder(folder)) return cannot(folder, failed.message());
    if (std::string why = ports::distrust(folder); !why.empty()) return cannot(folder, why);
    return base::Done{};
}

// In one step: who reads meanwhile sees all of it, or what was there before.
base::Status write(const std::string& path, std::string_view text) {
    std::error_code failed;
    if (const auto there = ports::read_file(path, text.size() + 1, ports::Links::refused, failed); there == text)
        return base::Done{};
    const std::string fresh = path + "." + ports::random_word();
    failed = ports::write_new_file(fresh, text, ports::Readers::this_account);
    if (failed) return cannot(path, failed.message());
    fs::permissions(fresh, fs::perms::owner_read, failed);
    if (!failed) fs::rename(fresh, path, failed);
    if (!failed) return base::Done{};
    std::error_code not_told;
    fs::remove(fresh, not_told);
    return cannot(path, failed.message());
}

}  // namespace

// From the cache folder down every folder that is ours is checked, whether it was made now or was there.
base::Result<std::string> copy_library() {
    const base::Result<std::string> cache = ports::cache_folder();
    if (!cache) return cache.error();
    if (const base::Status made = ports::make_private_folders(*cache); !made)
        return base::Error{"cannot make the folder `" + *cache + "`", {made.error().text()}};
    std::string folder = *cache;
    for (const std::string& name : {std::string("pvsplan"), "library-" + checksum_of_library(), std::string("stdlib")})
        if (const base::Status made = make_folder(folder += "/" + name); !made) return made.error();
    const std::string root = fs::path(folder).parent_path().string();
    for (const std::string& path : resolve::library_paths()) {
        for (std::size_t end = path.find('/'); end != std::string::npos; end = path.find('/', end + 1))
            if (const base::Status made = make_folder(folder + "/" + path.substr(0, end)); !made) return made.error();
        if (const base::Status made = write(folder + "/" + path, *resolve::library_text("stdlib/" + path)); !made)
            return made.error();
    }
    return root;
}

}  // namespace pvsplan::cli

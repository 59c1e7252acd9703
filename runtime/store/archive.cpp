#include "runtime/store/archive.hpp"

#include <nlohmann/json.hpp>

#include "compiler/base/digest.hpp"
#include "runtime/ports/files.hpp"
#include "runtime/store/memory_store.hpp"

namespace pvsplan::store {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view format = "pvsplan.archive/1";
constexpr std::uint64_t max_bytes = std::uint64_t{1} << 31U;  // more than any run has

// The last line may lack its end, as a file that was cut off does.
std::string_view next_line(std::string_view& rest) {
    const std::size_t end = rest.find('\n');
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    return line;
}

// For any file that was never one; what was cut off or converted says so itself.
base::Error no_archive() { return base::Error{"it is no run that `pvsplan runs --archive` wrote"}; }

}  // namespace

// The number of bytes of the plan stands in the head, because the plan may hold line ends of its own.
std::string archive_text(const ports::RunRow& row, std::string_view plan_bytes,
                         const std::vector<ports::RecordRow>& records) {
    const Json head = {{"format", format},
                       {"run", row.id},
                       {"plan", row.plan},
                       {"farm", row.farm},
                       {"digest", row.digest},
                       {"outcome", row.outcome},
                       {"begun_at", row.begun_at},
                       {"touched_at", row.touched_at},
                       {"records", row.records},
                       {"head", row.head},
                       {"plan_bytes", plan_bytes.size()}};
    std::string text = head.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
    text += plan_bytes;
    for (const ports::RecordRow& record : records) text += record.bytes + "\n";
    return text;
}

// Nothing is verified but that it is an archive: hashes are computed of what is there, and the chain of `prev` shows
// whoever verifies it what was changed.
base::Result<std::unique_ptr<const ports::Store>> archive_in(std::string_view text) {
    const std::string_view first_line = next_line(text);
    const Json head = Json::parse(first_line, nullptr, false);
    // A member that is missing or of another type is empty or 0: verify() tells what does not fit then.
    const auto word = [&head](const char* name) {
        const auto found = head.find(name);
        return found != head.end() && found->is_string() ? found->get<std::string>() : std::string();
    };
    const auto count = [&head](const char* name) {
        const auto found = head.find(name);
        return found != head.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
    };
    if (!head.is_object() || word("format") != format || word("run").empty()) return no_archive();
    if (first_line.ends_with('\r'))
        return base::Error{"its line ends were changed on the way here: copy it again, byte by byte"};
    if (count("plan_bytes") > text.size()) return base::Error{"it was cut off within the compiled plan: copy it again"};
    const ports::RunRow row{.id = word("run"),
                            .plan = word("plan"),
                            .farm = word("farm"),
                            .digest = word("digest"),
                            .outcome = word("outcome"),
                            .begun_at = static_cast<ports::Millis>(count("begun_at")),
                            .touched_at = static_cast<ports::Millis>(count("touched_at")),
                            .records = count("records"),
                            .head = word("head")};
    const std::string plan(text.substr(0, count("plan_bytes")));
    text.remove_prefix(plan.size());
    std::vector<ports::RecordRow> records;
    while (!text.empty()) {
        const std::string_view line = next_line(text);
        records.push_back({.number = records.size() + 1, .bytes = std::string(line), .hash = base::sha256_hex(line)});
    }
    auto store = std::make_unique<MemoryStore>();
    store->put(row, plan, std::move(records));
    return std::unique_ptr<const ports::Store>(std::move(store));
}

// Bounded, since any file may be named by mistake.
base::Result<std::unique_ptr<const ports::Store>> open_archive(const std::string& path) {
    const base::Result<std::string> text = ports::read_named_file(path, max_bytes);
    if (!text) return text.error();
    auto archive = archive_in(*text);
    if (!archive) return std::move(archive).error().because_of("`" + path + "` is not the file of a run");
    return archive;
}

}  // namespace pvsplan::store

// Appends records to a run of its own for a while, one commit each, and prints how many:
//   bench_appends STORE NAME SECONDS
// It says "ready" once the run is there, and begins with a line on its standard input, so that several begin together.
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>

#include "compiler/base/digest.hpp"
#include "compiler/base/store_name.hpp"
#include "runtime/ports/clock.hpp"
#include "runtime/ports/process.hpp"
#include "runtime/store/postgres_store.hpp"
#include "runtime/store/sqlite_store.hpp"

using namespace pvsplan;

namespace {

int fail(const base::Error& error) {
    std::fprintf(stderr, "%s\n", error.text().c_str());
    return 1;
}

// As long as records are: most say that a step began or ended.
ports::RecordRow record(std::uint64_t number) {
    const std::string bytes = R"({"number":)" + std::to_string(number) + R"(,"text":")" + std::string(200, 'x') + "\"}";
    return {.number = number, .bytes = bytes, .hash = base::sha256_hex(bytes)};
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 4) return 2;
    const std::string farm = argv[2];
    const auto name = base::store_name(argv[1]);
    if (!name) return fail(name.error());
    const auto opened = name->type == base::StoreName::Type::server ? store::open_postgres_store(*name)
                                                                    : store::open_sqlite_store(name->text);
    if (!opened) return fail(opened.error());
    ports::Store& store = **opened;
    const auto taken = store.acquire(farm, {.who = ports::who_am_i(), .run = farm, .since = 1}, ports::Take::if_free);
    if (!taken || !taken->lease) return fail(taken ? base::Error{"the farm is locked"} : taken.error());
    const ports::RunRow row{.id = farm, .plan = "bench", .farm = farm, .digest = farm, .begun_at = 1, .touched_at = 1};
    if (base::Status made = store.create_run(*taken->lease, row, "plan", ports::Runs::Use::many, {}); !made)
        return fail(made.error());
    std::puts("ready");
    std::fflush(stdout);
    std::string line;
    std::getline(std::cin, line);
    const ports::Millis end = ports::since_boot() + std::atoll(argv[3]) * 1000;
    std::uint64_t written = 0;
    while (ports::since_boot() < end) {
        if (base::Status done = store.append(*taken->lease, farm, {record(written + 1)}, std::nullopt, 2); !done)
            return fail(done.error());
        ++written;
    }
    std::printf("%llu\n", static_cast<unsigned long long>(written));
    return 0;
}

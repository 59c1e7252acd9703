#include <map>
#include <memory>
#include <utility>

#include "compiler/diag/display.hpp"
#include "compiler/syntax/phrases.hpp"
#include "grammar/transports.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/environment.hpp"
#include "runtime/cli/secrets.hpp"
#include "runtime/cli/store_place.hpp"
#include "runtime/cli/transports.hpp"
#include "runtime/ports/private_files.hpp"
#include "runtime/site/worker.hpp"

namespace pvsplan::cli {
namespace {

struct WorkArguments {
    std::string site;
    std::string key;
    std::vector<std::string> farms;
    std::uint32_t max_jobs = 64;
};

constexpr std::size_t shortest_key = 32;
constexpr std::size_t max_key = 4096;

// What both sides have to hold: too short a key is guessed by whoever has the database.
base::Result<std::string> key_in(const std::string& file) {
    base::Result<std::string> key = ports::read_private_file(file, max_key);
    if (!key) return std::move(key).error().because_of("the key of the site cannot be read");
    if (key->ends_with('\n')) key->pop_back();
    if (key->size() < shortest_key || key->size() > max_key)
        return base::Error{"the key of the site in `" + file + "` has " + std::to_string(key->size()) +
                           " bytes; it has at least " + std::to_string(shortest_key) + ": `openssl rand -hex 32`"};
    return key;
}

// A worker of a site or a farm that no plan can name would wait for ever.
std::string why_never_asked(const WorkArguments& arguments) {
    if (!grammar::is_host(arguments.site)) return "`--site " + arguments.site + "` is nothing that `via:` can name";
    for (const std::string& farm : arguments.farms)
        if (!syntax::is_name(farm)) return "`--farm " + farm + "` is not the name of a farm";
    return "";
}

// A worker believes neither the store nor who writes there: it does what is sealed with the key, for the farms that
// were typed here. Secrets are of a plan and not of a farm alone, since two plans of one farm may name other sources.
Exit work(Session& session, const WorkArguments& arguments) {
    if (const std::string why = why_never_asked(arguments); !why.empty()) return complain(session, why, Exit::usage);
    base::Result<std::string> key = key_in(arguments.key);
    if (!key) return complain(session, key.error(), Exit::usage);
    const base::Result<StorePlace> place = store_from_here(session);
    if (!place) return complain(session, place.error(), Exit::usage);
    const base::Result<std::unique_ptr<ports::Store>> store = open_store(session, *place);
    if (!store) return complain(session, store.error(), Exit::wrong);
    if ((*store)->sites() == nullptr)
        return complain(session,
                        "the store `" + place->file +
                            "` is a file on one machine; workers need one that machines share: "
                            "`--store postgresql://HOST/DATABASE`",
                        Exit::usage);
    ports::Mailbox mailbox;
    ports::SystemClock clock;
    ports::CaughtSignals signals(mailbox);
    ports::keep_memory_private();
    Transports transports(mailbox);
    std::map<std::string, std::unique_ptr<ports::Secrets>> secrets;  // by farm: its sources, as they are here
    const site::WorkerEnvironment environment{
        .sites = (*store)->sites(),
        .clock = &clock,
        .mailbox = &mailbox,
        .signals = &signals,
        .me = ports::who_am_i(),
        .transport = [&](const std::string& over) { return transports.get(over); },
        .secrets =
            [&](const program::Plan& plan) {
                std::unique_ptr<ports::Secrets>& its = secrets[plan.farm + "\n" + plan.digest];
                if (!its) its = make_secrets(plan.secrets, [&] { return signals.count() > 0; });
                return its.get();
            },
        .tell = [&](const std::string& line) { session.out.write(diag::harmless(line) + "\n"); }};
    const site::WorkerOptions options{.site = arguments.site,
                                      .key = std::move(*key),
                                      .farms = std::set<std::string>(arguments.farms.begin(), arguments.farms.end()),
                                      .max_jobs = arguments.max_jobs,
                                      .hold_ms = ports::Millis{place->server->ttl_s} * 1000};
    session.out.write("working for the site " + arguments.site + "; Ctrl-C ends it, and what it has begun goes on\n");
    if (base::Status worked = site::work(environment, options); !worked)
        return complain(session, worked.error(), Exit::wrong);
    return Exit::done;
}

}  // namespace

Command work_command() {
    auto arguments = std::make_shared<WorkArguments>();
    return {.name = "work",
            .group = Command::Group::run,
            .summary = "Work for runs elsewhere, within a site",
            .description =
                "Takes jobs for the hosts of a site (`connect: {via: SITE}`) out of a store on PostgreSQL, does them "
                "over this machine's connections, and reports what becomes of them. It connects to the database and "
                "to the hosts alone. Two or more may work for one site: where one ends, another attaches to what it "
                "had begun.\n\n"
                "It does only what is sealed with the key of its site, which the store does not have, for the farms "
                "that it is told. Secrets are read here, from where the farm says, and taken out of what is reported.",
            .options = {{"--site", "SITE", "Which site this is", &arguments->site, Option::Presence::required},
                        {"--key",
                         "FILE",
                         "The key that the site shares with who asks (`site_key`), readable by this account alone",
                         &arguments->key,
                         Option::Presence::required,
                         {},
                         Option::Completes::files},
                        {"--farm", "FARM", "A farm for which to work, by its name; can be repeated", &arguments->farms,
                         Option::Presence::required},
                        Option::count("--max-jobs", "COUNT", "How many jobs at once", &arguments->max_jobs)},
            .run = [arguments](Session& session) { return work(session, *arguments); }};
}

}  // namespace pvsplan::cli

// Where the runs are kept: found from a plan, or from where one stands.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "compiler/base/store_name.hpp"
#include "runtime/cli/plan_input.hpp"
#include "runtime/ports/store.hpp"

namespace pvsplan::cli {

// Nothing was opened or made yet; that it is there is not known either.
struct StorePlace {
    // A file absolute and without links: it has one name, whichever way one came. A database: its URL, as it was said.
    std::string file;
    std::optional<base::StoreName> server = {};
    std::string found;  // the same as it was found, links and all
    enum class Origin : std::uint8_t {
        named,  // by --store or by the farm: believed
        found,  // by where it lies: believed only if nobody else can have put it there
    } origin = Origin::found;
    // What the farm calls by a relative path (a file of a secret) lies here, wherever one stands.
    std::string project = {};
};

// The store of a plan: what its farm says, else .pvsplan/state.db of the project (of a compiled plan: the nearest one
// from its folder upwards), wherever one stands. A --store that is another than the farm says is an error.
base::Result<StorePlace> store_of(const Session& session, const Project& project, const program::Plan& plan,
                                  PlanInput::From from);

// The store for a command that names a run: --store, --root, else the nearest from this folder upwards. An error where
// there is none: nothing is made.
base::Result<StorePlace> store_from_here(const Session& session);

// Whether a server that may be there soon is waited for, which is said once.
enum class Waits : std::uint8_t { yes, no };

// What is found must be trusted; the error says why it is not, and how to use it all the same. From here on the hints
// of the session name the store where it is not the one that a command would find by itself. A file that is not there
// is made.
base::Result<std::unique_ptr<ports::Store>> open_store(Session& session, const StorePlace& place,
                                                       Waits waits = Waits::yes);
// The same, but it must exist, and can only be read.
base::Result<std::unique_ptr<const ports::Store>> open_store_to_read(Session& session, const StorePlace& place,
                                                                     Waits waits = Waits::yes);
// The same, without waiting; null: it has not been made yet, as the first run does.
base::Result<std::unique_ptr<const ports::Store>> open_store_if_made(Session& session, const StorePlace& place);

}  // namespace pvsplan::cli

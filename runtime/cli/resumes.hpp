// How `serve` resumes runs: each by a process of this program, which goes on when `serve` ends.
#pragma once

#include <memory>

#include "runtime/cli/store_place.hpp"
#include "runtime/serve/resumer.hpp"

namespace pvsplan::cli {

// Of runs in that store. What the processes say is kept in a folder of this account, which is made. A process is
// started with --no-input: where something would be asked it ends, and says so in its log.
base::Result<std::unique_ptr<serve::Resumes>> make_resumes(const StorePlace& place);

}  // namespace pvsplan::cli

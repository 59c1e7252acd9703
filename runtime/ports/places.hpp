// Where things of ours are kept on this machine when nobody says where, and what only the system can name.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compiler/base/result.hpp"

namespace pvsplan::ports {

// The account that runs this process, as the system counts accounts: its uid.
std::string account_id();

// Where jobs lie: in a folder of the machine for root and where an administrator made one for all accounts, else in the
// home folder that the user database knows for this account, whatever HOME says. Its last folder need not be there.
base::Result<std::string> usual_jobs_folder();

// What the name of a claim is put behind to give its file, in places that are the same for every account; the first
// that can be written is used.
std::vector<std::string> usual_claim_places();

// A folder for sockets of this account, made and checked to be nobody else's; nothing if that cannot be.
std::optional<std::string> socket_folder();

// Where programs of who runs this keep what they can make again (`XDG_CACHE_HOME`, else `.cache` in `HOME`). It need
// not be there.
base::Result<std::string> cache_folder();

// Where programs of who runs this keep what they have found out (`XDG_STATE_HOME`, else ".local/state" in `HOME`). It
// need not be there.
base::Result<std::string> state_folder();

// The file of the program that runs this process, as it was called when that began.
base::Result<std::string> own_program();

// A new folder for files of the moment, of this account alone; nothing if there is no room. Whoever asked removes it.
std::optional<std::string> make_scratch_folder();

// A word that nobody else has, of letters, digits and '-'; empty: there is no source of such words here.
std::string random_word();

}  // namespace pvsplan::ports

// Programs that commands name, looked up once.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "runtime/ports/transport.hpp"

namespace pvsplan::transport {

// Used by the loop's thread.
class Programs {
  public:
    // The program of the job and its arguments, without a shell; empty where a shell has to read the command, or no
    // such program is found. The path is absolute, so that no shell takes it for a word of its own.
    [[nodiscard]] std::vector<std::string> plain_command(const ports::Job& job);

  private:
    std::map<std::string, std::string> found_;  // as a command names it -> its path
};

}  // namespace pvsplan::transport

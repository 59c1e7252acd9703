// The ways to hosts that this build has, made when they are first wanted.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "runtime/ports/transport.hpp"
#include "runtime/transport/loop.hpp"

namespace pvsplan::cli {

// Used by one thread: that of the run, or of the worker.
class Transports {
  public:
    // Which outlives it.
    explicit Transports(ports::Mailbox& mailbox) : mailbox_(&mailbox) {}

    // What `connect.over` names, apart from what needs more than a mailbox; null: there is none of that name. It
    // belongs to this, and is the same one each time.
    ports::Transport* get(const std::string& over);
    // One that was made elsewhere.
    ports::Transport* add(const std::string& name, std::unique_ptr<ports::Transport> transport);

  private:
    ports::Mailbox* mailbox_;
    std::unique_ptr<transport::Loop> loop_;
    std::map<std::string, std::unique_ptr<ports::Transport>> made_;
};

}  // namespace pvsplan::cli

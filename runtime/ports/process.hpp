// The identity of this process, the signals that it received, and the source of secrets.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "compiler/base/result.hpp"
#include "runtime/ports/clock.hpp"

namespace pvsplan::ports {

// Who runs this process, as the journal records it. A pid means something only within the border of `boot` and
// `space`; what cannot be told is empty and equal to nothing.
struct Identity {
    std::string user;
    std::string host;  // its name, for people: containers and renamed machines change it, so nothing is told by it
    std::int64_t pid = 0;
    std::string started = {};  // when the process began, in ticks since the boot: tells it from a later one of its pid
    std::string machine = {};  // the id of the machine; empty within a container, whose image may carry anybody's
    std::string boot = {};     // of the running kernel
    std::string space = {};    // the namespaces in which `pid` and `started` count
    std::string account = {};  // the number of the account, within the border in which it is one: "1000@MACHINE"
};
Identity who_am_i();

// Whether both are surely one account. Where the border of one of them is not known, nobody can tell.
bool is_same_account(const std::string& account, const std::string& other);

// One word that no other process has had.
std::string mark_of(const Identity& who);

// What this process can find out about the process that `who` names.
enum class Life : std::uint8_t {
    alive,
    dead,     // surely: it is gone (or waits only for its parent to reap it), or its machine has booted since
    unknown,  // it is (or was) on another machine, in another container, or what would tell may not be read
};
Life life_of(const Identity& who);

// From here on this process, which is about to hold secrets, leaves no core and cannot be looked into by others of its
// user. Programs that it starts are not concerned.
void keep_memory_private();

// How often the user asked to stop. First: nothing new starts. Second: what runs is left in doubt.
class Signals {
  public:
    virtual ~Signals() = default;
    [[nodiscard]] virtual int count() const = 0;   // of SIGINT, SIGTERM, SIGHUP so far
    [[nodiscard]] virtual int number() const = 0;  // of the first: SIGINT is 130, SIGTERM 143 as exit status
};

// Installs handlers for SIGINT, SIGTERM and SIGHUP while it lives (one at a time), and wakes the mailbox.
class CaughtSignals final : public Signals {
  public:
    explicit CaughtSignals(Mailbox& mailbox);
    ~CaughtSignals() override;
    CaughtSignals(const CaughtSignals&) = delete;
    CaughtSignals& operator=(const CaughtSignals&) = delete;
    [[nodiscard]] int count() const override;
    [[nodiscard]] int number() const override;

  private:
    struct Inside;
    Inside* inside_;
};

class NoSignals final : public Signals {
  public:
    [[nodiscard]] int count() const override { return 0; }
    [[nodiscard]] int number() const override { return 0; }
};

// Where secrets come from: the environment, a file, a program, or whoever sits at the terminal.
class Secrets {
  public:
    virtual ~Secrets() = default;
    // The secret that the plan calls so; the error says which and why. May ask a person, and remembers what it was
    // told.
    virtual base::Result<std::string> read(const std::string& name) = 0;
};

// For farms that need none: every secret is an error that says so.
class NoSecrets final : public Secrets {
  public:
    base::Result<std::string> read(const std::string& name) override;
};

}  // namespace pvsplan::ports

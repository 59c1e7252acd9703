// The lease on a farm, so that one process at a time writes the journals of its runs. A lease has
// - an owner: a process, and the run for which it wants the farm;
// - a token, larger than those of all leases on the farm before it. Whatever is written under the lease is refused once
//   there is a larger one: an owner that was away for long is stopped by its next write, whatever it believes;
// - an expiry, which the store alone judges. An expired lease is given to whoever asks for it;
// - a renewal, which puts the expiry off and is the way to learn that the lease is lost.
// Where all processes are on one machine, a lease lasts as long as its owner's process, and no clock is asked: a laptop
// that slept for an hour has lost nothing. There renew() has nothing to put off and only tells whether the lease is
// held. Where a server keeps the leases, they have to expire by its clock, some time after the last renewal; the time
// until then, and how long before its end no command may be given away any more, belong to that store. It renews them
// in the background, for as long as it hears that their owner's loop turns.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "compiler/base/result.hpp"
#include "runtime/ports/clock.hpp"
#include "runtime/ports/process.hpp"

namespace pvsplan::ports {

// What its owner writes with.
struct Lease {
    std::string farm;
    std::uint64_t token = 0;  // greater than that of every lease before on the farm
};

struct LeaseOwner {
    Identity who;
    std::string run;
    Millis since = 0;  // for people, by the owner's clock
};

enum class Expiry : std::uint8_t {
    valid,    // its owner goes on
    expired,  // surely: the farm is free
    unknown,  // nobody can tell from here: only a person can take it over
};

// A lease as others see it.
struct HeldLease {
    LeaseOwner owner;
    Expiry expiry = Expiry::unknown;
};

enum class Take : std::uint8_t {
    if_free,  // nobody holds it, or it has expired
    over,     // a person takes it from whoever holds it: that one cannot write another record
};
struct TakeResult {
    std::optional<Lease> lease;        // acquired
    std::optional<HeldLease> held_by;  // the lease that is in the way; acquired: the one that this one followed
};

class Leases {
  public:
    virtual ~Leases() = default;

    // Acquired leases are durable.
    virtual base::Result<TakeResult> acquire(const std::string& farm, const LeaseOwner& owner, Take how) = 0;
    // Whether it is still held: not released, and no other was acquired since. Who asks is heard as by heartbeat().
    virtual base::Result<bool> renew(const Lease& lease) = 0;
    // The loop of whoever holds leases turns: called in whatever loops and does not ask for one.
    virtual void heartbeat() {}
    // Whether the lease cannot expire while a command that goes out now is on its way. Where leases last as long as
    // processes, none does; elsewhere it is renewed where its time is short.
    virtual base::Result<bool> may_command(const Lease&) { return true; }
    // The farm is free. A lease that is not held any more is nobody's to release, and nothing happens.
    virtual base::Status release(const Lease& lease) = 0;

    // The lease that was not released, be it expired.
    virtual base::Result<std::optional<HeldLease>> held(const std::string& farm) const = 0;
};

}  // namespace pvsplan::ports

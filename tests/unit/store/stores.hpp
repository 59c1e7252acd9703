// The stores that have to keep what runtime/ports promises: runs_test, leases_test and faults_test ask the same of
// each. A further one is a class here and a word in `Stores`.
#pragma once

#include <catch2/catch.hpp>

#include <sys/resource.h>

#include <csignal>
#include <memory>
#include <string>
#include <tuple>
#include <utility>

#include "compiler/base/digest.hpp"
#include "runtime/ports/store.hpp"
#include "runtime/store/memory_store.hpp"
#include "runtime/store/sqlite_store.hpp"
#include "tests/unit/store/folder.hpp"

namespace pvsplan::store::test {

// A new store that lasts as long as the test. open(): what a process gets that begins now. Between fail_writes() and
// repair() nothing can be written, as on a full disk; nothing may be checked meanwhile, since Catch writes too.
class Sqlite {
  public:
    static constexpr bool leases_expire_by_a_clock = false;  // but with the process of their owner
    Sqlite() = default;
    ~Sqlite() { repair(); }
    Sqlite(const Sqlite&) = delete;
    Sqlite& operator=(const Sqlite&) = delete;

    [[nodiscard]] std::shared_ptr<ports::Store> open() const { return opened(open_sqlite_store(folder_.db())); }
    [[nodiscard]] std::shared_ptr<const ports::Store> open_to_read() const {
        return opened(open_sqlite_store_to_read(folder_.db()));
    }
    // No file may be longer than a byte.
    void fail_writes() {
        handler_ = std::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &limit_);
        const rlimit nothing{.rlim_cur = 1, .rlim_max = limit_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &nothing);
        is_failing_ = true;
    }
    void repair() {
        if (!std::exchange(is_failing_, false)) return;
        ::setrlimit(RLIMIT_FSIZE, &limit_);
        std::signal(SIGXFSZ, handler_);
    }

  private:
    template <class Opened>
    static Opened opened(base::Result<Opened> result) {
        REQUIRE(result.ok());
        return std::move(*result);
    }

    Folder folder_;
    bool is_failing_ = false;
    rlimit limit_{};
    void (*handler_)(int) = SIG_DFL;
};

// There is but one of it, whoever opens it.
class Memory {
  public:
    static constexpr bool leases_expire_by_a_clock = false;
    [[nodiscard]] std::shared_ptr<ports::Store> open() const { return store_; }
    [[nodiscard]] std::shared_ptr<const ports::Store> open_to_read() const { return store_; }
    void fail_writes() { store_->die_after(0); }
    void repair() { store_->live_again(); }

  private:
    std::shared_ptr<MemoryStore> store_ = std::make_shared<MemoryStore>();
};

}  // namespace pvsplan::store::test

#ifdef PVSPLAN_TEST_POSTGRES
#include "tests/integration/postgres_store.hpp"
#endif

namespace pvsplan::store::test {

#ifdef PVSPLAN_TEST_POSTGRES
using Stores = std::tuple<Postgres, PooledPostgres>;
#else
using Stores = std::tuple<Sqlite, Memory>;
#endif

inline ports::RunRow run_row(const char* id, const char* digest, const char* farm = "contoso") {
    return {.id = id, .plan = "restart", .farm = farm, .digest = digest, .outcome = "", .begun_at = 5, .touched_at = 6};
}
inline ports::RecordRow record(std::uint64_t number, const char* bytes) {
    return {.number = number, .bytes = bytes, .hash = base::sha256_hex(bytes)};
}
// A process that lives: this one.
inline ports::LeaseOwner owner(const char* run) { return {.who = ports::who_am_i(), .run = run, .since = 77}; }
inline ports::Lease acquired(ports::Leases& leases, const char* farm = "contoso",
                             ports::Take how = ports::Take::if_free) {
    const auto result = leases.acquire(farm, owner("one"), how);
    REQUIRE(result.ok());
    REQUIRE(result->lease);
    return *result->lease;
}

}  // namespace pvsplan::store::test

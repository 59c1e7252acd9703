// The accounts of the machine that the tests run on.
#include "runtime/ports/accounts.hpp"

#include <catch2/catch.hpp>

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <string>

#include "runtime/ports/process.hpp"

using pvsplan::ports::Accounts;
using pvsplan::ports::SystemAccounts;

TEST_CASE("accounts: a user is one by number, a group by its members") {
    using Match = Accounts::Match;
    SystemAccounts accounts;
    CHECK(accounts.match("no-such-account-here") == Match::unknown);
    CHECK(accounts.match("") == Match::unknown);
    CHECK(accounts.match("CORP\\pvs-leads") == Match::unknown);
    const passwd* const me = getpwuid(geteuid());
    REQUIRE(me != nullptr);
    const std::string name = me->pw_name;
    const gid_t group_of_mine = me->pw_gid;
    CHECK(accounts.match(name) == Match::is);
    CHECK(accounts.match(geteuid() == 0 ? "daemon" : "root") == Match::is_not);
    const group* const group = getgrgid(group_of_mine);
    REQUIRE(group != nullptr);
    const std::string group_name = group->gr_name;
    CHECK(accounts.match(group_name) == Match::is);            // also where a user is called so, who is this one then
    for (const char* const other : {"shadow", "tty", "utmp"})  // of nobody, or of services
        if (getgrnam(other) != nullptr && getpwnam(other) == nullptr) CHECK(accounts.match(other) == Match::is_not);
}

TEST_CASE("accounts: the number of an account stands within its border") {
    const std::string account = pvsplan::ports::who_am_i().account;
    CHECK(account.starts_with(std::to_string(geteuid()) + "@"));
    CHECK(pvsplan::ports::is_same_account(account, pvsplan::ports::who_am_i().account));
}

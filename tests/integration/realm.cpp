#include "tests/integration/realm.hpp"

#include <csignal>
#include <cstdlib>
#include <filesystem>

#include "tests/integration/sshd.hpp"

namespace pvsplan::integration {

namespace {

using transport_tests::put;

void administer(const std::string& question) {
    REQUIRE(run({"/usr/sbin/kadmin.local", "-r", Realm::name, "-q", question}) == 0);
}

}  // namespace

Realm::Realm() {
    REQUIRE(have("krb5kdc"));
    REQUIRE(have("kadmin.local"));
    REQUIRE(have("kinit"));
    // Servers that are not this user read the configuration as well.
    namespace fs = std::filesystem;
    fs::permissions(folder_.path(), fs::perms::group_exec | fs::perms::others_exec, fs::perm_options::add);
    const auto address = "127.0.0.1:" + std::to_string(free_port());
    const std::string realm = name;
    put(folder_ / "krb5.conf",
        "[libdefaults]\ndefault_realm = " + realm +
            "\ndns_lookup_kdc = false\ndns_lookup_realm = false\ndns_canonicalize_hostname = false\n[realms]\n" +
            realm + " = {\nkdc = " + address + "\n}\n[domain_realm]\n.localhost = " + realm + "\n");
    put(folder_ / "kdc.conf", "[kdcdefaults]\nkdc_listen = " + address + "\nkdc_tcp_listen = " + address +
                                  "\n[realms]\n" + realm +
                                  " = {\ndatabase_name = " + folder_ / "principals\nkey_stash_file = " +
                                  folder_ / "stash\n}\n[logging]\nkdc = FILE:" + folder_ / "log\n");
    setenv("KRB5_CONFIG", (folder_ / "krb5.conf").c_str(), 1);
    setenv("KRB5_KDC_PROFILE", (folder_ / "kdc.conf").c_str(), 1);
    setenv("KRB5CCNAME", ("FILE:" + folder_ / "tickets").c_str(), 1);
    REQUIRE(run({"/usr/sbin/kdb5_util", "-r", realm, "create", "-s", "-P", "master"}) == 0);
    pid_ = start({"/usr/sbin/krb5kdc", "-n", "-r", realm, "-P", folder_ / "pid"});
    wait_for(folder_ / "pid", folder_ / "log");
}

Realm::~Realm() {
    end(pid_, SIGTERM);
    for (const auto* variable : {"KRB5_CONFIG", "KRB5_KDC_PROFILE", "KRB5CCNAME"}) unsetenv(variable);
}

void Realm::add_person(const std::string& person, const std::string& password) const {
    administer("addprinc -clearpolicy -pw " + password + " " + person);
}

void Realm::add_host(const std::string& host) const {
    administer("addprinc -clearpolicy -randkey HTTP/" + host);
    administer("ktadd -k " + keytab() + " HTTP/" + host);
}

void Realm::change_key(const std::string& host) const { administer("cpw -randkey HTTP/" + host); }

void Realm::log_in(const std::string& person, const std::string& password, int lifetime_s) const {
    put(folder_ / "password", password + "\n");
    REQUIRE(run({"sh", "-c", "kinit -l \"$1\" \"$2\" <\"$3\"", "sh", std::to_string(lifetime_s) + "s", person,
                 folder_ / "password"}) == 0);
}

}  // namespace pvsplan::integration

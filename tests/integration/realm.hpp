// A Kerberos realm with a real KDC (MIT krb5) on loopback, in a folder that goes away with it. While it is there, this
// process and whatever it starts know no other realm, and no other tickets.
#pragma once

#include <string>

#include "tests/unit/transport/jobs.hpp"

namespace pvsplan::integration {

class Realm {
  public:
    static constexpr const char* name = "PVSPLAN.TEST";  // hosts of .localhost are in it

    Realm();
    ~Realm();
    Realm(const Realm&) = delete;
    Realm& operator=(const Realm&) = delete;

    void add_person(const std::string& person, const std::string& password) const;
    // The key of its HTTP service comes into keytab(); after change_key() the KDC has another one.
    void add_host(const std::string& host) const;
    void change_key(const std::string& host) const;

    void log_in(const std::string& person, const std::string& password, int lifetime_s = 600) const;

    [[nodiscard]] std::string keytab() const { return folder_ / "keytab"; }
    [[nodiscard]] std::string log() const { return transport_tests::contents(folder_ / "log"); }

  private:
    transport_tests::Folder folder_;
    int pid_ = -1;
};

}  // namespace pvsplan::integration

#include "tests/integration/apache.hpp"

#include <csignal>
#include <filesystem>

#include "tests/integration/sshd.hpp"

namespace pvsplan::integration {

Apache::Apache(const HttpsServer& behind, const std::string& keytab, const std::string& permitted)
    : port_(free_port()) {
    REQUIRE(have("apache2"));
    namespace fs = std::filesystem;
    // Started by root it serves as www-data, who must come to the key, and may remember which tickets it has seen.
    fs::copy_file(keytab, folder_ / "keytab");
    fs::create_directory(folder_ / "seen");
    fs::permissions(folder_.path(), fs::perms::group_exec | fs::perms::others_exec, fs::perm_options::add);
    fs::permissions(folder_ / "keytab", fs::perms::group_read | fs::perms::others_read, fs::perm_options::add);
    fs::permissions(folder_ / "seen", fs::perms::all);
    std::string config = "ServerRoot " + folder_.path() + "\nServerName pvs.localhost\nPidFile " + folder_ / "pid" +
                         "\nErrorLog " + folder_ / "log" + "\nListen 127.0.0.1:" + std::to_string(port_) +
                         "\nUser www-data\nGroup www-data\n";
    for (const std::string module : {"mpm_event", "authn_core", "authz_core", "authz_user", "auth_gssapi", "ssl",
                                     "headers", "proxy", "proxy_http"}) {
        config += "LoadModule " + module + "_module /usr/lib/apache2/modules/mod_" + module + ".so\n";
    }
    config += "StartServers 1\nSSLEngine on\nSSLSessionCache none\nSSLCertificateFile " + behind.file("server.pem") +
              "\nSSLCertificateKeyFile " + behind.file("server.key") +
              "\nSSLProxyEngine on\nSSLProxyCACertificateFile " + behind.file("ca.pem") +
              "\nProxyPass / https://127.0.0.1:" + std::to_string(behind.port()) +
              "/\n<Location />\nAuthType GSSAPI\nAuthName WSMAN\nGssapiSSLOnly On\nGssapiAllowedMech krb5\n"
              "GssapiPublishMech On\nGssapiCredStore keytab:" +
              folder_ / "keytab" + "\nRequire user " + permitted +
              "\nRequestHeader set X-User expr=%{REMOTE_USER}\nRequestHeader set X-Mechanism %{GSS_MECH}e\n"
              "</Location>\n";
    transport_tests::put(folder_ / "config", config);
    pid_ = start(
        {"env", "KRB5RCACHEDIR=" + folder_ / "seen", "/usr/sbin/apache2", "-DFOREGROUND", "-f", folder_ / "config"});
    wait_for(folder_ / "pid", folder_ / "log");
}

Apache::~Apache() { end(pid_, SIGTERM); }

}  // namespace pvsplan::integration

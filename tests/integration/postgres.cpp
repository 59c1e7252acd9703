#include "tests/integration/postgres.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <csignal>

#include "tests/integration/sshd.hpp"
#include "tests/unit/transport/jobs.hpp"

namespace pvsplan::integration {

using transport_tests::contents;
using transport_tests::put;

namespace {

std::string programs() {
    static const std::string folder =
        output_of({"sh", "-c", "ls -d /usr/lib/postgresql/*/bin 2>/dev/null | tail -n 1 | tr -d '\\n'"});
    return folder;
}

int as_owner(const std::string& line) {
    const std::string quiet = line + " >/dev/null 2>&1";
    if (geteuid() == 0)
        return run({"setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "sh", "-c", quiet});
    return run({"sh", "-c", quiet});
}

}  // namespace

bool Postgres::is_possible() { return !programs().empty(); }

Postgres::Postgres(const PostgresOptions& options) : port_(free_port()) {
    put(folder_ / "password", options.password);
    chmod(folder_.path().c_str(), 0755);
    if (geteuid() == 0) run({"chown", "-R", "nobody", folder_.path()});
    const std::string login =
        options.password.empty() ? " -A trust" : " -A scram-sha-256 --pwfile=" + folder_ / "password";
    const std::string made =
        options.copy_of.empty()
            ? programs() + "/initdb -D " + data() + " -U owner" + login + " -E UTF8 --locale=C -N"
            : programs() + "/pg_basebackup -R -c fast -D " + data() + " -d '" + options.copy_of + "'";
    REQUIRE(as_owner(made) == 0);
    std::string settings =
        "port=" + std::to_string(port_) + "\nlisten_addresses='127.0.0.1'\nunix_socket_directories=''\n";
    for (const std::string& one : options.settings) settings += one + "\n";
    put(folder_ / "settings", settings);
    REQUIRE(as_owner("tee -a " + data() + "/postgresql.conf < " + folder_ / "settings") == 0);
    start();
}

Postgres::~Postgres() { kill(); }

void Postgres::start() {
    INFO(contents(folder_ / "log"));
    REQUIRE(as_owner(programs() + "/pg_ctl -w -t 180 -D " + data() + " -l " + folder_ / "log" + " start") == 0);
}

void Postgres::kill() { as_owner(programs() + "/pg_ctl -w -t 180 -m immediate -D " + data() + " stop"); }

void Postgres::promote() { REQUIRE(as_owner(programs() + "/pg_ctl -w -t 180 -D " + data() + " promote") == 0); }

std::string Postgres::connection() const {
    return "host=127.0.0.1 port=" + std::to_string(port_) + " user=owner dbname=postgres";
}

std::string Postgres::sql(const std::string& text, const std::string& database) const {
    std::string out = output_of({"psql", "-h", "127.0.0.1", "-p", std::to_string(port_), "-U", "owner", "-d", database,
                                 "-X", "-q", "-A", "-t", "-c", text});
    while (out.ends_with('\n')) out.pop_back();
    return out;
}

bool Pool::is_possible() { return have("pgbouncer"); }

Pool::Pool(const Postgres& server) : port_(free_port()) {
    put(folder_ / "ini", "[databases]\n* = host=127.0.0.1 port=" + std::to_string(server.port()) +
                             " user=ops\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = " + std::to_string(port_) +
                             "\nauth_type = any\npool_mode = transaction\ndefault_pool_size = 2\n"
                             "server_round_robin = 1\nunix_socket_dir =\nlogfile = " +
                             folder_ / "log" + "\npidfile = " + folder_ / "pid" + "\n");
    std::vector<std::string> words = {"pgbouncer", "-q", folder_ / "ini"};
    if (geteuid() == 0) {
        run({"chown", "-R", "nobody", folder_.path()});
        words.insert(words.begin() + 1, {"-u", "nobody"});
    }
    pid_ = integration::start(words);
    wait_for(folder_ / "pid", folder_ / "log");  // which is there before it listens
    REQUIRE(tests::soon([this] { return listens(port_); }));
}

Pool::~Pool() { end(pid_, SIGKILL); }

}  // namespace pvsplan::integration

// A real sshd of the tests' own: its configuration, host key, login key and port in a folder that goes away with it.
#pragma once

#include <string>
#include <vector>

#include "compiler/program/plan.hpp"
#include "tests/unit/transport/jobs.hpp"

namespace pvsplan::integration {

// Runs `words` (looked for in PATH) and waits; its exit status, or -1.
int run(const std::vector<std::string>& words);
// Its output.
std::string output_of(const std::vector<std::string>& words);
bool have(const std::string& program);
// Starts `words` and does not wait; ends such a process, and waits for that.
int start(const std::vector<std::string>& words);
void end(int pid, int signal);
// A port of loopback that is ours as long as this process lives.
int free_port();
// Waits until `path` holds something, as the file with the number of a server does when that listens. Else the test
// fails, with what `log` holds.
// Whether somebody listens at that port of loopback.
bool listens(int port);
void wait_for(const std::string& path, const std::string& log);

class Sshd {
  public:
    // `wrap`: words before the command line of the server (ip netns exec NAME); `address`: where it listens; `more`:
    // lines of its configuration.
    explicit Sshd(const std::string& address = "127.0.0.1", std::vector<std::string> wrap = {},
                  const std::string& more = "");
    ~Sshd();
    Sshd(const Sshd&) = delete;
    Sshd& operator=(const Sshd&) = delete;

    // An object that is reached through it; jobs live in its folder.
    [[nodiscard]] program::Object host(const std::string& name) const;
    [[nodiscard]] const transport_tests::Folder& folder() const { return folder_; }
    [[nodiscard]] std::string jobs() const { return folder_ / "jobs"; }

    void start();
    void stop();                // the listener; sessions go on
    void cut_sessions() const;  // ends every session's sshd, as if the connection were cut
    void replace_host_key();

    static bool is_possible();  // sshd is there, and we may run it

  private:
    transport_tests::Folder folder_;
    std::string address_;
    std::vector<std::string> wrap_;
    int port_ = 0;
    int pid_ = -1;
};

}  // namespace pvsplan::integration

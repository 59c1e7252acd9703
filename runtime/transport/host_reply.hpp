// What a host says of a job: the lines of host_script(), found again in a stream that comes in pieces and may begin
// with whatever a login prints.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pvsplan::transport {

// One for each connection. What the host sends is not trusted: whatever it is, nothing here throws, and no more is held
// than a job's output may have.
class HostReply {
  public:
    struct Said {
        enum class What : std::uint8_t {
            hello,      // the script runs
            place,      // `text`: where it keeps its jobs
            want,       // it waits for the secrets, the command and the script
            running,    // somebody has begun the job
            tail,       // `out`: the end of its output so far, with a newline before it if it is all of it
            hindered,   // it is over, and its status cannot be written; `text`: so
            end,        // status, out, err
            gone,       // it began and left no exit status
            unknown,    // nobody began it, and now nobody can
            unsure,     // `text`: why the host cannot say
            refused,    // `text`: why this connection did not start it
            elsewhere,  // it knows nothing of it, and is not where it was begun; `text`: where it is
            killed,     // it and all that it started
            claimed,    // `text`: why not; empty: it is
            held,       // by somebody else; `text`: the claim, `err`: its file
        };
        What what = What::hello;
        std::int64_t status = 0;
        std::string out;
        std::string err;
        std::string text;
        std::uint64_t dropped = 0;  // end: of out and err together
    };

    void take(std::string_view bytes) { held_ += bytes; }
    // The next thing that has arrived whole.
    std::optional<Said> next();
    [[nodiscard]] bool has_greeted() const { return has_greeted_; }

  private:
    [[nodiscard]] std::optional<Said> counted(std::string_view words, std::size_t used);

    std::string held_;
    std::string file_;  // of a claim that is about to be told
    bool has_greeted_ = false;
};

}  // namespace pvsplan::transport

// A child process of the loop: what goes in, what comes out, how it ends. No thread of its own.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "compiler/base/result.hpp"
#include "runtime/ports/child_process.hpp"
#include "runtime/transport/loop.hpp"

namespace pvsplan::transport {

// The environment of this process without what only this process may know, as NAME=value: PVSPLAN_SECRET_…, and the
// variables that were kept from children. It is the process's, so what is kept from them is as well.
std::vector<std::string> plain_environment();
void keep_from_children(const std::vector<std::string>& variables);

// A child on three pipes. Lives on the loop's thread; destroying it leaves the process alone (and reaps it when it
// ends).
class Child {
  public:
    struct Calls {
        std::function<void(std::string_view)> on_out;  // as it comes
        std::function<void(std::string_view)> on_err;
        // After all of its output (or 200 ms after its end, if something else holds its output open).
        // `status`: its exit status, or 128 + the signal that ended it.
        std::function<void(int status)> on_end;
    };
    static base::Result<std::unique_ptr<Child>> start(Loop& loop, std::vector<std::string> argv,
                                                      std::vector<std::string> environment, Calls calls);
    ~Child();
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    void write(std::string_view bytes);  // into its standard input, as it takes them
    void close_input();                  // once all is written
    void kill();                         // it and its process group, at once

  private:
    struct Inside;
    explicit Child(std::shared_ptr<Inside> inside) : inside_(std::move(inside)) {}
    std::shared_ptr<Inside> inside_;
};

// Waits for the end of a child that nobody is interested in any more, so that no zombie stays.
void reap_later(Loop& loop, std::int64_t child);

}  // namespace pvsplan::transport

// The terminal of a person: whether there is one, how large it is, and which keys are pressed.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

namespace pvsplan::ports {

enum class StandardStream : std::uint8_t { in, out, err };

[[nodiscard]] bool is_terminal(StandardStream stream);

// As it is at this moment, for people change it; 80 by 24 where nothing says how large it is.
struct TerminalSize {
    std::uint32_t columns = 80;
    std::uint32_t rows = 24;
};
[[nodiscard]] TerminalSize terminal_size(StandardStream stream);

// Takes keys from standard input one by one while it lives, without showing them; Ctrl-C works as ever. `on_key` is
// called on a thread of its own. The terminal is as before when this goes. Without a terminal no key is ever pressed.
class Keys {
  public:
    explicit Keys(std::function<void(char key)> on_key);
    ~Keys();
    Keys(const Keys&) = delete;
    Keys& operator=(const Keys&) = delete;

  private:
    struct Inside;
    std::unique_ptr<Inside> inside_;
};

}  // namespace pvsplan::ports

// Messages cut out of a stream of bytes: `Content-Length: N`, an empty line, N bytes. Whatever comes, it takes no more
// memory than one message may have, and finds the next message.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace pvsplan::lsp {

// A message is mostly the text of one file.
inline constexpr std::size_t max_message_bytes = std::size_t{64} << 20U;

// What could not be read, in words. The stream is looked through for the next `Content-Length:`, so that neither a
// message that is too long nor words between two of them take the ones behind them along. It is answered with an error
// without an id, as JSON-RPC wants.
struct Refused {
    std::string why;
};
using Frame = std::variant<std::string, Refused>;

// Used by one thread. Between two calls it is before a header, within one, or within a body.
class Frames {
  public:
    // How many bytes may be waited for: there is no message that ends before.
    [[nodiscard]] std::size_t wanted() const;
    // At most so many of them. A message, or why there is none, once it is known.
    std::optional<Frame> feed(std::string_view bytes);

  private:
    enum class At : std::uint8_t { before, header, body };
    std::optional<Frame> end_of_line();
    std::optional<Frame> refuse(std::string why);

    At at_ = At::before;
    std::string line_;        // of a header, so far: at most 4 KiB
    std::size_t length_ = 0;  // of the body: what the header said
    std::string body_;
};

// "Content-Length: 17\r\n\r\n" and the message.
std::string framed(std::string_view message);

}  // namespace pvsplan::lsp

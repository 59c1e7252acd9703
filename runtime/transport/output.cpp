#include "runtime/transport/output.hpp"

#include <charconv>
#include <utility>

#include "runtime/ports/transport.hpp"
#include "runtime/transport/folder_files.hpp"

namespace pvsplan::transport {

// Both cut lines go, the last of the head and the first of the tail, and count as dropped.
Text joined(Output output) {
    if (output.between == 0) return {.text = std::move(output.head) + output.tail, .dropped = 0};
    const auto head_end = output.head.rfind('\n');
    const std::size_t head_size = head_end == std::string::npos ? 0 : head_end + 1;
    const auto tail_from = output.tail.find('\n');
    const std::size_t tail_cut = tail_from == std::string::npos ? output.tail.size() : tail_from + 1;
    Text result;
    result.dropped = output.between + (output.head.size() - head_size) + tail_cut;
    result.text = std::move(output.head);
    result.text.resize(head_size);
    result.text += "[" + std::to_string(result.dropped) + std::string(ports::dropped_mark) + "\n";
    result.text.append(output.tail, tail_cut);
    return result;
}

// What lies in `.head`, `.tail` and `.gone` was cut out of the file by the keeper; the file itself holds what came
// since.
Output read_output(const std::string& path) {
    std::uint64_t gone = 0;
    if (const auto number = read_file(path + ".gone", 30))
        std::from_chars(number->data(), number->data() + number->size(), gone);
    const std::uint64_t size = size_of(path);
    if (gone == 0 && size <= max_output) return {.head = read_file(path, max_output).value_or(""), .tail = {}};
    Output output{.head = read_file(gone > 0 ? path + ".head" : path, kept_at_ends).value_or(""),
                  .tail = read_end(path, kept_at_ends)};
    if (gone > 0 && output.tail.size() < kept_at_ends)
        output.tail.insert(0, read_end(path + ".tail", kept_at_ends - output.tail.size()));
    const std::uint64_t kept = output.head.size() + output.tail.size();
    output.between = gone + size > kept ? gone + size - kept : 0;
    return output;
}

}  // namespace pvsplan::transport

#include "runtime/ports/posix/proc.hpp"

#include <unistd.h>

#include <array>
#include <iterator>
#include <sstream>
#include <system_error>

#include "runtime/ports/files.hpp"

namespace pvsplan::ports::posix {

// Empty where there is none, or the process has ended.
std::string first_line(const std::string& file) {
    std::error_code failed;
    const std::string text = read_file(file, 4096, Links::followed, failed).value_or("");
    return text.substr(0, text.find('\n'));
}

std::string link_target(const std::string& link) {
    std::array<char, 256> target{};
    const ssize_t size = readlink(link.c_str(), target.data(), target.size());
    return size > 0 ? std::string(target.data(), static_cast<std::size_t>(size)) : std::string();
}

// The name of a program may hold brackets, so the last one ends it.
std::vector<std::string> stat_of(const std::string& who) {
    const std::string line = first_line("/proc/" + who + "/stat");
    const auto name_end = line.rfind(')');
    if (name_end == std::string::npos) return {};
    std::istringstream words(line.substr(name_end + 1));
    std::vector<std::string> fields{std::istream_iterator<std::string>(words), {}};
    if (fields.size() < fields_wanted) fields.clear();
    return fields;
}

}  // namespace pvsplan::ports::posix

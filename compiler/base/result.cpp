#include "compiler/base/result.hpp"

namespace pvsplan::base {

std::string Error::text() const {
    std::string all = message;
    for (const std::string& cause : causes) all += ": " + cause;
    return all;
}

}  // namespace pvsplan::base

// What runs on a POSIX host at the other end of an ssh connection.
#pragma once

#include <string>

namespace pvsplan::transport {

// For `sh`, with the variables key, ask (start, attach, look, kill, observe, claim, release), sizes … set before it:
// see ssh.cpp, which speaks with it. It answers in lines that begin with "pvsplan "; `tail` and `end` are followed by
// as many bytes as they say.
std::string host_script();

}  // namespace pvsplan::transport

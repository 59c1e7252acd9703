// The programs that run on hosts: fixed texts, nothing is ever put into them. They are read in scripts/.
#pragma once

#include <string>

namespace pvsplan::transport {

// A POSIX host's end of an ssh connection: answers, in lines that begin with "pvsplan ", the question that ssh.cpp puts
// in front of it. `tail` and `end` are followed by as many bytes as they say.
const std::string& host_script();

// "sh -c RUNNER name FOLDER N BORDERS LEDGER" claims the job in FOLDER and runs it (job_folder.hpp), where the host has
// no more than a shell. On this machine a process of ours does the same (ports/launcher.hpp).
const std::string& runner_script();

// "sh -c KEEPER pvsplan-keeper FOLDER FILE", where FILE in FOLDER says which it is: bounds what jobs print
// (output.hpp), and ends when no job in FOLDER has run or printed for a while, or another keeper has come.
const std::string& keeper_script();

// Runs the rest of standard input: "COUNT BASE64", refused if it did not arrive whole.
const std::string& windows_loader_script();

// Reads $ask and answers with one line "pvsplan BASE64-OF-JSON".
const std::string& windows_ask_script();

// Claims the job in its folder and runs it.
const std::string& windows_runner_script();

}  // namespace pvsplan::transport

// The only place that writes PowerShell. Values reach a script as data: the text that is generated around it holds them
// as base64 of JSON, in which no character means anything to PowerShell, and turns them into $With, $On, $Before and
// $Secret before the script runs. The script itself travels as base64 of its UTF-8, so its text needs no quoting
// either.
//
// What a script sees: $ErrorActionPreference is Stop (an error that it does not handle ends it with exit status 1);
// output is UTF-8; its exit status is that of `exit`, else of the last program that it ran, else 0.
// Durations are [TimeSpan]-free milliseconds, versions and enumerators strings, as in Job::data.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace pvsplan::transport {

std::string base64(std::string_view bytes);
// UTF-8 to UTF-16LE; a byte sequence that is no UTF-8 becomes U+FFFD.
std::string utf16le(std::string_view utf8);

// The secrets as base64 of JSON: for the variable PVSPLAN_SECRET_JSON, which the generated text reads and removes.
std::string powershell_secrets(const std::map<std::string, std::string>& secrets);

// A whole script for `pwsh -File`: ASCII only. Secrets come from the environment.
std::string powershell_file(std::string_view script, std::string_view data_json);

}  // namespace pvsplan::transport

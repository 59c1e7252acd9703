// What may come next on a command line that is being typed, from the table of commands: for shells, which differ in
// how they ask and show and in nothing else.
#pragma once

#include <string>
#include <vector>

#include "runtime/cli/command.hpp"

namespace pvsplan::cli {

// A whole word in the place of the one that is being typed; one that ends in `=` or `/` goes on.
struct NextWord {
    std::string word;
    std::string summary = {};  // a few words on it; may be empty
};
struct NextWords {
    std::vector<NextWord> words;
    // What the shell itself adds: names of files or folders, or nothing. It stands in the folder where it was called.
    Option::Completes others = Option::Completes::nothing;
};

// `typed`: all words behind the name of the program, the one that is being typed last. As far as nothing but quotes
// stand around them, they may be as they were typed.
NextWords next_words(const Session& session, std::vector<std::string> typed);

}  // namespace pvsplan::cli

#include "compiler/syntax/program_text.hpp"

#include "compiler/base/lower_case.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace pvsplan::syntax {
namespace {

using Arguments = std::vector<std::optional<std::string>>;
using Language = ProgramText::Language;

// How a program finds its text among the arguments behind its name.
enum class Takes : std::uint8_t {
    after_short_flag,  // behind a flag with one of these letters in it: `-c`, `-ec`
    after_flag,        // behind one of these flags
    rest_of_flag,      // everything behind one of these flags
    first,             // the first that is no flag, or what stands behind one of these flags
    rest_of_first,     // everything behind the first that is no flag, which names a host
};

// A row for programs that take a text to run in the same way. It is no matter whether they are on the host: the plan is
// looked at, not the host.
struct Interpreter {
    std::string_view names;  // between blanks
    Language language;
    Takes takes;
    std::string_view flags;  // letters, or flags between blanks, in lower case
    bool ignores_case = false;
    std::string_view valued = {};  // flags that take the next argument, between blanks
};

// Programs that run a text which is given to them as an argument, and where that stands.
constexpr std::array<Interpreter, 15> interpreters = {{
    {" sh bash dash ash zsh ksh mksh fish busybox ", Language::shell, Takes::after_short_flag, "c"},
    {" su runuser script ", Language::shell, Takes::after_flag, " -c --command --session-command "},
    {" env ", Language::shell, Takes::after_flag, " -S --split-string "},
    {" watch ", Language::shell, Takes::first, " "},
    {" cmd ", Language::cmd, Takes::rest_of_flag, " /c /k /r ", true},
    {" powershell pwsh ", Language::powershell, Takes::rest_of_flag,
     " -c -co -com -comm -comma -comman -command /c /command -commandwithargs -cwa ", true},
    {" python python2 python3 py pypy pypy3 ", Language::script, Takes::after_short_flag, "c"},
    {" perl ", Language::script, Takes::after_short_flag, "eE"},
    {" ruby lua osascript rscript julia ", Language::script, Takes::after_flag, " -e "},
    {" node deno bun ", Language::script, Takes::after_flag, " -e --eval -p --print "},
    {" php ", Language::script, Takes::after_flag, " -r "},
    {" awk gawk mawk nawk sed jq ", Language::script, Takes::first, " -e --expression "},
    {" sqlcmd osql psql mysql mariadb ", Language::sql, Takes::after_flag, " -q -Q -c --command -e --execute "},
    {" ssh ", Language::remote, Takes::rest_of_first, " ", false,
     " -B -b -c -D -E -e -F -I -i -J -L -l -m -O -o -p -Q -R -S -W -w "},
    {" plink rsh winrs ", Language::remote, Takes::rest_of_first, " ", false, " -l -P -i -pw -load "},
}};

// Without its folder and `.exe`.
std::string name_of(std::string_view argument) {
    const std::size_t slash = argument.find_last_of("/\\");
    std::string name = base::lower_case(slash == std::string_view::npos ? argument : argument.substr(slash + 1));
    if (name.ends_with(".exe")) name.resize(name.size() - 4);
    return name;
}

bool has_word(std::string_view words, std::string_view word) {
    return !word.empty() && word.find(' ') == std::string_view::npos &&
           words.find(" " + std::string(word) + " ") != std::string_view::npos;
}

// Short flags may be joined, `-ec`. One that begins with a letter whose flag takes the rest of the word, `-Mutf8` or
// `-Ipath`, is none.
bool is_flag_of(const Interpreter& one, std::string_view argument) {
    if (one.takes == Takes::after_short_flag)
        return argument.size() > 1 && argument[0] == '-' && argument.find_first_of("-MIWX", 1) != 1 &&
               argument.find_first_of(one.flags, 1) != std::string_view::npos;
    const std::string text = one.ignores_case ? base::lower_case(argument) : std::string(argument);
    // `/d/c` and `/s/c` in one word.
    if (one.language == Language::cmd && text.starts_with('/') && text.size() > 2)
        return has_word(one.flags, text.substr(text.size() - 2));
    return has_word(one.flags, text);
}

class Finder {
  public:
    explicit Finder(const Arguments& arguments) : arguments_(arguments) {}

    // An argument that is no constant may be anything, and is never taken for a flag. It can be the text, though.
    void look(const Interpreter& one, std::size_t at, std::vector<ProgramText>& found) const {
        const std::string name = name_of(*arguments_[at]);
        const auto add = [&](std::size_t begin, std::size_t end) {
            for (std::size_t i = begin; i < std::min(end, arguments_.size()); ++i)
                found.push_back({i, one.language, name});
        };
        for (std::size_t i = at + 1; i < arguments_.size(); ++i) {
            if (arguments_[i] && is_flag_of(one, *arguments_[i])) {
                const bool is_all = one.takes == Takes::rest_of_flag;
                return add(i + 1, is_all ? arguments_.size() : i + 2);
            }
            if (arguments_[i] && arguments_[i]->starts_with('-')) {
                const bool is_option =
                    one.language == Language::shell && arguments_[i]->ends_with('o');  // -euo pipefail
                if (is_option || has_word(one.valued, *arguments_[i])) ++i;
                continue;
            }
            if (one.takes == Takes::first) return add(i, i + 1);
            if (one.takes == Takes::rest_of_first) return add(i + 1, arguments_.size());
            if (one.takes == Takes::after_short_flag) return;  // a file, and what comes behind it is for that
        }
    }

  private:
    const Arguments& arguments_;
};

}  // namespace

std::vector<ProgramText> program_texts(const Arguments& arguments) {
    std::vector<ProgramText> found;
    const Finder finder(arguments);
    // Also behind another program that runs it: `sudo sh -c …`.
    for (std::size_t at = 0; at < arguments.size(); ++at) {
        if (!arguments[at] || (!found.empty() && found.back().argument >= at)) continue;
        const std::string name = name_of(*arguments[at]);
        for (const Interpreter& one : interpreters)
            if (has_word(one.names, name)) finder.look(one, at, found);
    }
    std::sort(found.begin(), found.end(),
              [](const ProgramText& a, const ProgramText& b) { return a.argument < b.argument; });
    found.erase(std::unique(found.begin(), found.end(),
                            [](const ProgramText& a, const ProgramText& b) { return a.argument == b.argument; }),
                found.end());
    return found;
}

}  // namespace pvsplan::syntax

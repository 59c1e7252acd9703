#include <memory>

#include "compiler/base/lists.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/completion_values.hpp"

namespace pvsplan::cli {
namespace {

// The words of an option: "-o", "--output".
std::vector<std::string> words_of(const Option& option) {
    std::vector<std::string> words;
    std::string word;
    for (const char c : option.names + ",") {
        if (c != ',') {
            word += c;
            continue;
        }
        words.push_back(word);
        word.clear();
    }
    return words;
}

struct Offer {
    std::string name;
    std::string summary;
    std::vector<Option> options;         // its own and the common ones; not arguments
    std::vector<std::string> arguments;  // by their places: the values of each, as values_name() calls them
};

std::vector<Offer> offers() {
    Session nobody;
    bool no_colour = false;
    std::string folder;
    std::vector<Offer> all;
    for (const Command& command : commands()) {
        Offer offer{.name = command.name, .summary = command.summary, .options = {}, .arguments = {}};
        for (const Option& option : command.options)
            if (option.is_argument())
                offer.arguments.emplace_back(values_name(option.completes));
            else
                offer.options.push_back(option);
        for (const Option& option : common_options(nobody, no_colour, folder)) offer.options.push_back(option);
        all.push_back(std::move(offer));
    }
    return all;
}

// Text within '…' of a shell.
std::string shell_quoted(const std::string& text) {
    std::string result = "'";
    for (const char c : text) result += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return result + "'";
}

// What the script of bash knows: lines of its `case`.
struct BashCases {
    std::string names;
    std::string cases;
    std::string places;  // values of arguments by their places
};
BashCases bash_cases() {
    BashCases result;
    auto& [names, cases, places] = result;
    for (const Offer& offer : offers()) {
        base::append(names, " ", offer.name);
        std::string options;
        for (const Option& option : offer.options) {
            for (const std::string& word : words_of(option)) options += " " + word;
            if (!option.choices.empty())
                cases += "    " + offer.name + "," + words_of(option).back() + ") words='" +
                         base::joined(option.choices, " ") + "' ;;\n";
            if (const std::string_view values = values_name(option.completes); !values.empty())
                cases +=
                    "    " + offer.name + "," + words_of(option).back() + ") values=" + std::string(values) + " ;;\n";
        }
        cases += "    " + offer.name + ",*) words='" + options.substr(1) + "' ;;\n";
        for (std::size_t i = 0; i < offer.arguments.size(); ++i)
            if (!offer.arguments[i].empty())
                places += "    " + offer.name + "," + std::to_string(i) + ") values=" + offer.arguments[i] + " ;;\n";
    }
    return result;
}

std::string for_bash() {
    const BashCases known = bash_cases();
    return "# pvsplan completion bash > /etc/bash_completion.d/pvsplan\n"
           "_pvsplan() {\n"
           "  local now=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} words= values= command=\n"
           "  local i line count=0 where=()\n"
           "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
           "    case ${COMP_WORDS[i]} in\n"
           "    -C|--root|--store) where+=(\"${COMP_WORDS[i]}\" \"${COMP_WORDS[i+1]}\"); ((i++)) ;;\n"
           "    -*) ;;\n"
           "    *) command=${COMP_WORDS[i]}; break ;;\n"
           "    esac\n"
           "  done\n"
           "  if [[ -z $command ]]; then\n"
           "    COMPREPLY=($(compgen -W '" +
           known.names +
           "' -- \"$now\"))\n"
           "    return\n"
           "  fi\n"
           "  case $command,$before in\n" +
           known.cases +
           "  esac\n"
           "  local typed=(\"${COMP_WORDS[@]:i+1:COMP_CWORD-i-1}\")\n"
           "  for line in \"${typed[@]}\"; do [[ $line == -* ]] || ((count++)); done\n"
           "  if [[ -z $values && $words == -* ]]; then\n"
           "    case $command,$count in\n" +
           known.places +
           "    esac\n"
           "  fi\n"
           "  if [[ -n $values && $now != -* ]]; then\n"
           "    COMPREPLY=()\n"
           "    while IFS= read -r line; do\n"
           "      [[ $line == \"$now\"* ]] && COMPREPLY+=(\"$line\")\n"
           "    done < <(\"${COMP_WORDS[0]}\" \"${where[@]}\" completion --values \"$values\" -- \"${typed[@]}\" "
           "2>/dev/null)\n"
           "    [[ $values == codes || $values == topics ]] && COMPREPLY+=($(compgen -f -- \"$now\"))\n"
           "  elif [[ $now == -* || $words != -* ]]; then\n"
           "    COMPREPLY=($(compgen -W \"$words\" -- \"$now\"))\n"
           "  else\n"
           "    COMPREPLY=($(compgen -f -- \"$now\"))\n"
           "  fi\n"
           "}\n"
           "complete -o filenames -F _pvsplan pvsplan\n";
}

std::string fish_values(std::string_view values) {
    return "(pvsplan completion --values " + std::string(values) + " -- (commandline -opc)[3..-1] 2>/dev/null)";
}

std::string for_fish() {
    std::string text = "# pvsplan completion fish > ~/.config/fish/completions/pvsplan.fish\n";
    for (const Offer& offer : offers()) {
        text += "complete -c pvsplan -n __fish_use_subcommand -f -a " + offer.name + " -d " +
                shell_quoted(offer.summary) + "\n";
        for (const Option& option : offer.options) {
            text += "complete -c pvsplan -n '__fish_seen_subcommand_from " + offer.name + "'";
            for (const std::string& word : words_of(option))
                text += word.starts_with("--") ? " -l " + word.substr(2) : " -s " + word.substr(1);
            if (!option.value.empty()) text += " -r";
            if (!option.choices.empty()) text += " -f -a " + shell_quoted(base::joined(option.choices, " "));
            if (const std::string_view values = values_name(option.completes); !values.empty())
                text += " -f -a " + shell_quoted(fish_values(values));
            text += " -d " + shell_quoted(option.help) + "\n";
        }
        for (std::size_t i = 0; i < offer.arguments.size(); ++i)
            if (!offer.arguments[i].empty())
                text += "complete -c pvsplan -n '__fish_seen_subcommand_from " + offer.name +
                        "; and test (count (commandline -opc)) -eq " + std::to_string(i + 2) + "' -f -a " +
                        shell_quoted(fish_values(offer.arguments[i])) + "\n";
    }
    return text;
}

// Text within [...] of a specification of zsh's _arguments, which stands within '...'.
std::string bracketed(std::string_view text) {
    std::string result;
    for (const char c : text) {
        if (c == '[' || c == ']' || c == ':' || c == '\\') result += '\\';
        result += c == '\'' ? std::string("'\\''") : std::string(1, c);
    }
    return result;
}

// '(-o --output)'{-o,--output}'[Where to write]:FILE:_files'
std::string zsh_argument(const Option& option) {
    const std::vector<std::string> words = words_of(option);
    const bool is_list = std::holds_alternative<std::vector<std::string>*>(option.into);
    std::string text = is_list ? "'*'" : "'(" + base::joined(words, " ") + ")'";
    text += words.size() == 1 ? words[0] : "{" + words[0] + "," + words[1] + "}";
    text += "'[" + bracketed(option.help) + "]";
    if (!option.choices.empty())
        text += ":" + option.value + ":(" + base::joined(option.choices, " ") + ")";
    else if (const std::string_view values = values_name(option.completes); !values.empty())
        text += ":" + option.value + ": _pvsplan_values " + std::string(values);
    else if (!option.value.empty())
        text += ":" + option.value + ":" + (option.completes == Option::Completes::files ? "_files" : " ");
    return text + "'";
}

std::string for_zsh() {
    std::string names;
    std::string cases;
    for (const Offer& offer : offers()) {
        names += "      " + shell_quoted(offer.name + ":" + offer.summary) + "\n";
        cases += "    " + offer.name + ") _arguments";
        for (const Option& option : offer.options) cases += " \\\n      " + zsh_argument(option);
        for (std::size_t i = 0; i < offer.arguments.size(); ++i)
            if (!offer.arguments[i].empty())
                cases += " \\\n      '" + std::to_string(i + 1) + ":" + offer.arguments[i] + ": _pvsplan_values " +
                         offer.arguments[i] + "'";
        cases += " \\\n      '*:file:_files' ;;\n";
    }
    return "#compdef pvsplan\n# pvsplan completion zsh > \"${fpath[1]}/_pvsplan\"\n"
           "_pvsplan_values() {\n"
           "  local -a found=(${(f)\"$(pvsplan completion --values $1 -- ${(@)words[2,CURRENT-1]} 2>/dev/null)\"})\n"
           "  [[ $1 == steps || $1 == runs ]] || _files\n"
           "  compadd -a found\n"
           "}\n"
           "_pvsplan() {\n"
           "  local curcontext=$curcontext state line\n"
           "  _arguments -C '-C[Go to this folder first]:DIR:_files -/' '--root[The project folder]:DIR:_files -/' \\\n"
           "    '--store[Where runs are kept]:URL:_files' '1: :->command' '*:: :->argument'\n"
           "  case $state in\n"
           "  command)\n"
           "    local -a commands=(\n" +
           names +
           "    )\n"
           "    _describe -t commands command commands ;;\n"
           "  argument)\n"
           "    case $words[1] in\n" +
           cases +
           "    esac ;;\n"
           "  esac\n"
           "}\n"
           "if [[ $funcstack[1] == _pvsplan ]]; then _pvsplan \"$@\"; else compdef _pvsplan pvsplan; fi\n";
}

// Of PowerShell: text within '…'.
std::string powershell_quoted(const std::string& text) {
    std::string result = "'";
    for (const char c : text) result += c == '\'' ? std::string("''") : std::string(1, c);
    return result + "'";
}

std::string powershell_list(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) base::append(text, ", ", powershell_quoted(word));
    return "@(" + text + ")";
}

std::string for_powershell() {
    std::string options;
    std::string choices;
    std::string values;
    const auto entry = [](const std::string& key, const std::string& value) {
        return "        " + powershell_quoted(key) + " = " + value + "\n";
    };
    for (const Offer& offer : offers()) {
        std::vector<std::string> words;
        for (const Option& option : offer.options) {
            for (const std::string& word : words_of(option)) words.push_back(word);
            const std::string key = offer.name + "," + words_of(option).back();
            if (!option.choices.empty()) choices += entry(key, powershell_list(option.choices));
            if (const std::string_view name = values_name(option.completes); !name.empty())
                values += entry(key, powershell_quoted(std::string(name)));
        }
        options += entry(offer.name, powershell_list(words));
        for (std::size_t i = 0; i < offer.arguments.size(); ++i)
            if (!offer.arguments[i].empty())
                values += entry(offer.name + "," + std::to_string(i), powershell_quoted(offer.arguments[i]));
    }
    return "# pvsplan completion powershell >> $PROFILE\n"
           "Register-ArgumentCompleter -Native -CommandName pvsplan -ScriptBlock {\n"
           "    param($word, $ast, $position)\n"
           "    $options = @{\n" +
           options + "    }\n    $choices = @{\n" + choices + "    }\n    $values = @{\n" + values +
           "    }\n"
           "    $typed = @($ast.CommandElements | Select-Object -Skip 1 | ForEach-Object { $_.ToString() })\n"
           "    if ($word) { $typed = @($typed | Select-Object -SkipLast 1) }\n"
           "    $command = $typed | Where-Object { $options.ContainsKey($_) } | Select-Object -First 1\n"
           "    if (-not $command) {\n"
           "        $found = $options.Keys | Sort-Object\n"
           "    } else {\n"
           "        $behind = @($typed | Select-Object -Skip ($typed.IndexOf($command) + 1))\n"
           "        $before = \"$command,$($typed[-1])\"\n"
           "        $count = @($behind | Where-Object { -not $_.StartsWith('-') }).Count\n"
           "        $name = $values[$before]\n"
           "        if (-not $name) { $name = $values[\"$command,$count\"] }\n"
           "        if ($choices.ContainsKey($before)) {\n"
           "            $found = $choices[$before]\n"
           "        } elseif ($name -and -not $word.StartsWith('-')) {\n"
           "            $found = & pvsplan completion --values $name '--' @behind 2> $null\n"
           "        } else {\n"
           "            $found = $options[$command]\n"
           "        }\n"
           "    }\n"
           "    $found | Where-Object { $_.StartsWith($word) } | ForEach-Object {\n"
           "        New-Object System.Management.Automation.CompletionResult $_, $_, 'ParameterValue', $_\n"
           "    }\n"
           "}\n";
}

struct CompletionArguments {
    std::vector<std::string> words;
    std::string values;
};

Exit print(Session& session, const CompletionArguments& arguments) {
    if (!arguments.values.empty()) {
        // Who completes has no eye for what goes wrong: then nothing is offered.
        for (const std::string& value : completion_values(session, arguments.values, arguments.words))
            if (value.find('\n') == std::string::npos) session.out.write(value + "\n");
        return Exit::done;
    }
    const std::string shell = arguments.words.size() == 1 ? arguments.words[0] : "";
    if (shell == "bash") return session.out.write(for_bash()), Exit::done;
    if (shell == "zsh") return session.out.write(for_zsh()), Exit::done;
    if (shell == "fish") return session.out.write(for_fish()), Exit::done;
    if (shell == "powershell") return session.out.write(for_powershell()), Exit::done;
    complain(session, "`SHELL` is one of bash, zsh, fish, powershell", Exit::usage);
    say(session, "See `pvsplan completion --help`.");
    return Exit::usage;
}

}  // namespace

Command completion_command() {
    auto arguments = std::make_shared<CompletionArguments>();
    return {
        .name = "completion",
        .group = Command::Group::edit,
        .summary = "Print what a shell needs to complete commands and options",
        .description =
            "bash: `source <(pvsplan completion bash)`, in ~/.bashrc for always. Shells then ask for runs, steps "
            "of a run, names for `doc` and codes with `pvsplan completion --values`, which writes, asks and "
            "complains of nothing.",
        .options = {{"SHELL", "", "Which shell: bash, zsh, fish, powershell; with --values the words that were typed",
                     &arguments->words},
                    {"--values", "WHAT", "Print what may stand in a place, a line each", &arguments->values,
                     Option::Presence::optional, values_names()}},
        .run = [arguments](Session& session) { return print(session, *arguments); }};
}

}  // namespace pvsplan::cli

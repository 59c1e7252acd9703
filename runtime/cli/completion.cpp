#include <memory>

#include "runtime/cli/commands.hpp"

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
    std::vector<Option> options;  // its own and the common ones; not arguments
};

std::vector<Offer> offers() {
    Session nobody;
    bool no_colour = false;
    std::string folder;
    std::vector<Offer> all;
    for (const Command& command : commands()) {
        Offer offer{.name = command.name, .summary = command.summary, .options = {}};
        for (const Option& option : command.options)
            if (!option.is_argument()) offer.options.push_back(option);
        for (const Option& option : common_options(nobody, no_colour, folder)) offer.options.push_back(option);
        all.push_back(std::move(offer));
    }
    return all;
}

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
    return text;
}

// Text within '…' of a shell.
std::string shell_quoted(const std::string& text) {
    std::string result = "'";
    for (const char c : text) result += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return result + "'";
}

std::string for_bash() {
    std::string names;
    std::string cases;
    for (const Offer& offer : offers()) {
        names += (names.empty() ? "" : " ") + offer.name;
        std::string options;
        for (const Option& option : offer.options) {
            for (const std::string& word : words_of(option)) options += " " + word;
            if (!option.choices.empty())
                cases += "    " + offer.name + "," + words_of(option).back() + ") words='" + joined(option.choices) +
                         "' ;;\n";
        }
        cases += "    " + offer.name + ",*) words='" + options.substr(1) + "' ;;\n";
    }
    return "# pvsplan completion bash > /etc/bash_completion.d/pvsplan\n"
           "_pvsplan() {\n"
           "  local now=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} words command=\n"
           "  local i\n"
           "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
           "    case ${COMP_WORDS[i]} in\n"
           "    -C|--root|--store) ((i++)) ;;\n"
           "    -*) ;;\n"
           "    *) command=${COMP_WORDS[i]}; break ;;\n"
           "    esac\n"
           "  done\n"
           "  if [[ -z $command ]]; then\n"
           "    COMPREPLY=($(compgen -W '" +
           names +
           "' -- \"$now\"))\n"
           "    return\n"
           "  fi\n"
           "  case $command,$before in\n" +
           cases +
           "  esac\n"
           "  if [[ $now == -* || $words != -* ]]; then\n"
           "    COMPREPLY=($(compgen -W \"$words\" -- \"$now\"))\n"
           "  else\n"
           "    COMPREPLY=($(compgen -f -- \"$now\"))\n"
           "  fi\n"
           "}\n"
           "complete -o filenames -F _pvsplan pvsplan\n";
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
            if (!option.choices.empty()) text += " -f -a " + shell_quoted(joined(option.choices));
            text += " -d " + shell_quoted(option.help) + "\n";
        }
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
    std::string text = is_list ? "'*'" : "'(" + joined(words) + ")'";
    text += words.size() == 1 ? words[0] : "{" + words[0] + "," + words[1] + "}";
    text += "'[" + bracketed(option.help) + "]";
    if (!option.choices.empty())
        text += ":" + option.value + ":(" + joined(option.choices) + ")";
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
        cases += " \\\n      '*:file:_files' ;;\n";
    }
    return "#compdef pvsplan\n# pvsplan completion zsh > \"${fpath[1]}/_pvsplan\"\n"
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

Exit print(Session& session, const std::string& shell) {
    session.out.write(shell == "bash" ? for_bash() : shell == "zsh" ? for_zsh() : for_fish());
    return Exit::done;
}

}  // namespace

Command completion_command() {
    auto shell = std::make_shared<std::string>();
    return {.name = "completion",
            .group = Command::Group::edit,
            .summary = "Print what a shell needs to complete commands and options",
            .description = "bash: `source <(pvsplan completion bash)`, in ~/.bashrc for always.",
            .options = {{"SHELL", "", "Which shell", shell.get(), Option::Presence::required, {"bash", "zsh", "fish"}}},
            .run = [shell](Session& session) { return print(session, *shell); }};
}

}  // namespace pvsplan::cli

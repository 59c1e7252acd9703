#include <memory>

#include "runtime/cli/commands.hpp"
#include "runtime/cli/completion_next.hpp"

namespace pvsplan::cli {
namespace {

// The scripts are alike: each hands the words that were typed to `pvsplan completion --next` and shows what comes back,
// a line each: a word, a tab and a few words on it, or `:files` or `:folders`, which a shell knows itself.

constexpr std::string_view for_bash = R"(# pvsplan completion bash > /etc/bash_completion.d/pvsplan
_pvsplan() {
  local typed word before= kept= quote= line others= sign words=()
  # For bash `=` and `:` end a word, and a blank in one is `\ `; the program wants words as they are meant. What stands
  # before the last such end is kept as it was typed.
  for typed in "${COMP_WORDS[@]:1:COMP_CWORD}"; do
    IFS= read word <<< "$typed"
    if ((${#words[@]})) && [[ $typed == [=:]* || $before == [=:]* ]]; then
      kept=${words[-1]}
      words[-1]+=$word
    else
      kept=
      words+=("$word")
    fi
    [[ $typed == [=:]* ]] && kept=${words[-1]}
    before=$typed
  done
  [[ $typed == [\"\']* ]] && quote=${typed:0:1}
  COMPREPLY=()
  while IFS= read -r line; do
    case $line in
    :files) others=-f ;;
    :folders) others=-d ;;
    *) line=${line%%$'\t'*}; COMPREPLY+=("${line#"$kept"}") ;;
    esac
  done < <("${COMP_WORDS[0]}" completion --next -- "${words[@]}" 2>/dev/null)
  if [[ $others ]]; then
    compopt -o filenames 2>/dev/null
    word=${words[-1]#"$kept"}
    while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen "$others" -- "${word#"$quote"}")
    return 0
  fi
  # Names may be a stranger's. What is no file of this folder bash would leave as it is, and run what stands in `$()`.
  for word in "${!COMPREPLY[@]}"; do
    line=${COMPREPLY[word]}
    case $quote in
    \') line=${line//"'"/"'\\''"} ;;
    \") for sign in \\ \" \$ \`; do line=${line//"$sign"/"\\$sign"}; done ;;
    *) printf -v line %q "$line" ;;
    esac
    COMPREPLY[word]=$line
  done
  [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[=/] ]] && compopt -o nospace 2>/dev/null
  return 0
}
complete -F _pvsplan pvsplan
)";

constexpr std::string_view for_fish = R"(# pvsplan completion fish > ~/.config/fish/completions/pvsplan.fish
function __pvsplan_next
  set -l words (commandline -opc)
  set -l raw (commandline -ct)
  test (count $raw) -eq 0; and set raw ''
  set -l word (string unescape -- $raw)
  test (count $word) -eq 1; or set word $raw
  set -l option (string match -r -- '^--[^=]*=' $word; or echo '')
  set -l file (string replace -r -- '^--[^=]*=' '' $word)
  for line in ($words[1] completion --next -- $words[2..-1] $word 2>/dev/null)
    set -l found $line
    switch $line
      case :files
        set found $option(__fish_complete_path $file)
      case :folders
        set found $option(__fish_complete_directories $file)
    end
    string join -- \n $found
  end
end
complete -c pvsplan -f -a '(__pvsplan_next)'
)";

constexpr std::string_view for_zsh = R"(#compdef pvsplan
# pvsplan completion zsh > "${fpath[1]}/_pvsplan"
_pvsplan() {
  local line described nothing=1
  local -a found open
  for line in "${(@f)$($words[1] completion --next -- "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}"; do
    described=${${${line%%$'\t'*}//\\/\\\\}//:/\\:}
    [[ $line == *$'\t'* ]] && described+=:${line#*$'\t'}
    case $line in
    '') ;;
    :files) compset -P 1 '--*='; _files && nothing=0 ;;
    :folders) compset -P 1 '--*='; _files -/ && nothing=0 ;;
    *[=/]) open+=$described ;;
    *) found+=$described ;;
    esac
  done
  _describe pvsplan found && nothing=0
  _describe pvsplan open -S '' && nothing=0
  return nothing
}
if [[ $funcstack[1] == _pvsplan ]]; then _pvsplan "$@"; else compdef _pvsplan pvsplan; fi
)";

// A file name is what PowerShell offers where it is told of nothing. It writes a result into the line as it is, so that
// a name which is more than a word goes between quotes; some typographic ones are quotes there as well.
constexpr std::string_view for_powershell = R"(# pvsplan completion powershell >> $PROFILE
Register-ArgumentCompleter -Native -CommandName pvsplan -ScriptBlock {
    param($word, $ast, $position)
    $words = @($ast.CommandElements | Select-Object -Skip 1 | ForEach-Object { $_.ToString() })
    if (-not $word) { $words += '""' }
    $program = $ast.CommandElements[0].ToString()
    & $program completion --next '--' @words 2> $null | ForEach-Object {
        $text, $summary = $_ -split "`t", 2
        if (-not $text.StartsWith(':')) {
            if (-not $summary) { $summary = $text }
            $typed = $text
            if ($text -notmatch '^[\p{L}\p{N}_./:=+\\-]+$') {
                $typed = "'" + [System.Management.Automation.Language.CodeGeneration]::EscapeSingleQuotedStringContent($text) + "'"
            }
            New-Object System.Management.Automation.CompletionResult $typed, $text, 'ParameterValue', $summary
        }
    }
}
)";

struct CompletionArguments {
    std::vector<std::string> words;
    bool next = false;
};

// A word with a tab or a line feed cannot be told in a line, and is left out. Whatever was typed, the answer of --next
// is a success: a shell shows no error.
Exit print(Session& session, const CompletionArguments& arguments) {
    if (arguments.next) {
        const NextWords next = next_words(session, arguments.words);
        for (const auto& [word, summary] : next.words)
            if (word.find_first_of("\t\n") == std::string::npos)
                session.out.write(word + (summary.empty() ? "" : "\t" + summary) + "\n");
        if (next.others == Option::Completes::files) session.out.write(":files\n");
        if (next.others == Option::Completes::folders) session.out.write(":folders\n");
        return Exit::done;
    }
    const std::string shell = arguments.words.size() == 1 ? arguments.words[0] : "";
    for (const auto& [name, script] : {std::pair{"bash", for_bash}, std::pair{"zsh", for_zsh},
                                       std::pair{"fish", for_fish}, std::pair{"powershell", for_powershell}})
        if (shell == name) return session.out.write(script), Exit::done;
    complain(session, "`SHELL` is one of bash, zsh, fish, powershell", Exit::usage);
    say(session, "See `pvsplan completion --help`.");
    return Exit::usage;
}

}  // namespace

Command completion_command() {
    auto arguments = std::make_shared<CompletionArguments>();
    return {.name = "completion",
            .group = Command::Group::edit,
            .summary = "Print what a shell needs to complete commands and options",
            .description =
                "bash: `source <(pvsplan completion bash)`, in ~/.bashrc for always. Shells then ask with `pvsplan "
                "completion --next`, which knows commands and options, runs and their steps, the steps, parameters "
                "and objects of a plan, names for `doc` and codes; it writes, asks and complains of nothing.",
            .options = {{.names = "SHELL",
                         .help = "Which shell: bash, zsh, fish, powershell; with --next the words that were typed",
                         .into = &arguments->words,
                         .may_be_empty = true},
                        {"--next", "", "Print what may come next, a line each; the last word is the one being typed",
                         &arguments->next}},
            .run = [arguments](Session& session) { return print(session, *arguments); }};
}

}  // namespace pvsplan::cli

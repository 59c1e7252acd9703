#include <CLI/CLI.hpp>

#include <algorithm>
#include <filesystem>

#include "compiler/base/lists.hpp"
#include "compiler/base/near.hpp"
#include "runtime/cli/command.hpp"
#include "runtime/cli/project.hpp"
#include "runtime/cli/version.hpp"

namespace pvsplan::cli {
namespace {

constexpr std::string_view is_empty = "is empty";

// Declares an option to CLI11, which converts what is typed into the variable that `into` points to. Such a variable is
// touched by nothing but the parser, and read once that has returned.
void add(CLI::App& app, const Option& option) {
    CLI::Option* added = std::visit(
        [&](auto* into) -> CLI::Option* {
            using Target = std::remove_pointer_t<decltype(into)>;
            if constexpr (std::is_same_v<Target, bool>) {
                return app.add_flag(option.names, *into);
            } else {
                CLI::Option* one = app.add_option(option.names, *into);
                // A list by option takes one value each time, so that what follows is not swallowed.
                if constexpr (std::is_same_v<Target, std::vector<std::string>>)
                    if (!option.is_argument()) one->allow_extra_args(false);
                return one;
            }
        },
        option.into);
    if (option.presence == Option::Presence::required) added->required();
    if (!option.choices.empty()) added->check(CLI::IsMember(option.choices));
    if (!std::holds_alternative<bool*>(option.into) && !option.may_be_empty)
        added->check([](const std::string& typed) { return typed.empty() ? std::string(is_empty) : ""; });
    // Zero alone is looked for: what is no number was refused by the conversion.
    if (option.is_one_at_least)
        added->check([](const std::string& typed) {
            return typed.find_first_not_of('0') == std::string::npos ? "less than 1" : "";
        });
}

// To suggest from: a single letter is near to any other.
std::vector<std::string> long_names(const std::vector<Option>& options) {
    std::vector<std::string> names;
    for (const Option& option : options) {
        const std::size_t at = option.names.find("--");
        if (at != std::string::npos) names.push_back(option.names.substr(at));
    }
    return names;
}

// Help is named, not printed: the message stays in sight.
Exit usage_error(Session& session, const std::string& message, const std::string& command) {
    complain(session, message, Exit::usage);
    say(session, "See `pvsplan " + (command.empty() ? "" : command + " ") + "--help`.");
    return Exit::usage;
}

Exit unknown_command(Session& session, const std::string& name, const std::vector<Command>& all) {
    std::vector<std::string> names;
    for (const Command& command : all) names.push_back(command.name);
    std::string message = "there is no command `" + name + "`";
    if (const auto near = base::nearest(name, names)) message += "; did you mean `" + *near + "`?";
    return usage_error(session, message, "");
}

// "--format: yaml not in {text,json}", "PLAN: is empty"; nothing if it is of something else.
std::string refused_value(std::string_view text, const std::vector<Option>& options) {
    const std::string name(text.substr(0, text.find(':')));
    for (const Option& option : options) {
        const std::vector<std::string> words = words_of(option);
        if (std::find(words.begin(), words.end(), name) == words.end()) continue;
        if (!option.choices.empty()) return "`" + name + "` is one of " + base::joined(option.choices);
        if (text.ends_with(is_empty))
            return "`" + name + "` is empty" +
                   (option.is_argument() ? "" : "; leave it out, or say which " + option.value);
        if (option.is_one_at_least) return "`" + option.names + "` is 1 at least";
    }
    return "";
}

// The library's exceptions in our words: what is wrong, in backticks what was typed, and the way out. A form of its
// text that we do not know is passed on as it is, so that nothing goes untold.
Exit parse_error(Session& session, const CLI::ParseError& error, const std::vector<std::string>& extras,
                 const Command& command, const std::vector<Option>& common) {
    // The option that is none goes before its value, which is left over with it, and before an argument that is
    // missing.
    const auto unknown =
        std::find_if(extras.begin(), extras.end(), [](const auto& e) { return e.starts_with('-') && e != "-"; });
    const bool is_unknown = unknown != extras.end();
    if (dynamic_cast<const CLI::ExtrasError*>(&error) || is_unknown) {
        const std::string& word = is_unknown ? *unknown : extras.back();
        std::string message =
            is_unknown ? "there is no option `" + word + "`" : "the argument `" + word + "` is one too many";
        std::vector<std::string> names = long_names(command.options);
        for (const std::string& name : long_names(common)) names.push_back(name);
        if (const auto near = is_unknown ? base::nearest(word, names) : std::nullopt)
            message += "; did you mean `" + *near + "`?";
        return usage_error(session, message, command.name);
    }
    if (dynamic_cast<const CLI::RequiredError*>(&error)) {
        std::string missing;
        for (const Option& option : command.options)
            if (option.presence == Option::Presence::required)
                base::append(missing, ", ",
                             "`" + option.names.substr(0, option.names.find(',')) + (option.value.empty() ? "" : " ") +
                                 option.value + "`");
        return usage_error(session, "`pvsplan " + command.name + "` needs " + missing, command.name);
    }
    if (dynamic_cast<const CLI::ValidationError*>(&error)) {
        std::vector<Option> all = command.options;
        all.insert(all.end(), common.begin(), common.end());
        if (const std::string message = refused_value(error.what(), all); !message.empty())
            return usage_error(session, message, command.name);
    }
    const std::string_view said = error.what();
    // "Could not convert: --seed = -1"
    if (const std::size_t equals = said.find(" = "), colon = said.find(": ");
        dynamic_cast<const CLI::ConversionError*>(&error) && equals != std::string_view::npos && colon < equals)
        return usage_error(session,
                           "`" + std::string(said.substr(colon + 2, equals - colon - 2)) +
                               "` takes a whole number up to 4294967295, not `" + std::string(said.substr(equals + 3)) +
                               "`",
                           command.name);
    // "--farm: At Most 1 required but received 2"
    if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) && said.find("At Most 1 required") != std::string_view::npos)
        return usage_error(session, "`" + std::string(said.substr(0, said.find(':'))) + "` is given more than once",
                           command.name);
    // "--servers: 1 required TEXT missing", also of `--servers=`.
    if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) && said.find(" required ") != std::string_view::npos)
        return usage_error(session, "`" + std::string(said.substr(0, said.find(':'))) + "` has no value", command.name);
    std::string message = error.what();
    if (!message.empty() && message[0] >= 'A' && message[0] <= 'Z' && !message.starts_with("PLAN"))
        message[0] = static_cast<char>(message[0] - 'A' + 'a');
    return usage_error(session, message, command.name);
}

// What CLI11 would read otherwise than it is meant: of `--farm=` it takes the next word for the value, so the empty one
// is made a word of its own. What follows `--` is no option.
std::vector<std::string> words_to_parse(const std::vector<std::string>& arguments) {
    std::vector<std::string> words;
    auto at = arguments.begin();
    for (; at != arguments.end() && *at != "--"; ++at) {
        const bool has_empty_value = at->starts_with("--") && at->find('=') == at->size() - 1;
        words.push_back(has_empty_value ? at->substr(0, at->size() - 1) : *at);
        if (has_empty_value) words.emplace_back();
    }
    words.insert(words.end(), at, arguments.end());
    return words;
}

// The option that takes no value and is given one (`--yes=no`), which CLI11 would read in its own way; empty: none.
std::string flag_with_value(const std::vector<std::string>& arguments, const std::vector<Option>& options) {
    for (auto at = arguments.begin(); at != arguments.end() && *at != "--"; ++at)
        for (const Option& option : options) {
            const std::string word = at->substr(0, at->find('='));
            const std::vector<std::string> names = words_of(option);
            if (word != *at && std::holds_alternative<bool*>(option.into) &&
                std::find(names.begin(), names.end(), word) != names.end())
                return word;
        }
    return "";
}

bool wants_help(const std::vector<std::string>& arguments) {
    return arguments.empty() || arguments[0] == "--help" || arguments[0] == "-h" || arguments[0] == "help";
}

// The first argument that is neither an option of the program nor the value of one. The options with a value that come
// before a command are the three of common_options that have one.
std::size_t command_at(const std::vector<std::string>& arguments) {
    std::size_t at = 0;
    while (at < arguments.size() && arguments[at].starts_with('-')) {
        const std::string& word = arguments[at];
        at += word == "-C" || word == "--root" || word == "--store" ? 2 : 1;
    }
    return at;
}

// What was said then is of the names alone: that they are not there.
void say_if_here_is_closed(Session& session) {
    if (const std::string why = why_here_is_closed(); !why.empty())
        announce(
            session, "note", Ink::yellow,
            "the current folder cannot be looked into (" + why + "); `cd` to one that can, or name it with `-C DIR`");
}

// The folder of -C is entered before the command runs and after all is parsed: `--help` works wherever one stands, and
// every path that the command is given is seen from there. Options that stand before the command are in `arguments` as
// well.
Exit run_command(Session& session, Command& command, const std::vector<std::string>& arguments) {
    CLI::App app;
    app.set_help_flag("-h,--help");
    app.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::Throw);
    bool no_colour = false;
    std::string folder;
    const std::vector<Option> common = common_options(session, no_colour, folder);
    for (const Option& option : command.options) add(app, option);
    for (const Option& option : common) add(app, option);
    for (const std::vector<Option>& options : {command.options, common})
        if (const std::string flag = flag_with_value(arguments, options); !flag.empty())
            return usage_error(session, "`" + flag + "` takes no value", command.name);
    std::vector<std::string> words = words_to_parse(arguments);
    std::reverse(words.begin(), words.end());  // CLI11 takes them from the end
    try {
        app.parse(std::move(words));
    } catch (const CLI::CallForHelp&) {
        session.out.write(help_text(command, session.out.width));
        return Exit::done;
    } catch (const CLI::ParseError& error) {
        return parse_error(session, error, app.remaining(), command, common);
    }
    std::error_code failed;
    if (no_colour) session.out.colour = session.err.colour = diag::Colour::never;
    if (!folder.empty()) session.folder_before = std::filesystem::current_path(failed).string();
    failed.clear();  // where we come from may be gone
    if (!folder.empty()) std::filesystem::current_path(folder, failed);
    if (failed)
        return complain(session, base::Error{"cannot go to the folder `" + folder + "`", {failed.message()}},
                        Exit::usage);
    const Exit exit = command.run(session);
    if (exit == Exit::wrong || exit == Exit::usage || exit == Exit::does_not_compile) say_if_here_is_closed(session);
    return exit;
}

}  // namespace

// `-o` and `--output` of `-o,--output`.
std::vector<std::string> words_of(const Option& option) {
    std::vector<std::string> words;
    std::size_t begin = 0;
    for (std::size_t end = 0; end != std::string::npos; begin = end + 1) {
        end = option.names.find(',', begin);
        words.push_back(option.names.substr(begin, end - begin));
    }
    return words;
}

// `no_colour` and `folder` outlive what is returned: it points to them.
std::vector<Option> common_options(Session& session, bool& no_colour, std::string& folder) {
    using Completes = Option::Completes;
    return {
        {"-C", "DIR", "Go to this folder first", &folder, {}, {}, Completes::folders},
        {"--root",
         "DIR",
         "The project folder; what plans name must lie inside (default: the plan's folder)",
         &session.root,
         {},
         {},
         Completes::folders},
        {"--store",
         "URL",
         "Where runs are kept: a file, or postgresql://HOST/DATABASE for several machines (default: what the farm "
         "says, else .pvsplan/state.db of the plan's project; for a run the nearest one from this folder upwards)",
         &session.store,
         {},
         {},
         Completes::files},
        {"-y,--yes", "", "Answer yes to what would be asked", &session.yes},
        {"--no-input", "", "Ask nothing: what would be asked fails and names the option to pass", &session.no_input},
        {"--no-color", "", "Print without colours, as NO_COLOR does", &no_colour}};
}

// Help and version are answered first, in every form that other programs have for them: whoever asks for them knows
// nothing of ours yet. Without any word the help is printed, and the status is that of wrong usage, so that a script
// which forgot its command fails.
int run(Session& session, const std::vector<std::string>& arguments) {
    std::vector<Command> all = commands();
    const std::size_t at = command_at(arguments);
    if (wants_help(arguments)) {
        if (arguments.size() == 2)
            for (const Command& command : all)
                if (command.name == arguments[1])
                    return session.out.write(help_text(command, session.out.width)), static_cast<int>(Exit::done);
        session.out.write(help_text(all, session.out.width));
        return static_cast<int>(arguments.empty() ? Exit::usage : Exit::done);
    }
    if (arguments[0] == "--version" || arguments[0] == "version") {
        session.out.write("pvsplan " + std::string(version) + "\n");
        return static_cast<int>(Exit::done);
    }
    if (at >= arguments.size()) return static_cast<int>(usage_error(session, "no command is named", ""));
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const Command& command) { return command.name == arguments[at]; });
    if (found == all.end()) return static_cast<int>(unknown_command(session, arguments[at], all));
    std::vector<std::string> rest = arguments;
    rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(at));
    return static_cast<int>(run_command(session, *found, rest));
}

}  // namespace pvsplan::cli

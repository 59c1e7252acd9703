#include "runtime/cli/completion_next.hpp"

#include <algorithm>
#include <filesystem>
#include <set>
#include <system_error>
#include <utility>

#include "runtime/cli/commands.hpp"
#include "runtime/cli/completion_values.hpp"

namespace pvsplan::cli {
namespace {

// "pvs01" of `"pvs01"`, and of `"pvs01`, which is still being typed.
std::string without_quotes(const std::string& word) {
    if (word.empty() || (word[0] != '"' && word[0] != '\'')) return word;
    const bool is_closed = word.size() > 1 && word.back() == word[0];
    return word.substr(1, word.size() - (is_closed ? 2 : 1));
}

bool is_called(const Option& option, std::string_view name) {
    const std::vector<std::string> words = words_of(option);
    return std::find(words.begin(), words.end(), name) != words.end();
}

// What files that belong there are called at the end.
std::string_view ending_of(const Option& option) {
    if (option.names == "PLAN") return ".plan.yaml";
    return option.names == "FARM" || option.names == "--farm" ? ".farm.yaml" : "";
}

// Files whose names go on from `word` and end so, and folders, which lead to others. Hidden names are offered once
// their dot was typed, as shells do. Where no file has the ending any `.yaml` counts, and then any file: an author may
// call them as they like.
std::vector<NextWord> files_at(const std::string& word, std::string_view ending) {
    const std::string folder = word.substr(0, word.rfind('/') + 1);  // npos + 1 is 0
    std::set<std::string> found;
    bool is_file_among_them = false;
    std::error_code failed;
    for (std::filesystem::directory_iterator at(folder.empty() ? "." : folder, failed), end; !failed && at != end;
         at.increment(failed)) {
        const std::string name = at->path().filename().string();
        std::error_code unseen;
        const bool is_folder = at->is_directory(unseen);
        if (!(folder + name).starts_with(word) || (name.starts_with('.') && folder.size() == word.size())) continue;
        if (!is_folder && !name.ends_with(ending)) continue;
        is_file_among_them = is_file_among_them || !is_folder;
        found.insert(folder + name + (is_folder ? "/" : ""));
    }
    if (!is_file_among_them && !ending.empty()) return files_at(word, ending == ".yaml" ? "" : ".yaml");
    std::vector<NextWord> words;
    for (const std::string& one : found) words.push_back({one});
    return words;
}

// A command line up to where it is being typed.
class TypedLine {
  public:
    explicit TypedLine(const Session& session)
        : session_(session), common_(common_options(unused_, no_colour_, folder_)) {}

    // One word that is complete. What is no option of ours is passed over: a line that is wrong is for the command to
    // refuse.
    void read(const std::string& word) {
        if (awaited_) return give(*std::exchange(awaited_, nullptr), word);
        if (has_ended_options_ || !word.starts_with('-') || word == "-") return place(word);
        if (word == "--") {
            has_ended_options_ = true;
            return;
        }
        const std::size_t equals = word.starts_with("--") ? word.find('=') : std::string::npos;
        const Option* const option = option_called(word.substr(0, equals));
        if (!option || option->value.empty()) return;
        if (equals == std::string::npos)
            awaited_ = option;
        else
            give(*option, word.substr(equals + 1));
    }

    // What could stand in the place of `word`. What the shell completes itself (`others`) it also filters itself.
    [[nodiscard]] NextWords next(const std::string& word) const {
        NextWords found;
        if (awaited_) {
            values_of(*awaited_, word, found);
        } else if (const std::size_t equals = word.find('='); word.starts_with("--") && equals != std::string::npos) {
            if (const Option* const option = option_called(word.substr(0, equals)))
                values_of(*option, word.substr(equals + 1), found);
            for (NextWord& one : found.words) one.word.insert(0, word.substr(0, equals + 1));
        } else if (word.starts_with('-') && !has_ended_options_) {
            options(found);
        } else if (command_.name.empty()) {
            for (const Command& command : all_) found.words.push_back({command.name, command.summary});
        } else if (const Option* const argument = argument_at(typed_.places.size())) {
            values_of(*argument, word, found);
        } else {
            options(found);
        }
        std::erase_if(found.words, [&](const NextWord& one) { return !one.word.starts_with(word); });
        return found;
    }

  private:
    // The first word that is no option is the command.
    void place(const std::string& word) {
        if (!command_.name.empty()) return typed_.places.push_back(word);
        const auto found =
            std::find_if(all_.begin(), all_.end(), [&](const Command& command) { return command.name == word; });
        if (found != all_.end()) command_ = *found;
    }
    // The options on which values depend, by the long one of their names. -C is followed in this process, which ends
    // with the answer.
    void give(const Option& option, const std::string& value) {
        const std::string name = words_of(option).back();
        std::error_code unseen;
        if (name == "-C") {
            std::filesystem::current_path(value, unseen);
            place_ = unseen ? Place::nowhere : Place::elsewhere;
        }
        if (name == "--root") session_.root = value;
        if (name == "--store") session_.store = value;
        if (name == "--farm") typed_.compile.farm = value;
        if (name == "--parameters") typed_.compile.parameters_file = value;
        if (name == "--set") typed_.compile.parameters.push_back(value);
        if (name == "--policy") typed_.compile.policies.push_back(value);
        if (name == "--secret") typed_.compile.secrets.push_back(value);
    }

    [[nodiscard]] const Option* option_called(std::string_view name) const {
        for (const auto* const options : {&command_.options, &common_})
            for (const Option& option : *options)
                if (!option.is_argument() && is_called(option, name)) return &option;
        return nullptr;
    }
    // An argument that is a list takes all that follows; it is the last one of its command.
    [[nodiscard]] const Option* argument_at(std::size_t place) const {
        const Option* last = nullptr;
        for (const Option& option : command_.options) {
            if (!option.is_argument()) continue;
            last = &option;
            if (place-- == 0) return last;
        }
        const bool takes_all = last && std::holds_alternative<std::vector<std::string>*>(last->into);
        return takes_all ? last : nullptr;
    }

    void options(NextWords& found) const {
        for (const auto* const options : {&command_.options, &common_})
            for (const Option& option : *options)
                for (const std::string& word : option.is_argument() ? std::vector<std::string>() : words_of(option))
                    found.words.push_back({word, option.help});
        found.words.push_back({"--help", "Print what the command takes"});
    }
    // Words of the option first, then what the program knows, then files. Where -C has gone elsewhere the shell stands
    // in another folder, so that files are listed here.
    void values_of(const Option& option, const std::string& word, NextWords& found) const {
        for (const std::string& choice : option.choices) found.words.push_back({choice});
        for (std::string& value : completion_values(session_, option.completes, typed_))
            found.words.push_back({std::move(value)});
        if (place_ == Place::nowhere) return;
        if (const Option::Completes others = files_of(option); others != Option::Completes::nothing) {
            const std::string_view ending = ending_of(option);
            if (ending.empty() && place_ == Place::here)
                found.others = others;
            else
                for (NextWord& one : files_at(word, ending))
                    if (others == Option::Completes::files || one.word.ends_with('/'))
                        found.words.push_back(std::move(one));
        }
    }
    // Files or folders, where one may be meant; else nothing.
    [[nodiscard]] Option::Completes files_of(const Option& option) const {
        switch (option.completes) {
            case Option::Completes::files:
            case Option::Completes::folders: return option.completes;
            case Option::Completes::codes:   // a code, or a plan
            case Option::Completes::topics:  // a name, or a file to write into
                return typed_.places.empty() ? Option::Completes::files : Option::Completes::nothing;
            case Option::Completes::nothing:
                return option.is_argument() ? Option::Completes::files : Option::Completes::nothing;
            default: return Option::Completes::nothing;
        }
    }

    Session session_;  // with what was typed of it
    Session unused_;
    bool no_colour_ = false;
    std::string folder_;
    std::vector<Command> all_ = commands();
    std::vector<Option> common_;
    Command command_;  // without a name: none was typed yet
    TypedArguments typed_;
    const Option* awaited_ = nullptr;  // whose value comes next
    bool has_ended_options_ = false;
    // Where -C has gone: a folder where the shell is not, or none.
    enum class Place : std::uint8_t { here, elsewhere, nowhere } place_ = Place::here;
};

}  // namespace

// A shell asks as soon as a blank was typed; then the word that is being typed is empty.
NextWords next_words(const Session& session, std::vector<std::string> typed) {
    if (typed.empty()) typed.emplace_back();
    for (std::string& word : typed) word = without_quotes(word);
    TypedLine line(session);
    for (std::size_t i = 0; i + 1 < typed.size(); ++i) line.read(typed[i]);
    return line.next(typed.back());
}

}  // namespace pvsplan::cli

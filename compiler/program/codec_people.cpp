#include "compiler/program/codec_people.hpp"

#include "compiler/program/codec_names.hpp"

namespace pvsplan::program {

namespace {

constexpr Words<Notify::When, 4> when_words = {{{Notify::When::waiting, "waiting"},
                                                {Notify::When::failed, "failed"},
                                                {Notify::When::doubt, "doubt"},
                                                {Notify::When::done, "done"}}};
constexpr Words<Notify::Format, 3> format_words = {
    {{Notify::Format::json, "json"}, {Notify::Format::teams, "teams"}, {Notify::Format::slack, "slack"}}};

void member(std::string& out, std::string_view name) {
    if (out.back() != '{') out += ", ";
    write_json_string(out, name);
    out += ": ";
}

void text(std::string& out, std::string_view name, std::string_view value) {
    member(out, name);
    write_json_string(out, value);
}

void text_if(std::string& out, std::string_view name, std::string_view value) {
    if (!value.empty()) text(out, name, value);
}

void texts(std::string& out, std::string_view name, const std::vector<std::string>& all) {
    member(out, name);
    out += '[';
    for (const std::string& one : all) {
        if (&one != &all.front()) out += ", ";
        write_json_string(out, one);
    }
    out += ']';
}

void secret(std::string& out, std::string_view name, std::string_view secret_name) {
    member(out, name);
    out += '{';
    text(out, "secret", secret_name);
    out += '}';
}

std::string read_if(JsonReader& in, std::string_view name) { return in.maybe(name) ? in.string() : std::string(); }

std::vector<std::string> read_texts(JsonReader& in) {
    std::vector<std::string> all;
    in.open_array();
    while (in.more()) all.push_back(in.string());
    return all;
}

std::string read_secret(JsonReader& in) {
    in.open_object();
    in.field("secret");
    std::string name = in.string();
    in.close_object();
    return name;
}

template <class T, std::size_t N>
T word(JsonReader& in, const Words<T, N>& words) {
    const std::size_t where = in.offset();
    const std::string name = in.string();
    const std::optional<T> value = value_of(words, name);
    if (!value) in.fail_at(where, "`" + name + "` is not one of the words that may stand here");
    return value.value_or(words.front().first);
}

}  // namespace

void write_approvers(std::string& out, const Approvers& approvers) {
    if (!approvers.by.empty()) texts(out, "by", approvers.by);
    if (approvers.is_not_by_starter) text(out, "not", "starter");
}

Approvers read_approvers(JsonReader& in) {
    Approvers approvers;
    if (in.maybe("by")) approvers.by = read_texts(in);
    if (in.maybe("not")) {
        const std::size_t where = in.offset();
        if (in.string() != "starter") in.fail_at(where, "`not` of an approval says `starter`");
        approvers.is_not_by_starter = true;
    }
    return approvers;
}

void write_notify(std::string& out, const Notify& notify) {
    out += '{';
    member(out, "on");
    out += '[';
    for (const Notify::When when : notify.on) {
        if (when != notify.on.front()) out += ", ";
        write_json_string(out, word_of(when_words, when));
    }
    out += ']';
    switch (notify.way) {
        case Notify::Way::command: texts(out, "command", notify.command); break;
        case Notify::Way::webhook:
            notify.url_secret.empty() ? text(out, "webhook", notify.url) : secret(out, "webhook", notify.url_secret);
            text(out, "format", word_of(format_words, notify.format));
            text_if(out, "ca", notify.ca);
            break;
        case Notify::Way::mail:
            member(out, "mail");
            out += '{';
            texts(out, "to", notify.to);
            text(out, "from", notify.from);
            text(out, "smtp", notify.url);
            text_if(out, "user", notify.user);
            if (!notify.password_secret.empty()) secret(out, "password", notify.password_secret);
            text_if(out, "ca", notify.ca);
            out += '}';
            break;
    }
    out += '}';
}

Notify read_notify(JsonReader& in) {
    Notify notify;
    in.open_object();
    in.field("on");
    in.open_array();
    while (in.more()) notify.on.push_back(word(in, when_words));
    if (in.maybe("command")) {
        notify.command = read_texts(in);
        if (notify.command.empty()) in.fail("a command has a program");
    } else if (in.maybe("webhook")) {
        notify.way = Notify::Way::webhook;
        if (in.peek() == JsonReader::Next::object)
            notify.url_secret = read_secret(in);
        else
            notify.url = in.string();
        in.field("format");
        notify.format = word(in, format_words);
        notify.ca = read_if(in, "ca");
    } else {
        notify.way = Notify::Way::mail;
        in.field("mail");
        in.open_object();
        in.field("to");
        notify.to = read_texts(in);
        in.field("from");
        notify.from = in.string();
        in.field("smtp");
        notify.url = in.string();
        notify.user = read_if(in, "user");
        if (in.maybe("password")) notify.password_secret = read_secret(in);
        notify.ca = read_if(in, "ca");
        in.close_object();
    }
    in.close_object();
    return notify;
}

}  // namespace pvsplan::program

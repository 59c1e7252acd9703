#include "compiler/program/codec_people.hpp"

#include "compiler/program/codec_names.hpp"
#include "compiler/program/member_reader.hpp"
#include "compiler/program/member_writer.hpp"

namespace pvsplan::program {

namespace {

// Words of the format, which are those of the language too.
constexpr Words<Notify::When, 4> when_words = {{{Notify::When::waiting, "waiting"},
                                                {Notify::When::failed, "failed"},
                                                {Notify::When::doubt, "doubt"},
                                                {Notify::When::done, "done"}}};
constexpr Words<Notify::Format, 3> format_words = {
    {{Notify::Format::json, "json"}, {Notify::Format::teams, "teams"}, {Notify::Format::slack, "slack"}}};

// Secrets are written by their names only.
class PeopleWriter : MemberWriter {
  public:
    using MemberWriter::MemberWriter;

    void approvers(const Approvers& approvers) {
        if (!approvers.by.empty()) strings("by", approvers.by);
        if (approvers.is_not_by_starter) string("not", "starter");
    }

    // The member that is there says which channel it is.
    void notify(const Notify& notify) {
        out_ += '{';
        each("on", notify.on, [&](Notify::When when) { write_json_string(out_, word_of(when_words, when)); });
        switch (notify.channel) {
            case Notify::Channel::command: strings("command", notify.command); break;
            case Notify::Channel::webhook:
                notify.url_secret.empty() ? string("webhook", notify.url) : secret("webhook", notify.url_secret);
                string("format", word_of(format_words, notify.format));
                string_if("ca", notify.ca);
                break;
            case Notify::Channel::mail:
                name("mail");
                out_ += '{';
                strings("to", notify.to);
                string("from", notify.from);
                string("smtp", notify.url);
                string_if("user", notify.user);
                if (!notify.password_secret.empty()) secret("password", notify.password_secret);
                string_if("ca", notify.ca);
                out_ += '}';
                break;
        }
        out_ += '}';
    }

  private:
    void secret(std::string_view member, std::string_view secret_name) {
        name(member);
        out_ += '{';
        string("secret", secret_name);
        out_ += '}';
    }
};

class PeopleReader : MemberReader {
  public:
    using MemberReader::MemberReader;

    // Its members stand among those of what asks, not in an object of their own.
    Approvers approvers() {
        Approvers approvers;
        if (in_.maybe("by")) strings(approvers.by);
        if (in_.maybe("not")) {
            const std::size_t where = in_.offset();
            if (in_.string() != "starter") in_.fail_at(where, "`not` of an approval says `starter`");
            approvers.is_not_by_starter = true;
        }
        return approvers;
    }

    Notify notify() {
        Notify notify;
        in_.open_object();
        each("on", [&] { notify.on.push_back(word(when_words)); });
        if (in_.maybe("command")) {
            strings(notify.command);
            if (notify.command.empty()) in_.fail("a command has a program");
        } else if (in_.maybe("webhook")) {
            webhook(notify);
        } else {
            in_.field("mail");
            mail(notify);
        }
        in_.close_object();
        return notify;
    }

  private:
    // A URL that is a secret itself stands as the name of it.
    void webhook(Notify& notify) {
        notify.channel = Notify::Channel::webhook;
        if (in_.peek() == JsonReader::Next::object)
            notify.url_secret = secret();
        else
            notify.url = in_.string();
        in_.field("format");
        notify.format = word(format_words);
        string_if("ca", notify.ca);
    }
    // `smtp` is the URL of the server.
    void mail(Notify& notify) {
        notify.channel = Notify::Channel::mail;
        in_.open_object();
        in_.field("to");
        strings(notify.to);
        string("from", notify.from);
        string("smtp", notify.url);
        string_if("user", notify.user);
        if (in_.maybe("password")) notify.password_secret = secret();
        string_if("ca", notify.ca);
        in_.close_object();
    }
    // The name of a secret; its value is in no file.
    std::string secret() {
        std::string name;
        in_.open_object();
        string("secret", name);
        in_.close_object();
        return name;
    }
};

}  // namespace

void write_approvers(std::string& out, const Approvers& approvers) { PeopleWriter(out).approvers(approvers); }
Approvers read_approvers(JsonReader& in) { return PeopleReader(in).approvers(); }

void write_notify(std::string& out, const Notify& notify) { PeopleWriter(out).notify(notify); }
Notify read_notify(JsonReader& in) { return PeopleReader(in).notify(); }

}  // namespace pvsplan::program

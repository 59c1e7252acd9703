// What people are asked, and who is told of a run.
#include "compiler/resolve/people.hpp"

#include <algorithm>

#include "compiler/resolve/blocks.hpp"
#include "compiler/resolve/codes.hpp"
#include "grammar/text.hpp"
#include "grammar/transports.hpp"

namespace pvsplan::resolve {

using program::Notify;
using Channel = syntax::NotifyText::Channel;

// What a person is asked is part of what was reviewed, so it is known before the run.
std::optional<Approval> Blocks::approval(const syntax::ApproveText& source, Scope& scope) {
    const Reads before = scope.reads;
    scope.reads.outputs = false;
    scope.reads.without_outputs = "the text of an approval is fixed before the run, and no step has run then";
    if (const std::string words = source.text.is_text() ? source.text.text() : "…";
        words.empty() || words == "true" || words == "yes")
        sink_.report(says_nothing, source.text.span, words).hint("say what to look at, and when it may go on");
    Approval approval{.text = expressions_.resolve(source.text, scope, Type::of(Type::Category::string))};
    scope.reads = before;
    if (!approval.text) return std::nullopt;
    for (const syntax::Text& name : source.by) approval.approvers.by.push_back(name.value);
    std::sort(approval.approvers.by.begin(), approval.approvers.by.end());  // their order means nothing
    approval.approvers.is_not_by_starter = source.is_not_by_starter;
    return approval;
}

namespace {

// Why it is not `SCHEME://HOST[:PORT]…`; empty: it is one.
std::string why_no_url(std::string_view url, std::span<const std::string_view> schemes) {
    const std::size_t end = url.find("://");
    if (end == std::string_view::npos ||
        std::find(schemes.begin(), schemes.end(), url.substr(0, end)) == schemes.end()) {
        std::string all;
        for (const std::string_view scheme : schemes)
            all += (all.empty() ? "`" : " or `") + std::string(scheme) + "://`";
        return "it does not begin with " + all;
    }
    std::string_view host = url.substr(end + 3);
    host = host.substr(0, host.find_first_of("/?#"));
    if (host.find('@') != std::string_view::npos) return "there is a user or a password in it";
    std::string_view port;
    if (const std::size_t colon = host.rfind(':'); colon != std::string_view::npos && !host.ends_with(']'))
        port = host.substr(colon + 1), host = host.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    static constexpr std::size_t max_port = 5;
    const bool is_number = std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (!is_number || port.size() > max_port) return "`" + std::string(port) + "` is no port";
    if (!grammar::is_host(host)) return "`" + std::string(host) + "` is no host";
    const auto is_odd = [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f; };
    return std::any_of(url.begin(), url.end(), is_odd) ? "there is a blank or a control character in it" : "";
}

// One `@` with something on both sides. More is not asked: which addresses exist only a mail server knows. Blanks and
// line ends are refused, since they would begin another header.
bool is_address(std::string_view text) {
    const std::size_t at = text.find('@');
    const auto is_odd = [](char c) {
        return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f || c == '<' || c == '>';
    };
    return at != 0 && at != std::string_view::npos && at + 1 < text.size() && text.rfind('@') == at &&
           std::none_of(text.begin(), text.end(), is_odd);
}

// Whatever is wrong with an entry is an error: who relies on being told finds out before the run, not in it.
class NotifyReader {
  public:
    NotifyReader(Model& model, Expressions& expressions, diag::Sink& sink)
        : model_(model), expressions_(expressions), sink_(sink) {}

    // Nothing: it was reported.
    std::optional<Notify> read(const syntax::NotifyText& text) {
        Notify notify;
        for (const syntax::Text& word : text.on)
            for (const auto when :
                 {Notify::When::waiting, Notify::When::failed, Notify::When::doubt, Notify::When::done})
                if (word.value == program::name_of(when)) notify.on.push_back(when);
        std::sort(notify.on.begin(), notify.on.end());
        switch (text.channel) {
            case Channel::error: return std::nullopt;
            case Channel::command: return command(text, std::move(notify));
            case Channel::webhook: return webhook(text, std::move(notify));
            case Channel::mail: return mail(text.mail, std::move(notify));
        }
        return std::nullopt;
    }

  private:
    // The program runs on the machine of whoever runs pvsplan, without a shell; values reach it as JSON alone, so that
    // none can become an argument. A path that depends on the folder is refused: a run is resumed from others.
    std::optional<Notify> command(const syntax::NotifyText& text, Notify notify) {
        notify.channel = Notify::Channel::command;
        for (const syntax::Text& word : text.command) {
            if (word.value.find("${") != std::string::npos) {
                sink_.report(nowhere_to_send, word.span, "`${…}` in the command of a notification")
                    .hint("what there is to tell it reads as JSON from its standard input");
                return std::nullopt;
            }
            notify.command.push_back(word.value);
        }
        if (notify.command[0].empty()) {
            sink_.report(nowhere_to_send, text.command[0].span, "the name of the program is empty");
            return std::nullopt;
        }
        const std::string& program = notify.command[0];
        if (program[0] != '/' && program.find('/') != std::string::npos) {
            sink_.report(nowhere_to_send, text.command[0].span, "the program is named by a path from wherever one is")
                .hint("write its whole path, or the name alone of one in `PATH`: a run is resumed from other folders");
            return std::nullopt;
        }
        if (notify.command.size() == 1 && program.find(' ') < program.find_first_of("/\\"))
            sink_.report(nowhere_to_send, text.command[0].span, "the program is one word with blanks in it")
                .hint("a command is a list, without a shell: `command: [PROGRAM, ARGUMENT]`");
        return notify;
    }

    // Empty: there is none, or it was reported.
    std::string ca(const std::optional<syntax::Text>& text) {
        if (!text) return "";
        if (text->value.starts_with('/')) return text->value;
        sink_.report(nowhere_to_send, text->span, "`ca` is not the whole path of a file")
            .hint("a run is resumed from other folders: write `ca: /etc/ssl/…`");
        return "";
    }

    // A URL in the open, or the secret that holds it.
    std::optional<Notify> webhook(const syntax::NotifyText& text, Notify notify) {
        notify.channel = Notify::Channel::webhook;
        if (text.format && text.format->value == "teams") notify.format = Notify::Format::teams;
        if (text.format && text.format->value == "slack") notify.format = Notify::Format::slack;
        notify.ca = ca(text.ca);
        const syntax::ValueTree& url = *text.webhook;
        if (!url.scalar || !url.scalar->is_text()) {
            notify.url_secret = secret(url);
            return notify.url_secret.empty() ? std::nullopt : std::optional(std::move(notify));
        }
        notify.url = url.scalar->text();
        static constexpr std::string_view schemes[] = {"https", "http"};
        const std::string why = why_no_url(notify.url, schemes);
        if (why.empty()) return notify;
        model_.literal_secrets.push_back(url.span);  // whoever has the URL of a webhook can post there
        sink_.report(nowhere_to_send, url.span, "`webhook` is no URL: " + why)
            .hint("write `webhook: https://HOST/PATH`, or keep it as a secret: `webhook: \"${secret.NAME}\"`");
        return std::nullopt;
    }

    // All addresses are looked at, so that every wrong one is reported.
    std::optional<Notify> mail(const syntax::MailText& text, Notify notify) {
        notify.channel = Notify::Channel::mail;
        if (text.to.empty() || !text.from || !text.smtp) return std::nullopt;  // reported where it was read
        bool is_good = true;
        const auto address = [&](const syntax::Text& one) {
            if (is_address(one.value)) return one.value;
            sink_.report(nowhere_to_send, one.span, "`" + one.value + "` is not the address of a mail")
                .hint("the address alone, without a name: `ops@contoso.com`");
            is_good = false;
            return std::string();
        };
        for (const syntax::Text& one : text.to) notify.to.push_back(address(one));
        notify.from = address(*text.from);
        const std::string& smtp = text.smtp->value;
        notify.url = smtp.find("://") == std::string::npos ? "smtp://" + smtp : smtp;
        static constexpr std::string_view schemes[] = {"smtp", "smtps"};
        if (const std::string why = why_no_url(notify.url, schemes); !why.empty()) {
            sink_.report(nowhere_to_send, text.smtp->span, "`smtp` is no mail server: " + why)
                .hint("write `smtp: HOST`, `smtp: HOST:587` or `smtp: smtps://HOST`");
            is_good = false;
        }
        if (text.user) notify.user = text.user->value;
        notify.ca = ca(text.ca);
        if (text.password) {
            notify.password_secret = secret(*text.password);
            is_good = is_good && !notify.password_secret.empty();
        }
        return is_good ? std::optional(std::move(notify)) : std::nullopt;
    }

    // The name of the secret; empty: it was reported.
    std::string secret(const syntax::ValueTree& text) {
        const std::optional<Value> value = expressions_.constant(text, Type::of(Type::Category::secret));
        const std::string* const name = value ? value->as_secret() : nullptr;
        return name ? *name : "";
    }

    Model& model_;
    Expressions& expressions_;
    diag::Sink& sink_;
};

}  // namespace

// Those of the farm first; their numbers are what records of a run name.
void define_notify(const Documents& documents, Model& model, Expressions& expressions, diag::Sink& sink) {
    NotifyReader reader(model, expressions, sink);
    const auto read = [&](const std::vector<syntax::NotifyText>& all) {
        for (const syntax::NotifyText& one : all)
            if (std::optional<Notify> notify = reader.read(one)) model.notify.push_back(std::move(*notify));
    };
    if (documents.farm) read(documents.farm->notify);
    if (documents.plan) read(documents.plan->notify);
}

}  // namespace pvsplan::resolve

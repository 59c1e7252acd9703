// Who may approve, and who is told of a run.
#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "compiler/syntax/decode.hpp"

namespace pvsplan::syntax {
namespace {

using Channel = NotifyText::Channel;

// An account of an operating system is called so, in a domain too: "alice", "CORP\pvs-leads", "Domain Admins".
bool is_account_name(std::string_view name) {
    const auto is_odd = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == ':'; };
    return !name.empty() && name.front() != ' ' && name.back() != ' ' && name.find("${") == std::string_view::npos &&
           std::none_of(name.begin(), name.end(), is_odd);
}

// As a message can show it.
std::string on_one_line(std::string_view name) {
    std::string text;
    for (const char c : name) text += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
    return text;
}

// Reports what is there twice, and leaves the first of it.
void leave_each_once(const Reading& in, std::vector<Text>& texts) {
    std::vector<Text> once;
    for (Text& text : texts) {
        const auto same = [&](const Text& other) { return other.value == text.value; };
        const auto first = std::find_if(once.begin(), once.end(), same);
        if (first == once.end())
            once.push_back(std::move(text));
        else
            in.sink.report(codes::named_twice, text.span, text.value).related(first->span, "the other one");
    }
    texts = std::move(once);
}

// Each of them one of the choices of the key.
std::vector<Text> read_choices(const Reading& in, NodeId node, std::string_view what, const grammar::Shape& shape) {
    std::vector<Text> choices;
    if (node.is_none()) return choices;
    if (in.tree[node].type == TreeNode::Type::scalar) {
        if (std::optional<Text> one = read_choice(in, node, what, shape)) choices.push_back(std::move(*one));
        return choices;
    }
    for (const NodeId element : in.tree.elements(node))
        if (std::optional<Text> one = read_choice(in, element, what, shape)) choices.push_back(std::move(*one));
    leave_each_once(in, choices);
    return choices;
}

MailText read_mail(const Reading& in, NodeId node) {
    MailText mail;
    if (node.is_none()) return mail;
    const Fields fields(in, node, grammar::shape("mail"));
    expect_entries(in, fields["to"], "to", "nobody would be written to", "name one address at least");
    mail.to = read_texts(in, fields["to"], "to");
    leave_each_once(in, mail.to);
    mail.from = read_text(in, fields["from"], "from");
    mail.smtp = read_text(in, fields["smtp"], "smtp");
    mail.user = read_text(in, fields["user"], "user");
    if (const NodeId password = fields["password"]; !password.is_none())
        mail.password = read_value(in, password, "password");
    mail.ca = read_text(in, fields["ca"], "ca");
    if (fields.has("password") != fields.has("user")) fields.demand(in, node, fields.has("user") ? "password" : "user");
    return mail;
}

// Which of the ways it is: exactly one.
Channel channel_of(const Reading& in, NodeId node, const Fields& fields) {
    struct Says {
        std::string_view key;
        Channel channel;
    };
    static constexpr std::array says = {Says{"command", Channel::command}, Says{"webhook", Channel::webhook},
                                        Says{"mail", Channel::mail}};
    std::string_view first;
    Channel channel = Channel::error;
    for (const auto& [key, is] : says) {
        if (!fields.has(key)) continue;
        if (!first.empty()) {
            in.sink.report(codes::contradictory, fields.key_span(key), diag::Name(first), diag::OtherName(key))
                .related(fields.key_span(first), "the other one")
                .hint("write an entry of its own for each");
            return Channel::error;
        }
        first = key;
        channel = is;
    }
    if (first.empty() && fields.is_map() && !fields.has_unknown())
        in.sink
            .report(codes::missing_key, in.tree.span(node), diag::Words("an entry of `notify`"), diag::Name("command"))
            .hint("say how: one of `command: [PROGRAM, ARGUMENT]`, `webhook: URL` and `mail: {to: …}`");
    return channel;
}

// An error value where it is not clear which way people are told, so that nobody is told in a way that was not meant.
NotifyText read_notify(const Reading& in, NodeId node) {
    static const grammar::Shape& shape = grammar::shape("notify");
    const Fields fields(in, node, shape);
    NotifyText notify;
    if (!fields.is_map()) return notify;
    expect_entries(in, fields["on"], "on", "nobody would ever be told", "name when: `on: [waiting, failed, doubt]`");
    notify.on = read_choices(in, fields["on"], "on", shape);
    notify.channel = channel_of(in, node, fields);
    expect_entries(in, fields["command"], "command", "it runs nothing", "write `[PROGRAM, ARGUMENT]`");
    notify.command = read_texts(in, fields["command"], "command");
    if (const NodeId webhook = fields["webhook"]; !webhook.is_none())
        notify.webhook = read_value(in, webhook, "webhook");
    notify.format = read_choice(in, fields["format"], "format", shape);
    notify.ca = read_text(in, fields["ca"], "ca");
    notify.mail = read_mail(in, fields["mail"]);
    for (const std::string_view key : {"format", "ca"})
        if (fields.has(key) && (notify.channel == Channel::command || notify.channel == Channel::mail))
            in.sink
                .report(codes::misplaced_key, fields.key_span(key), diag::Name(key),
                        diag::Words(notify.channel == Channel::command ? "a command" : "a mail"))
                .hint(notify.channel == Channel::mail && key == "ca" ? "write it inside of `mail`"
                                                                     : "it is for a webhook");
    const bool is_unreadable = (notify.channel == Channel::command && notify.command.empty()) ||
                               (notify.channel == Channel::webhook && !notify.webhook);
    if (is_unreadable) notify.channel = Channel::error;
    return notify;
}

}  // namespace

// A name that cannot be one is left out and reported. That is an error, so that a list which lost its names never runs
// as one that lets anybody approve.
std::vector<Text> read_approvers(const Reading& in, NodeId node, std::string_view what) {
    expect_entries(in, node, what, "nobody could approve", "leave it out where anybody may, or name who may");
    std::vector<Text> names;
    for (Text& name : read_texts(in, node, what)) {
        if (is_account_name(name.value)) {
            names.push_back(std::move(name));
            continue;
        }
        auto report = in.sink.report(codes::bad_name, name.span, diag::Name(on_one_line(name.value)),
                                     diag::Words("the name of a user or a group"));
        if (name.value.find("${") != std::string::npos)
            report.hint("who may approve is fixed in the plan, and no value of a parameter");
        else if (name.value.find_first_of("\n\t\r\b\f\a") != std::string::npos)
            report.hint("between single quotes a `\\` stays as it is: `'DOMAIN\\name'`");
    }
    leave_each_once(in, names);
    return names;
}

// A text alone, or a mapping; a text in which something stands before a `:` looks like one.
std::optional<ApproveText> read_approve(const Reading& in, NodeId node) {
    if (node.is_none()) return std::nullopt;
    if (in.tree[node].type != TreeNode::Type::map) {
        std::optional<Template> text = read_mixed(in, node, "approve");
        if (!text) return std::nullopt;
        return ApproveText{.text = std::move(*text)};
    }
    static const grammar::Shape& shape = grammar::shape("approval");
    bool is_meant = in.tree.members(node).first == in.tree.members(node).last;
    for (const auto [key, value] : in.tree.members(node)) is_meant = is_meant || meant_key(in.tree.text(key), shape);
    if (!is_meant) {  // a text of several lines, in which something stands before a `:`
        (void)expect(in, node, TreeNode::Type::scalar, "approve", "a text");
        return std::nullopt;
    }
    const Fields fields(in, node, shape);
    std::optional<Template> text = read_mixed(in, fields["text"], "text");
    std::vector<Text> by = read_approvers(in, fields["by"], "by");
    const bool is_not_by_starter = read_choice(in, fields["not"], "not", shape).has_value();
    if (!text) return std::nullopt;
    return ApproveText{.text = std::move(*text), .by = std::move(by), .is_not_by_starter = is_not_by_starter};
}

std::vector<NotifyText> decode_notify(const Reading& in, NodeId list) {
    std::vector<NotifyText> all;
    if (list.is_none()) return all;
    for (const NodeId element : in.tree.elements(list)) all.push_back(read_notify(in, element));
    return all;
}

}  // namespace pvsplan::syntax

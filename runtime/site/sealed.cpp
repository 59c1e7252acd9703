#include "runtime/site/sealed.hpp"

#include <nlohmann/json.hpp>

#include "compiler/base/digest.hpp"
#include "compiler/program/codec.hpp"
#include "compiler/program/plan_env.hpp"

namespace pvsplan::site {

using base::Error;
using base::Result;
using nlohmann::json;
using ports::Job;
using ports::JobEvent;

namespace {

// A seal on an order is none on a report.
constexpr std::string_view order_mark = "pvsplan order\n";
constexpr std::string_view report_mark = "pvsplan report\n";
constexpr std::size_t seal_digits = 64;  // of SHA-256, in hex

// Over the bytes that are sent, not over what they mean: nothing is decoded before the seal was found to hold.
std::string sealed(const json& content, std::string_view mark, std::string_view key) {
    const std::string text = content.dump(-1, ' ', false, json::error_handler_t::replace);
    return base::sealed_hex(key, std::string(mark) + text) + "\n" + text;
}

// Whoever has the key of the site has sealed it, as what `mark` says; everything else is refused unread.
Result<json> opened(std::string_view bytes, std::string_view mark, std::string_view key) {
    if (bytes.size() <= seal_digits || bytes[seal_digits] != '\n') return Error{"it is not sealed"};
    const std::string_view text = bytes.substr(seal_digits + 1);
    if (!base::is_sealed(key, std::string(mark) + std::string(text), bytes.substr(0, seal_digits)))
        return Error{"its seal is not that of the site's key: it was changed, or sealed with another key"};
    json content = json::parse(text, nullptr, false);
    if (!content.is_object()) return Error{"it is no JSON object"};
    return content;
}

// Read by claim_of(), member by member.
json claim_json(const ports::Claim& claim) {
    return {{"farm", claim.farm},
            {"run", claim.run},
            {"token", claim.token},
            {"owner", claim.owner},
            {"instead_of", claim.instead_of},
            {"is_over", claim.is_over}};
}

// What is missing throws, as in open_order().
ports::Claim claim_of(const json& content) {
    return {.farm = content.at("farm"),
            .run = content.at("run"),
            .token = content.at("token"),
            .owner = content.at("owner"),
            .instead_of = content.at("instead_of"),
            .is_over = content.at("is_over")};
}

}  // namespace

// What identifies the row is sealed with the rest, or a seal could be moved to another row.
std::string seal(const Ordered& order, std::string_view key, const program::Plan& plan) {
    const Job& job = order.job;
    const program::PlanNames names(plan);
    json with = json::object();
    for (const auto& [name, value] : job.with) with[name] = program::encode_value(value, names);
    json content = {{"asker", order.asker},
                    {"site", order.site},
                    {"farm", order.farm},
                    {"token", order.token},
                    {"plan", order.plan},
                    {"at", order.at},
                    {"host", order.host},
                    {"key", job.key},
                    {"run", job.run},
                    {"step", job.step},
                    {"attempt", job.attempt},
                    {"type", static_cast<int>(job.type)},
                    {"ask", static_cast<int>(job.ask)},
                    {"action", job.action},
                    {"arguments", job.arguments},
                    {"data", job.data},
                    {"with", with},
                    {"secrets", job.secret_names},
                    {"timeout_ms", job.timeout_ms},
                    {"at_timeout", static_cast<int>(job.at_timeout)},
                    {"patience_ms", job.patience_ms},
                    {"place", job.place}};
    if (job.claim) content["claim"] = claim_json(*job.claim);
    return sealed(content, order_mark, key);
}

// Missing or wrong members throw: the seal holds, so another version wrote them.
Result<Ordered> open_order(std::string_view bytes, std::string_view key) {
    Result<json> content = opened(bytes, order_mark, key);
    if (!content) return std::move(content).error();
    const json& from = *content;
    try {
        Ordered order{.asker = from.at("asker"),
                      .site = from.at("site"),
                      .farm = from.at("farm"),
                      .token = from.at("token"),
                      .plan = from.at("plan"),
                      .at = from.at("at"),
                      .job = {},
                      .host = from.at("host"),
                      .with_values = from.at("with").dump()};
        Job& job = order.job;
        job.key = from.at("key");
        job.run = from.at("run");
        job.step = from.at("step");
        job.attempt = from.at("attempt");
        job.type = static_cast<Job::Type>(from.at("type").get<std::uint8_t>());
        job.ask = static_cast<Job::Ask>(from.at("ask").get<std::uint8_t>());
        job.action = from.at("action");
        job.arguments = from.at("arguments").get<std::vector<std::string>>();
        job.data = from.at("data");
        job.secret_names = from.at("secrets").get<std::map<std::string, std::string>>();
        job.timeout_ms = from.at("timeout_ms");
        job.at_timeout = static_cast<Job::AtTimeout>(from.at("at_timeout").get<std::uint8_t>());
        job.patience_ms = from.at("patience_ms");
        job.place = from.at("place");
        if (from.contains("claim")) job.claim = claim_of(from["claim"]);
        return order;
    } catch (const json::exception& wrong) {
        return Error{"it is sealed, and nothing that this version writes", {wrong.what()}};
    }
}

// Encoded values by parameter. They are decoded later, by types that the plan has.
Result<std::map<std::string, std::string>> values_of(const std::string& with_values) {
    const json values = json::parse(with_values, nullptr, false);
    if (!values.is_object()) return Error{"its values are no JSON object"};
    std::map<std::string, std::string> all;
    for (const auto& [name, value] : values.items()) {
        if (!value.is_string()) return Error{"the value of `" + name + "` is not encoded"};
        all.emplace(name, value.get<std::string>());
    }
    return all;
}

// The asker is sealed with it: see open_event().
std::string seal(const JobEvent& event, const std::string& asker, std::string_view key) {
    return sealed({{"asker", asker},
                   {"key", event.key},
                   {"type", static_cast<int>(event.type)},
                   {"exit_status", event.exit_status},
                   {"out", event.out},
                   {"err", event.err},
                   {"text", event.text},
                   {"dropped", event.dropped}},
                  report_mark, key);
}

Result<JobEvent> open_event(std::string_view bytes, const std::string& asker, std::string_view key) {
    Result<json> content = opened(bytes, report_mark, key);
    if (!content) return std::move(content).error();
    const json& from = *content;
    try {
        // A report that was copied from another process is of another job, whatever its key.
        if (from.at("asker") != asker) return Error{"it was reported to somebody else"};
        return JobEvent{.key = from.at("key"),
                        .type = static_cast<JobEvent::Type>(from.at("type").get<std::uint8_t>()),
                        .exit_status = from.at("exit_status"),
                        .out = from.at("out"),
                        .err = from.at("err"),
                        .text = from.at("text"),
                        .dropped = from.at("dropped")};
    } catch (const json::exception& wrong) {
        return Error{"it is sealed, and nothing that this version writes", {wrong.what()}};
    }
}

}  // namespace pvsplan::site

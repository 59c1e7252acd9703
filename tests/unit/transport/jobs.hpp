// Shared by the tests of transports: sample jobs, and waiting for their events.
#pragma once

#include <catch2/catch.hpp>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "runtime/ports/transport.hpp"
#include "tests/unit/ports/folder.hpp"
#include "tests/unit/soon.hpp"

namespace pvsplan::transport_tests {

using ports::Job;
using ports::JobEvent;
using JobEventType = JobEvent::Type;

using ports::test::contents;
using ports::test::Folder;
using ports::test::put;
using tests::sleep_ms;
using tests::soon;

inline Job command(std::string key, std::vector<std::string> arguments) {
    Job job;
    job.key = std::move(key);
    job.step = "step";
    job.body = program::Body::Type::command;
    job.arguments = std::move(arguments);
    return job;
}
inline Job shell(std::string key, std::string script) {
    return command(std::move(key), {"sh", "-c", std::move(script)});
}
inline Job attach(Job job) {
    job.ask = Job::Ask::attach;
    return job;
}

// Whether the process whose number stands in that file has ended; it may have been ended before it wrote that.
inline bool is_gone(const std::string& file) {
    const std::string number = contents(file);
    return number.empty() || ::kill(std::stoi(number), 0) != 0;
}

// The events of a mailbox by job.
class Inbox {
  public:
    explicit Inbox(ports::Mailbox& mailbox) : mailbox_(mailbox) {}

    // The final event of `key`; fails the test after `within_ms`.
    JobEvent end_of(const std::string& key, int within_ms = tests::patience_ms) {
        ports::SystemClock clock;
        const auto until = clock.steady() + within_ms;
        while (true) {
            for (auto& event : events_[key]) {
                if (event.is_final()) return event;
            }
            if (clock.steady() >= until) FAIL("nothing became of " << key);
            take(clock.wait(mailbox_, until));
        }
    }
    // Whether an event of that kind has come, or comes in time.
    bool sees(const std::string& key, JobEventType is, int within_ms = tests::patience_ms) {
        ports::SystemClock clock;
        const auto until = clock.steady() + within_ms;
        while (true) {
            for (const auto& event : events_[key]) {
                if (event.type == is) return true;
            }
            if (clock.steady() >= until) return false;
            take(clock.wait(mailbox_, until));
        }
    }
    void take(std::vector<JobEvent> more) {
        for (auto& event : more) events_[event.key].push_back(std::move(event));
    }
    std::vector<JobEvent>& of(const std::string& key) { return events_[key]; }
    void clear() { events_.clear(); }

  private:
    ports::Mailbox& mailbox_;
    std::map<std::string, std::vector<JobEvent>> events_;
};

// Text that means something to some shell, quoting or encoding, with code points of every plane. Without NUL.
inline std::string nasty_text(std::mt19937& random, std::size_t size) {
    static const std::vector<std::string> pieces = {"'",      "\"",     "\n",      "\r\n",   "$(touch gone)",
                                                    "`id`",   ";",      "'--",     "\\",     "\\n",
                                                    "!",      "!!",     "${HOME}", "%PATH%", "&&",
                                                    "|",      "> x",    "*",       "~",      "#",
                                                    "\t",     " ",      "\x7f",    "\x01",   "\x81",
                                                    "\x82",   "\x88",   "\xff",    "@'",     "'@",
                                                    "$(",     "--",     "-e",      "GO",     ":With",
                                                    "?",      "{",      "}",       "\u2019", "\u201c",
                                                    "\ufeff", "e\u0301"};
    std::string text;
    std::uniform_int_distribution<std::size_t> which(0, pieces.size() * 2);
    std::uniform_int_distribution<std::uint32_t> plane(0, 16);
    std::uniform_int_distribution<std::uint32_t> within(0, 0xffff);
    while (text.size() < size) {
        const auto at = which(random);
        if (at < pieces.size()) {
            text += pieces[at];
            continue;
        }
        std::uint32_t point = plane(random) << 16U | within(random);
        if (point == 0 || (point >= 0xd800 && point < 0xe000)) point = 0x1f600;
        if (point < 0x80) {
            text += static_cast<char>(point);
        } else if (point < 0x800) {
            text += static_cast<char>(0xc0U | point >> 6U);
            text += static_cast<char>(0x80U | (point & 63U));
        } else if (point < 0x10000) {
            text += static_cast<char>(0xe0U | point >> 12U);
            text += static_cast<char>(0x80U | (point >> 6U & 63U));
            text += static_cast<char>(0x80U | (point & 63U));
        } else {
            text += static_cast<char>(0xf0U | point >> 18U);
            text += static_cast<char>(0x80U | (point >> 12U & 63U));
            text += static_cast<char>(0x80U | (point >> 6U & 63U));
            text += static_cast<char>(0x80U | (point & 63U));
        }
    }
    return text;
}

}  // namespace pvsplan::transport_tests

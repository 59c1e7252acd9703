#include "runtime/serve/pages.hpp"

#include <algorithm>
#include <map>

#include "compiler/base/counted.hpp"
#include "compiler/base/shell_word.hpp"
#include "runtime/picture/markup.hpp"
#include "runtime/report/lines.hpp"
#include "runtime/serve/markup.hpp"

namespace pvsplan::serve {
namespace {

using engine::NodeStatus;
using engine::RunStatus;
using engine::Standing;
using engine::Wanted;
using picture::escaped;

constexpr std::size_t few_runs = 50;      // of those that are over, on the first page
constexpr std::size_t few_records = 500;  // on one page of a journal

std::string heading(std::string_view text) { return "<h2>" + escaped(text) + "</h2>\n"; }

// --- all runs -----------------------------------------------------------------------------------------------------

// Rows come in the order in which runs began, so that the last one of a farm is the one that may hold it. A lease says
// more than the outcome: a process may have died without a word.
std::string farms_html(const std::vector<ports::RunRow>& rows, const ports::Store& store) {
    std::map<std::string, const ports::RunRow*> last;
    for (const ports::RunRow& row : rows) last[row.farm] = &row;
    Table table("Farms", {"Farm", "Who holds it", "Since", "Run"});
    for (const auto& [farm, row] : last) {
        const base::Result<std::optional<ports::HeldLease>> held = store.held(farm);
        const base::Result<Standing> standing = engine::standing_of(store, *row);
        if (!held || !standing) {
            table.add(
                {text_cell(farm), {escaped(held ? standing.error().text() : held.error().text()), "bad"}, {}, {}});
            continue;
        }
        const bool is_locked = !standing->is_over();
        std::string who = is_locked ? "nobody; it stays locked for its run" : "nobody: it is free";
        ports::Millis since = 0;
        if (*held && (*held)->expiry != ports::Expiry::expired) {
            who = engine::text_of((*held)->owner.who);
            since = (*held)->owner.since;
            if ((*held)->expiry == ports::Expiry::unknown) who += "; from here nobody can tell whether it lives";
        }
        table.add({text_cell(farm),
                   text_cell(who),
                   time_cell(since),
                   {is_locked ? link(run_path(row->id), row->id) : std::string()}});
    }
    return heading("Farms") + table.html("no farm has had a run yet");
}

// Only links: what is approved is read on the page of its run first.
std::string approvals_html(const std::vector<RunStatus>& open) {
    Table table("Approvals that wait", {"Run", "Farm", "Step", "What to look at"});
    for (const RunStatus& status : open)
        for (const Wanted& wanted : status.wanted)
            if (wanted.type == Wanted::Type::approval)
                table.add({{link(run_path(status.row.id), status.row.id)},
                           text_cell(status.row.farm),
                           text_cell(wanted.node),
                           text_cell(wanted.text)});
    return heading("Approvals that wait") + table.html("none");
}

// What no worker will take as it is: where the jobs are, and what to do. The command is whole but for the key, which no
// page knows.
std::string untaken_html(const ports::SiteStands& site, const std::string& where) {
    std::string words = engine::untaken(site);
    if (words.empty()) return "";
    words += ". Start one there: pvsplan work --site " + base::shell_word(site.site);
    for (const std::string& farm : site.farms) words += " --farm " + base::shell_word(farm);
    return paragraph(words + " --key FILE --store " + base::shell_word(where), "note");
}

// The number of jobs that wait is of the site and stands with its first worker.
Table sites_table(const std::vector<ports::SiteStands>& sites) {
    Table table("Sites", {"Site", "Worker", "There since", "Last seen", "Jobs it has", "Jobs that wait"});
    for (const ports::SiteStands& site : sites) {
        const auto wait = [&](bool is_first) -> Cell {
            return {is_first ? std::to_string(site.waiting) : "", site.waiting > 0 ? "wait" : "number"};
        };
        if (site.workers.empty()) table.add({text_cell(site.site), {"none", "bad"}, {}, {}, {}, wait(true)});
        for (const ports::SiteStands::Worker& worker : site.workers) {
            const bool is_first = &worker == &site.workers.front();
            Cell seen = time_cell(worker.seen_at);
            if (worker.is_late) seen = {seen.html + "; it is late", "bad"};
            table.add({text_cell(is_first ? site.site : ""),
                       text_cell(engine::text_of(worker.who)),
                       time_cell(worker.since),
                       seen,
                       {std::to_string(worker.jobs), "number"},
                       wait(is_first)});
        }
    }
    return table;
}

// Who works at the sites of a store that machines share, by the clock of its server. Empty for any other store.
std::string sites_html(const ports::Store& store, const std::string& where) {
    const ports::Sites* const sites = store.sites();
    if (sites == nullptr) return "";
    const base::Result<std::vector<ports::SiteStands>> all = sites->all_sites();
    if (!all) return heading("Sites") + paragraph(all.error().text(), "note");
    std::string untaken;
    for (const ports::SiteStands& site : *all) untaken += untaken_html(site, where);
    return heading("Sites") + untaken + sites_table(*all).html("no site has a worker, and no job waits for one");
}

// What this server does not take up, and a person has to look at.
std::string untended_html(const Site& site) {
    std::string html;
    for (const TakenUp& one : site.taken_up ? site.taken_up() : std::vector<TakenUp>())
        if (one.wants_person)
            html += "<p class=\"note\">" + (one.run.empty() ? "" : link(run_path(one.run), one.run) + ": ") +
                    escaped(one.words) + "</p>\n";
    return html;
}

std::string taken_up_html(const Site& site, const std::string& run) {
    std::string html;
    for (const TakenUp& one : site.taken_up ? site.taken_up() : std::vector<TakenUp>())
        if (one.run == run) html += paragraph(one.words, one.wants_person ? "note" : "sub");
    return html;
}

// A run that is not over is always there, however many others are. One that cannot be read in full is listed all the
// same, with what its row says.
Response overview(const Site& site, const Frame& frame, const ports::Store& store, bool shows_all) {
    base::Result<std::vector<ports::RunRow>> rows = store.runs();
    if (!rows) return trouble(frame, 503, "The store cannot be read", rows.error().text());
    Table runs("Runs", {"Run", "Plan", "Farm", "Began", "Last record", "Stands"});
    std::vector<RunStatus> open;
    std::size_t over = 0;
    for (auto row = rows->rbegin(); row != rows->rend(); ++row) {
        const base::Result<Standing> standing = engine::standing_of(store, *row);
        if (!standing) return trouble(frame, 503, "The store cannot be read", standing.error().text());
        if (!standing->is_over()) {
            if (base::Result<RunStatus> status = engine::status(store, row->id, ports::SystemClock().now());
                status.ok())
                open.push_back(std::move(*status));
        } else if (++over > few_runs && !shows_all) {
            continue;
        }
        runs.add({{link(run_path(row->id), row->id)},
                  text_cell(row->plan),
                  text_cell(row->farm),
                  time_cell(row->begun_at),
                  time_cell(row->touched_at),
                  standing_cell(standing->type)});
    }
    std::string main = "<h1>Runs</h1>\n";
    main += untended_html(site);
    const auto archived = store.archived_runs("");
    main += approvals_html(open) + farms_html(*rows, store) + sites_html(store, site.store) + heading("Runs") +
            runs.html(archived.ok() && !archived->empty() ? engine::words_of_archived(*archived) : "no run yet");
    if (over > few_runs && !shows_all)
        main += "<p>" + link("/?all=1", "All " + base::counted(rows->size(), "run")) + "</p>\n";
    return page(frame, "Runs", main);
}

// --- one run ------------------------------------------------------------------------------------------------------

// Steps that have nothing to tell are there as well: a page is searched with the browser's own means.
std::string steps_html(std::string_view title, const std::vector<NodeStatus>& nodes) {
    Table table(title, {"Step", "State", "Object", "Began", "Took", "What"});
    for (const NodeStatus& node : nodes) {
        std::string kind;
        if (node.state == "failed" || node.state == "in doubt" || node.state == "unreached") kind = "bad";
        if (node.state == "running") kind = "busy";
        if (node.state == "wants a person") kind = "wait";
        const bool took = node.started_at > 0 && node.ended_at >= node.started_at;
        const std::string attempts =
            node.attempts > 1 ? report::attempt_text(node.attempts, node.tries, node.max_tries) : std::string();
        const std::string between = attempts.empty() || node.text.empty() ? "" : ": ";
        table.add({text_cell(node.node),
                   {escaped(node.state), kind},
                   text_cell(node.object),
                   time_cell(node.started_at),
                   {took ? report::duration_text(node.ended_at - node.started_at) : "", "number"},
                   text_cell(attempts + between + node.text)});
    }
    return heading(title) + table.html("none");
}

// What a token is about: this approval, and no other.
std::string approval_name(const std::string& run, const std::string& step) { return run + "\n" + step; }

// The token is bound to the person, the run and the step, so that it approves nothing else.
std::string approval_form(const Site& site, const std::string& person, const RunStatus& status, const Wanted& wanted) {
    const std::string token = serve::token(site.admission, person, approval_name(status.row.id, wanted.node));
    return "<form method=\"post\" action=\"" + escaped(run_path(status.row.id)) +
           "/approve\"><input type=\"hidden\" name=\"step\" value=\"" + escaped(wanted.node) +
           "\"><input type=\"hidden\" name=\"token\" value=\"" + token +
           "\"><label>Why, for the journal<input name=\"because\" maxlength=\"1000\"></label><button>Approve " +
           escaped(wanted.node) + " as " + escaped(person) + "</button></form>\n";
}

// A form is there only for somebody whose name a trusted server has told, and for a run that is not over. Commands are
// text to be copied.
std::string wanted_html(const Site& site, const Frame& frame, const RunStatus& status) {
    std::string html;
    for (const Wanted& wanted : status.wanted) {
        std::string words(engine::name_of(wanted.type));
        std::replace(words.begin(), words.end(), '_', ' ');
        html += "<p class=\"note\"><b>" + escaped(wanted.node) + "</b> (" + words + "): " + escaped(wanted.text) +
                (wanted.where.empty() ? "" : "; " + escaped(wanted.where)) + "</p>\n";
        const bool can_approve = wanted.type == Wanted::Type::approval && site.approve && !frame.person.empty();
        if (can_approve && !status.standing.is_over()) html += approval_form(site, frame.person, status, wanted);
    }
    if (!status.next.empty()) {
        html += heading("What to type next") + "<pre>";
        for (const engine::Offer& offer : status.next)
            html +=
                escaped(site.typed(offer.command)) + (offer.what.empty() ? "" : "  # " + escaped(offer.what)) + "\n";
        html += "</pre>\n";
    }
    return html;
}

// Everything is read from the store for this request; nothing is kept between two.
Response run_page(const Site& site, const Frame& frame, const ports::Store& store, const std::string& run) {
    const base::Result<RunStatus> found = engine::status(store, run, ports::SystemClock().now(), site.prove);
    if (!found) return trouble(frame, 500, "The run cannot be read", found.error().text());
    const RunStatus& status = *found;
    const Cell stands = standing_cell(status.standing.type);
    std::string main =
        "<h1>Run " + escaped(status.row.id) + ": <span class=\"" + stands.kind + "\">" + stands.html + "</span></h1>\n";
    main += paragraph("plan " + status.row.plan + " on farm " + status.row.farm + ", begun " +
                      report::local_date_time(status.row.begun_at) + (status.by.empty() ? "" : " by " + status.by));
    main += paragraph(engine::words_of(status.standing));
    for (const std::string& one : status.untaken) main += paragraph(one, "note");
    if (!status.fault.empty()) main += paragraph("this run is not as it was written: " + status.fault, "note");
    const bool has_come = status.standing.type == Standing::Type::waiting && status.wanted.empty();
    main +=
        paragraph(has_come ? "what it waited for has come, and nobody has gone on with it yet" : status.halted_because);
    if (!status.until.empty()) main += paragraph("it stops before " + status.until);
    main += paragraph(status.simulated, "wait") + paragraph(status.row.digest, "sub");
    main += "<p>" + link(run_path(run) + "/lanes", "Lanes over time") + " · " +
            link(run_path(run) + "/journal", "Journal, " + base::counted(status.row.records, "record")) + "</p>\n";
    main += taken_up_html(site, run) + wanted_html(site, frame, status);
    for (const std::string& one : status.untold) main += paragraph(one, "note");
    if (status.is_rolling_back)
        main +=
            steps_html(status.back_to.empty() ? "Rollback" : "Rollback to before " + status.back_to, status.rollback);
    return page(frame, "Run " + status.row.id, main + steps_html("Steps", status.nodes));
}

Response lanes(const Site& site, const Frame& frame, const ports::Store& store, const std::string& run) {
    const base::Result<RunStatus> status = engine::status(store, run, ports::SystemClock().now());
    if (!status) return trouble(frame, 500, "The run cannot be read", status.error().text());
    base::Result<std::string> drawn = site.lanes(store, *status);
    if (!drawn) return trouble(frame, 500, "The run cannot be drawn", drawn.error().text());
    // It says itself what it may load: nothing but what is in it.
    return {.body = std::move(*drawn), .headers = {{"Content-Security-Policy", "frame-ancestors 'none'"}}};
}

// --- its journal --------------------------------------------------------------------------------------------------

// Pages go backwards from the end, by the number of a record: what is written meanwhile moves no page.
Response journal(const Frame& frame, const ports::Store& store, const std::string& run, std::size_t before) {
    const base::Result<std::vector<engine::LogLine>> lines = engine::log(store, run);
    if (!lines) return trouble(frame, 500, "The journal cannot be read", lines.error().text());
    const std::size_t end = before == 0 ? lines->size() : std::min(before - 1, lines->size());
    const std::size_t begin = end > few_records ? end - few_records : 0;
    Table table("Journal, the last record first", {"Record", "When", "What", "Step", "Text"});
    for (std::size_t i = end; i > begin; --i) {
        const engine::LogLine& line = (*lines)[i - 1];
        const std::string output = line.output.empty() ? ""
                                                       : "<details><summary>what it printed</summary><pre>" +
                                                             escaped(line.output) + "</pre></details>";
        table.add({{std::to_string(line.number), "number"},
                   time_cell(line.at),
                   {escaped(line.kind), line.kind == "damaged" ? "bad" : ""},
                   text_cell(line.node),
                   {escaped(line.text) + output}});
    }
    std::string main = "<h1>Journal of " + escaped(run) + "</h1>\n<p>" + link(run_path(run), "The run") + "</p>\n" +
                       table.html("no record");
    if (begin > 0)
        main +=
            "<p>" + link(run_path(run) + "/journal?before=" + std::to_string(begin + 1), "Earlier records") + "</p>\n";
    return page(frame, "Journal of " + run, main);
}

// --- what is asked ------------------------------------------------------------------------------------------------

// The token is looked at before anything else of the form. Answered by a redirection, so that loading the page again
// sends nothing again; an answer that is no success is a page of its own.
Response approve(const Site& site, const Frame& frame, const Request& request, const std::string& run) {
    const std::optional<std::string> step = field(request.body, "step");
    if (!step || !is_token(site.admission, frame.person, approval_name(run, *step), field(request.body, "token")))
        return trouble(frame, 403, "Nothing was approved",
                       "The form is not one of this server, or of before it was started anew: load the page of the run "
                       "again.");
    const engine::Ended ended = site.approve(frame.person, run, *step, field(request.body, "because").value_or(""));
    if (ended.outcome == engine::Outcome::done)
        return {.status = 303, .type = "text/plain", .headers = {{"Location", run_path(run)}}};
    const bool is_left = ended.outcome == engine::Outcome::left;
    std::string why = ended.message;
    for (const std::string& cause : ended.causes) why += "; " + cause;
    const std::string title = is_left ? "The approval was left for the run" : "Nothing was approved";
    const std::string main = "<div data-once><h1>" + title + "</h1>\n" + paragraph(why, "note") + "<p>" +
                             link(run_path(run), "The run") + "</p></div>\n";
    return page(frame, title, main, is_left ? 202 : 409);
}

// 0 where it is none: then the page begins at the end.
std::size_t number(const std::optional<std::string>& text) {
    const bool is_number =
        text && !text->empty() && text->size() < 10 && text->find_first_not_of("0123456789") == std::string::npos;
    return is_number ? std::stoul(*text) : 0;
}

// Paths are compared as they were sent and never decoded, so that one page has one path. The store is opened for what
// is known alone.
Response page_of(const Site& site, const Frame& frame, const Request& request) {
    const bool is_get = request.method != "POST";  // HEAD is answered alike, and without its body
    if (request.path == "/page.css") return style();
    if (request.path == "/page.js") return script();
    constexpr std::string_view runs = "/runs/";
    const bool is_run = request.path.starts_with(runs);
    const std::string_view rest = is_run ? std::string_view(request.path).substr(runs.size()) : "";
    const std::string run(rest.substr(0, rest.find('/')));
    const std::string_view part = rest.substr(run.size());
    const bool is_page = part.empty() || part == "/lanes" || part == "/journal";
    const bool is_known = is_get ? request.path == "/" || (engine::is_run_id(run) && is_page)
                                 : engine::is_run_id(run) && part == "/approve";
    if (!is_known) return trouble(frame, 404, "There is no such page", "Go back to all runs.");
    const base::Result<std::unique_ptr<const ports::Store>> store = site.open_store();
    if (!store) return trouble(frame, 503, "The store cannot be read", store.error().text());
    if (!is_run) return overview(site, frame, **store, field(request.query, "all").has_value());
    const base::Result<std::optional<ports::RunRow>> row = (*store)->run(run);
    if (!row) return trouble(frame, 503, "The store cannot be read", row.error().text());
    if (!*row) return trouble(frame, 404, "There is no such run", "The store has no run " + run + ".");
    if (!is_get) return approve(site, frame, request, run);
    if (part == "/lanes") return lanes(site, frame, **store, run);
    if (part == "/journal") return journal(frame, **store, run, number(field(request.query, "before")));
    return run_page(site, frame, **store, run);
}

}  // namespace

Response answer(const Site& site, const Request& request) {
    if (std::optional<Response> no = refused(site.admission, request)) return with_policy(std::move(*no));
    const Frame frame{.store = site.store, .person = person(site.admission, request)};
    return with_policy(page_of(site, frame, request));
}

}  // namespace pvsplan::serve

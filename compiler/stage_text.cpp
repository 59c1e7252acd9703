#include "compiler/stage_text.hpp"

#include <algorithm>
#include <array>

#include "compiler/diag/display.hpp"
#include "compiler/diag/secrecy.hpp"
#include "compiler/program/codec.hpp"
#include "compiler/stage_printer.hpp"

namespace pvsplan::compiler {
namespace {

std::string program_text(const Compilation& c) { return program::encode(program_of(c)); }

struct Stage {
    std::string_view name;
    std::string (*print)(const Compilation&);
    // What has to be there: a model without errors in its names, an expansion, an order; a plan that can be run.
    enum class Wants : std::uint8_t { nothing, stages, graph, program } wants;
};
constexpr Stage stages[] = {
    {"pieces", pieces_text, Stage::Wants::nothing},       {"tree", tree_text, Stage::Wants::nothing},
    {"documents", documents_text, Stage::Wants::nothing}, {"model", model_text, Stage::Wants::nothing},
    {"uses", uses_text, Stage::Wants::nothing},           {"expansion", expansion_text, Stage::Wants::stages},
    {"order", order_text, Stage::Wants::graph},           {"facts", facts_text, Stage::Wants::graph},
    {"program", program_text, Stage::Wants::program},
};

// Why a stage was not reached; empty if it was.
std::string why_not(const Compilation& c, Stage::Wants wants) {
    const bool has_stages = c.stages != nullptr;
    if (wants != Stage::Wants::nothing && !has_stages) return "a name or a text is wrong";
    if (wants == Stage::Wants::graph && !c.has_graph) return "the plan has no order in which it could run";
    if (wants != Stage::Wants::program) return "";
    if (!c.ok()) return "the plan has an error";
    if (!c.open_parameters.empty()) return "the parameter `" + c.open_parameters.front() + "` has no value";
    return "";
}

// On one line, without what steers a terminal: texts of a plan are a stranger's.
std::string visible(std::string_view text) {
    std::string shown;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find_first_of("\n\r\t", at), text.size());
        shown += diag::harmless(text.substr(at, end - at));
        if (end < text.size()) shown += text[end] == '\n' ? "\\n" : text[end] == '\r' ? "\\r" : "\\t";
        at = end + 1;
    }
    return shown;
}

}  // namespace

std::span<const std::string_view> stage_names() {
    static const auto names = [] {
        std::array<std::string_view, std::size(stages)> all;
        std::transform(std::begin(stages), std::end(stages), all.begin(),
                       [](const Stage& stage) { return stage.name; });
        return all;
    }();
    return names;
}

std::string stage_text(const Compilation& compilation, std::string_view stage) {
    const Stage* const found =
        std::find_if(std::begin(stages), std::end(stages), [&](const Stage& one) { return one.name == stage; });
    if (found == std::end(stages)) return "";
    const std::string why = why_not(compilation, found->wants);
    return why.empty() ? found->print(compilation) : "not made: " + why + "\n";
}

void StagePrinter::line(std::size_t depth, std::string_view text) {
    out_.append(depth * 2, ' ');
    out_ += visible(text);
    out_ += '\n';
}

std::string StagePrinter::position(base::Span span) const {
    if (span.is_nowhere()) return "-";
    const base::Position at = c_.sources->position(span.file, span.begin);
    return std::to_string(at.line) + ":" + std::to_string(at.column);
}

std::string StagePrinter::place(base::Span span) const {
    if (span.is_nowhere()) return "-";
    return diag::harmless(c_.sources->path(span.file)) + ":" + position(span);
}

// A secret that is known strikes the whole text out, also where they only overlap. Others are found by their looks.
std::string StagePrinter::quoted(base::Span span) const {
    if (span.is_nowhere()) return "-";
    const std::string_view text = c_.sources->text(span);
    if (c_.model)
        for (const base::Span& secret : c_.model->literal_secrets)
            if (secret.file == span.file && secret.begin < span.end && span.begin < secret.end)
                return "`" + std::string(diag::struck_out) + "`";
    const std::string clean = diag::has_secret(text) ? diag::without_secrets(text) : std::string(text);
    return "`" + visible(clean) + "`";
}

}  // namespace pvsplan::compiler

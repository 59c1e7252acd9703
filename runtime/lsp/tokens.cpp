#include "runtime/lsp/tokens.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>

#include "runtime/lsp/json_text.hpp"

namespace pvsplan::lsp {
namespace {

using Json = nlohmann::json;
using resolve::Use;

// Each is the index of its name in token_types().
enum class Token : std::uint32_t { name_space, type, property, function, event, parameter, variable, constant };

// Types of the protocol, so that every theme has a colour for each; the switch has no default, so that a new kind of
// name is not forgotten.
Token token_of(Use::Of of) {
    switch (of) {
        case Use::Of::module:
        case Use::Of::policy:
        case Use::Of::farm: return Token::name_space;
        case Use::Of::kind: return Token::type;
        case Use::Of::attribute:
        case Use::Of::output: return Token::property;
        case Use::Of::predicate:
        case Use::Of::action:
        case Use::Of::procedure: return Token::function;
        case Use::Of::event: return Token::event;
        case Use::Of::parameter: return Token::parameter;
        case Use::Of::step:
        case Use::Of::variable: return Token::variable;
        case Use::Of::object:
        case Use::Of::secret:
        case Use::Of::requirement: return Token::constant;
    }
    return Token::variable;
}

}  // namespace

std::vector<std::string_view> token_types() {
    return {"namespace", "type", "property", "function", "event", "parameter", "variable", "enumMember"};
}

// Five numbers a token, each place told by its distance from the one before, as the protocol packs them. In the order
// of their places; a definition counts where it is called by its own name.
std::string tokens_json(const At& at) {
    std::set<std::tuple<std::uint32_t, std::uint32_t, Token>> places;  // begin, end
    const auto add = [&](base::Span span, Use::Of of) {
        if (span.file == at.file && span.size() > 0) places.emplace(span.begin, span.end, token_of(of));
    };
    if (at.compilation.model->uses)
        for (const Use& use : at.compilation.model->uses->all()) {
            add(use.place, use.of);
            if (use.by == Use::By::name) add(use.definition, use.of);
        }
    Json data = Json::array();
    Position last;
    std::uint32_t behind = 0;
    for (const auto& [begin, end, token] : places) {
        const Range range = at.places.lines(at.file).range(begin, end);
        // Editors want tokens on one line that do not overlap.
        if (begin < behind || range.start.line != range.end.line) continue;
        const bool is_same_line = range.start.line == last.line;
        data.push_back(range.start.line - last.line);
        data.push_back(is_same_line ? range.start.character - last.character : range.start.character);
        data.push_back(range.end.character - range.start.character);
        data.push_back(static_cast<std::uint32_t>(token));
        data.push_back(0);
        last = range.start;
        behind = end;
    }
    return json_text(Json{{"data", std::move(data)}});
}

}  // namespace pvsplan::lsp

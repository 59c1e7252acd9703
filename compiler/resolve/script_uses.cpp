#include "compiler/resolve/script_uses.hpp"

#include <algorithm>
#include <array>

#include "compiler/base/lower_case.hpp"

namespace pvsplan::resolve {
namespace {

bool is_word(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; }

// Calls `seen(root, name, place)` for each `$Root.name` and `:Root.name`.
template <class Seen>
void for_each_name(const base::Sources& sources, base::Span script, const Seen& seen) {
    static constexpr std::array<std::string_view, 4> roots = {"with.", "on.", "before.", "secret."};
    const std::string_view text = sources.text(script);
    const std::string lower = base::lower_case(text);
    for (std::size_t at = lower.find_first_of("$:"); at != std::string::npos; at = lower.find_first_of("$:", at + 1))
        for (const std::string_view root : roots) {
            if (lower.compare(at + 1, root.size(), root) != 0) continue;
            const std::size_t begin = at + 1 + root.size();
            std::size_t end = begin;
            while (end < text.size() && is_word(text[end])) ++end;
            seen(root, text.substr(begin, end - begin),
                 base::Span{script.file, script.begin + static_cast<std::uint32_t>(begin),
                            script.begin + static_cast<std::uint32_t>(end)});
        }
}

// Case is ignored in the root only: PowerShell takes `$with` for `$With`, and a rename has to find the name as written.
void note_script(const syntax::BodyText& body, base::Span script, const std::vector<Parameter>& parameters, KindId on,
                 const base::Sources& sources, Model& model) {
    if (body.type != syntax::BodyText::Type::powershell && body.type != syntax::BodyText::Type::sql) return;
    if (script.is_nowhere()) return;
    for_each_name(sources, script, [&](std::string_view root, std::string_view name, base::Span place) {
        if (root == "with." || root == "secret.") {
            const auto found = std::find_if(parameters.begin(), parameters.end(),
                                            [&](const Parameter& parameter) { return parameter.name == name; });
            if (found != parameters.end()) model.note_use(Use::Of::parameter, name, place, found->span);
        } else if (on) {
            const Kind& kind = model.kinds[on.index()];
            const Attribute* const fixed = root == "on." ? kind.attribute(name) : nullptr;
            const Attribute* const attribute = fixed ? fixed : kind.state_attribute(name);
            if (attribute) model.note_use(Use::Of::attribute, name, place, attribute->span);
        }
    });
}

}  // namespace

// Walks the modules as define_signatures() does, so that the n-th action's text meets the n-th action.
void note_uses_in_scripts(const Documents& documents, const base::Sources& sources, Model& model) {
    std::size_t next_action = 0;
    for (const syntax::ModuleDocument* module : documents.modules) {
        for (const syntax::KindText& kind : module->kinds)
            if (const auto id = model.kind_by_name.find(kind.name.value);
                id != model.kind_by_name.end() && kind.observe)
                note_script(*kind.observe, script_place(documents, sources, *kind.observe), {}, id->second, sources,
                            model);
        for (const syntax::ActionText& text : module->actions) {
            const Action& action = model.actions[next_action++];
            if (text.run)
                note_script(*text.run, script_place(documents, sources, *text.run), action.parameters, action.on,
                            sources, model);
        }
    }
}

}  // namespace pvsplan::resolve

#include "runtime/view/diagnostics.hpp"

namespace pvsplan::view {

base::SourceMap shown_sources(const base::SourceMap& sources, const std::string& prefix) {
    base::SourceMap shown;
    for (std::size_t i = 0; i < sources.size(); ++i) {
        const base::FileId file(i);
        const std::string path(sources.path(file));
        const base::Belongs belongs = sources.belongs(file);
        shown.add(belongs == base::Belongs::to_library ? path : prefix + path, std::string(sources.text(file)),
                  belongs);
    }
    for (const base::Span& span : sources.struck()) shown.strike(span);
    return shown;
}

void print_diagnostics(const Stream& stream, const base::SourceMap& sources, const diag::Sink& sink,
                       const std::string& prefix) {
    if (sink.all().empty()) return;
    const base::SourceMap shown = shown_sources(sources, prefix);
    for (const diag::Diagnostic& diagnostic : sink.sorted())
        stream.write(diag::render_text(shown, diagnostic, {.colour = stream.colour, .width = stream.width}));
    if (sink.dropped() > 0) stream.write("and " + std::to_string(sink.dropped()) + " more, which are not shown\n\n");
}

}  // namespace pvsplan::view

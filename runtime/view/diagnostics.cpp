#include "runtime/view/diagnostics.hpp"

#include "compiler/diag/render.hpp"

namespace pvsplan::view {

void print_diagnostics(const Stream& stream, const diag::Texts& texts, const diag::Sink& sink) {
    for (const diag::Diagnostic& diagnostic : sink.sorted())
        stream.write(diag::render_text(texts, diagnostic, {.colour = stream.colour, .width = stream.width}));
    if (sink.dropped() > 0) stream.write("and " + std::to_string(sink.dropped()) + " more, which are not shown\n\n");
}

}  // namespace pvsplan::view

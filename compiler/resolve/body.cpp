#include "compiler/resolve/body.hpp"

#include "compiler/resolve/codes.hpp"

namespace pvsplan::resolve {

Run define_body(const syntax::BodyText& text, Scope& scope, Expressions& expressions, Blocks& blocks,
                diag::Sink& sink) {
    using From = syntax::BodyText::Is;
    using To = program::Body::Is;
    Run run;
    scope.reads = {.where = "in `run`"};
    const Type string = Type::of(Type::Is::string);
    switch (text.is) {
        case From::poison: break;
        case From::powershell:
        case From::sql:
            run.body.is = text.is == From::sql ? To::sql : To::powershell;
            run.body.text = text.script.value;
            break;
        case From::command:
            run.body.is = To::command;
            for (const syntax::Template& argument : text.arguments)
                if (ExprPtr value = expressions.resolve(argument, scope, argument.is_expression() ? Type{} : string)) {
                    if (value->type.is == Type::Is::secret)
                        sink.report(secret_flows, argument.span)
                            .label("arguments of a command are seen by everyone on the host")
                            .hint("let a script read it from `$Secret`, or the command from its environment");
                    run.body.arguments.push_back(std::move(value));
                }
            break;
        case From::manual:
            run.body.is = To::manual;
            if (text.instructions)
                if (ExprPtr value = expressions.resolve(*text.instructions, scope, string))
                    run.body.arguments.push_back(value);
            break;
        case From::wait: {
            run.body.is = To::wait;
            scope.reads.state = true;
            const Type boolean = Type::of(Type::Is::boolean);
            if (text.until) run.body.until = expressions.resolve(*text.until, scope, &boolean);
            run.body.every_ms = text.every ? blocks.duration_ms(*text.every) : 5'000;
            run.body.at_most_ms = text.at_most ? blocks.duration_ms(*text.at_most) : 600'000;
            scope.reads.state = false;
            break;
        }
    }
    if (text.at) {
        run.at = expressions.resolve(*text.at, scope);
        if (run.at && run.at->type.is != Type::Is::object && !run.at->type.is_poison()) {
            sink.report(wrong_type, text.at->span, "an object of the farm",
                        "a value of type `" + program::to_text(run.at->type) + "`");
            run.at = nullptr;
        }
    }
    for (const syntax::Text& code : text.exit_codes) {
        const auto value = expressions.read_literal(code.value, Type::of(Type::Is::integer));
        if (value)
            run.exit_codes.push_back(*value->as_integer());
        else
            sink.report(bad_literal, code.span, code.value, "an int");
    }
    return run;
}

}  // namespace pvsplan::resolve

#include "compiler/resolve/body.hpp"

#include "compiler/resolve/codes.hpp"
#include "compiler/resolve/times.hpp"
#include "compiler/syntax/program_text.hpp"

namespace pvsplan::resolve {

namespace {

// Values of these types hold no character that a shell or an interpreter gives a meaning to.
bool is_harmless(const Type& type) {
    return type.category == Type::Category::integer || type.category == Type::Category::boolean ||
           type.category == Type::Category::duration || type.category == Type::Category::version ||
           type.category == Type::Category::enumeration;
}

// The first part of a text that is a value which could be anything.
const program::Expr* value_in(const ExprPtr& argument) {
    if (argument->op == program::Expr::Op::literal) return nullptr;
    if (argument->op != program::Expr::Op::concat) return is_harmless(argument->type) ? nullptr : argument.get();
    for (const ExprPtr& part : argument->args)
        if (part->op != program::Expr::Op::literal && !is_harmless(part->type)) return part.get();
    return nullptr;
}

// How the same is written with the value as data, by what would read it as a program.
std::string way_out(const syntax::ProgramText& text) {
    using Language = syntax::ProgramText::Language;
    switch (text.language) {
        case Language::shell:
            return "give the value as an argument of its own: `[" + text.program + ", -c, 'ls \"$1\"', " +
                   text.program + ", \"${…}\"]`";
        case Language::cmd: return "call the program without `cmd`, each value as an argument of its own";
        case Language::powershell: return "write it as a `powershell:` body, which has the values as `$With.NAME`";
        case Language::script: return "give the value as an argument of its own, and let the text read its arguments";
        case Language::sql: return "write it as an `sql:` body, in which values are bound parameters";
        case Language::remote:
            return "the shell of the other host reads all of it as one text: let the object be reached over `ssh`, "
                   "and run the command there";
    }
    return "";
}

// `sh -c "ls ${path}"` runs whatever a value of the plan or an output of another server says. One finding for each
// command is enough: the way out is the same for all.
void check_programs(const syntax::BodyText& text, const std::vector<ExprPtr>& arguments, diag::Sink& sink) {
    if (arguments.size() != text.arguments.size()) return;  // one of them was reported
    std::vector<std::optional<std::string>> words;
    for (const syntax::Template& argument : text.arguments)
        words.push_back(argument.is_text() ? std::optional(argument.text()) : std::nullopt);
    for (const syntax::ProgramText& program : syntax::program_texts(words))
        if (const program::Expr* value = value_in(arguments[program.argument])) {
            sink.report(program_of_values,
                        value->span.is_nowhere() ? text.arguments[program.argument].span : value->span, program.program)
                .label("whatever this is becomes a part of the program")
                .hint(way_out(program));
            return;
        }
}

}  // namespace

// An argument that is a lone `${…}` keeps its type, so that a secret in it is seen as one. Of a wait that says nothing
// the condition is looked at every 5 s for 10 min.
Run define_body(const syntax::BodyText& text, std::string script, Scope& scope, Expressions& expressions,
                diag::Sink& sink) {
    using From = syntax::BodyText::Type;
    using To = program::Body::Type;
    Run run;
    scope.reads = {.where = "in `run`"};
    const Type string = Type::of(Type::Category::string);
    switch (text.type) {
        case From::error: break;
        case From::powershell:
        case From::sql:
            run.body.type = text.type == From::sql ? To::sql : To::powershell;
            run.body.text = std::move(script);
            break;
        case From::command:
            run.body.type = To::command;
            for (const syntax::Template& argument : text.arguments)
                if (ExprPtr value = expressions.resolve(argument, scope, argument.is_expression() ? Type{} : string)) {
                    if (value->type.category == Type::Category::secret)
                        sink.report(secret_flows, argument.span)
                            .label("arguments of a command are seen by everyone on the host")
                            .hint("let a script read it from `$Secret`, or the command from its environment");
                    run.body.arguments.push_back(std::move(value));
                }
            check_programs(text, run.body.arguments, sink);
            break;
        case From::manual:
            run.body.type = To::manual;
            if (text.instructions)
                if (ExprPtr value = expressions.resolve(*text.instructions, scope, string))
                    run.body.arguments.push_back(value);
            break;
        case From::wait: {
            run.body.type = To::wait;
            scope.reads.state = true;
            const Type boolean = Type::of(Type::Category::boolean);
            if (text.until) run.body.until = expressions.resolve(*text.until, scope, &boolean);
            run.body.every_ms = text.every ? duration_ms(*text.every, expressions, sink) : 5'000;
            run.body.at_most_ms = text.at_most ? duration_ms(*text.at_most, expressions, sink) : 600'000;
            scope.reads.state = false;
            break;
        }
    }
    if (text.at) {
        run.at = expressions.resolve(*text.at, scope);
        if (run.at && run.at->type.category != Type::Category::object && !run.at->type.is_error()) {
            sink.report(wrong_type, text.at->span, diag::Expected("an object of the farm"),
                        diag::Found("a value of type `" + program::to_text(run.at->type) + "`"));
            run.at = nullptr;
        }
    }
    for (const syntax::Text& code : text.exit_codes) {
        const auto value = expressions.read_literal(code.value, Type::of(Type::Category::integer));
        if (value)
            run.exit_codes.push_back(*value->as_integer());
        else
            sink.report(bad_literal, code.span, diag::Name(code.value), diag::Words("an int"));
    }
    return run;
}

}  // namespace pvsplan::resolve

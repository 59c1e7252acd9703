// The stages that know single texts: pieces, trees and documents.
#include "compiler/base/lists.hpp"
#include "compiler/diag/secrecy.hpp"
#include "compiler/stage_printer.hpp"
#include "compiler/syntax/parsed.hpp"
#include "compiler/syntax/pieces.hpp"

namespace pvsplan::compiler {
namespace {

using syntax::NodeId;
using syntax::Tree;
using syntax::TreeNode;
using ExpressionForm = syntax::Expression::Form;

// Calls `print` for each document of the project; what is built in is named only. An inventory is no document.
template <class Print>
void for_each_document(const Compilation& c, StagePrinter& out, const Print& print) {
    for (const base::FileId file : c.files) {
        const std::string path(c.sources->path(file));
        if (c.sources->belongs(file) == base::Belongs::to_library) {
            out.line(0, path + ": built in");
        } else if (path.ends_with(".csv")) {
            out.line(0, path + ": an inventory");
        } else {
            out.line(0, path);
            print(file);
        }
    }
}

// What is wrong with the text has been reported by the compilation. One that cannot be read at all has an empty tree.
Tree tree_of(const Compilation& c, base::FileId file) {
    diag::Sink known;
    auto tree = syntax::read_tree(*c.sources, file, known);
    return tree ? std::move(*tree) : Tree(*c.sources, file);
}

// The value of a key such as `password` where nobody has told yet what is a secret.
bool may_be_secret(std::string_view key, std::string_view value) {
    return diag::is_secret_word(key) && value.find("${") == std::string_view::npos;
}

// The tree with the place of each node. Lists hand their key down: each element of a list of passwords is one.
class TreePrinter {
  public:
    TreePrinter(const Tree& tree, StagePrinter& out) : tree_(tree), out_(out) {}

    void print(NodeId id, std::size_t depth, std::string_view key, std::string_view before) {
        const TreeNode& node = tree_[id];
        const std::string at = " " + out_.position(tree_.span(id));
        switch (node.type) {
            case TreeNode::Type::null: out_.line(depth, std::string(before) + "null" + at); return;
            case TreeNode::Type::scalar: {
                const bool is_hidden = may_be_secret(key, tree_.text(id));
                out_.line(depth, std::string(before) + (node.is_plain ? "plain" : "quoted") + at + " " +
                                     (is_hidden ? "`***`" : out_.quoted(tree_.span(id))));
                return;
            }
            case TreeNode::Type::list:
                out_.line(depth, std::string(before) + "list" + at);
                for (const NodeId element : tree_.elements(id)) print(element, depth + 1, key, "- ");
                return;
            case TreeNode::Type::map:
                out_.line(depth, std::string(before) + "map" + at);
                for (const auto [name, value] : tree_.members(id))
                    print(value, depth + 1, tree_.text(name), out_.quoted(tree_.span(name)) + ": ");
                return;
        }
    }

  private:
    const Tree& tree_;
    StagePrinter& out_;
};

// An expression as the parser understood it: every operator with its operands in brackets.
class Expressions {
  public:
    explicit Expressions(const StagePrinter& out) : out_(out) {}

    [[nodiscard]] std::string text(const syntax::Expression& e) const {
        std::string inside;
        for (const syntax::Expression& part : e.args) inside += " " + text(part);
        switch (e.form) {
            case ExpressionForm::error: return "(error)";
            case ExpressionForm::name: return e.text;
            case ExpressionForm::none: return "none";
            case ExpressionForm::integer:
            case ExpressionForm::duration:
            case ExpressionForm::version:
            case ExpressionForm::string:
            case ExpressionForm::boolean: return out_.quoted(e.span);
            case ExpressionForm::member: return "(." + inside + " " + e.text + ")";
            case ExpressionForm::index: return "([]" + inside + ")";
            case ExpressionForm::call: return "(" + e.text + inside + ")";
            case ExpressionForm::list: return "(list" + inside + ")";
            case ExpressionForm::filter: return "(filter " + e.text + inside + ")";
            case ExpressionForm::logical_not: return "(not" + inside + ")";
            case ExpressionForm::logical_and: return "(and" + inside + ")";
            case ExpressionForm::logical_or: return "(or" + inside + ")";
            case ExpressionForm::equal: return "(==" + inside + ")";
            case ExpressionForm::not_equal: return "(!=" + inside + ")";
            case ExpressionForm::less: return "(<" + inside + ")";
            case ExpressionForm::less_equal: return "(<=" + inside + ")";
            case ExpressionForm::greater: return "(>" + inside + ")";
            case ExpressionForm::greater_equal: return "(>=" + inside + ")";
            case ExpressionForm::in: return "(in" + inside + ")";
            case ExpressionForm::not_in: return "(not-in" + inside + ")";
            case ExpressionForm::add: return "(+" + inside + ")";
            case ExpressionForm::subtract: return "(-" + inside + ")";
        }
        return "";
    }
    [[nodiscard]] std::string text(const syntax::Template& text_) const {
        if (text_.is_text()) return out_.quoted(text_.span);
        std::string all;
        for (const syntax::Template::Part& part : text_.parts)
            base::append(all, " ", (part.expression ? text(*part.expression) : out_.quoted(part.span)));
        return text_.parts.size() == 1 ? all : "(text " + all + ")";
    }
    // A scalar, or a list of such.
    [[nodiscard]] std::string text(const syntax::ValueTree& tree) const {
        if (tree.scalar) return text(*tree.scalar);
        std::string all = "(list";
        for (const syntax::ValueTree& element : tree.elements) all += " " + text(element);
        return all + ")";
    }
    [[nodiscard]] std::string text(const syntax::TypeName& type) const {
        if (type.form == syntax::TypeName::Form::name) return type.name;
        if (type.form == syntax::TypeName::Form::list) return "list of " + text(type.element.at(0));
        std::string all;
        for (const syntax::Text& one : type.enumerators) base::append(all, " | ", one.value);
        return all;
    }

  private:
    const StagePrinter& out_;
};

// A document as it was read, before names mean anything: one line a part, indented by how deep it lies.
class DocumentPrinter {
  public:
    explicit DocumentPrinter(StagePrinter& out) : out_(out), expressions_(out) {}

    void print(const syntax::PlanDocument& plan) {
        head("plan", plan.name);
        names("uses", plan.uses);
        names("policies", plan.policies);
        if (plan.farm) out_.line(1, "farm " + plan.farm->value);
        parameters(1, plan.parameters);
        steps(1, "steps", plan.steps);
        if (plan.recover) steps(1, "recover", *plan.recover);
        names("approvers", plan.approvers);
        invariants(plan.invariants);
        for (const syntax::Waiver& one : plan.waive) out_.line(1, "waive " + out_.quoted(one.requirement.span));
    }
    void print(const syntax::FarmDocument& farm) {
        head("farm", farm.name);
        names("uses", farm.uses);
        if (farm.is_protected) out_.line(1, "protected");
        if (farm.store) out_.line(1, "store " + out_.quoted(farm.store->span));
        for (const syntax::SecretSource& one : farm.secrets)
            out_.line(1, "secret " + one.name.value + " from " + one.from.value);
        for (const syntax::FarmDefaults& one : farm.defaults) {
            out_.line(1, "defaults " + one.kind.value);
            values(2, one.attributes, one.state, one.connect);
        }
        for (const syntax::FarmList& list : farm.lists) {
            out_.line(1, "list " + list.plural.value + (list.csv ? " from " + out_.quoted(list.csv->span) : ""));
            for (const syntax::FarmObject& object : list.objects) {
                out_.line(2, "object " + out_.quoted(object.name.span) + " " + out_.position(object.name.span));
                values(3, object.attributes, object.state, object.connect);
            }
        }
    }
    void print(const syntax::ModuleDocument& module) {
        head("module", module.name);
        names("uses", module.uses);
        for (const syntax::KindText& kind : module.kinds) {
            out_.line(1, "kind " + at(kind.name) + ", plural " + kind.plural.value);
            for (const syntax::AttributeText& one : kind.attributes) attribute("attribute", one);
            for (const syntax::AttributeText& one : kind.state) attribute("state", one);
            if (kind.observe) body(2, "observe", *kind.observe);
        }
        for (const syntax::PredicateText& one : module.predicates)
            out_.line(1, "predicate " + at(one.name) + " of " + one.kind.value + " " + one.variable.value + ": " +
                             expressions_.text(one.condition));
        for (const syntax::ActionText& one : module.actions) action(one);
        for (const syntax::ProcedureText& one : module.procedures) {
            out_.line(1, "procedure " + at(one.name) + (one.on ? " on " + one.on->value : ""));
            parameters(2, one.parameters);
            steps(2, "steps", one.steps);
            if (one.recover) steps(2, "recover", *one.recover);
        }
    }
    void print(const syntax::PolicyDocument& policy) {
        head("policy", policy.name);
        names("uses", policy.uses);
        invariants(policy.invariants);
        for (const syntax::Text& one : policy.waivable) out_.line(1, "waivable " + out_.quoted(one.span));
    }

  private:
    [[nodiscard]] std::string at(const syntax::Text& name) const { return name.value + " " + out_.position(name.span); }
    void head(std::string_view what, const syntax::Text& name) { out_.line(0, std::string(what) + " " + at(name)); }
    void names(std::string_view what, const std::vector<syntax::Text>& all) {
        for (const syntax::Text& one : all) out_.line(1, std::string(what) + " " + out_.quoted(one.span));
    }
    void parameters(std::size_t depth, const std::vector<syntax::Parameter>& all) {
        for (const syntax::Parameter& one : all)
            out_.line(depth, "parameter " + at(one.name) + ": " + expressions_.text(one.type) +
                                 (one.default_value ? " = " + expressions_.text(*one.default_value) : ""));
    }
    void attribute(std::string_view what, const syntax::AttributeText& one) {
        out_.line(2, std::string(what) + " " + at(one.name) + ": " + expressions_.text(one.type) +
                         (one.default_value ? " = " + expressions_.text(*one.default_value) : ""));
    }
    // Values by name, some of which may be secrets.
    void named(std::size_t depth, std::string_view what, const std::vector<syntax::NamedValue>& all) {
        for (const syntax::NamedValue& one : all) {
            const std::string value = out_.quoted(one.value.span);
            const bool is_hidden = may_be_secret(one.name.value, value);
            out_.line(depth, std::string(what) + " " + one.name.value + " = " +
                                 (is_hidden ? "`***`" : expressions_.text(one.value)));
        }
    }
    void values(std::size_t depth, const std::vector<syntax::NamedValue>& attributes,
                const std::vector<syntax::NamedValue>& state, const std::vector<syntax::NamedValue>& connect) {
        named(depth, "attribute", attributes);
        named(depth, "state", state);
        named(depth, "connect", connect);
    }
    void invariants(const std::vector<syntax::Invariant>& all) {
        for (const syntax::Invariant& one : all)
            out_.line(1, "invariant " + out_.quoted(one.name.span) + " " + out_.position(one.name.span) + ": " +
                             out_.quoted(one.require.span));
    }
    void action(const syntax::ActionText& one) {
        out_.line(1, "action " + at(one.name) + (one.on ? " on " + one.on->value : ""));
        parameters(2, one.parameters);
        if (one.precondition) out_.line(2, "requires " + expressions_.text(*one.precondition));
        for (const syntax::EventText& event : one.does)
            out_.line(2, "does " + event.verb.value + " " + expressions_.text(event.object));
        for (const syntax::SetText& set : one.sets)
            out_.line(2, "sets " + expressions_.text(set.object) + " " + set.attribute.value + " = " +
                             expressions_.text(set.value));
        if (one.run) body(2, "run", *one.run);
        for (const syntax::OutputText& output : one.outputs)
            out_.line(2, "output " + at(output.name) + " = " + expressions_.text(output.value));
        if (!one.undo) return;
        if (one.undo->type == syntax::UndoText::Type::steps)
            steps(2, "undo", one.undo->steps);
        else
            out_.line(2,
                      "undo: " + std::string(one.undo->type == syntax::UndoText::Type::nothing ? "nothing" : "none"));
    }
    // A script is quoted whole, on one line.
    void body(std::size_t depth, std::string_view what, const syntax::BodyText& body) {
        static constexpr std::string_view types[] = {"error", "powershell", "command", "sql", "manual", "wait"};
        std::string text = std::string(what) + " " + std::string(types[static_cast<std::size_t>(body.type)]);
        for (const syntax::Template& argument : body.arguments) text += " " + expressions_.text(argument);
        if (!body.script.span.is_nowhere()) text += " " + out_.quoted(body.script.span);
        if (body.instructions) text += " " + expressions_.text(*body.instructions);
        if (body.until) text += " until " + expressions_.text(*body.until);
        if (body.at) text += " at " + expressions_.text(*body.at);
        out_.line(depth, text);
    }
    // Also those within them, each level two deeper.
    void steps(std::size_t depth, std::string_view what, const std::vector<syntax::Step>& all) {
        static constexpr std::string_view types[] = {"error", "call", "sequence", "parallel", "approval"};
        out_.line(depth, what);
        for (const syntax::Step& one : all) {
            std::string text = std::string(types[static_cast<std::size_t>(one.type)]) + " " + out_.position(one.span);
            if (one.id) text += " id " + one.id->value;
            if (one.call) text += " do " + one.call->value;
            if (one.on) text += " on " + expressions_.text(*one.on);
            for (const syntax::Text& name : one.after) text += " after " + name.value;
            if (one.for_each)
                text += " for " + one.for_each->variable.value + " in " + expressions_.text(one.for_each->list);
            if (one.at_most) text += " at most " + expressions_.text(one.at_most->number);
            if (one.at_most && one.at_most->per) text += " per " + expressions_.text(*one.at_most->per);
            if (one.when) text += " when " + expressions_.text(*one.when);
            if (one.approve) text += " approve " + expressions_.text(one.approve->text);
            if (one.on_failure) text += " on failure " + one.on_failure->value;
            out_.line(depth + 1, text);
            named(depth + 2, "with", one.with);
            if (!one.steps.empty()) steps(depth + 2, "steps", one.steps);
            if (one.recover) steps(depth + 2, "recover", *one.recover);
        }
    }

    StagePrinter& out_;
    Expressions expressions_;
};

}  // namespace

// A piece knows nothing of its neighbours, so the key of a value is kept from the pieces before it.
std::string pieces_text(const Compilation& c) {
    StagePrinter out(c);
    for_each_document(c, out, [&](base::FileId file) {
        const Tree tree = tree_of(c, file);
        std::string_view key;  // the scalar before a `:`
        std::string_view last;
        for (const syntax::Piece& piece : syntax::pieces(c.sources->text(file), tree)) {
            const base::Span span{file, piece.begin, piece.end};
            const std::string_view text = c.sources->text(span);
            const bool is_hidden = piece.type == syntax::Piece::Type::scalar && may_be_secret(key, text);
            out.line(1, out.position(span) + " " + std::string(name_of(piece.type)) + " " +
                            (is_hidden ? "`***`" : out.quoted(span)));
            if (piece.type == syntax::Piece::Type::scalar) last = tree.text(piece.node), key = {};
            if (piece.type == syntax::Piece::Type::sign && text == ":") key = last;
        }
    });
    return out.take();
}

// With the parts of a text that no tree could be made of.
std::string tree_text(const Compilation& c) {
    StagePrinter out(c);
    for_each_document(c, out, [&](base::FileId file) {
        const Tree tree = tree_of(c, file);
        if (!tree.nodes.empty()) TreePrinter(tree, out).print(tree.root(), 1, "", "");
        for (const Tree::Lost& lost : tree.lost) out.line(1, "unread " + out.position({file, lost.begin, lost.end}));
    });
    return out.take();
}

// A text of which no document could be made has its path only.
std::string documents_text(const Compilation& c) {
    StagePrinter out(c);
    for_each_document(c, out, [&](base::FileId file) {
        const auto parsed = syntax::parse_document(*c.sources, file);
        DocumentPrinter printer(out);
        if (parsed->document) std::visit([&](const auto& document) { printer.print(document); }, *parsed->document);
    });
    return out.take();
}

}  // namespace pvsplan::compiler

#include "compiler/program/codec_definitions.hpp"

#include "compiler/program/member_reader.hpp"
#include "compiler/program/member_writer.hpp"

namespace pvsplan::program {
namespace {

// Members stand in the order of the fields, which is part of the format: DefinitionReader reads them in the same one.
class DefinitionWriter : ExpressionWriter {
  public:
    using ExpressionWriter::ExpressionWriter;

    // States come behind attributes; which is which a value cannot say itself.
    void kind(const Kind& kind) {
        out_ += '{';
        string("name", kind.name);
        string("plural", kind.plural);
        attributes("attributes", kind.attributes);
        attributes("state", kind.state);
        body("observe", kind.observe);
        place_if(kind.source);
        out_ += '}';
    }

    // What has its default is left out; parameters, events and states are there also where they are none.
    void action(const Action& action) {
        out_ += '{';
        string("name", action.name);
        string_if("summary", action.summary);
        string_if("on", action.on_kind);
        each("parameters", action.parameters, [&](const Action::Parameter& parameter) {
            out_ += '{';
            string("name", parameter.name);
            type("type", parameter.type);
            out_ += '}';
        });
        expression_if("requires", action.precondition);
        effects(action);
        body("run", action.run);
        expression_if("at", action.at);
        if (action.exit_codes != std::vector<std::int64_t>{0})
            each("exit_codes", action.exit_codes, [&](std::int64_t code) { out_ += std::to_string(code); });
        outputs(action);
        flag_if("repeatable", action.repeatable);
        duration_if("takes", action.takes_ms);
        place_if(action.source);
        out_ += '}';
    }

  private:
    void type(std::string_view member, const Type& type) {
        name(member);
        write_type(out_, type);
    }

    // A default is written by the type of its attribute.
    void attributes(std::string_view member, const std::vector<Attribute>& all) {
        each(member, all, [&](const Attribute& attribute) {
            out_ += '{';
            string("name", attribute.name);
            type("type", attribute.type);
            if (attribute.default_value) {
                name("default");
                write_value(out_, *attribute.default_value, &attribute.type, names_);
            }
            out_ += '}';
        });
    }

    // The member that is there says which body it is, so that none carries fields of another. `every` and `at_most`
    // belong to a `wait` alone.
    void body(std::string_view member, const Body& body) {
        if (body.type == Body::Type::none) return;
        name(member);
        out_ += '{';
        switch (body.type) {
            case Body::Type::none: break;
            case Body::Type::powershell: string("powershell", body.text); break;
            case Body::Type::sql: string("sql", body.text); break;
            case Body::Type::command:
            case Body::Type::manual:
                each(body.type == Body::Type::command ? "command" : "manual", body.arguments,
                     [&](const ExprPtr& arg) { write_expr(out_, *arg, nullptr, names_); });
                break;
            case Body::Type::wait:
                expression_if("wait", body.until);
                duration_if("every", body.every_ms);
                duration_if("at_most", body.at_most_ms);
                break;
        }
        out_ += '}';
    }

    // Events and settings always have a member each, also where there are none.
    void effects(const Action& action) {
        each("does", action.does, [&](const Action::DoneTo& done) {
            out_ += '{';
            string("event", done.verb);
            expression_if("object", done.object);
            out_ += '}';
        });
        each("sets", action.sets, [&](const Action::Sets& set) {
            out_ += '{';
            expression_if("object", set.object);
            string("attribute", set.attribute);
            expression_if("value", set.value);
            out_ += '}';
        });
    }

    // Types first, so that a reader knows of each output what it is before it meets the expression.
    void outputs(const Action& action) {
        if (!action.output_types.empty()) {
            name("output_types");
            out_ += '{';
            for (const auto& [output, output_type] : action.output_types) type(output, output_type);
            out_ += '}';
        }
        if (action.outputs.empty()) return;
        name("outputs");
        out_ += '{';
        for (const auto& [output, expr] : action.outputs) expression_if(output, expr);
        out_ += '}';
    }
};

// The mirror of the writer, member by member: whoever changes the one changes the other, and a test goes through both.
class DefinitionReader : ExpressionReader {
  public:
    using ExpressionReader::ExpressionReader;

    Kind kind() {
        Kind kind;
        in_.open_object();
        string("name", kind.name);
        string("plural", kind.plural);
        attributes("attributes", kind.attributes);
        attributes("state", kind.state);
        body("observe", kind.observe);
        place_if(kind.source);
        in_.close_object();
        return kind;
    }

    Action action() {
        Action action;
        in_.open_object();
        string("name", action.name);
        string_if("summary", action.summary);
        string_if("on", action.on_kind);
        each("parameters", [&] {
            Action::Parameter& parameter = action.parameters.emplace_back();
            in_.open_object();
            string("name", parameter.name);
            in_.field("type");
            parameter.type = read_type(in_);
            in_.close_object();
        });
        expression_if("requires", action.precondition);
        effects(action);
        body("run", action.run);
        expression_if("at", action.at);
        if (in_.maybe("exit_codes")) {
            action.exit_codes.clear();
            elements([&] { action.exit_codes.push_back(in_.integer()); });
        }
        if (in_.maybe("output_types"))
            members([&](const std::string& name) { action.output_types[name] = read_type(in_); });
        if (in_.maybe("outputs")) members([&](const std::string& name) { action.outputs[name] = expression(); });
        flag_if("repeatable", action.repeatable);
        duration_if("takes", action.takes_ms);
        place_if(action.source);
        in_.close_object();
        return action;
    }

  private:
    void attributes(std::string_view member, std::vector<Attribute>& into) {
        each(member, [&] {
            Attribute attribute;
            in_.open_object();
            string("name", attribute.name);
            in_.field("type");
            attribute.type = read_type(in_);
            if (in_.maybe("default")) attribute.default_value = read_value(in_, &attribute.type, objects_);
            in_.close_object();
            into.push_back(std::move(attribute));
        });
    }

    // The one member that is there says which body it is; what is none of the first four has to be a `wait`.
    void body(std::string_view member, Body& body) {
        if (!in_.maybe(member)) return;
        in_.open_object();
        if (in_.maybe("powershell")) {
            body.type = Body::Type::powershell;
            body.text = in_.string();
        } else if (in_.maybe("sql")) {
            body.type = Body::Type::sql;
            body.text = in_.string();
        } else if (in_.maybe("command")) {
            arguments(body, Body::Type::command);
        } else if (in_.maybe("manual")) {
            arguments(body, Body::Type::manual);
        } else {
            in_.field("wait");
            body.type = Body::Type::wait;
            body.until = expression();
            duration_if("every", body.every_ms);
            duration_if("at_most", body.at_most_ms);
        }
        in_.close_object();
    }
    // A `manual` has its one text as an argument, since it may have values in it.
    void arguments(Body& body, Body::Type type) {
        body.type = type;
        elements([&] { body.arguments.push_back(expression()); });
    }

    // Both members have to be there.
    void effects(Action& action) {
        each("does", [&] {
            Action::DoneTo done;
            in_.open_object();
            string("event", done.verb);
            expression("object", done.object);
            in_.close_object();
            action.does.push_back(std::move(done));
        });
        each("sets", [&] {
            Action::Sets set;
            in_.open_object();
            expression("object", set.object);
            string("attribute", set.attribute);
            expression("value", set.value);
            in_.close_object();
            action.sets.push_back(std::move(set));
        });
    }
};

}  // namespace

void write_kind(std::string& out, const Kind& kind, const ObjectNames& names) {
    DefinitionWriter(out, names).kind(kind);
}
void write_action(std::string& out, const Action& action, const ObjectNames& names) {
    DefinitionWriter(out, names).action(action);
}

Kind read_kind(JsonReader& in, const ObjectsById& objects) { return DefinitionReader(in, objects).kind(); }
Action read_action(JsonReader& in, const ObjectsById& objects) { return DefinitionReader(in, objects).action(); }

}  // namespace pvsplan::program

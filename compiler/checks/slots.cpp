#include "compiler/checks/slots.hpp"

#include <set>

#include "compiler/checks/frame_env.hpp"

namespace pvsplan::checks {

using graph::Facts;

std::vector<graph::Slot> slots_read(const Facts& facts, const graph::RequireFact& fact) {
    std::set<graph::Slot> slots;
    FrameEnv env(facts, fact.node);
    env.state_of = [&](graph::Slot slot) {
        slots.insert(slot);
        return program::Value::unknown(0xf0000000U);
    };
    program::for_each_part(*fact.condition, [&](const program::Expr& part) {
        if (part.op == program::Expr::Op::state) (void)program::evaluate(part, env);
    });
    return {slots.begin(), slots.end()};
}

std::string slot_text(const Facts& facts, graph::Slot slot) {
    return facts.object_name(facts.slot_object[slot]) + "." + facts.state_names[facts.slot_attribute[slot]];
}

}  // namespace pvsplan::checks

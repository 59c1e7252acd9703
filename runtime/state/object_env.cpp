#include "runtime/state/object_env.hpp"

namespace pvsplan::state {

using program::Value;

Value ObjectEnv::local(std::uint32_t number) const { return number == 0 ? Value::object(on_) : not_known(); }

Value ObjectEnv::attribute(program::ObjectId object, const std::string& name) const {
    const auto& it = plan_->objects.at(object.index());
    if (name == "name") return Value::string(it.name);
    const auto found = it.attributes.find(name);
    return found == it.attributes.end() ? Value::none() : found->second;
}

}  // namespace pvsplan::state

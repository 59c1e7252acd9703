#include "compiler/program/simulated.hpp"

#include <algorithm>

#include "compiler/base/lists.hpp"

namespace pvsplan::program {

// What says nothing is simulated, never taken for a host.
bool is_simulated(const Object& object) {
    const auto over = object.connect.find("over");
    if (over == object.connect.end()) return true;
    const auto* name = over->second.as_enumerator() ? over->second.as_enumerator() : over->second.as_string();
    return name == nullptr || *name == "simulated";
}

Simulated simulated_part(const Plan& plan) {
    const auto count = std::count_if(plan.objects.begin(), plan.objects.end(), is_simulated);
    if (static_cast<std::size_t>(count) == plan.objects.size()) return Simulated::all;
    return count == 0 ? Simulated::nothing : Simulated::some;
}

// For people: what is simulated must not be taken for done.
std::string simulated_text(const Plan& plan) {
    const Simulated part = simulated_part(plan);
    if (part == Simulated::nothing) return "";
    if (part == Simulated::all) return "simulated: nothing is done to a real host";
    static constexpr std::size_t max_named = 3;
    std::vector<const Object*> simulated;
    for (const Object& object : plan.objects)
        if (is_simulated(object)) simulated.push_back(&object);
    return "partly simulated: nothing is really done to " + base::some_of(simulated, max_named, &Object::id) + " (" +
           std::to_string(simulated.size()) + " of " + std::to_string(plan.objects.size()) + " objects)";
}

// Words of the formats that programs read.
std::string simulated_word(const Plan& plan) {
    switch (simulated_part(plan)) {
        case Simulated::nothing: return "nothing";
        case Simulated::some: return "some";
        case Simulated::all: return "all";
    }
    return "";
}

}  // namespace pvsplan::program

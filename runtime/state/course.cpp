#include "runtime/state/course.hpp"

#include "compiler/base/check.hpp"

namespace pvsplan::state {

using program::NodeId;

namespace {

const std::vector<program::Instance> no_instances;

void index_edges(Course& course) {
    const std::size_t n = course.size();
    course.first_out.assign(n + 1, 0);
    course.first_in.assign(n + 1, 0);
    course.in_count.assign(n, 0);
    for (const auto& edge : course.graph->edges) {
        base::check(edge.from.index() < n && edge.to.index() < n, "an edge of a plan leads nowhere");
        ++course.first_out[edge.from.index() + 1];
        ++course.first_in[edge.to.index() + 1];
        ++course.in_count[edge.to.index()];
    }
    for (std::size_t i = 0; i < n; ++i) {
        course.first_out[i + 1] += course.first_out[i];
        course.first_in[i + 1] += course.first_in[i];
    }
    course.out.resize(course.graph->edges.size());
    course.in.resize(course.graph->edges.size());
    auto next_out = course.first_out;
    auto next_in = course.first_in;
    for (const auto& edge : course.graph->edges) {
        course.out[next_out[edge.from.index()]++] = edge.to;
        course.in[next_in[edge.to.index()]++] = edge.from;
    }
}

void index_names(Course& course) {
    course.by_path.reserve(course.size());
    course.of_instance.resize(course.instances->size());
    course.instance_children.resize(course.instances->size());
    for (std::size_t i = 0; i < course.size(); ++i) {
        const auto& node = course.graph->nodes[i];
        course.by_path.emplace(node.id, NodeId(i));
        if (node.instance) course.of_instance.at(node.instance.index()).push_back(NodeId(i));
    }
    for (std::size_t i = 0; i < course.guards->size(); ++i)
        course.guard_by_step.emplace((*course.guards)[i].step, program::GuardId(i));
    for (std::size_t i = 0; i < course.instances->size(); ++i)
        course.iteration_by_path.emplace((*course.instances)[i].path, program::InstanceId(i));
    for (std::size_t i = 0; i < course.instances->size(); ++i)
        if (const auto parent = (*course.instances)[i].parent)
            course.instance_children.at(parent.index()).push_back(program::InstanceId(i));
}

Course indexed(Course course) {
    index_edges(course);
    index_names(course);
    return course;
}

}  // namespace

const program::Action* Course::action(const program::Node& node) const {
    const auto found = plan->actions.find(node.action);
    return found == plan->actions.end() ? nullptr : &found->second;
}

Course course_of(const program::Plan& plan) {
    return indexed({.plan = &plan, .graph = &plan.graph, .guards = &plan.guards, .instances = &plan.instances});
}

Course course_of(const program::Plan& plan, const program::Graph& graph, const std::vector<program::Guard>& guards) {
    return indexed({.plan = &plan, .graph = &graph, .guards = &guards, .instances = &no_instances});
}

}  // namespace pvsplan::state

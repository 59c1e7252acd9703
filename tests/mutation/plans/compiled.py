"""What of a compiled plan decides what is proved and what is run, so that two plans can be compared.

Left out: where things stand in the source, digests, the reasons of edges, and edges that say what others say already.
"""
import json

# Where something comes from and what it is called for people, not what it does.
ORIGINS = ("source", "digest", "inputs", "summary", "because")
COMPARED_AS_IS = ("farm", "parameters", "kinds", "objects", "on_failure", "approvers", "notify")


def without_origins(part):
    if isinstance(part, dict):
        return {key: without_origins(value) for key, value in part.items() if key not in ORIGINS}
    if isinstance(part, list):
        return [without_origins(value) for value in part]
    return part


def order_of(nodes, edges):
    """The pairs of nodes of which one comes before the other, on whatever way. Joins do nothing but order."""
    after = {node["id"]: set() for node in nodes}
    for edge in edges:
        after[edge["from"]].add(edge["to"])
    real = {node["id"] for node in nodes if node["type"] != "join"}
    pairs = set()
    for start in real:
        open_, seen = [start], set()
        while open_:
            for node in after[open_.pop()] - seen:
                seen.add(node)
                open_.append(node)
        pairs |= {(start, end) for end in seen & real}
    return sorted(pairs)


def guard_of(guards, number):
    guard = guards[number]
    return dict(guard, parent=guard_of(guards, guard["parent"])) if isinstance(guard.get("parent"), int) else guard


def iteration_of(iterations, number):
    iteration = iterations[number]
    around = iteration.get("parent")
    return dict(iteration, parent=iteration_of(iterations, around)) if isinstance(around, int) else iteration


def rollback_of(part):
    """In a rollback program every failure halts, whatever the steps say (runtime/state/rollback_program.cpp)."""
    graph = graph_of(part)
    for node in graph["nodes"].values():
        node.pop("on_failure", None)
        node.pop("instance", None)
    return graph


def graph_of(part):
    """Its nodes by name, each with its guard and its iteration in the place of their numbers, and their order."""
    nodes = {node["id"]: dict(node) for node in part["nodes"] if node["type"] != "join"}
    for node in nodes.values():
        if isinstance(node["guard"], int):
            node["guard"] = guard_of(part["guards"], node["guard"])
        if isinstance(node.get("instance"), int):
            node["instance"] = iteration_of(part["instances"], node["instance"])
        if "nodes" in (node.get("undo") or {}):
            node["undo"] = rollback_of(node["undo"])
    return {"nodes": nodes, "order": order_of(part["nodes"], part["edges"])}


def actions_in(part):
    if isinstance(part, dict):
        own = {part["action"]} if isinstance(part.get("action"), str) else set()
        return own.union(*map(actions_in, part.values()))
    return set().union(*map(actions_in, part)) if isinstance(part, list) else set()


def essence(text):
    plan = without_origins(json.loads(text))
    graph = graph_of(plan)
    recoveries = []
    for recovery in plan.get("recoveries", []):
        covers = sorted(name for name in recovery["covers"] if name in graph["nodes"])
        recoveries.append([recovery["group"], covers, rollback_of(recovery)])
        # The runtime undoes what a `recover` covers by that alone (runtime/state/rollback_program.cpp).
        for name in covers:
            graph["nodes"][name].pop("undo", None)
    used = actions_in([graph, recoveries])
    actions = [action for action in plan["actions"] if action["name"] in used]
    return [graph, recoveries, actions, {key: plan.get(key) for key in COMPARED_AS_IS}]

// The pages: what a store knows of runs, for people's eyes.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "runtime/engine/run.hpp"
#include "runtime/serve/admission.hpp"
#include "runtime/serve/http.hpp"
#include "runtime/serve/resumer.hpp"

namespace pvsplan::serve {

// What the pages may ask for. Every function may be called by several threads at once.
struct Site {
    std::string store;  // as it may be shown
    Admission admission;
    // Each request reads a store of its own.
    std::function<base::Result<std::unique_ptr<const ports::Store>>()> open_store;
    // A command as it is typed wherever one stands: with the store.
    std::function<std::string(const std::string& command)> typed;
    // A run as a picture, in HTML.
    std::function<base::Result<std::string>(const ports::Runs& runs, const engine::RunStatus& status)> lanes;
    // Whether what is left of a run holds what it promises: what a page says to type is tried by it.
    engine::ProveAgain prove;
    // That person approves the step; null: nobody can.
    std::function<engine::Ended(const std::string& person, const std::string& run, const std::string& step,
                                const std::string& because)>
        approve;
    // What is to be said of runs that this server takes up; null: it takes up none.
    std::function<std::vector<TakenUp>()> taken_up;
};

// The answer to any request, with what browsers are told besides. Several threads call it at once. Never throws for
// what was sent. Nothing is changed but by `approve`.
Response answer(const Site& site, const Request& request);

}  // namespace pvsplan::serve

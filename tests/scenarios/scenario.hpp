// Runs a scenario: a text file of events in and events out, that a planner can review.
//
//   # Comments and blank lines are skipped.
//   at 2026-03-02T08:00:00Z                     moves the business clock (the first one sets it)
//   let chr = {characteristic_id: "chr_x"}      names a piece of text; $chr stands for it from then on
//   hear OrderPlaced {order_id: "ord_1" ...}    an event, in protobuf text form
//   again                                       the same event under the same id: a duplicate
//   call RecordMeasurements {...}               a command, by the last part of its name
//   answer {...}                                the answer of the last call has these values
//   fail FAILED_PRECONDITION SOME_REASON        the last call was refused so
//   say HoldPlaced {hold_id: "$hold" ...}       published since the last hear, call or at; the values given must match;
//                                               a string "$name" not bound yet is bound to what stands there
//   waits 1                                     so many events wait for a precondition
//
// Everything that was published must be expected, in order. A piece in braces may run over several lines.
#pragma once

#include <string>
#include <vector>

#include "loomline/eventing/service.hpp"

namespace loomline::scenarios {

// Empty where everything came as written; otherwise what differs, each with its line.
std::vector<std::string> run(const std::string& path, eventing::Service service);

// The *.scenario files of a folder beside this file ("quality"), by name.
std::vector<std::string> files(const std::string& folder);

}  // namespace loomline::scenarios

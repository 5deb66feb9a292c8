// What a task and a key are called where people read of them: types and identities, no content.
#pragma once

#include <string>

#include "src/work/attempt.hpp"

namespace loomline::eventing {

// The type of what is handled, and where it came from.
std::string describe(const Task& task);
std::string describe(const KeyId& id);
// A command's method, an event's or a timer's type; empty for what was set aside.
std::string type_of(const Task& task);
// The event's id; empty for a command.
std::string event_of(const Task& task);
// What an event or a timer brings; none for a command.
const Offer* offer_of(const Task& task);

}  // namespace loomline::eventing

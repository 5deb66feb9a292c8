// What must be known before an order can be quoted.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "loomline/intake/state/v1/state.pb.h"

namespace loomline::intake::domain {

inline constexpr std::string_view question_wish = "wish", question_quantity = "quantity", question_ship_to = "ship_to";

// A wish that a person took from a mail or a call leaves out what was not said; a form leaves out what is 1.
bool quantity_is_asked(v1::Channel channel);

// The party that it is sent to; null where nobody was named. Never guessed from who pays.
const common::v1::Party* ship_to(const state::v1::OrderRecord& order);

// All open questions: first what Loomline finds missing by itself, then what staff asked.
std::vector<v1::Question> open_questions(const state::v1::OrderRecord& order);

// True for the ids that Loomline keeps for itself.
bool is_automatic(std::string_view question_id);

}  // namespace loomline::intake::domain

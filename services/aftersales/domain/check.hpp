// What is wrong with a request as it stands: every field that is wrong, with path, problem and remedy.
#pragma once

#include "loomline/aftersales/v1/aftersales.pb.h"
#include "loomline/base/status.hpp"

namespace loomline::aftersales::domain {

inline constexpr std::size_t most_text_characters = 10'000;

Status check(const v1::OpenTicketRequest& request);
Status check(const v1::UpdateTicketRequest& request);
Status check(const v1::ListTicketsRequest& request);
Status check(const v1::AnswerSurveyRequest& request);

}  // namespace loomline::aftersales::domain

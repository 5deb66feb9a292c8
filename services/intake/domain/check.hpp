// What is wrong with a request as it stands, before anything is done: every field that is wrong, with path, problem and
// remedy. `now` is business time.
#pragma once

#include "loomline/base/status.hpp"
#include "loomline/base/time.hpp"
#include "loomline/intake/v1/access.pb.h"
#include "loomline/intake/v1/intake.pb.h"

namespace loomline::intake::domain {

inline constexpr std::size_t most_text_characters = 10'000;
inline constexpr int most_wishes = 20, most_choices = 500, most_parties = 12, most_refs = 20, most_questions = 20;
inline constexpr std::int64_t most_pieces = 10'000;

Status check(const v1::CaptureRequirementRequest& request, Time now);
Status check(const v1::AskConfirmationRequest& request);
Status check(const v1::AnswerConfirmationRequest& request);
Status check(const v1::QuoteRequest& request);
Status check(const v1::PlaceOrderRequest& request);
Status check(const v1::CancelOrderRequest& request);
Status check(const v1::StoreTextRequest& request);
Status check(const v1::CreateTokenRequest& request);

}  // namespace loomline::intake::domain

// What a product says about a wish.
#pragma once

#include "loomline/configuration/v1/configuration.pb.h"
#include "product.hpp"

namespace loomline::configuration::domain {

// `version` is the published version that `product` was compiled from. A wish with features that the model does not
// have is ANSWER_NEEDS_ENGINEERING.
Result<v1::ValidateResponse> validate(const Product& product, const v1::ModelVersion& version,
                                      const v1::ValidateRequest& request);

// Every feature decided, the customer's choices first.
Result<v1::CompleteResponse> complete(const Product& product, const v1::CompleteRequest& request);

}  // namespace loomline::configuration::domain

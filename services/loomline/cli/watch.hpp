// Following an order while it happens.
#pragma once

#include <string>

#include "context.hpp"
#include "loomline/production/v1/spec.pb.h"

namespace loomline::cli {

struct WatchOptions {
  std::string order_id;
  std::uint64_t after_revision = 0;
  // Stop once the headline milestone is reached; UNSPECIFIED: when the order ends.
  production::v1::Milestone until = production::v1::MILESTONE_UNSPECIFIED;
};

// 0: the milestone or a good end was reached; 1: the order was refused or cancelled.
int watch(const Context& context, const WatchOptions& options);

}  // namespace loomline::cli

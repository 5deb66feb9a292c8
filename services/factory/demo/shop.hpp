// The customers' side, as a portal sees it: wishes, quotes, orders, cancellations, surveys, tickets.
#pragma once

#include <loomline/configuration/v1/configuration.pb.h>
#include <loomline/intake/v1/intake.pb.h>

#include <string>
#include <vector>

#include "loomline/base/status.hpp"
#include "loomline/factory/draws.hpp"
#include "loomline/factory/edge_client.hpp"
#include "story.hpp"

namespace loomline::demo {

struct Placed {
  std::string order_id;
  bool refused = false;
  // What stands against it, where refused: the conflict's explanation; empty: none was named.
  std::string conflict;
  std::string tracking_path;
};

class Shop {
 public:
  // `run` tells the runs of one installation apart: it is part of every idempotency key.
  Shop(factory::EdgeClient& portal, const factory::Draws& draws, std::string run)
      : portal_(&portal), draws_(draws), run_(std::move(run)) {}

  // A wish that can be built: some choices of a seeded complete configuration.
  Result<intake::v1::Wish> valid_wish(const PlannedOrder& order, const std::string& model_id);
  // One that cannot: an irreducible conflict that the model itself names, among other choices.
  Result<intake::v1::Wish> invalid_wish(const PlannedOrder& order, const std::string& model_id);
  // Captures, answers what is asked back, quotes, and orders where it can be built.
  Result<Placed> order(const PlannedOrder& order, const intake::v1::Wish& wish);
  Status cancel(const PlannedOrder& order, const std::string& order_id);
  // FAILED_PRECONDITION where it was answered already.
  Status answer_survey(const PlannedOrder& order, const std::string& order_id);
  Status open_ticket(const PlannedOrder& order, const std::string& order_id);

 private:
  using Choices = google::protobuf::RepeatedPtrField<configuration::v1::Choice>;
  Result<Choices> complete(const std::string& model_id, std::uint64_t seed);
  Result<std::string> capture(const PlannedOrder& order, const intake::v1::Wish& wish);
  std::string key(const PlannedOrder& order, const char* what) const { return run_ + "-" + order.label + "-" + what; }

  factory::EdgeClient* portal_;
  factory::Draws draws_;
  std::string run_;
};

}  // namespace loomline::demo

// Hears UnitPainted, as services/quality/domain/events.cpp would.
#include "loomline/quality/v1/quality.pb.h"
#include "paint_shop.hpp"
#include "unit_painted.pb.h"

namespace loomline::guide {
namespace {

using eventing::Step;
using eventing::Verdict;

Verdict on_unit_painted(GlossCheck& painted, const v1::UnitPainted& event, Step& step) {
  painted.set_value(painted.value() + 1);
  quality::v1::InspectionRequested asked;
  asked.set_order_id(event.order_id());
  asked.mutable_inspection()->set_unit_id(event.unit_id());
  asked.mutable_inspection()->set_op_id("op_gloss");
  *asked.mutable_occurred_at() = event.occurred_at();
  step.publish(asked);
  return Verdict::applied();
}

}  // namespace

void hear_as_gloss_check(eventing::Aggregate<GlossCheck>& orders) { orders.on<v1::UnitPainted>(on_unit_painted); }

}  // namespace loomline::guide

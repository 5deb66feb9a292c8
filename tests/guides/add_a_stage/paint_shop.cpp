// Says UnitPainted, as a file of services/scheduling/domain would.
#include "paint_shop.hpp"

#include "loomline/quality/v1/quality.pb.h"
#include "unit_painted.pb.h"

namespace loomline::guide {
namespace {

using eventing::Step;
using eventing::Verdict;

Verdict on_inspection_passed(PaintShop&, const quality::v1::InspectionPassed& event, Step& step) {
  const auto& inspection = event.inspection();
  if (inspection.op_id() != "op_paint") return Verdict::ignored();
  v1::UnitPainted painted;
  painted.set_order_id(event.order_id());
  painted.set_line_id(inspection.line_id());
  painted.set_unit_id(inspection.unit_id());
  painted.set_colour("RAL 5010");
  *painted.mutable_occurred_at() = event.occurred_at();
  step.publish(painted);
  return Verdict::applied();
}

}  // namespace

void hear_as_paint_shop(eventing::Aggregate<PaintShop>& orders) {
  orders.on<quality::v1::InspectionPassed>(on_inspection_passed);
}

}  // namespace loomline::guide

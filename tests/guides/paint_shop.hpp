// The two services of the guide's sample: what was there before the event came. Nothing here changes for it.
#pragma once

#include <google/protobuf/wrappers.pb.h>

#include "loomline/eventing/service.hpp"

namespace loomline::guide {

// States small enough to need no contract of their own.
using PaintShop = google::protobuf::Int64Value;
using GlossCheck = google::protobuf::Int64Value;

void hear_as_paint_shop(eventing::Aggregate<PaintShop>& orders);
void hear_as_gloss_check(eventing::Aggregate<GlossCheck>& orders);

}  // namespace loomline::guide

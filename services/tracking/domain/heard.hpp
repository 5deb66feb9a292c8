// Every event that tracking hears, registered. Not for others.
#pragma once

#include "domain/journey.hpp"
#include "loomline/eventing/service.hpp"

namespace loomline::tracking {

void hear_everything(eventing::Aggregate<domain::State>& journeys);

}  // namespace loomline::tracking

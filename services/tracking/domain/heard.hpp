// Every event that tracking hears, registered.
#pragma once

#include "domain/journey.hpp"
#include "loomline/eventing/service.hpp"

namespace loomline::tracking::domain {

void hear_everything(eventing::Aggregate<State>& journeys);

}  // namespace loomline::tracking::domain

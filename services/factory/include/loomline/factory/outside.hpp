// The rest of the simulated world: the measuring rig, the carrier, the customer. Pure functions of seed and name.
#pragma once

#include <loomline/aftersales/v1/aftersales.pb.h>
#include <loomline/production/v1/spec.pb.h>
#include <loomline/quality/v1/quality.pb.h>
#include <loomline/scheduling/v1/plant.pb.h>

#include <string_view>
#include <vector>

#include "loomline/base/time.hpp"
#include "loomline/factory/contracts.hpp"
#include "loomline/factory/draws.hpp"

namespace loomline::factory {

struct RigOptions {
  // Share of first inspections that fail, and of second ones; a third never does, since staff would have to decide.
  unsigned failures_permille = 50;
  unsigned repeated_failures_permille = 100;
  // Labels of units whose first inspection fails in any case.
  std::vector<std::string> failing_units;
};

struct Measured {
  std::vector<quality::Measurement> values;
  bool fails = false;
};

// All that an inspection asks for. `unit_label` names the unit (Labels::unit). Values scatter about the nominal as a
// process with Cp 1.33 does; one that is to fail has its first characteristic just outside a limit. A characteristic
// without limits cannot fail.
Measured measure(const quality::Inspection& inspection, std::string_view unit_label, const RigOptions& options,
                 const Draws& draws);

// How long this shipment travels: log-normal with the leg's typical hours as its median and its 95th percentile.
Duration transit(const scheduling::TransportLeg& leg, std::string_view label, const Draws& draws);
// The leg to a country, or the one for everywhere else; without any: two days.
scheduling::TransportLeg leg_to(const scheduling::Plant& plant, std::string_view country);

// What the customer of this order says.
aftersales::AnswerSurveyRequest answer_survey(std::string_view order_id, std::string_view label, const Draws& draws);

}  // namespace loomline::factory

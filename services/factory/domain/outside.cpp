#include "loomline/factory/outside.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>

namespace loomline::factory {

namespace {

using production::Characteristic;

// Distance from the nominal to the nearer limit; a characteristic without limits scatters by a hundredth of its
// nominal.
double half_range(const Characteristic& characteristic) {
  const auto nominal = static_cast<double>(characteristic.nominal().value());
  double range = std::max(std::abs(nominal) / 100, 1.0);
  if (characteristic.has_lower_limit() && characteristic.has_upper_limit())
    range = std::min(nominal - static_cast<double>(characteristic.lower_limit()),
                     static_cast<double>(characteristic.upper_limit()) - nominal);
  else if (characteristic.has_lower_limit())
    range = nominal - static_cast<double>(characteristic.lower_limit());
  else if (characteristic.has_upper_limit())
    range = static_cast<double>(characteristic.upper_limit()) - nominal;
  return std::max(range, 0.0);
}

bool has_limit(const Characteristic& characteristic) {
  return characteristic.has_lower_limit() || characteristic.has_upper_limit();
}

std::int64_t within(const Characteristic& characteristic, double normal) {
  auto value = static_cast<std::int64_t>(
      std::llround(static_cast<double>(characteristic.nominal().value()) + half_range(characteristic) / 4 * normal));
  if (characteristic.has_lower_limit()) value = std::max(value, characteristic.lower_limit());
  if (characteristic.has_upper_limit()) value = std::min(value, characteristic.upper_limit());
  return value;
}

std::int64_t outside(const Characteristic& characteristic) {
  const auto excess = static_cast<std::int64_t>(std::ceil(half_range(characteristic) / 10)) + 1;
  return characteristic.has_upper_limit() ? characteristic.upper_limit() + excess
                                          : characteristic.lower_limit() - excess;
}

bool is_to_fail(std::uint32_t attempt, std::string_view unit_label, const std::string& name, const RigOptions& options,
                const Draws& draws) {
  if (attempt == 2) return draws.chance(name, options.repeated_failures_permille);
  if (attempt > 2) return false;
  const auto& chosen = options.failing_units;
  return std::find(chosen.begin(), chosen.end(), unit_label) != chosen.end() ||
         draws.chance(name, options.failures_permille);
}

}  // namespace

Measured measure(const quality::Inspection& inspection, std::string_view unit_label, const RigOptions& options,
                 const Draws& draws) {
  const std::string name =
      "inspection/" + std::string(unit_label) + "/" + inspection.op_id() + "/" + std::to_string(inspection.attempt());
  bool fail = is_to_fail(inspection.attempt(), unit_label, name, options, draws);
  Measured out;
  for (const auto& characteristic : inspection.characteristics()) {
    const std::uint32_t samples = std::max(characteristic.sample_size(), 1U);
    for (std::uint32_t sample = 1; sample <= samples; ++sample) {
      const std::string draw = name + "/" + characteristic.characteristic_id() + "/" + std::to_string(sample);
      auto& measurement = out.values.emplace_back();
      measurement.set_characteristic_id(characteristic.characteristic_id());
      measurement.set_sample(sample);
      if (fail && has_limit(characteristic)) {
        measurement.set_value(outside(characteristic));
        fail = false;
        out.fails = true;
      } else {
        measurement.set_value(within(characteristic, draws.normal(draw)));
      }
    }
  }
  return out;
}

Duration transit(const scheduling::TransportLeg& leg, std::string_view label, const Draws& draws) {
  const double typical = std::max(leg.typical_hours(), 1U);
  const double late = std::max<double>(leg.p95_hours(), typical);
  // The 95th percentile of the normal distribution lies 1.645 standard deviations above its mean.
  const double sigma = std::log(late / typical) / 1.645;
  const double hours = typical * std::exp(sigma * draws.normal("transit/" + std::string(label)));
  return std::chrono::minutes(std::llround(hours * 60));
}

scheduling::TransportLeg leg_to(const scheduling::Plant& plant, std::string_view country) {
  scheduling::TransportLeg out;
  out.set_typical_hours(48);
  out.set_p95_hours(72);
  for (const auto& leg : plant.transport())
    if (leg.country().empty()) out = leg;
  for (const auto& leg : plant.transport())
    if (leg.country() == country) out = leg;
  return out;
}

aftersales::AnswerSurveyRequest answer_survey(std::string_view order_id, std::string_view label, const Draws& draws) {
  const std::string name = "survey/" + std::string(label);
  aftersales::AnswerSurveyRequest out;
  out.set_order_id(std::string(order_id));
  // Most are content: the mean is near 8 of 10 and 4 of 5.
  const auto score = [&](const char* what, double mean, double deviation, int low, int high) {
    const double drawn = mean + deviation * draws.normal(name + what);
    return static_cast<std::uint32_t>(std::clamp(static_cast<int>(std::lround(drawn)), low, high));
  };
  out.set_recommend(score("/recommend", 8.2, 1.6, 0, 10));
  out.set_product(score("/product", 4.3, 0.7, 1, 5));
  out.set_delivery(score("/delivery", 4.1, 0.8, 1, 5));
  out.set_information(score("/information", 4.4, 0.6, 1, 5));
  return out;
}

}  // namespace loomline::factory

#include "domain/commands.hpp"

#include <algorithm>

#include "domain/certificate.hpp"
#include "domain/inspection.hpp"
#include "loomline/quality/lives.hpp"
#include "loomline/wire/check.hpp"
#include "loomline/wire/convert.hpp"

namespace loomline::quality::domain {
namespace {

using production::v1::Characteristic;

std::uint32_t samples(const Characteristic& characteristic) { return std::max(characteristic.sample_size(), 1U); }

const Characteristic* find_characteristic(const v1::Inspection& inspection, std::string_view id) {
  for (const auto& characteristic : inspection.characteristics())
    if (characteristic.characteristic_id() == id) return &characteristic;
  return nullptr;
}

std::string known_characteristics(const v1::Inspection& inspection) {
  std::string list;
  for (const auto& characteristic : inspection.characteristics())
    list += (list.empty() ? "" : ", ") + characteristic.characteristic_id();
  return list;
}

const v1::Measurement* find_measurement(const v1::Inspection& inspection, const v1::Measurement& like) {
  for (const auto& m : inspection.measurements())
    if (m.characteristic_id() == like.characteristic_id() && m.sample() == like.sample()) return &m;
  return nullptr;
}

bool inside(const Characteristic& characteristic, std::int64_t value) {
  return (!characteristic.has_lower_limit() || value >= characteristic.lower_limit()) &&
         (!characteristic.has_upper_limit() || value <= characteristic.upper_limit());
}

// Values are compared as integers, so they must be in the characteristic's own scale and unit.
void check_unit(wire::Checker& check, int i, const v1::Measurement& measured, const Characteristic& characteristic) {
  const auto& nominal = characteristic.nominal();
  if (!measured.unit().empty() && measured.unit() != nominal.unit())
    check.fail(wire::path("measurements", i, "unit"),
               "is " + measured.unit() + ", the control plan has " + nominal.unit(),
               "measure in " + nominal.unit() + ", or leave the unit out");
  if (measured.has_scale() && measured.scale() != nominal.scale())
    check.fail(wire::path("measurements", i, "scale"),
               "is " + std::to_string(measured.scale()) + ", the control plan has " + std::to_string(nominal.scale()),
               "give the value with " + std::to_string(nominal.scale()) + " decimal places, or leave the scale out");
}

void check_measurement(wire::Checker& check, int i, const v1::Measurement& measured, const v1::Inspection& inspection) {
  const auto* characteristic = find_characteristic(inspection, measured.characteristic_id());
  if (!characteristic) {
    check.fail(wire::path("measurements", i, "characteristic_id"), "is not asked for by this inspection",
               "give one of " + known_characteristics(inspection));
    return;
  }
  check.range(wire::path("measurements", i, "sample"), measured.sample(), 1, samples(*characteristic));
  check_unit(check, i, measured, *characteristic);
}

Status check_measurements(const v1::RecordMeasurementsRequest& request, const v1::Inspection& inspection) {
  wire::Checker check;
  check.require(request.measurements_size() > 0, "measurements", "is empty", "give at least one measurement");
  for (int i = 0; i < request.measurements_size(); ++i) {
    check_measurement(check, i, request.measurements(i), inspection);
    for (int j = 0; j < i; ++j)
      check.require(request.measurements(i).characteristic_id() != request.measurements(j).characteristic_id() ||
                        request.measurements(i).sample() != request.measurements(j).sample(),
                    wire::path("measurements", i, "sample"), "stands twice in this request", "give each sample once");
  }
  return check.status();
}

// A recorded value stands; measuring until it fits is not possible.
Status check_unchanged(const v1::RecordMeasurementsRequest& request, const v1::Inspection& inspection) {
  const bool pending = inspection.state() == v1::INSPECTION_STATE_PENDING;
  for (int i = 0; i < request.measurements_size(); ++i) {
    const auto& measured = request.measurements(i);
    const auto* recorded = find_measurement(inspection, measured);
    if (recorded ? recorded->value() == measured.value() : pending) continue;
    return failed_precondition(pending ? "MEASUREMENT_RECORDED" : "INSPECTION_DECIDED",
                               pending ? "This sample was recorded with another value, which stands."
                                       : "The inspection was decided with other measurements.")
        .with({wire::path("measurements", i, "value"), "differs from what is recorded",
               "a new value needs a new attempt: decide the disposition REWORK"});
  }
  return {};
}

void add_new(v1::Inspection& inspection, const v1::RecordMeasurementsRequest& request) {
  for (const auto& measured : request.measurements()) {
    if (find_measurement(inspection, measured)) continue;
    const auto& characteristic = *find_characteristic(inspection, measured.characteristic_id());
    auto& recorded = *inspection.add_measurements();
    recorded.set_characteristic_id(measured.characteristic_id());
    recorded.set_sample(measured.sample());
    recorded.set_value(measured.value());
    recorded.set_within_tolerance(inside(characteristic, measured.value()));
    recorded.set_scale(characteristic.nominal().scale());
    recorded.set_unit(characteristic.nominal().unit());
  }
}

bool complete(const v1::Inspection& inspection) {
  std::size_t asked = 0;
  for (const auto& characteristic : inspection.characteristics()) asked += samples(characteristic);
  return static_cast<std::size_t>(inspection.measurements_size()) >= asked;
}

Status unknown_order(std::string_view order_id) {
  return not_found("ORDER_UNKNOWN", "Quality knows no order " + std::string(order_id) + ": it was not placed.");
}

}  // namespace

Result<v1::RecordMeasurementsResponse> record_measurements(State& state, const v1::RecordMeasurementsRequest& request,
                                                           Step& step) {
  if (!step.existed()) return unknown_order(request.order_id());
  Order order(state, step);
  const auto* inspection = order.inspection(request.inspection_id());
  if (!inspection)
    return not_found("INSPECTION_UNKNOWN", "The order has no inspection " + request.inspection_id() + ".");
  if (auto status = check_measurements(request, *inspection); !status.ok()) return status;
  if (inspection->state() == v1::INSPECTION_STATE_CANCELLED)
    return failed_precondition("INSPECTION_CANCELLED",
                               "The inspection was cancelled with its order or its unit; nothing is to be measured.");
  if (auto status = check_unchanged(request, *inspection); !status.ok()) return status;
  if (inspection->state() == v1::INSPECTION_STATE_PENDING) {
    auto& measured = order.edit(*inspection);
    add_new(measured, request);
    if (complete(measured)) {
      const auto at = request.has_occurred_at() ? request.occurred_at() : wire::to_timestamp(step.now());
      decide(order, measured, at);
      certify(order, *order.line(measured.line_id()), at);
    }
    order.index();
    inspection = &measured;
  }
  v1::RecordMeasurementsResponse response;
  *response.mutable_inspection() = *inspection;
  return response;
}

Result<v1::DecideDispositionResponse> decide_disposition(State& state, const v1::DecideDispositionRequest& request,
                                                         Step& step) {
  if (!step.existed()) return unknown_order(request.order_id());
  Order order(state, step);
  const auto* inspection = order.nonconformity(request.nonconformity_id());
  if (!inspection)
    return not_found("NONCONFORMITY_UNKNOWN", "The order has no nonconformity " + request.nonconformity_id() + ".");
  if (!may_follow(disposition_life, v1::DISPOSITION_UNSPECIFIED, request.disposition()))
    return invalid("disposition", "is none", "give DISPOSITION_REWORK, DISPOSITION_USE_AS_IS or DISPOSITION_SCRAP");
  if (inspection->disposition() == v1::DISPOSITION_UNSPECIFIED) {
    if (state.cancelled())
      return failed_precondition("ORDER_CANCELLED", "The order was cancelled; nothing is to be decided any more.");
    if (request.disposition() == v1::DISPOSITION_REWORK && rework_operations(*inspection).empty())
      return failed_precondition("NO_REWORK_ROUTING",
                                 "The control plan names no rework operations for what failed: use as is, or scrap.");
    const auto at = wire::to_timestamp(step.now());
    auto& disposed = order.edit(*inspection);
    dispose(order, disposed, request.disposition(), false, at);
    certify(order, *order.line(disposed.line_id()), at);
    order.index();
    inspection = &disposed;
  } else if (inspection->disposition() != request.disposition()) {
    return failed_precondition("DISPOSITION_DECIDED", "The disposition was decided already: " +
                                                          v1::Disposition_Name(inspection->disposition()) + ".");
  }
  v1::DecideDispositionResponse response;
  *response.mutable_inspection() = *inspection;
  return response;
}

}  // namespace loomline::quality::domain

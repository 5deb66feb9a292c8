#include "domain/plant_model.hpp"

#include <set>

#include "loomline/base/date.hpp"
#include "loomline/wire/check.hpp"

namespace loomline::scheduling::domain {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr std::uint32_t kDay = 1440;

void check_shift(wire::Checker& check, const std::string& field, const v1::Shift& shift, bool weekdays) {
  check.range(field + ".start_minute", shift.start_minute(), 0, kDay - 1);
  check.require(shift.end_minute() > shift.start_minute() && shift.end_minute() <= shift.start_minute() + kDay,
                field + ".end_minute", "is not within a day after the start",
                "give minutes after midnight; add 1440 where it ends on the next day");
  if (!weekdays) return;
  check.require(shift.weekdays_size() > 0, field + ".weekdays", "is empty", "give days from 1 (Monday) to 7 (Sunday)");
  for (int i = 0; i < shift.weekdays_size(); ++i)
    check.range(wire::path(field + ".weekdays", i), shift.weekdays(i), 1, 7);
}

void check_calendars(wire::Checker& check, const v1::Plant& plant, std::set<std::string>& ids) {
  check.require(plant.calendars_size() > 0, "calendars", "is empty", "give the plant at least one calendar");
  for (int i = 0; i < plant.calendars_size(); ++i) {
    const auto& calendar = plant.calendars(i);
    const auto field = wire::path("calendars", i);
    check.text(field + ".calendar_id", calendar.calendar_id(), 100);
    check.require(ids.insert(calendar.calendar_id()).second, field + ".calendar_id", "occurs twice",
                  "give every calendar a name of its own");
    for (int k = 0; k < calendar.shifts_size(); ++k)
      check_shift(check, field + ".shifts[" + std::to_string(k) + "]", calendar.shifts(k), true);
    for (int k = 0; k < calendar.exceptions_size(); ++k) {
      const auto path = field + ".exceptions[" + std::to_string(k) + "]";
      check.require(parse_date(calendar.exceptions(k).date()).has_value(), path + ".date", "is not a date",
                    "write it as 2026-10-01");
      for (const auto& shift : calendar.exceptions(k).shifts()) check_shift(check, path + ".shifts", shift, false);
    }
  }
}

planning::Hours hours_of(const v1::Shift& shift) {
  const auto end = shift.end_minute() > kDay ? shift.end_minute() - kDay : shift.end_minute();
  return {minutes{shift.start_minute()}, minutes{end}};
}

planning::CalendarSpec calendar_spec(const v1::Calendar& calendar, const std::string& zone) {
  planning::CalendarSpec spec{calendar.calendar_id(), zone, {}, {}};
  for (const auto& shift : calendar.shifts())
    for (const auto weekday : shift.weekdays()) spec.shifts.push_back({static_cast<int>(weekday), hours_of(shift)});
  for (const auto& exception : calendar.exceptions()) {
    planning::CalendarException day{parse_date(exception.date()).value(), {}, {}};
    for (const auto& shift : exception.shifts()) day.hours.push_back(hours_of(shift));
    spec.exceptions.push_back(std::move(day));
  }
  return spec;
}

}  // namespace

Status check_supply(const std::string& field, const v1::MaterialSupply& supply) {
  wire::Checker check;
  check.id(field + ".item.item_id", supply.item().item_id(), prefix::item);
  check.require(in_millionths(supply.quantity()).has_value(), field + ".quantity",
                "is negative, too large, or finer than a millionth", "give a quantity with at most six decimal places");
  check.text(field + ".quantity.unit", supply.quantity().unit(), 3);
  return check.status();
}

Status check_plant(const v1::Plant& plant) {
  wire::Checker check;
  check.id("plant.plant_id", plant.plant_id(), prefix::plant);
  check.zone("plant.zone", plant.zone());
  check.country("plant.country", plant.country());
  std::set<std::string> calendars, equipment;
  check_calendars(check, plant, calendars);
  check.range("allowance_permille", plant.allowance_permille(), 0, 1000);
  for (int i = 0; i < plant.equipment_size(); ++i) {
    const auto& e = plant.equipment(i);
    check.text(wire::path("equipment", i, "equipment_id"), e.equipment_id(), 100);
    check.require(equipment.insert(e.equipment_id()).second, wire::path("equipment", i, "equipment_id"), "occurs twice",
                  "give every machine a name of its own");
    check.text(wire::path("equipment", i, "equipment_class"), e.equipment_class(), 100);
    check.require(calendars.contains(e.calendar_id()), wire::path("equipment", i, "calendar_id"), "is unknown",
                  "name a calendar of the plant");
  }
  for (int i = 0; i < plant.operators_size(); ++i) {
    check.text(wire::path("operators", i, "operator_class"), plant.operators(i).operator_class(), 100);
    check.range(wire::path("operators", i, "count"), plant.operators(i).count(), 1, 100000);
    check.require(calendars.contains(plant.operators(i).calendar_id()), wire::path("operators", i, "calendar_id"),
                  "is unknown", "name a calendar of the plant");
  }
  check.require(plant.dispatch_calendar_id().empty() || calendars.contains(plant.dispatch_calendar_id()),
                "dispatch_calendar_id", "is unknown", "name a calendar of the plant, or leave it out for the first");
  for (int i = 0; i < plant.transport_size(); ++i) {
    const auto& leg = plant.transport(i);
    check.country(wire::path("transport", i, "country"), leg.country(), false);
    check.require(leg.p95_hours() >= leg.typical_hours(), wire::path("transport", i, "p95_hours"),
                  "is below the typical time", "give the 95th percentile");
  }
  for (int i = 0; i < plant.supplies_size(); ++i)
    if (const auto status = check_supply(wire::path("supplies", i), plant.supplies(i)); !status.ok())
      for (const auto& v : status.violations()) check.fail(v.field, v.problem, v.remedy);
  return check.status();
}

planning::Plant plant_model(const v1::Plant& plant) {
  planning::Plant model;
  model.id = plant.plant_id();
  model.calendar = plant.calendars(0).calendar_id();
  model.allowance_permille = static_cast<int>(plant.allowance_permille());
  for (const auto& calendar : plant.calendars()) model.calendars.push_back(calendar_spec(calendar, plant.zone()));
  for (const auto& e : plant.equipment())
    model.machines.push_back({e.equipment_id(), e.equipment_class(), e.calendar_id(), 1, {}});
  int n = 0;
  for (const auto& pool : plant.operators())
    model.crews.push_back({pool.operator_class() + "/" + std::to_string(n++), pool.operator_class(), pool.calendar_id(),
                           static_cast<int>(pool.count())});
  return model;
}

std::optional<std::int64_t> in_millionths(const common::v1::Quantity& quantity) {
  if (quantity.scale() > 6 || quantity.value() < 0 || quantity.value() > 1'000'000'000'000) return std::nullopt;
  auto value = quantity.value();
  for (auto scale = quantity.scale(); scale < 6; ++scale) value *= 10;
  return value;
}

v1::TransportLeg leg_to(const v1::Plant& plant, std::string_view country) {
  v1::TransportLeg found;
  found.set_typical_hours(48);
  found.set_p95_hours(96);
  for (const auto& leg : plant.transport())
    if (leg.country().empty()) found = leg;
  for (const auto& leg : plant.transport())
    if (leg.country() == country) found = leg;
  return found;
}

planning::Dispatch dispatch_of(const v1::Plant& plant, std::string_view country, const std::string& zone) {
  const auto leg = leg_to(plant, country);
  planning::Dispatch dispatch;
  dispatch.calendar =
      plant.dispatch_calendar_id().empty() ? plant.calendars(0).calendar_id() : plant.dispatch_calendar_id();
  dispatch.legs = {{hours{leg.typical_hours()}, hours{leg.p95_hours()}}};
  dispatch.zone = planning::zone_known(zone) ? zone : plant.zone();
  return dispatch;
}

}  // namespace loomline::scheduling::domain

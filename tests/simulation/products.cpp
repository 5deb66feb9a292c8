#include "products.hpp"

#include <google/protobuf/text_format.h>

#include <stdexcept>

namespace loomline::simulation {
namespace {

template <class Message>
Message text(const std::string& content) {
  Message message;
  if (!google::protobuf::TextFormat::ParseFromString(content, &message)) throw std::logic_error("bad text: " + content);
  return message;
}

// Sawn, tested (and sawn again where it fails), packed; with a motor one operation more, which no light frame carries.
constexpr const char* kUvl = R"(features
	Product {Price 100}
		mandatory
			Body
				alternative
					Heavy {Price 10}
					Light {Price 20}
		optional
			Motor {Price 70}
constraints
	Motor => !Light
)";

}  // namespace

configuration::v1::ProductPackage product(const std::string& model_id, int warranty_days) {
  auto package = text<configuration::v1::ProductPackage>(R"(
    name {en: "Product" zh: "产品"} currency: "EUR" tax_code: "DE-19"
    bom {item {item {item_id: "itm_bar"} name {en: "Bar"} quantity {value: 1 unit: "C62"} op_id: "op_saw"}}
    operations {operation {op_id: "op_saw" name {en: "Saw"} equipment_class: "saw" run_seconds: 3600
                           milestone: MILESTONE_IN_PRODUCTION}}
    operations {operation {op_id: "op_motor" name {en: "Motor"} equipment_class: "saw" run_seconds: 1800
                           predecessors: "op_saw" milestone: MILESTONE_IN_PRODUCTION} condition: "Motor"}
    operations {operation {op_id: "op_test" name {en: "Test"} equipment_class: "rig" run_seconds: 1800
                           predecessors: ["op_saw", "op_motor"] characteristic_ids: "chr_v"
                           milestone: MILESTONE_INSPECTED}}
    operations {operation {op_id: "op_pack" name {en: "Pack"} equipment_class: "dock" run_seconds: 900
                           predecessors: "op_test" milestone: MILESTONE_PACKED}}
    characteristics {characteristic {characteristic_id: "chr_v" name {en: "Size"} nominal {value: 1 unit: "MMT"}
                                     upper_limit: 2 rework_op_ids: "op_saw"}})");
  package.set_model_id(model_id);
  package.set_uvl(kUvl);
  package.set_warranty_days(static_cast<std::uint32_t>(warranty_days));
  package.add_plant_ids(model_id == kModels.front() ? kPlants.front() : kPlants.back());
  return package;
}

scheduling::v1::Plant plant(const std::string& plant_id) {
  auto plant = text<scheduling::v1::Plant>(R"(
    name {en: "Plant"} zone: "UTC" country: "DE"
    calendars {calendar_id: "day" shifts {weekdays: [1, 2, 3, 4, 5] start_minute: 480 end_minute: 960}}
    equipment {equipment_id: "saw-1" equipment_class: "saw" calendar_id: "day"}
    equipment {equipment_id: "saw-2" equipment_class: "saw" calendar_id: "day"}
    equipment {equipment_id: "rig-1" equipment_class: "rig" calendar_id: "day"}
    equipment {equipment_id: "dock-1" equipment_class: "dock" calendar_id: "day"}
    supplies {item {item_id: "itm_bar"} quantity {value: 3 unit: "C62"} lot_id: "lot_1"}
    default_supply_hours: 48
    transport {country: "DE" typical_hours: 24 p95_hours: 36 carrier: "carrier-road"})");
  plant.set_plant_id(plant_id);
  return plant;
}

intake::v1::Wish wish(const std::string& model_id, Fit fit, std::int64_t quantity) {
  intake::v1::Wish wish;
  wish.set_model_id(fit == Fit::unknown_model ? "mdl_none" : model_id);
  wish.set_quantity(quantity);
  const auto choose = [&](const char* feature) {
    auto& choice = *wish.add_choices();
    choice.set_feature(feature);
    choice.set_selected(true);
  };
  if (fit == Fit::unknown_feature) choose("Wings");
  if (fit == Fit::conflicting) choose("Light");
  if (fit == Fit::conflicting || quantity == 2) choose("Motor");
  return wish;
}

}  // namespace loomline::simulation

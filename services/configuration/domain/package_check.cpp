#include "package_check.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "loomline/base/id.hpp"
#include "loomline/variability/price.hpp"

namespace loomline::configuration::domain {
namespace {

constexpr std::uint32_t kMonth = 31U * 24 * 3600;

using Names = std::set<std::string, std::less<>>;

void check_text(const common::v1::LocalizedText& text, const std::string& field, wire::Checker& check) {
  check.text(field + ".en", text.en(), 500);
  check.text(field + ".zh", text.zh(), 500, false);
}

void check_unit(const common::v1::Quantity& quantity, const std::string& field, wire::Checker& check) {
  const std::string& unit = quantity.unit();
  const bool code = (unit.size() == 2 || unit.size() == 3) && std::all_of(unit.begin(), unit.end(), [](char c) {
                      return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
                    });
  check.require(code, field + ".unit", "is no UN/ECE Recommendation 20 code", "give a code such as C62, KGM or MTR");
  check.range(field + ".scale", quantity.scale(), 0, 9);
}

void check_known(const std::string& name, const Names& known, const std::string& field, std::string_view what,
                 wire::Checker& check) {
  check.require(known.contains(name), field, "names \"" + name.substr(0, 100) + "\", which is no " + std::string(what),
                "name one that the package defines");
}

void check_head(const v1::ProductPackage& package, wire::Checker& check) {
  check.id("package.model_id", package.model_id(), prefix::model);
  check_text(package.name(), "package.name", check);
  check.currency("package.currency", package.currency());
  if (check.ok())
    check.require(variability::minor_digits(package.currency()).has_value(), "package.currency",
                  "is no currency whose minor unit Loomline knows", "use one such as EUR, USD, CNY or JPY");
  check.text("package.tax_code", package.tax_code(), 64, false);
  check.text("package.source", package.source(), 1000, false);
  check.range("package.warranty_days", package.warranty_days(), 0, 36'500);
  check.require(!package.uvl().empty(), "package.uvl", "is missing", "send the text of the variability model");
  check.require(!package.plant_ids().empty(), "package.plant_ids", "is empty", "name a plant that can make it");
  check.range("package.plant_ids", package.plant_ids_size(), 0, 100);
  for (int i = 0; i < package.plant_ids_size(); ++i)
    check.id(wire::path("package.plant_ids", i), package.plant_ids(i), prefix::plant);
}

void check_bom(const v1::ProductPackage& package, const Names& operations, wire::Checker& check) {
  check.range("package.bom", package.bom_size(), 0, 50'000);
  for (int i = 0; i < package.bom_size(); ++i) {
    const auto& item = package.bom(i).item();
    const std::string at = wire::path("package.bom", i, "item");
    check.id(at + ".item.item_id", item.item().item_id(), prefix::item);
    check.text(at + ".item.revision", item.item().revision(), 40, false);
    check_text(item.name(), at + ".name", check);
    check.require(item.quantity().value() > 0, at + ".quantity.value", "is not above 0", "say how much one unit needs");
    check_unit(item.quantity(), at + ".quantity", check);
    if (!item.op_id().empty()) check_known(item.op_id(), operations, at + ".op_id", "operation of the routing", check);
  }
}

void check_operation(const v1::ConditionalOperation& entry, const std::string& at, const Names& operations,
                     const Names& characteristics, wire::Checker& check) {
  const auto& operation = entry.operation();
  check_text(operation.name(), at + ".name", check);
  check.text(at + ".equipment_class", operation.equipment_class(), 100);
  check.text(at + ".operator_class", operation.operator_class(), 100, false);
  check.range(at + ".setup_seconds", operation.setup_seconds(), 0, kMonth);
  check.range(at + ".run_seconds", operation.run_seconds(), 1, kMonth);
  check.require(operation.milestone() != production::v1::MILESTONE_UNSPECIFIED, at + ".milestone", "is missing",
                "say what the customer sees, e.g. MILESTONE_IN_PRODUCTION");
  for (int i = 0; i < operation.predecessors_size(); ++i)
    check_known(operation.predecessors(i), operations, wire::path(at + ".predecessors", i), "operation of the routing",
                check);
  for (int i = 0; i < operation.characteristic_ids_size(); ++i)
    check_known(operation.characteristic_ids(i), characteristics, wire::path(at + ".characteristic_ids", i),
                "characteristic of the control plan", check);
  for (int i = 0; i < entry.times_size(); ++i) {
    check.range(wire::path(at + ".times", i, "setup_seconds"), entry.times(i).setup_seconds(), 0, kMonth);
    check.range(wire::path(at + ".times", i, "run_seconds"), entry.times(i).run_seconds(), 1, kMonth);
  }
}

// Kahn's algorithm; what is left over stands on or behind a cycle.
void check_acyclic(const v1::ProductPackage& package, wire::Checker& check) {
  std::map<std::string, int, std::less<>> open;
  std::map<std::string, std::vector<std::string>, std::less<>> successors;
  for (const auto& entry : package.operations()) {
    open[entry.operation().op_id()] = entry.operation().predecessors_size();
    for (const auto& before : entry.operation().predecessors()) successors[before].push_back(entry.operation().op_id());
  }
  std::vector<std::string> ready;
  for (const auto& [op, count] : open)
    if (count == 0) ready.push_back(op);
  std::size_t done = 0;
  for (; done < ready.size(); ++done)
    for (const auto& next : successors[std::string(ready[done])])
      if (--open[next] == 0) ready.push_back(next);
  if (done == open.size()) return;
  for (int i = 0; i < package.operations_size(); ++i)
    if (open[package.operations(i).operation().op_id()] > 0)
      return check.fail(wire::path("package.operations", i, "operation.predecessors"), "lead round in a circle",
                        "let each operation wait only for earlier ones");
}

void check_routing(const v1::ProductPackage& package, const Names& operations, const Names& characteristics,
                   wire::Checker& check) {
  check.range("package.operations", package.operations_size(), 1, 2'000);
  Names seen;
  for (int i = 0; i < package.operations_size(); ++i) {
    const std::string at = wire::path("package.operations", i, "operation");
    const std::string& op_id = package.operations(i).operation().op_id();
    check.id(at + ".op_id", op_id, prefix::operation);
    check.require(seen.insert(op_id).second, at + ".op_id", "is used twice", "give each operation an id of its own");
    check_operation(package.operations(i), at, operations, characteristics, check);
  }
  if (check.ok()) check_acyclic(package, check);
}

void check_characteristics(const v1::ProductPackage& package, const Names& operations, wire::Checker& check) {
  check.range("package.characteristics", package.characteristics_size(), 0, 5'000);
  Names seen;
  for (int i = 0; i < package.characteristics_size(); ++i) {
    const auto& one = package.characteristics(i).characteristic();
    const std::string at = wire::path("package.characteristics", i, "characteristic");
    check.id(at + ".characteristic_id", one.characteristic_id(), "chr");
    check.require(seen.insert(one.characteristic_id()).second, at + ".characteristic_id", "is used twice",
                  "give each characteristic an id of its own");
    check_text(one.name(), at + ".name", check);
    check_unit(one.nominal(), at + ".nominal", check);
    check.range(at + ".sample_size", one.sample_size(), 0, 1000);
    check.require(one.has_lower_limit() || one.has_upper_limit(), at, "has no tolerance limit",
                  "give lower_limit, upper_limit or both");
    if (one.has_lower_limit() && one.has_upper_limit())
      check.require(one.lower_limit() <= one.upper_limit(), at + ".lower_limit", "is above the upper limit",
                    "exchange the limits");
    for (int j = 0; j < one.rework_op_ids_size(); ++j)
      check_known(one.rework_op_ids(j), operations, wire::path(at + ".rework_op_ids", j), "operation of the routing",
                  check);
  }
}

}  // namespace

void check_package(const v1::ProductPackage& package, wire::Checker& check) {
  Names operations;
  Names characteristics;
  for (const auto& entry : package.operations()) operations.insert(entry.operation().op_id());
  for (const auto& entry : package.characteristics())
    characteristics.insert(entry.characteristic().characteristic_id());
  check_head(package, check);
  check_bom(package, operations, check);
  check_routing(package, operations, characteristics, check);
  check_characteristics(package, operations, check);
}

}  // namespace loomline::configuration::domain

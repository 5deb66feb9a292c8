#include "spec.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "loomline/base/hash.hpp"
#include "texts.hpp"

namespace loomline::configuration::domain {
namespace {

using production::v1::ManufacturingSpec;
using Names = std::set<std::string, std::less<>>;

class Resolver {
 public:
  Resolver(const Product& product, const variability::Configuration& configuration)
      : product_(product), package_(product.package), selected_(configuration.selected) {}

  ManufacturingSpec run() {
    for (int i = 0; i < package_.operations_size(); ++i) {
      const auto& operation = package_.operations(i).operation();
      by_id_[operation.op_id()] = &operation;
      if (holds(product_.operations, i)) operations_.insert(operation.op_id());
    }
    for (int i = 0; i < package_.characteristics_size(); ++i)
      if (holds(product_.characteristics, i))
        characteristics_.insert(package_.characteristics(i).characteristic().characteristic_id());
    spec_.set_model_id(package_.model_id());
    *spec_.mutable_product_name() = package_.name();
    *spec_.mutable_plant_ids() = package_.plant_ids();
    add_bom();
    add_operations();
    add_characteristics();
    add_hashes();
    return std::move(spec_);
  }

 private:
  bool holds(const std::vector<variability::Expression>& conditions, int index) const {
    return conditions[static_cast<std::size_t>(index)].evaluate(selected_);
  }

  void add_bom() {
    for (int i = 0; i < package_.bom_size(); ++i) {
      if (!holds(product_.bom, i)) continue;
      auto& item = *spec_.add_bom();
      item = package_.bom(i).item();
      if (!operations_.contains(item.op_id())) item.clear_op_id();
    }
  }

  void add_operations() {
    for (int i = 0; i < package_.operations_size(); ++i) {
      const auto& entry = package_.operations(i);
      if (!operations_.contains(entry.operation().op_id())) continue;
      auto& operation = *spec_.add_operations();
      operation = entry.operation();
      operation.clear_predecessors();
      for (const auto& before : applying_predecessors(entry.operation())) operation.add_predecessors(before);
      operation.clear_characteristic_ids();
      for (const auto& id : entry.operation().characteristic_ids())
        if (characteristics_.contains(id)) operation.add_characteristic_ids(id);
      set_time(i, operation);
    }
  }

  void set_time(int index, production::v1::Operation& operation) const {
    const auto& times = package_.operations(index).times();
    for (int i = 0; i < times.size(); ++i) {
      if (!holds(product_.times[static_cast<std::size_t>(index)], i)) continue;
      operation.set_setup_seconds(times[i].setup_seconds());
      operation.set_run_seconds(times[i].run_seconds());
      return;
    }
  }

  // In the order in which they are met, each once. The package's check has excluded circles.
  std::vector<std::string> applying_predecessors(const production::v1::Operation& operation) const {
    std::vector<std::string> found;
    Names seen;
    std::vector<std::string> open(operation.predecessors().rbegin(), operation.predecessors().rend());
    while (!open.empty()) {
      const std::string op = open.back();
      open.pop_back();
      if (!seen.insert(op).second) continue;
      if (operations_.contains(op)) {
        found.push_back(op);
      } else {
        const auto& further = by_id_.at(op)->predecessors();
        open.insert(open.end(), further.rbegin(), further.rend());
      }
    }
    return found;
  }

  void add_characteristics() {
    for (int i = 0; i < package_.characteristics_size(); ++i) {
      if (!holds(product_.characteristics, i)) continue;
      auto& characteristic = *spec_.add_characteristics();
      characteristic = package_.characteristics(i).characteristic();
      auto& rework = *characteristic.mutable_rework_op_ids();
      rework.erase(std::remove_if(rework.begin(), rework.end(),
                                  [this](const std::string& op) { return !operations_.contains(op); }),
                   rework.end());
      if (characteristic.sample_size() == 0) characteristic.set_sample_size(1);
    }
  }

  void add_hashes() {
    ManufacturingSpec bom;
    *bom.mutable_bom() = spec_.bom();
    spec_.set_bom_hash(sha256_hex(deterministic_bytes(bom)));
    ManufacturingSpec routing;
    *routing.mutable_operations() = spec_.operations();
    *routing.mutable_characteristics() = spec_.characteristics();
    spec_.set_routing_hash(sha256_hex(deterministic_bytes(routing)));
  }

  const Product& product_;
  const v1::ProductPackage& package_;
  const std::vector<bool>& selected_;
  std::map<std::string, const production::v1::Operation*, std::less<>> by_id_;
  Names operations_;
  Names characteristics_;
  ManufacturingSpec spec_;
};

}  // namespace

ManufacturingSpec resolve_spec(const Product& product, const variability::Configuration& configuration) {
  return Resolver(product, configuration).run();
}

}  // namespace loomline::configuration::domain

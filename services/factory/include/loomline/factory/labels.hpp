// Names for draws that do not depend on minted ids: "demo-12/u0/op_final-test". An order that nobody named is called by
// its id. Filled in the order of first sight, which the caller keeps the same between runs.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace loomline::factory {

class Labels {
 public:
  void name_order(std::string_view order_id, std::string label) {
    orders_.insert_or_assign(std::string(order_id), std::move(label));
  }
  std::string order(std::string_view order_id) const {
    const auto found = orders_.find(order_id);
    return found == orders_.end() ? std::string(order_id) : found->second;
  }
  // The order's label and the unit's number within it.
  std::string unit(std::string_view order_id, std::string_view unit_id) {
    return order(order_id) + "/u" + std::to_string(number(units_, order_id, unit_id));
  }
  // The unit's label and the number of this work order about it: 0 made it, 1 was its first rework.
  std::string work_order(std::string_view order_id, std::string_view unit_id, std::string_view work_order_id) {
    return unit(order_id, unit_id) + "/w" + std::to_string(number(work_orders_, unit_id, work_order_id));
  }

 private:
  using Numbers = std::map<std::string, std::map<std::string, std::size_t, std::less<>>, std::less<>>;
  static std::size_t number(Numbers& numbers, std::string_view owner, std::string_view id) {
    auto& of_owner = numbers[std::string(owner)];
    return of_owner.emplace(std::string(id), of_owner.size()).first->second;
  }

  std::map<std::string, std::string, std::less<>> orders_;
  Numbers units_, work_orders_;
};

}  // namespace loomline::factory

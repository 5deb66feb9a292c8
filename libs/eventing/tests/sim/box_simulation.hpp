// The kernel's own simulation: three services that are small enough to see through (box_services.hpp).
#pragma once

#include "tests/sim/box_services.hpp"
#include "tests/sim/simulation.hpp"

namespace loomline::eventing::sim {

class BoxSimulation final : public Simulation {
 public:
  BoxSimulation(std::uint64_t seed, Plan plan);

 private:
  void ask() override;
  bool is_refusal(const Status& status) const override;
  void check_services() override;
  void end() override;

  void fill(const std::string& box, std::int64_t amount, const std::string& tag);
  void say_last_words();
  void check_rings(const std::string& key, const BoxState& box);
  void check_box(const std::string& key);
  template <class State>
  State state(const std::string& service, const std::string& kind, const std::string& key);
};

}  // namespace loomline::eventing::sim

// What is asked of boxes and chests.
#include "tests/sim/box_simulation.hpp"

#include "loomline/base/hash.hpp"

namespace loomline::eventing::sim {
namespace {

constexpr int kBoxes = 5;

std::string box_name(std::size_t number) { return "box_" + std::to_string(number); }

FillRequest fill_of(const std::string& box, std::int64_t amount, const std::string& tag) {
  FillRequest request;
  request.set_box_id(box);
  request.set_amount(amount);
  request.set_tag(tag);
  return request;
}

std::vector<Service> box_services() {
  testing::use_catalog(boxes::kCatalog);
  std::vector<Service> services;
  services.push_back(make_alpha());
  services.push_back(make_beta());
  services.push_back(make_gamma());
  return services;
}

}  // namespace

BoxSimulation::BoxSimulation(std::uint64_t seed, Plan plan) : Simulation(seed, plan, box_services()) {}

bool BoxSimulation::is_refusal(const Status& status) const {
  return status.code() == Code::invalid_argument || status.reason() == "UNLUCKY";
}

void BoxSimulation::fill(const std::string& box, std::int64_t amount, const std::string& tag) {
  issue("alpha", "Fill", fill_of(box, amount, tag), FillResponse(), tag);
}

void BoxSimulation::ask() {
  const auto box = box_name(dice().below(kBoxes));
  auto tag = "call-" + std::to_string(calls().size());
  switch (dice().below(12)) {
    case 0:
      issue("gamma", "Unlock", fill_of(box, 0, tag), FillResponse());
      return;
    case 1: case 2: case 3: {
      const auto thing = "thing_" + std::to_string(dice().below(6));
      const auto weight = static_cast<std::int64_t>(dice().below(4)) * 5 + (dice().chance(10) ? 13 : 0);
      issue("gamma", "Put", boxes::put(box, thing, weight), PutThingResponse());
      return;
    }
    default: {
      auto amount = static_cast<std::int64_t>(dice().below(9));
      if (dice().chance(4)) amount = -1;
      if (dice().chance(8)) tag += "-lock";
      if (dice().chance(3)) tag += "-poison";
      if (dice().chance(8)) tag += "-alarm";
      fill(box, amount, tag);
    }
  }
}

// One more event in each chain: what a broker lost, and has grown over before anybody looked, is missed with the next
// number at the latest.
void BoxSimulation::say_last_words() {
  for (int lane = 0, i = 0; lane < kPartitions; ++i) {
    const auto box = "last_" + std::to_string(i);
    if (lane_of(box, kPartitions) != lane) continue;
    ++lane;
    fill(box, 0, "Fill-" + box);
    issue("gamma", "Unlock", fill_of(box, 0, ""), FillResponse(), "Unlock-" + box);
  }
}

void BoxSimulation::end() {
  for (int i = 0; i < kBoxes; ++i)
    issue("gamma", "Unlock", fill_of(box_name(i), 0, ""), FillResponse(), "unlock-" + std::to_string(i));
  ask_until_answered();
  if (!outsiders()) say_last_words();
  ask_until_answered();
  world().business().advance(world().business().now() + std::chrono::hours(1));
  for (int i = 0; i < 20 && !is_broken(); ++i) {
    bool at_rest = false;
    for (int tries = 0; tries < 10 && !at_rest && !is_broken(); ++tries) {
      at_rest = world().settle(300);
      check_services();
    }
    if (!at_rest) return broken("it does not come to rest");
    check();
    world().drop_letters("beta");
  }
  check();
  for (int i = 0; i < kBoxes && !is_broken(); ++i) check_box(box_name(i));
}

}  // namespace loomline::eventing::sim

#include "domain/plant_view.hpp"

#include "domain/one_message.hpp"

namespace loomline::scheduling::domain {
namespace {

std::shared_ptr<const eventing::Snapshot> in_parts(std::shared_ptr<const eventing::Snapshot> snapshot) {
  const auto& state = snapshot->state<PlantState>();
  if (!is_one_message(state)) return snapshot;
  auto fresh = std::make_shared<PlantState>(state);
  auto parts = snapshot->all_parts().as_they_stand();
  auto board = std::make_shared<Board>(board_of_one_message(state, parts));
  take_apart(*fresh, parts);
  return std::make_shared<const eventing::Snapshot>(std::move(fresh), parts.as_they_stand(), std::move(board),
                                                    snapshot->version());
}

}  // namespace

PlantView::PlantView(std::shared_ptr<const eventing::Snapshot> snapshot) : snapshot_(in_parts(std::move(snapshot))) {}

}  // namespace loomline::scheduling::domain

#include "domain/handling.hpp"

#include "domain/broken_orders.hpp"
#include "domain/one_message.hpp"

namespace loomline::scheduling::domain {

Attempts::Attempts(PlantState& state, Step& step)
    : state_(state), step_(step), before_(state), parts_(step.all_parts()), board_(step.derived<Board>()) {
  for (const auto entry : board_.broken) broken_.emplace(entry.key, entry.value);
}

void Attempts::begin(PlantStep& plant) {
  if (is_one_message(plant.state)) {
    plant.board = board_of_one_message(plant.state, step_.all_parts());
    take_apart(plant.state, step_.all_parts());
    for (const auto entry : plant.board.broken) broken_.emplace(entry.key, entry.value);
  }
  plant.board.broken.clear();
  for (const auto& [order_id, why] : broken_) {
    plant.broken.insert(order_id);
    park(plant, order_id, why);
  }
}

void Attempts::again(const OrderBroken& broken) {
  if (!broken_.emplace(broken.order_id, broken.what()).second) throw std::logic_error(broken.what());
  state_ = before_;
  step_.all_parts() = parts_;
  step_.derived<Board>() = board_;
  step_.begin_again();
}

}  // namespace loomline::scheduling::domain

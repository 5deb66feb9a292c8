// A plant as it was last committed, for readers.
#pragma once

#include <memory>

#include "domain/board.hpp"
#include "loomline/eventing/service.hpp"

namespace loomline::scheduling::domain {

class PlantView {
 public:
  // A plant that is still stored as one message is taken apart for the reader.
  explicit PlantView(std::shared_ptr<const eventing::Snapshot> snapshot);

  const PlantState& state() const { return snapshot_->state<PlantState>(); }
  const eventing::PartStore& parts() const { return snapshot_->all_parts(); }
  template <class P>
  eventing::PartsView<P> parts_of() const {
    return snapshot_->parts<P>();
  }
  const Board& board() const { return snapshot_->derived<Board>(); }
  // As published.
  const v1::Plant& model() const { return model_of(parts()); }

 private:
  std::shared_ptr<const eventing::Snapshot> snapshot_;
};

}  // namespace loomline::scheduling::domain

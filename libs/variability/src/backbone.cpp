#include <algorithm>

#include "engine.hpp"

namespace loomline::variability {

namespace {

// Iterative testing with model pruning, in chunks: "one of these is otherwise" is asked of many candidates at once. No:
// all of them are in the backbone. Yes: the solution strikes out every candidate that it contradicts (Janota, Lynce,
// Marques-Silva 2015, algorithm 5). How fast it is depends on how much each solution shows, so the solver is asked to
// select the features below which something is still unseen, and to leave the others out: then each solution tries
// another member of every alternative group at once.
class Backbone {
 public:
  Backbone(const ProductModel& model, Query& query) : model_(model), query_(query), unseen_(model.features().size()) {
    for (FeatureId id = 0; id < model.features().size(); ++id) {
      candidates_.push_back(literal(id, query.selected(id)));
      for (FeatureId up = id; up != kNone; up = model.parent(up)) ++unseen_[up];
      query_.prefer(literal(id));
    }
  }

  std::vector<int> find() {
    while (!candidates_.empty()) test_chunk();
    std::sort(found_.begin(), found_.end(), [](int a, int b) { return std::abs(a) < std::abs(b); });
    return std::move(found_);
  }

 private:
  void test_chunk() {
    constexpr std::size_t kChunk = 64;
    const std::size_t keep = candidates_.size() - std::min(candidates_.size(), kChunk);
    const int asked = query_.fresh_variable();
    std::vector<int> otherwise{-asked};
    for (std::size_t i = keep; i < candidates_.size(); ++i) otherwise.push_back(-candidates_[i]);
    query_.add(otherwise);
    if (query_.solve({asked})) {
      std::erase_if(candidates_, [this](int item) {
        const bool seen_otherwise = !query_.holds(item);
        if (seen_otherwise) settle(item);
        return seen_otherwise;
      });
    } else {
      for (std::size_t i = keep; i < candidates_.size(); ++i) {
        query_.add(candidates_[i]);
        settle(candidates_[i]);
        found_.push_back(candidates_[i]);
      }
      candidates_.resize(keep);
    }
    query_.add(-asked);
  }

  void settle(int item) {
    for (auto up = static_cast<FeatureId>(std::abs(item) - 1); up != kNone; up = model_.parent(up))
      if (--unseen_[up] == 0) query_.prefer(literal(up, false));
  }

  const ProductModel& model_;
  Query& query_;
  std::vector<std::uint32_t> unseen_;  // by feature: candidates in its subtree
  std::vector<int> candidates_;
  std::vector<int> found_;
};

}  // namespace

std::vector<int> Engine::backbone(Query& query) const { return Backbone(reasoner.model(), query).find(); }

}  // namespace loomline::variability

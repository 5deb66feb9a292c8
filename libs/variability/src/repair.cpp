#include <algorithm>

#include "engine.hpp"

namespace loomline::variability {

namespace {

using ChangeSet = std::vector<std::size_t>;  // positions in the selection, ascending

// Minimal correction sets of the choices, smallest first: at most k choices may be broken, k growing; each set found is
// blocked, so that neither it nor a larger one around it comes again. When every set of size k is known, one of size
// k + 1 that contains none of them is minimal as well.
class Corrections {
 public:
  Corrections(Query query, const Selection& selection, std::size_t wanted, std::size_t pool)
      : query_(std::move(query)), selection_(selection), wanted_(wanted), pool_(std::max(wanted, pool)) {
    for (const Choice& choice : selection) {
      broken_.push_back(query_.fresh_variable());
      query_.add(std::vector<int>{literal(choice), broken_.back()});
      query_.prefer(literal(choice));
    }
  }

  std::vector<ChangeSet> find() {
    if (!query_.solve()) return {};  // the model itself has no product
    std::size_t last = selection_.size();
    for (std::size_t size = 1; size <= last; ++size) {
      take_all(size);
      if (found_.empty()) continue;
      if (found_.size() >= wanted_) break;
      last = std::min(last, found_.front().size() + 1);
    }
    return std::move(found_);
  }

 private:
  void take_all(std::size_t size) {
    const int guard = limit_broken(size);
    while (found_.size() < pool_ && query_.solve({guard})) {
      ChangeSet changes;
      std::vector<int> block;
      for (std::size_t i = 0; i < selection_.size(); ++i) {
        if (query_.holds(literal(selection_[i]))) continue;
        changes.push_back(i);
        block.push_back(literal(selection_[i]));
      }
      query_.add(block);
      found_.push_back(std::move(changes));
    }
    query_.add(-guard);
  }

  int limit_broken(std::size_t size) {
    const int guard = query_.fresh_variable();
    Cnf counter;
    counter.variables = guard;
    at_most(counter, broken_, static_cast<std::uint32_t>(size), guard, kNone);
    while (query_.last_variable() < counter.variables) query_.fresh_variable();
    for (std::size_t i = 0; i < counter.size(); ++i) query_.add(counter.clause(i));
    return guard;
  }

  Query query_;
  const Selection& selection_;
  std::size_t wanted_;
  std::size_t pool_;
  std::vector<int> broken_;
  std::vector<ChangeSet> found_;
};

}  // namespace

std::vector<Repair> Engine::repairs(const Selection& selection, std::size_t most) const {
  std::vector<Repair> found;
  if (most == 0) return found;
  for (const ChangeSet& changes : Corrections(query(), selection, most, reasoner.options().repair_pool).find()) {
    Selection mended = selection;
    Repair repair;
    for (const std::size_t at : changes) {
      mended[at].selected = !mended[at].selected;
      repair.changes.push_back(mended[at]);
    }
    Query completed = query();
    for (const Choice& choice : mended) completed.add(literal(choice));
    for (FeatureId id = 0; id < reasoner.model().features().size(); ++id) completed.prefer(literal(id, false));
    if (!completed.solve()) throw std::logic_error("repair: a correction set does not mend the selection");
    repair.result = default_completion(completed);
    repair.price_minor = price_of(repair.result);
    found.push_back(std::move(repair));
  }
  std::stable_sort(found.begin(), found.end(), [](const Repair& a, const Repair& b) {
    if (a.changes.size() != b.changes.size()) return a.changes.size() < b.changes.size();
    if (a.price_minor != b.price_minor) return a.price_minor < b.price_minor;
    return std::lexicographical_compare(a.changes.begin(), a.changes.end(), b.changes.begin(), b.changes.end(),
                                        [](const Choice& x, const Choice& y) { return x.feature < y.feature; });
  });
  if (found.size() > most) found.resize(most);
  return found;
}

}  // namespace loomline::variability

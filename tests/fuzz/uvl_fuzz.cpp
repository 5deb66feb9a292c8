// Any bytes as a product model: read or refused with a place and a remedy; what is read has a canonical text that reads
// back to the same, and can be reasoned about.
#include <cstdint>
#include <string_view>

#include "loomline/variability/reasoner.hpp"
#include "loomline/variability/uvl.hpp"
#include "property.hpp"

namespace {

using namespace loomline;
using namespace loomline::variability;

// Small, so that the limits themselves are met often and no input is slow.
UvlLimits limits() {
  UvlLimits out;
  out.bytes = 1 << 16;
  out.features = out.groups = out.constraints = 200;
  out.expression_nodes = 2'000;
  out.tree_depth = 40;
  out.expression_depth = 500;
  out.attributes = 500;
  out.name_bytes = 100;
  out.cardinality_terms = 2'000;
  return out;
}

void read_back(const ProductModel& model) {
  const auto again = read_uvl(model.canonical(), {});
  fuzz::hold(again.ok(), "a canonical text can be read", again.ok() ? "" : again.status().to_string());
  fuzz::hold(again->canonical() == model.canonical(), "a canonical text reads back to itself", model.canonical());
  fuzz::hold(again->hash() == model.hash(), "the same model has the same hash", model.canonical());
  fuzz::hold(again->features().size() == model.features().size(), "no feature is lost", model.canonical());
}

void reason(const ProductModel& model) {
  static constexpr std::size_t kSmall = 40;
  if (model.features().size() > kSmall || model.constraints().size() > kSmall) return;
  ReasonerOptions options;
  options.conflict_budget = 200;
  const Reasoner reasoner(std::make_shared<ProductModel>(model), options);
  const auto answer = reasoner.validate({});
  if (!answer.ok() || !answer->buildable) return;
  fuzz::hold(reasoner.holds(answer->configuration), "a completed product keeps every rule", model.canonical());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto model = read_uvl(text, limits());
  if (!model.ok()) {
    fuzz::hold_clear(model.status());
    return 0;
  }
  read_back(*model);
  reason(*model);
  const auto expression = read_expression(text.substr(0, 200), *model, limits());
  if (!expression.ok()) fuzz::hold_clear(expression.status());
  return 0;
}

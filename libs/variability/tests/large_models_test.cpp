// The same comparison for the models of industrial size, which takes minutes.
#include "tests/public_models.hpp"

namespace loomline::variability {
namespace {

TEST(LargeModels, CoreAndDeadFeaturesAgreeWithTheOracle) { compare_with_oracle(2001, 1'000'000); }

}  // namespace
}  // namespace loomline::variability

// Where the cases run: each backend's run is a test of its own for CTest (libs/eventing/CMakeLists.txt).
#include "tests/conformance/conformance.hpp"

namespace loomline::eventing::conformance {

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Conformance);

namespace {
std::string name_of(const ::testing::TestParamInfo<Backend>& info) { return info.param.name; }
}  // namespace

INSTANTIATE_TEST_SUITE_P(Memory, Conformance, ::testing::Values(Backend{"memory", in_memory, false}), name_of);
INSTANTIATE_TEST_SUITE_P(Mock, Conformance, ::testing::Values(Backend{"mock", on_mock_cluster, true}), name_of);
INSTANTIATE_TEST_SUITE_P(Servers, Conformance, ::testing::Values(Backend{"servers", on_servers, true}), name_of);

}  // namespace loomline::eventing::conformance

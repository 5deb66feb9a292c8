// Questions that a customer waits for, on the shipped products: reading a model, validating, completing.
#include <benchmark/benchmark.h>

#include <fstream>
#include <iterator>

#include "loomline/variability/reasoner.hpp"
#include "loomline/variability/uvl.hpp"

namespace {

using namespace loomline::variability;

std::string source(const char* product) {
  std::ifstream in(std::string(LOOMLINE_SOURCE_DIR) + "/deploy/products/" + product + "/model.uvl");
  return {std::istreambuf_iterator<char>(in), {}};
}

Reasoner reasoner(const char* product) {
  return Reasoner(std::make_shared<const ProductModel>(read_uvl(source(product)).value()));
}

void read(benchmark::State& state, const char* product) {
  const std::string text = source(product);
  for (auto _ : state) benchmark::DoNotOptimize(read_uvl(text));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}

void validate_buildable(benchmark::State& state, const char* product, const char* feature) {
  const Reasoner asked = reasoner(product);
  const Selection selection = make_selection(asked.model(), {{feature, true}}).value();
  for (auto _ : state) benchmark::DoNotOptimize(asked.validate(selection));
}

void validate_conflict(benchmark::State& state, const char* product, const char* one, const char* other) {
  const Reasoner asked = reasoner(product);
  const Selection selection = make_selection(asked.model(), {{one, true}, {other, true}}).value();
  for (auto _ : state) benchmark::DoNotOptimize(asked.validate(selection));
}

void complete(benchmark::State& state, const char* product) {
  const Reasoner asked = reasoner(product);
  std::uint64_t seed = 0;
  for (auto _ : state) benchmark::DoNotOptimize(asked.complete({}, seed++));
}

BENCHMARK_CAPTURE(read, pc, "pc")->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(read, compressor, "compressor")->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(validate_buildable, pc, "pc", "Stufe 2")->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(validate_buildable, compressor, "compressor", "Motor_55_kW")->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(validate_conflict, pc, "pc", "Stufe 3", "Scythe Asura")->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(validate_conflict, compressor, "compressor", "CE", "UL")->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(complete, pc, "pc")->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(complete, compressor, "compressor")->Unit(benchmark::kMicrosecond);

}  // namespace

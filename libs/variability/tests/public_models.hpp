// The public models of the reference data and what their oracle says.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>

#include "loomline/variability/reasoner.hpp"
#include "loomline/variability/uvl.hpp"

namespace loomline::variability {
namespace fs = std::filesystem;

inline const fs::path kFolder = fs::path(LOOMLINE_SHARED_DATA) / "feature-models";

inline std::string contents(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

struct Expected {
  std::size_t features = 0;
  std::size_t core = 0;
  std::size_t dead = 0;
};

// file -> the measured numbers of oracle.csv, UVL files only.
inline std::map<std::string, Expected> oracle() {
  std::map<std::string, Expected> rows;
  std::istringstream lines(contents(kFolder / "oracle.csv"));
  std::string line;
  std::getline(lines, line);
  while (std::getline(lines, line)) {
    std::vector<std::string> cells;
    std::istringstream row(line);
    for (std::string cell; std::getline(row, cell, ',');) cells.push_back(cell);
    if (cells.size() > 8 && cells[0].ends_with(".uvl") && !cells[7].empty())
      rows[cells[0]] = {std::stoul(cells[1]), std::stoul(cells[7]), std::stoul(cells[8])};
  }
  return rows;
}

// Reads every model of between `least` and `most` features and compares core and dead features with the oracle.
inline void compare_with_oracle(std::size_t least, std::size_t most) {
  if (!fs::exists(kFolder / "oracle.csv"))
    GTEST_SKIP() << "no reference data at " << kFolder << "; set the CMake variable LOOMLINE_SHARED_DATA";
  const auto rows = oracle();
  ASSERT_GE(rows.size(), 16u);
  for (const auto& [file, expected] : rows) {
    if (expected.features < least || expected.features > most) continue;
    SCOPED_TRACE(file);
    auto model = read_uvl(contents(kFolder / file));
    ASSERT_TRUE(model.ok()) << model.status().to_string();
    EXPECT_EQ(model->features().size(), expected.features);
    const Reasoner reasoner(std::make_shared<const ProductModel>(std::move(model).value()));
    const auto begin = std::chrono::steady_clock::now();
    const auto known = reasoner.core_and_dead();
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
    std::cout << file << ": " << reasoner.cnf().size() << " clauses, core and dead in " << took.count() << " ms"
              << std::endl;
    ASSERT_TRUE(known.ok()) << known.status().to_string();
    EXPECT_EQ(known->core.size(), expected.core);
    EXPECT_EQ(known->dead.size(), expected.dead);
    const auto again = read_uvl(reasoner.model().canonical());
    ASSERT_TRUE(again.ok()) << again.status().to_string();
    EXPECT_EQ(again->hash(), reasoner.model().hash());
  }
}

}  // namespace loomline::variability

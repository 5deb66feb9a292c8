#include "loomline/base/persistent_map.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <thread>

namespace loomline {
namespace {

// Sum and least suffix sum: what a stock ledger needs.
struct Sums {
  std::int64_t sum = 0, least_suffix = 0;
  std::int64_t most = INT64_MIN;
  static Sums of(int, std::int64_t value) { return {value, std::min<std::int64_t>(0, value), value}; }
  static Sums join(const Sums& a, const Sums& b) {
    return {a.sum + b.sum, std::min(b.least_suffix, b.sum + a.least_suffix), std::max(a.most, b.most)};
  }
};
using Map = PersistentMap<int, std::int64_t, Sums>;
using Twin = std::map<int, std::int64_t>;

void expect_same(const Map& map, const Twin& twin) {
  ASSERT_EQ(map.size(), twin.size());
  auto it = map.begin();
  for (const auto& [key, value] : twin) {
    ASSERT_EQ(it.key(), key);
    ASSERT_EQ(it.value(), value);
    ++it;
  }
  ASSERT_EQ(it, map.end());
}

TEST(PersistentMap, DoesWhatAMapDoesAndLeavesItsSnapshotsAlone) {
  std::mt19937 random(7);
  Map map;
  Twin twin;
  std::vector<std::pair<Map, Twin>> snapshots;
  for (int step = 0; step < 20000; ++step) {
    const int key = static_cast<int>(random() % 400);
    if (random() % 3 == 0) {
      ASSERT_EQ(map.erase(key), twin.erase(key) == 1) << "step " << step;
    } else {
      const auto value = static_cast<std::int64_t>(random() % 100) - 50;
      ASSERT_EQ(map.set(key, value), value);
      twin[key] = value;
    }
    if (step % 997 == 0) snapshots.emplace_back(map, twin);
  }
  expect_same(map, twin);
  for (const auto& [old_map, old_twin] : snapshots) expect_same(old_map, old_twin);
}

TEST(PersistentMap, SummariesAreThoseOfTheEntries) {
  std::mt19937 random(11);
  Map map;
  Twin twin;
  for (int step = 0; step < 3000; ++step) {
    const int key = static_cast<int>(random() % 200);
    if (random() % 4 == 0) {
      map.erase(key);
      twin.erase(key);
    } else {
      map.set(key, static_cast<std::int64_t>(random() % 100) - 50);
      twin[key] = *map.find(key);
    }
    const int at = static_cast<int>(random() % 210) - 5;
    std::int64_t before = 0, from = 0, suffix = 0, least = 0;
    for (const auto& [k, v] : twin) (k < at ? before : from) += v;
    for (auto it = twin.rbegin(); it != twin.rend() && it->first >= at; ++it)
      least = std::min(least, suffix += it->second);
    ASSERT_EQ(map.summary_before(at).sum, before);
    ASSERT_EQ(map.summary_from(at).sum, from);
    ASSERT_EQ(map.summary_from(at).least_suffix, least);
    const auto wanted = std::find_if(twin.lower_bound(at), twin.end(), [](const auto& e) { return e.second >= 40; });
    const auto [found, value] = map.find_from(at, [](const Sums& s) { return s.most >= 40; });
    ASSERT_EQ(found != nullptr, wanted != twin.end());
    if (found != nullptr) {
      ASSERT_EQ(*found, wanted->first);
    }
    const auto [level_key, level] =
        map.first_where(at, [](const Sums& b, const Sums& part) { return b.sum + part.sum - part.least_suffix >= 60; });
    const int* expected_first = nullptr;
    std::int64_t prefix = 0;
    for (const auto& [k, v] : twin)
      if ((prefix += v) - std::min<std::int64_t>(0, v) >= 60 && k >= at && expected_first == nullptr)
        expected_first = &k;
    ASSERT_EQ(level_key != nullptr, expected_first != nullptr);
    if (level_key != nullptr) {
      ASSERT_EQ(*level_key, *expected_first);
    }
    const auto [dip_key, dip] =
        map.last_where(at, [](const Sums& part, const Sums& after) { return after.sum + part.least_suffix <= -60; });
    const int* expected_last = nullptr;
    std::int64_t tail = 0;
    for (auto it = twin.rbegin(); it != twin.rend() && it->first >= at && expected_last == nullptr; ++it) {
      if (tail + std::min<std::int64_t>(0, it->second) <= -60) expected_last = &it->first;
      tail += it->second;
    }
    ASSERT_EQ(dip_key != nullptr, expected_last != nullptr);
    if (dip_key != nullptr) {
      ASSERT_EQ(*dip_key, *expected_last);
    }
    const auto lower = twin.lower_bound(at);
    const auto* last = map.last_before(at);
    ASSERT_EQ(last != nullptr, lower != twin.begin());
    if (last != nullptr) {
      ASSERT_EQ(*last, std::prev(lower)->first);
    }
    ASSERT_EQ(map.lower_bound(at) == map.end(), lower == twin.end());
    if (lower != twin.end()) {
      ASSERT_EQ(map.lower_bound(at).key(), lower->first);
    }
  }
}

TEST(PersistentMap, EditChangesOneCopyOnly) {
  PersistentMap<std::string, std::string> map;
  for (int i = 0; i < 100; ++i) map.set("key-" + std::to_string(i), "old");
  auto copy = map;
  *copy.edit(std::string_view("key-42")) = "new";
  EXPECT_EQ(*map.find("key-42"), "old");
  EXPECT_EQ(*copy.find("key-42"), "new");
  EXPECT_EQ(copy.edit("nobody"), nullptr);
}

TEST(PersistentMap, SnapshotsMayBeReadWhileTheMapIsWritten) {
  PersistentMap<int, int> map;
  for (int i = 0; i < 1000; ++i) map.set(i, 0);
  std::vector<std::thread> readers;
  for (int round = 0; round < 8; ++round) {
    readers.emplace_back([snapshot = map, round] {
      for (int repeat = 0; repeat < 20; ++repeat)
        for (const auto entry : snapshot) ASSERT_EQ(entry.value, round);
    });
    for (int i = 0; i < 1000; ++i) *map.edit(i) = round + 1;
  }
  for (auto& reader : readers) reader.join();
}

}  // namespace
}  // namespace loomline

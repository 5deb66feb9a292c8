#include "loomline/base/persistent_list.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace loomline {
namespace {

std::vector<int> back(const PersistentList<int>& list, std::size_t until = 0) {
  std::vector<int> out;
  list.each_back([&](std::size_t number, int value) {
    out.push_back(value);
    return number > until + 1;
  });
  return out;
}

TEST(PersistentList, is_read_from_the_newest_back) {
  PersistentList<int> list;
  EXPECT_TRUE(list.empty());
  EXPECT_EQ(back(list), std::vector<int>());
  for (int i = 1; i <= 4; ++i) list.add(10 * i);
  EXPECT_EQ(list.size(), 4U);
  EXPECT_EQ(list.newest(), 40);
  EXPECT_EQ(back(list), (std::vector<int>{40, 30, 20, 10}));
  EXPECT_EQ(back(list, 2), (std::vector<int>{40, 30})) << "stops where it is told to";
}

TEST(PersistentList, copies_grow_apart) {
  PersistentList<int> one;
  one.add(1);
  auto other = one;
  one.add(2);
  other.add(3);
  other.add(4);
  EXPECT_EQ(back(one), (std::vector<int>{2, 1}));
  EXPECT_EQ(back(other), (std::vector<int>{4, 3, 1}));
  one = other;
  EXPECT_EQ(one.size(), 3U);
  EXPECT_EQ(one.newest(), 4);
}

TEST(PersistentList, a_long_one_is_let_go_without_recursion_and_as_far_as_nobody_holds_it) {
  const auto witness = std::make_shared<int>(1);
  PersistentList<std::shared_ptr<int>> kept;
  {
    PersistentList<std::shared_ptr<int>> list;
    for (int i = 0; i < 10; ++i) list.add(witness);
    kept = list;
    for (int i = 0; i < 1'000'000; ++i) list.add(witness);
    EXPECT_EQ(witness.use_count(), 1'000'011);
  }
  EXPECT_EQ(witness.use_count(), 11);
  kept = {};
  EXPECT_EQ(witness.use_count(), 1);
}

TEST(PersistentList, a_copy_is_read_by_another_thread_while_the_list_goes_on) {
  PersistentList<std::string> list;
  for (int i = 0; i < 1000; ++i) list.add(std::to_string(i));
  std::size_t seen = 0;
  std::thread reader([copy = list, &seen] {
    copy.each_back([&](std::size_t, const std::string& value) {
      seen += value.empty() ? 0 : 1;
      return true;
    });
  });
  for (int i = 0; i < 1000; ++i) list.add(std::to_string(i));
  reader.join();
  EXPECT_EQ(seen, 1000U);
  EXPECT_EQ(list.size(), 2000U);
}

}  // namespace
}  // namespace loomline

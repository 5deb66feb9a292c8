// A list that only grows at its end and whose copies share everything: adding and copying are O(1), and a copy is a
// snapshot that another thread may read while this one goes on. Two lists that grew apart share what they have in
// common. Read from the newest element back.
//
// Thread safety: distinct lists may be used from distinct threads, even where they share elements; one list may not.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace loomline {

template <class Value>
class PersistentList {
  struct Node;

 public:
  PersistentList() = default;
  PersistentList(const PersistentList& other) : newest_(other.newest_) {
    if (newest_ != nullptr) newest_->holders.fetch_add(1, std::memory_order_relaxed);
  }
  PersistentList(PersistentList&& other) noexcept : newest_(std::exchange(other.newest_, nullptr)) {}
  PersistentList& operator=(PersistentList other) noexcept {
    std::swap(newest_, other.newest_);
    return *this;
  }
  ~PersistentList() { release(newest_); }

  std::size_t size() const { return newest_ == nullptr ? 0 : newest_->number; }
  bool empty() const { return newest_ == nullptr; }
  // Only where there is one.
  const Value& newest() const { return newest_->value; }
  void add(Value value) { newest_ = new Node{std::move(value), newest_, size() + 1}; }

  // visit(number, value) from the newest back to the oldest, numbered from 1; stops where it answers false.
  template <class Visit>
  void each_back(Visit visit) const {
    for (const auto* node = newest_; node != nullptr && visit(node->number, node->value);) node = node->before;
  }

 private:
  struct Node {
    Value value;
    Node* before;
    std::size_t number;
    std::atomic<std::uint32_t> holders{1};
  };
  // Not by recursion: a list may be long.
  static void release(Node* node) {
    while (node != nullptr && node->holders.fetch_sub(1, std::memory_order_acq_rel) == 1) {
      auto* before = node->before;
      delete node;
      node = before;
    }
  }

  Node* newest_ = nullptr;
};

}  // namespace loomline

// An ordered map whose copies share everything until one of them is written: copying is O(1), a change is O(log n) in
// time and memory, and a copy is a snapshot that another thread may read while this one goes on. Optionally each
// subtree carries a summary (a monoid over its entries), so that a question about a range is O(log n).
//
// A treap (Seidel, Aragon, "Randomized search trees", Algorithmica 16, 1996) with reference-counted nodes: a node that
// only one map holds is changed in place, any other is copied on the way down.
//
// Thread safety: distinct maps may be used from distinct threads, even where they share nodes; one map may not.
// References and iterators hold until the map they came from is changed, assigned or destroyed.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

namespace loomline {

// No summary.
struct NoSummary {
  template <class Key, class Value>
  static NoSummary of(const Key&, const Value&) {
    return {};
  }
  // Of all that `left` sums up, followed by all that `right` does.
  static NoSummary join(const NoSummary&, const NoSummary&) { return {}; }
};

template <class Key, class Value, class Summary = NoSummary, class Less = std::less<>>
class PersistentMap {
  struct Node;

 public:
  PersistentMap() = default;
  PersistentMap(const PersistentMap& other) : root_(other.root_) { retain(root_); }
  PersistentMap(PersistentMap&& other) noexcept : root_(std::exchange(other.root_, nullptr)) {}
  PersistentMap& operator=(PersistentMap other) noexcept {
    std::swap(root_, other.root_);
    return *this;
  }
  ~PersistentMap() { release(root_); }

  std::size_t size() const { return root_ == nullptr ? 0 : root_->size; }
  bool empty() const { return root_ == nullptr; }
  void clear() { *this = PersistentMap(); }
  // True where both are the same tree (then they are equal; the reverse need not hold).
  bool same(const PersistentMap& other) const { return root_ == other.root_; }

  template <class K>
  const Value* find(const K& key) const {
    const auto* node = node_of(key);
    return node == nullptr ? nullptr : &node->value;
  }
  template <class K>
  bool contains(const K& key) const {
    return node_of(key) != nullptr;
  }

  // The value to change in place; nullptr where there is none. With a summary, finish the change through set() instead:
  // summaries are taken when an entry is set.
  template <class K>
  Value* edit(const K& key) {
    static_assert(std::is_same_v<Summary, NoSummary>, "a summary would not follow: use set()");
    if (!contains(key)) return nullptr;
    Node** at = &root_;
    for (;;) {
      auto* node = own(*at);
      if (Less{}(key, node->key))
        at = &node->left;
      else if (Less{}(node->key, key))
        at = &node->right;
      else
        return &node->value;
    }
  }

  // Inserts or replaces.
  Value& set(Key key, Value value) {
    Value* out = nullptr;
    root_ = insert(root_, std::move(key), std::move(value), next_priority(), out);
    return *out;
  }

  template <class K>
  bool erase(const K& key) {
    if (!contains(key)) return false;
    root_ = remove(root_, key);
    return true;
  }

  // Forward iteration in the order of keys.
  class Iterator {
   public:
    struct Entry {
      const Key& key;
      const Value& value;
    };
    Entry operator*() const { return {path_.back()->key, path_.back()->value}; }
    const Key& key() const { return path_.back()->key; }
    const Value& value() const { return path_.back()->value; }
    Iterator& operator++() {
      const auto* node = path_.back();
      path_.pop_back();
      for (node = node->right; node != nullptr; node = node->left) path_.push_back(node);
      return *this;
    }
    bool operator==(const Iterator& other) const {
      return path_.empty() == other.path_.empty() && (path_.empty() || path_.back() == other.path_.back());
    }

   private:
    friend class PersistentMap;
    std::vector<const Node*> path_;  // the entry, and below it what comes after
  };
  Iterator begin() const {
    Iterator it;
    for (const auto* node = root_; node != nullptr; node = node->left) it.path_.push_back(node);
    return it;
  }
  Iterator end() const { return {}; }
  // The first entry that is not before `key`.
  template <class K>
  Iterator lower_bound(const K& key) const {
    Iterator it;
    for (const auto* node = root_; node != nullptr;) {
      if (Less{}(node->key, key)) {
        node = node->right;
      } else {
        it.path_.push_back(node);
        node = node->left;
      }
    }
    return it;
  }
  // The last entry before `key`; nullptr where there is none.
  template <class K>
  const Key* last_before(const K& key) const {
    return last_entry_before(key).first;
  }
  template <class K>
  std::pair<const Key*, const Value*> last_entry_before(const K& key) const {
    const Node* best = nullptr;
    for (const auto* node = root_; node != nullptr;) {
      const bool before = Less{}(node->key, key);
      if (before) best = node;
      node = before ? node->right : node->left;
    }
    return entry(best);
  }
  // The first entry; nullptr where the map is empty.
  std::pair<const Key*, const Value*> front() const {
    const auto* node = root_;
    while (node != nullptr && node->left != nullptr) node = node->left;
    return entry(node);
  }

  // Of everything; Summary{} must be the neutral element where the map may be empty.
  Summary summary() const { return root_ == nullptr ? Summary{} : root_->summary; }
  // Of the entries before `key`, and of those that are not before it.
  template <class K>
  Summary summary_before(const K& key) const {
    Summary sum{};
    for (const auto* node = root_; node != nullptr;) {
      if (Less{}(node->key, key)) {
        if (node->left != nullptr) sum = Summary::join(sum, node->left->summary);
        sum = Summary::join(sum, Summary::of(node->key, node->value));
        node = node->right;
      } else {
        node = node->left;
      }
    }
    return sum;
  }
  template <class K>
  Summary summary_from(const K& key) const {
    Summary sum{};
    for (const auto* node = root_; node != nullptr;) {
      if (Less{}(node->key, key)) {
        node = node->right;
      } else {
        if (node->right != nullptr) sum = Summary::join(node->right->summary, sum);
        sum = Summary::join(Summary::of(node->key, node->value), sum);
        node = node->left;
      }
    }
    return sum;
  }
  // The first entry not before `key` for which `may` holds. `may(summary)` says whether a subtree can hold one (no
  // false negatives); for a single entry it decides. nullptr key where there is none.
  template <class K, class May>
  std::pair<const Key*, const Value*> find_from(const K& key, const May& may) const {
    return entry(search(root_, key, may));
  }

  // The first entry not before `key` at which `may(before, part)` holds, `before` summing up all entries of the map
  // that come before `part`, a subtree or an entry. It may not be false for a subtree and true for a part of it.
  template <class K, class May>
  std::pair<const Key*, const Value*> first_where(const K& key, const May& may) const {
    return entry(search_first(root_, key, Summary{}, may));
  }
  // The last entry not before `key` at which `may(part, after)` holds, `after` summing up all entries after `part`.
  template <class K, class May>
  std::pair<const Key*, const Value*> last_where(const K& key, const May& may) const {
    return entry(search_last(root_, key, Summary{}, may));
  }

 private:
  struct Node {
    Key key;
    Value value;
    std::uint32_t priority;
    std::atomic<std::uint32_t> holders{1};
    std::size_t size = 1;
    [[no_unique_address]] Summary summary;
    Node* left = nullptr;
    Node* right = nullptr;
    Node(Key k, Value v, std::uint32_t p)
        : key(std::move(k)), value(std::move(v)), priority(p), summary(Summary::of(key, value)) {}
  };

  static void retain(Node* node) {
    if (node != nullptr) node->holders.fetch_add(1, std::memory_order_relaxed);
  }
  static void release(Node* node) {
    // Depth is logarithmic, so the recursion is shallow.
    if (node == nullptr || node->holders.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    release(node->left);
    release(node->right);
    delete node;
  }
  // Makes the node at `slot` this map's alone. Its parent must be so already.
  static Node* own(Node*& slot) {
    if (slot->holders.load(std::memory_order_acquire) == 1) return slot;
    auto* copy = new Node(slot->key, slot->value, slot->priority);
    copy->size = slot->size;
    copy->summary = slot->summary;
    copy->left = slot->left;
    copy->right = slot->right;
    retain(copy->left);
    retain(copy->right);
    release(slot);
    return slot = copy;
  }
  static void sum_up(Node* node) {
    node->size = 1 + (node->left ? node->left->size : 0) + (node->right ? node->right->size : 0);
    if constexpr (!std::is_same_v<Summary, NoSummary>) {
      auto sum = Summary::of(node->key, node->value);
      if (node->left != nullptr) sum = Summary::join(node->left->summary, sum);
      if (node->right != nullptr) sum = Summary::join(sum, node->right->summary);
      node->summary = sum;
    }
  }
  // The shape is random but of no consequence: order and summaries do not depend on it.
  static std::uint32_t next_priority() {
    thread_local std::uint32_t state = 0x9e3779b9U;
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state;
  }

  template <class K>
  const Node* node_of(const K& key) const {
    const auto* node = root_;
    while (node != nullptr) {
      if (Less{}(key, node->key))
        node = node->left;
      else if (Less{}(node->key, key))
        node = node->right;
      else
        return node;
    }
    return nullptr;
  }

  // Each of these takes over the reference that it is given and answers one that is this map's alone.
  static Node* insert(Node* node, Key&& key, Value&& value, std::uint32_t priority, Value*& out) {
    if (node == nullptr) {
      auto* fresh = new Node(std::move(key), std::move(value), priority);
      out = &fresh->value;
      return fresh;
    }
    own(node);
    if (Less{}(key, node->key)) {
      node->left = insert(node->left, std::move(key), std::move(value), priority, out);
      if (node->left->priority > node->priority) {
        auto* up = node->left;
        node->left = up->right;
        sum_up(node);
        up->right = node;
        node = up;
      }
    } else if (Less{}(node->key, key)) {
      node->right = insert(node->right, std::move(key), std::move(value), priority, out);
      if (node->right->priority > node->priority) {
        auto* up = node->right;
        node->right = up->left;
        sum_up(node);
        up->left = node;
        node = up;
      }
    } else {
      node->value = std::move(value);
      out = &node->value;
    }
    sum_up(node);
    return node;
  }
  template <class K>
  static Node* remove(Node* node, const K& key) {
    own(node);
    if (Less{}(key, node->key)) {
      node->left = remove(node->left, key);
    } else if (Less{}(node->key, key)) {
      node->right = remove(node->right, key);
    } else {
      auto* rest = join(std::exchange(node->left, nullptr), std::exchange(node->right, nullptr));
      release(node);
      return rest;
    }
    sum_up(node);
    return node;
  }
  static Node* join(Node* left, Node* right) {
    if (left == nullptr) return right;
    if (right == nullptr) return left;
    if (left->priority > right->priority) {
      own(left);
      left->right = join(left->right, right);
      sum_up(left);
      return left;
    }
    own(right);
    right->left = join(left, right->left);
    sum_up(right);
    return right;
  }
  template <class K, class May>
  static const Node* search(const Node* node, const K& key, const May& may) {
    if (node == nullptr || !may(node->summary)) return nullptr;
    if (Less{}(node->key, key)) return search(node->right, key, may);
    if (const auto* found = search(node->left, key, may); found != nullptr) return found;
    if (may(Summary::of(node->key, node->value))) return node;
    return search(node->right, key, may);
  }

  template <class K, class May>
  static const Node* search_first(const Node* node, const K& key, const Summary& before, const May& may) {
    if (node == nullptr || !may(before, node->summary)) return nullptr;
    const auto here = node->left == nullptr ? before : Summary::join(before, node->left->summary);
    const auto own_part = Summary::of(node->key, node->value);
    if (!Less{}(node->key, key)) {
      if (const auto* found = search_first(node->left, key, before, may); found != nullptr) return found;
      if (may(here, own_part)) return node;
    }
    return search_first(node->right, key, Summary::join(here, own_part), may);
  }
  template <class K, class May>
  static const Node* search_last(const Node* node, const K& key, const Summary& after, const May& may) {
    if (node == nullptr || !may(node->summary, after)) return nullptr;
    if (const auto* found = search_last(node->right, key, after, may); found != nullptr) return found;
    if (Less{}(node->key, key)) return nullptr;
    const auto here = node->right == nullptr ? after : Summary::join(node->right->summary, after);
    const auto own_part = Summary::of(node->key, node->value);
    if (may(own_part, here)) return node;
    return search_last(node->left, key, Summary::join(own_part, here), may);
  }
  static std::pair<const Key*, const Value*> entry(const Node* node) {
    return node == nullptr ? std::pair<const Key*, const Value*>{nullptr, nullptr}
                           : std::pair{&node->key, &node->value};
  }

  Node* root_ = nullptr;
};

}  // namespace loomline

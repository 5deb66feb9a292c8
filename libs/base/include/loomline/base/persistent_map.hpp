// An ordered map whose copies share everything until one of them is written: copying is O(1), a change is O(log n) in
// time and memory, and a copy is a snapshot that another thread may read while this one goes on. Optionally each
// subtree carries a summary (a monoid over its entries), so that a question about a range is O(log n).
//
// A B+ tree (Comer, "The ubiquitous B-tree", Computing Surveys 11(2), 1979) with reference-counted nodes: a node that
// only one map holds is changed in place, any other is copied on the way down. Wide nodes, because what a large map
// costs is the memory that a descent has to wait for: against a treap of the same entries a plan of 10,000 jobs
// answered several times faster.
//
// Thread safety: distinct maps may be used from distinct threads, even where they share nodes; one map may not.
// References and iterators hold until the map they came from is changed, assigned or destroyed. Keys and values are
// default-constructible.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <type_traits>
#include <utility>

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
  struct Leaf;
  struct Inner;

 public:
  PersistentMap() = default;
  PersistentMap(const PersistentMap& other) : root_(other.root_), size_(other.size_) { retain(root_); }
  PersistentMap(PersistentMap&& other) noexcept
      : root_(std::exchange(other.root_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  PersistentMap& operator=(PersistentMap other) noexcept {
    std::swap(root_, other.root_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~PersistentMap() { release(root_); }

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  void clear() { *this = PersistentMap(); }
  // True where both are the same tree (then they are equal; the reverse need not hold).
  bool same(const PersistentMap& other) const { return root_ == other.root_; }

  template <class K>
  const Value* find(const K& key) const {
    const Node* node = root_;
    while (node != nullptr && !node->leaf) node = inner(node)->children[inner(node)->child_of(key)];
    if (node == nullptr) return nullptr;
    const auto i = leaf(node)->first_from(key);
    return i < node->count && !Less{}(key, leaf(node)->keys[i]) ? &leaf(node)->values[i] : nullptr;
  }
  template <class K>
  bool contains(const K& key) const {
    return find(key) != nullptr;
  }

  // The value to change in place; nullptr where there is none. With a summary, finish the change through set() instead:
  // summaries are taken when an entry is set.
  template <class K>
  Value* edit(const K& key) {
    static_assert(std::is_same_v<Summary, NoSummary>, "a summary would not follow: use set()");
    if (!contains(key)) return nullptr;
    return edit(root_, key);
  }

  // Inserts or replaces.
  Value& set(Key key, Value value) {
    if (root_ == nullptr) root_ = new Leaf;
    Insertion done;
    insert(root_, std::move(key), std::move(value), done);
    if (done.split != nullptr) {
      auto* top = new Inner;
      top->adopt(0, root_);
      top->adopt(1, done.split);
      top->count = 2;
      root_ = top;
    }
    size_ += done.fresh ? 1 : 0;
    return *done.value;
  }

  template <class K>
  bool erase(const K& key) {
    if (!contains(key)) return false;
    remove(root_, key);
    --size_;
    while (!root_->leaf && root_->count == 1) {
      auto* only = inner(root_)->children[0];
      retain(only);
      release(std::exchange(root_, only));
    }
    if (size_ == 0) release(std::exchange(root_, nullptr));
    return true;
  }

  // Forward iteration in the order of keys.
  class Iterator {
   public:
    struct Entry {
      const Key& key;
      const Value& value;
    };
    Entry operator*() const { return {key(), value()}; }
    const Key& key() const { return leaf(path_[depth_ - 1].node)->keys[path_[depth_ - 1].index]; }
    const Value& value() const { return leaf(path_[depth_ - 1].node)->values[path_[depth_ - 1].index]; }
    Iterator& operator++() {
      ++path_[depth_ - 1].index;
      climb();
      return *this;
    }
    bool operator==(const Iterator& other) const {
      if (depth_ == 0 || other.depth_ == 0) return depth_ == other.depth_;
      return path_[depth_ - 1] == other.path_[other.depth_ - 1];
    }

   private:
    friend class PersistentMap;
    struct Step {
      const Node* node = nullptr;
      std::uint32_t index = 0;
      bool operator==(const Step&) const = default;
    };
    void push(const Node* node, std::size_t index) { path_[depth_++] = {node, static_cast<std::uint32_t>(index)}; }
    // Up from where a node is passed, and down to the first entry of the next.
    void climb() {
      while (depth_ > 0 && path_[depth_ - 1].index >= path_[depth_ - 1].node->count)
        if (--depth_ > 0) ++path_[depth_ - 1].index;
      while (depth_ > 0 && !path_[depth_ - 1].node->leaf)
        push(inner(path_[depth_ - 1].node)->children[path_[depth_ - 1].index], 0);
    }
    std::array<Step, 24> path_;
    std::size_t depth_ = 0;
  };
  Iterator begin() const {
    Iterator it;
    if (root_ == nullptr) return it;
    it.push(root_, 0);
    it.climb();
    return it;
  }
  Iterator end() const { return {}; }
  // The first entry that is not before `key`.
  template <class K>
  Iterator lower_bound(const K& key) const {
    Iterator it;
    for (const Node* node = root_; node != nullptr;) {
      it.push(node, node->leaf ? leaf(node)->first_from(key) : inner(node)->child_of(key));
      node = node->leaf ? nullptr : inner(node)->children[it.path_[it.depth_ - 1].index];
    }
    it.climb();
    return it;
  }
  // The last entry before `key`; nullptr where there is none.
  template <class K>
  const Key* last_before(const K& key) const {
    return last_entry_before(key).first;
  }
  template <class K>
  std::pair<const Key*, const Value*> last_entry_before(const K& key) const {
    const Node* node = root_;
    const Node* left = nullptr;  // the nearest subtree that is wholly before
    while (node != nullptr && !node->leaf) {
      const auto i = inner(node)->child_of(key);
      if (i > 0) left = inner(node)->children[i - 1];
      node = inner(node)->children[i];
    }
    if (node == nullptr) return {nullptr, nullptr};
    auto i = leaf(node)->first_from(key);
    if (i == 0) {
      if (left == nullptr) return {nullptr, nullptr};
      for (node = left; !node->leaf;) node = inner(node)->children[node->count - 1];
      i = node->count;
    }
    return entry(node, i - 1);
  }
  // The first entry; nullptr where the map is empty.
  std::pair<const Key*, const Value*> front() const {
    const Node* node = root_;
    while (node != nullptr && !node->leaf) node = inner(node)->children[0];
    return entry(node, 0);
  }

  // Of everything; Summary{} must be the neutral element where the map may be empty.
  Summary summary() const { return root_ == nullptr ? Summary{} : summary_of(root_); }
  // Of the entries before `key`, and of those that are not before it.
  template <class K>
  Summary summary_before(const K& key) const {
    Summary sum{};
    for (const Node* node = root_; node != nullptr;) {
      const bool last = node->leaf;
      const auto until = last ? leaf(node)->first_from(key) : inner(node)->child_of(key);
      for (std::size_t i = 0; i < until; ++i) sum = Summary::join(sum, part(node, i));
      node = last ? nullptr : inner(node)->children[until];
    }
    return sum;
  }
  template <class K>
  Summary summary_from(const K& key) const {
    Summary sum{};
    for (const Node* node = root_; node != nullptr;) {
      const auto from = node->leaf ? leaf(node)->first_from(key) : inner(node)->child_of(key);
      const auto past = node->leaf ? from : from + 1;
      Summary here{};
      for (std::size_t i = past; i < node->count; ++i)
        here = i == past ? part(node, i) : Summary::join(here, part(node, i));
      if (past < node->count) sum = Summary::join(here, sum);
      node = node->leaf ? nullptr : inner(node)->children[from];
    }
    return sum;
  }
  // The first entry not before `key` for which `may` holds. `may(summary)` says whether a subtree can hold one (no
  // false negatives); for a single entry it decides. nullptr key where there is none.
  template <class K, class May>
  std::pair<const Key*, const Value*> find_from(const K& key, const May& may) const {
    return search(root_, &key, may);
  }
  // The first entry not before `key` at which `may(before, part)` holds, `before` summing up all entries of the map
  // that come before `part`, a subtree or an entry. It may not be false for a subtree and true for a part of it.
  template <class K, class May>
  std::pair<const Key*, const Value*> first_where(const K& key, const May& may) const {
    Summary before{};
    return search_first(root_, &key, before, may);
  }
  // The last entry not before `key` at which `may(part, after)` holds, `after` summing up all entries after `part`.
  template <class K, class May>
  std::pair<const Key*, const Value*> last_where(const K& key, const May& may) const {
    Summary after{};
    return search_last(root_, &key, after, may);
  }

 private:
  using Entry = std::pair<const Key*, const Value*>;
  // Keys that are dear to copy are not repeated in the inner nodes: those point to where they stand.
  static constexpr bool kPlainKey = std::is_trivially_copyable_v<Key>;
  static constexpr bool kPlain = kPlainKey && std::is_trivially_copyable_v<Value>;
  static constexpr std::size_t kEntries =
      kPlain ? std::clamp<std::size_t>(768 / (sizeof(Key) + sizeof(Value)), 8, 32) : 8;
  static constexpr std::size_t kChildren = 16;
  using Low = std::conditional_t<kPlainKey, Key, const Key*>;
  static const Key& key_of(const Low& low) {
    if constexpr (kPlainKey)
      return low;
    else
      return *low;
  }

  struct Node {
    explicit Node(bool is_leaf) : leaf(is_leaf) {}
    std::atomic<std::uint32_t> holders{1};
    std::uint16_t count = 0;
    bool leaf;
  };
  struct Leaf : Node {
    Leaf() : Node(true) {}
    Leaf(const Leaf& other) : Node(true) {
      this->count = other.count;
      std::copy_n(other.keys.begin(), other.count, keys.begin());
      std::copy_n(other.values.begin(), other.count, values.begin());
    }
    template <class K>
    std::size_t first_from(const K& key) const {
      const auto it = std::lower_bound(keys.begin(), keys.begin() + this->count, key,
                                       [](const Key& a, const K& b) { return Less{}(a, b); });
      return static_cast<std::size_t>(it - keys.begin());
    }
    void make_room(std::size_t i) {
      std::move_backward(keys.begin() + i, keys.begin() + this->count, keys.begin() + this->count + 1);
      std::move_backward(values.begin() + i, values.begin() + this->count, values.begin() + this->count + 1);
      ++this->count;
    }
    void close_gap(std::size_t i) {
      std::move(keys.begin() + i + 1, keys.begin() + this->count, keys.begin() + i);
      std::move(values.begin() + i + 1, values.begin() + this->count, values.begin() + i);
      --this->count;
      keys[this->count] = Key{};
      values[this->count] = Value{};
    }
    // The upper part, from `i` on.
    Leaf* split(std::size_t i) {
      auto* upper = new Leaf;
      move_to(*upper, i);
      return upper;
    }
    void move_to(Leaf& other, std::size_t from) {
      for (std::size_t i = from; i < this->count; ++i, ++other.count) {
        other.keys[other.count] = std::exchange(keys[i], Key{});
        other.values[other.count] = std::exchange(values[i], Value{});
      }
      this->count = static_cast<std::uint16_t>(from);
    }
    std::array<Key, kEntries> keys;
    std::array<Value, kEntries> values;
  };
  struct Inner : Node {
    Inner() : Node(false) {}
    Inner(const Inner& other) : Node(false), lows(other.lows), children(other.children), sums(other.sums) {
      this->count = other.count;
      for (std::size_t i = 0; i < this->count; ++i) __builtin_prefetch(children[i], 1);
      for (std::size_t i = 0; i < this->count; ++i) retain(children[i]);
    }
    // The child that holds what is not before `key`, as far as the lowest keys tell: the last that begins before it.
    template <class K>
    std::size_t child_of(const K& key) const {
      std::size_t low = 1, high = this->count;
      while (low < high) {
        const auto middle = (low + high) / 2;
        if (Less{}(key, key_of(lows[middle])))
          high = middle;
        else
          low = middle + 1;
      }
      return low - 1;
    }
    void adopt(std::size_t i, Node* child) {
      children[i] = child;
      refresh(i);
    }
    void refresh(std::size_t i) {
      if (children[i]->leaf) {
        if constexpr (kPlainKey)
          lows[i] = PersistentMap::leaf(children[i])->keys[0];
        else
          lows[i] = &PersistentMap::leaf(children[i])->keys[0];
      } else {
        lows[i] = inner(children[i])->lows[0];
      }
      if constexpr (!std::is_same_v<Summary, NoSummary>) sums[i] = summary_of(children[i]);
    }
    void make_room(std::size_t i) {
      for (std::size_t k = this->count; k > i; --k) move_slot(*this, k - 1, k);
      ++this->count;
    }
    void close_gap(std::size_t i) {
      for (std::size_t k = i; k + 1 < this->count; ++k) move_slot(*this, k + 1, k);
      --this->count;
    }
    Inner* split(std::size_t i) {
      auto* upper = new Inner;
      move_to(*upper, i);
      return upper;
    }
    void move_to(Inner& other, std::size_t from) {
      for (std::size_t i = from; i < this->count; ++i) move_slot(other, i, other.count++);
      this->count = static_cast<std::uint16_t>(from);
    }
    void move_slot(Inner& other, std::size_t from, std::size_t to) {
      other.lows[to] = lows[from];
      other.children[to] = children[from];
      other.sums[to] = sums[from];
    }
    std::array<Low, kChildren> lows{};
    std::array<Node*, kChildren> children{};
    [[no_unique_address]] std::array<Summary, kChildren> sums{};
  };
  struct Insertion {
    Value* value = nullptr;
    Node* split = nullptr;
    bool fresh = false;
  };

  static Leaf* leaf(Node* node) { return static_cast<Leaf*>(node); }
  static const Leaf* leaf(const Node* node) { return static_cast<const Leaf*>(node); }
  static Inner* inner(Node* node) { return static_cast<Inner*>(node); }
  static const Inner* inner(const Node* node) { return static_cast<const Inner*>(node); }

  static void retain(Node* node) {
    if (node != nullptr) node->holders.fetch_add(1, std::memory_order_relaxed);
  }
  static void release(Node* node) {
    // Depth is logarithmic, so the recursion is shallow.
    if (node == nullptr || node->holders.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    if (node->leaf) {
      delete leaf(node);
      return;
    }
    for (std::size_t i = 0; i < node->count; ++i) release(inner(node)->children[i]);
    delete inner(node);
  }
  // Makes the node at `slot` this map's alone. Its parent must be so already.
  static void own(Node*& slot) {
    if (slot->holders.load(std::memory_order_acquire) == 1) return;
    Node* copy = slot->leaf ? static_cast<Node*>(new Leaf(*leaf(slot))) : new Inner(*inner(slot));
    release(std::exchange(slot, copy));
  }

  // Of one entry of a leaf, or of one child.
  static Summary part(const Node* node, std::size_t i) {
    return node->leaf ? Summary::of(leaf(node)->keys[i], leaf(node)->values[i]) : inner(node)->sums[i];
  }
  static Summary summary_of(const Node* node) {
    auto sum = part(node, 0);
    for (std::size_t i = 1; i < node->count; ++i) sum = Summary::join(sum, part(node, i));
    return sum;
  }
  static Entry entry(const Node* node, std::size_t i) {
    return node == nullptr ? Entry{nullptr, nullptr} : Entry{&leaf(node)->keys[i], &leaf(node)->values[i]};
  }

  template <class K>
  static Value* edit(Node*& slot, const K& key) {
    own(slot);
    if (slot->leaf) return &leaf(slot)->values[leaf(slot)->first_from(key)];
    const auto i = inner(slot)->child_of(key);
    auto* value = edit(inner(slot)->children[i], key);
    inner(slot)->refresh(i);
    return value;
  }
  static void insert(Node*& slot, Key&& key, Value&& value, Insertion& done) {
    own(slot);
    if (slot->leaf) return insert_entry(*leaf(slot), std::move(key), std::move(value), done);
    auto& here = *inner(slot);
    const auto i = here.child_of(key);
    insert(here.children[i], std::move(key), std::move(value), done);
    here.refresh(i);
    if (done.split == nullptr) return;
    auto* added = std::exchange(done.split, nullptr);
    auto* at = &here;
    auto position = i + 1;
    if (here.count == kChildren) {
      // What grows at its end is left full: entries often come in order.
      auto* upper = here.split(position == kChildren ? kChildren - 1 : kChildren / 2);
      done.split = upper;
      if (position > here.count) {
        position -= here.count;
        at = upper;
      }
    }
    at->make_room(position);
    at->adopt(position, added);
  }
  static void insert_entry(Leaf& here, Key&& key, Value&& value, Insertion& done) {
    auto i = here.first_from(key);
    auto* at = &here;
    if (i < here.count && !Less{}(key, here.keys[i])) {
      here.values[i] = std::move(value);
      done.value = &here.values[i];
      return;
    }
    if (here.count == kEntries) {
      auto* upper = here.split(i == kEntries ? kEntries - 1 : kEntries / 2);
      done.split = upper;
      if (i > here.count) {
        i -= here.count;
        at = upper;
      }
    }
    at->make_room(i);
    at->keys[i] = std::move(key);
    at->values[i] = std::move(value);
    done.value = &at->values[i];
    done.fresh = true;
  }

  template <class K>
  static void remove(Node*& slot, const K& key) {
    own(slot);
    if (slot->leaf) return leaf(slot)->close_gap(leaf(slot)->first_from(key));
    auto& here = *inner(slot);
    const auto i = here.child_of(key);
    remove(here.children[i], key);
    if (here.children[i]->count == 0) {
      release(here.children[i]);
      return here.close_gap(i);
    }
    here.refresh(i);
    const auto most = here.children[i]->leaf ? kEntries : kChildren;
    if (here.children[i]->count > most / 4) return;
    if (i > 0 && merge(here, i - 1, most)) return;
    if (i + 1 < here.count) merge(here, i, most);
  }
  // The children `i` and `i + 1` become one, where they fit.
  static bool merge(Inner& here, std::size_t i, std::size_t most) {
    if (here.children[i]->count + here.children[i + 1]->count > static_cast<int>(most * 3 / 4)) return false;
    own(here.children[i]);
    own(here.children[i + 1]);
    if (here.children[i]->leaf)
      leaf(here.children[i + 1])->move_to(*leaf(here.children[i]), 0);
    else
      inner(here.children[i + 1])->move_to(*inner(here.children[i]), 0);
    release(here.children[i + 1]);
    here.close_gap(i + 1);
    here.refresh(i);
    return true;
  }

  // Where `key` is nullptr everything counts: the bound lies to the left.
  template <class K>
  static std::size_t first_of(const Node* node, const K* key) {
    if (key == nullptr) return 0;
    return node->leaf ? leaf(node)->first_from(*key) : inner(node)->child_of(*key);
  }
  template <class K, class May>
  static Entry search(const Node* node, const K* key, const May& may) {
    if (node == nullptr) return {nullptr, nullptr};
    for (auto i = first_of(node, key); i < node->count; ++i, key = nullptr) {
      if (!may(part(node, i))) continue;
      if (node->leaf) return entry(node, i);
      if (const auto found = search(inner(node)->children[i], key, may); found.first != nullptr) return found;
    }
    return {nullptr, nullptr};
  }
  template <class K, class May>
  static Entry search_first(const Node* node, const K* key, Summary& before, const May& may) {
    if (node == nullptr) return {nullptr, nullptr};
    const auto first = first_of(node, key);
    for (std::size_t i = 0; i < first; ++i) before = Summary::join(before, part(node, i));
    for (auto i = first; i < node->count; ++i, key = nullptr) {
      const auto here = part(node, i);
      const bool can = may(before, here);
      if (can && node->leaf) return entry(node, i);
      if (can) {
        auto deeper = before;
        if (const auto found = search_first(inner(node)->children[i], key, deeper, may); found.first != nullptr)
          return found;
      }
      before = Summary::join(before, here);
    }
    return {nullptr, nullptr};
  }
  template <class K, class May>
  static Entry search_last(const Node* node, const K* key, Summary& after, const May& may) {
    if (node == nullptr) return {nullptr, nullptr};
    const auto first = first_of(node, key);
    for (std::size_t i = node->count; i-- > first;) {
      const auto here = part(node, i);
      const bool can = may(here, after);
      if (can && node->leaf) return entry(node, i);
      if (can) {
        auto deeper = after;
        const auto* bound = i == first ? key : nullptr;
        if (const auto found = search_last(inner(node)->children[i], bound, deeper, may); found.first != nullptr)
          return found;
      }
      after = Summary::join(here, after);
    }
    return {nullptr, nullptr};
  }

  Node* root_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace loomline

// A bounded map that forgets what was used least recently. Not thread safe.
#pragma once

#include <boost/multi_index/hashed_index.hpp>
#include <boost/multi_index/member.hpp>
#include <boost/multi_index/sequenced_index.hpp>
#include <boost/multi_index_container.hpp>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace loomline::edge {

template <class Value>
class Recent {
 public:
  explicit Recent(std::size_t most) : most_(most) {}

  // Null where it is not known. Counts as a use; good until the next call.
  Value* find(const std::string& key) {
    auto& by_key = entries_.template get<1>();
    const auto found = by_key.find(key);
    if (found == by_key.end()) return nullptr;
    entries_.relocate(entries_.begin(), entries_.template project<0>(found));
    return &found->value;
  }
  // What is known, or a fresh one.
  Value& at(const std::string& key) {
    if (Value* known = find(key)) return *known;
    if (entries_.size() >= most_) entries_.pop_back();
    entries_.push_front({key, Value{}});
    return entries_.front().value;
  }
  void erase(const std::string& key) { entries_.template get<1>().erase(key); }
  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    std::string key;
    mutable Value value;  // no index looks at it
  };
  using Entries = boost::multi_index_container<
      Entry, boost::multi_index::indexed_by<
                 boost::multi_index::sequenced<>,
                 boost::multi_index::hashed_unique<boost::multi_index::member<Entry, std::string, &Entry::key>>>>;

  const std::size_t most_;
  Entries entries_;
};

}  // namespace loomline::edge

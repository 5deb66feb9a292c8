// Parts: what a large aggregate (a plant with ten thousand open orders) keeps beside its state. A part is a message of
// its own under a name, in a collection of parts of one type; each is a row of its own. A step reads and writes only
// the parts that it touches, so that its cost follows what changes and never what is held. All parts of an aggregate
// are resident with it; a copy of a PartStore is a snapshot and costs nothing (libs/base, PersistentMap).
//
//   plants.parts<state::v1::Unit>("unit");                        // declared once, beside the handlers
//   auto units = step.parts<state::v1::Unit>();                   // in a handler
//   if (auto* unit = units.edit(unit_id)) unit->set_serial(...);  // written with the step; undone where it is refused
//
// What is derived from state and parts (an index, a plan) can be resident too: see Derived.
#pragma once

#include <google/protobuf/message.h>

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "loomline/base/persistent_map.hpp"

namespace loomline::eventing {

// A collection, as registered. One named "+..." is left alone by programs that do not know it: see the README.
struct CollectionDef {
  std::string name;
  const google::protobuf::Message* prototype = nullptr;
};

// What is derived from an aggregate's state and parts, kept resident beside them and changed in place by handlers (so
// that it always says what they say). Copying must be cheap, a few pointers: it is copied before each handler, to go
// back to where the handler refuses, and after each step, for readers.
class Derived {
 public:
  virtual ~Derived() = default;
  virtual std::unique_ptr<Derived> copy() const = 0;
};

// The parts of one aggregate. Handlers see Parts<P>.
class PartStore {
 public:
  using Body = std::shared_ptr<const google::protobuf::Message>;
  using Map = PersistentMap<std::string, Body>;
  using Name = std::pair<std::size_t, std::string>;  // collection, name of the part

  PartStore() = default;
  explicit PartStore(const std::vector<CollectionDef>* collections)
      : collections_(collections), maps_(collections == nullptr ? 0 : collections->size()) {}

  const Map& map(std::size_t collection) const { return maps_.at(collection); }
  std::size_t collection_of(const google::protobuf::Descriptor* type) const {
    for (std::size_t i = 0; collections_ != nullptr && i < collections_->size(); ++i)
      if ((*collections_)[i].prototype->GetDescriptor() == type) return i;
    throw std::logic_error("the aggregate has no parts of type " + type->full_name());
  }

  const google::protobuf::Message* find(std::size_t collection, std::string_view name) const {
    const auto* body = maps_.at(collection).find(name);
    return body == nullptr ? nullptr : body->get();
  }
  // The part to change; nullptr where there is none. Copied once a handler, so that snapshots keep what they have.
  google::protobuf::Message* edit(std::size_t collection, std::string_view name) {
    const auto open = open_.find(std::pair(collection, name));
    if (open != open_.end()) return open->second;
    const auto* body = maps_.at(collection).find(name);
    if (body == nullptr) return nullptr;
    auto* copy = (*body)->New();
    copy->CopyFrom(**body);
    return open_for_writing(collection, std::string(name), copy);
  }
  // A new part, empty; std::logic_error where the name is taken.
  google::protobuf::Message* add(std::size_t collection, std::string name) {
    if (maps_.at(collection).contains(name)) throw std::logic_error("there is a part " + name + " already");
    return open_for_writing(collection, std::move(name), (*collections_)[collection].prototype->New());
  }
  bool erase(std::size_t collection, std::string_view name) {
    Name id(collection, std::string(name));  // first: `name` may stand in the part itself, which is gone then
    if (!maps_.at(collection).erase(id.second)) return false;
    open_.erase(id);
    touched_.insert(std::move(id));
    return true;
  }

  // What was added, edited or erased since the handler began.
  const std::set<Name>& touched() const { return touched_; }
  // The parts as they stand, without what is known of this handler: for what is derived to compare with later.
  PartStore as_they_stand() const {
    PartStore copy(collections_);
    copy.maps_ = maps_;
    return copy;
  }

  // For the kernel: puts a part in as stored.
  void put(std::size_t collection, std::string name, Body body) {
    maps_.at(collection).set(std::move(name), std::move(body));
  }
  void drop(std::size_t collection, std::string_view name) { maps_.at(collection).erase(name); }
  // For the kernel: what was touched since the last call. From here on the parts count as untouched.
  std::set<Name> take_touched() {
    open_.clear();
    return std::exchange(touched_, {});
  }

 private:
  struct Before {
    using is_transparent = void;
    template <class A, class B>
    bool operator()(const A& a, const B& b) const {
      return a.first != b.first ? a.first < b.first : std::string_view(a.second) < std::string_view(b.second);
    }
  };
  google::protobuf::Message* open_for_writing(std::size_t collection, std::string name,
                                              google::protobuf::Message* message) {
    maps_[collection].set(name, Body(message));
    touched_.emplace(collection, name);
    open_.emplace(Name(collection, std::move(name)), message);
    return message;
  }

  const std::vector<CollectionDef>* collections_ = nullptr;
  std::vector<Map> maps_;
  std::map<Name, google::protobuf::Message*, Before> open_;  // written in this handler: exclusively ours
  std::set<Name> touched_;
};

// The parts of one type, for reading. Holds as long as the snapshot or the step that it came from.
template <class P>
class PartsView {
 public:
  explicit PartsView(const PartStore& store) : store_(&store), collection_(store.collection_of(P::descriptor())) {}

  std::size_t size() const { return store_->map(collection_).size(); }
  const P* find(std::string_view name) const { return static_cast<const P*>(store_->find(collection_, name)); }
  // visit(name, part) for each, by name.
  template <class Visit>
  void each(Visit visit) const {
    for (const auto entry : store_->map(collection_)) visit(entry.key, static_cast<const P&>(*entry.value));
  }
  // Only those whose names begin with `prefix`.
  template <class Visit>
  void each(std::string_view prefix, Visit visit) const {
    const auto& map = store_->map(collection_);
    for (auto it = map.lower_bound(prefix); it != map.end() && std::string_view(it.key()).starts_with(prefix); ++it)
      visit(it.key(), static_cast<const P&>(*it.value()));
  }
  // Those whose names sort after `name`.
  template <class Visit>
  void each_after(std::string_view name, Visit visit) const {
    const auto& map = store_->map(collection_);
    for (auto it = map.lower_bound(name); it != map.end(); ++it)
      if (it.key() != name) visit(it.key(), static_cast<const P&>(*it.value()));
  }

 private:
  const PartStore* store_;
  std::size_t collection_;
};

// The same, in a handler. A reference to a part that is edited holds until the handler returns.
template <class P>
class Parts : public PartsView<P> {
 public:
  explicit Parts(PartStore& store)
      : PartsView<P>(store), store_(&store), collection_(store.collection_of(P::descriptor())) {}
  // nullptr where there is none.
  P* edit(std::string_view name) { return static_cast<P*>(store_->edit(collection_, name)); }
  // std::logic_error where there is one already.
  P& add(std::string name) { return static_cast<P&>(*store_->add(collection_, std::move(name))); }
  bool erase(std::string_view name) { return store_->erase(collection_, name); }

 private:
  PartStore* store_;
  std::size_t collection_;
};

}  // namespace loomline::eventing

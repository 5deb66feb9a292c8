#include <list>

#include "loomline/base/hash.hpp"
#include "src/engine.hpp"

namespace loomline::eventing {

std::shared_ptr<const Snapshot> snapshot_of(const Resident& resident) {
  if (!resident.exists || !resident.unreadable.empty()) return nullptr;
  std::shared_ptr<Message> state(resident.state->New());
  state->CopyFrom(*resident.state);
  std::shared_ptr<const Derived> derived;
  if (resident.derived) derived = resident.derived->copy();
  return std::make_shared<const Snapshot>(std::move(state), resident.parts, std::move(derived), resident.version);
}

struct Snapshots::Listeners {
  struct Listener {
    std::string kind;
    Runtime::OnChange on_change;
  };

  void tell(const KeyId& id) {
    if (!any) return;
    const std::lock_guard lock(mutex);
    for (const auto& listener : list)
      if (listener.kind == id.kind) listener.on_change(id.tenant, id.key);
  }

  std::atomic<bool> any{false};
  std::mutex mutex;
  std::list<Listener> list;
};

Snapshots::Snapshots() : listeners_(std::make_shared<Listeners>()) {}

std::unique_ptr<Listening> Snapshots::listen(std::string kind, Runtime::OnChange on_change) {
  struct Handle final : Listening {
    ~Handle() override {
      const std::lock_guard lock(listeners->mutex);
      listeners->list.erase(place);
      listeners->any = !listeners->list.empty();
    }
    std::shared_ptr<Listeners> listeners;
    std::list<Listeners::Listener>::iterator place;
  };
  auto handle = std::make_unique<Handle>();
  handle->listeners = listeners_;
  const std::lock_guard lock(listeners_->mutex);
  handle->place = listeners_->list.insert(listeners_->list.end(), {std::move(kind), std::move(on_change)});
  listeners_->any = true;
  return handle;
}

void Snapshots::put(const Resident& resident) {
  auto snapshot = snapshot_of(resident);
  {
    std::shared_ptr<const Snapshot> old;  // freed outside the lock
    const std::lock_guard lock(mutex_);
    auto& slot = by_id_[resident.id];
    old = std::exchange(slot, std::move(snapshot));
  }
  listeners_->tell(resident.id);
}

void Snapshots::drop(const KeyId& id) {
  const std::lock_guard lock(mutex_);
  by_id_.erase(id);
}

void Snapshots::drop_lanes(const std::function<bool(int lane)>& gone, int partitions) {
  const std::lock_guard lock(mutex_);
  std::erase_if(by_id_, [&](const auto& entry) { return gone(lane_of(entry.first.key, partitions)); });
}

std::shared_ptr<const Snapshot> Snapshots::get(const KeyId& id) const {
  const std::lock_guard lock(mutex_);
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : found->second;
}

}  // namespace loomline::eventing

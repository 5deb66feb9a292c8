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

void Snapshots::put(const Resident& resident) {
  auto snapshot = snapshot_of(resident);
  std::shared_ptr<const Snapshot> old;  // freed outside the lock
  const std::lock_guard lock(mutex_);
  auto& slot = by_id_[resident.id];
  old = std::exchange(slot, std::move(snapshot));
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

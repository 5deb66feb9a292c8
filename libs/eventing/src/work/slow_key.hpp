// A key whose handler takes long. The thread that is in the handler keeps the key; everybody else goes on without it.
// What comes for the key meanwhile is set aside in its queue, and worked off by that thread when the handler has ended.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "src/stall.hpp"
#include "src/work/attempt.hpp"

namespace loomline::eventing {

struct SlowKey {
  // Guarded by the worker's turn.
  std::set<KeyId> ids;
  std::deque<JobPtr> jobs;
  std::set<std::string> unrecorded;  // events in the slow thread's hands that are not in the key's queue yet

  // Only the slow thread's, and leave()'s: its keys as it committed them last. To read a large one anew takes long, too.
  std::map<KeyId, std::shared_ptr<Resident>> residents;
  // How often its handlers came back without that anything was written: others were ahead, the session was lost. As
  // often what is set aside was begun by a process that lives.
  int ended = 0;

  // Fixed once made.
  std::shared_ptr<Attempt> attempt;  // whose handler is slow; none after a restart
  std::size_t task = 0;

  std::mutex mutex;  // guards what follows
  std::condition_variable changed;
  std::chrono::steady_clock::time_point since = std::chrono::steady_clock::now();  // when its present handler began
  std::string message;                                                             // what that is handling
  SlowHandler shown;                                                               // the same, for an operator
  bool recorded = false;                                                           // that it was set aside is committed
  bool writing = false;  // its result is on the way to the database: it has ended
  bool condemned = false;
  bool stopped = false;  // the process stops

  // Waits until it is recorded that the key was set aside; false where its result is not wanted any more.
  bool may_write() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [this] { return recorded || condemned || stopped; });
    if (condemned || !recorded) return false;
    writing = true;
    return true;
  }
  void begin(std::string what, SlowHandler handler) {
    const std::lock_guard lock(mutex);
    since = std::chrono::steady_clock::now();
    message = std::move(what);
    shown = std::move(handler);
    writing = false;
  }
  bool is_condemned() {
    const std::lock_guard lock(mutex);
    return condemned;
  }
  bool unwanted() {
    const std::lock_guard lock(mutex);
    return condemned || stopped;
  }
  template <class Change>
  void set(Change change) {
    {
      const std::lock_guard lock(mutex);
      change(*this);
    }
    changed.notify_all();
  }
};

}  // namespace loomline::eventing

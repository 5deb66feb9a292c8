// Shared until written.
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

namespace loomline::planning {

// Distinct Cows may be used from distinct threads even where they share a value. The count is read with acquire order:
// what another thread read through a copy that it has let go happened before this one writes (std::shared_ptr's
// use_count() promises no such thing).
template <class T>
class Cow {
 public:
  Cow() : box_(new Box{{1}, T{}}) {}
  explicit Cow(T value) : box_(new Box{{1}, std::move(value)}) {}
  Cow(const Cow& other) : box_(other.box_) { box_->holders.fetch_add(1, std::memory_order_relaxed); }
  Cow(Cow&& other) noexcept : box_(std::exchange(other.box_, nullptr)) {}
  Cow& operator=(Cow other) noexcept {
    std::swap(box_, other.box_);
    return *this;
  }
  ~Cow() {
    if (box_ != nullptr && box_->holders.fetch_sub(1, std::memory_order_acq_rel) == 1) delete box_;
  }

  const T& operator*() const { return box_->value; }
  const T* operator->() const { return &box_->value; }
  T& write() {
    if (box_->holders.load(std::memory_order_acquire) != 1) *this = Cow(T(box_->value));
    return box_->value;
  }

 private:
  struct Box {
    std::atomic<std::uint32_t> holders;
    T value;
  };
  Box* box_;
};

}  // namespace loomline::planning

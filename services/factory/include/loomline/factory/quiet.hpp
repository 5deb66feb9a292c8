// Waits until the services have nothing left to do at the present business time, so that what the simulator does next
// meets the same plan in every run.
#pragma once

#include <loomline/common/v1/edge.pb.h>

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "loomline/base/status.hpp"
#include "loomline/base/time.hpp"
#include "loomline/factory/edge_client.hpp"

namespace loomline::factory {

// The state of rest, summed over the services.
struct Rest {
  Time business_time{};
  std::optional<Time> next_timer;  // the earliest that is not due yet, where the services say it
  // By service, applied since its processes started: unchanged means that nothing changed there. A move of the clock is
  // one step of scheduling.
  std::map<std::string, std::int64_t, std::less<>> steps;
  std::int64_t events_waiting = 0;
  std::int64_t dead_letters = 0;
};

// Pure.
Rest rest_of(const common::v1::GetQuietResponse& answer);
// Of the answer header "Loomline-Quiet"; nothing where it says that there is no rest, or cannot be read. Pure.
std::optional<Rest> rest_of(std::string_view header);

class Quiet {
 public:
  // Everything that disturbs the installation is told through `staff` and the clients that are watched: while none of
  // them has written, the rest that was found still holds and is not asked for again.
  // Those of staff and MES may wait for rest with each of their calls. All of them outlive this.
  explicit Quiet(EdgeClient& staff) : staff_(&staff) { watch_waiting(staff); }
  ~Quiet();
  Quiet(const Quiet&) = delete;
  Quiet& operator=(const Quiet&) = delete;
  void watch(const EdgeClient& writer) { writers_.push_back(&writer); }
  void watch_waiting(EdgeClient& writer);
  // Others may have written.
  void forget() { last_.reset(); }

  // Blocks until everything is at rest and the business clock has been heard up to `clock`. deadline_exceeded says what
  // is still under way.
  Result<Rest> settle(Time clock, std::chrono::seconds patience = std::chrono::seconds(120));

 private:
  std::size_t writes() const;
  void found(Rest rest);

  EdgeClient* staff_;
  std::vector<const EdgeClient*> writers_;
  std::vector<EdgeClient*> waiting_;
  std::optional<Rest> last_;
  std::size_t writes_at_last_ = 0;
};

}  // namespace loomline::factory

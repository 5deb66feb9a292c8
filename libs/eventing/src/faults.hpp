// Places where a test may break the kernel on purpose. All off in production: only test programs set them.
#pragma once

#include <atomic>

#include "loomline/base/planted.hpp"

namespace loomline::eventing::faults {

inline std::atomic<bool> exit_after_commit{false};   // the process ends between commit and publish
inline std::atomic<bool> lose_offers{false};         // what was committed is not handed to the publisher
inline std::atomic<bool> lose_commit_answer{false};  // the next commit happens but looks in doubt
inline std::atomic<bool> stop_fetching{false};       // the next consumer that is polled brings nothing any more

using loomline::planted::Bug;
inline bool planted(Bug bug) { return loomline::planted::is(bug); }

}  // namespace loomline::eventing::faults

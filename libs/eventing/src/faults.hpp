// Places where a test may break the kernel on purpose. All off in production.
#pragma once

#include <atomic>

namespace loomline::eventing::faults {

inline std::atomic<bool> exit_after_commit{false};   // the process ends between commit and publish
inline std::atomic<bool> lose_offers{false};         // what was committed is not handed to the publisher
inline std::atomic<bool> lose_commit_answer{false};  // the next commit happens but looks in doubt

}  // namespace loomline::eventing::faults

// Places where a test may break the kernel on purpose. All off in production: only test programs set them.
#pragma once

#include <atomic>

namespace loomline::eventing::faults {

inline std::atomic<bool> exit_after_commit{false};   // the process ends between commit and publish
inline std::atomic<bool> lose_offers{false};         // what was committed is not handed to the publisher
inline std::atomic<bool> lose_commit_answer{false};  // the next commit happens but looks in doubt

// Mistakes that the suites must find (docs/reliability.md): each is one that somebody could make.
enum class Bug {
  none,
  no_compare_and_set,          // a step writes whatever the rows say by now
  publish_twice,               // an event is said again under a number of its own
  skip_sequence,               // a number of a chain is never sent
  answer_before_commit,        // a command is acknowledged before it is written
  lose_park,                   // a refused event is dead-lettered and its key goes on
  time_before_cause,           // an event's recorded time does not look at its cause's
  forget_not_yet,              // an event whose precondition is missing is dropped
  ignore_idempotency,          // a command's answer is not looked for
  watermark_ahead,             // a chain counts as published up to what is committed
  resume_over_hole,            // a publisher goes on after the highest number that the broker has
  apply_duplicates,            // what was heard before is applied again
  pass_over_gaps,              // a number that is missing is not missed
  timer_stays,                 // a timer that fired is not deleted
  keep_after_undo,             // what a failed step changed in memory stays
};

inline std::atomic<Bug> planted_bug{Bug::none};
inline bool planted(Bug bug) { return planted_bug.load(std::memory_order_relaxed) == bug; }

}  // namespace loomline::eventing::faults

// Mistakes that the suites must find (docs/reliability.md): each is one that somebody could make. A program makes one
// where a test has planted it; nothing else ever sets it.
#pragma once

#include <array>
#include <atomic>
#include <string_view>
#include <utility>

namespace loomline::planted {

enum class Bug {
  none,
  no_compare_and_set,     // a step writes whatever the rows say by now
  publish_twice,          // an event is said again under a number of its own
  skip_sequence,          // a number of a chain is never sent
  answer_before_commit,   // a command is acknowledged before it is written
  lose_park,              // a refused event is dead-lettered and its key goes on
  time_before_cause,      // an event's recorded time does not look at its cause's
  forget_not_yet,         // an event whose precondition is missing is dropped
  ignore_idempotency,     // a command's answer is not looked for
  watermark_ahead,        // a chain counts as published up to what is committed
  resume_over_hole,       // a publisher goes on after the highest number that the broker has
  apply_duplicates,       // what was heard before is applied again
  pass_over_gaps,         // a number that is missing is not missed
  timer_stays,            // a timer that fired is not deleted
  keep_after_undo,        // what a failed step changed in memory stays
  no_step_budget,         // a step takes all that there is, however long its handlers take
  skip_unknown_types,     // an event of a type that only a newer program knows is not kept for it
  migrate_twice,          // a migration that is in the database runs again
  rebuild_without_topic,  // a journey that is made anew leaves the facts of one topic out
  resume_one_late,        // a watcher that comes back misses the revision after the one that it read last
};

inline constexpr std::array<std::pair<std::string_view, Bug>, 19> kBugs{{
    {"no_compare_and_set", Bug::no_compare_and_set},
    {"publish_twice", Bug::publish_twice},
    {"skip_sequence", Bug::skip_sequence},
    {"answer_before_commit", Bug::answer_before_commit},
    {"lose_park", Bug::lose_park},
    {"time_before_cause", Bug::time_before_cause},
    {"forget_not_yet", Bug::forget_not_yet},
    {"ignore_idempotency", Bug::ignore_idempotency},
    {"watermark_ahead", Bug::watermark_ahead},
    {"resume_over_hole", Bug::resume_over_hole},
    {"apply_duplicates", Bug::apply_duplicates},
    {"pass_over_gaps", Bug::pass_over_gaps},
    {"timer_stays", Bug::timer_stays},
    {"keep_after_undo", Bug::keep_after_undo},
    {"no_step_budget", Bug::no_step_budget},
    {"skip_unknown_types", Bug::skip_unknown_types},
    {"migrate_twice", Bug::migrate_twice},
    {"rebuild_without_topic", Bug::rebuild_without_topic},
    {"resume_one_late", Bug::resume_one_late},
}};

inline std::atomic<Bug> bug{Bug::none};
inline bool is(Bug one) { return bug.load(std::memory_order_relaxed) == one; }

}  // namespace loomline::planted

// Names of jobs and operations inside of a plan: short, shared, ordered by id and not by address, so that ties fall the
// same way in every process.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "loomline/planning/calendar.hpp"

namespace loomline::planning {

// Owned by the record of the job in the same plan: whatever names a job leaves the plan before the job does.
using JobName = const std::string*;

// An operation by its place in its job.
struct OpRef {
  JobName job = nullptr;
  std::uint32_t index = 0;
  bool operator==(const OpRef&) const = default;
};

inline int compare(JobName a, JobName b) { return a == b ? 0 : a->compare(*b); }
inline int compare(const OpRef& a, const OpRef& b) {
  if (const int order = compare(a.job, b.job); order != 0) return order;
  return a.index < b.index ? -1 : a.index > b.index ? 1 : 0;
}
struct OpRefLess {
  bool operator()(const OpRef& a, const OpRef& b) const { return compare(a, b) < 0; }
};
// For look-ups only: what is listed is listed by id.
struct ByAddress {
  bool operator()(JobName a, JobName b) const { return std::less<JobName>{}(a, b); }
};
struct OpRefHash {
  std::size_t operator()(const OpRef& op) const { return std::hash<JobName>{}(op.job) * 31 + op.index; }
};
struct JobLess {
  using is_transparent = void;
  bool operator()(JobName a, JobName b) const { return compare(a, b) < 0; }
  bool operator()(JobName a, std::string_view b) const { return *a < b; }
  bool operator()(std::string_view a, JobName b) const { return a < *b; }
};

// An operation at an instant. `op.job` nullptr stands before every operation of that instant.
struct When {
  Time at{};
  OpRef op;
  bool operator==(const When&) const = default;
};
struct WhenLess {
  bool operator()(const When& a, const When& b) const {
    if (a.at != b.at) return a.at < b.at;
    if (a.op.job == nullptr || b.op.job == nullptr) return a.op.job == nullptr && b.op.job != nullptr;
    return compare(a.op, b.op) < 0;
  }
};

struct Nothing {};

}  // namespace loomline::planning

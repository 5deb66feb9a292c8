// How what differs is shown.
#pragma once

#include <ostream>
#include <string>

#include "loomline/planning/engine.hpp"

namespace loomline::planning {

inline std::string shown(Time t) { return t == kNever ? "never" : t == Time::min() ? "ever" : format_rfc3339(t); }

inline void PrintTo(const Why& why, std::ostream* out) {
  *out << name(why.cause) << " of " << why.reference << " in " << why.job_id;
}

inline void PrintTo(const Change& change, std::ostream* out) {
  *out << "\n" << change.job_id << ": " << shown(change.old_finish) << " -> " << shown(change.finish) << ", ";
  PrintTo(change.why, out);
  for (const auto& m : change.moves) {
    *out << "\n  " << m.op_id << " " << m.from_machine << " " << shown(m.old_start) << ".." << shown(m.old_finish)
         << " -> " << m.to_machine << " " << shown(m.start) << ".." << shown(m.finish) << ", ";
    PrintTo(m.why, out);
  }
}

inline void PrintTo(const Job& job, std::ostream* out) {
  *out << "\n" << job.demand.job_id << " from " << shown(job.demand.earliest);
  for (const auto& op : job.operations) {
    *out << "\n  " << op.op_id << " " << static_cast<int>(op.state) << " " << op.machine << " " << shown(op.start)
         << ".." << shown(op.finish);
    for (const auto& w : op.work) *out << " [" << shown(w.begin) << ".." << shown(w.end) << ")";
  }
  for (const auto& r : job.reservations)
    *out << "\n  " << r.op_id << " has " << r.quantity << " " << r.item << " at " << shown(r.at);
}

inline void PrintTo(const Plant& plant, std::ostream* out) {
  for (const auto& machine : plant.machines) {
    *out << "\n" << machine.id;
    for (const auto& d : machine.downs)
      *out << " " << d.id << " [" << shown(d.period.begin) << ".." << shown(d.period.end) << ")";
  }
  for (const auto& item : plant.items) {
    *out << "\n" << item.id << " " << item.on_hand;
    for (const auto& in : item.inbound)
      *out << "\n  " << in.id << " " << in.quantity << " at " << shown(in.due) << (in.planned ? " planned" : "");
  }
}

}  // namespace loomline::planning

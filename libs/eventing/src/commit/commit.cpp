#include "src/commit/commit.hpp"

#include <algorithm>

#include "src/commit/arguments.hpp"
#include "src/faults.hpp"

namespace loomline::eventing {
namespace {

std::string call_of(const std::string& function, std::size_t parameters) {
  std::string sql = "SELECT what, a, b, c, t, d FROM " + function + "(";
  for (std::size_t i = 1; i <= parameters; ++i) sql += (i > 1 ? ", $" : "$") + std::to_string(i);
  return sql + ")";
}

bool all_answered(const std::vector<Scope>& scopes) {
  return std::all_of(scopes.begin(), scopes.end(), [](const Scope& scope) { return scope.answered; });
}

// What is otherwise than the step was computed for is told by kernel_commit only.
postgres::Rows write(Session session, const RowColumns& in, const MoveColumns& moves, const EventColumns& events,
                     bool alone) {
  constexpr std::string_view kOtherwise = "LM002";
  if (alone) {
    try {
      const Parameters parameters(in, moves, events, true);
      static const auto call = call_of("kernel_commit_alone", parameters.list().size());
      return session.call(call, parameters.list());
    } catch (const postgres::Error& error) {
      if (error.sqlstate() != kOtherwise) throw;
    }
  }
  const Parameters parameters(in, moves, events, false);
  static const auto call = call_of("kernel_commit", parameters.list().size());
  return session.call(call, parameters.list());
}

}  // namespace

bool Commit::empty() const { return only_moves() && offsets.empty() && heard.empty(); }

bool Commit::only_moves() const {
  return folds.empty() && keyless.empty() && fired.empty() && scopes.empty() && appended.empty() && settled.empty() &&
         parked.empty();
}

bool Commit::stirs() const {
  return !keyless.empty() || !fired.empty() || !appended.empty() || !settled.empty() || !parked.empty() ||
         std::any_of(folds.begin(), folds.end(), [](const Fold* fold) {
           return !fold->timers().empty() || !fold->settled().empty() || !fold->waiting().empty() ||
                  !fold->dead().empty();
         });
}

std::map<KeyId, Commit::Expected> Commit::rows() const {
  std::map<KeyId, Expected> rows;
  const auto only_read = [&](const KeyId& id, std::int64_t version) {
    rows.insert_or_assign(id, Expected{version == 0 ? Expected::no_row : version, false});
  };
  for (const auto& [id, version] : leaned_on) only_read(id, version);
  for (const auto* fold : compared) only_read(fold->id(), fold->version());
  for (const auto* fold : folds) rows.insert_or_assign(fold->id(), Expected{fold->version(), true});
  // There may be none where it was leaned on.
  const auto whatever_it_is = [&](const KeyId& id) {
    const auto [at, fresh] = rows.try_emplace(id, Expected{Expected::whatever, false});
    if (!fresh && at->second.version == Expected::no_row) at->second.version = 0;
  };
  for (const auto& one : appended) whatever_it_is(one.key);
  for (const auto& one : parked) rows.insert_or_assign(one.key, Expected{Expected::whatever, true});
  for (const auto& timer : fired) whatever_it_is(timer.key);
  return rows;
}

CommitOutcome Commit::run(Session session) {
  CommitOutcome outcome;
  RowColumns in;
  // In the order of keys: they are locked as they come.
  auto wanted = rows();
  if (faults::planted(faults::Bug::no_compare_and_set))
    for (auto& [id, row] : wanted) row.version = row.version > 0 ? Expected::whatever : row.version;
  for (const auto& [id, row] : wanted)
    if (row.version != Expected::no_row) in.add_row(id, row.version, row.written);
  for (const auto& [id, row] : wanted)
    if (row.version == Expected::no_row) in.add_row(id, row.version, row.written);

  const EventColumns events(assign_times(folds, partitions_), partitions_);
  for (auto* fold : folds) in.add_fold(*fold, partitions_, outcome.earliest_timer);
  for (const auto& timer : fired) {
    in.gone_of.push_back(in.place.at(timer.key));
    in.gone_names.push_back(timer.name);
    in.gone_due.push_back(micros(timer.due));
  }
  for (const auto& [id, event] : settled) {
    const auto row = in.place.at(id);
    in.settled_of.push_back(row);
    in.settled_events.push_back(event);
    --in.waiting[static_cast<std::size_t>(row - 1)];
  }
  for (const auto& one : appended) {
    const auto row = in.place.at(one.key);
    in.keep(Role::aside, row, "", "", "", one.offer, one.reason);
    ++in.waiting[static_cast<std::size_t>(row - 1)];
  }
  for (const auto& one : parked) {
    const auto row = in.place.at(one.key);
    in.parked[static_cast<std::size_t>(row - 1)] = one.letter;
    in.keep(Role::letter, row, one.letter, one.key.tenant, one.key.key, one.offer, one.reason);
  }
  for (const auto& one : keyless)
    in.keep(one.letter.empty() ? Role::unknown : Role::letter, 0, one.letter, one.tenant, one.key, one.offer,
            one.reason);

  const auto rows_back = write(session, in, MoveColumns(offsets, heard, scopes), events,
                               alone && session.by_itself() && in.plain() && all_answered(scopes));
  for (const auto row : rows_back) {
    const auto what = row.text(0);
    if (what == "chain") {
      events.committed(row.int64(1), row.int64(2), row.int64(3), row.text(4), outcome.events);
    } else if (what == "answered") {
      outcome.known.push_back({scopes[static_cast<std::size_t>(row.int64(1) - 1)].scope, row.get<std::string>(4),
                               std::string(row.bytes(5))});
    } else if (what == "stale") {
      const auto at = static_cast<std::size_t>(row.int64(1) - 1);
      outcome.stale.push_back(
          {std::string(in.keys.tenants[at]), std::string(in.keys.kinds[at]), std::string(in.keys.keys[at])});
    } else if (what == "moved") {
      outcome.moved = true;
    } else {
      outcome.fired = true;
    }
  }
  const bool repeated = std::any_of(outcome.known.begin(), outcome.known.end(), [this](const auto& known) {
    return std::any_of(scopes.begin(), scopes.end(),
                       [&](const Scope& scope) { return scope.scope == known.scope && scope.answered; });
  });
  outcome.committed = outcome.stale.empty() && !outcome.moved && !outcome.fired && !repeated;
  if (!outcome.committed) {
    outcome.events.clear();
    return outcome;
  }
  outcome.stirred = stirs();  // before the folds forget it
  for (auto* fold : folds) fold->keep(fold->version() + 1);
  return outcome;
}

}  // namespace loomline::eventing

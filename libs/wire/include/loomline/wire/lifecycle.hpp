// The life of a thing as one table of its legal transitions: enforced by the thing's one owner, drawn in docs/lives.md.
//
//   inline constexpr auto ticket_life = wire::lifecycle<v1::TicketState>({
//       {v1::TICKET_STATE_UNSPECIFIED, v1::TICKET_STATE_OPEN, "opened"},
//       {v1::TICKET_STATE_OPEN, v1::TICKET_STATE_RESOLVED, "solved"},
//   });
//
// A state is an enum of the contracts; its zero value stands for what is not there yet.
#pragma once

#include <google/protobuf/generated_enum_reflection.h>

#include <array>
#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "loomline/wire/enum_name.hpp"

namespace loomline::wire {

// `from` is the zero value where the life begins. `on` says what causes it: an event's name, or a few words.
template <class State>
struct Transition {
  State from;
  State to;
  std::string_view on;
};

template <class State, std::size_t size>
using Lifecycle = std::array<Transition<State>, size>;

template <class State, std::size_t size>
constexpr Lifecycle<State, size> lifecycle(const Transition<State> (&transitions)[size]) {
  return std::to_array(transitions);
}

// Whether the table has this step, whatever causes it.
template <class State, std::size_t size>
constexpr bool may_follow(const Lifecycle<State, size>& life, State from, State to) {
  for (const auto& step : life)
    if (step.from == from && step.to == to) return true;
  return false;
}

// Where this cause leads to; none where it may not happen in this state.
template <class State, std::size_t size>
constexpr std::optional<State> next(const Lifecycle<State, size>& life, State from, std::string_view on) {
  for (const auto& step : life)
    if (step.from == from && step.on == on) return step.to;
  return std::nullopt;
}

// Whether each state and cause lead to one state only: what next() needs of a table.
template <class State, std::size_t size>
constexpr bool each_cause_once(const Lifecycle<State, size>& life) {
  for (std::size_t i = 0; i < size; ++i)
    for (std::size_t j = i + 1; j < size; ++j)
      if (life[i].from == life[j].from && life[i].on == life[j].on) return false;
  return true;
}

// Gives `to`. A step that the table does not have is a broken invariant of the owner: std::logic_error that names
// `what` ("unit unt_1") and both states.
//
//   unit.set_state(moved(unit_life, unit.state(), to, "unit " + unit.unit_id()));
template <class State, std::size_t size>
State moved(const Lifecycle<State, size>& life, State from, State to, std::string_view what) {
  if (may_follow(life, from, to)) return to;
  throw std::logic_error(std::string(what) + " cannot go from " + short_name(from) + " to " + short_name(to));
}

}  // namespace loomline::wire

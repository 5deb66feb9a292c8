// Mistakes that somebody could make in the services, put into their handlers: the rules must find each of them.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "loomline/eventing/service.hpp"

namespace loomline::simulation {

struct Mistake {
  const char* name;
  const char* service;
  void (*put_into)(eventing::Service& service);
};
inline void PrintTo(const Mistake& mistake, std::ostream* out) { *out << mistake.name; }
const std::vector<Mistake>& mistakes();

// The six services, and the mistake in one of them.
std::vector<eventing::Service> services_with(const Mistake& mistake);

}  // namespace loomline::simulation

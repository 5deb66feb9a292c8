#include "services.hpp"

#include "loomline/aftersales/service.hpp"
#include "loomline/configuration/service.hpp"
#include "loomline/intake/service.hpp"
#include "loomline/quality/service.hpp"
#include "loomline/scheduling/service.hpp"
#include "loomline/tracking/service.hpp"

namespace loomline::contract {

std::vector<eventing::Service> all_services() {
  std::vector<eventing::Service> all;
  for (auto* make : {intake::make_service, configuration::make_service, scheduling::make_service, quality::make_service,
                     aftersales::make_service, tracking::make_service})
    all.push_back(make());
  return all;
}

}  // namespace loomline::contract

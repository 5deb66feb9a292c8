// The scenarios of aftersales.
#include "loomline/aftersales/service.hpp"
#include "scenario.hpp"

namespace loomline::scenarios {

Subject subject() { return {"aftersales", aftersales::make_service, {}}; }

}  // namespace loomline::scenarios

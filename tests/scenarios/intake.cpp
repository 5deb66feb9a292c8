// The scenarios of intake.
#include "loomline/intake/service.hpp"
#include "scenario.hpp"

namespace loomline::scenarios {

Subject subject() { return {"intake", intake::make_service, {}}; }

}  // namespace loomline::scenarios

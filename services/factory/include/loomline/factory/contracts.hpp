// Short names for the contracts within this service.
#pragma once

namespace loomline::aftersales::v1 {}
namespace loomline::production::v1 {}
namespace loomline::quality::v1 {}
namespace loomline::scheduling::v1 {}

namespace loomline::factory {

namespace aftersales = ::loomline::aftersales::v1;
namespace production = ::loomline::production::v1;
namespace quality = ::loomline::quality::v1;
namespace scheduling = ::loomline::scheduling::v1;

}  // namespace loomline::factory

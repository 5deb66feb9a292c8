// Making an installation's topics without starting a service.
#pragma once

#include "loomline/base/status.hpp"
#include "loomline/eventing/runtime.hpp"

namespace loomline::eventing {

// Creates every declared topic that is missing, for operators whose services may not (services create theirs at start).
// Uses kafka, installation and partitions. unavailable (TOPICS) without a broker, or where a topic has another
// partition count.
Status create_topics(const Options& options);

}  // namespace loomline::eventing

// Sentences for people in both languages, and bytes for hashes.
#pragma once

#include <google/protobuf/message.h>

#include <string>

#include "loomline/common/v1/types.pb.h"
#include "product.hpp"

namespace loomline::configuration::domain {

// What a customer reads for a feature: its text in the package, else its name in the model.
common::v1::LocalizedText text_of(const Product& product, variability::FeatureId feature);

// "“Carbon” and “Motor” cannot go together, because of: Motor => !Carbon (line 18)."
common::v1::LocalizedText explain(const Product& product, const variability::Conflict& conflict);

// "Leave out “Carbon”." / "Take “Steel” and leave out “Carbon”."
common::v1::LocalizedText explain(const Product& product, const variability::Repair& repair);

// "constraint", "mandatory", "alternative", "or", "cardinality" or "child-parent".
std::string kind_of(const variability::Rule& rule, const variability::ProductModel& model);

// The serialized form, the same for equal messages.
std::string deterministic_bytes(const google::protobuf::Message& message);

}  // namespace loomline::configuration::domain

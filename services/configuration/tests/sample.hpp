// A small product for tests, and the products of deploy/products.
#pragma once

#include <google/protobuf/util/json_util.h>

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

#include "loomline/configuration/v1/configuration.pb.h"

namespace loomline::configuration {

inline std::string file_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read " + path);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline void read_json(const std::string& text, google::protobuf::Message& into) {
  const auto parsed = google::protobuf::util::JsonStringToMessage(text, &into);
  if (!parsed.ok()) throw std::runtime_error(parsed.ToString());
}

inline v1::ProductPackage shipped_product(const std::string& name) {
  const std::string folder = std::string(LOOMLINE_SOURCE_DIR) + "/deploy/products/" + name;
  v1::ProductPackage package;
  read_json(file_text(folder + "/product.json"), package);
  package.set_uvl(file_text(folder + "/model.uvl"));
  return package;
}

inline v1::ProductPackage bicycle() {
  v1::ProductPackage package;
  read_json(R"({
    "modelId": "mdl_bicycle", "name": {"en": "Bicycle", "zh": "自行车"}, "currency": "EUR", "taxCode": "DE-19",
    "plantIds": ["plt_leipzig-1"],
    "featureTexts": [{"feature": "Carbon", "name": {"en": "Carbon frame", "zh": "碳纤维车架"}},
                     {"feature": "Motor", "name": {"en": "Motor", "zh": "电机"}}],
    "bom": [
      {"item": {"item": {"itemId": "itm_tube", "revision": "B"}, "name": {"en": "Tube"},
                "quantity": {"value": "25", "scale": 1, "unit": "MTR"}, "opId": "op_weld"}, "condition": "!Carbon"},
      {"item": {"item": {"itemId": "itm_motor"}, "name": {"en": "Motor"},
                "quantity": {"value": "1", "unit": "C62"}, "opId": "op_motor"}, "condition": "Motor"},
      {"item": {"item": {"itemId": "itm_decal"}, "name": {"en": "Decal"},
                "quantity": {"value": "2", "unit": "C62"}, "opId": "op_weld"}}],
    "operations": [
      {"operation": {"opId": "op_cut", "name": {"en": "Cutting"}, "equipmentClass": "saw", "runSeconds": 60,
                     "milestone": "MILESTONE_MATERIAL_READY"}},
      {"operation": {"opId": "op_weld", "name": {"en": "Welding"}, "equipmentClass": "cell", "runSeconds": 600,
                     "predecessors": ["op_cut"], "milestone": "MILESTONE_IN_PRODUCTION"}, "condition": "!Carbon",
       "times": [{"condition": "Alu", "setupSeconds": 5, "runSeconds": 900}]},
      {"operation": {"opId": "op_motor", "name": {"en": "Motor"}, "equipmentClass": "bench", "runSeconds": 300,
                     "predecessors": ["op_weld"], "milestone": "MILESTONE_IN_PRODUCTION"}, "condition": "Motor"},
      {"operation": {"opId": "op_test", "name": {"en": "Test"}, "equipmentClass": "bench", "runSeconds": 100,
                     "predecessors": ["op_motor", "op_weld"], "milestone": "MILESTONE_INSPECTED",
                     "characteristicIds": ["chr_weight", "chr_power"]}}],
    "characteristics": [
      {"characteristic": {"characteristicId": "chr_weight", "name": {"en": "Weight"}, "upperLimit": "150",
                          "nominal": {"value": "120", "scale": 1, "unit": "KGM"}, "reworkOpIds": ["op_weld", "op_cut"]}},
      {"characteristic": {"characteristicId": "chr_power", "name": {"en": "Power"}, "lowerLimit": "240",
                          "nominal": {"value": "250", "unit": "WTT"}}, "condition": "Motor"}]
  })",
            package);
  package.set_uvl(R"(features
	Bicycle {Price 500}
		mandatory
			Frame
				alternative
					Steel {Price 20}
					Alu {Price 40}
					Carbon {Price 900.50}
		optional
			Motor {Price 700}
			Lights
				or
					Front {Price 10}
					Rear {Price 5}
constraints
	Motor => Lights
	Motor => !Carbon
)");
  return package;
}

}  // namespace loomline::configuration

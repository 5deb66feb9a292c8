// The queries of QualityService, over committed state.
#pragma once

#include <string_view>

#include "loomline/eventing/service.hpp"
#include "loomline/quality/v1/quality.pb.h"

namespace loomline::quality::api {

// Thread-safe, as the Reader is.
class QualityApi {
 public:
  explicit QualityApi(eventing::Reader& reader) : reader_(reader) {}

  // Pending (or undecided failed) inspections are complete; of the others, those of the newest orders. By the time they
  // were requested, then id, a page at a time.
  Result<v1::ListInspectionsResponse> list_inspections(std::string_view tenant,
                                                       const v1::ListInspectionsRequest& request) const;
  Result<v1::GetCertificateResponse> get_certificate(std::string_view tenant,
                                                     const v1::GetCertificateRequest& request) const;

 private:
  eventing::Reader& reader_;
};

}  // namespace loomline::quality::api

// The quality certificate as a page to print.
#pragma once

#include <loomline/quality/v1/quality.pb.h>

#include "pages/tracking_page.hpp"

namespace loomline::edge {

http::Response certificate_page(const TrackingView& view, const quality::v1::GetCertificateResponse& answer);

// "12.5 kg", "3 pcs": value * 10^-scale with the unit's symbol.
std::string amount(std::int64_t value, std::uint32_t scale, std::string_view unit);

}  // namespace loomline::edge

// Times as people read them, in the zone of the order.
#pragma once

#include <google/protobuf/timestamp.pb.h>

#include <string>
#include <string_view>

#include "pages/texts.hpp"

namespace loomline::edge {

// "22 Nov 2026, 14:05", "2026年11月22日 14:05". An unknown zone is read as UTC.
std::string moment(const google::protobuf::Timestamp& at, std::string_view zone, Language language);
// "22 Nov 2026", "2026年11月22日"
std::string day(const google::protobuf::Timestamp& at, std::string_view zone, Language language);
// "30 Nov – 2 Dec 2026": from the first day to the last day of [earliest, latest).
std::string days(const google::protobuf::Timestamp& earliest, const google::protobuf::Timestamp& latest,
                 std::string_view zone, Language language);
// For the datetime attribute.
std::string machine_time(const google::protobuf::Timestamp& at);
// "Europe/Berlin", or "UTC" where the zone is unknown.
std::string zone_name(std::string_view zone);

}  // namespace loomline::edge

// What the operations page shows, gathered from the services; a part that did not answer is absent, not an error.
#pragma once

#include <loomline/aftersales/v1/aftersales.pb.h>
#include <loomline/common/v1/system.pb.h>
#include <loomline/tracking/v1/tracking.pb.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "pages/html.hpp"

namespace loomline::edge {

struct OpsView {
  Language language = Language::en;
  std::string chosen_language;
  std::optional<tracking::v1::CountOrdersResponse> counts;
  std::optional<tracking::v1::ListJourneysResponse> late;
  std::optional<tracking::v1::ListJourneysResponse> recent;
  std::optional<common::v1::ListDeadLettersResponse> letters;
  std::optional<aftersales::v1::ListTicketsResponse> tickets;
  // What stands still, by service: from each one's activity.
  struct Stall {
    std::string service;
    std::string what;  // a whole sentence
    std::string message, key, reason;
    std::optional<google::protobuf::Timestamp> since;
    bool alarming = true;
  };
  std::vector<Stall> stalls;
  // By service: events that wait for one that they need, or behind a dead letter.
  std::map<std::string, std::int64_t> waiting;
  std::string notice;  // a whole sentence; empty: none
  bool notice_is_error = false;

  std::string text(std::string_view key, Values values = {}) const { return say(language, key, values); }
  // An address of ours with the chosen language.
  std::string address(std::string path) const { return path + (chosen_language.empty() ? "" : "?" + chosen_language); }
};

http::Response ops_page(const OpsView& view);

}  // namespace loomline::edge

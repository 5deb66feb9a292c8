// The sections of a page about one order. Each is empty where there is nothing to say.
#pragma once

#include <loomline/tracking/v1/tracking.pb.h>

#include <string>

#include "pages/html.hpp"

namespace loomline::edge {

struct JourneyView {
  Language language = Language::en;
  tracking::v1::Journey journey;

  const std::string& zone() const { return journey.zone(); }
  std::string text(std::string_view key, Values values = {}) const { return say(language, key, values); }
};

// The text in the page's language; English where there is no other.
std::string local_text(const common::v1::LocalizedText& text, Language language);
// "ord_01HF…3C5T7R" as its last eight characters, for people: "3C5T7R9Q".
std::string short_id(std::string_view id);
std::string pieces(const JourneyView& view, std::int64_t quantity);
std::string headline(const JourneyView& view);
// "milestone.5" and the like. What has reached nothing yet is shown as received.
std::string milestone_key(std::string_view prefix, production::v1::Milestone milestone);

Html hero(const JourneyView& view);
Html steps(const JourneyView& view);
Html promise_card(const JourneyView& view);
Html units_card(const JourneyView& view);
Html history_card(const JourneyView& view);

}  // namespace loomline::edge

// The page of one order behind a signed link.
#pragma once

#include <string>

#include "pages/journey_parts.hpp"

namespace loomline::edge {

struct TrackingView : JourneyView {
  std::string link;             // as it stands in the path, decoded
  std::string chosen_language;  // "lang=zh", or empty
  std::string form_key;         // makes a form's effect happen once, however often it is sent
  // What a form said: a key of the catalogue, "" for nothing.
  std::string notice;
  std::string ask_error;
  std::string ask_text;
  int ask_category = 1;
  std::string survey_error;
  int status = 200;

  // "/t/LINK" and what follows, with the chosen language.
  std::string address(std::string_view below = {}) const;
};

http::Response tracking_page(const TrackingView& view);

}  // namespace loomline::edge

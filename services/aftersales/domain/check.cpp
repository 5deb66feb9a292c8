#include "domain/check.hpp"

#include <algorithm>

#include "loomline/base/id.hpp"
#include "loomline/wire/check.hpp"

namespace loomline::aftersales::domain {
namespace {

using wire::Checker;
using wire::path;

void check_free_text(Checker& check, const std::string& field, const std::string& text) {
  constexpr std::size_t most_bytes = most_text_characters * 4;  // UTF-8's longest
  check.text(field, text, most_bytes, false);
  const auto characters = static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
  check.require(characters <= most_text_characters || text.size() > most_bytes, field,
                "has " + std::to_string(characters) + " characters",
                "shorten it to at most " + std::to_string(most_text_characters));
}

// Numbers of other systems travel in events: a pattern that no sentence and no name with a blank fits.
bool is_reference(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view("._:/#-").find(c) != std::string_view::npos;
  });
}

void check_refs(Checker& check, const google::protobuf::RepeatedPtrField<common::v1::ExternalRef>& refs) {
  constexpr int most_refs = 20;
  check.require(refs.size() <= most_refs, "external_refs", "has " + std::to_string(refs.size()) + " entries",
                "give at most " + std::to_string(most_refs));
  for (int i = 0; i < refs.size() && i < most_refs; ++i) {
    const auto part = [&](std::string_view name, const std::string& value, std::size_t most, bool required) {
      check.require((!required || !value.empty()) && is_reference(value) && value.size() <= most,
                    path("external_refs", i, name),
                    "is missing, too long, or has other characters than 0-9 A-Z a-z . _ : / # -",
                    "give the other system's number, at most " + std::to_string(most) + " characters");
    };
    part("system", refs[i].system(), 64, true);
    part("type", refs[i].type(), 64, false);
    part("id", refs[i].id(), 128, true);
  }
}

}  // namespace

Status check(const v1::OpenTicketRequest& request) {
  Checker check;
  check.id("order_id", request.order_id(), prefix::order, false);
  check.id("line_id", request.line_id(), prefix::line, false);
  check.id("unit_id", request.unit_id(), prefix::unit, false);
  check.require(request.category() != v1::TICKET_CATEGORY_UNSPECIFIED && v1::TicketCategory_IsValid(request.category()),
                "category", "is missing or unknown", "give a category, such as TICKET_CATEGORY_DEFECT");
  check.require(v1::Impact_IsValid(request.impact()), "impact", "is unknown", "give IMPACT_LOW, _MEDIUM or _HIGH");
  check.require(v1::Urgency_IsValid(request.urgency()), "urgency", "is unknown", "give URGENCY_LOW, _MEDIUM or _HIGH");
  check_free_text(check, "text", request.text());
  check_refs(check, request.external_refs());
  return check.status();
}

Status check(const v1::UpdateTicketRequest& request) {
  Checker check;
  check.id("ticket_id", request.ticket_id(), prefix::ticket);
  check.require(v1::TicketState_IsValid(request.state()), "state", "is unknown", "give a state of the contract");
  check.require(
      request.state() != v1::TICKET_STATE_UNSPECIFIED || !request.note().empty() || !request.external_refs().empty(),
      "state", "is missing, and there is neither note nor reference", "give what is to change");
  check_free_text(check, "note", request.note());
  check_refs(check, request.external_refs());
  return check.status();
}

Status check(const v1::ListTicketsRequest& request) {
  Checker check;
  check.id("order_id", request.order_id(), prefix::order, false);
  check.require(v1::TicketState_IsValid(request.state()), "state", "is unknown", "give a state of the contract");
  check.range("page.page_size", request.page().page_size(), 0, 500);
  check.id("page.page_token", request.page().page_token(), prefix::ticket, false);
  return check.status();
}

Status check(const v1::AnswerSurveyRequest& request) {
  Checker check;
  check.id("order_id", request.order_id(), prefix::order);
  if (request.has_recommend()) check.range("recommend", request.recommend(), 0, 10);
  if (request.has_product()) check.range("product", request.product(), 1, 5);
  if (request.has_delivery()) check.range("delivery", request.delivery(), 1, 5);
  if (request.has_information()) check.range("information", request.information(), 1, 5);
  check.require(request.has_recommend() || request.has_product() || request.has_delivery() ||
                    request.has_information() || !request.remark().empty(),
                "recommend", "is missing, as is every other answer", "answer at least one question");
  check_free_text(check, "remark", request.remark());
  return check.status();
}

}  // namespace loomline::aftersales::domain

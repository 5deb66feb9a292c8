#include "domain/check.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "domain/questions.hpp"
#include "loomline/base/id.hpp"
#include "loomline/wire/check.hpp"
#include "loomline/wire/convert.hpp"

namespace loomline::intake::domain {
namespace {

using wire::Checker;
using wire::path;

template <class List>
void at_most(Checker& check, const std::string& field, const List& list, int most) {
  check.require(list.size() <= most, field, "has " + std::to_string(list.size()) + " entries",
                "give at most " + std::to_string(most));
}

void check_free_text(Checker& check, const std::string& field, const std::string& text, bool required) {
  constexpr std::size_t most_bytes = most_text_characters * 4;  // UTF-8's longest
  check.text(field, text, most_bytes, required);
  const auto characters = static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
  check.require(characters <= most_text_characters || text.size() > most_bytes, field,
                "has " + std::to_string(characters) + " characters",
                "shorten it to at most " + std::to_string(most_text_characters));
}

void check_choices(Checker& check, const std::string& at, const v1::Wish& wish) {
  at_most(check, at + ".choices", wish.choices(), most_choices);
  std::map<std::string, bool> decided;
  for (int i = 0; i < wish.choices_size() && i < most_choices; ++i) {
    const auto& choice = wish.choices(i);
    const std::string field = at + "." + path("choices", i, "feature");
    check.require(choice.has_selected(), at + "." + path("choices", i, "selected"), "is missing",
                  "say true for wanted or false for decided against");
    check.text(field, choice.feature(), 200);
    const auto [before, fresh] = decided.emplace(choice.feature(), choice.selected());
    check.require(fresh || before->second == choice.selected(), field, "is both chosen and decided against",
                  "keep one of the two choices of this feature");
  }
}

void check_wishes(Checker& check, const google::protobuf::RepeatedPtrField<v1::Wish>& wishes) {
  at_most(check, "wishes", wishes, most_wishes);
  for (int i = 0; i < wishes.size() && i < most_wishes; ++i) {
    const auto at = path("wishes", i);
    check.id(at + ".model_id", wishes[i].model_id(), prefix::model);
    check.range(at + ".quantity", wishes[i].quantity(), 0, most_pieces);
    check_choices(check, at, wishes[i]);
  }
}

bool is_locale(std::string_view text) {
  std::size_t part = 0, length = 0;
  for (const char c : text) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (c == '-') {
      if (length < 2) return false;
      ++part, length = 0;
    } else if (letter || (part > 0 && c >= '0' && c <= '9')) {
      if (++length > (part == 0 ? 3U : 8U)) return false;
    } else {
      return false;
    }
  }
  return length >= 2 && part <= 4;
}

bool is_email(std::string_view text) {
  const auto at = text.find('@');
  return at != std::string_view::npos && at > 0 && at + 1 < text.size() && text.find('@', at + 1) == text.npos &&
         text.find_first_of(" \t\r\n,;<>") == text.npos;
}

// Problems never repeat the value: it is personal.
void check_details(Checker& check, const std::string& at, const v1::PersonalDetails& details) {
  check.text(at + ".name", details.name(), 200, false);
  check.text(at + ".email", details.email(), 254, false);
  check.require(details.email().empty() || is_email(details.email()), at + ".email", "is no e-mail address",
                "give one address, such as name@example.org");
  check.text(at + ".phone", details.phone(), 40, false);
  at_most(check, at + ".address_lines", details.address_lines(), 8);
  for (int i = 0; i < details.address_lines_size() && i < 8; ++i)
    check.text(at + "." + path("address_lines", i), details.address_lines(i), 200);
  check.text(at + ".city", details.city(), 100, false);
  check.text(at + ".postal_code", details.postal_code(), 20, false);
  check.country(at + ".country", details.country(), false);
  check.zone(at + ".zone", details.zone(), false);
  check.require(details.locale().empty() || is_locale(details.locale()), at + ".locale", "is no language tag",
                "give BCP 47, such as en or zh-CN");
}

void check_parties(Checker& check, const google::protobuf::RepeatedPtrField<v1::PartyInput>& parties) {
  at_most(check, "parties", parties, most_parties);
  std::set<int> roles;
  for (int i = 0; i < parties.size() && i < most_parties; ++i) {
    const auto& party = parties[i];
    const auto role_field = path("parties", i, "role");
    check.require(party.role() != common::v1::PARTY_ROLE_UNSPECIFIED && common::v1::PartyRole_IsValid(party.role()),
                  role_field, "is missing or unknown", "give a role, such as PARTY_ROLE_BUYER");
    check.require(roles.insert(party.role()).second, role_field, "stands twice", "give one party a role");
    const bool described = party.has_details() && party.details().ByteSizeLong() > 0;
    check.id(path("parties", i, "subject_id"), party.subject_id(), prefix::subject, !described);
    if (party.has_details()) check_details(check, path("parties", i, "details"), party.details());
  }
}

// Numbers of other systems travel in events: a pattern that no sentence and no name with a blank fits.
bool is_reference(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view("._:/#-").find(c) != std::string_view::npos;
  });
}

void check_refs(Checker& check, const google::protobuf::RepeatedPtrField<common::v1::ExternalRef>& refs) {
  at_most(check, "external_refs", refs, most_refs);
  for (int i = 0; i < refs.size() && i < most_refs; ++i) {
    const auto part = [&](std::string_view name, const std::string& value, std::size_t most) {
      check.require(is_reference(value) && value.size() <= most, path("external_refs", i, name),
                    "is missing, too long, or has other characters than 0-9 A-Z a-z . _ : / # -",
                    "give the other system's number, at most " + std::to_string(most) + " characters");
    };
    part("system", refs[i].system(), 64);
    if (!refs[i].type().empty()) part("type", refs[i].type(), 64);
    part("id", refs[i].id(), 128);
  }
}

void check_timestamp(Checker& check, const std::string& field, const google::protobuf::Timestamp& time, Time now) {
  constexpr auto furthest = std::chrono::days(3650);
  const bool legal = time.nanos() >= 0 && time.nanos() < 1'000'000'000 && time.seconds() > -62'135'596'800 &&
                     time.seconds() < 253'402'300'800;
  if (!legal) return check.fail(field, "is no legal time", "give RFC 3339, such as 2026-12-24T12:00:00Z");
  check.require(wire::to_time(time) >= now, field, "is in the past", "give a time after " + format_rfc3339(now));
  check.require(wire::to_time(time) <= now + furthest, field, "is more than ten years away", "give an earlier time");
}

}  // namespace

Status check(const v1::CaptureRequirementRequest& request, Time now) {
  Checker check;
  check.require(request.channel() != v1::CHANNEL_UNSPECIFIED && v1::Channel_IsValid(request.channel()), "channel",
                "is missing or unknown", "give a channel, such as CHANNEL_WEB");
  check_parties(check, request.parties());
  check_wishes(check, request.wishes());
  check_free_text(check, "text", request.text(), false);
  if (request.has_budget()) {
    check.currency("budget.currency", request.budget().currency());
    check.range("budget.minor_units", request.budget().minor_units(), 1, 1'000'000'000'000'000);
  }
  if (request.has_wanted_at()) check_timestamp(check, "wanted_at", request.wanted_at(), now);
  check_refs(check, request.external_refs());
  return check.status();
}

Status check(const v1::AskConfirmationRequest& request) {
  Checker check;
  check.id("order_id", request.order_id(), prefix::order);
  at_most(check, "questions", request.questions(), most_questions);
  for (int i = 0; i < request.questions_size() && i < most_questions; ++i) {
    const auto& question = request.questions(i);
    check.text(path("questions", i, "text.en"), question.text().en(), 1000);
    check.text(path("questions", i, "text.zh"), question.text().zh(), 1000, false);
    const auto& id = question.question_id();
    const bool fits = id.size() <= 40 && std::all_of(id.begin(), id.end(), [](char c) {
                        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-' || c == '_';
                      });
    check.require(fits && !is_automatic(id), path("questions", i, "question_id"), "is no id for a question of staff",
                  "leave it empty, or give up to 40 of a-z 0-9 - _ other than wish, quantity, ship_to");
  }
  return check.status();
}

Status check(const v1::AnswerConfirmationRequest& request) {
  Checker check;
  check.id("order_id", request.order_id(), prefix::order);
  check.require(!request.answers().empty() || !request.wishes().empty() || !request.parties().empty(), "answers",
                "are missing, and neither wishes nor parties are given", "answer a question or change the wish");
  at_most(check, "answers", request.answers(), most_questions + 3);
  std::set<std::string> answered;
  for (int i = 0; i < request.answers_size() && i < most_questions + 3; ++i) {
    const auto& answer = request.answers(i);
    check.text(path("answers", i, "question_id"), answer.question_id(), 40);
    check.require(answered.insert(answer.question_id()).second, path("answers", i, "question_id"), "stands twice",
                  "answer each question once");
    check_free_text(check, path("answers", i, "text"), answer.text(), !is_automatic(answer.question_id()));
  }
  check_wishes(check, request.wishes());
  check_parties(check, request.parties());
  return check.status();
}

Status check(const v1::QuoteRequest& request) {
  Checker check;
  check.id("order_id", request.order_id(), prefix::order);
  if (request.probability_permille() != 0)
    check.range("probability_permille", request.probability_permille(), 500, 999);
  return check.status();
}

Status check(const v1::PlaceOrderRequest& request) {
  Checker check;
  check.id("order_id", request.order_id(), prefix::order);
  check.id("quote_id", request.quote_id(), prefix::quote);
  check_refs(check, request.external_refs());
  return check.status();
}

Status check(const v1::CancelOrderRequest& request) {
  Checker check;
  check.id("order_id", request.order_id(), prefix::order);
  check.code("reason", request.reason());
  return check.status();
}

Status check(const v1::StoreTextRequest& request) {
  Checker check;
  check_free_text(check, "text", request.text(), true);
  check.id("order_id", request.order_id(), prefix::order, false);
  return check.status();
}

Status check(const v1::CreateTokenRequest& request) {
  Checker check;
  const bool role = request.role() == common::v1::ROLE_PORTAL || request.role() == common::v1::ROLE_STAFF ||
                    request.role() == common::v1::ROLE_MES || request.role() == common::v1::ROLE_TICKETING;
  check.require(role, "role", "is missing or has no tokens",
                "give ROLE_PORTAL, ROLE_STAFF, ROLE_MES or ROLE_TICKETING; customers get signed links");
  check.text("label", request.label(), 100);
  check.range("valid_days", request.valid_days(), 0, 3650);
  return check.status();
}

}  // namespace loomline::intake::domain

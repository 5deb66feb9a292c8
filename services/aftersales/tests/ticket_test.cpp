// A ticket's life and clocks: the production Service under the in-memory harness.
#include "domain/ticket.hpp"

#include <gtest/gtest.h>

#include "domain/check.hpp"
#include "loomline/aftersales/service.hpp"
#include "loomline/base/id.hpp"
#include "loomline/eventing/testing.hpp"
#include "loomline/wire/convert.hpp"

namespace loomline::aftersales {
namespace {

using eventing::testing::Harness;

Time at(const char* text) { return parse_rfc3339(text).value(); }
std::string when(const google::protobuf::Timestamp& time) { return format_rfc3339(wire::to_time(time)); }

Settings office_hours() {
  Settings settings;
  settings.hours = service_hours("Europe/Berlin", "09:00-17:00", "").value();
  return settings;
}

class TicketTest : public testing::Test {
 protected:
  v1::Ticket open(v1::Impact impact, v1::Urgency urgency, const std::string& order = "ord_1") {
    state::v1::OpenTicketCommand command;
    command.set_order_id(order);
    command.set_category(v1::TICKET_CATEGORY_DEFECT);
    command.set_impact(impact);
    command.set_urgency(urgency);
    command.set_text_subject_id("sub_text");
    auto response = harness.execute<v1::OpenTicketResponse>(domain::open_ticket_command, command, {});
    EXPECT_TRUE(response.ok()) << response.status().to_string();
    return response->ticket();
  }
  Result<v1::UpdateTicketResponse> update(const std::string& id, v1::TicketState state, const std::string& note = {}) {
    state::v1::UpdateTicketCommand command;
    command.set_ticket_id(id);
    command.set_state(state);
    command.set_note_subject_id(note);
    return harness.execute<v1::UpdateTicketResponse>(domain::update_ticket_command, command, {});
  }
  std::string said() {
    std::string names;
    for (const auto& event : harness.take()) names += (names.empty() ? "" : " ") + event->GetDescriptor()->name();
    return names;
  }
  v1::Ticket ticket(const std::string& id) {
    state::v1::TicketRecord record;
    EXPECT_TRUE(harness.get("main", "ticket", id, record).value());
    return record.ticket();
  }

  // A Friday afternoon in Berlin: 15:00 local.
  Harness harness{make_service_with(office_hours()), at("2026-03-06T14:00:00Z")};
};

TEST_F(TicketTest, DueTimesRunInServiceHours) {
  const auto opened = open(v1::IMPACT_HIGH, v1::URGENCY_HIGH);
  EXPECT_TRUE(is_id(prefix::ticket, opened.ticket_id()));
  EXPECT_EQ(opened.priority(), v1::PRIORITY_CRITICAL);
  EXPECT_EQ(when(opened.respond_by()), "2026-03-06T14:30:00Z");
  EXPECT_EQ(when(opened.resolve_by()), "2026-03-09T10:00:00Z");  // two hours on Friday, two on Monday
  EXPECT_EQ(said(), "TicketOpened OrderTicketChanged");
}

TEST_F(TicketTest, SaysOnceThatAClockRanOut) {
  const auto id = open(v1::IMPACT_HIGH, v1::URGENCY_HIGH).ticket_id();
  said();
  harness.advance_to(at("2026-03-06T14:29:59Z"));
  EXPECT_EQ(said(), "");
  harness.advance_to(at("2026-03-06T14:30:00Z"));
  EXPECT_EQ(said(), "TicketBreached");
  EXPECT_TRUE(ticket(id).response_breached());
  harness.advance_to(at("2026-03-20T00:00:00Z"));
  EXPECT_EQ(said(), "TicketBreached");
  EXPECT_TRUE(ticket(id).resolution_breached());
}

TEST_F(TicketTest, StandsStillWhileItWaitsForTheCustomer) {
  const auto id = open(v1::IMPACT_HIGH, v1::URGENCY_HIGH).ticket_id();
  harness.advance_to(at("2026-03-06T14:20:00Z"));
  auto waiting = update(id, v1::TICKET_STATE_WAITING, "sub_note");
  ASSERT_TRUE(waiting.ok());
  EXPECT_EQ(when(waiting->ticket().responded_at()), "2026-03-06T14:20:00Z");
  EXPECT_FALSE(waiting->ticket().has_resolve_by());
  said();
  harness.advance_to(at("2026-03-11T09:00:00Z"));  // Wednesday, 10:00
  EXPECT_EQ(said(), "");
  const auto going = update(id, v1::TICKET_STATE_IN_PROGRESS);
  EXPECT_EQ(when(going->ticket().resolve_by()), "2026-03-11T12:40:00Z");  // 3 h 40 min were left
  harness.advance_to(at("2026-03-11T12:00:00Z"));
  ASSERT_TRUE(update(id, v1::TICKET_STATE_RESOLVED).ok());
  harness.advance_to(at("2026-03-12T12:00:00Z"));
  EXPECT_EQ(said(), "TicketChanged OrderTicketChanged TicketChanged OrderTicketChanged");
  EXPECT_FALSE(ticket(id).resolution_breached());
  EXPECT_EQ(ticket(id).changes_size(), 4);
  EXPECT_EQ(ticket(id).changes(1).note_subject_id(), "sub_note");
}

TEST_F(TicketTest, AReopenedTicketGoesOnWithWhatWasLeft) {
  const auto id = open(v1::IMPACT_HIGH, v1::URGENCY_HIGH).ticket_id();
  harness.advance_to(at("2026-03-06T15:00:00Z"));
  ASSERT_TRUE(update(id, v1::TICKET_STATE_RESOLVED).ok());
  EXPECT_TRUE(ticket(id).has_resolved_at());
  harness.advance_to(at("2026-03-10T08:00:00Z"));
  ASSERT_TRUE(update(id, v1::TICKET_STATE_IN_PROGRESS).ok());
  EXPECT_FALSE(ticket(id).has_resolved_at());
  EXPECT_EQ(when(ticket(id).resolve_by()), "2026-03-10T11:00:00Z");
  said();
  harness.advance_to(at("2026-03-10T11:00:00Z"));
  EXPECT_EQ(said(), "TicketBreached");
}

TEST_F(TicketTest, RefusesWhatCannotFollow) {
  const auto id = open(v1::IMPACT_LOW, v1::URGENCY_LOW).ticket_id();
  const auto status = update(id, v1::TICKET_STATE_CLOSED).status();
  EXPECT_EQ(status.code(), Code::failed_precondition);
  EXPECT_EQ(status.message(), "The ticket is OPEN; CLOSED cannot follow.");
  ASSERT_TRUE(update(id, v1::TICKET_STATE_RESOLVED).ok());
  ASSERT_TRUE(update(id, v1::TICKET_STATE_CLOSED).ok());
  EXPECT_FALSE(update(id, v1::TICKET_STATE_IN_PROGRESS).ok());
  EXPECT_EQ(update("tkt_none", v1::TICKET_STATE_RESOLVED).status().code(), Code::not_found);
}

TEST_F(TicketTest, ANoteAloneMovesNothing) {
  const auto id = open(v1::IMPACT_LOW, v1::URGENCY_LOW).ticket_id();
  said();
  ASSERT_TRUE(update(id, v1::TICKET_STATE_UNSPECIFIED, "sub_note").ok());
  EXPECT_EQ(said(), "TicketChanged");
  EXPECT_EQ(ticket(id).state(), v1::TICKET_STATE_OPEN);
  EXPECT_FALSE(ticket(id).has_responded_at());
  ASSERT_TRUE(update(id, v1::TICKET_STATE_OPEN).ok());  // told twice
  EXPECT_EQ(said(), "");
}

TEST_F(TicketTest, ATicketMayBeAboutNothing) {
  open(v1::IMPACT_LOW, v1::URGENCY_LOW, "");
  EXPECT_EQ(said(), "TicketOpened");
}

TEST_F(TicketTest, IsListedByOrderAndState) {
  const auto one = open(v1::IMPACT_LOW, v1::URGENCY_LOW, "ord_1").ticket_id();
  harness.advance_to(at("2026-03-06T14:00:01Z"));
  const auto two = open(v1::IMPACT_LOW, v1::URGENCY_LOW, "ord_2").ticket_id();
  const auto list = [&](const std::string& order, v1::TicketState state) {
    std::vector<std::string> keys;
    const auto found = harness.find("main", "ticket", "list", domain::list_value(order, state), "", 10, true);
    for (const auto& entry : found.value()) keys.push_back(entry.key);
    return keys;
  };
  using Keys = std::vector<std::string>;
  EXPECT_EQ(list("", v1::TICKET_STATE_UNSPECIFIED), (Keys{two, one}));
  EXPECT_EQ(list("ord_1", v1::TICKET_STATE_UNSPECIFIED), Keys{one});
  ASSERT_TRUE(update(one, v1::TICKET_STATE_RESOLVED).ok());
  ASSERT_TRUE(update(one, v1::TICKET_STATE_CLOSED).ok());
  EXPECT_EQ(list("", v1::TICKET_STATE_UNSPECIFIED), Keys{two});
  EXPECT_EQ(list("ord_1", v1::TICKET_STATE_CLOSED), Keys{one});
  EXPECT_EQ(list("", v1::TICKET_STATE_CLOSED), Keys{one});
}

TEST(TicketDoor, NamesTheField) {
  const auto field = [](const Status& status) { return status.ok() ? "" : status.violations().at(0).field; };
  v1::OpenTicketRequest request;
  EXPECT_EQ(field(domain::check(request)), "category");
  request.set_category(v1::TICKET_CATEGORY_DAMAGE);
  EXPECT_EQ(field(domain::check(request)), "");
  request.set_unit_id("lin_1");
  EXPECT_EQ(field(domain::check(request)), "unit_id");
  request.clear_unit_id();
  request.set_text(std::string(10'001, 'x'));
  EXPECT_EQ(field(domain::check(request)), "text");
  v1::UpdateTicketRequest update;
  update.set_ticket_id("tkt_1");
  EXPECT_EQ(field(domain::check(update)), "state");
  update.set_state(static_cast<v1::TicketState>(77));
  EXPECT_EQ(field(domain::check(update)), "state");
}

}  // namespace
}  // namespace loomline::aftersales

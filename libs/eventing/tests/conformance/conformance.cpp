#include "tests/conformance/conformance.hpp"

#include <algorithm>

#include "loomline/base/hash.hpp"
#include "loomline/common/v1/topics.pb.h"
#include "loomline/telemetry/log.hpp"
#include "src/broker/envelope.hpp"
#include "src/decide/catalog.hpp"

namespace loomline::eventing::conformance {
namespace {

// What is logged of so many faults would bury what is told.
void quieten() {
  telemetry::LogOptions options;
  options.level = telemetry::Level::off;
  telemetry::configure_logging(options);
}
const bool quiet = (quieten(), true);

bool refuses(const Status& status) {
  return status.code() == Code::invalid_argument || status.code() == Code::failed_precondition ||
         status.code() == Code::internal;
}

}  // namespace

std::unique_ptr<Installation> Conformance::shared_;
int Conformance::case_ = 0;

void PrintTo(const Backend& backend, std::ostream* out) { *out << backend.name; }

void Conformance::SetUp() {
  ++case_;
  if (GetParam().shared) {
    if (!shared_) shared_ = GetParam().make();
    installation_ = shared_.get();
  } else {
    own_ = GetParam().make();
    installation_ = own_.get();
  }
  for (const auto& service : kServices) replace_ended(service);
  ASSERT_TRUE(at_rest()) << "before the case";
}

void Conformance::TearDown() {
  if (installation_ == nullptr) return;
  if (!IsSkipped() && !HasFatalFailure()) {
    at().mend();
    for (const auto& service : kServices) replace_ended(service);
    EXPECT_TRUE(until_answered());
    ask_again();
    EXPECT_TRUE(at_rest()) << "after the case";
    EXPECT_TRUE(eventually([this] { return std::all_of(kServices.begin(), kServices.end(), [this](const auto& service) {
                              return published(service);
                            }); }))
        << "watermarks";
    const auto broken = broken_rules(at(), record_);
    for (std::size_t i = 0; i < std::min<std::size_t>(broken.size(), 10); ++i) ADD_FAILURE() << broken[i];
  }
  for (const auto& service : kServices)
    while (at().running(service).size() > 1) at().end(at().running(service).back());
  if (HasFailure() || spent_) shared_.reset();
}

// The same key, the same answer, whoever is asked.
void Conformance::ask_again() {
  for (auto& client : record_.clients) {
    if (client.acknowledged) client.asked = at().submit(at().running(client.call.service).front(), client.call);
    if (&client - record_.clients.data() >= 20) return;
  }
}

std::string Conformance::box_in(int lane, int number) const {
  for (int i = 0;; ++i) {
    const auto name = box(number) + "-" + std::to_string(i);
    if (lane_of(name, kLanes) == lane) return name;
  }
}

Call Conformance::fill(const std::string& box, const std::string& tag, std::int64_t amount) {
  const auto number = std::to_string(record_.clients.size());
  return {"alpha", "Fill", box, tag + "-" + number, amount, "fill-" + box + "-" + number};
}

Call Conformance::unlock(const std::string& box) { return {"gamma", "Unlock", box, "", 0, "unlock-" + box}; }

void Conformance::ask(const Call& call, Installation::Replica replica) {
  auto& client = record_.clients.emplace_back();
  client.call = call;
  const auto running = at().running(call.service);
  if (running.empty()) return;
  client.asked = at().submit(replica != 0 ? replica : running[turn_++ % running.size()], call);
}

void Conformance::fill_boxes(int boxes, int times, const std::string& tag) {
  for (int i = 0; i < times; ++i)
    for (int number = 0; number < boxes; ++number) ask(fill(box(number), tag));
}

bool Conformance::eventually(const std::function<bool()>& so) {
  return at().eventually([&] {
    (void)all_answered();
    return so();
  });
}

// Hears answers, and asks again where there is none for good.
bool Conformance::all_answered() {
  bool all = true;
  for (auto& client : record_.clients) {
    if (client.asked == nullptr && (client.acknowledged || client.refused)) continue;
    if (client.asked != nullptr && client.asked->answer) {
      const auto [status, total] = *client.asked->answer;
      client.asked = nullptr;
      client.last = status.to_string();
      if (status.ok()) {
        EXPECT_FALSE(client.refused) << client.call.key << " was refused, and then acknowledged";
        EXPECT_TRUE(!client.acknowledged || total == client.total) << client.call.key << " is answered otherwise";
        client.acknowledged = true;
        client.total = total;
        continue;
      }
      if (refuses(status)) {
        EXPECT_FALSE(client.acknowledged) << client.call.key << " was acknowledged, and then " << client.last;
        client.refused = true;
        continue;
      }
    }
    all = false;
    const auto running = at().running(client.call.service);
    if (client.asked == nullptr && !running.empty())
      client.asked = at().submit(running[turn_++ % running.size()], client.call);
  }
  return all;
}

::testing::AssertionResult Conformance::at_rest() {
  std::string unrest;
  if (eventually([&] { return (unrest = all_answered() ? at().unrest() : "a call is not answered").empty(); }))
    return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << unrest;
}

bool Conformance::published(const std::string& service) {
  const auto chains = at().chains(service);
  return std::all_of(chains.begin(), chains.end(), [](const auto& chain) { return chain.published == chain.head; });
}

bool Conformance::whole(const std::string& service) {
  std::set<std::string> held, topics;
  for (const auto& chain : at().chains(service)) topics.insert(chain.topic);
  for (const auto& topic : topics)
    for (const auto& event : at().held(topic)) held.insert(event.id);
  const auto committed = at().outbox(service);
  return std::all_of(committed.begin(), committed.end(), [&](const auto& event) { return held.contains(event.id); });
}

Installation::Replica Conformance::only(const std::string& service) {
  const auto running = at().running(service);
  EXPECT_EQ(running.size(), 1U) << service;
  return running.empty() ? 0 : running.front();
}

void Conformance::replace_ended(const std::string& service) {
  if (at().running(service).empty()) (void)at().start(service);
}

Event Conformance::event_of(const Message& event, const std::string& box, std::int64_t seq, int story) const {
  const auto* topic = Catalog::current().topic_of(event.GetDescriptor()->full_name());
  Event made;
  made.source = topic->owner();
  made.topic = topic->name();
  made.partition = lane_of(box, kLanes);
  made.epoch = 1000 * case_ + story;
  made.seq = seq;
  made.id = event_id(made.source, made.epoch, made.topic, made.partition, seq);
  made.key = box;
  made.type = event.GetDescriptor()->full_name();
  made.cause = "case";
  made.body = event.SerializeAsString();
  made.time = wall_now();
  return made;
}

Event Conformance::stamp(const std::string& box, std::int64_t seq) const {
  BoxStamped stamped;
  stamped.set_box_id(box);
  stamped.set_tag(std::to_string(seq));
  return event_of(stamped, box, seq);
}

void Conformance::drop(const std::string& service, const Letter& letter) {
  const auto status = at().drop(service, letter.id);
  EXPECT_TRUE(status.ok()) << status.to_string();
}

}  // namespace loomline::eventing::conformance

// The one call that asks configuration and scheduling while a person waits.
#include "domain/quote.hpp"

#include <limits>

#include "api/calls.hpp"
#include "api/intake_api.hpp"
#include "domain/check.hpp"
#include "domain/order_facts.hpp"
#include "domain/questions.hpp"
#include "loomline/base/hash.hpp"
#include "loomline/base/id.hpp"
#include "loomline/configuration/v1/configuration.pb.h"
#include "loomline/host/execute.hpp"
#include "loomline/rpc/query.hpp"
#include "loomline/scheduling/v1/scheduling.pb.h"
#include "loomline/wire/check.hpp"
#include "loomline/wire/convert.hpp"

namespace loomline::intake::api {
namespace {

rpc::CallOptions read_options(const rpc::CallContext& call) {
  auto options = rpc::CallOptions::from(call);
  options.idempotent = true;  // both only read
  return options;
}

// What a peer says about the wish is passed on; that it cannot be asked is ours to say. `prefix` goes before the
// fields that it names.
Status of_peer(const Status& status, const std::string& reason, const std::string& sentence,
               const std::string& prefix) {
  const bool about_the_wish = status.code() == Code::invalid_argument || status.code() == Code::not_found ||
                              status.code() == Code::failed_precondition || status.code() == Code::out_of_range;
  if (!about_the_wish) return unavailable(reason, sentence + " Try again in a moment; the wish is kept.");
  // A model that does not exist is a wish that cannot be quoted, not an order that does not exist.
  Status out(status.code() == Code::not_found ? Code::failed_precondition : status.code(), status.reason(),
             status.message());
  for (const auto& violation : status.violations())
    out.with({prefix + "." + violation.field, violation.problem, violation.remedy});
  if (status.code() == Code::not_found)
    out.with({prefix + ".model_id", "is not on offer", "choose one of the models that are listed"});
  return out;
}

// The same line has the same id in every try to quote the same wish.
std::string line_id(const state::v1::OrderRecord& order, int index) {
  return mint_id(prefix::line, wire::to_time(order.captured_at()),
                 order.order_id() + "/" + std::to_string(order.requirement_revision()) + "/" + std::to_string(index));
}

v1::OrderLine line_of(const state::v1::OrderRecord& order, int index,
                      const configuration::v1::Configuration& configuration) {
  v1::OrderLine line;
  line.set_line_id(line_id(order, index));
  line.set_model_id(configuration.model_id());
  line.set_model_version(configuration.model_version());
  line.set_model_hash(configuration.model_hash());
  line.set_configuration_id(configuration.configuration_id());
  line.set_quantity(order.wishes(index).quantity());
  *line.mutable_price() = configuration.price();
  *line.mutable_spec() = configuration.spec();
  *line.mutable_features() = configuration.features();
  return line;
}

void set_refusal(const configuration::v1::ValidateResponse& said, v1::QuoteResponse& answer) {
  answer.Clear();
  answer.set_answer(said.answer());
  if (said.has_conflict()) *answer.mutable_conflict() = said.conflict();
  *answer.mutable_repairs() = said.repairs();
  for (const auto& unknown : said.unknown_features()) answer.add_unknown_features(unknown.feature());
  *answer.mutable_unknown() = said.unknown_features();
}

Status add_to_total(const common::v1::Money& money, common::v1::Money& total) {
  if (total.currency().empty()) {
    total = money;
    return {};
  }
  if (total.currency() != money.currency())
    return failed_precondition("CURRENCIES_DIFFER", "The wishes are priced in " + total.currency() + " and " +
                                                        money.currency() + "; order them one by one.");
  std::int64_t sum = 0;
  if (__builtin_add_overflow(total.minor_units(), money.minor_units(), &sum))
    return failed_precondition("TOTAL_TOO_LARGE", "The total is too large; order fewer pieces at a time.");
  total.set_minor_units(sum);
  return {};
}

}  // namespace

Status IntakeApi::promise_lines(const rpc::CallContext& call, const state::v1::OrderRecord& order,
                                const v1::QuoteRequest& request, v1::QuoteResponse& answer) {
  scheduling::v1::QuotePromiseRequest ask;
  ask.set_order_id(order.order_id());
  for (const auto& line : answer.lines()) {
    auto& wanted = *ask.add_lines();
    wanted.set_line_id(line.line_id());
    *wanted.mutable_spec() = line.spec();
    wanted.set_quantity(line.quantity());
  }
  const auto* party = domain::ship_to(order);  // there: no question is open
  ask.set_country(party->country());
  ask.set_zone(party->zone());
  ask.set_probability_permille(request.probability_permille());
  auto said = peers_.call<scheduling::v1::QuotePromiseRequest, scheduling::v1::QuotePromiseResponse>(
      rpc::method_of<scheduling::v1::QuotePromiseRequest>(), ask, read_options(call));
  if (!said.ok())
    return of_peer(said.status(), "SCHEDULING_UNAVAILABLE", "Scheduling cannot give a date now.", "scheduling");
  if (said->promises_size() != answer.lines_size() || said->plant_ids_size() != answer.lines_size())
    return internal("Scheduling promised another number of lines than it was asked for.");
  for (int i = 0; i < answer.lines_size(); ++i) {
    *answer.mutable_lines(i)->mutable_promise() = said->promises(i);
    answer.mutable_lines(i)->set_plant_id(said->plant_ids(i));
  }
  return {};
}

Result<state::v1::RecordQuoteCommand> IntakeApi::ask_peers(const rpc::CallContext& call,
                                                           const state::v1::OrderRecord& order,
                                                           const v1::QuoteRequest& request) {
  state::v1::RecordQuoteCommand command;
  command.set_order_id(order.order_id());
  command.set_requirement_revision(order.requirement_revision());
  auto& answer = *command.mutable_answer();
  answer.set_answer(configuration::v1::ANSWER_BUILDABLE);
  for (int i = 0; i < order.wishes_size(); ++i) {
    const auto& wish = order.wishes(i);
    configuration::v1::ValidateRequest ask;
    ask.set_model_id(wish.model_id());
    *ask.mutable_choices() = wish.choices();
    ask.set_quantity(wish.quantity());
    auto said = peers_.call<configuration::v1::ValidateRequest, configuration::v1::ValidateResponse>(
        rpc::method_of<configuration::v1::ValidateRequest>(), ask, read_options(call));
    if (!said.ok())
      return of_peer(said.status(), "CONFIGURATION_UNAVAILABLE", "The configuration cannot be checked now.",
                     wire::path("wishes", i));
    if (said->answer() != configuration::v1::ANSWER_BUILDABLE) {
      set_refusal(*said, answer);
      command.set_refused_wish(static_cast<std::uint32_t>(i));
      return command;
    }
    *answer.add_lines() = line_of(order, i, said->configuration());
    if (auto added = add_to_total(said->configuration().price().total_net(), *answer.mutable_total_net()); !added.ok())
      return added;
  }
  if (auto promised = promise_lines(call, order, request, answer); !promised.ok()) return promised;
  return command;
}

Result<v1::QuoteResponse> IntakeApi::quote(const rpc::CallContext& call, const v1::QuoteRequest& request) {
  if (auto status = domain::check(request); !status.ok()) return status;
  auto known = order(call.caller.tenant, request.order_id());
  if (!known.ok()) return known.status();
  // What the peers say changes by the minute; the retry of a call is told what its first try was told.
  std::string name;
  if (!call.idempotency_key.empty())
    name = sha256_hex(request_of(call, "quote/" + std::to_string(request.probability_permille())));
  const auto answered = [&](const state::v1::OrderRecord& record) {
    return !name.empty() && record.last_answer_request() == name;
  };
  if (answered(*known)) return known->last_answer();
  if (auto may = domain::may_be_quoted(*known); !may.ok()) return may;
  auto command = ask_peers(call, *known, request);
  if (!command.ok()) return command.status();
  command->set_request(name);
  auto recorded = host::execute<v1::QuoteResponse>(executor_, call, domain::record_quote_command, *command,
                                                   options_of(call, "record-quote"));
  if (recorded.ok() || name.empty()) return recorded;
  // Another try of this very call may have been faster, with another answer.
  known = order(call.caller.tenant, request.order_id());
  if (known.ok() && answered(*known)) return known->last_answer();
  return recorded;
}

}  // namespace loomline::intake::api

#include <CLI/CLI.hpp>

#include "commands.hpp"
#include "format.hpp"
#include "loomline/intake/v1/access.pb.h"
#include "loomline/intake/v1/intake.pb.h"
#include "loomline/tracking/v1/tracking.pb.h"
#include "table.hpp"
#include "watch.hpp"

namespace loomline::cli {
namespace {

using namespace intake::v1;
const std::string service = "loomline.intake.v1.IntakeService.";

struct Flags {
  std::string order, quote, reason = "CUSTOMER_CHANGED_MIND", state, until;
  unsigned limit = 50, valid_days = 0;
  std::uint64_t after = 0;
};

Result<Order> get(const Context& context, const std::string& order_id) {
  GetOrderRequest request;
  request.set_order_id(order_id);
  auto answer = context.call<GetOrderResponse>(service + "GetOrder", request);
  if (!answer.ok()) return answer.status();
  return (*answer).order();
}

int place(const Context& context, const Flags& flags) {
  PlaceOrderRequest request;
  request.set_order_id(flags.order);
  request.set_quote_id(flags.quote);
  if (flags.quote.empty()) {  // the last one: its price was shown to whoever asked for it
    auto order = get(context, flags.order);
    if (!order.ok()) return context.fail(order.status());
    if ((*order).quote_id().empty())
      return context.fail(failed_precondition("NO_QUOTE", "The order has no quote that could be placed.")
                              .with({"quote_id", "does not exist",
                                     "ask for a quote that can be built: loomline quote --order " + flags.order}));
    request.set_quote_id((*order).quote_id());
  }
  const auto answer = context.call<PlaceOrderResponse>(service + "PlaceOrder", request);
  if (!answer.ok()) return context.fail(answer.status());
  if (context.json()) return context.print(*answer), exit_ok;
  context.out << (*answer).order_id() << "  " << enum_text((*answer).state()) << '\n';
  for (const auto& line : (*answer).line_ids()) context.out << "  line " << line << '\n';
  context.out << "next: loomline order watch " << (*answer).order_id() << '\n';
  return exit_ok;
}

int cancel(const Context& context, const Flags& flags) {
  CancelOrderRequest request;
  request.set_order_id(flags.order);
  request.set_reason(flags.reason);
  const auto answer = context.call<CancelOrderResponse>(service + "CancelOrder", request);
  if (!answer.ok()) return context.fail(answer.status());
  if (context.json()) return context.print(*answer), exit_ok;
  const bool done = (*answer).state() == ORDER_STATE_CANCELLED;
  context.out << flags.order << (done ? "  cancelled\n" : "  cancellation asked: the plant grants or refuses it\n");
  return exit_ok;
}

void show_journey(const Context& context, const tracking::v1::Journey& journey) {
  auto& out = context.out;
  out << "  headline     " << enum_text(journey.milestone()) << ", " << journey.operations_done() << " of "
      << journey.operations_total() << " operations done" << (journey.late() ? ", late" : "") << '\n';
  for (const auto& line : journey.lines()) {
    out << "  " << line.line_id() << "  " << line.quantity() << " x " << printable(line.product_name().en()) << '\n';
    if (line.has_promise()) out << "    delivery   " << window(line.promise()) << '\n';
    for (const auto& unit : line.units()) {
      out << "    " << unit.unit_id() << "  " << enum_text(unit.milestone()) << (unit.held() ? ", held" : "")
          << (unit.scrapped() ? ", replaced" : "") << (unit.serial().empty() ? "" : ", serial " + unit.serial())
          << '\n';
    }
  }
  if (journey.entries_size() == 0) return;
  Table table({"WHEN", "WHAT", "DETAIL"});
  for (const auto& entry : journey.entries()) {
    table.row(
        {moment(entry.occurred_at()), entry.code() + (entry.setback() ? " (step back)" : ""), entry.detail().en()});
  }
  table.print(out, context.colour());
}

int show(const Context& context, const Flags& flags) {
  auto order = get(context, flags.order);
  if (!order.ok()) return context.fail(order.status());
  if (context.json()) return context.print(*order), exit_ok;
  auto& out = context.out;
  out << (*order).order_id() << "  " << enum_text((*order).state()) << '\n';
  out << "  captured     " << moment((*order).captured_at()) << '\n';
  if ((*order).has_placed_at()) out << "  placed       " << moment((*order).placed_at()) << '\n';
  if ((*order).has_total_net()) out << "  total        " << money((*order).total_net()) << " net\n";
  for (const auto& question : (*order).open_questions()) {
    out << "  open         " << question.question_id() << ": " << printable(question.text().en()) << '\n';
  }
  tracking::v1::GetJourneyRequest request;
  request.set_order_id(flags.order);
  const auto journey =
      context.call<tracking::v1::GetJourneyResponse>("loomline.tracking.v1.TrackingService.GetJourney", request);
  if (journey.ok()) {
    show_journey(context, (*journey).journey());
  } else if (journey.status().code() != Code::not_found) {
    return context.fail(journey.status());  // the order is there; its journey cannot be had
  }
  return exit_ok;
}

int list(const Context& context, const Flags& flags) {
  ListOrdersRequest request;
  if (!flags.state.empty()) {
    auto state = parse_enum<OrderState>("--state", flags.state);
    if (!state.ok()) return context.fail(state.status());
    request.set_state(*state);
  }
  request.mutable_page()->set_page_size(std::min(flags.limit, 500U));
  ListOrdersResponse all;
  do {
    auto page = context.call<ListOrdersResponse>(service + "ListOrders", request);
    if (!page.ok()) return context.fail(page.status());
    for (const auto& order : (*page).orders()) {
      if (static_cast<unsigned>(all.orders_size()) < flags.limit) *all.add_orders() = order;
    }
    request.mutable_page()->set_page_token((*page).next_page_token());
  } while (!request.page().page_token().empty() && static_cast<unsigned>(all.orders_size()) < flags.limit);
  if (context.json()) return context.print(all), exit_ok;
  Table table({"ORDER", "STATE", "LINES", "TOTAL", "CAPTURED", "PLACED"});
  for (const auto& order : all.orders()) {
    table.row({order.order_id(), enum_text(order.state()), std::to_string(order.lines_size()), money(order.total_net()),
               moment(order.captured_at()), moment(order.placed_at())});
  }
  table.print(context.out, context.colour());
  return exit_ok;
}

int link(const Context& context, const Flags& flags) {
  CreateLinkRequest request;
  request.set_order_id(flags.order);
  request.set_valid_days(flags.valid_days);
  const auto answer = context.call<CreateLinkResponse>("loomline.intake.v1.AccessService.CreateLink", request);
  if (!answer.ok()) return context.fail(answer.status());
  if (context.json()) return context.print(*answer), exit_ok;
  context.out << context.url << (*answer).path() << "\nvalid until " << moment((*answer).expires_at()) << '\n';
  return exit_ok;
}

int watch_order(const Context& context, const Flags& flags) {
  WatchOptions options{flags.order, flags.after};
  if (!flags.until.empty()) {
    auto milestone = parse_enum<production::v1::Milestone>("--until", flags.until);
    if (!milestone.ok()) return context.fail(milestone.status());
    options.until = *milestone;
  }
  return watch(context, options);
}

}  // namespace

void add_order(CLI::App& app, Context& context) {
  auto* order = app.add_subcommand("order", "Orders: place, look at, follow, cancel");
  order->require_subcommand(1);
  const auto flags = std::make_shared<Flags>();
  const auto add = [&](const char* name, const char* what, int (*run)(const Context&, const Flags&), bool one = true) {
    auto* command = order->add_subcommand(name, what);
    if (one) command->add_option("ORDER", flags->order, "Order id, ord_...")->required();
    command->callback(
        [&context, flags, run] { context.action = [&context, flags, run] { return run(context, *flags); }; });
    return command;
  };
  auto* place_command = add("place", "Order what the last quote offers", place);
  place_command->add_option("--quote", flags->quote, "The quote; the order's last where not given");
  place_command->footer("Example:\n  loomline order place ord_01HF7YAT00N9QJ4V8Z0K3C5T7R");
  add("show", "An order, and its way so far", show);
  auto* list_command = add("list", "Orders, newest first", list, false);
  list_command->add_option("--state", flags->state,
                           "captured, confirmed, quoted, refused, placed, fulfilled or cancelled");
  list_command->add_option("--limit", flags->limit, "How many")->check(CLI::Range(1U, 100'000U))->capture_default_str();
  auto* watch_command = add("watch", "Follow an order until it has ended", watch_order);
  watch_command->add_option("--until", flags->until, "Stop at this milestone: scheduled, in-production, shipped ...");
  watch_command->add_option("--after", flags->after, "Only changes after this revision");
  watch_command->footer(
      "Exit code 1: it was refused or cancelled.\n"
      "Example:\n  loomline order watch ord_01HF7YAT00N9QJ4V8Z0K3C5T7R --until shipped");
  auto* cancel_command = add("cancel", "Ask to cancel an order", cancel);
  cancel_command->add_option("--reason", flags->reason, "Reason code, never a text about a person")
      ->capture_default_str();
  auto* link_command = add("link", "Make a tracking link for the customer", link);
  link_command->add_option("--valid-days", flags->valid_days, "400 where not given")->check(CLI::Range(1U, 3650U));
}

}  // namespace loomline::cli
